"""Recurrence: its days beside an independent reckoning, how it is stored, and instants where clocks change."""

import zoneinfo
from datetime import UTC, date, datetime, timedelta

import pytest
from dateutil.rrule import DAILY, FR, MO, MONTHLY, SA, SU, TH, TU, WE, WEEKLY, rrule
from dateutil.tz import gettz, resolve_imaginary
from hypothesis import given
from hypothesis import strategies as st

from bot.engine.local_time import instant_of
from bot.engine.recurrence import Freq, Recurrence, recurrence_of

TEN_YEARS = date(2036, 3, 1)

DAYS = (MO, TU, WE, TH, FR, SA, SU)

ZONES = [
    "Africa/Cairo", "Africa/Casablanca", "Africa/El_Aaiun", "Africa/Johannesburg", "Africa/Lagos", "Africa/Nairobi",
    "America/Anchorage", "America/Argentina/Buenos_Aires", "America/Asuncion", "America/Bogota", "America/Caracas",
    "America/Chicago", "America/Denver", "America/Halifax", "America/Havana", "America/Lima", "America/Los_Angeles",
    "America/Mexico_City", "America/New_York", "America/Nuuk", "America/Phoenix", "America/Santiago",
    "America/Sao_Paulo", "America/Scoresbysund", "America/St_Johns", "America/Toronto", "Antarctica/Troll",
    "Asia/Amman", "Asia/Beirut", "Asia/Dhaka", "Asia/Dubai", "Asia/Gaza", "Asia/Hong_Kong", "Asia/Jerusalem",
    "Asia/Kathmandu", "Asia/Kolkata", "Asia/Manila", "Asia/Seoul", "Asia/Shanghai", "Asia/Tehran", "Asia/Tokyo",
    "Asia/Yangon", "Atlantic/Azores", "Atlantic/Reykjavik", "Australia/Adelaide", "Australia/Brisbane",
    "Australia/Eucla", "Australia/Lord_Howe", "Australia/Sydney", "Europe/Berlin", "Europe/Dublin",
    "Europe/Istanbul", "Europe/Lisbon", "Europe/London", "Europe/Madrid", "Europe/Moscow", "Pacific/Apia",
    "Pacific/Auckland", "Pacific/Chatham", "Pacific/Kiritimati", "Pacific/Norfolk", "Pacific/Pago_Pago",
]  # fmt: skip
"""Zones whose clocks change by an hour, by half of one, by two, at midnight, around Ramadan, or never."""

MINUTES = (0, 30, 90, 120, 150, 165, 180, 240, 480, 1290, 1439)

starts = st.dates(date(2026, 1, 1), date(2027, 12, 31))
minutes = st.integers(0, 1439)
intervals = st.integers(1, 52)
recurrences = st.one_of(
    st.builds(Recurrence, start=starts, minutes=minutes),
    st.builds(Recurrence, start=starts, minutes=minutes, freq=st.just(Freq.DAILY), interval=intervals),
    st.builds(
        Recurrence,
        start=starts,
        minutes=minutes,
        freq=st.just(Freq.WEEKLY),
        interval=intervals,
        weekdays=st.sets(st.integers(0, 6), min_size=1).map(lambda days: tuple(sorted(days))),
    ),
    st.builds(
        Recurrence,
        start=starts,
        minutes=minutes,
        freq=st.just(Freq.MONTHLY),
        interval=intervals,
        monthday=st.integers(1, 31),
    ),
)


def days_of(rule: Recurrence, until: date = TEN_YEARS) -> list[date]:
    found: list[date] = []
    day = rule.next_day()
    while day is not None and day <= until:
        found.append(day)
        day = rule.next_day(day)
    return found


def days_by_dateutil(rule: Recurrence, until: date = TEN_YEARS) -> list[date]:
    begin, end = datetime.combine(rule.start, datetime.min.time()), datetime.combine(until, datetime.min.time())
    match rule.freq:
        case Freq.ONCE:
            return [rule.start] if rule.start <= until else []
        case Freq.DAILY:
            found = rrule(DAILY, begin, rule.interval, until=end)
        case Freq.WEEKLY:
            days = [DAYS[day] for day in rule.weekdays]
            found = rrule(WEEKLY, begin, rule.interval, wkst=MO, until=end, byweekday=days)
        case Freq.MONTHLY:
            # The last of the month's days that are not after it.
            days = list(range(1, rule.monthday + 1))
            found = rrule(MONTHLY, begin, rule.interval, until=end, bymonthday=days, bysetpos=-1)
    return [one.date() for one in found]


