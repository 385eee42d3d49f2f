"""Caps: how often somebody is nudged, however much there would be to say (N2)."""

from collections.abc import Sequence
from datetime import timedelta

from bot.engine.local_time import instant_of, local_date
from bot.nudges.quiet_hours import QuietHours, next_open_time

A_DAY, A_WEEK = 1, 3
"""At most so many nudges on one of a person's own days, and in any seven days."""

DAY = 86_400_000
WEEK = 7 * DAY


def lately(nudged: Sequence[int], now: int) -> tuple[int, ...]:
    """Return those of the times at which somebody was nudged that still count."""
    return tuple(at for at in nudged if at > now - WEEK)


def next_time_within_caps(now: int, nudged: Sequence[int], zone: str, quiet: QuietHours) -> int:
    """Return ``now`` if another nudge is within the caps, else the first open time when it will be.

    ``nudged`` are the times of earlier ones, the oldest first.
    """
    recent = lately(nudged, now)
    at = now
    if len(recent) >= A_WEEK:
        at = recent[-A_WEEK] + WEEK
    today = local_date(at, zone)
    if sum(local_date(one, zone) == today for one in recent) >= A_DAY:
        at = instant_of(today + timedelta(days=1), 0, zone)
    return next_open_time(at, zone, quiet)
