"""Problems in a file, each with its place, told the way a compiler tells them."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

MOST_PROBLEMS = 100
"""The most problems that one reading of a file tells, so that a hostile file costs no more than an honest one."""

EXCERPT = 120
"""The most characters of a line that are shown."""

LONGEST_NAME = 60
"""A longer name is told shortened: no name that could be meant is as long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A place in a file; both numbers count from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Problem:
    """One thing to mend: where, what, and its stable code."""

    path: str
    line: int
    column: int
    message: str
    code: str
    excerpt: str = ""
    """The line itself, or the part of it around the place; ``cut`` tells how much is left out before it."""
    cut: int = 0

    def __str__(self) -> str:
        """Return ``file:line:column: message [code]``, the line, and a caret below the place."""
        told = f"{self.path}:{self.line}:{self.column}: {self.message} [{self.code}]"
        if not self.excerpt:
            return told
        before = self.excerpt[: self.column - 1 - self.cut]
        shown = "".join(char if char.isprintable() or char == "\t" else "\ufffd" for char in self.excerpt)
        return f"{told}\n    {shown}\n    {''.join(map(_blank, before))}^"


def problem_at(path: str, lines: Sequence[str], line: int, column: int, message: str, code: str) -> Problem:
    """Return a problem with its line quoted; of a long line, the part around the place."""
    whole = lines[line - 1] if 0 < line <= len(lines) else ""
    cut = max(0, column - 1 - EXCERPT // 2) if len(whole) > EXCERPT else 0
    excerpt = whole[cut : cut + EXCERPT].rstrip()
    return Problem(path=path, line=line, column=column, message=message, code=code, excerpt=excerpt, cut=cut)


class FlowInvalid(Exception):
    """Files that cannot be used. ``problems`` holds every one that was found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(sorted(set(problems)))
        count = len(self.problems)
        super().__init__(f"{count} problem{'s' if count != 1 else ''} found:\n" + "\n".join(map(str, self.problems)))


def did_you_mean(name: str, known: Sequence[str]) -> str:
    """Return ``, did you mean 'x'?`` for the nearest known name, or nothing."""
    close = get_close_matches(name, known, n=1, cutoff=0.6) if len(name) <= LONGEST_NAME else []
    return f", did you mean '{close[0]}'?" if close else ""


def shortened(name: str) -> str:
    """Return the name as it is told."""
    return name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}…"


def _blank(char: str) -> str:
    """White space as wide as the character, so that the caret stands below its place."""
    if char == "\t":
        return char
    if unicodedata.combining(char) or unicodedata.category(char) in {"Mn", "Me", "Cf"}:
        return ""
    return "  " if unicodedata.east_asian_width(char) in {"W", "F"} else " "
