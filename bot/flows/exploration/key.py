"""The key of a session: what tells it apart from others that will go on differently.

Left out are ids, instants (only how far ahead they are counts) and what no later step can read.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache

from bot.engine.drafts import drafts_of
from bot.engine.guards import Data
from bot.engine.local_time import local_date
from bot.engine.model import READ_BY_ALL, Flow, SlotType, Stage
from bot.engine.move import Move
from bot.engine.scope import result
from bot.engine.session import Composed, Frame, Hidden, ItemGrant, Lane, LaneStatus, Session, Value, Words, key_parts
from bot.flows.exploration.bounds import Bounds
from bot.flows.exploration.classes import Classes
from bot.flows.exploration.liveness import NOTHING, Live, Liveness

NEVER = 2**61

parts_of = lru_cache(maxsize=100_000)(key_parts)
"""``key_parts``, which is asked of the same addresses again and again."""


class Keys:
    """Makes the keys of one flow's sessions."""

    def __init__(self, flow: Flow, bounds: Bounds, classes: Classes) -> None:
        self._flow = flow
        self._bounds = bounds
        self._classes = classes
        self._live = {name: Liveness(flow.named(name), classes.weighed(name)) for name in (flow.id, *flow.calls)}
        self._newest: Names | None = None

    def _names(self, session: Session) -> "Names":
        """The names of what a session holds; one and the same is often looked at several times in a row."""
        if self._newest is None or self._newest.session is not session:
            self._newest = Names(self._flow, session, self._bounds.back)
        return self._newest

    def of(self, session: Session, now: int) -> Hashable:
        """Return what tells the session apart at that instant."""
        if session.ended:
            return ("ended", tuple(sorted(session.gone)), tuple(sorted(session.deciding)))
        names = self._names(session)
        lives = {frame.no: self._live[frame.flow].at(frame.stage) for frame in session.frames}
        matter = self._matter(session, lives)
        return (
            tuple(self._frame(frame, names, lives[frame.no], now) for frame in session.frames),
            self._values(session, names, matter, now),
            self._outcomes(session, names, lives[session.top.no], now),
            _grants(session, names, matter),
            session.frozen_at is not None,
            session.expires_at > NEVER,
            tuple(sorted((key, *_hidden(inside, names)) for key, inside in session.hidden.items())),
            tuple(sorted(session.gone)),
            tuple(sorted(session.deciding)),
            self._drafts(session, now),
        )

    def _drafts(self, session: Session, now: int) -> Hashable:
        """Who has drafts, about which they would be asked when they stop, or which they would get back."""
        move = Move(self._flow, session, now, None)
        there = (person for person in session.members if person not in session.gone)
        return tuple(person for person in there if drafts_of(move, person))

    def public(self, session: Session, now: int) -> Hashable:
        """Return what everybody may read of what still matters."""
        names = self._names(session)
        found: list[tuple[str, Hashable]] = []
        frame = session.top
        slots, live = self._flow.named(frame.flow).slots, self._live[frame.flow].at(frame.stage)
        for key, value in session.values.items():
            number, slot, _, _ = parts_of(key)
            if int(number) == frame.no and slot in live.values and slots[slot].cls in READ_BY_ALL:
                found.append((names.of(key), names.data(key, value, now)))
        return tuple(sorted(found, key=lambda one: one[0]))

    def result(self, session: Session, now: int) -> Hashable:
        """Return what is left of a session's answers when the lanes of its stage have joined."""
        stage = self._flow.named(session.top.flow).steps.get(session.top.stage or "")
        names = self._names(session)
        lives = {frame.no: self._live[frame.flow].at(frame.stage) for frame in session.frames}
        if isinstance(stage, Stage):
            lives[session.top.no] = self._live[session.top.flow].after(stage)
        matter = _Matter(lives)
        return (
            self._values(session, names, matter, now),
            self._outcomes(session, names, lives[session.top.no], now),
            _grants(session, names, matter),
            self._drafts(session, now),
        )

    def _frame(self, frame: Frame, names: "Names", live: Live, now: int) -> Hashable:
        visits = sorted((name, count) for name, count in frame.visits.items() if name in live.visits)
        return (
            frame.flow,
            frame.stage,
            None if frame.due is None else frame.due - now,
            tuple(frame.roles.items()),
            tuple((name, min(count, self._classes.visits(frame.flow, name))) for name, count in visits),
            tuple(sorted(frame.done.items())),
            frame.trail[-self._bounds.back :],
            frame.back_to,
            tuple(names.lane(lane) for lane in frame.lanes.values()),
        )

    def _matter(self, session: Session, lives: Mapping[int, Live]) -> "_Matter":
        """What matters: of somebody who will never be done with the stage less, unless others read it."""
        here = self._flow.named(session.top.flow)
        stage = here.steps.get(session.top.stage or "")
        if not isinstance(stage, Stage):
            return _Matter(lives)
        anew = {
            lane.person: self._live[here.id].overwritten(stage, lane.step)
            for lane in session.top.lanes.values()
            if lane.status is LaneStatus.WAITING and lane.step is not None and lane.back_to is None
        }
        if any(session.top.lanes[key].person in anew for key in session.hidden):
            anew = {}
        closed = {lane.person for lane in session.top.lanes.values() if lane.status is LaneStatus.CLOSED}
        people = frozenset((*closed, *session.gone))
        read = {slot.name for slot in here.slots.values() if slot.cls in READ_BY_ALL}
        read |= {parts_of(grant.item)[1] for grant in session.grants if grant.revealed}
        return _Matter(lives, session.top.no, people, self._live[here.id].given_up(stage), frozenset(read), anew)

    def _values(self, session: Session, names: "Names", matter: "_Matter", now: int) -> Hashable:
        found: list[tuple[str, Hashable]] = []
        granted = {grant.item for grant in session.grants}
        for key, value in session.values.items():
            number, slot, owner, _ = parts_of(key)
            live = matter.of(int(number), slot, owner)
            if slot in live.options and isinstance(value.data, tuple):
                picked = tuple(sorted(live.options[slot].intersection(value.data)))
                found.append((names.of(key), (bool(value.data), picked)))
            elif slot in live.values:
                found.append((names.of(key), names.data(key, value, now)))
            elif slot in live.present or (slot in live.granted and key in granted):
                found.append((names.of(key), True))
        return tuple(sorted(found, key=lambda one: one[0]))

    def _outcomes(self, session: Session, names: "Names", live: Live, now: int) -> Hashable:
        if not live.outcomes:
            return ()
        move = Move(self._flow, session, now, None)
        outcomes = move.flow.outcomes
        return tuple(names.plain(result(move, outcomes[name]), "", now) for name in live.outcomes)


