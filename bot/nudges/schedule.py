"""A schedule: when something comes to somebody who asked for it, and how that went lately."""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from bot.engine.local_time import instant_of
from bot.engine.recurrence import Recurrence

SPREAD = 5 * 60_000
"""What nobody chose the minute of is spread over so many milliseconds: not everybody's comes at once."""


class Tires(StrEnum):
    """What becomes of something that is not answered, again and again (N3)."""

    HALVES = "halves"
    """Two in a row, and it comes half as often; four, and it comes no more."""
    ASKS = "asks"
    """Four in a row, and it asks once whether to go on."""
    NEVER = "never"
    """It needs no answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How something behaves that comes by itself, as its kind declares. Lengths are in milliseconds."""

    fresh: int
    """So long after its time it still means something; later it is passed over."""
    chosen: bool = False
    """Who gets it chose the very time: no caps, no quiet hours."""
    counts: bool = True
    """It counts for the caps, and is held to them. Only a daily pulse does not."""
    repeat: int = 0
    """It comes once more after so long, if nobody answers; 0 is never."""
    tires: Tires = Tires.HALVES


class Why(StrEnum):
    """Why one time of it was not shown, or not yet."""

    LATE = "late"
    """It could not be shown while it meant something: nobody was there to send it."""
    QUIET = "quiet"
    CAP = "cap"
    BUSY = "busy"
    """Something else is going on with whom it is for."""
    PAUSE = "pause"
    UNREACHABLE = "unreachable"
    HALVED = "halved"
    """It comes half as often, and this time it rests."""
    IGNORED = "ignored"
    """It comes no more."""
    SKIPPED = "skipped"
    EARLY = "early"
    """It was answered before its time."""
    SPREAD = "spread"
    """Many are due at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """A time that it was not shown."""

    day: date
    why: Why


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When something comes. Instants are epoch milliseconds; days are those of whom it is for."""

    rule: Recurrence
    until: int
    """Nothing of it comes from then on."""
    day: date | None = None
    """The day of its next time; None when there is none."""
    at: int = 0
    """When that is."""
    due: int | None = None
    """When to look at it: then, or later when it was put off."""
    again: int | None = None
    """When to look whether the time before that comes once more: nobody answered it, or it was snoozed."""
    again_at: int = 0
    """When that was meant to be."""
    snoozed: bool = False
    """It comes once more because whom it is for wants it so."""
    waits: bool = False
    """What was shown last was not answered."""
    ignored: int = 0
    """So many in a row were not."""
    halved: bool = False
    rests: bool = False
    """Being halved, it is not shown the next time."""
    asked: bool = False
    """It has asked whether to go on."""

    @property
    def next_due(self) -> int | None:
        """When to look at it next; None when nothing comes any more."""
        return min((one for one in (self.due, self.again) if one is not None), default=None)


def begin(rule: Recurrence, *, until: int, now: int, zone: str, jitter: int = 0) -> Schedule:
    """Return a schedule at its first time that is still to come."""
    day = rule.next_day()
    while day is not None and instant_of(day, rule.minutes, zone) <= now:
        day = rule.next_day(day)
    return at_day(Schedule(rule=rule, until=until), day, zone, jitter)


def at_day(schedule: Schedule, day: date | None, zone: str, jitter: int) -> Schedule:
    """Return it with a day for its next time; with none, and from ``until`` on, nothing comes any more."""
    at = instant_of(day, schedule.rule.minutes, zone) if day is not None else 0
    if day is None or at >= schedule.until:
        return replace(schedule, day=None, at=0, due=None)
    return replace(schedule, day=day, at=at, due=at + jitter)


def passed_over(schedule: Schedule, zone: str, jitter: int) -> Schedule:
    """Return it at the time after its next one."""
    if schedule.day is None:
        return schedule
    return at_day(schedule, schedule.rule.next_day(schedule.day), zone, jitter)


# What whom it is for does with it


def answered(schedule: Schedule) -> Schedule:
    """Return it once whom it is for has reacted: it goes on in the rhythm that they asked for."""
    return replace(
        schedule, again=None, snoozed=False, waits=False, ignored=0, halved=False, rests=False, asked=False
    )


def snoozed(schedule: Schedule, until: int) -> Schedule:
    """Return it put off: it comes once more then, unless its next time is no later."""
    calm = answered(schedule)
    if calm.due is not None and calm.due <= until:
        return calm
    return replace(calm, again=until, again_at=until, snoozed=True)


def skipped(schedule: Schedule, why: Why, zone: str, jitter: int) -> tuple[Schedule, Passed | None]:
    """Return it without what would come next, and which time that is: one that was snoozed was shown already."""
    if schedule.snoozed:
        return answered(schedule), None
    gone = Passed(day=schedule.day, why=why) if schedule.day is not None else None
    return passed_over(answered(schedule), zone, jitter), gone


def rezoned(schedule: Schedule, zone: str, jitter: int) -> Schedule:
    """Return it where whom it is for is now: its next time is the same time of the same day, there."""
    return at_day(schedule, schedule.day, zone, jitter)
