"""Mending a transcript's expectations: the lines that did not hold are written anew, and nothing else is touched."""

import re
from collections.abc import Mapping

from bot.flows.transcript import CAPTURE, continues, matches

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")


def closest(part: str, received: Mapping[int, str]) -> int | None:
    """Return which of the received texts is most like what was expected; the earliest, if none is; None without any.

    Of two with as many of its words the shorter one is.
    """
    words = _words(part)

    def likeness(number: int) -> tuple[int, int]:
        there = _words(received[number])
        shared = len(words & there)
        return shared, -len(there) if shared else 0

    return max(sorted(received), key=likeness, default=None)


def expecting(part: str, text: str, captured: Mapping[str, str]) -> str | None:
    """Return what to expect in place of ``part``, now that ``text`` came: the text with the same names captured.

    None when a name was to be captured, and where it stands in the text cannot be told.
    """
    told = text
    for name in dict.fromkeys(CAPTURE.findall(part)):
        if name in captured:
            told = _by_value(told, name, captured[name])
            continue
        found = _by_surroundings(part, name, told)
        if found is None:
            return None
        told = found
    return told if matches(told, text, dict(captured)) is not None else None


def _by_value(text: str, name: str, value: str) -> str:
    return re.sub(rf"(?<!\S){re.escape(value)}(?!\S)", f"{{{name}}}", text)


def _by_surroundings(part: str, name: str, text: str) -> str | None:
    """Put the name where the word stood between the same neighbours as before, or beside one of them."""
    before, _, after = part.partition(f"{{{name}}}")
    left = re.escape(before.split()[-1]) + r"\s+" if before.split() else ""
    right = r"\s+" + re.escape(after.split()[0]) if after.split() else ""
    for ahead, behind in ((left, right), (left, ""), ("", right)):
        found = re.search(rf"({ahead})(\S+)(?={behind})", text) if ahead or behind else None
        if found is not None:
            return f"{text[: found.start(2)]}{{{name}}}{text[found.end(2) :]}"
    return None


def written(view: str, part: str) -> list[str]:
    """Return the lines that expect ``part`` in that view; an empty one says that nothing came."""
    lines = [line for line in part.split("\n") if line.strip()]
    return [f"{view}< {lines[0]}", *(f"| {line}" for line in lines[1:])] if lines else [f"{view}<"]


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text))


def mended(text: str, mends: Mapping[int, list[str]]) -> str:
    """Return the transcript with these expectations, by the number of their first line, written anew."""
    lines = [line for line in _LINE.findall(text) if line]
    end = next((line[len(line.rstrip("\r\n")) :] for line in lines), "\n") or "\n"
    kept: list[str] = []
    mending = False
    for number, line in enumerate(lines, 1):
        if number in mends:
            mending = True
            kept += [f"{one}{end}" for one in mends[number]]
        elif not (mending and continues(line)):
            mending = False
            kept.append(line)
    return "".join(kept)
