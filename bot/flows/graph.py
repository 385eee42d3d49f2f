"""A flow as a graph: its steps, the ways between them, and the stages, lanes, sections and loops around them.

Made for people who read: a step carries a few words, a way says when it is taken. What is written down as text, or
drawn, is the same graph.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

from bot.engine.guards import Guard
from bot.engine.model import Ask, Call, Each, Flow, Gate, Grant, Keep, Reveal, Section, Stage, Start, Step
from bot.flows.flow_compiler import Compiled
from bot.flows.graph_words import deadline_of, few_words, label_of, words_of
from bot.flows.schema import kind_of
from bot.flows.ways import always_leaves
from bot.flows.yaml_source import Path_, Plain


class Kind(StrEnum):
    """What a node stands for: it decides the shape."""

    BEGIN = "begin"
    ASK = "ask"
    GATE = "gate"
    GRANT = "grant"
    REVEAL = "reveal"
    WAIT = "wait"
    KEEP = "keep"
    OTHER_FLOW = "other flow"
    END = "end"
    STEP = "step"

    ELSEWHERE = "elsewhere"
    """Names a step that stands elsewhere, where many deadlines lead."""


class Style(StrEnum):
    """How a way is drawn."""

    PLAIN = "plain"
    DEADLINE = "deadline"
    LINK = "link"
    """To another flow."""


@dataclass(frozen=True, slots=True)
class Node:
    """A step; ``lines`` begin with its name."""

    id: str
    kind: Kind
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Edge:
    """A way from a node or box to another; ``label`` says when it is taken."""

    source: str
    target: str
    label: str = ""
    style: Style = Style.PLAIN


@dataclass(frozen=True, slots=True)
class Box:
    """A stage with its lanes, a lane, a section or a loop."""

    id: str
    title: str
    parts: "tuple[Node | Box, ...]"


@dataclass(frozen=True, slots=True)
class Graph:
    """The whole flow."""

    flow: str
    parts: tuple[Node | Box, ...]
    edges: tuple[Edge, ...]


BEGIN = "begin"
"""The node where the flow begins; no step has the same id, for theirs begin with ``s_``."""

_SAME_WAY = " / "
"""Between the labels of ways that lead from one step to the same other."""

_MANY = 3
"""So many deadlines may lead to one step; of more, each names it beside its own stage, so that no lines cross."""

_KINDS = {
    "ask": Kind.ASK,
    "review": Kind.ASK,
    "gate": Kind.GATE,
    "grant": Kind.GRANT,
    "reveal": Kind.REVEAL,
    "wait": Kind.WAIT,
    "keep": Kind.KEEP,
    "call": Kind.OTHER_FLOW,
    "start": Kind.OTHER_FLOW,
    "end": Kind.END,
}


def graph_of(one: Compiled) -> Graph:
    """Return the flow's graph; the same flow gives the same graph."""
    return _Building(one).graph


def _authored(step: str) -> str:
    return step.partition(":")[0]


def _id(step: str) -> str:
    return f"s_{_authored(step)}"


