"""How people come into a flow that no command starts: through one that starts it, played up to there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.engine.effects import StartFlow
from bot.engine.model import Flow
from bot.flows.exploration.beginnings import Beginning, starters_of
from bot.flows.exploration.bounds import Bounds
from bot.flows.exploration.exploring import explored_space
from bot.flows.exploration.faults import Run, Runs
from bot.flows.exploration.replaying import Phrases, replay
from bot.flows.exploration.space import Space

CANDIDATES = 50
"""Of the runs that start a flow, so many of the shortest are looked at."""


@dataclass(frozen=True, slots=True)
class WayIn:
    """A run of the flow that starts another; ``names`` says whom of it the other's people are."""

    flow: Flow
    run: Run
    names: Mapping[str, str]


def way_in(flow: Flow, beginning: Beginning, flows: Mapping[str, Flow], phrases: Phrases) -> WayIn | None:
    """Return the shortest way into a flow that begins like this, or None if no flow with a command starts it so."""
    found = [way for starter in _starters(flow, flows) for way in _ways(flow, beginning, starter, flows, phrases)]
    return min(found, key=lambda way: len(way.run.turns), default=None)


def _starters(flow: Flow, flows: Mapping[str, Flow]) -> Iterator[Flow]:
    for one in flows.values():
        if one.trigger is not None and starters_of((one, *one.calls.values()), flow.id):
            yield one


def _ways(
    flow: Flow, beginning: Beginning, starter: Flow, flows: Mapping[str, Flow], phrases: Phrases
) -> Iterator[WayIn]:
    space, begins = explored_space(starter, flows, Bounds())
    runs = Runs(space, begins)
    found = sorted(_starting(space, runs, flow.id), key=lambda run: len(run.turns))
    for run in found[:CANDIDATES]:
        effects = replay(starter, run, phrases).effects
        started = next((one for one in effects if isinstance(one, StartFlow) and one.flow == flow.id), None)
        names = _names(beginning, started) if started is not None else None
        if names is not None:
            yield WayIn(starter, run, names)
            return


def _starting(space: Space, runs: Runs, flow: str) -> Iterator[Run]:
    """The runs whose last turn starts the flow."""
    for number, state in enumerate(space.states):
        for edge in state.edges:
            if any(told[:2] == ("StartFlow", flow) for seen in edge.seen.values() for told in _listed(seen)):
                yield runs.to(number, edge)


def _listed(seen: tuple[object, ...]) -> Iterator[tuple[object, ...]]:
    yield from (one for one in seen if isinstance(one, tuple))


def _names(beginning: Beginning, started: StartFlow) -> dict[str, str] | None:
    """Who of the starting flow is who in the other; None if other people or other values would be in it."""
    given = beginning.begun.given
    if set(given) != set(started.given):
        return None
    if any(str(given[name].data) != str(value.data) for name, value in started.given.items() if value.type != "text"):
        return None
    roles = beginning.session.frames[0].roles
    found = {
        person: here
        for role, people in roles.items()
        for person, here in zip(started.roles.get(role, ()), people, strict=False)
    }
    return (
        found if len(found) == len(set(found.values())) == len({p for here in roles.values() for p in here}) else None
    )
