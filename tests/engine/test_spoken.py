"""Numbers, lengths, times and dates are read as people write them; what cannot be read is never guessed."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engine.spoken import DAY, HOUR, MINUTE, WEEK, read_clock, read_date, read_length, read_number

TODAY = date(2026, 11, 22)  # a Sunday


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("20 min", 20 * MINUTE),
        ("20m", 20 * MINUTE),
        ("an hour", HOUR),
        ("an hour and a half", 90 * MINUTE),
        ("half an hour", 30 * MINUTE),
        ("1.5 hours", 90 * MINUTE),
        ("1h 30min", 90 * MINUTE),
        ("1 hour and 15 minutes", 75 * MINUTE),
        ("for two weeks", 2 * WEEK),
        ("Tres días", 3 * DAY),
        ("una hora y media", 90 * MINUTE),
        ("media hora", 30 * MINUTE),
    ],
)
def test_a_length_is_read(text: str, length: int) -> None:
    assert read_length(text) == length


@pytest.mark.parametrize(
    "text", ["", "soon", "3 apples", "0 min", "an", "20", "-5 min", "5 min of rest", "900 weeks"]
)
def test_what_is_no_length_is_not_guessed(text: str) -> None:
    assert read_length(text) is None


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("22:00", 1320),
        ("9.30 pm", 1290),
        ("8pm", 1200),
        ("12 am", 0),
        ("12pm", 720),
        ("noon", 720),
        ("at 21:05", 1265),
        ("a las 21", 1260),
        ("24:00", 0),
        ("21h", 1260),
        ("7", 420),
    ],
)
def test_a_time_of_day_is_read(text: str, minutes: int) -> None:
    assert read_clock(text) == minutes


@pytest.mark.parametrize("text", ["", "later", "25:00", "24:30", "13pm", "0 am", "9:61", "half past", "2026-05-12"])
def test_what_is_no_time_of_day_is_not_guessed(text: str) -> None:
    assert read_clock(text) is None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("today", TODAY),
        ("tomorrow", TODAY + timedelta(days=1)),
        ("Pasado mañana", TODAY + timedelta(days=2)),
        ("friday", date(2026, 11, 27)),
        ("el domingo", date(2026, 11, 29)),
        ("in 3 days", date(2026, 11, 25)),
        ("en dos semanas", date(2026, 12, 6)),
        ("12 May", date(2027, 5, 12)),
        ("May 12th, 2028", date(2028, 5, 12)),
        ("5 de enero", date(2027, 1, 5)),
        ("2026-12-31", date(2026, 12, 31)),
    ],
)
def test_a_date_is_read(text: str, day: date) -> None:
    assert read_date(text, TODAY) == day


@pytest.mark.parametrize(
    "text", ["", "someday", "31 February", "12/5", "2026-13-01", "in 3 hours", "the 40th of may"]
)
def test_what_is_no_date_is_not_guessed(text: str) -> None:
    assert read_date(text, TODAY) is None


@given(st.text(max_size=40))
def test_reading_never_raises(text: str) -> None:
    read_number(text)
    read_length(text)
    read_clock(text)
    read_date(text, TODAY)


@given(st.dates(min_value=TODAY, max_value=date(2100, 1, 1)))
def test_a_written_date_is_read_as_itself(day: date) -> None:
    assert read_date(day.isoformat(), TODAY) == day
    assert read_date(f"{day:%d %B %Y}".lstrip("0"), TODAY) == day


@given(st.integers(0, 1439))
def test_a_written_time_is_read_as_itself(minutes: int) -> None:
    assert read_clock(f"{minutes // 60:02}:{minutes % 60:02}") == minutes
