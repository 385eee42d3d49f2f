"""Reading YAML 1.2 into plain data with the place of every key and value. Nothing in a file can run or multiply.

The reader walks the parser's events itself: tags, anchors and aliases are refused, depth and size are bounded, and
the only scalars are strings, whole numbers, true, false and null.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from bot.flows.problems import FlowInvalid, Mark, Problem

LARGEST = 256 * 1024
"""Bytes; a longer file is refused before it is parsed."""

DEEPEST = 24
"""The deepest nesting of lists and mappings."""

LONGEST_NUMBER = 15
"""Digits; a longer number is text."""

Plain = str | int | bool | list["Plain"] | dict[str, "Plain"] | None
"""What a file holds."""

Path_ = tuple[str | int, ...]

_NUMBER = re.compile(r"[-+]?[0-9]+\Z")
_FLOAT = re.compile(r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+)([eE][-+]?[0-9]+)?\Z")
_CLOCK = re.compile(r"[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?\Z")
_WORDS: Mapping[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}


@dataclass(frozen=True, slots=True)
class Source:
    """A file's data, and where each part of it stands."""

    path: str
    lines: tuple[str, ...]
    data: Plain
    keys: Mapping[Path_, Mark]
    values: Mapping[Path_, Mark]

    def problem(self, where: Path_, message: str, code: str, *, key: bool = False, offset: int = 0) -> Problem:
        """Return a problem at that part, or at the nearest part around it that stands in the file."""
        marks = self.keys if key else self.values
        while where and where not in marks:
            where = where[:-1]
        mark = marks.get(where) or self.values.get(where) or Mark(line=1, column=1)
        quoted = self._is_quoted(mark) if offset else 0
        return problem_at(self.path, self.lines, mark.line, mark.column + offset + quoted, message, code)

    def _is_quoted(self, mark: Mark) -> int:
        line = self.lines[mark.line - 1] if mark.line <= len(self.lines) else ""
        return int(line[mark.column - 1 : mark.column] in {'"', "'"})


def problem_at(path: str, lines: tuple[str, ...], line: int, column: int, message: str, code: str) -> Problem:
    """Return a problem with its line quoted."""
    excerpt = lines[line - 1].rstrip() if 0 < line <= len(lines) else ""
    return Problem(path=path, line=line, column=column, message=message, code=code, excerpt=excerpt[:200])


def read_source(path: Path, name: str | None = None) -> Source:
    """Return the file's data with marks. Raises FlowInvalid with every problem of the file's form."""
    shown = name or str(path)
    try:
        raw = path.read_bytes()
    except OSError as fault:
        message = f"cannot be read: {fault.strerror}"
        raise FlowInvalid([problem_at(shown, (), 1, 1, message, "unreadable")]) from None
    return parse_source(raw, shown)


def parse_source(raw: bytes, name: str) -> Source:
    """Return the data of these bytes. Raises FlowInvalid."""
    if len(raw) > LARGEST:
        message = f"the file has {len(raw):,} bytes; a flow has at most {LARGEST:,}"
        raise FlowInvalid([problem_at(name, (), 1, 1, message, "too-large")])
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as fault:
        line = raw.count(b"\n", 0, fault.start) + 1
        message = f"byte {fault.start + 1} is not UTF-8: save the file as UTF-8"
        raise FlowInvalid([problem_at(name, (), line, 1, message, "not-utf8")]) from None
    lines = tuple(text.split("\n"))
    reader = _Reader(name, lines)
    try:
        data = reader.document(cast("Any", YAML(typ="safe", pure=True)).parse(text))
    except YAMLError as fault:
        # ruamel.yaml gives its errors and events no types.
        untyped: Any = fault
        mark = getattr(untyped, "problem_mark", None)
        line, column = (int(mark.line) + 1, int(mark.column) + 1) if mark is not None else (1, 1)
        told = str(getattr(untyped, "problem", None) or "this cannot be read")
        reader.problems.append(problem_at(name, lines, line, column, f"not YAML here: {told}", "yaml-syntax"))
        data = None
    except RecursionError:
        reader.problems.append(problem_at(name, lines, 1, 1, "nested too deeply", "too-deep"))
        data = None
    if reader.problems:
        raise FlowInvalid(reader.problems)
    return Source(name, lines, data, reader.keys, reader.values)


class _Stop(Exception):
    """The rest of the file cannot be made sense of."""


class _Reader:
    def __init__(self, name: str, lines: tuple[str, ...]) -> None:
        self.name = name
        self.lines = lines
        self.problems: list[Problem] = []
        self.keys: dict[Path_, Mark] = {}
        self.values: dict[Path_, Mark] = {}
        self.events: Iterator[Any] = iter(())

    def document(self, events: Iterator[Any]) -> Plain:
        self.events = events
        data: Plain = None
        try:
            for event in events:
                kind = type(event).__name__
                if kind in {"ScalarEvent", "MappingStartEvent", "SequenceStartEvent", "AliasEvent"}:
                    data = self._value(event, ())
        except _Stop:
            return None
        return data

    def _note(self, event: Any, message: str, code: str) -> None:  # ruamel has no types for events
        mark = event.start_mark
        place = problem_at(self.name, self.lines, mark.line + 1, mark.column + 1, message, code)
        self.problems.append(place)

    def _value(self, event: Any, path: Path_) -> Plain:
        kind = type(event).__name__
        self.values[path] = Mark(line=event.start_mark.line + 1, column=event.start_mark.column + 1)
        if len(path) > DEEPEST:
            self._note(event, f"nested more than {DEEPEST} deep", "too-deep")
            raise _Stop
        if kind == "AliasEvent" or getattr(event, "anchor", None):
            self._note(event, "anchors and aliases are not used here: write it out", "yaml-alias")
            raise _Stop
        if getattr(event, "tag", None):
            self._note(event, "tags are not used here: remove it", "yaml-tag")
            raise _Stop
        if kind == "MappingStartEvent":
            return self._mapping(path)
        if kind == "SequenceStartEvent":
            return self._sequence(path)
        return self._scalar(event)

    def _mapping(self, path: Path_) -> Plain:
        found: dict[str, Plain] = {}
        for event in self.events:
            if type(event).__name__ == "MappingEndEvent":
                return found
            if type(event).__name__ != "ScalarEvent":
                self._note(event, "a key is a plain word", "yaml-key")
                raise _Stop
            if event.anchor or event.tag:
                self._value(event, path)
            key = str(event.value)
            where = (*path, key)
            if key in found:
                self._note(event, f"'{key}' is already there: each key once", "duplicate-key")
                where = (*path, f"{key} again")
            self.keys[where] = Mark(line=event.start_mark.line + 1, column=event.start_mark.column + 1)
            value = self._value(next(self.events), where)
            found.setdefault(key, value)
        return found

    def _sequence(self, path: Path_) -> Plain:
        found: list[Plain] = []
        for event in self.events:
            if type(event).__name__ == "SequenceEndEvent":
                return found
            found.append(self._value(event, (*path, len(found))))
        return found

    def _scalar(self, event: Any) -> Plain:
        text = str(event.value)
        if event.style is not None:
            return text
        if _CLOCK.match(text):
            self._note(event, f"write a time in quotes: '{text}'", "unquoted-time")
            return text
        if text.lower() in _WORDS and (text in _WORDS or text in {"True", "False", "Null"}):
            return _WORDS[text.lower()]
        if _NUMBER.match(text) and len(text) <= LONGEST_NUMBER:
            return int(text)
        if _FLOAT.match(text):
            self._note(event, f"only whole numbers here; quote it if it is text: '{text}'", "number")
        return text
