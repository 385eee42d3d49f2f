"""Loops that never wait: steps that would run round within one turn until its budget of steps is spent.

A branch or step guarded by ``visits(...)`` of a step that the loop enters ends it, so the ways behind one are not
followed; a step that is passed over, because its ``when`` does not hold, is not entered.
A wait for an instant is over at once while the instant has passed, so a loop that waits for it sets it anew.
What other guards depend on does not change within a turn as far as anybody can tell here, so they are followed.
A started flow runs on its own and is followed too; a called one counts as waiting unless it can be run through.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from bot.engine.guards import Guard
from bot.engine.model import (
    Ask,
    Assign,
    Call,
    Each,
    End,
    Flow,
    Gate,
    Grant,
    Keep,
    Reveal,
    Review,
    Section,
    Stage,
    Start,
    Step,
)
from bot.flows.flow_compiler import Compiled
from bot.flows.reading import slots_behind

MOST_LOOPS = 20
"""The most loops that are told, or looked at, at once."""

_ECHOED = frozenset({"bad-guard", "duplicate-step"})
"""Problems after which a loop may be none."""

Node = tuple[str, str]
"""A flow and a step of it."""


Target = tuple[str, frozenset[str]]
"""A step of the same flow, and what its way is guarded by."""


@dataclass(frozen=True, slots=True)
class Way:
    """A way from a step to the next without waiting; ``counts`` names the steps whose visits it is guarded by."""

    to: Node
    counts: frozenset[str] = frozenset()
    until: frozenset[str] = frozenset()
    """What a wait for an instant reads, which is over at once while the instant has passed."""
    entered: bool = True
    """Whether the step was carried out, and its visit counted, rather than passed over."""


def check_loops(compiled: Mapping[str, Compiled]) -> None:
    """Note every loop without a step that waits."""
    graph = _Graph(compiled)
    ways = graph.ways()
    for _ in range(MOST_LOOPS):
        loop = _loop(ways)
        if not loop:
            return
        links = list(_links(loop, ways))
        passed_over = {node for node, way in links if not way.entered}
        entered = {step.split(":")[0] for flow, step in loop if (flow, step) not in passed_over}
        moved = {slot for flow, step in loop for slot in _set_by(compiled[flow].flow.steps[step])}
        ended = [(node, way) for node, way in links if way.counts & entered or way.until & moved]
        if ended:
            node, way = ended[0]
            ways[node].remove(way)
            continue
        if not any(problem.code in _ECHOED for flow, _ in loop for problem in compiled[flow].work.problems):
            _tell(compiled, loop)
        for node in loop:
            ways[node] = []


def _set_by(step: Step) -> Iterator[str]:
    yield from (slot for slot, _ in step.values) if isinstance(step, Assign) else ()


def _tell(compiled: Mapping[str, Compiled], loop: list[Node]) -> None:
    order = {(flow, step): n for flow, one in compiled.items() for n, step in enumerate(one.flow.steps)}
    start = loop.index(min(loop, key=lambda node: (node[0] != loop[0][0], order[node])))
    flow, step = loop[start]
    round_trip = [*loop[start:], *loop[:start], loop[start]]
    shown = " → ".join(name.split(":")[0] if at == flow else f"{at}.{name.split(':')[0]}" for at, name in round_trip)
    one = compiled[flow]
    told = f"these steps go round without waiting for anybody: {shown}"
    one.work.problem((*one.places[step].path, "id"), told, "endless-loop")


def _links(loop: list[Node], ways: Mapping[Node, list[Way]]) -> Iterator[tuple[Node, Way]]:
    for node, after in zip(loop, [*loop[1:], loop[0]], strict=True):
        for way in ways[node]:
            if way.to == after:
                yield node, way


def _loop(ways: Mapping[Node, list[Way]]) -> list[Node]:
    """One loop, in the order in which it is walked, or nothing."""
    sorter: TopologicalSorter[Node] = TopologicalSorter()
    for node, leads_to in ways.items():
        for way in leads_to:
            sorter.add(way.to, node)
    try:
        sorter.prepare()
    except CycleError as fault:
        cycle: list[Node] = fault.args[1]
        return cycle[:-1]
    return []


def _instant(flow: Flow, step: Step) -> frozenset[str]:
    """What a wait for an instant reads."""
    match step:
        case Stage(lanes=(), until=Guard() as until):
            return frozenset(slots_behind(flow, until.reads))
        case _:
            return frozenset()


class _Graph:
    def __init__(self, compiled: Mapping[str, Compiled]) -> None:
        self.compiled = compiled
        self.runs_through: set[str] = set()
        """The flows that can be run through without waiting."""
        grown = True
        while grown:
            found = {name for name in compiled if self._ends_at_once(name)}
            grown = found != self.runs_through
            self.runs_through = found

    def ways(self) -> dict[Node, list[Way]]:
        return {
            (flow, name): list(self._ways(flow, step))
            for flow, one in self.compiled.items()
            for name, step in one.flow.steps.items()
        }

    def _ends_at_once(self, name: str) -> bool:
        flow = self.compiled[name].flow
        seen: set[str] = set()
        todo = [flow.first]
        while todo:
            step = flow.steps.get(todo.pop())
            if step is None or step.id in seen:
                continue
            if isinstance(step, End) and step.id not in flow.lane_of:
                return True
            seen.add(step.id)
            todo += [way.to[1] for way in self._ways(name, step) if way.to[0] == name and not way.until]
        return False

    def _ways(self, flow: str, step: Step) -> Iterator[Way]:
        """Where a step can lead within the same turn."""
        counts = step.when.counts if step.when is not None else frozenset[str]()
        steps = self.compiled[flow].flow.steps
        for target, guards in self._passed(flow, step, counts):
            if target in steps:
                yield Way((flow, target), guards, _instant(self.compiled[flow].flow, step))
        for target, guards in self._falls_to(flow, step, frozenset()) if step.when is not None else ():
            if target in steps:
                yield Way((flow, target), guards, entered=False)
        if isinstance(step, Start) and step.flow in self.compiled:
            yield Way((step.flow, self.compiled[step.flow].flow.first), counts)

    def _passed(self, flow: str, step: Step, counts: frozenset[str]) -> Iterator[Target]:
        """Where it leads once it has been carried out."""
        if self._waits(flow, step):
            return
        if isinstance(step, Section):
            yield step.first, counts
            return
        if isinstance(step, Each):
            yield step.first, counts
        if isinstance(step, Reveal | Keep) and step.missing is not None:
            yield step.missing, counts
        yield from self._goes_on(flow, step, counts)

    def _goes_on(self, flow: str, step: Step, counts: frozenset[str]) -> Iterator[Target]:
        for branch in step.next:
            counts |= branch.guard.counts if branch.guard is not None else frozenset()
            yield branch.to, counts
            if branch.guard is None:
                return
        yield from self._falls_to(flow, step, counts)

    def _falls_to(self, flow: str, step: Step, counts: frozenset[str]) -> Iterator[Target]:
        """The step that follows; behind the last one of a volatile section, where the section leads."""
        if step.following is not None:
            yield step.following, counts
            return
        one = self.compiled[flow].flow
        around = one.steps.get(one.lane_of.get(step.id, ""))
        if isinstance(around, Section | Each):
            yield from self._goes_on(flow, around, counts)

    def _waits(self, flow: str, step: Step) -> bool:
        match step:
            case Ask() | Gate() | Review() | Grant() | End():
                return True
            case Stage(lanes=()):
                return step.until is None
            case Stage():
                return not self._stage_passes(flow, step)
            case Call():
                return step.flow not in self.runs_through
            case _:
                return False

    def _stage_passes(self, flow: str, stage: Stage) -> bool:
        """Whether its lanes can all be walked without a question: each is skipped, or has none on some way."""
        passes = [script.when is not None or self._lane_passes(flow, script.first) for script in stage.lanes]
        return bool(passes) and (all(passes) if stage.join is None else sum(passes) >= stage.join)

    def _lane_passes(self, flow: str, first: str) -> bool:
        one = self.compiled[flow].flow
        seen: set[str] = set()
        todo = [first]
        while todo:
            name = todo.pop()
            step = one.steps.get(name)
            if step is None or name in seen:
                continue
            seen.add(name)
            ends = isinstance(step, End) and not step.closed
            ways = [way.to[1] for way in self._ways(flow, step) if way.to[1] in one.lane_of]
            last = not ways and not self._waits(flow, step)
            skipped = step.when is not None and not any(self._falls_to(flow, step, frozenset()))
            if ends or last or skipped:
                return True
            todo += ways
        return False
