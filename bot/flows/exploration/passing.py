"""How much time can pass between an answer and the moment at which it is held to the clock."""

from collections.abc import Iterable, Iterator

from bot.engine.model import Ask, Assign, Call, Flow, Stage, Step
from bot.flows.exploration.liveness import guards_of
from bot.flows.ways import further, goes_on, outermost, reached


def passing(flow: Flow, place: str, slots: frozenset[str], waits: int) -> list[int]:
    """Return how long it can be, by so many deadlines at most; ``place`` is the step, or the outcome, that looks."""
    found = {(0, 0)}
    for span, again in _spans(flow, place, slots):
        times = range(waits + 1 if again else 2)
        found |= {(passed + many * span, so_far + many) for passed, so_far in found for many in times}
        found = {(passed, so_far) for passed, so_far in found if so_far <= waits}
    return sorted({passed for passed, _ in found})


def _spans(flow: Flow, place: str, slots: frozenset[str]) -> Iterator[tuple[int, bool]]:
    """How long it waits where it can then come to that place without another answer, and whether more than once."""
    places = {step.id for step in flow.steps.values() if any(place in guard.reads for guard in guards_of(step))}
    places.add(place)
    writers = {step.id for step in flow.steps.values() if _written(step) & slots}

    def onward(step: Step) -> Iterable[str]:
        return () if step.id in writers else further(flow, step)

    around = (outermost(flow, name) for name in writers)
    after = {stage.id for stage in around if stage is not None}
    after |= reached(flow, [flow.first], onward)
    after |= reached(flow, [name for one in writers for name in further(flow, flow.steps[one])], onward)
    for stage in (flow.steps[name] for name in after):
        if isinstance(stage, Stage) and stage.within is not None:
            then = [stage.expired] if stage.expired is not None else goes_on(stage)
            later = reached(flow, then, onward)
            if places & later:
                yield stage.within, stage.id in later


def _written(step: Step) -> set[str]:
    match step:
        case Ask():
            return {step.save}
        case Assign():
            return {slot for slot, _ in step.values}
        case Call():
            return {mine for mine, _ in step.returns}
        case _:
            return set()
