"""From a file to its text: a plain file of bounded size, in UTF-8, without anything that its reader does not see."""

import os
import re
import stat
import unicodedata
from collections.abc import Sequence
from itertools import takewhile
from pathlib import Path

from bot.flows.problems import MOST_PROBLEMS, FlowInvalid, Problem, problem_at

LARGEST = 128 * 1024
"""Bytes; a longer file is refused before it is parsed."""

_LINE_END = re.compile(r"\r\n|\r|\n")
# YAML 1.2 breaks lines at CR and LF only, and the parser at these too: an editor and a place would not agree.
_INVISIBLE_BREAKS = frozenset("\x85\u2028\u2029")
_JOINERS = frozenset("\u200c\u200d")


def read_bytes(path: Path, name: str, most: int = LARGEST, what: str = "flow") -> bytes:
    """Return the file's content. Raises FlowInvalid when it cannot be read, or is larger than ``what`` may be.

    To open a pipe would wait for its writer, and a device may never end: only a plain file is read.
    """
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
            found = os.fstat(file.fileno())
            raw = file.read(most + 1) if stat.S_ISREG(found.st_mode) else None
    except OSError as fault:
        raise _unreadable(name, fault.strerror or "the system does not say why") from None
    if raw is None:
        raise _unreadable(name, "it is no plain file")
    if found.st_size > most:
        raise _too_large(name, found.st_size, most, what)
    return raw


def _unreadable(name: str, why: str) -> FlowInvalid:
    return FlowInvalid([problem_at(name, (), 1, 1, f"cannot be read: {why}", "unreadable")])


def _too_large(name: str, size: int, most: int, what: str) -> FlowInvalid:
    message = f"the file has {size:,} bytes; a {what} has at most {most:,}"
    return FlowInvalid([problem_at(name, (), 1, 1, message, "too-large")])


def decoded(raw: bytes, name: str, most: int = LARGEST, what: str = "flow") -> tuple[str, tuple[str, ...]]:
    """Return the text of these bytes, whole and as lines. Raises FlowInvalid for too many, or no UTF-8."""
    if len(raw) > most:
        raise _too_large(name, len(raw), most, what)
    try:
        text = raw.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as fault:
        line = raw.count(b"\n", 0, fault.start) + 1
        message = f"byte {fault.start + 1} is not UTF-8: save the file as UTF-8"
        raise FlowInvalid([problem_at(name, (), line, 1, message, "not-utf8")]) from None
    return text, tuple(_LINE_END.split(text))


def text_of(raw: bytes, name: str) -> tuple[str, tuple[str, ...]]:
    """Return the text of a flow, whole and as lines. Raises FlowInvalid when it must not be parsed."""
    text, lines = decoded(raw, name)
    unwanted = hidden_characters(name, lines) or _directives(name, lines)
    if unwanted:
        raise FlowInvalid(unwanted)
    return text, lines


def hidden_characters(name: str, lines: Sequence[str]) -> list[Problem]:
    """Return the characters that a reader of the file does not see, though they can turn round what is seen."""
    return [
        problem_at(
            name, lines, number, column, f"{shown_character(char)} stands here unseen: remove it", "bad-character"
        )
        for number, line in enumerate(lines, 1)
        if not line.isprintable()
        for column, char in enumerate(line, 1)
        if is_hidden(char) and char != "\t"
    ][:MOST_PROBLEMS]


def _directives(name: str, lines: Sequence[str]) -> list[Problem]:
    """Lines such as ``%YAML 1.1`` before anything else: they change what the rest means, or seem to."""
    before = takewhile(lambda line: line.startswith(("%", "#")) or not line.strip(), lines)
    told = "directives are not used here: remove this line"
    return [
        problem_at(name, lines, number, 1, told, "yaml-directive")
        for number, line in enumerate(before, 1)
        if line.startswith("%")
    ][:MOST_PROBLEMS]


def is_hidden(char: str) -> bool:
    """Return whether it is a control or formatting character; joiners, which some scripts need, are none."""
    if char in _JOINERS:
        return False
    return char in _INVISIBLE_BREAKS or unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co"}


def shown_character(char: str) -> str:
    """Return how a character that nobody sees is named."""
    return f"U+{ord(char):04X}"
