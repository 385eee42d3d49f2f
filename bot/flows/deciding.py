"""Which private answers decide whether a step comes: the ways that a flow can take, and who chooses among them.

Every stage, section and loop is two nodes of a graph or more, where it is entered and where it is through. A step
hangs on a node of which some ways lead to it in any case, and others past it; and on what that node hangs on.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from bot.engine.guards import Guard
from bot.engine.model import (
    EVERYONE,
    Ask,
    Each,
    End,
    Flow,
    Grant,
    Keep,
    Reveal,
    Review,
    Section,
    Stage,
    Step,
)
from bot.flows.flow_compiler import Compiled
from bot.flows.noticing import TWO, Notice, Noticing
from bot.flows.reading import private_behind, slots_behind, ways_of
from bot.flows.ways import always_leaves, around, entered, goes_on, leads_to, outermost, roles_of

OVER = "over"
"""In the graph: the end of the flow."""

Graph = Mapping[str, list[str]]
"""Where each node can lead."""


def through(step: Step) -> str:
    """Return the node at which a stage, a section or a loop is through."""
    return f"{step.id}:out"


def lanes_of(stage: Stage) -> str:
    """Return where somebody has a lane or not: a node of its own where an outcome ends the stage, whoever has one."""
    return f"{stage.id}:lanes" if stage.join_when is not None else stage.id


class Deciding:
    """The ways of one flow, and the private answers by which one of them is taken.

    In a flow for several, what an outcome decides for all of them is no private matter any more, nor is what a text
    does that all were shown.
    """

    def __init__(self, compiled: Compiled) -> None:
        self._compiled = compiled
        self._flow = compiled.flow
        self._solo = compiled.work.solo
        self.noticing = Noticing(compiled)
        """What the flow's expressions read that not everybody may."""
        self.graph = graph_of(self._flow)
        self._before: dict[str, list[str]] = {}
        for node, ways in self.graph.items():
            for way in ways:
                self._before.setdefault(way, []).append(node)
        self._hangs_on = cache(self._found_hanging)
        self._steered_by = cache(self._found_steering)
        self.counts = dict(self.noticing.counts)
        """The steps whose visits tell of a private choice, each with the role whose it is."""
        self.nodes = self._decided_nodes()
        """The nodes at which private answers choose the way, each with those."""
        if self._solo:
            self.counts |= self._counted()
            self.nodes = self._decided_nodes()

    def steering(self, step: Step) -> list[str]:
        """Return the private answers that decide whether a step comes, and how often somebody changed their mind."""
        place = self._compiled.places[step.id]
        own = self.private([step.when] if step.when is not None else [], place.lane)
        return own + [name for node in self.steered_by(step.id) for name in self.nodes.get(node, ())]

    def steered_by(
        self, wanted: str, seen_at: frozenset[str] = frozenset({OVER}), *, shared: bool = True
    ) -> list[str]:
        """Return the nodes that a step or a node hangs on, by way of others that hang on them too.

        ``seen_at`` are the nodes at which it matters whether it came: ways that lead to none of them are left out.
        What comes after [Share], its person has chosen to be seen, unless that is not ``shared`` with anybody there.
        Whether somebody is asked once more does not count: they were asked before.
        """
        return self._steered_by(wanted, seen_at, shared=shared)

    def _found_steering(self, wanted: str, seen_at: frozenset[str], *, shared: bool) -> list[str]:
        found: set[str] = set()
        todo = [wanted]
        while todo:
            for node in self._hangs_on(todo.pop(), seen_at, shared=shared):
                if node not in found:
                    found.add(node)
                    todo.append(node)
        step = self._flow.steps.get(wanted)
        if isinstance(step, Ask) and not step.in_room:
            found &= reached_without(wanted, [self._flow.first], self.graph)
        return [node for node in self.graph if node in found]

    def leads_to(self, wanted: str) -> set[str]:
        """Return the nodes behind which a step comes in any case."""
        past = reached_without(wanted, [OVER], self._before)
        return reached_without("", [wanted], self._before) - past

    def private(self, guards: Iterable[Guard], lane: str | None = None) -> list[str]:
        """Return what guards read, one in that role's lane or at the top, that only their author knows."""
        found: list[str] = []
        for guard in guards:
            if self._solo:
                found += private_behind(self._flow, guard.reads)
            else:
                private = self.noticing.private(guard)
                slots = (name for name in private if name in self._flow.slots)
                found += [one for one in slots if self.noticing.notice(guard, lane, one) is not Notice.READERS]
                told = guard.reads & set(self._flow.outcomes) if lane is not None else ()
                found += private_behind(self._flow, told)
            found += [f"visits({name})" for name in sorted(guard.counts & self.counts.keys())]
        return found

    def _decided_nodes(self) -> dict[str, list[str]]:
        found = (pair for step in self._flow.steps.values() for pair in self._decided(step))
        return {node: private for node, private in found if private}

    def _decided(self, step: Step) -> list[tuple[str, list[str]]]:
        """The nodes that a step stands for, each with the private answers that choose the way there."""
        lane = self._compiled.places[step.id].lane
        match step:
            case Stage() | Section() | Each():
                scripts = step.lanes if isinstance(step, Stage) else ()
                alone = next(iter(roles_of(step))) if len(roles_of(step)) == 1 else lane
                entering = self.private([step.when] if step.when is not None else [], lane or alone)
                whose: list[str] = []
                for script in scripts:
                    whose += self.private([script.when] if script.when is not None else [], script.role)
                picked = self._behind([step.over] if isinstance(step, Each) else [])
                leaving = self.private((branch.guard for branch in step.next if branch.guard is not None), lane)
                inside = [(lanes_of(step), whose)] if isinstance(step, Stage) and lanes_of(step) != step.id else []
                entering += [] if inside else whose
                return [(step.id, entering + picked), *inside, (through(step), leaving + picked)]
            case Ask() if step.ways:
                chosen = [step.save]
            case Grant() if step.kept is not None or step.closes:
                chosen = [step.item]
            case Reveal() if step.missing is not None and not self._seen_by_all(step):
                chosen = list(step.items)
            case Keep() if step.missing is not None:
                chosen = self._behind(source for _, source in step.fields)
            case _:
                chosen = []
        return [(step.id, self.private(ways_of(step), lane) + chosen)]

    def _behind(self, names: Iterable[str]) -> list[str]:
        if self._solo:
            return private_behind(self._flow, names)
        return private_behind(self._flow, slots_behind(self._flow, (one for one in names if not self._selects(one))))

    def _selects(self, name: str) -> bool:
        return self._flow.loops.get(name, name) in self._flow.outcomes

    def _seen_by_all(self, reveal: Reveal) -> bool:
        """Whether everybody sees what is shown there, and so whether it is."""
        crowd = len(self._flow.roles) > TWO or any(role.many for role in self._flow.roles.values())
        return self._solo or (reveal.id not in self._flow.lane_of and (reveal.to == EVERYONE or not crowd))

    def _counted(self) -> dict[str, str]:
        """The steps whose visits tell of a private answer: it decides whether they come, or come again."""
        behind = {node: reached_without("", [node], self.graph) for node in self.graph}
        found: dict[str, str] = {}
        for stage in self._flow.steps.values():
            if not isinstance(stage, Stage):
                continue
            round_trip = any(stage.id in behind[node] and node in behind[stage.id] for node in self.nodes)
            if round_trip or any(node in self.nodes for node in self.steered_by(stage.id)):
                found[stage.name] = next(iter(self._flow.roles))
        return found

    def _shared(self, node: str) -> list[str]:
        """Where [Share] leads and [Keep private] does not, if the node is where somebody chooses between them."""
        grant = self._flow.steps.get(node)
        if not isinstance(grant, Grant) or (grant.kept is None and not grant.closes):
            return []
        kept = set(kept_ways(self._flow, grant))
        return [way for way in self.graph[node] if way not in kept]

    def _found_hanging(self, wanted: str, seen_at: frozenset[str], *, shared: bool) -> list[str]:
        """The nodes of which some ways on lead to another node in any case, and others past it."""
        past = reached_without(wanted, seen_at, self._before)
        leads = reached_without("", [wanted], self._before) - past
        found = [node for node, ways in self.graph.items() if node in past and not leads.isdisjoint(ways)]
        return [node for node in found if not shared or past.issuperset(self._shared(node))]


