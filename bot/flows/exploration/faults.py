"""What does not hold of a flow that was gone through, with the shortest runs that show it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.engine.events import Event, ShownAgain
from bot.flows.exploration.beginnings import Beginning
from bot.flows.exploration.observing import LOOKS, Way, observed
from bot.flows.exploration.promises import find_breaches
from bot.flows.exploration.silences import Early, Silences, find_early
from bot.flows.exploration.space import Edge, Space
from bot.flows.exploration.unwinding import Leak, find_leaks
from bot.flows.exploration.witness import witness


@dataclass(frozen=True, slots=True)
class Turned:
    """One turn of a run: who did what, and when."""

    actor: str
    event: Event
    at: int


@dataclass(frozen=True, slots=True)
class Run:
    """A beginning, and the turns from there."""

    beginning: Beginning
    turns: tuple[Turned, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that does not hold, with the shortest run that was found to show it.

    Of what somebody can find out there are two runs, which that person has to see alike.
    """

    told: str
    run: Run
    beside: Run | None = None
    person: str = ""


def faults_in(space: Space, begins: Mapping[int, Beginning]) -> list[Fault]:
    """Return what does not hold in a space that was gone through; of what one person can tell, the first found."""
    runs = Runs(space, begins)
    found = [Fault(f"It cannot begin: {fault}", Run(beginning, ())) for beginning, fault in space.unbegun]
    refused: dict[str, Fault] = {}
    for broken in space.broken:
        told = f"The engine refuses a turn: {broken.fault}"
        last = Turned(broken.actor, broken.event, space.states[broken.state].now)
        refused.setdefault(told, Fault(told, runs.to(broken.state, last)))
    found += refused.values()
    for breach in find_breaches(space):
        last = (Turned(breach.actor, breach.event, space.states[breach.state].now),) if breach.event else ()
        found.append(Fault(breach.promise, runs.to(breach.state, *last)))
    for noticed in space.noticed[:1]:
        told = f"What {noticed.edge.actor} does in private changes what {noticed.person} can look up."
        looks = Turned(noticed.person, ShownAgain(person=noticed.person), noticed.edge.at)
        one, other = runs.to(noticed.state, _turned(noticed.edge), looks), runs.to(noticed.state, looks)
        found.append(Fault(told, one, other, noticed.person))
    people = dict.fromkeys(person for state in space.states for person in state.session.members)
    for person in people:
        told = f"{person} can tell apart what others did in private."
        for both in _both_runs(space, runs, person):
            found.append(Fault(told, *both, person))
            break
    return found


def _both_runs(space: Space, runs: "Runs", person: str) -> Iterator[tuple[Run, Run]]:
    """The two runs by which a person can tell, by an answer before by that somebody left."""
    seen = [observed(space, number, person) for number in range(len(space.states))]
    leaks = find_leaks(space, person, seen)
    if leaks:
        staying = [observed(space, number, person, leaving=False) for number in range(len(space.states))]
        for leak in find_leaks(space, person, staying):
            yield _told_apart(space, leak, runs, leaving=False)
    early = find_early(space, person, seen)
    if early is not None:
        yield _by_time(space, early, runs)
    for leak in leaks:
        yield _told_apart(space, leak, runs, leaving=True)


def _by_time(space: Space, early: Early, runs: "Runs") -> tuple[Run, Run]:
    """The two runs behind which something comes by itself, at a time at which it does not in the other."""
    silences = Silences(space, early.person)
    found: list[Run] = []
    for edge in (early.one, early.other):
        begins = runs.to(early.state, edge)
        at = begins.turns[-1].at
        coming = (Turned("", one.event, at + ahead) for one, ahead in silences.way(edge.target, early.after))
        found.append(Run(begins.beginning, (*begins.turns, *coming)))
    return found[0], found[1]


def _told_apart(space: Space, leak: Leak, runs: "Runs", *, leaving: bool) -> tuple[Run, Run]:
    """The two runs by which a person can tell; the ways to the two states, if no shorter ones are found."""
    shown = (leak.one, leak.other)
    edges = [edge for one in shown for edge in runs.edges(one.state)]
    edges += [one.way.edge for one in shown if one.way.edge is not None]
    fresh = Space(space.flow, space.bounds)
    fresh.begin(space.flows)
    sides = witness(fresh, leak, edges, leaving=leaving)
    if sides is None:
        one, other = (runs.to(side.state, *_last(side.way, leak)) for side in shown)
    else:
        one, other = (Run(s.beginning, (*map(_turned, s.turns), *_last(s.last, leak))) for s in sides)
    return one, other


def _last(way: Way, leak: Leak) -> list[Turned]:
    """The turn that shows the difference: somebody's, or that the person looks up where they are."""
    if way.act == LOOKS:
        return [Turned(leak.person, ShownAgain(person=leak.person), 0)]
    return [_turned(way.edge)] if way.edge is not None else []


def _turned(edge: Edge) -> Turned:
    return Turned(edge.actor, edge.event, edge.at)


class Runs:
    """Finds the runs that lead to states."""

    def __init__(self, space: Space, begins: Mapping[int, Beginning]) -> None:
        self._space = space
        self._begins = begins

    def to(self, state: int, *more: Turned | Edge) -> Run:
        """Return a run to a state, and what comes then."""
        first, edges = self._to(state)
        then = (_turned(one) if isinstance(one, Edge) else one for one in more)
        return Run(self._begins[first], (*map(_turned, edges), *then))

    def edges(self, state: int) -> list[Edge]:
        """Return the turns on the way to a state."""
        return self._to(state)[1]

    def _to(self, state: int) -> tuple[int, list[Edge]]:
        """The beginning that leads to a state, and the turns on the way there."""
        parts = self._space.states[state].parts
        if parts:
            ways = [self._to(part) for part in parts]
            shared = _shared([edges for _, edges in ways])
            return ways[0][0], [*ways[0][1][:shared], *(edge for _, edges in ways for edge in edges[shared:])]
        came_from = self._space.states[state].came_from
        if came_from is None:
            return state, []
        first, edges = self._to(came_from[0])
        return first, [*edges, came_from[1]]


def _shared(ways: list[list[Edge]]) -> int:
    """How many turns all of the ways begin with."""
    shared = 0
    for edges in zip(*ways, strict=False):
        if any(edge is not edges[0] for edge in edges):
            break
        shared += 1
    return shared
