"""Checks on a flow for one person: what they answer in private steers nothing that leaves the flow.

It leaves by what is said to the partner or into a room, and by what everybody can read, which another flow may take.
What somebody grants, or starts for two, they have chosen to be seen. What it starts or calls for that person alone is
held to the same between the flows.
"""

from collections.abc import Iterable, Mapping
from functools import cache

from bot.engine.guards import Guard
from bot.engine.model import (
    EVERYONE,
    PARTNER,
    READ_BY_ALL,
    ROOM,
    Ask,
    Assign,
    Call,
    Clear,
    Each,
    End,
    Flow,
    Grant,
    Hold,
    Keep,
    Reveal,
    Review,
    Say,
    Section,
    Stage,
    Start,
    Step,
)
from bot.flows.flow_compiler import Compiled
from bot.flows.reading import private_behind, ways_of
from bot.flows.ways import (
    always_leaves,
    around,
    at_once_after,
    entered,
    goes_on,
    leads_to,
    outermost,
    private_counts,
    reached,
    writes,
)
from bot.flows.yaml_source import Path_

_OVER = "over"
"""In the graph of a flow: its end."""


def said_outside(step: Step) -> bool:
    """Return whether somebody beside the one person of a flow is shown what the step says."""
    return (isinstance(step, Say) and step.to in {PARTNER, ROOM}) or (isinstance(step, Ask) and step.in_room)


def reaches_outside(step: Step) -> bool:
    """Return whether somebody else notices that the step comes: a word, a text that is shown, a pause."""
    shown = isinstance(step, Reveal) and step.to in {PARTNER, EVERYONE, ROOM}
    return shown or said_outside(step) or isinstance(step, Hold)


def check_alone(compiled: Compiled) -> None:
    """Note every step by which a flow for one person would pass on what was answered in private."""
    if compiled.work.solo:
        _Checker(compiled).run()


class _Checker:
    def __init__(self, compiled: Compiled) -> None:
        self.compiled = compiled
        self.flow = compiled.flow
        self.work = compiled.work
        self.counts = private_counts(self.flow, {name: place.lane for name, place in compiled.places.items()})
        self.graph = _graph(self.flow)
        self.before: dict[str, list[str]] = {}
        for node, ways in self.graph.items():
            for way in ways:
                self.before.setdefault(way, []).append(node)
        self.hangs_on = cache(self._hangs_on)

    def run(self) -> None:
        outward = [step for step in self.flow.steps.values() if self._leaves(step)]
        begun = [step for step in self.flow.steps.values() if isinstance(step, Call | Start)]
        if not outward and not begun:
            return
        deciding = self._deciding()
        self.counts |= self._counted(deciding)
        deciding = self._deciding()
        for step in outward:
            path = self.compiled.places[step.id].path
            for slot, value in step.values if isinstance(step, Assign) else ():
                copied = self._private([value])
                if copied and self._is_public(slot):
                    self._tell(copied[0], (*path, "set", slot))
            # Where there is no text, there is nothing to show.
            nothing = step.items if isinstance(step, Reveal) else ()
            steering = [name for name in self._steering(step, deciding) if name not in nothing]
            if steering:
                self._tell(steering[0], (*path, "id"))
        for step in begun:
            for name in self._steering(step, deciding)[:1]:
                self.work.started[step.id] = name
        self._timed()

    def _steering(self, step: Step, deciding: Mapping[str, list[str]]) -> list[str]:
        """The private answers that decide whether a step comes."""
        own = self._private([step.when] if step.when is not None else [])
        return own + [name for node in self._steered_by(step) for name in deciding.get(node, ())]

    def _deciding(self) -> dict[str, list[str]]:
        """The nodes of the graph at which private answers choose the way, each with those."""
        found = (pair for step in self.flow.steps.values() for pair in self._decided(step))
        return {node: private for node, private in found if private}

    def _counted(self, deciding: Mapping[str, list[str]]) -> dict[str, str]:
        """The steps whose visits tell of a private answer: it decides whether they come, or come again."""
        behind = {node: _reached_without("", node, self.graph) for node in self.graph}
        found: dict[str, str] = {}
        for stage in self.flow.steps.values():
            if not isinstance(stage, Stage):
                continue
            round_trip = any(stage.id in behind[node] and node in behind[stage.id] for node in deciding)
            if round_trip or any(node in deciding for node in self._steered_by(stage)):
                found[stage.name] = next(iter(self.flow.roles))
        return found

    def _timed(self) -> None:
        """What comes by itself, at a time that was answered in private, comes to nobody else."""
        for stage in self.flow.steps.values():
            if not isinstance(stage, Stage):
                continue
            guards = [stage.until, *([] if stage.lanes else [stage.when])]
            private = self._private(guard for guard in guards if guard is not None)
            starts = [*goes_on(stage), *([stage.expired] if stage.expired is not None else [])]
            at_once = reached(self.flow, starts, lambda step: at_once_after(self.flow, step, ""))
            for name in self.flow.steps if private else ():
                if name in at_once and reaches_outside(self.flow.steps[name]):
                    told = f"this leaves the flow at a time that hangs on '{private[0]}', which is private"
                    self.work.problem((*self.compiled.places[name].path, "id"), told, "private-guard")

    def _tell(self, private: str, where: Path_) -> None:
        told = f"this leaves the flow, and it hangs on '{private}', which is private: ask for that as a signal"
        self.work.problem(where, told, "private-guard")

    def _leaves(self, step: Step) -> bool:
        cleared = step.slots if isinstance(step, Clear) else ()
        written = (name for name in self.flow.slots if name in cleared or writes(step, name))
        return reaches_outside(step) or any(map(self._is_public, written))

    def _is_public(self, slot: str) -> bool:
        return slot in self.flow.slots and self.flow.slots[slot].cls in READ_BY_ALL

    def _private(self, guards: Iterable[Guard]) -> list[str]:
        found: list[str] = []
        for guard in guards:
            found += private_behind(self.flow, guard.reads)
            found += [f"visits({name})" for name in sorted(guard.counts & self.counts.keys())]
        return found

    def _decided(self, step: Step) -> list[tuple[str, list[str]]]:
        """The nodes of the graph that a step stands for, each with the private answers that choose the way there."""
        match step:
            case Stage() | Section() | Each():
                scripts = step.lanes if isinstance(step, Stage) else ()
                entering = [guard for guard in (step.when, *(script.when for script in scripts)) if guard is not None]
                picked = private_behind(self.flow, [step.over] if isinstance(step, Each) else [])
                leaving = [branch.guard for branch in step.next if branch.guard is not None]
                return [(step.id, self._private(entering) + picked), (_out(step), self._private(leaving) + picked)]
            case Ask() if step.ways:
                chosen = [step.save]
            case Grant() if step.kept is not None:
                chosen = [step.item]
            case Keep() if step.missing is not None:
                chosen = private_behind(self.flow, (source for _, source in step.fields))
            case _:
                chosen = []
        return [(step.id, self._private(ways_of(step)) + chosen)]

    def _shared(self, node: str) -> list[str]:
        """Where [Share] leads and [Keep private] does not, if the node is where somebody chooses between them."""
        grant = self.flow.steps.get(node)
        if not isinstance(grant, Grant) or (grant.kept is None and not grant.closes):
            return []
        return [way for way in self.graph[node] if grant.kept is None or way != entered(self.flow, grant.kept)]

    def _steered_by(self, step: Step) -> list[str]:
        """The nodes that a step hangs on, by way of others that hang on them too.

        Whether somebody is asked once more does not count: they were asked before.
        """
        seen: set[str] = set()
        todo = [*self.hangs_on(step.id)]
        while todo:
            other = todo.pop()
            if other not in seen:
                seen.add(other)
                todo += self.hangs_on(other)
        if isinstance(step, Ask) and not step.in_room:
            seen &= _reached_without(step.id, self.flow.first, self.graph)
        return [other for other in self.graph if other in seen]

    def _hangs_on(self, wanted: str) -> list[str]:
        """The nodes of which some ways on lead to another node in any case, and others past it."""
        past = _reached_without(wanted, _OVER, self.before)
        found = [node for node, ways in self.graph.items() if node in past and any(way not in past for way in ways)]
        # What comes after [Share], its person has chosen to be seen.
        return [node for node in found if all(way in past for way in self._shared(node))]