def graph_of(flow: Flow) -> dict[str, list[str]]:
    """Return where each node can lead, one person's lanes walked through from their beginning to their end."""
    found: dict[str, list[str]] = {OVER: []}
    alone = len(flow.roles) == 1 and not any(role.many for role in flow.roles.values())
    for step in flow.steps.values():
        passed = passed_over(flow, step) if step.when is not None else []
        done = [branch.to for branch in step.next]
        done += [] if always_leaves(step) else passed_over(flow, step)
        match step:
            case Stage():
                firsts = [script.first for script in step.lanes]
                skipped = not firsts or any(script.when is not None for script in step.lanes)
                found[step.id] = [*passed, *([step.expired] if step.expired is not None else [])]
                # With several people, who is told goodbye when it is over is told so whatever they answered.
                found[step.id] += [flow.expired] if flow.expired is not None and alone else []
                begin = lanes_of(step)
                found[step.id] += [begin] if begin != step.id else []
                found.setdefault(begin, []).extend([*firsts, *([through(step)] if skipped else [])])
                found[through(step)] = done
            case Section():
                found[step.id] = [step.first, *passed]
                found[through(step)] = done
            case Each():
                found[step.id] = [step.first, *passed, through(step)]
                found[through(step)] = [step.first, *done]
            case End():
                found[step.id] = [*_ended(flow, step), *passed]
            case _:
                found[step.id] = [*done, *passed, *_beside(flow, step)]
    return found


def passed_over(flow: Flow, step: Step) -> list[str]:
    """Return the node that comes behind a step when it is passed over."""
    inside = next(around(flow, step.id), None)
    return [step.following or (through(inside) if inside is not None else OVER)]


def reached_without(wanted: str, starts: Iterable[str], graph: Graph) -> set[str]:
    """Return every node that can be come to from some past the wanted one, these included."""
    seen: set[str] = set()
    todo = list(starts)
    while todo:
        node = todo.pop()
        if node not in seen and node != wanted:
            seen.add(node)
            todo += graph.get(node, [])
    return seen


def _ended(flow: Flow, end: End) -> Iterator[str]:
    """Where an end leads: a lane that closed is never done, and then only time ends its stage, or the others."""
    stage = outermost(flow, end.id)
    if not isinstance(stage, Stage):
        yield OVER
        return
    if end.closed:
        yield stage.expired or flow.expired or OVER
    if not end.closed or stage.join is not None or stage.join_when is not None:
        yield through(stage)


def _beside(flow: Flow, step: Step) -> list[str]:
    """Where a step leads beside going on; what is changed is asked again, and then it comes back."""
    match step:
        case Grant():
            return list(kept_ways(flow, step))
        case Review():
            return []
        case _:
            return [way for way in leads_to(flow, step) if way not in goes_on(step)]


def kept_ways(flow: Flow, grant: Grant) -> Iterator[str]:
    """Yield where [Keep private] leads."""
    if grant.closes:
        yield from _ended(flow, End(id=grant.id, closed=True))
    elif grant.kept is not None:
        yield entered(flow, grant.kept)
