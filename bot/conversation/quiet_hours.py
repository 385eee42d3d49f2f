"""Quiet hours: when invitations and nudges may arrive in a person's own day."""

from datetime import UTC, datetime, timedelta

from bot.engine.local_time import local_time, zone_of

FIRST_QUIET_HOUR = 21
FIRST_OPEN_HOUR = 8


def next_open_time(now: int, zone: str) -> int:
    """Return ``now`` outside of quiet hours (21:00-08:00), else when they end.

    A person without a zone counts as living by UTC.
    """
    local = local_time(now, zone)
    if FIRST_OPEN_HOUR <= local.hour < FIRST_QUIET_HOUR:
        return now
    day = local.date() + timedelta(days=1 if local.hour >= FIRST_QUIET_HOUR else 0)
    opens = datetime(day.year, day.month, day.day, FIRST_OPEN_HOUR, tzinfo=zone_of(zone) or UTC)
    return int(opens.timestamp() * 1000)
