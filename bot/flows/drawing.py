"""A graph as an SVG picture. Graphviz lays it out, which comes with pygraphviz: an extra, loaded when it is used."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

from bot.flows.graph import Box, Edge, Graph, Kind, Node, Style


class DrawingMissing(Exception):
    """Pictures cannot be drawn; the text says what to install."""


_SHAPES = {
    Kind.BEGIN: 'shape=box, style="rounded,filled", fillcolor="#dfe9f5"',
    Kind.ASK: 'shape=box, style="rounded"',
    Kind.GATE: "shape=hexagon, margin=0",
    Kind.GRANT: "shape=parallelogram, margin=0",
    Kind.REVEAL: "shape=note",
    Kind.WAIT: "shape=invtrapezium, margin=0",
    Kind.KEEP: "shape=cylinder",
    Kind.OTHER_FLOW: "shape=box, peripheries=2",
    Kind.END: 'shape=box, style="rounded,filled", fillcolor="#eeeeee"',
    Kind.STEP: "shape=box",
    Kind.ELSEWHERE: 'shape=plain, fontcolor="#555555"',
}

_BOX = 'style="rounded,filled", color="#b8b8b8", fillcolor="#fbfaf4"'

_LINES = {Style.PLAIN: "solid", Style.DEADLINE: "dashed", Style.LINK: "bold"}

_HEAD = (
    'compound=true, nodesep=0.3, ranksep=0.4, fontname="Helvetica,Arial,sans-serif", fontsize=11',
    'node [fontname="Helvetica,Arial,sans-serif", fontsize=11]',
    'edge [fontname="Helvetica,Arial,sans-serif", fontsize=10, arrowsize=0.7]',
)


def svg(graph: Graph) -> str:
    """Return the picture. Raises DrawingMissing without the extra."""
    try:
        graphviz: Any = import_module("pygraphviz")  # untyped, and only here when somebody wants pictures
    except ImportError:
        message = "a picture needs Graphviz: './run add graph' installs it; without --svg this writes Mermaid text"
        raise DrawingMissing(message) from None
    return bytes(graphviz.AGraph(string=dot(graph)).draw(format="svg", prog="dot")).decode()


def dot(graph: Graph) -> str:
    """Return the graph in Graphviz's own language."""
    lines = [f"digraph {graph.flow} {{", f"    graph [{_HEAD[0]}]", *(f"    {line}" for line in _HEAD[1:])]
    for part in graph.parts:
        lines += _part(part, 1)
    inside = {box.id: list(_nodes(box)) for part in graph.parts for box in _boxes(part)}
    lines += [f"    {_edge(edge, inside)}" for edge in graph.edges]
    return "\n".join([*lines, "}"]) + "\n"


def _part(part: Node | Box, depth: int) -> Iterator[str]:
    indent = "    " * depth
    if isinstance(part, Node):
        yield f"{indent}{part.id} [label={_quoted(*part.lines)}, {_SHAPES[part.kind]}]"
        return
    yield f"{indent}subgraph cluster_{part.id} {{"
    yield f"{indent}    graph [label={_quoted(part.title)}, {_BOX}]"
    for inner in part.parts:
        yield from _part(inner, depth + 1)
    yield f"{indent}}}"


def _boxes(part: Node | Box) -> Iterator[Box]:
    if isinstance(part, Box):
        yield part
        for inner in part.parts:
            yield from _boxes(inner)


def _nodes(part: Node | Box) -> Iterator[str]:
    if isinstance(part, Node):
        yield part.id
        return
    for inner in part.parts:
        yield from _nodes(inner)


def _edge(edge: Edge, inside: dict[str, list[str]]) -> str:
    """An edge to or from a box runs between nodes in it, and is cut at its border."""
    settings = [f"style={_LINES[edge.style]}"]
    if edge.label:
        settings.append(f"label={_quoted(f'  {edge.label}  ')}")
    source, target = edge.source, edge.target
    if source in inside:
        settings.append(f"ltail=cluster_{source}")
        source = inside[source][-1]
    if target in inside:
        settings.append(f"lhead=cluster_{target}")
        target = inside[target][0]
    return f"{source} -> {target} [{', '.join(settings)}]"


def _quoted(*lines: str) -> str:
    told = "\\n".join(line.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") for line in lines)
    return f'"{told}"'
