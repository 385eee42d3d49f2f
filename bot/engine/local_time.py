"""Time where a person is: their zone, their date, and the instant of a clock time on one of their days.

Pure: the instant and the zone's name are passed in; the rules of the zones come with Python or the system.
"""

from datetime import UTC, date, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def zone_of(name: str) -> ZoneInfo | None:
    """Return the time zone of that IANA name, or None when it is empty or unknown."""
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def local_time(now: int, zone: str) -> datetime:
    """Return the time where a person is; without a zone, by UTC. ``now`` is in epoch milliseconds."""
    return datetime.fromtimestamp(now / 1000, UTC).astimezone(zone_of(zone) or UTC)


def local_date(now: int, zone: str) -> date:
    """Return the date where a person is; without a zone, by UTC."""
    return local_time(now, zone).date()


def instant_of(day: date, minutes: int, zone: str) -> int:
    """Return the instant, in epoch milliseconds, of that many minutes after midnight of a day in a zone.

    A time in the hour that spring leaves out moves forward; of the hour that autumn repeats, it is the first.
    """
    place: tzinfo = zone_of(zone) or UTC
    wall = datetime(day.year, day.month, day.day, minutes // 60, minutes % 60, tzinfo=place)
    moved = wall.astimezone(UTC).astimezone(place)
    if moved.replace(tzinfo=None) != wall.replace(tzinfo=None):
        # Within the gap; fold 0 reads it by the time before, which lands behind the gap by the missing part.
        wall = moved
    return int(wall.timestamp()) * 1000
