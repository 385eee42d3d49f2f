"""Exploring a flow: everything that can come of it, and what of that is not as it was promised."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.engine.model import Call, Flow
from bot.flows.exploration.beginnings import Beginning, starters_of
from bot.flows.exploration.bounds import Bounds
from bot.flows.exploration.faults import Fault, faults_in
from bot.flows.exploration.space import Space, TooManyStates
from bot.flows.exploration.stood import Stood, stood_in
from bot.flows.exploration.walking import walk


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
    stood: Stood = field(default_factory=Stood)
    """What stood for all that people can answer."""

    @property
    def holds(self) -> bool:
        """Whether everything was gone through, and all of it holds."""
        return self.beginnings > 0 and not self.faults and not self.truncated and not self.stood.untried


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
    return Explored(flow.id, len(begins), len(space.states), space.turns, faults, truncated, stood_in(space))


def explored_space(
    flow: Flow, flows: Mapping[str, Flow], bounds: Bounds, *, together: bool = False
) -> tuple[Space, dict[int, Beginning]]:
    """Return the space of a flow, and the beginnings of it by the state in which each leaves it."""
    space = Space(flow, bounds)
    begins: dict[int, Beginning] = {}
    try:
        begins = space.begin(flows.values())
        walk(space, list(begins), together=together)
    except TooManyStates:
        pass
    return space, begins
