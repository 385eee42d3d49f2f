"""Reading YAML 1.2 into plain data with the place of every key and value. Nothing in a file can run or multiply.

The reader walks the parser's events itself: tags, anchors and aliases are refused, depth is bounded (and the size of
the text before that), and the only scalars are strings, whole numbers, true, false and null.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from bot.flows.problems import MOST_PROBLEMS, FlowInvalid, Mark, Problem, problem_at, shortened
from bot.flows.source_text import is_hidden, read_bytes, shown_character, text_of

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
_SYNTAX = (
    ("that cannot start any token", "a tab or a sign that YAML keeps for itself: indent with spaces, quote text"),
    ("mapping values are not allowed", "a ':' inside of unquoted text, or an indentation that does not fit"),
    ("expected <block end>", "the indentation does not fit here"),
    ("unexpected end of stream", "this is never closed"),
    ("<stream end>", "the file ends before what was begun is finished"),
)
"""What the parser says, and what that means to an author."""

_WORDS: Mapping[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}


@dataclass(frozen=True, slots=True)
class Fault:
    """A problem, and the part of the file that it is about."""

    where: Path_
    problem: Problem


@dataclass(frozen=True, slots=True)
class Source:
    """A file's data, and where each part of it stands.

    ``faults`` are about single parts that were read all the same, so that the rest can be looked at too.
    """

    path: str
    lines: tuple[str, ...]
    data: Plain
    keys: Mapping[Path_, Mark]
    values: Mapping[Path_, Mark]
    faults: tuple[Fault, ...] = ()

    def problem(
        self, where: Path_, message: str, code: str, *, key: bool = False, offset: int | None = None
    ) -> Problem:
        """Return a problem at that part, or at the nearest part around it that stands in the file.

        ``offset`` counts characters of the part's text.
        """
        mark = self.mark(where, key=key)
        if offset is not None:
            mark = self._inside(mark, where, offset)
        return problem_at(self.path, self.lines, mark.line, mark.column, message, code)

    def mark(self, where: Path_, *, key: bool = False) -> Mark:
        """Return the place of that part (of its key), or of the nearest part around it."""
        while where:
            found = (self.keys.get(where) if key else None) or self.values.get(where)
            if found is not None:
                return found
            where = where[:-1]
        return self.values.get((), Mark(line=1, column=1))

    def part(self, where: Path_) -> Plain:
        """Return that part of the data, or None."""
        data = self.data
        for step in where:
            if isinstance(data, dict) and isinstance(step, str):
                data = data.get(step)
            elif isinstance(data, list) and isinstance(step, int) and step < len(data):
                data = data[step]
            else:
                return None
        return data

    def _inside(self, mark: Mark, where: Path_, offset: int) -> Mark:
        """The place of a character of a text; the text's own place when escapes or folding hide it."""
        text = self.part(where)
        if not isinstance(text, str) or mark.line > len(self.lines):
            return mark
        wanted = text[offset:].split("\n")[0][:30].rstrip()
        line = self.lines[mark.line - 1]
        quoted = line[mark.column - 1 : mark.column] in {'"', "'"}
        straight = mark.column - 1 + quoted + offset
        if "\n" not in text[:offset] and line.startswith(wanted, straight):
            return Mark(line=mark.line, column=straight + 1)
        last = mark.line + text.count("\n") + len(text) // 20 + 1
        for number in range(mark.line, min(last, len(self.lines)) + 1):
            found = self.lines[number - 1].find(wanted, mark.column if number == mark.line else 0)
            if wanted and found >= 0:
                return Mark(line=number, column=found + 1)
        return mark


def read_source(path: Path, name: str | None = None) -> Source:
    """Return the file's data with marks. Raises FlowInvalid when no sense can be made of the file."""
    shown = name or str(path)
    return parse_source(read_bytes(path, shown), shown)


def parse_source(raw: bytes, name: str) -> Source:
    """Return the data of these bytes. Raises FlowInvalid when no sense can be made of them."""
    text, lines = text_of(raw, name)
    reader = _Reader(name, lines)
    data = reader.read(text)
    if reader.stopped:
        raise FlowInvalid(fault.problem for fault in reader.faults)
    return Source(name, lines, data, reader.keys, reader.values, tuple(reader.faults))


class _Stop(Exception):
    """The rest of the file cannot be made sense of."""


class _Reader:
    def __init__(self, name: str, lines: tuple[str, ...]) -> None:
        self.name = name
        self.lines = lines
        self.faults: list[Fault] = []
        self.keys: dict[Path_, Mark] = {}
        self.values: dict[Path_, Mark] = {}
        self.stopped = False
        """Whether the data is of no use."""
        self.events: Iterator[Any] = iter(())

    def read(self, text: str) -> Plain:
        """Return the data of the text; None when it stopped."""
        try:
            return self._document(cast("Any", YAML(typ="safe", pure=True)).parse(text))
        except _Stop:
            pass
        except YAMLError as fault:
            self._note_syntax(fault)
        self.stopped = True
        return None

    def _document(self, events: Iterator[Any]) -> Plain:
        self.events = events
        data: Plain = None
        documents = 0
        for event in events:
            kind = type(event).__name__
            if kind == "DocumentStartEvent":
                documents += 1
                if documents > 1:
                    self._note(event, "a file holds one flow: remove what begins here", "second-document")
                    raise _Stop
            elif kind in {"ScalarEvent", "MappingStartEvent", "SequenceStartEvent", "AliasEvent"}:
                data = self._value(event, ())
        return data

    def _note(self, event: Any, message: str, code: str, where: Path_ = ()) -> None:  # ruamel has no types for events
        mark = event.start_mark
        problem = problem_at(self.name, self.lines, mark.line + 1, mark.column + 1, message, code)
        self.faults.append(Fault(where, problem))
        if len(self.faults) >= MOST_PROBLEMS:
            raise _Stop

    def _note_syntax(self, fault: YAMLError) -> None:
        # ruamel gives its errors no types. Where a quote or bracket opens helps more than where the file ends.
        untyped: Any = fault
        told = str(getattr(untyped, "problem", None) or "this cannot be read")
        mark = getattr(untyped, "problem_mark", None)
        if "end of stream" in told and getattr(untyped, "context_mark", None) is not None:
            mark = untyped.context_mark
        plain = next((plain for said, plain in _SYNTAX if said in told), told)
        line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
        problem = problem_at(self.name, self.lines, line, column, f"not YAML here: {plain}", "yaml-syntax")
        self.faults.append(Fault((), problem))

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
        return self._scalar(event, path)

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
                self._note(event, f"'{shortened(key)}' is already there: each key once", "duplicate-key", where)
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

    def _scalar(self, event: Any, path: Path_) -> Plain:
        text = str(event.value)
        escaped = next((char for char in text if is_hidden(char) and char not in "\n\t"), None)
        if escaped is not None:
            self._note(event, f"{shown_character(escaped)} is in this text unseen: remove it", "bad-character", path)
        if event.style is not None:
            return text
        if _CLOCK.match(text):
            self._note(event, f"write a time in quotes: '{text}'", "unquoted-time", path)
            return text
        if text.lower() in _WORDS and (text in _WORDS or text in {"True", "False", "Null"}):
            return _WORDS[text.lower()]
        if _NUMBER.match(text) and len(text) <= LONGEST_NUMBER:
            return int(text)
        if _FLOAT.match(text):
            least = f"at most {LONGEST_NUMBER} digits" if _NUMBER.match(text) else "only whole numbers"
            told = f"{least} here; quote it if it is text: '{shortened(text)}'"
            self._note(event, told, "number", path)
        return text
