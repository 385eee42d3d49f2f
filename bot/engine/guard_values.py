"""What guards compute: each function has a value for every input, of whatever type it turns out to be."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from bot.engine.guards import Data
from bot.engine.local_time import instant_of


def ordered(left: Data, right: Data, test: Callable[[Any, Any], bool]) -> bool:
    """Return whether the test holds for two values of one type that has an order; dates are ISO 8601 texts."""
    for kind in (int, str):
        if isinstance(left, kind) and isinstance(right, kind):
            return test(left, right)
    return False


def added(left: Data, length: Data) -> Data:
    """Return an instant, a length or a date that much later; to a date, whole days are added."""
    day = _date(left)
    if day is not None and isinstance(length, int):
        try:
            return (day + timedelta(milliseconds=length)).isoformat()
        except OverflowError:
            return None
    return left + length if isinstance(left, int) and isinstance(length, int) else None


def extreme(pick: Callable[[list[Any]], Data], found: list[Data]) -> Data:
    """Return the greatest or the least; what is of another type than the rest says nothing."""
    there = [one for one in found if isinstance(one, int)] or [one for one in found if isinstance(one, str)]
    return pick(there) if there else None


def instant_at(day: Data, minutes: Data, zone: str) -> Data:
    """Return the instant of a time of day on a date, in a zone."""
    found = _date(day)
    return instant_of(found, minutes, zone) if found is not None and isinstance(minutes, int) else None


def members(data: Data) -> tuple[str, ...]:
    """Return what several choices, or a list, are made of."""
    return data if isinstance(data, tuple) else ()


def _date(data: Data) -> date | None:
    try:
        return date.fromisoformat(data) if isinstance(data, str) else None
    except ValueError:
        return None