def _out(step: Step) -> str:
    """The node at which a stage, a section or a loop is through."""
    return f"{step.id}:out"


def _graph(flow: Flow) -> dict[str, list[str]]:
    """Where each step can lead, one person's lanes walked through from their beginning to their end."""
    found: dict[str, list[str]] = {_OVER: []}
    for step in flow.steps.values():
        inside = next(around(flow, step.id), None)
        behind = _out(inside) if inside is not None else _OVER
        passed = [step.following or behind] if step.when is not None else []
        done = [branch.to for branch in step.next]
        done += [] if always_leaves(step) else [step.following or behind]
        match step:
            case Stage():
                firsts = [script.first for script in step.lanes]
                skipped = not firsts or any(script.when is not None for script in step.lanes)
                found[step.id] = [*firsts, *passed, *([_out(step)] if skipped else [])]
                found[step.id] += [step.expired] if step.expired is not None else []
                found[_out(step)] = done
            case Section():
                found[step.id] = [step.first, *passed]
                found[_out(step)] = done
            case Each():
                found[step.id] = [step.first, *passed, _out(step)]
                found[_out(step)] = [step.first, *done]
            case End():
                stage = outermost(flow, step.id)
                ended = _OVER if step.closed or stage is None else _out(stage)
                found[step.id] = [ended, *passed]
            case _:
                found[step.id] = [*done, *passed, *_beside(flow, step)]
    return found


def _beside(flow: Flow, step: Step) -> list[str]:
    """Where a step leads beside going on; what is changed is asked again, and then it comes back."""
    match step:
        case Grant():
            return [] if step.kept is None else [entered(flow, step.kept)]
        case Review():
            return []
        case _:
            return [way for way in leads_to(flow, step) if way not in goes_on(step)]


def _reached_without(wanted: str, start: str, graph: Mapping[str, list[str]]) -> set[str]:
    """Every node that can be come to from the first one past the wanted one."""
    seen: set[str] = set()
    todo = [start]
    while todo:
        node = todo.pop()
        if node not in seen and node != wanted:
            seen.add(node)
            todo += graph.get(node, [])
    return seen