class _Building:
    def __init__(self, one: Compiled) -> None:
        self._one = one
        self._flow: Flow = one.flow

    @cached_property
    def graph(self) -> Graph:
        """The finished graph."""
        begin = Node(BEGIN, Kind.BEGIN, tuple(self._how_it_begins()))
        edges = [Edge(BEGIN, _id(self._flow.first)), *self._lifetime()]
        for step in self._flow.steps.values():
            edges += self._ways(step)
        named, signs = _with_signs(_merged(edges))
        return Graph(self._flow.id, (begin, *self._level(None), *self._other_flows(), *signs), tuple(named))

    # Nodes and boxes

    def _how_it_begins(self) -> Iterator[str]:
        yield self._flow.title
        trigger = self._flow.trigger
        if trigger is not None and trigger.command is not None:
            yield f"/{trigger.command}"

    def _lifetime(self) -> Iterator[Edge]:
        if self._flow.expired is not None:
            after = str(self._one.written.lifetime)
            yield Edge(BEGIN, _id(self._flow.expired), f"{after} after the start", Style.DEADLINE)

    def _level(self, around: str | None, lane: str | None = None) -> Iterator[Node | Box]:
        """The parts that stand in a stage, section or loop, or at the top."""
        for step in self._flow.steps.values():
            if ":" in step.id and step.id.partition(":")[2] != "stage":
                continue
            place = self._one.places[step.id]
            if self._flow.lane_of.get(step.id) == around and (lane is None or self._lane_in(place.path) == lane):
                part = self._part(step)
                if part is not None:
                    yield part

    def _lane_in(self, path: Path_) -> str:
        """The role whose lane of a stage with lanes by role this is; empty in lanes that are the same for all."""
        return str(path[3]) if len(path) > 3 and path[2] == "lanes" and isinstance(path[3], str) else ""  # noqa: PLR2004

    def _part(self, step: Step) -> Node | Box | None:
        match step:
            case Stage() if step.id != step.name:
                return self._node(self._flow.steps[step.name])
            case Stage(lanes=()):
                return self._node(step)
            case Stage():
                return Box(_id(step.id), self._titled(step, ""), tuple(self._lanes(step)))
            case Section():
                return Box(_id(step.id), self._titled(step, ": kept in memory only"), tuple(self._level(step.id)))
            case Each():
                through = f": for each {step.name} of {step.over}"
                return Box(_id(step.id), self._titled(step, through), tuple(self._level(step.id)))
            case _:
                return self._node(step)

    def _lanes(self, stage: Stage) -> Iterator[Node | Box]:
        inside = [step for step, at in self._flow.lane_of.items() if at == stage.id]
        by_role = dict.fromkeys(self._lane_in(self._one.places[step].path) for step in inside)
        for role in by_role:
            parts = tuple(self._level(stage.id, role))
            if role:
                yield Box(f"{_id(stage.id)}_{role}", self._lane_title(stage, role), parts)
            else:
                yield from parts

    def _lane_title(self, stage: Stage, role: str) -> str:
        when = next((script.when for script in stage.lanes if script.role == role), None)
        return role if when is None else f"{role}, if {few_words(when.source)}"

    def _titled(self, step: Step, what: str) -> str:
        when = f", if {few_words(step.when.source)}" if step.when is not None else ""
        return f"{_authored(step.id)}{what}{when}"

    def _node(self, step: Step) -> Node:
        place = self._one.places[step.id]
        raw = self._raw(place.path)
        kind = kind_of(raw) or ""
        name = f"{_authored(step.id)} · {raw['of']}" if "of" in raw else _authored(step.id)
        lines = [name, *words_of(kind, raw)]
        top = self._flow.steps.get(f"{step.id}:stage", step)
        if top.when is not None:
            lines.append(f"if {few_words(top.when.source)}")
        return Node(_id(step.id), _KINDS.get(kind, Kind.STEP), tuple(lines))

    def _raw(self, path: Path_) -> dict[str, Plain]:
        found = self._one.source.part(path)
        return found if isinstance(found, dict) else {}

    def _other_flows(self) -> Iterator[Node]:
        steps = (step for step in self._flow.steps.values() if isinstance(step, Call | Start))
        for name in dict.fromkeys(step.flow for step in steps):
            yield Node(f"f_{name}", Kind.OTHER_FLOW, (f"flow {name}",))

    # Ways

    def _ways(self, step: Step) -> Iterator[Edge]:
        yield from self._onward(step)
        match step:
            case Stage(lanes=(_, *_)):
                if step.expired is not None:
                    yield self._edge(step, step.expired, self._deadline(step), Style.DEADLINE)
            case Gate(told=str() as told):
                yield self._edge(step, told, label_of(self._raw(self._one.places[step.id].path), "kindly"))
            case Ask():
                for way in step.ways:
                    label = self._flow.texts[f"{step.id}.ways.{way}"].source
                    yield self._edge(step, way, label)
            case Grant():
                if step.change is not None and _authored(step.change) != _authored(step.id):
                    yield self._edge(step, step.change, "changed")
                if step.kept is not None:
                    yield self._edge(step, step.kept, "kept private")
            case Reveal(missing=str() as missing):
                yield self._edge(step, missing, "nothing to show")
            case Keep(missing=str() as missing):
                yield self._edge(step, missing, "nothing to keep")
            case Call() | Start():
                how = "calls" if isinstance(step, Call) else "starts"
                yield Edge(_id(step.id), f"f_{step.flow}", how, Style.LINK)
            case _:
                pass

    def _onward(self, step: Step) -> Iterator[Edge]:
        """Where the step leads when it is through, or passed over."""
        waits = isinstance(step, Stage) and not step.lanes
        style = Style.DEADLINE if waits else Style.PLAIN
        after = self._deadline(step) if isinstance(step, Stage) and waits else self._when_through(step)
        for branch in step.next:
            guard = self._guard(branch.guard, alone=len(step.next) == 1)
            yield self._edge(step, branch.to, ", ".join(filter(None, (after, guard))), style)
        leads = {branch.to for branch in step.next}
        if step.following is None or step.following in leads:
            return
        if not always_leaves(step):
            yield self._edge(step, step.following, after, style)
        elif step.when is not None:
            yield self._edge(step, step.following, "if not")

    def _when_through(self, step: Step) -> str:
        """What has to be chosen for the way on."""
        inner = self._flow.steps.get(step.name) if isinstance(step, Stage) and step.id != step.name else step
        share = self._flow.steps.get(f"{_authored(step.id)}:share", inner)
        if isinstance(inner, Gate):
            return label_of(self._raw(self._one.places[inner.id].path), "yes") or "yes"
        closes = isinstance(share, Grant) and (share.kept is not None or share.closes)
        return "shared" if closes and not isinstance(step, Ask) else ""

    def _guard(self, guard: Guard | None, *, alone: bool) -> str:
        if guard is None:
            return "" if alone else "else"
        outcome = " (outcome)" if guard.reads & set(self._flow.outcomes) else ""
        return f"{few_words(guard.source)}{outcome}"

    def _deadline(self, stage: Stage) -> str:
        return deadline_of(self._raw(self._one.places[stage.id].path))

    def _edge(self, step: Step, target: str, label: str, style: Style = Style.PLAIN) -> Edge:
        return Edge(_id(step.id), _id(target), label, style)


def _merged(edges: list[Edge]) -> list[Edge]:
    """One edge for all that lead the same way in the same style; none for a step's way back to itself."""
    labels: dict[Edge, list[str]] = {}
    for edge in edges:
        if edge.source != edge.target:
            labels.setdefault(replace(edge, label=""), []).append(edge.label)
    return [replace(edge, label=_SAME_WAY.join(dict.fromkeys(filter(None, said)))) for edge, said in labels.items()]


def _with_signs(edges: list[Edge]) -> tuple[list[Edge], list[Node]]:
    """Where many deadlines lead to one step, each leads to a sign of its own instead, which names that step."""
    many = Counter(edge.target for edge in edges if edge.style is Style.DEADLINE)
    signs: list[Node] = []
    found: list[Edge] = []
    for edge in edges:
        if edge.style is not Style.DEADLINE or many[edge.target] <= _MANY:
            found.append(edge)
            continue
        sign = Node(f"to_{edge.source}", Kind.ELSEWHERE, (f"→ {edge.target.removeprefix('s_')}",))
        signs.append(sign)
        found.append(replace(edge, target=sign.id))
    return found, signs
