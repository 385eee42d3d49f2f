"""Checks on times: nothing that others notice comes by itself at a time that hangs on a private answer.

A private answer changes a time where a wait, a deadline or a called flow comes because of it, comes again, or lasts
as long as it says. What comes then without anybody's doing comes at that time, until somebody is asked something.
Where that is the end of a flow, it is so for those that call it.
"""

from collections.abc import Iterator

from bot.engine.model import Ask, Call, Do, End, Gate, Grant, Hold, Keep, Reveal, Review, Say, Stage, Start, Step
from bot.flows.alone import leaves
from bot.flows.callees import Flows, reaches_others
from bot.flows.deciding import OVER, Deciding, passed_over, reached_without, through
from bot.flows.flow_compiler import Compiled
from bot.flows.outward import others_notice
from bot.flows.starting import check_start, with_others
from bot.flows.ways import roles_of

Node = str


def check_timing(flows: Flows) -> None:
    """Note whatever others would notice at a time that hangs on what somebody answered in private."""
    timed = {name: _Timed(one, flows) for name, one in flows.items() if one.work.solo or _calls(one)}
    delayed: dict[str, str] = {}
    grown = True
    while grown:
        found = {name: private for name, one in timed.items() for private in one.ends(delayed)}
        grown = found != delayed
        delayed = found
    for one in timed.values():
        one.check(delayed)


def _calls(one: Compiled) -> bool:
    return any(isinstance(step, Call) for step in one.flow.steps.values())


class _Timed:
    """The times of one flow."""

    def __init__(self, compiled: Compiled, flows: Flows) -> None:
        self._compiled = compiled
        self._flow = compiled.flow
        self._flows = flows
        self._deciding = Deciding(compiled)
        self._own = list(self._own_times()) if compiled.work.solo else []
        steps = self._flow.steps
        self._by_itself = {node: self._goes_by_itself(node, steps.get(node)) for node in self._deciding.graph}

    def ends(self, delayed: dict[str, str]) -> list[str]:
        """Return a private answer on which it hangs when the flow ends by itself, if there is one."""
        ends = {OVER, *(step.id for step in self._flow.steps.values() if self._is_end(step))}
        return [private for private, walked in self._walked(delayed) if ends & walked][:1]

    def check(self, delayed: dict[str, str]) -> None:
        """Note what others notice of the times of this flow; ``delayed`` are those that end at such a time."""
        if not self._compiled.work.solo:
            for step in self._flow.steps.values():
                if isinstance(step, Call) and step.flow in delayed:
                    self._called(step, delayed[step.flow])
            return
        told: set[str] = set()
        for private, walked in self._walked(delayed):
            for name, step in self._flow.steps.items():
                if name in walked and name not in told and self._noticed_alone(step, private):
                    told.add(name)

    # What changes a time

    def _own_times(self) -> Iterator[tuple[str, list[Node]]]:
        """The private answers that change a time, each with the nodes that come at it."""
        for step in self._flow.steps.values():
            match step:
                case Stage(lanes=()):
                    nodes = [through(step)]
                case Stage():
                    nodes = [step.expired] if step.expired is not None else []
                case Call() if self._waits(step.flow, set()):
                    nodes = self._deciding.graph[step.id]
                case _:
                    continue
            until = [step.until] if isinstance(step, Stage) and step.until is not None else []
            private = [*self._deciding.private(until), *self._deciding.steering(step)]
            if private and nodes:
                yield private[0], nodes

    def _waits(self, flow: str, seen: set[str]) -> bool:
        """Whether a flow can last for a time by itself."""
        one = self._flows.get(flow)
        seen.add(flow)
        steps = one.flow.steps.values() if one is not None else ()
        return any(
            (isinstance(step, Stage) and (not step.lanes or step.expired is not None))
            or (isinstance(step, Call) and step.flow not in seen and self._waits(step.flow, seen))
            for step in steps
        )

    def _walked(self, delayed: dict[str, str]) -> Iterator[tuple[str, set[Node]]]:
        """The private answers that change a time, each with every node that may come at it."""
        calls = [step for step in self._flow.steps.values() if isinstance(step, Call) and step.flow in delayed]
        called = [(delayed[step.flow], self._deciding.graph[step.id]) for step in calls]
        for private, nodes in [*self._own, *called]:
            yield private, reached_without("", nodes, self._by_itself)

    def _goes_by_itself(self, node: Node, step: Step | None) -> list[Node]:
        match step:
            case Ask() | Gate() | Review() | Grant():
                return passed_over(self._flow, step) if step.when is not None else []
            case _:
                return self._deciding.graph[node]

    def _is_end(self, step: Step) -> bool:
        return isinstance(step, End) and step.id not in self._flow.lane_of

    # Who notices it

    def _noticed_alone(self, step: Step, private: str) -> bool:
        path = self._compiled.places[step.id].path
        match step:
            case Start() if with_others(self._compiled, step):
                steering = self._deciding.steering(step)
                if private not in steering and (not steering or f"{step.id}.told" in self._compiled.work.texts):
                    check_start(self._compiled, self._deciding, step, [private])
                return True
            case Start() | Call() if self._reaches_others(step.flow):
                field = "call" if isinstance(step, Call) else "start"
                told = f"'{step.flow}' reaches others, and when it begins hangs on '{private}', which is private"
                self._compiled.work.problem((*path, field), told, "private-guard")
                return True
            case _ if leaves(self._compiled, step):
                told = f"this leaves the flow at a time that hangs on '{private}', which is private"
                self._compiled.work.problem((*path, "id"), told, "private-guard")
                return True
            case _:
                return False

    def _reaches_others(self, flow: str) -> bool:
        one = self._flows.get(flow)
        return one is not None and (not one.work.solo or reaches_others(one, self._flows))

    def _called(self, call: Call, private: str) -> None:
        """What comes after a call by itself, others notice, unless it is a matter of those alone who are in that."""
        people = {here for _, here in call.roles}
        alone = len(people) == 1 and not any(self._flow.roles[one].many for one in people if one in self._flow.roles)
        walked = reached_without("", self._deciding.graph[call.id], self._by_itself)
        if any(
            name in walked and not (alone and self._theirs(step, people)) for name, step in self._flow.steps.items()
        ):
            told = f"'{call.flow}' ends at a time that hangs on '{private}', which is private, and others notice that"
            where = (*self._compiled.places[call.id].path, "call")
            self._compiled.work.problem(where, told, "private-guard")

    def _theirs(self, step: Step, people: set[str]) -> bool:
        """Whether a step is nothing to anybody else."""
        match step:
            case Stage():
                found = roles_of(step) <= people
            case Start() | Call():
                found = {here for _, here in step.roles} <= people
            case Reveal():
                found = step.to in people
            case Say() if step.id not in self._flow.lane_of:
                found = step.to in people
            case Keep(pair=pair):
                found = not pair
            case Hold() | Do():
                found = False
            case _:
                found = not self._is_end(step) and not others_notice(self._compiled, step)
        return found
