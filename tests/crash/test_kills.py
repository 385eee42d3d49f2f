"""``./run crashtest``: a short run holds, and whatever is broken on purpose is noticed."""

import pytest

from bench.crashtest import telegram_episode
from bench.crashtest.__main__ import play, play_on_telegram
from bench.crashtest.loopback import AT_MOST_ONCE, KINDS, REDELIVERING, Kind
from bench.crashtest.promises import broken
from bench.crashtest.telegram_episode import TELEGRAM

KILLS = 8

TRIES = 20
"""Where a kill hits is chance: what is broken is found out sooner or later, the first time nearly always."""


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_no_kill_loses_or_doubles_anything(kind: Kind):
    came = play(kind, KILLS, "tests")

    assert broken(kind, came) == []
    assert came.killed.total() == KILLS
    assert 0 not in {came.turns.taken, came.resend.shown, came.drop.shown}


def test_no_kill_loses_or_doubles_anything_on_telegram():
    came = play_on_telegram(KILLS, "tests")

    assert broken(TELEGRAM, came) == []
    assert came.killed.total() == KILLS
    assert 0 not in {came.turns.taken, came.resend.shown, came.drop.shown}


def test_an_answer_before_the_commit_is_found_out_on_telegram(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(telegram_episode, "AT_MOST", 2.0)  # whoever's words are lost waits in vain
    came = (
        play_on_telegram(KILLS, f"tests {n}", breaking="tests.crash.breaking:answer_before_the_commit")
        for n in range(TRIES)
    )

    assert any("turns were lost" in problem for one in came for problem in broken(TELEGRAM, one))


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
