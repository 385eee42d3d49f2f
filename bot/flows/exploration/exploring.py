"""Exploring a flow: everything that can come of it, and what of that is not as it was promised."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.engine.events import Event
from bot.engine.faults import EngineFault
from bot.engine.model import Call, Flow
from bot.flows.exploration.beginnings import NOW, Beginning, beginnings, begun, not_begun, starters_of
from bot.flows.exploration.bounds import Bounds
from bot.flows.exploration.promises import find_breaches
from bot.flows.exploration.space import Begin, Edge, Space, TooManyStates
from bot.flows.exploration.unwinding import find_leaks
from bot.flows.exploration.walking import walk


@dataclass(frozen=True, slots=True)
class Turned:
    """One turn of a run: who did what, and when."""

    actor: str
    event: Event
    at: int


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that does not hold, with the shortest run that was found to show it.

    Of what somebody can find out there are two runs, which that person has to see alike.
    """

    told: str
    beginning: Beginning
    run: tuple[Turned, ...]
    beside: tuple[Turned, ...] = ()
    person: str = ""


@dataclass(frozen=True, slots=True)
class Explored:
    """What was gone through of one flow."""

    flow: str
    beginnings: int
    states: int
    turns: int
    faults: tuple[Fault, ...]
    truncated: bool = False
    """The bound of states was reached: nothing is proven."""

    @property
    def holds(self) -> bool:
        """Whether everything was gone through, and all of it holds."""
        return not self.faults and not self.truncated


def explorable(flows: Mapping[str, Flow]) -> list[str]:
    """Return the flows that are gone through on their own; those that are only called are so in their callers."""
    return [name for name in flows if not _only_called(flows, name)]


def callers_of(flows: Mapping[str, Flow], name: str) -> list[str]:
    """Return the flows that call a flow."""
    steps = ((flow.id, step) for flow in flows.values() for step in flow.steps.values())
    return list(dict.fromkeys(caller for caller, step in steps if isinstance(step, Call) and step.flow == name))


def _only_called(flows: Mapping[str, Flow], name: str) -> bool:
    begun = flows[name].trigger is not None or bool(starters_of(flows.values(), name))
    return not begun and bool(callers_of(flows, name))


def explore(
    flow: Flow, flows: Mapping[str, Flow], bounds: Bounds | None = None, *, together: bool = False
) -> Explored:
    """Go through everything that a flow can come to.

    ``flows`` are all there are, of which some may start this one. ``together`` walks all lanes at once, everywhere:
    the full product, to which the quicker way is held on small flows.
    """
    space, begins = explored_space(flow, flows, bounds or Bounds(), together=together)
    truncated = len(space.states) >= space.bounds.states
    faults = () if truncated else tuple(faults_in(space, begins))
    return Explored(flow.id, len(begins), len(space.states), space.turns, faults, truncated)


def explored_space(
    flow: Flow, flows: Mapping[str, Flow], bounds: Bounds, *, together: bool = False
) -> tuple[Space, dict[int, Beginning]]:
    """Return the space of a flow, and the beginnings of it by the state in which each leaves it."""
    space = Space(flow, bounds)
    starters = () if flow.trigger is not None else starters_of(flows.values(), flow.id)
    begins: dict[int, Beginning] = {}
    try:
        for beginning in beginnings(flow, bounds, starters):
            try:
                turn = begun(flow, beginning)
            except EngineFault as fault:
                space.unbegun.append((beginning, fault))
                continue
            number, _ = space.state(turn.session, NOW)
            seen = space.view.of_turn(not_begun(beginning), turn.session, turn.effects, NOW)
            space.begun.append(Begin(number, beginning, seen))
            begins.setdefault(number, beginning)
        walk(space, list(begins), together=together)
    except TooManyStates:
        pass
    return space, begins


def faults_in(space: Space, begins: Mapping[int, Beginning]) -> list[Fault]:
    """Return what does not hold in a space that was gone through."""
    runs = _Runs(space, begins)
    found = [Fault(f"It cannot begin: {fault}", beginning, ()) for beginning, fault in space.unbegun]
    refused: dict[str, Fault] = {}
    for broken in space.broken:
        told = f"The engine refuses a turn: {broken.fault}"
        last = Turned(broken.actor, broken.event, space.states[broken.state].now)
        refused.setdefault(told, runs.fault(told, broken.state, last))
    found += refused.values()
    for breach in find_breaches(space):
        last = (Turned(breach.actor, breach.event, space.states[breach.state].now),) if breach.event else ()
        found.append(runs.fault(breach.promise, breach.state, *last))
    for noticed in space.noticed[:1]:
        told = f"What {noticed.edge.actor} does in private changes what {noticed.person} can look up."
        found.append(
            runs.fault(told, noticed.state, _turned(noticed.edge), beside=noticed.state, person=noticed.person)
        )
    people = dict.fromkeys(person for state in space.states for person in state.session.members)
    for person in people:
        for leak in find_leaks(space, person)[:1]:
            told = f"{person} can tell apart what others did in private."
            found.append(runs.fault(told, leak.one, beside=leak.other, person=person))
    return found


def _turned(edge: Edge) -> Turned:
    return Turned(edge.actor, edge.event, edge.at)


class _Runs:
    """Finds the runs that lead to states."""

    def __init__(self, space: Space, begins: Mapping[int, Beginning]) -> None:
        self._space = space
        self._begins = begins

    def fault(self, told: str, state: int, *more: Turned, beside: int | None = None, person: str = "") -> Fault:
        first, edges = self._to(state)
        other = self._to(beside)[1] if beside is not None else []
        run = (*map(_turned, edges), *more)
        return Fault(told, self._begins[first], run, tuple(map(_turned, other)), person)

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
