"""P1, P2, P7, P8, C2, R4 and "never silence", by random walks over all flows with marked words (see walking.py)."""

import asyncio
import os
from collections import Counter
from dataclasses import replace

import pytest

from bot.engine import move as engine_move
from bot.engine.effects import ValueRef
from bot.engine.model import Say
from bot.engine.template import parse_template
from bot.flows.library import Library
from tests.conversation.drawing import draw_runs, lists_of_moves
from tests.conversation.walking import PROLOGUES, Move, RuleBroken, neutral_lines, walk
from tests.conversation.world import rehearsed, shipped

WALKS = int(os.environ.get("BREATHING_ROOM_WALKS", "64"))
"""How many walks to take. The same ones every time, unless another number is asked for."""

ANEW = "BREATHING_ROOM_WALKS" in os.environ
MOVES = lists_of_moves(100, 50)


def test_no_private_word_reaches_anybody_without_a_grant_and_nobody_is_met_by_silence():
    reached: Counter[str] = Counter()

    def take_walk(prologue: int, moves: list[Move]) -> None:
        reached.update(asyncio.run(walk(prologue, moves)))

    draw_runs(WALKS, PROLOGUES, MOVES, take_walk, anew=ANEW)

    # Walks that never share and never read would prove nothing.
    assert reached["walks"] >= WALKS
    assert reached["shared"] > WALKS // 20
    assert reached["read"] > WALKS // 40
    assert reached["answered"] > WALKS // 10


def test_no_word_that_is_kept_reaches_anybody_but_its_author_and_whom_it_was_granted_to():
    reached: Counter[str] = Counter()

    def take_walk(prologue: int, moves: list[Move]) -> None:
        reached.update(asyncio.run(walk(prologue, moves, rehearsed(), records=True)))

    draw_runs(WALKS // 3, PROLOGUES, MOVES, take_walk, anew=ANEW)

    assert reached["read"] > WALKS // 4


# The walks can fail: with the privacy rules of the engine switched off and a flow that tells too much, they do.

TELLS_BEFORE_SHARING: list[Move] = [
    (66, 0, 0, 0),  # alex> /hear_it_back
    (0, 0, 0, 0),  # alex> [Sam]
    (61, 0, 0, 3),  # alex> a marked word
]


def test_a_flow_that_shows_a_draft_is_stopped_by_the_engine_before_anything_is_sent():
    with pytest.raises(RuleBroken, match="a turn failed"):
        asyncio.run(walk(1, TELLS_BEFORE_SHARING, library=_telling()))


def test_a_walk_finds_a_leak_when_the_engine_lets_anybody_read(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(engine_move.Move, "readable", _anybody_reads)
    monkeypatch.setattr("bot.conversation.wording.READ_BY_ALL", frozenset(_classes()))

    with pytest.raises(RuleBroken, match="P1: sam reads a word that alex did not share"):
        asyncio.run(walk(1, [*TELLS_BEFORE_SHARING, (0, 1, 0, 0)], library=_telling()))


def test_the_neutral_lines_hold_no_name_and_no_words_of_anybody():
    library = shipped()

    assert all("{" not in line and "Placeholder" not in line for line in neutral_lines(library))
    for flow in library.flows.values():
        for step in flow.steps.values():
            if isinstance(step, Say) and step.neutral:
                assert flow.texts[f"{step.id}.say"].names == (), f"{flow.id}.{step.id} is neutral but names somebody"


def _anybody_reads(_move: engine_move.Move, _ref: ValueRef, _to: str) -> bool:
    return True


def _classes() -> list[str]:
    return ["ephemeral", "private", "draft", "shared", "joint", "signal"]


def _telling() -> Library:
    """The shipped flows, but the note to the listener quotes the card as soon as it is written."""
    library = shipped()
    flow = library.flows["hear_it_back"]
    release = flow.steps["release:stage"]
    telling = Say(id="told_early", to="listener", following=release.id)
    steps = {
        name: replace(step, following="told_early") if step.following == release.id else step
        for name, step in flow.steps.items()
    }
    texts = {**flow.texts, "told_early.say": parse_template("Psst: {card}")}
    broken = replace(flow, steps={**steps, telling.id: telling}, texts=texts)
    return Library({**library.flows, flow.id: broken}, library.phrases)
