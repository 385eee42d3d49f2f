"""A graph as Mermaid text, which pages and editors draw: stages and lanes are subgraphs, deadlines are dashed."""

import re
from collections.abc import Iterator

from bot.flows.graph import Box, Edge, Graph, Kind, Node, Style

_SHAPES = {
    Kind.BEGIN: ('(["', '"])'),
    Kind.ASK: ('("', '")'),
    Kind.GATE: ('{{"', '"}}'),
    Kind.GRANT: ('[/"', '"/]'),
    Kind.REVEAL: ('>"', '"]'),
    Kind.WAIT: ('[\\"', '"\\]'),
    Kind.KEEP: ('[("', '")]'),
    Kind.OTHER_FLOW: ('[["', '"]]'),
    Kind.END: ('(["', '"])'),
    Kind.STEP: ('["', '"]'),
    Kind.ELSEWHERE: ('(["', '"])'),
}

_ARROWS = {Style.PLAIN: "-->", Style.DEADLINE: "-.->", Style.LINK: "==>"}

_ESCAPED = str.maketrans(
    {
        **{char: f"#{ord(char)};" for char in '"#&<>`%'},
        "\\": "#92;#8203;",
        "$": "#36;#8203;",
        "\n": " ",
    }
)
"""By number, so that nothing in a label ends it, or is taken for HTML, Markdown or a directive.

Behind a backslash or a dollar stands a space without width: ``\\n`` would break the line, ``$$`` begin a formula.
"""

_ICON = re.compile(r"\b(fa[a-z]?:)(?=fa-)")
"""What Mermaid would make an icon of."""


def mermaid(graph: Graph) -> str:
    """Return the graph as the text of one Mermaid flowchart."""
    lines = [f"%% {graph.flow}", "flowchart TD"]
    for part in graph.parts:
        lines += _part(part, 1)
    lines += [f"    {_edge(edge)}" for edge in graph.edges]
    return "\n".join(lines) + "\n"


def _part(part: Node | Box, depth: int) -> Iterator[str]:
    indent = "    " * depth
    if isinstance(part, Node):
        before, after = _SHAPES[part.kind]
        yield f"{indent}{part.id}{before}{'<br/>'.join(map(_escaped, part.lines))}{after}"
        return
    yield f'{indent}subgraph {part.id}["{_escaped(part.title)}"]'
    for inner in part.parts:
        yield from _part(inner, depth + 1)
    yield f"{indent}end"


def _edge(edge: Edge) -> str:
    label = f'|"{_escaped(edge.label)}"|' if edge.label else ""
    return f"{edge.source} {_ARROWS[edge.style]}{label} {edge.target}"


def _escaped(text: str) -> str:
    return _ICON.sub(r"\1#8203;", text.translate(_ESCAPED))
