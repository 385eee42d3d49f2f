"""The pieces that a page of facts is written with, in Markdown."""

from collections.abc import Iterable, Sequence

_MARKUP = str.maketrans({sign: f"\\{sign}" for sign in "\\`*<|"})


def listed(found: Sequence[str], joined: str = "and", *, apart: str = ",") -> str:
    """Return several things as one enumeration."""
    if len(found) <= 1:
        return "".join(found)
    last = f"{apart} {joined} " if apart == ";" else f" {joined} "
    return f"{apart} ".join(found[:-1]) + last + found[-1]


def quoted(words: str) -> str:
    """Return what is said, so that nothing in it is taken for markup."""
    return f"“{words.translate(_MARKUP)}”"


def expression(source: str) -> str:
    """Return an expression, as it is written."""
    return f"`{source}`"


def capital(told: str) -> str:
    """Return a sentence with a capital at its beginning."""
    return told[:1].upper() + told[1:]


def bullets(lines: Iterable[str]) -> str:
    """Return lines as a list."""
    return "\n".join(f"- {line}" for line in lines)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table."""
    lines = [tuple(head), ("---",) * len(head), *(tuple(row) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
