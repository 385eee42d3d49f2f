"""Lengths of time and moments, in the words of a page of facts."""

import re

from bot.flows.compiling import DAY, HOUR, MINUTE, WEEK
from bot.flows.facts.markup import expression

_UNITS = {"m": "minute", "h": "hour", "d": "day", "w": "week"}
_LENGTHS = ((WEEK, "week", 8), (DAY, "day", 2), (HOUR, "hour", 1))
"""What a length is told in: of each unit, from how many on."""

_LATER = re.compile(r"now \+ (days|hours|minutes)\((\d+)\)")


def length(milliseconds: int) -> str:
    """Return a length of time in words."""
    for size, unit, least in _LENGTHS:
        if milliseconds % size == 0 and milliseconds // size >= least:
            return _counted(milliseconds // size, unit)
    return _counted(milliseconds // MINUTE, "minute")


def deadline(written: str) -> str:
    """Return a deadline in words: after a length, or at a moment."""
    if written[:-1].isdecimal() and written[-1] in _UNITS:
        return f"after {_counted(int(written[:-1]), _UNITS[written[-1]])}"
    return f"at {expression(written)}"


def moment(source: str) -> str:
    """Return an expression for a moment, in words where it is counted from the present."""
    later = _LATER.fullmatch(source)
    return f"{later[2]} {later[1]} later" if later is not None else f"at {expression(source)}"


def _counted(count: int, unit: str) -> str:
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
