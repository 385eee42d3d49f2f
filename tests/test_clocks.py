"""Clocks: the page's goes in whole steps, some way ahead of another one."""

from bot.adapters.clocks import SteppedClock, VirtualClock

MINUTE, HOUR = 60_000, 3_600_000
EVENING = 1_772_474_400_000


def test_it_stands_still_until_it_is_moved_to_the_last_whole_step() -> None:
    base = VirtualClock(5_000)
    clock = SteppedClock(base, EVENING, MINUTE)
    assert clock.now() == clock.reached() == EVENING
    base.set(5_000 + 59_999)
    assert clock.reached() == EVENING
    base.set(5_000 + 3 * MINUTE + 1)
    assert (clock.now(), clock.reached()) == (EVENING, EVENING + 3 * MINUTE)
    clock.set(clock.reached())
    assert clock.now() == EVENING + 3 * MINUTE


def test_after_a_leap_it_runs_on_as_far_ahead_as_it_leapt() -> None:
    base = VirtualClock(0)
    clock = SteppedClock(base, EVENING, MINUTE)
    base.set(MINUTE // 2)
    clock.leap(HOUR)
    clock.set(clock.now() + HOUR)
    assert clock.reached() == clock.now() == EVENING + HOUR
    base.set(MINUTE)
    assert clock.reached() == EVENING + HOUR + MINUTE


def test_it_never_goes_backwards() -> None:
    clock = SteppedClock(VirtualClock(0), EVENING, MINUTE)
    clock.set(EVENING - HOUR)
    assert clock.now() == clock.reached() == EVENING
    clock.set(EVENING + HOUR)
    assert clock.reached() == EVENING + HOUR