class Names:
    """Names for what a session holds that do not hang on when it was written."""

    def __init__(self, flow: Flow, session: Session, back: int = 1) -> None:
        self._flow = flow
        self._back = back
        self._frames = {str(frame.no): index for index, frame in enumerate(session.frames)}
        self._flows = {str(frame.no): frame.flow for frame in session.frames}
        self._zone = session.members[session.starter].zone
        self.session = session

    @cached_property
    def items(self) -> Mapping[str, str]:
        """The name of each item of a list, by its id: whose it is, and which of theirs."""
        written: dict[tuple[str, str, str], list[int]] = {}
        for key in self.session.values:
            if "#" in key:
                number, slot, owner, item = parts_of(key)
                if item.isdecimal() and self._is_list(number, slot):
                    written.setdefault((number, slot, owner), []).append(int(item))
        return {
            str(item): f"{self._frames.get(number, '')}{slot}{owner}{order}"
            for (number, slot, owner), items in written.items()
            for order, item in enumerate(sorted(items))
        }

    def _is_list(self, number: str, slot: str) -> bool:
        flow = self._flows.get(number)
        found = self._flow.named(flow).slots.get(slot) if flow is not None else None
        return found is not None and found.type is SlotType.LIST

    def of(self, key: str) -> str:
        """Return the name of the value at that address."""
        number, slot, owner, item = parts_of(key)
        return f"{self._frames.get(number, '-')}.{slot}.{owner}#{self.items.get(item, item)}"

    def item(self, item: str) -> str:
        """Return the name of an item by its id; an option is called as it is."""
        return self.items.get(item, item)

    def data(self, key: str, value: Value, now: int) -> Hashable:
        """Return what a value holds: of words only that they are there, of an instant how far ahead it is."""
        number, slot, _, _ = parts_of(key)
        kind = self._flow.named(self._flows[number]).slots[slot].type if number in self._flows else SlotType.TEXT
        return self.plain(value.data, kind, now)

    def plain(self, data: Words | Data, kind: str, now: int) -> Hashable:
        """Return data of that type as it tells a session apart."""
        if isinstance(data, Composed) or kind in {SlotType.TEXT, SlotType.LIST, SlotType.RECURRENCE}:
            return True
        if kind == SlotType.INSTANT and isinstance(data, int):
            return data - now
        if kind == SlotType.DATE and isinstance(data, str):
            return (date.fromisoformat(data) - local_date(now, self._zone)).days
        if isinstance(data, tuple):
            return tuple(sorted(map(self.item, data)))
        return self.item(str(data))

    def lane(self, lane: Lane) -> Hashable:
        """Return where a lane stands, and where Back leads from there."""
        if lane.status is LaneStatus.CLOSED:
            return (lane.key, lane.status.value)
        before = (place.partition("#") for place in lane.trail[-self._back :])
        trail = tuple(f"{step}#{self.items.get(item, item)}" for step, _, item in before)
        return (
            lane.key,
            lane.status.value,
            lane.step,
            lane.phase,
            trail,
            lane.back_to,
            lane.held is not None,
            self.item(lane.item),
            tuple(map(self.item, lane.items)),
        )


@dataclass(frozen=True, slots=True)
class _Matter:
    """What matters of each frame's answers, and of those of people who have given up in the running one."""

    lives: Mapping[int, Live]
    top: int = -1
    given_up: frozenset[str] = frozenset()
    theirs: Live = NOTHING
    read: frozenset[str] = frozenset()
    """What others read of them all the same."""
    anew: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    """By person: what they answer anew before anything reads it."""

    def of(self, frame: int, slot: str, owner: str) -> Live:
        if frame == self.top and slot in self.anew.get(owner, ()):
            return NOTHING
        if frame == self.top and owner in self.given_up and slot not in self.read:
            return self.theirs
        return self.lives.get(frame, NOTHING)


def _grants(session: Session, names: Names, matter: _Matter) -> Hashable:
    found: list[Hashable] = []
    for grant in session.grants:
        number, slot, owner, _ = parts_of(grant.item)
        live = matter.of(int(number), slot, owner)
        if slot in live.values or slot in live.present or slot in live.granted:
            found.append(_grant(grant, names))
    return tuple(sorted(map(str, found)))


def _grant(grant: ItemGrant, names: Names) -> Hashable:
    return (names.of(grant.item), grant.audience, grant.revealed, grant.left, grant.erased, grant.revoked)


def _hidden(inside: Hidden, names: Names) -> tuple[Hashable, ...]:
    values = sorted((names.of(key), str(value.data)) for key, value in inside.values.items())
    return (names.lane(inside.lane), tuple(values))
