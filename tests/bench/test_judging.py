"""What a probe saw decides what is said about it, whoever was probed."""

import pytest

from bench.peers import judging
from bench.peers.probing import Edited, Hostile, Killed, Seen
from bench.peers.roster import Way

RIGHT_7 = "7: you are on the right. Which number now?"
RIGHT_8 = "8: you are on the right. Which number now?"
LEFT_8 = "8: you are on the left. Which number now?"
EAST_8 = "8: you are on the east. Which number now?"
WRONG_8 = "8 is no number."

IN_MEMORY, WITH_LOCK = Way(label="in memory"), Way(label="with a lock", asked_for=True)


@pytest.mark.parametrize(
    ("seen", "word"),
    [
        (Seen(replies=(RIGHT_7, LEFT_8), standing="left"), "in order"),
        (Seen(replies=(LEFT_8,), standing="left"), "in order, one reply"),
        (Seen(replies=(RIGHT_7, RIGHT_8), standing="right"), "one lost"),
        (Seen(replies=(RIGHT_8, RIGHT_7), standing="right"), "one lost"),
        (Seen(replies=(RIGHT_7, LEFT_8), standing="right"), "torn"),
        (Seen(replies=(RIGHT_8, RIGHT_8), standing="right"), "torn"),
        (Seen(replies=(), standing="start"), "torn"),
        (Seen(replies=(RIGHT_7, "KeyError"), standing="right"), "error"),
        (Seen(error="Hung"), "error"),
    ],
)
def test_two_at_once(seen: Seen, word: str) -> None:
    assert judging.both([(IN_MEMORY, seen)]).word == word


def test_what_a_library_does_only_when_told_to_is_told_but_is_not_its_word() -> None:
    lost, right = (
        Seen(replies=(RIGHT_7, RIGHT_8), standing="right"),
        Seen(replies=(RIGHT_7, LEFT_8), standing="left"),
    )
    found = judging.both([(IN_MEMORY, lost), (WITH_LOCK, right)])
    assert found.word == "one lost"
    assert "with a lock: both count and are answered, in order" in found.told


@pytest.mark.parametrize(
    ("seen", "word"),
    [
        (Seen(standing="right"), "once"),
        (Seen(standing="right", replies=(RIGHT_7,)), "once"),
        (Seen(standing="left", replies=("7: you are on the left.",)), "twice"),
        (Seen(error="IntegrityError"), "error"),
    ],
)
def test_delivered_twice(seen: Seen, word: str) -> None:
    assert judging.redelivered(seen).word == word


KEPT, GONE = Seen(standing="right"), Seen(standing="start")
SENT = Seen(standing="right", replies=(RIGHT_7,))
ONCE, TWICE = Seen(standing="right"), Seen(standing="left")


@pytest.mark.parametrize(
    ("seen", "word"),
    [
        (Killed(restarted=SENT, again=ONCE, early=None), "once"),
        (Killed(restarted=KEPT, again=TWICE, early=None), "no reply, or twice"),
        (Killed(restarted=KEPT, again=ONCE, early=None), "no reply"),
        (Killed(restarted=KEPT, again=TWICE, early=True), "no reply"),
        (Killed(restarted=KEPT, again=TWICE, early=False), "no reply, or twice"),
        (Killed(restarted=GONE, again=ONCE, early=None), "taken anew, or lost"),
        (Killed(restarted=GONE, again=ONCE, early=True), "lost"),
        (Killed(restarted=GONE, again=Seen(error="KeyError"), early=None), "error"),
    ],
)
def test_killed_before_the_reply(seen: Killed, word: str) -> None:
    assert judging.killed(seen).word == word


def test_a_reply_that_came_after_the_start_is_not_said_to_be_gone() -> None:
    finding = judging.killed(Killed(restarted=SENT, again=TWICE, early=None))
    assert finding.word == "twice"
    assert "gone" not in finding.told


def edited(answered: Seen, again: Seen | None = None, restarted: Seen | None = None) -> Edited:
    return Edited(restarted=restarted or Seen(standing="right"), answered=answered, again=again or answered)


@pytest.mark.parametrize(
    ("seen", "word"),
    [
        (edited(Seen(replies=(LEFT_8,), standing="left")), "goes on"),
        (edited(Seen(replies=("Which number?",), standing="start")), "starts over"),
        (edited(Seen(replies=(EAST_8,), standing="east")), "starts over"),
        (edited(Seen(replies=(WRONG_8,)), Seen(replies=(EAST_8,))), "starts over"),
        (edited(Seen(replies=(WRONG_8,))), "stuck"),
        (edited(Seen()), "stuck"),
        (edited(Seen(error="KeyError")), "error"),
        (edited(Seen(), restarted=Seen(error="ValueError")), "error"),
    ],
)
def test_definition_edited(seen: Edited, word: str) -> None:
    assert judging.edited(seen).word == word


def test_an_edit_that_declares_the_new_name_is_told_beside() -> None:
    plain = edited(Seen(replies=(LEFT_8,)))
    declared = edited(Seen(replies=(LEFT_8,)), restarted=Seen(standing="east"))
    told = judging.edited(plain, declared).told
    assert told == "It goes on from `right`. With the new name declared: it goes on from `east`."


@pytest.mark.parametrize(
    ("seen", "word"),
    [
        (Hostile(said={"code": "Refused", "endless": "Refused"}), "refused"),
        (Hostile(said={"code": "it ran", "endless": "Hung"}, ran=True, hung=True), "runs code, hangs"),
        (Hostile(said={"code": "Refused", "endless": "Hung"}, hung=True), "hangs"),
        (Hostile(said={"code": None, "endless": None}), "definitions are code"),
    ],
)
def test_hostile_definition(seen: Hostile, word: str) -> None:
    harmless = Hostile(said=seen.said, ran=seen.ran, hung=seen.hung, reply=judging.AS_WRITTEN)
    assert judging.hostile(harmless).word == word
    filled = Hostile(said=seen.said, ran=seen.ran, hung=seen.hung, reply="<class 'int'> is no number.")
    assert judging.hostile(filled).word == f"{word}, words change"
