"""A batch: many turns in one transaction, so that one sync to disk is enough for all of them.

Turns of one batch do not meet: what one has changed, no later one has looked at. One that did waits for the next
batch, and so does everything behind it that looks at what it looked at, so that nothing is overtaken.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import assert_never

import structlog

from bot.conversation.envelope import (
    Actor,
    ChoicePressed,
    DeadlineCame,
    Envelope,
    Erasure,
    Occurrence,
    OutOfReach,
    PlaceKind,
    RoomMoved,
    ScheduleCame,
)
from bot.conversation.erasing import NotErased
from bot.conversation.ids import Ids
from bot.conversation.ledger import Key, Ledger, Loaded, Table, Wanted
from bot.conversation.memory import Memory
from bot.conversation.operator import UNNAMED, Operator
from bot.conversation.outbox import MessageClass, OutboxRow, RowKind, Target, TargetKind
from bot.conversation.ports import Changes, Damaged, Transaction
from bot.conversation.record_at import RecordAt
from bot.conversation.scene import Scene
from bot.conversation.turn import take_turn
from bot.conversation.units import Pair, Person, PromptKind, Room
from bot.engine.effects import PHRASES, Text
from bot.engine.session import LaneStatus
from bot.engine.standing import deadline
from bot.engine.watching import Watch
from bot.flows.languages import best_language
from bot.flows.library import Library

LOOKUPS_A_TURN = 500
"""The most times that a turn may ask for more before it is given up."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Arrival:
    """Something that came to be dealt with, once: from a platform, or a deadline."""

    event_id: str
    occurrence: Occurrence


@dataclass(slots=True)
class Taken:
    """What became of a batch."""

    scenes: list[Scene] = field(default_factory=list[Scene])
    """The turns that were taken, in order."""
    waiting: list[Arrival] = field(default_factory=list[Arrival])
    """What has to wait for the next batch, in order."""
    dues: list[int] = field(default_factory=list[int])
    """When something of what was written is due."""


@dataclass(slots=True)
class _Turn:
    arrival: Arrival
    scene: Scene | None = None
    failed: Exception | None = None

    @property
    def settled(self) -> bool:
        return self.scene is not None or self.failed is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Batches:
    """Takes batches of turns."""

    library: Library
    secret: bytes
    memory: Memory
    operator: Operator = UNNAMED
    has_forms: frozenset[str] = frozenset()
    watch: Watch | None = None

    async def take(self, tx: Transaction, arrivals: Sequence[Arrival], now: int) -> Taken:
        """Take these turns in the transaction, each once, as far as they do not meet. Raises VersionConflict.

        A turn that must not be kept is set aside: it changes nothing, and whoever wrote is told so.
        """
        done = await tx.settled([arrival.event_id for arrival in arrivals])
        turns = [_Turn(one) for one in {a.event_id: a for a in arrivals}.values() if one.event_id not in done]
        loaded = Loaded()
        await load_foreseen(tx, loaded, [turn.arrival.occurrence for turn in turns], self.memory)
        touched = await self._take_all(tx, turns, loaded, now)
        taken = Taken()
        changes: list[Changes] = []
        changed: set[Key] = set()
        for turn in turns:
            looked_at = touched[turn.arrival.event_id]
            if not changed.isdisjoint(looked_at):
                changed |= looked_at
                taken.waiting.append(turn.arrival)
            elif turn.scene is not None:
                changed |= turn.scene.ledger.written
                changes.append(_changes(turn.scene, turn.arrival, now))
                taken.scenes.append(turn.scene)
                taken.dues += _dues(changes[-1])
            else:
                changes.append(self._aside(turn.arrival, loaded, now))
        await tx.write(changes)
        return taken

    async def set_aside(self, tx: Transaction, arrival: Arrival, now: int) -> None:
        """Settle what cannot be dealt with, and tell whoever wrote it that nothing was sent."""
        loaded = Loaded()
        if isinstance(arrival.occurrence, Envelope):
            await load_foreseen(tx, loaded, [arrival.occurrence], self.memory)
        await tx.write([self._aside(arrival, loaded, now)])

    async def _take_all(
        self, tx: Transaction, turns: Sequence[_Turn], loaded: Loaded, now: int
    ) -> dict[str, frozenset[Key]]:
        """Take every turn, loading together what they ask for, until each has everything; what each looked at."""
        touched: dict[str, frozenset[Key]] = {}
        for _ in range(LOOKUPS_A_TURN):
            wanted: list[Key] = []
            for turn in turns:
                if not turn.settled:
                    scene = self._scene(turn.arrival, loaded, now)
                    wanted += self._attempt(turn, scene)
                    touched[turn.arrival.event_id] = frozenset(scene.ledger.touched)
            if not wanted:
                return touched
            await load(tx, loaded, wanted, self.memory)
        for turn in turns:
            if not turn.settled:
                message = "it kept asking for more"
                turn.failed = RuntimeError(message)
        return touched

    def _attempt(self, turn: _Turn, scene: Scene) -> Iterable[Key]:
        """Take a turn as far as what is loaded goes; return what it wants next."""
        try:
            take_turn(scene, turn.arrival.occurrence)
        except Wanted as wanted:
            return (wanted.key,)
        except Exception as fault:  # noqa: BLE001  # the loop's edge: one poisonous event stops nobody else's
            name = turn.arrival.event_id
            _log.exception("turn_failed", event_id=name, fault=type(fault).__name__, exc_info=False)
            turn.failed = fault
        else:
            turn.scene = scene
        return ()

    def _scene(self, arrival: Arrival, loaded: Loaded, now: int) -> Scene:
        return Scene(
            library=self.library,
            ledger=Ledger(loaded),
            ids=Ids(self.secret, arrival.event_id),
            direct_ids=Ids(self.secret, f"{arrival.event_id}:direct"),
            now=now,
            memory=self.memory.hidden,
            volatile_tokens=self.memory.tokens,
            operator=self.operator,
            has_forms=self.has_forms,
            watch=self.watch,
        )

    def _aside(self, arrival: Arrival, loaded: Loaded, now: int) -> Changes:
        """What settles an arrival whose turn cannot be kept, and tells its author that nothing was sent."""
        match arrival.occurrence:
            case DeadlineCame() as timer:
                return Changes(event_id=arrival.event_id, at=now, parked=(timer.session,))
            case ScheduleCame() as came:
                place = RecordAt(unit=came.unit, kind=came.kind, id=came.record)
                return Changes(event_id=arrival.event_id, at=now, silenced=(place,))
            case Erasure():
                raise NotErased
            case OutOfReach() | RoomMoved():
                return Changes(event_id=arrival.event_id, at=now)
            case Envelope(actor=Actor(id="")):
                return Changes(event_id=arrival.event_id, at=now)
            case Envelope() as envelope:
                _, *account = _account(envelope)
                person = loaded.chats.get((str(account[0]), str(account[1]))) or ""
                if (Table.UNITS, person) in loaded.damaged:
                    person = ""  # who cannot be read is written to like somebody who is not known
                row = _told_of_a_problem(Ids(self.secret, f"{arrival.event_id}:aside").id(), envelope, person, now)
                if not person:
                    row = replace(row, language=best_language(self.library.languages, envelope.actor.locale))
                return Changes(event_id=arrival.event_id, at=now, outbox=(row,))
            case _:
                assert_never(arrival.occurrence)


