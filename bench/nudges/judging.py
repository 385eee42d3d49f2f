"""What has to hold of years of nudges, reckoned anew from what people asked for and what was shown."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from bench.nudges.years import DAY, Asked, Shown, Somebody, Years
from bot.nudges.schedule import Tires, Why

AN_HOUR = 3_600_000
"""Reckoned by wall clocks, a time is off by as much where the clock has changed meanwhile."""


def problems(years: Years) -> Iterator[str]:
    """Tell everything that is wrong."""
    for one in years.asked:
        yield from _every_day_counts(one)
        yield from _in_open_hours(one, years.people[one.person])
        yield from _in_time_and_in_reach(one)
        yield from _at_most_twice(one)
        yield from _ends_when_ignored(one)
    for person in years.people:
        yield from _within_caps(person)


def tally(years: Years) -> Counter[str]:
    """Count what was shown, and why the rest was not."""
    counted: Counter[str] = Counter()
    for one in years.asked:
        counted["shown"] += sum(not shown.again for shown in one.shown)
        counted["once more"] += sum(shown.again and not shown.asked_for for shown in one.shown)
        counted["snoozed"] += sum(shown.asked_for for shown in one.shown)
        counted.update(passed.why.value for passed in one.passed)
    return counted


def _every_day_counts(one: Asked) -> Iterator[str]:
    """Each day that was asked for was shown once, or passed over for a reason; no other day was."""
    met = Counter([shown.day for shown in one.shown if not shown.again])
    met.update(passed.day for passed in one.passed)
    ended = one.schedule.day if one.schedule.day is not None else one.last
    day: date | None = one.first
    ignored = next((passed.day for passed in one.passed if passed.why is Why.IGNORED), None)
    while day is not None and day != ended and (ignored is None or day <= ignored):
        if met[day] != 1:
            yield f"{one.number}: {day} was met {met[day]} times"
        del met[day]
        day = one.schedule.rule.next_day(day)
    yield from (f"{one.number}: {day} was not asked for" for day in met)


def _in_open_hours(one: Asked, whom: Somebody) -> Iterator[str]:
    if one.manner.chosen:
        return
    quiet = whom.quiet
    for shown in one.shown:
        local = _local(shown.at, shown.zone)
        minutes = local.hour * 60 + local.minute
        over_night = quiet.begin > quiet.end
        in_it = (minutes >= quiet.begin or minutes < quiet.end) if over_night else quiet.begin <= minutes < quiet.end
        if in_it and not shown.asked_for:
            yield f"{one.number}: shown at {local} in quiet hours"


def _in_time_and_in_reach(one: Asked) -> Iterator[str]:
    minutes = one.schedule.rule.minutes
    for shown in one.shown:
        if not shown.reachable:
            yield f"{one.number}: shown to somebody who is out of reach"
        wall = _local(shown.at, shown.zone).replace(tzinfo=None)
        meant = datetime.combine(shown.day, time(minutes // 60, minutes % 60))
        late = (wall - meant).total_seconds() * 1000 - one.manner.fresh
        if not shown.again and late > AN_HOUR:
            yield f"{one.number}: the one of {shown.day} is shown too late"


def _within_caps(whom: Somebody) -> Iterator[str]:
    counted: list[Shown] = sorted(
        (
            shown
            for one in whom.asked
            if one.manner.counts and not one.manner.chosen
            for shown in one.shown
            if not shown.asked_for
        ),
        key=lambda shown: shown.at,
    )
    for before, after in pairwise(counted):
        if _local(before.at, after.zone).date() == _local(after.at, after.zone).date():
            yield f"two nudges on {_local(after.at, after.zone).date()}"
    for fourth in range(3, len(counted)):
        if counted[fourth].at - counted[fourth - 3].at < 7 * DAY:
            yield f"four nudges in the week before {_local(counted[fourth].at, counted[fourth].zone)}"


def _at_most_twice(one: Asked) -> Iterator[str]:
    unasked = Counter(shown.day for shown in one.shown if not shown.asked_for)
    yield from (f"{one.number}: {day} came {times} times" for day, times in unasked.items() if times > 2)  # noqa: PLR2004  # N3


def _ends_when_ignored(one: Asked) -> Iterator[str]:
    if one.manner.tires is not Tires.HALVES and any(passed.why in {Why.HALVED, Why.IGNORED} for passed in one.passed):
        yield f"{one.number}: halved or ended, though it does not tire"


def _local(at: int, zone: str) -> datetime:
    return (datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=at)).astimezone(ZoneInfo(zone) if zone else UTC)
