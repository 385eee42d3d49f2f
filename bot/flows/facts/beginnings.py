"""Which flows begin which, and which run in one session."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from bot.engine.model import Call, Start
from bot.flows.flow_compiler import Compiled

Flows = Mapping[str, Compiled]


def begun_at(
    flows: Flows, flow: str, how: type[Start] | type[Call] | None = None
) -> Iterator[tuple[Compiled, Start | Call]]:
    """Yield the steps of all flows that start or call a flow."""
    for one in flows.values():
        for step in one.flow.steps.values():
            if isinstance(step, how or (Start, Call)) and step.flow == flow:
                yield one, step


def in_one_session(flows: Flows, flow: str) -> set[str]:
    """Return the flows that can run in a session which a flow is a part of."""
    around = _closure(flow, lambda name: [one.flow.id for one, _ in begun_at(flows, name, Call)])
    return set[str]().union(*(_closure(name, lambda one: _called_by(flows, one)) for name in around))


def _called_by(flows: Flows, flow: str) -> list[str]:
    steps = flows[flow].flow.steps.values()
    return [step.flow for step in steps if isinstance(step, Call) and step.flow in flows]


def _closure(start: str, after: Callable[[str], Iterable[str]]) -> set[str]:
    found: set[str] = set()
    todo = [start]
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += after(name)
    return found
