"""``./run crashtest``: a short run holds, and whatever is broken on purpose is noticed."""

import pytest

from bench.crashtest import outer_episode
from bench.crashtest.__main__ import STAGES, play, play_on
from bench.crashtest.loopback import AT_MOST_ONCE, KINDS, REDELIVERING, Kind
from bench.crashtest.promises import broken

KILLS = 8

TRIES = 20
"""Where a kill hits is chance: what is broken is found out sooner or later, the first time nearly always."""


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_no_kill_loses_or_doubles_anything(kind: Kind):
    came = play(kind, KILLS, "tests")

    assert broken(kind, came) == []
    assert came.killed.total() == KILLS
    assert 0 not in {came.turns.taken, came.resend.shown, came.drop.shown}


@pytest.mark.parametrize("platform", STAGES)
def test_no_kill_loses_or_doubles_anything_on_the_platforms_themselves(platform: str):
    stage = STAGES[platform]
    came = play_on(stage, KILLS, "tests")

    assert broken(stage.kind, came) == []
    assert came.killed.total() == KILLS
    assert 0 not in {came.turns.taken, came.resend.shown, came.drop.shown}


@pytest.mark.parametrize(
    ("platform", "breaking", "told"),
    [
        ("telegram", "answer_before_the_commit", "turns were lost"),
        ("discord", "name_no_message", "were shown twice"),
    ],
)
def test_an_adapter_that_is_broken_on_purpose_is_found_out(
    platform: str, breaking: str, told: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(outer_episode, "AT_MOST", 2.0)  # whoever's words are lost waits in vain
    stage = STAGES[platform]
    came = (play_on(stage, KILLS, f"tests {n}", breaking=f"tests.crash.breaking:{breaking}") for n in range(TRIES))

    assert any(told in problem for one in came for problem in broken(stage.kind, one))


@pytest.mark.parametrize(
    ("breaking", "kind", "told"),
    [
        ("answer_before_the_commit", REDELIVERING, "turns were lost"),
        ("know_no_event_again", REDELIVERING, "turns were taken twice"),
        ("mark_as_sent_before_sending", AT_MOST_ONCE, "prompts or replies were lost"),
        ("forget_that_nudges_were_sent", REDELIVERING, "nudges were shown twice"),
    ],
)
def test_a_product_that_is_broken_on_purpose_is_found_out(breaking: str, kind: Kind, told: str):
    came = (play(kind, KILLS, f"tests {n}", breaking=f"tests.crash.breaking:{breaking}") for n in range(TRIES))

    assert any(told in problem for one in came for problem in broken(kind, one))