@given(recurrences)
def test_its_days_are_those_of_an_independent_reckoning_over_ten_years(rule: Recurrence) -> None:
    assert days_of(rule) == days_by_dateutil(rule)


@given(recurrences)
def test_what_is_stored_is_read_back(rule: Recurrence) -> None:
    assert recurrence_of(rule.text) == rule


@given(recurrences, st.dates(date(2026, 1, 1), date(2030, 1, 1)))
def test_the_next_day_is_the_first_one_after_any_date(rule: Recurrence, after: date) -> None:
    days = [day for day in days_of(rule) if day > after]
    assert rule.next_day(after) == (days[0] if days else None) or not days


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-03-06",
        "2026-13-06T21:30",
        "2026-03-06T24:30",
        "2026-03-06T21:30 FREQ=YEARLY",
        "2026-03-06T21:30 FREQ=WEEKLY",
        "2026-03-06T21:30 FREQ=WEEKLY;BYDAY=XX",
        "2026-03-06T21:30 FREQ=WEEKLY;BYDAY=FR,MO",
        "2026-03-06T21:30 FREQ=DAILY;BYDAY=FR",
        "2026-03-06T21:30 FREQ=MONTHLY",
        "2026-03-06T21:30 FREQ=MONTHLY;BYMONTHDAY=32",
        "2026-03-06T21:30 FREQ=DAILY;INTERVAL=0",
        "2026-03-06T21:30 FREQ=DAILY;INTERVAL=1",
        "2026-03-06T21:30 FREQ=DAILY;INTERVAL=53",
    ],
)
def test_what_was_not_written_so_is_nothing(text: str) -> None:
    assert recurrence_of(text) is None


def test_a_month_without_the_day_has_its_last_day_instead() -> None:
    rule = Recurrence(start=date(2027, 12, 31), minutes=540, freq=Freq.MONTHLY, monthday=31)
    assert [day.isoformat() for day in days_of(rule, date(2028, 4, 30))] == [
        "2027-12-31",
        "2028-01-31",
        "2028-02-29",
        "2028-03-31",
        "2028-04-30",
    ]


def test_a_leap_day_comes_once_in_four_years() -> None:
    rule = Recurrence(start=date(2026, 2, 28), minutes=0, freq=Freq.DAILY)
    leap = [day for day in days_of(rule, date(2035, 12, 31)) if (day.month, day.day) == (2, 29)]
    assert leap == [date(2028, 2, 29), date(2032, 2, 29)]


def test_the_calendar_ends_and_nothing_comes_after_that() -> None:
    rule = Recurrence(start=date(2026, 1, 1), minutes=0, freq=Freq.DAILY)
    assert rule.next_day(date.max) is None
    assert rule.next_day(date.max - timedelta(days=1)) == date.max


# Where the clock changes


def instant_by_dateutil(day: date, minute: int, zone: str) -> int:
    """A wall time in the gap moves forward; of a time that comes twice, it is the first."""
    wall = datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=gettz(zone))
    return int(resolve_imaginary(wall).astimezone(UTC).timestamp()) * 1000


@pytest.mark.parametrize("zone", ZONES)
def test_instants_are_those_of_an_independent_reckoning_over_ten_years(zone: str) -> None:
    assert zone in zoneinfo.available_timezones()
    for day in days_of(Recurrence(start=date(2026, 3, 1), minutes=0, freq=Freq.DAILY)):
        if not changes_around(day, zone) and day.day != 1:
            continue
        for minute in MINUTES:
            assert instant_of(day, minute, zone) == instant_by_dateutil(day, minute, zone), (day, minute)


def changes_around(day: date, zone: str) -> bool:
    """Whether the clock of the zone changes on the day, or on one beside it."""
    place = zoneinfo.ZoneInfo(zone)
    before, after = (datetime(day.year, day.month, day.day, tzinfo=place) + timedelta(days=n) for n in (-1, 2))
    return before.utcoffset() != after.utcoffset()


@pytest.mark.parametrize("zone", ZONES)
def test_a_daily_time_is_there_once_on_every_date_and_never_earlier_than_the_day_before(zone: str) -> None:
    for minute in MINUTES:
        before = 0
        for day in days_of(Recurrence(start=date(2026, 3, 1), minutes=minute, freq=Freq.DAILY), date(2028, 3, 1)):
            at = instant_of(day, minute, zone)
            assert at > before
            before = at


def test_there_are_sixty_zones_at_least() -> None:
    assert len(ZONES) >= 60
