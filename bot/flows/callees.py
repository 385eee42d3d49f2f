"""The flows that a flow calls or starts: what they come to for others."""

from collections.abc import Mapping

from bot.engine.model import PARTNER, Call, Start
from bot.flows.alone import reaches_outside
from bot.flows.flow_compiler import Compiled

Flows = Mapping[str, Compiled]


def with_callees(one: Compiled, flows: Flows) -> list[Compiled]:
    """Return the flow, and those that it calls, by way of others too."""
    found = {one.flow.id: one}
    todo = [one]
    while todo:
        for step in todo.pop().flow.steps.values():
            callee = flows.get(step.flow) if isinstance(step, Call) else None
            if callee is not None and callee.flow.id not in found:
                found[callee.flow.id] = callee
                todo.append(callee)
    return list(found.values())


def reaches_others(one: Compiled, flows: Flows) -> bool:
    """Return whether others hear anything of a flow for one person, or of one that it starts."""
    return _reaches_others(one, flows, set())


def _reaches_others(one: Compiled, flows: Flows, seen: set[str]) -> bool:
    seen.add(one.flow.id)
    for step in (step for other in with_callees(one, flows) for step in other.flow.steps.values()):
        if reaches_outside(step) or (isinstance(step, Start) and any(here == PARTNER for _, here in step.roles)):
            return True
        started = flows.get(step.flow) if isinstance(step, Start) and step.flow not in seen else None
        if started is not None and _reaches_others(started, flows, seen):
            return True
    return False
