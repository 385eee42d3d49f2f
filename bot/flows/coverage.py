"""Coverage: how much of each flow transcripts have taken, and every step and way that they never took."""

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass

from bot.engine.model import Call
from bot.engine.watching import Took
from bot.flows.coverable import Item, items_of
from bot.flows.flow_compiler import Compiled
from bot.flows.problems import Problem

NEVER_ENTERED, NEVER_TAKEN = "never_entered", "never_taken"


@dataclass(frozen=True, slots=True)
class Covered:
    """How much of a flow was taken."""

    flow: str
    steps: int
    entered: int
    ways: int
    taken: int
    gaps: tuple[Problem, ...]
    """What was never taken; of a step that was never entered, the step alone."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """What transcripts have taken of the flows that they began, and of those that these call."""

    flows: tuple[Covered, ...]
    aside: tuple[str, ...]
    """The flows that nobody began: they do not count."""

    @property
    def percent(self) -> float:
        """How much of all steps and ways was taken, rounded down; nothing of it where no flow was begun."""
        return _percent(sum(one.entered + one.taken for one in self.flows), sum(map(_all, self.flows)))


def coverage(compiled: Mapping[str, Compiled], taken: Set[Took], counted: Set[str]) -> Coverage:
    """Return how much of the flows that ``counted`` names was taken."""
    begun = with_called(compiled, {one.flow for one in taken}) & counted
    return Coverage(
        flows=tuple(covered(one, taken) for name, one in compiled.items() if name in begun),
        aside=tuple(name for name in compiled if name in counted - begun),
    )


def covered(one: Compiled, taken: Set[Took]) -> Covered:
    """Return how much of the flow is among what was taken."""
    items = items_of(one)
    steps = [item for item in items if item.is_step]
    ways = [item for item in items if not item.is_step]
    entered = {item.step for item in steps if item.took in taken}
    missed = [item for item in items if item.took not in taken]
    return Covered(
        flow=one.flow.id,
        steps=len(steps),
        entered=len(entered),
        ways=len(ways),
        taken=sum(item.took in taken for item in ways),
        gaps=tuple(_gap(one, item) for item in missed if item.is_step or item.step in {"", *entered}),
    )


def with_called(compiled: Mapping[str, Compiled], begun: Set[str]) -> Set[str]:
    """Return the flows that were begun and those that they call."""
    found, todo = set[str](), list(begun)
    while todo:
        name = todo.pop()
        if name in compiled and name not in found:
            found.add(name)
            todo += [step.flow for step in compiled[name].flow.steps.values() if isinstance(step, Call)]
    return found


def as_lines(found: Coverage) -> Iterator[str]:
    """Yield the coverage as lines of text: each flow, below it what was never taken; all of it at the end."""
    for one in found.flows:
        percent = _percent(one.entered + one.taken, _all(one))
        yield f"{one.flow}: {one.entered} of {one.steps} steps, {one.taken} of {one.ways} ways on, {percent} %"
        for gap in one.gaps:
            yield f"{gap.path}:{gap.line}:{gap.column}: {gap.message}"
    if found.aside:
        yield f"not begun: {', '.join(found.aside)}"
    yield f"in all: {found.percent} %"


def as_data(found: Coverage) -> Iterator[dict[str, object]]:
    """Yield the coverage as data: an object a flow, one for each thing that was never taken, one for all of it."""
    for one in found.flows:
        counts = {"steps": one.steps, "entered": one.entered, "ways": one.ways, "taken": one.taken}
        yield {"flow": one.flow, **counts, "percent": _percent(one.entered + one.taken, _all(one))}
        for gap in one.gaps:
            yield {name: getattr(gap, name) for name in ("path", "line", "column", "code", "message")}
    yield {"percent": found.percent, "not_begun": list(found.aside)}


def _all(one: Covered) -> int:
    return one.steps + one.ways


def _percent(part: int, whole: int) -> float:
    """With one decimal, rounded down: only all of it is 100, and of nothing there is no all."""
    return part * 1000 // whole / 10 if whole else 0.0


def _gap(one: Compiled, item: Item) -> Problem:
    code = NEVER_ENTERED if item.is_step else NEVER_TAKEN
    return one.source.problem(item.where, item.told, code, key=item.where in one.source.keys)
