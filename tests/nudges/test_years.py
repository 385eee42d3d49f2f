"""N1 to N3 over ten years: every time that was asked for is shown once, or passed over for a reason that is known."""

from dataclasses import replace

import pytest

from bench.nudges.judging import problems, tally
from bench.nudges.years import DAY, Years
from bot.nudges import caps, policy
from bot.nudges.schedule import Schedule, Why
from tests.engine.test_recurrence import ZONES


def lived(people: int = 30, years: float = 10, seed: str = "tests") -> Years:
    one = Years(people, seed, ZONES)
    one.live(years)
    return one


def test_ten_years_of_thirty_people_are_accounted_for():
    one = lived()
    assert list(problems(one)) == []
    counted = tally(one)
    assert counted["shown"] > 5_000
    met = {Why.LATE, Why.QUIET, Why.CAP, Why.UNREACHABLE, Why.HALVED, Why.IGNORED, Why.SKIPPED, Why.EARLY}
    assert met <= counted.keys()
    assert counted["once more"] > 100
    assert counted["snoozed"] > 100


def at_any_hour(now: int, *_rest: object) -> int:
    return now


def whenever(*_all: object) -> None:
    """Nothing keeps it from being shown."""


def the_same_again(schedule: Schedule, *_rest: object) -> Schedule:
    return replace(schedule, due=None if schedule.due is None else schedule.due + DAY)


@pytest.mark.parametrize(
    ("module", "name", "broken", "told"),
    [
        (policy, "next_open_time", at_any_hour, "in quiet hours"),
        (policy, "next_time_within_caps", at_any_hour, "two nudges on"),
        (caps, "A_WEEK", 9, "four nudges in the week"),
        (policy, "_not_this_time", whenever, "out of reach"),
        (policy, "_not_this_time", whenever, "too late"),
        (policy, "passed_over", the_same_again, "times"),
    ],
)
def test_what_is_broken_in_it_is_told(
    monkeypatch: pytest.MonkeyPatch, module: object, name: str, broken: object, told: str
):
    monkeypatch.setattr(module, name, broken)
    assert any(told in problem for problem in problems(lived(years=1)))
