"""How the virtual clock is worded, and the leaps it offers."""

from datetime import UTC, datetime
from enum import StrEnum

_MINUTE = 60_000
_UNITS = (("week", 7 * 24 * 60), ("day", 24 * 60), ("hour", 60), ("minute", 1))
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


class Leap(StrEnum):
    """How far the clock can be moved at once."""

    MINUTES = "20m"
    HOUR = "1h"
    DAY = "1d"
    WEEK = "1w"

    @property
    def ms(self) -> int:
        """The leap in milliseconds."""
        minutes = {Leap.MINUTES: 20, Leap.HOUR: 60, Leap.DAY: 24 * 60, Leap.WEEK: 7 * 24 * 60}
        return minutes[self] * _MINUTE

    @property
    def label(self) -> str:
        """What its button says."""
        labels = {Leap.MINUTES: "+20 min", Leap.HOUR: "+1 h", Leap.DAY: "+1 day", Leap.WEEK: "+1 week"}
        return labels[self]


def day(at: int) -> str:
    """Return the weekday and the date, in UTC: ``Monday 2 March 2026``."""
    then = _utc(at)
    return f"{_DAYS[then.weekday()]} {then.day} {_MONTHS[then.month - 1]} {then.year}"


def short_day(at: int) -> str:
    """Return the weekday and the date in short: ``Mon 2 Mar 2026``."""
    then = _utc(at)
    return f"{_DAYS[then.weekday()][:3]} {then.day} {_MONTHS[then.month - 1][:3]} {then.year}"


def time(at: int) -> str:
    """Return hour and minute, in UTC."""
    return _utc(at).strftime("%H:%M")


def stamp(at: int) -> str:
    """Return the instant as machines read it."""
    return _utc(at).strftime("%Y-%m-%dT%H:%MZ")


def later(ms: int) -> str:
    """Return how much time went by: ``1 hour 20 minutes later``."""
    left = ms // _MINUTE
    parts: list[str] = []
    for unit, minutes in _UNITS:
        count, left = divmod(left, minutes)
        if count:
            parts.append(f"{count} {unit}" if count == 1 else f"{count} {unit}s")
    return " ".join([*parts, "later"]) if parts else "A moment later"


def _utc(at: int) -> datetime:
    return datetime.fromtimestamp(at // 1000, tz=UTC)
