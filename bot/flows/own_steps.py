"""Checks on steps that come only to somebody who has answered something in private: nobody else sees whether they do.

Whether there is an answer may decide what its author alone is asked or told. What is in such a step, and where it
leads, has to be the same for others as if it was passed over.
"""

from collections.abc import Iterable, Iterator

from bot.engine.model import Stage, Start, Step
from bot.flows.flow_compiler import Compiled
from bot.flows.outward import others_notice
from bot.flows.ways import around, writes
from bot.flows.yaml_source import Path_


def check_own_steps(compiled: Compiled, steps: Iterable[tuple[Step, str]]) -> None:
    """Note what others would notice of these steps, each with the private answer of its only person behind it."""
    for step, private in steps:
        inside = (one for name, one in compiled.flow.steps.items() if step in around(compiled.flow, name))
        compiled.work.started |= {one.id: private for one in inside if isinstance(one, Start)}
        for where in _noticed(compiled, step, private):
            told = f"others see this, and whether it comes hangs on '{private}', which is private"
            compiled.work.problem(where, told, "private-guard")


def _noticed(compiled: Compiled, step: Step, private: str) -> Iterator[Path_]:
    flow = compiled.flow
    path = compiled.places[step.id].path
    inside = [one for name, one in flow.steps.items() if step in around(flow, name)]
    yield from ((*compiled.places[one.id].path, "id") for one in inside if others_notice(compiled, one))
    if any(branch.to != step.following for branch in step.next):
        # Passed over, it leads to what follows.
        yield (*path, "next")
    if isinstance(step, Stage) and step.expired is not None:
        silent = {
            one.expired for one in flow.steps.values() if isinstance(one, Stage) and _asks(compiled, one, private)
        }
        if step.expired not in {step.following, *silent}:
            yield (*path, "expired")


def _asks(compiled: Compiled, stage: Stage, slot: str) -> bool:
    """Whether the slot is answered in a stage: silence leads to the same place there as behind it."""
    steps = compiled.flow.steps.items()
    return any(stage in around(compiled.flow, name) and writes(step, slot) for name, step in steps)
