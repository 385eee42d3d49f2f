"""Walking through a flow's space: stage by stage, and within a stage lane by lane.

Lanes do not read each other. So each is walked in full while of every other lane it only counts whether it waits, is
done, or is over for good; and where all are done, each result of one is put together with each result of the others.
Stages whose lanes touch one another, such as a board in the room, are walked with everybody at once.
"""

from collections import deque
from collections.abc import Callable, Container, Hashable, Iterator, Mapping
from dataclasses import replace
from itertools import product

from bot.engine.model import EVERYONE, Ask, Flow, Stage, Step
from bot.engine.session import LaneStatus, Session, key_parts
from bot.engine.standing import takes
from bot.flows.exploration.space import Alike, Edge, Space
from bot.flows.ways import around, writes


def walk(space: Space, beginnings: list[int], *, together: bool = False) -> None:
    """Go through everything that can come of the beginnings; ``together`` walks all lanes at once everywhere."""
    todo = deque(beginnings)
    seen: set[int] = set(beginnings)

    def leave(edge: Edge) -> None:
        if edge.target not in seen:
            seen.add(edge.target)
            todo.append(edge.target)

    while todo:
        start = todo.popleft()
        session = space.states[start].session
        walkers = _walkers(session)
        if together or session.ended or len(walkers) <= 1 or _touching(space.flow, session):
            _everybody(space, start, leave)
        else:
            _Stage(space, start, walkers, leave).walk()


def _walkers(session: Session) -> tuple[str, ...]:
    waiting = (lane.person for lane in session.top.lanes.values() if lane.status is LaneStatus.WAITING)
    return tuple(dict.fromkeys(person for person in waiting if person not in session.gone))


def _touching(flow: Flow, session: Session) -> bool:
    """Whether the lanes of the stage can touch one another, end it by what they say together, or become more."""
    here = flow.named(session.top.flow)
    stage = here.steps.get(session.top.stage or "")
    if (
        not isinstance(stage, Stage)
        or stage.join is not None
        or stage.join_when is not None
        or stage.until is not None
        or any(takes(flow, session, script.role) for script in stage.lanes)
    ):
        return True
    shared = [slot.name for slot in here.slots.values() if slot.of == EVERYONE]
    inside = [step for name, step in here.steps.items() if stage in around(here, name)]
    return any(_is_board(step, session) or any(writes(step, slot) for slot in shared) for step in inside)


def _is_board(step: Step, session: Session) -> bool:
    """Whether it is a question that everybody there can answer more than once, or in the room."""
    return isinstance(step, Ask) and (step.stays or (step.in_room and session.place is not None))


def _everybody(space: Space, start: int, leave: Callable[[Edge], None]) -> None:
    """Walk a stage with everybody at once."""
    todo = deque([start])
    seen = {start}
    while todo:
        source = todo.popleft()
        session = space.states[source].session
        for actor in ("", *session.members):
            for edge in space.expand(source, actor):
                if edge.left:
                    leave(edge)
                elif edge.target not in seen:
                    seen.add(edge.target)
                    todo.append(edge.target)


