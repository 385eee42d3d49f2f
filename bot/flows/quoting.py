"""Where the keys of the language occur in a flow file, and the lines to quote for each of them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from textwrap import dedent

from pydantic import BaseModel

from bot.flows.problems import Mark
from bot.flows.schema import FlowSource
from bot.flows.yaml_source import Path_, Source

WHOLE = 7
"""A mapping with at most so many lines is quoted whole; of a longer one its first line, and those of the key."""

LONGEST = 9
"""The most lines of one key that are quoted."""


@dataclass(frozen=True, slots=True)
class Example:
    """A flow that examples are taken from. ``link`` is how the page refers to its file."""

    link: str
    source: Source
    written: FlowSource


@dataclass(frozen=True, slots=True)
class Key:
    """A key: the model that has it, and the model's name for it."""

    model: str
    name: str


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A place where a key stands, and its value if that is no list, mapping or model."""

    key: Key
    value: object
    path: Path_ = field(repr=False)
    inside: Path_ = field(repr=False)
    """The mapping that it stands in."""


def occurrences(example: Example) -> Iterator[Occurrence]:
    """Yield every key that is written in the file, in order."""
    yield from _in_model(example.written, ())


def _in_model(model: BaseModel, path: Path_) -> Iterator[Occurrence]:
    for name, field_ in type(model).model_fields.items():
        if name not in model.model_fields_set:
            continue
        value: object = getattr(model, name)
        here: Path_ = (*path, field_.alias or name)
        owner = next(kind for kind in type(model).__mro__ if name in vars(kind).get("__annotations__", {}))
        plain = value if isinstance(value, str | int) else None
        yield Occurrence(Key(owner.__name__, name), plain, here, path)
        yield from _in_value(value, here)


def _in_value(value: object, path: Path_) -> Iterator[Occurrence]:
    match value:
        case BaseModel():
            yield from _in_model(value, path)
        case list():
            for index, one in enumerate(value):
                yield from _in_value(one, (*path, index))
        case dict():
            for name, one in value.items():
                yield from _in_value(one, (*path, str(name)))
        case _:
            pass


def line_of(example: Example, occurrence: Occurrence) -> int:
    """Return the line of the key."""
    return example.source.keys[occurrence.path].line


def quote(example: Example, occurrence: Occurrence) -> str:
    """Return the lines that show the key, set off to the left."""
    lines = example.source.lines
    first, last = _span(example.source, occurrence.path, key=True)
    mine = [*lines[first - 1 : last]]
    if len(mine) > LONGEST:
        mine = [*mine[:LONGEST], f"{_indent(mine[LONGEST - 1])}# …"]
    start, end = _span(example.source, occurrence.inside, key=False)
    if occurrence.inside and end - start < WHOLE:
        mine = [*lines[start - 1 : end]]
    elif occurrence.inside and first > start:
        gap = [f"{_indent(lines[first - 1])}# …"] if first > start + 1 else []
        mine = [lines[start - 1], *gap, *mine]
    return dedent("\n".join(mine))


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _span(source: Source, path: Path_, *, key: bool) -> tuple[int, int]:
    """The first and the last line of that part of the file."""
    start = source.mark(path, key=key)
    ends = [mark.line for where, mark in _marks(source) if where[: len(path)] != path and mark.line > start.line]
    same = any(
        where[: len(path)] != path and mark.line == start.line and mark.column > start.column
        for where, mark in _marks(source)
    )
    if same:
        return start.line, start.line
    last = min(ends, default=len(source.lines) + 1) - 1
    while last > start.line and source.lines[last - 1].lstrip()[:1] in {"", "#"}:
        last -= 1
    return start.line, last


def _marks(source: Source) -> Iterator[tuple[Path_, Mark]]:
    yield from source.keys.items()
    yield from source.values.items()
