"""The space of a flow: its states, and what leads from one to another, made by the engine itself."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from bot.engine.events import Event, TimerDue
from bot.engine.faults import EngineFault
from bot.engine.machine import Turn, advance
from bot.engine.model import Flow
from bot.engine.session import Session
from bot.flows.exploration.beginnings import NOW, Beginning, beginnings, begun, not_begun, starters_of
from bot.flows.exploration.bounds import Bounds
from bot.flows.exploration.classes import Classes
from bot.flows.exploration.happening import Happening
from bot.flows.exploration.ids import numbered, renumbered
from bot.flows.exploration.key import NEVER, Keys
from bot.flows.exploration.part import before_leaving, has_given_up, is_through, led_on
from bot.flows.exploration.released import Released, released
from bot.flows.exploration.seen import Seen, View


class TooManyStates(Exception):
    """The bound of states was reached: what was explored is not all there is."""


@dataclass(frozen=True, slots=True)
class Edge:
    """One turn: who acted (nobody when time did), what they did, and where it led."""

    actor: str
    event: Event
    at: int
    act: Hashable
    """The event without ids and instants, as its actor sees it."""
    target: int
    seen: Mapping[str, Seen]
    part: Mapping[str, Seen]
    """What was seen of it before the stage was left."""
    released: Released
    left: bool
    """It left the stage."""
    led_on: bool = False
    """Its actor answered, so that their part went on: they neither refused nor went back."""
    through: bool = False
    """It was the last of its actor's part in the stage."""
    given_up: bool = False
    """Its actor's part will never be done from here on."""


@dataclass(slots=True)
class State:
    """A state, by the first session that was found to be in it."""

    session: Session
    now: int
    edges: list[Edge] = field(default_factory=list[Edge])
    came_from: tuple[int, Edge] | None = None
    """The turn that first led here."""
    parts: tuple[int, ...] = ()
    """It was put together of these states: a part of each person's."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A turn that the engine refused."""

    state: int
    actor: str
    event: Event
    fault: EngineFault


@dataclass(frozen=True, slots=True)
class Begin:
    """How one beginning looks, and the state that it leads to."""

    state: int
    beginning: Beginning
    seen: Mapping[str, Seen]


@dataclass(frozen=True, slots=True)
class Alike:
    """Two states that a person has to see alike: they differ only in how far some others are."""

    one: int
    other: int
    person: str
    at_it: frozenset[str]
    """Those others."""


@dataclass(frozen=True, slots=True)
class Noticed:
    """A private act after which another person could look up something else than before."""

    state: int
    person: str
    edge: Edge
    saw: tuple[Seen, ...]


