"""Quiet hours: when invitations and nudges may arrive in a person's own day."""

from dataclasses import dataclass
from datetime import timedelta

from bot.engine.local_time import instant_of, local_time


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """From when to when nothing comes that nobody waits for, in minutes after midnight; the same is never."""

    begin: int = 21 * 60
    end: int = 8 * 60

    def hold(self, minutes: int) -> bool:
        """Return whether they are at that time of day."""
        if self.begin <= self.end:
            return self.begin <= minutes < self.end
        return minutes >= self.begin or minutes < self.end


USUAL = QuietHours()


def next_open_time(now: int, zone: str, quiet: QuietHours = USUAL) -> int:
    """Return ``now`` outside of quiet hours, else when they end. A person without a zone counts as living by UTC."""
    local = local_time(now, zone)
    if not quiet.hold(local.hour * 60 + local.minute):
        return now
    day = local.date()
    opens = instant_of(day, quiet.end, zone)
    return opens if opens > now else instant_of(day + timedelta(days=1), quiet.end, zone)
