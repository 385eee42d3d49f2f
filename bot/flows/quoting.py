"""Where the keys of the language occur in a file, and the lines to quote for each of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from textwrap import dedent
from typing import cast

from pydantic import BaseModel

from bot.flows.problems import Mark
from bot.flows.vocabulary import Key, owner_of
from bot.flows.yaml_source import Path_, Source

WHOLE = 6
"""A mapping with at most so many lines is quoted whole; of a longer one its first line, and those of the key."""

LONGEST = 8
"""The most lines of one key that are quoted."""


@dataclass(frozen=True, slots=True)
class Example:
    """A file that examples are taken from. ``link`` is how the page refers to it."""

    link: str
    source: Source
    written: BaseModel | Mapping[str, BaseModel]
    """A flow, or kinds of record by name."""
    made: bool = False
    """It was made to be quoted."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A place where a key stands, and its value if that is neither a list nor a mapping."""

    key: Key
    value: str | int | None
    path: Path_ = field(repr=False)
    inside: Path_ = field(repr=False)
    """The mapping that it stands in."""


def occurrences(example: Example) -> Iterator[Occurrence]:
    """Yield every key that is written in the file, in order."""
    yield from _in_value(example.written, ())


def _in_model(model: BaseModel, path: Path_) -> Iterator[Occurrence]:
    for name, found in type(model).model_fields.items():
        if name in model.model_fields_set:
            value: object = getattr(model, name)
            here: Path_ = (*path, found.alias or name)
            plain = value if isinstance(value, str | int) else None
            yield Occurrence(Key(owner_of(type(model), name).__name__, name), plain, here, path)
            yield from _in_value(value, here)


def _in_value(value: object, path: Path_) -> Iterator[Occurrence]:
    if isinstance(value, BaseModel):
        yield from _in_model(value, path)
    elif isinstance(value, list):
        for index, one in enumerate(cast("list[object]", value)):
            yield from _in_value(one, (*path, index))
    elif isinstance(value, Mapping):
        for name, one in cast("Mapping[str, object]", value).items():
            yield from _in_value(one, (*path, name))


def line_of(example: Example, occurrence: Occurrence) -> int:
    """Return the line of the key."""
    return example.source.keys[occurrence.path].line


def quote(example: Example, occurrence: Occurrence) -> str:
    """Return the lines that show the key, set off to the left; what is left out between them is marked."""
    lines = example.source.lines
    first, last = _span(example.source, occurrence.path, key=True)
    start, end = _span(example.source, occurrence.inside, key=False)
    if occurrence.inside and end - start < WHOLE:
        return dedent("\n".join(lines[start - 1 : end]))
    mine = [*lines[first - 1 : last]]
    if len(mine) > LONGEST:
        mine = [*mine[:LONGEST], f"{_indent(mine[LONGEST - 1])}# …"]
    if occurrence.inside and first > start:
        gap = [f"{_indent(lines[first - 1])}# …"] if first > start + 1 else []
        mine = [lines[start - 1], *gap, *mine]
    return dedent("\n".join(mine))


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _span(source: Source, path: Path_, *, key: bool) -> tuple[int, int]:
    """The first and the last line of that part of the file."""
    start = source.mark(path, key=key)
    behind = [
        mark.line
        for where, mark in _marks(source)
        if where[: len(path)] != path and (mark.line, mark.column) > (start.line, start.column)
    ]
    last = max(start.line, min(behind, default=len(source.lines) + 1) - 1)
    while last > start.line and source.lines[last - 1].lstrip()[:1] in {"", "#"}:
        last -= 1
    return start.line, last


def _marks(source: Source) -> Iterator[tuple[Path_, Mark]]:
    yield from source.keys.items()
    yield from source.values.items()
