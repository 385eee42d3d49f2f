"""A strict reader of the Mermaid flowcharts that we write: what it does not know is an error.

It knows the part of the grammar that is used here (checked by hand against Mermaid 11 itself), and what Mermaid
refuses or misreads: a label with a bare quote, HTML, Markdown, a directive or a formula in it; an edge between a
subgraph and what stands in it; an id that is a word of the language.
"""

import re
from dataclasses import dataclass, field

_ID = r"[a-z][a-z0-9_]*"
_LABEL = r'"([^"\n]*)"'
_NODE = re.compile(
    rf"({_ID})(\(\[|\(|\{{\{{|\[/|>|\[\\|\[\(|\[\[|\[)?(?:{_LABEL})(\]\)|\)|\}}\}}|/\]|\\\]|\)\]|\]\]|\])\Z"
)
_SUBGRAPH = re.compile(rf"subgraph ({_ID})\[{_LABEL}\]\Z")
_EDGE = re.compile(rf"({_ID}) (-->|-\.->|==>)(?:\|{_LABEL}\|)? ({_ID})\Z")
_CLOSES = {"([": "])", "(": ")", "{{": "}}", "[/": "/]", ">": "]", "[\\": "\\]", "[(": ")]", "[[": "]]", "[": "]"}
_WORDS = {"end", "graph", "flowchart", "subgraph", "style", "class", "click", "default", "linkStyle", "direction"}
_ENTITY = re.compile(r"#([0-9]{1,5});")


@dataclass(slots=True)
class Read:
    """A flowchart as read: nodes and subgraphs with their labels, the edges, and what stands in which subgraph."""

    nodes: dict[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
    """By id: the bracket that it opens with, and its label."""
    subgraphs: dict[str, str] = field(default_factory=dict[str, str])
    inside: dict[str, str] = field(default_factory=dict[str, str])
    edges: list[tuple[str, str, str, str]] = field(default_factory=list[tuple[str, str, str, str]])
    """Source, arrow, label, target."""

    def around(self, name: str) -> set[str]:
        """Every subgraph that it stands in."""
        found: set[str] = set()
        while name in self.inside:
            name = self.inside[name]
            found.add(name)
        return found


def read(text: str) -> Read:
    """Return the flowchart. Raises ValueError with the line that is none."""
    found = Read()
    open_: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("%% ") or (number == 2 and line == "flowchart TD"):
            continue
        try:
            _line(line, found, open_)
        except ValueError as fault:
            message = f"line {number}: {fault}: {line}"
            raise ValueError(message) from None
    if open_:
        message = f"never closed: {open_}"
        raise ValueError(message)
    _check_edges(found)
    return found


def _line(line: str, found: Read, open_: list[str]) -> None:
    told = line.strip()
    if told == "end":
        if line.count("    ") != len(open_) or not open_.pop():
            fault = "this closes nothing"
            raise ValueError(fault)
        return
    if line != "    " * (len(open_) + 1) + told:
        fault = "the indentation does not fit"
        raise ValueError(fault)
    if begins := _SUBGRAPH.match(told):
        found.subgraphs[_new(begins.group(1), found, open_)] = plain(begins.group(2))
        open_.append(begins.group(1))
    elif (node := _NODE.match(told)) and _CLOSES.get(node.group(2)) == node.group(4):
        found.nodes[_new(node.group(1), found, open_)] = (node.group(2), plain(node.group(3)))
    elif (edge := _EDGE.match(told)) and not open_:
        found.edges.append((edge.group(1), edge.group(2), plain(edge.group(3) or ""), edge.group(4)))
    else:
        fault = "no node, subgraph or edge"
        raise ValueError(fault)


def _new(name: str, found: Read, open_: list[str]) -> str:
    if name in _WORDS or name in found.nodes or name in found.subgraphs:
        fault = f"'{name}' is a word of the language, or there already"
        raise ValueError(fault)
    if open_:
        found.inside[name] = open_[-1]
    return name


def plain(label: str) -> str:
    """Return a label as it is shown, with its lines. Raises ValueError for what Mermaid would not show as it is."""
    bare = _ENTITY.sub("?", label.replace("<br/>", ""))
    if re.search(r'["#<>&`\\$%]|\bfa[a-z]?:fa-', bare):
        fault = "something in the label is not escaped"
        raise ValueError(fault)
    shown = _ENTITY.sub(lambda entity: chr(int(entity.group(1))), label.replace("<br/>", "\n"))
    return shown.replace("\u200b", "")


def _check_edges(found: Read) -> None:
    for source, _, _, target in found.edges:
        for name in (source, target):
            if name not in found.nodes and name not in found.subgraphs:
                fault = f"an edge names '{name}', which is not there"
                raise ValueError(fault)
        if source in found.around(target) or target in found.around(source):
            fault = f"an edge joins a subgraph and what is in it: {source}, {target}"
            raise ValueError(fault)
    empty = set(found.subgraphs) - set(found.inside.values())
    if empty:
        fault = f"nothing is in {sorted(empty)}"
        raise ValueError(fault)