def _account(envelope: Envelope) -> Key:
    return (Table.CHATS, envelope.platform, f"account:{envelope.actor.id}")


def _changes(scene: Scene, arrival: Arrival, now: int) -> Changes:
    occurrence = arrival.occurrence
    fired = ((occurrence.session, occurrence.entry),) if isinstance(occurrence, DeadlineCame) else ()
    return scene.ledger.changes(arrival.event_id, now, fired)


def _dues(changes: Changes) -> Iterator[int]:
    """Yield when something of this is due: a deadline, what comes by itself, or a message that waits for its time."""
    deadlines = (deadline(session) for session in changes.sessions if not session.ended)
    yield from (due[0] for due in deadlines if due is not None)
    yield from (record.due for record in changes.records if record.due is not None)
    yield from (row.not_before for row in changes.outbox if row.not_before)


def _told_of_a_problem(name: str, envelope: Envelope, person: str, now: int) -> OutboxRow:
    dm = envelope.place.kind is PlaceKind.DM
    return OutboxRow(
        id=name,
        kind=RowKind.MESSAGE,
        cls=MessageClass.REPLY,
        target=Target(
            platform=envelope.platform,
            kind=TargetKind.DM if dm else TargetKind.ASIDE,
            chat=envelope.place.id,
            account="" if dm else envelope.actor.id,
        ),
        unit=person,
        session="",
        recipient=person,
        paragraphs=(Text(flow=PHRASES, key="parked.problem"),),
        queued_at=now,
    )


async def load_foreseen(tx: Transaction, loaded: Loaded, occurrences: Sequence[Occurrence], memory: Memory) -> None:
    """Load what these turns are sure to want, or nearly: whenever a turn has to ask for more, it is taken anew."""
    first = [key for occurrence in occurrences for key in _foreseen(occurrence)]
    await load(tx, loaded, first, memory)
    units = [unit for unit in loaded.chats.values() if unit is not None]
    units += [prompt.unit for prompt in loaded.prompts.values() if prompt is not None and prompt.unit]
    fences = [
        (Table.FENCES, prompt.session, prompt.lane, prompt.entry)
        for prompt in loaded.prompts.values()
        if prompt is not None and prompt.kind is PromptKind.LANE
    ]
    await load(tx, loaded, [*((Table.UNITS, unit) for unit in units), *fences], memory)
    await load(tx, loaded, [key for unit in units for key in _asked_in_front(loaded, unit)], memory)


