"""Problems in a file, each with its place, told the way a compiler tells them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches


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
    """The line itself."""

    def __str__(self) -> str:
        """Return ``file:line:column: message [code]``, the line, and a caret below the place."""
        told = f"{self.path}:{self.line}:{self.column}: {self.message} [{self.code}]"
        if not self.excerpt:
            return told
        caret = " " * (self.column - 1) + "^"
        return f"{told}\n    {self.excerpt}\n    {caret}"


class FlowInvalid(Exception):
    """Files that cannot be used. ``problems`` holds every one that was found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(sorted(set(problems)))
        count = len(self.problems)
        super().__init__(f"{count} problem{'s' if count != 1 else ''} found:\n" + "\n".join(map(str, self.problems)))


def did_you_mean(name: str, known: Sequence[str]) -> str:
    """Return ``, did you mean 'x'?`` for the nearest known name, or nothing."""
    close = get_close_matches(name, known, n=1, cutoff=0.6)
    return f", did you mean '{close[0]}'?" if close else ""