class _Stage:
    """One entry of a stage whose lanes do not touch."""

    def __init__(self, space: Space, start: int, walkers: tuple[str, ...], leave: Callable[[Edge], None]) -> None:
        self._space = space
        self._start = start
        self._walkers = walkers
        self._leave = leave
        self._ways: dict[str, dict[int, tuple[int, Edge] | None]] = {}
        """By person: every state of their lane while the others have not begun, and the turn that first led there."""

    def walk(self) -> None:
        for person in self._walkers:
            self._ways[person] = self._lane(person, self._start)
        for person in self._walkers:
            for others in self._others(person):
                self._lane(person, self._together({**others, person: self._start}, person))
        for last in self._walkers:
            self._join(last, in_full=last == self._walkers[-1])
        self._expire()

    def _lane(self, person: str, start: int) -> dict[int, tuple[int, Edge] | None]:
        """Walk one person's lane in full, and let time run out at each of its states."""
        found: dict[int, tuple[int, Edge] | None] = {start: None}
        todo = deque([start])
        while todo:
            source = todo.popleft()
            for edge in (*self._space.expand(source, person), *self._space.expand(source, "")):
                if edge.left:
                    self._leave(edge)
                elif edge.target not in found:
                    found[edge.target] = (source, edge)
                    todo.append(edge.target)
        return found

    def _status(self, state: int, person: str) -> str:
        session = self._space.states[state].session
        if person in session.gone:
            return "gone" if person not in session.deciding else "deciding"
        own = [lane.status for lane in session.top.lanes.values() if lane.person == person]
        if all(status is LaneStatus.DONE for status in own):
            return "done"
        return "closed" if LaneStatus.CLOSED in own else "waiting"

    def _results(self, person: str) -> list[int]:
        """States in which the person is done, while the others have not begun: one for each result."""
        found: dict[Hashable, int] = {}
        for state in self._ways[person]:
            if self._status(state, person) == "done":
                found.setdefault(self._result(state), state)
        return list(found.values())

    def _result(self, state: int) -> Hashable:
        here = self._space.states[state]
        return self._space.keys.result(here.session, here.now)

    def _others(self, person: str) -> Iterator[dict[str, int]]:
        """What the others may be up to, but for nobody of them having begun: a state for each of their statuses."""
        others = [other for other in self._walkers if other != person]
        kinds: list[dict[str, int]] = []
        for other in others:
            kind: dict[str, int] = {"waiting": self._start}
            for state in self._ways[other]:
                kind.setdefault(self._status(state, other), state)
            kind.pop("deciding", None)
            kinds.append(kind)
        for chosen in product(*(kind.values() for kind in kinds)):
            if any(state != self._start for state in chosen):
                yield dict(zip(others, chosen, strict=True))

    def _join(self, last: str, *, in_full: bool) -> None:
        """Let one person be the last, and put each of their results together with each of the others'.

        Who is last makes a difference only to who is answered: that is gone through once a result.
        """
        ways = [self._ways[last][state] for state in self._results(last)]
        finishing = [way for way in ways if way is not None]
        others = [other for other in self._walkers if other != last]
        results = [self._results(other) for other in others]
        firsts = tuple(states[0] for states in results if states)
        for chosen in product(*results):
            some = finishing if in_full or chosen == firsts else finishing[:1]
            for before, edge in some:
                parts = {**dict(zip(others, chosen, strict=True)), last: before}
                here = self._together(parts, last)
                for taken in self._space.repeat(here, edge):
                    if taken.left:
                        self._leave(taken)

    def _expire(self) -> None:
        """Let time run out where several have begun: once for each difference that it makes to what comes then."""
        kinds: list[list[int]] = []
        for person in self._walkers:
            kind: dict[tuple[int, ...], int] = {}
            for state in self._ways[person]:
                ends = tuple(edge.target for edge in self._space.states[state].edges if not edge.actor)
                kind.setdefault(ends, state)
            kinds.append(list(kind.values()))
        for chosen in product(*kinds):
            if sum(state != self._start for state in chosen) > 1:
                parts = dict(zip(self._walkers, chosen, strict=True))
                statuses = {self._status(state, person) for person, state in parts.items()}
                if statuses == {"done"} or (self._space.flow.signal and statuses <= {"gone", "deciding"}):
                    continue  # it goes on, or is over, before any deadline
                for edge in self._space.expand(self._together(parts, self._walkers[0]), ""):
                    if edge.left:
                        self._leave(edge)

    def _together(self, parts: Mapping[str, int], base: str) -> int:
        """Return the state in which each person is where they are in a state of their own."""
        states = self._space.states
        session = put_together(
            states[parts[base]].session,
            {person: states[state].session for person, state in parts.items() if person != base},
        )
        begun = [person for person, state in parts.items() if state != self._start]
        if len(begun) <= 1:
            return parts[begun[0]] if begun else self._start
        number, _ = self._space.state(session, states[self._start].now, parts=tuple(parts.values()))
        for person in session.members:
            at_it = frozenset(other for other in begun if other != person)
            self._space.alike.append(Alike(number, parts.get(person, self._start), person, at_it))
        return number


def put_together(base: Session, others: Mapping[str, Session]) -> Session:
    """Return a session in which each of the others has come as far as in one of their own."""
    frame = base.top
    values = {key: value for key, value in base.values.items() if not _of(key, frame.no, others)}
    lanes = dict(frame.lanes)
    hidden = {key: inside for key, inside in base.hidden.items() if inside.lane.person not in others}
    grants = [grant for grant in base.grants if grant.author not in others]
    gone = [person for person in base.gone if person not in others]
    deciding = [person for person in base.deciding if person not in others]
    for person, session in others.items():
        values |= {key: value for key, value in session.values.items() if _of(key, frame.no, {person})}
        lanes |= {key: lane for key, lane in session.top.lanes.items() if lane.person == person}
        hidden |= {key: inside for key, inside in session.hidden.items() if inside.lane.person == person}
        grants += [grant for grant in session.grants if grant.author == person]
        gone += [person] if person in session.gone else []
        deciding += [person] if person in session.deciding else []
    entries = max(base.entries, *(session.entries for session in others.values()))
    return replace(
        base,
        frames=(*base.frames[:-1], replace(frame, lanes=lanes)),
        values=values,
        hidden=hidden,
        grants=tuple(grants),
        gone=tuple(sorted(gone)),
        deciding=tuple(sorted(deciding)),
        entries=entries,
    )


def _of(key: str, frame: int, people: Container[str]) -> bool:
    number, _, owner, _ = key_parts(key)
    return int(number) == frame and owner in people