def _asked_in_front(loaded: Loaded, unit: str) -> Iterator[Key]:
    """Yield what somebody is asked in the conversation in front of them: what they do is nearly always about that."""
    state = loaded.units.get(unit)
    front = state.unit.front if state is not None and isinstance(state.unit, Person) else None
    there = loaded.units.get(front.unit) if front is not None else None
    session = there.sessions.get(front.session) if front is not None and there is not None else None
    if session is None:
        return
    for lane in session.top.lanes.values():
        key = (Table.FENCES, session.id, lane.key, lane.entry)
        if lane.person == unit and lane.status is LaneStatus.WAITING and key[1:] not in loaded.fences:
            yield key


def _foreseen(occurrence: Occurrence) -> tuple[Key, ...]:
    match occurrence:
        case Envelope(content=ChoicePressed(token=token)):
            return (_account(occurrence), (Table.PROMPTS, token))
        case Envelope():
            return (_account(occurrence),)
        case ScheduleCame(unit=unit, kind=kind):
            return ((Table.UNITS, unit), (Table.RECORDS, unit, kind))
        case DeadlineCame(unit=unit) | Erasure(person=unit) | OutOfReach(person=unit, room=""):
            return ((Table.UNITS, unit),)
        case OutOfReach() | RoomMoved():
            return ((Table.CHATS, occurrence.platform, f"room:{occurrence.room}"),)
        case _:
            assert_never(occurrence)


async def load(tx: Transaction, loaded: Loaded, wanted: Iterable[Key], memory: Memory) -> None:
    """Load what turns want, each table by one statement, and note what of it cannot be read."""
    keys: dict[Table, list[tuple[str | int, ...]]] = {}
    for table, *key in dict.fromkeys(wanted):
        keys.setdefault(table, []).append(tuple(key))
    for table, those in keys.items():
        await _load(tx, loaded, table, those, memory)
    beside = dict.fromkeys(near for (name,) in keys.get(Table.UNITS, ()) for near in _beside(loaded, str(name)))
    if beside:
        await _load(tx, loaded, Table.UNITS, [(near,) for near in beside], memory)


async def _load(
    tx: Transaction, loaded: Loaded, table: Table, keys: Sequence[tuple[str | int, ...]], memory: Memory
) -> None:
    """Load what is asked of one table: together, or if something there is damaged, each alone."""
    try:
        await _load_whole(tx, loaded, table, keys, memory)
    except Damaged as fault:
        if len(keys) > 1:
            for key in keys:
                await _load(tx, loaded, table, [key], memory)
        else:
            _log.error("row_damaged", row=fault.row)
            loaded.damaged[(table, *keys[0])] = fault


async def _load_whole(
    tx: Transaction, loaded: Loaded, table: Table, keys: Sequence[tuple[str | int, ...]], memory: Memory
) -> None:
    names = [str(key[0]) for key in keys]
    pairs = [(str(key[0]), str(key[-1])) for key in keys]
    match table:
        case Table.UNITS:
            missing = [unit for unit in names if unit not in loaded.units]
            units = await tx.load_units(missing) if missing else {}
            loaded.units |= {unit: units.get(unit) for unit in missing}
        case Table.CHATS:
            found = await tx.units_at(pairs)
            loaded.chats |= {chat: found.get(chat) for chat in pairs}
        case Table.PROMPTS:
            there = await tx.find_prompts(names)
            loaded.prompts |= {token: memory.prompt(token) or there.get(token) for token in names}
        case Table.FENCES:
            fences = [(str(key[0]), str(key[1]), int(key[2])) for key in keys]
            sent = await tx.prompts_at(fences)
            loaded.fences |= {fence: [*memory.prompts_at(*fence), *sent[fence]] for fence in fences}
        case Table.INVITES:
            invites = await tx.find_invites(names)
            loaded.invites |= {digest: invites.get(digest) for digest in names}
        case Table.SESSIONS:
            sessions = await tx.load_sessions(names)
            loaded.ended |= {name: sessions.get(name) for name in names}
        case Table.RECORDS:
            loaded.records |= await tx.load_records(pairs)
        case _:
            assert_never(table)


def _beside(loaded: Loaded, unit: str) -> tuple[str, ...]:
    """The units right beside one, which the turns are about to want."""
    state = loaded.units.get(unit)
    match state.unit if state is not None else None:
        case Person(pairs=pairs, rooms=rooms):
            near = (*pairs, *rooms)
        case Pair(members=members) | Room(members=members):
            near = members
        case None:
            near = ()
    return tuple(one for one in near if one not in loaded.units and (Table.UNITS, one) not in loaded.damaged)