class Space:
    """The states of one flow that were found so far."""

    def __init__(self, flow: Flow, bounds: Bounds) -> None:
        self.flow = flow
        self.bounds = bounds
        self.classes = Classes(flow, bounds)
        self.keys = Keys(flow, bounds, self.classes)
        self.view = View(flow)
        self.happening = Happening(flow, bounds, self.classes)
        self.states: list[State] = []
        self.broken: list[Broken] = []
        self.noticed: list[Noticed] = []
        self.flows: tuple[Flow, ...] = ()
        """All flows that there are, of which some may start this one."""
        self.begun: list[Begin] = []
        self.unbegun: list[tuple[Beginning, EngineFault]] = []
        """Beginnings that the engine refuses."""
        self.alike: list[Alike] = []
        self._known: dict[Hashable, int] = {}
        self._expanded: set[tuple[int, str]] = set()
        self._looked: tuple[int, dict[tuple[str, bool], Seen]] = (-1, {})
        self.turns = 0

    def begin(self, flows: Iterable[Flow]) -> dict[int, Beginning]:
        """Begin in every way that there is, and return the beginnings by the state that each leads to.

        ``flows`` are all there are, of which some may start this one. Raises TooManyStates.
        """
        self.flows = tuple(flows)
        starters = () if self.flow.trigger is not None else starters_of(self.flows, self.flow.id)
        found: dict[int, Beginning] = {}
        for beginning in beginnings(self.flow, self.bounds, starters):
            try:
                turn = begun(self.flow, beginning)
            except EngineFault as fault:
                self.unbegun.append((beginning, fault))
                continue
            number, _ = self.state(turn.session, NOW)
            seen = self.view.of_turn(not_begun(beginning), turn.session, turn.effects, NOW)
            self.begun.append(Begin(number, beginning, seen))
            found.setdefault(number, beginning)
        return found

    def state(
        self,
        session: Session,
        now: int,
        came_from: tuple[int, Edge] | None = None,
        parts: tuple[int, ...] = (),
    ) -> tuple[int, bool]:
        """Return the number of the session's state, and whether it is new. Raises TooManyStates."""
        key = self.keys.of(session, now)
        found = self._known.get(key)
        if found is not None:
            return found, False
        if len(self.states) >= self.bounds.states:
            raise TooManyStates
        self._known[key] = len(self.states)
        self.states.append(State(session=session, now=now, came_from=came_from, parts=parts))
        return len(self.states) - 1, True

    def looks(self, number: int, person: str) -> Seen:
        """Return what a person can find out in a state."""
        state = self.states[number]
        return self.view.of_state(state.session, person, state.now, exactly=False)

    def expand(self, source: int, actor: str) -> list[Edge]:
        """Take every turn of somebody, or of time when it is nobody's, from a state, unless that was done before."""
        state = self.states[source]
        if (source, actor) not in self._expanded:
            self._expanded.add((source, actor))
            for event, at in self.happening.of(state.session, actor, state.now):
                self.take(source, actor, event, at)
        return [edge for edge in state.edges if edge.actor == actor]

    def was_expanded(self, number: int, actor: str) -> bool:
        """Return whether everything was taken that somebody can do in a state, or that comes by itself."""
        return (number, actor) in self._expanded

    def repeat(self, source: int, edge: Edge) -> list[Edge]:
        """Let somebody do in one state what they have done in another."""
        state = self.states[source]
        if (source, edge.actor) not in self._expanded and not _alike(state, edge):
            for event, at in self.happening.of(state.session, edge.actor, state.now):
                if self.happening.act(state.session, event, at) == edge.act:
                    self.take(source, edge.actor, event, at)
        return _alike(state, edge)

    def take(self, source: int, actor: str, event: Event, at: int) -> Edge | None:
        """Take a turn from a state; None when the engine refuses it: that is noted."""
        self.turns += 1
        try:
            before, turn, after = taken(self.flow, self.states[source].session, event, at)
        except EngineFault as fault:
            self.broken.append(Broken(source, actor, event, fault))
            return None
        left = after.ended or (after.top.no, after.top.entry) != (before.top.no, before.top.entry)
        seen = self.view.of_turn(before, after, turn.effects, at)
        part = before_leaving(before, actor, turn.effects) if left else ()
        edge = Edge(
            actor=actor,
            event=event,
            at=at,
            act=self.happening.act(before, event, at),
            target=0,
            seen=seen,
            part=self.view.of_turn(before, after, part, at) if left else seen,
            released=released(self.flow, before, event, turn, at),
            left=left,
            led_on=led_on(self.flow, before, event),
            through=is_through(self.flow, before, event, after, left=left),
            given_up=has_given_up(after, actor, left=left),
        )
        self._compare(source, after, edge)
        target, _ = self.state(after, at, (source, edge))
        edge = replace(edge, target=target)
        self.states[source].edges.append(edge)
        return edge

    def _compare(self, source: int, after: Session, edge: Edge) -> None:
        """What somebody did in private changes nothing that others can look up."""
        now = self.states[source].now
        for person in self.states[source].session.members if edge.actor else ():
            gone_on = edge.left and edge.led_on  # that a stage is over may be noticed: see ``unwinding``
            if person == edge.actor or edge.seen.get(person) or edge.released.to(person) or gone_on:
                continue
            looks = (
                self._looked_before(source, person, left=edge.left),
                self._look(after, person, now, left=edge.left),
            )
            if looks[0] != looks[1]:
                self.noticed.append(Noticed(source, person, edge, looks))

    def _looked_before(self, source: int, person: str, *, left: bool) -> Seen:
        """What a person could look up in a state; its turns are taken one after another."""
        if self._looked[0] != source:
            self._looked = (source, {})
        known = self._looked[1]
        if (person, left) not in known:
            state = self.states[source]
            known[person, left] = self._look(state.session, person, state.now, left=left)
        return known[person, left]

    def _look(self, session: Session, person: str, now: int, *, left: bool) -> Seen:
        own = self.view.of_state(session, person, now, exactly=True)
        # From stage to stage other values matter.
        return own if left or session.ended else (*own, self.keys.public(session, now))


def taken(flow: Flow, session: Session, event: Event, at: int) -> tuple[Session, Turn, Session]:
    """Return the session as it is explored, the turn, and the session after it. Raises EngineFault.

    Time may run out anywhere: how much of a lifetime is left does not tell one state from another.
    """
    before = replace(session, expires_at=at) if isinstance(event, TimerDue) and not event.entry else session
    turn = advance(flow, numbered(flow, before, event), event, at)
    after = renumbered(before, turn.session)
    if not after.ended and after.expires_at < NEVER:
        after = replace(after, expires_at=at + flow.lifetime)
    return before, turn, after


def _alike(state: State, edge: Edge) -> list[Edge]:
    return [one for one in state.edges if one.actor == edge.actor and one.act == edge.act]
