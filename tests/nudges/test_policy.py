"""Whether something that is due is shown now, later or not this time (N1 to N3), case by case."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from bot.engine.local_time import local_time
from bot.engine.recurrence import Freq, Recurrence
from bot.nudges.policy import Came, Receiver, come
from bot.nudges.quiet_hours import QuietHours, next_open_time
from bot.nudges.schedule import (
    SPREAD,
    Manner,
    Schedule,
    Tires,
    Why,
    answered,
    begin,
    passed_over,
    rezoned,
    skipped,
    snoozed,
)

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000

MADRID = "Europe/Madrid"

NUDGE = Manner(fresh=20 * HOUR)
REMINDER = Manner(fresh=12 * HOUR, chosen=True, tires=Tires.ASKS)


def instant(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1000


NOW = instant("2026-03-02T12:00")  # a Monday
FOREVER = NOW + 4000 * DAY


def daily(at: str = "13:00", *, zone: str = "", interval: int = 1, jitter: int = 0) -> Schedule:
    hour, minute = map(int, at.split(":"))
    rule = Recurrence(start=date(2026, 3, 2), minutes=hour * 60 + minute, freq=Freq.DAILY, interval=interval)
    return begin(rule, until=FOREVER, now=NOW, zone=zone, jitter=jitter)


def due(schedule: Schedule) -> int:
    assert schedule.next_due is not None
    return schedule.next_due


def at_its_time(schedule: Schedule, manner: Manner = NUDGE, receiver: Receiver | None = None) -> Came:
    return come(schedule, manner, receiver or Receiver(), due(schedule))


def test_it_is_shown_at_its_time_and_waits_for_the_next():
    came = at_its_time(daily())
    assert came.shown
    assert came.schedule.next_due == NOW + HOUR + DAY


def test_what_is_not_due_yet_is_not_shown():
    assert come(daily(), NUDGE, Receiver(), NOW) == Came(schedule=daily())


def test_once_is_once():
    rule = Recurrence(start=date(2026, 3, 2), minutes=780)
    came = at_its_time(begin(rule, until=FOREVER, now=NOW, zone=""))
    assert came.shown
    assert came.schedule.next_due is None


def test_a_time_that_has_passed_already_never_comes():
    rule = Recurrence(start=date(2026, 3, 2), minutes=600)
    assert begin(rule, until=FOREVER, now=NOW, zone="").next_due is None


def test_nothing_comes_from_its_end_on():
    schedule = begin(daily().rule, until=NOW + DAY + HOUR, now=NOW, zone="")
    assert at_its_time(schedule).schedule.next_due is None


def test_quiet_hours_hold_it_until_they_end_where_its_receiver_is():
    schedule = daily("22:00", zone=MADRID)
    came = at_its_time(schedule, NUDGE, Receiver(zone=MADRID))
    assert (came.shown, came.held) == (False, Why.QUIET)
    assert local_time(due(came.schedule), MADRID).isoformat() == "2026-03-03T08:00:00+01:00"
    assert at_its_time(came.schedule, NUDGE, Receiver(zone=MADRID)).shown


def test_what_means_nothing_any_more_when_they_end_is_passed_over():
    came = at_its_time(daily("22:00"), Manner(fresh=6 * HOUR))
    assert [(one.day, one.why) for one in came.passed] == [(date(2026, 3, 2), Why.QUIET)]


def test_quiet_hours_are_ones_own():
    assert at_its_time(daily("22:00"), NUDGE, Receiver(quiet=QuietHours(begin=0, end=0))).shown
    assert at_its_time(daily("13:00"), NUDGE, Receiver(quiet=QuietHours(begin=720, end=840))).held is Why.QUIET


def test_a_time_that_its_receiver_chose_knows_no_quiet_hours_and_no_caps():
    assert at_its_time(daily("22:00"), REMINDER, Receiver(nudged=(NOW,))).shown


@pytest.mark.parametrize(
    ("nudged", "until"),
    [
        ((NOW - 5 * HOUR,), "2026-03-03T08:00"),
        ((NOW - 4 * DAY, NOW - 3 * DAY, NOW - 2 * DAY), "2026-03-05T12:00"),
        ((NOW - 7 * DAY + 8 * HOUR, NOW - 3 * DAY, NOW - 2 * DAY), "2026-03-02T20:00"),
        ((NOW - 7 * DAY + 9 * HOUR, NOW - 3 * DAY, NOW - 2 * DAY), "2026-03-03T08:00"),
    ],
)
def test_one_a_day_and_three_a_week_hold_it(nudged: tuple[int, ...], until: str):
    came = at_its_time(daily(), Manner(fresh=7 * DAY), Receiver(nudged=nudged))
    assert (came.shown, came.held) == (False, Why.CAP)
    assert came.schedule.next_due == instant(until)


def test_a_pulse_is_outside_of_the_caps_and_within_quiet_hours():
    pulse = Manner(fresh=20 * HOUR, counts=False)
    assert at_its_time(daily(), pulse, Receiver(nudged=(NOW,))).shown
    assert at_its_time(daily("22:00"), pulse).held is Why.QUIET


def test_it_yields_to_what_goes_on_already():
    came = at_its_time(daily(), NUDGE, Receiver(busy_until=NOW + 2 * HOUR))
    assert (came.held, came.schedule.next_due) == (Why.BUSY, NOW + 2 * HOUR)


def test_during_a_pause_it_waits_and_then_drops():
    paused = Receiver(paused=True)
    came = at_its_time(daily(), Manner(fresh=HOUR, chosen=True, tires=Tires.NEVER), paused)
    assert came.held is Why.PAUSE
    while not came.passed:
        came = at_its_time(came.schedule, Manner(fresh=HOUR, chosen=True, tires=Tires.NEVER), paused)
        assert not came.shown
    assert [one.why for one in came.passed] == [Why.PAUSE]


def test_nothing_is_shown_to_whom_it_does_not_reach():
    came = at_its_time(daily(), NUDGE, Receiver(reachable=False))
    assert [one.why for one in came.passed] == [Why.UNREACHABLE]


def test_after_days_without_a_process_the_last_one_is_shown_once_and_the_others_are_accounted_for():
    came = come(daily(), NUDGE, Receiver(), NOW + 3 * DAY + 2 * HOUR)
    assert came.shown
    assert [(one.day.day, one.why) for one in came.passed] == [(2, Why.LATE), (3, Why.LATE), (4, Why.LATE)]
    assert came.schedule.day == date(2026, 3, 6)


def test_of_several_that_still_mean_something_only_the_last_is_shown():
    came = come(daily(), Manner(fresh=9 * DAY), Receiver(), NOW + 2 * DAY + 2 * HOUR)
    assert came.shown
    assert [one.day.day for one in came.passed] == [2, 3]
    assert not come(came.schedule, NUDGE, Receiver(), NOW + 2 * DAY + 2 * HOUR).shown


def test_what_is_due_since_long_is_spread():
    came = come(daily(jitter=SPREAD // 2), NUDGE, Receiver(), NOW + 3 * HOUR, jitter=SPREAD // 2)
    assert (came.held, came.schedule.next_due) == (Why.SPREAD, NOW + 3 * HOUR + SPREAD // 2)
    assert come(came.schedule, NUDGE, Receiver(), due(came.schedule), jitter=SPREAD // 2).shown


# Answers, and none


def test_it_comes_once_more_at_most_when_nobody_answers():
    manner = replace(NUDGE, repeat=DAY)
    first = at_its_time(daily(interval=7), manner)
    assert first.schedule.next_due == NOW + HOUR + DAY
    second = at_its_time(first.schedule, manner)
    assert second.shown
    assert second.schedule.next_due == NOW + HOUR + 7 * DAY


def test_what_was_answered_does_not_come_once_more():
    first = at_its_time(daily(interval=7), replace(NUDGE, repeat=DAY))
    assert answered(first.schedule).next_due == NOW + HOUR + 7 * DAY


def ignore(schedule: Schedule, times: int, manner: Manner = NUDGE) -> list[str]:
    """What becomes of the next times, of which nobody answers any."""
    told: list[str] = []
    for _ in range(times):
        if schedule.next_due is None:
            told.append("nothing")
            continue
        came = at_its_time(schedule, manner)
        schedule = came.schedule
        told += [one.why.value for one in came.passed] + ["asks" if came.asks else "shown"] * came.shown
    return told


def test_two_ignored_in_a_row_halve_the_rhythm_and_four_end_it():
    told = ignore(daily(), 9)
    assert told == ["shown", "shown", "halved", "shown", "halved", "shown", "ignored", "nothing", "nothing"]


def test_an_answer_brings_the_rhythm_back():
    schedule = daily()
    for _ in range(3):
        schedule = at_its_time(schedule).schedule
    assert schedule.halved
    assert ignore(answered(schedule), 2) == ["shown", "shown"]


def test_a_reminder_of_ones_own_asks_once_after_four_without_an_answer():
    assert ignore(daily(), 8, REMINDER) == [*["shown"] * 4, "asks", *["shown"] * 3]


def test_what_needs_no_answer_goes_on():
    assert ignore(daily(), 8, replace(REMINDER, tires=Tires.NEVER)) == ["shown"] * 8


# Putting off, skipping, moving


def test_what_was_snoozed_comes_then_and_knows_no_quiet_hours():
    first = at_its_time(daily("20:30", interval=7))
    put_off = snoozed(first.schedule, NOW + 9 * HOUR + 30 * MINUTE)
    came = at_its_time(put_off)
    assert came.shown
    assert came.schedule.next_due == first.schedule.next_due


def test_what_comes_by_itself_before_that_is_enough():
    first = at_its_time(daily())
    assert snoozed(first.schedule, NOW + HOUR + DAY).next_due == NOW + HOUR + DAY
    assert not snoozed(first.schedule, NOW + HOUR + DAY).snoozed


def test_to_skip_leaves_out_the_next_time():
    schedule, gone = skipped(daily(), Why.SKIPPED, "", 0)
    assert gone is not None
    assert (gone.day, gone.why) == (date(2026, 3, 2), Why.SKIPPED)
    assert schedule.day == date(2026, 3, 3)


def test_to_skip_what_was_snoozed_leaves_out_that():
    first = at_its_time(daily())
    schedule, gone = skipped(snoozed(first.schedule, NOW + 2 * HOUR), Why.SKIPPED, "", 0)
    assert gone is None
    assert schedule.next_due == NOW + HOUR + DAY


def test_whoever_travels_gets_it_at_the_same_time_of_the_same_day_there():
    schedule = daily("20:00", zone=MADRID)
    there = rezoned(schedule, "America/Lima", 0)
    assert local_time(due(there), "America/Lima").isoformat() == "2026-03-02T20:00:00-05:00"


def test_whoever_travels_east_past_its_time_gets_it_at_once():
    schedule = daily("13:30", zone="America/Lima")
    there = rezoned(schedule, "Asia/Tokyo", 0)
    assert due(there) < NOW
    assert come(there, REMINDER, Receiver(zone="Asia/Tokyo"), NOW).shown


def test_whoever_travels_back_over_the_date_line_gets_no_day_twice():
    first = at_its_time(daily("20:00", zone="Pacific/Kiritimati"), REMINDER, Receiver(zone="Pacific/Kiritimati"))
    there = rezoned(first.schedule, "Pacific/Pago_Pago", 0)
    assert local_time(due(there), "Pacific/Pago_Pago").date() > date(2026, 3, 2)


# Quiet hours where clocks change


@pytest.mark.parametrize(
    ("now", "zone", "opens"),
    [
        ("2026-03-28T22:30", MADRID, "2026-03-29T08:00:00+02:00"),
        ("2026-10-24T22:30", MADRID, "2026-10-25T08:00:00+01:00"),
        ("2026-03-02T12:00", MADRID, "2026-03-02T13:00:00+01:00"),
        ("2026-03-02T02:00", "", "2026-03-02T08:00:00+00:00"),
        ("2026-03-02T21:00", "", "2026-03-03T08:00:00+00:00"),
        ("2026-03-02T20:59", "", "2026-03-02T20:59:00+00:00"),
    ],
)
def test_quiet_hours_end_by_the_clock_on_the_wall(now: str, zone: str, opens: str):
    assert local_time(next_open_time(instant(now), zone), zone).isoformat() == opens


def test_what_has_no_next_time_stays_so():
    over = begin(Recurrence(start=date(2026, 3, 1), minutes=0), until=FOREVER, now=NOW, zone="")
    assert passed_over(over, "", 0) == over
    assert skipped(over, Why.SKIPPED, "", 0) == (over, None)
