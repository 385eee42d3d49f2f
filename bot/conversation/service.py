"""The shell around the turn: it loads, takes the turn, commits, and then sends."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import assert_never

import structlog

from bot.conversation.envelope import DeadlineCame, Envelope, PlaceKind
from bot.conversation.ids import Ids
from bot.conversation.ledger import Ledger, Loaded, Table, Wanted
from bot.conversation.memory import Memory
from bot.conversation.outbox import MessageClass, OutboxRow, RowKind, Target, TargetKind
from bot.conversation.ports import Changes, Clock, Platform, Store, Transaction, VersionConflict
from bot.conversation.record import KEPT_AFTER
from bot.conversation.scene import Scene
from bot.conversation.sending import Sender
from bot.conversation.turn import take_turn
from bot.conversation.units import Pair, Person, Room, Unit
from bot.engine.effects import PHRASES, Text
from bot.engine.session import Session
from bot.engine.watching import Watch
from bot.flows.library import Library

LOOKUPS_A_TURN = 500
"""The most times that a turn may ask for more before it is given up."""

RETAKES = 4
"""How often a turn is taken anew when another process was faster with one of its units."""

_log = structlog.get_logger(__name__)


class Conversation:
    """Takes occurrences one at a time, each in one transaction, and sends what they lead to."""

    def __init__(
        self,
        *,
        store: Store,
        library: Library,
        clock: Clock,
        secret: bytes,
        platforms: Mapping[str, Platform],
        watch: Watch | None = None,
    ) -> None:
        self._watch = watch
        self._store = store
        self._library = library
        self._clock = clock
        self._secret = secret
        self._memory = Memory()
        self._turns = asyncio.Lock()
        self._sender = Sender(store=store, library=library, clock=clock, platforms=platforms, memory=self._memory)

    async def recover(self) -> None:
        """After a start: send again what was claimed and never marked, then whatever is due."""
        await self._sender.recover()
        await self.fire_due()

    async def intake(self, envelope: Envelope) -> None:
        """Take one event. When this returns it is durable, and what it led to was handed to the platforms."""
        event_id = f"{envelope.platform}:{envelope.event_id}"
        try:
            await self._take(event_id, envelope)
        except Exception as fault:  # noqa: BLE001  # the loop's edge: one poisonous event stops nobody else's
            _log.exception("turn_failed", event_id=event_id, fault=type(fault).__name__, exc_info=False)
            await self._set_aside(event_id, envelope)
        await self._sender.drain()

    async def fire_due(self) -> None:
        """Fire every deadline that is due by now, in order, and send every message whose time has come.

        Records that have been over for long enough are deleted on the way.
        """
        while True:
            async with self._store.transaction() as tx:
                await tx.sweep_records(self._clock.now() - KEPT_AFTER)
                due = await tx.due(self._clock.now(), 32)
            if not due:
                break
            for one in due:
                event_id = f"timer:{one.session}:{one.entry}:{one.due}"
                try:
                    await self._take(event_id, one)
                except Exception as fault:  # noqa: BLE001  # the loop's edge
                    _log.exception("timer_failed", session=one.session, fault=type(fault).__name__, exc_info=False)
                    await self._set_timer_aside(event_id, one)
        await self._sender.drain()

    async def next_due(self) -> int | None:
        """Return when the next deadline, or delayed message, is due."""
        async with self._store.transaction() as tx:
            return await tx.next_due()

    async def standing(self) -> list[Session]:
        """Return the open sessions, to show where each stands."""
        async with self._store.transaction() as tx:
            return await tx.open_sessions()

    async def _take(self, event_id: str, occurrence: Envelope | DeadlineCame) -> None:
        for _ in range(RETAKES):
            try:
                return await self._take_once(event_id, occurrence)
            except VersionConflict:
                _log.info("turn_retaken", event_id=event_id)
        return await self._take_once(event_id, occurrence)

    async def _take_once(self, event_id: str, occurrence: Envelope | DeadlineCame) -> None:
        async with self._turns:
            async with self._store.transaction() as tx:
                if await tx.seen(event_id):
                    return
                loaded = Loaded()
                scene = await self._settled_turn(tx, loaded, event_id, occurrence)
                fired = ((occurrence.session, occurrence.entry),) if isinstance(occurrence, DeadlineCame) else ()
                await tx.write(replace(scene.ledger.changes(event_id, scene.now), fired=fired))
            self._memory.after(scene)
            direct = tuple(scene.direct)
        if direct:
            # What was said before the question of a volatile section comes before it.
            await self._sender.drain()
            await self._sender.send_direct(direct)

    async def _settled_turn(
        self, tx: Transaction, loaded: Loaded, event_id: str, occurrence: Envelope | DeadlineCame
    ) -> Scene:
        """Take the turn, loading what it asks for, until it has everything."""
        now = self._clock.now()
        for _ in range(LOOKUPS_A_TURN):
            scene = Scene(
                library=self._library,
                ledger=Ledger(loaded),
                ids=Ids(self._secret, event_id),
                direct_ids=Ids(self._secret, f"{event_id}:direct"),
                now=now,
                memory=self._memory.hidden,
                volatile_tokens=self._memory.tokens,
                watch=self._watch,
            )
            try:
                take_turn(scene, occurrence)
            except Wanted as wanted:
                await self._load(tx, loaded, wanted)
            else:
                return scene
        message = f"the turn of {event_id} kept asking for more"
        raise RuntimeError(message)

    async def _load(self, tx: Transaction, loaded: Loaded, wanted: Wanted) -> None:
        match wanted.table, wanted.key:
            case Table.UNITS, (str(unit),):
                await self._load_units(tx, loaded, [unit])
            case Table.CHATS, (str(platform), str(place)):
                loaded.chats[(platform, place)] = await tx.unit_of(platform, place)
            case Table.PROMPTS, (str(token),):
                loaded.prompts[token] = self._memory.prompt(token) or await tx.find_prompt(token)
            case Table.FENCES, (str(session), str(lane), int(entry)):
                found = await tx.find_prompts(session, lane, entry)
                loaded.fences[(session, lane, entry)] = [*self._memory.prompts_at(session, lane, entry), *found]
            case Table.INVITES, (str(digest),):
                loaded.invites[digest] = await tx.find_invite(digest)
            case Table.SESSIONS, (str(session),):
                loaded.ended[session] = await tx.load_session(session)
            case Table.RECORDS, (str(unit), str(kind)):
                loaded.records[(unit, kind)] = await tx.load_records(unit, kind)
            case _:
                message = f"nothing can be looked up by {wanted.table} {len(wanted.key)}"
                raise LookupError(message)

    async def _load_units(self, tx: Transaction, loaded: Loaded, ids: list[str]) -> None:
        """Load units and those right beside them, which the turn is about to want."""
        for _ in range(2):
            missing = [unit for unit in ids if unit not in loaded.units]
            if not missing:
                return
            found = await tx.load_units(missing)
            loaded.units |= {unit: found.get(unit) for unit in missing}
            ids = [near for state in found.values() for near in _beside(state.unit)]

    async def _set_aside(self, event_id: str, envelope: Envelope) -> None:
        """Settle an event whose turn cannot be kept, and tell its author that nothing was sent."""
        async with self._turns, self._store.transaction() as tx:
            person = await tx.unit_of(envelope.platform, f"account:{envelope.actor.id}")
            dm = envelope.place.kind is PlaceKind.DM
            target = Target(
                platform=envelope.platform,
                kind=TargetKind.DM if dm else TargetKind.ASIDE,
                chat=envelope.place.id,
                account="" if dm else envelope.actor.id,
            )
            row = OutboxRow(
                id=Ids(self._secret, f"{event_id}:aside").id(),
                kind=RowKind.MESSAGE,
                cls=MessageClass.REPLY,
                target=target,
                unit=person or "",
                session="",
                recipient=person or "",
                paragraphs=(Text(flow=PHRASES, key="parked.problem"),),
                queued_at=self._clock.now(),
            )
            await tx.write(Changes(event_id=event_id, at=self._clock.now(), outbox=(row,)))

    async def _set_timer_aside(self, event_id: str, timer: DeadlineCame) -> None:
        async with self._turns, self._store.transaction() as tx:
            await tx.write(Changes(event_id=event_id, at=self._clock.now(), parked=(timer.session,)))


def _beside(unit: Unit) -> tuple[str, ...]:
    match unit:
        case Person():
            return (*unit.pairs, *unit.rooms)
        case Pair() | Room():
            return unit.members
        case _:
            assert_never(unit)
