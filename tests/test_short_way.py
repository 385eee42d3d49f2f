"""The short ways are short: what each person puts in is counted in the transcripts that show them.

Counted is every line of a person from the question about the pace on: pressed or typed. Not counted are the command
that begins it and presses of [Open], which only bring a message to the screen.
"""

from pathlib import Path

import pytest

from bot.adapters.terminal.player import Player
from bot.flows.transcript import Hear, Press, Say, Step, parse_transcript
from tests.conversation.world import new_world

PATH = Path(__file__).parent / "transcripts" / "work_it_out_short.chat"
COMMAND = "/work_it_out"

MOST_INPUTS = 9
MOST_TYPED = 4
"""By whoever takes a clause on by its number (content specification, section 2)."""


REPAIR_ANSWERS = 4


def walked() -> list[Step]:
    """The lines from the command on."""
    steps = parse_transcript(PATH.read_text("utf-8"), str(PATH))
    start = next(n for n, step in enumerate(steps) if isinstance(step, Say) and step.text == COMMAND)
    return steps[start + 1 :]


def inputs(name: str) -> list[Say | Press]:
    lines = [step for step in walked() if isinstance(step, Say | Press) and step.name == name]
    return [line for line in lines if not (isinstance(line, Press) and line.label == "Open")]


def typed(name: str) -> list[Say]:
    return [line for line in inputs(name) if isinstance(line, Say)]


@pytest.mark.parametrize("name", ["alex", "sam"])
def test_the_short_way_takes_at_most_nine_inputs_of_each_person(name: str) -> None:
    assert 0 < len(inputs(name)) <= MOST_INPUTS


def test_who_takes_a_clause_on_by_its_number_types_four_of_them() -> None:
    by_number = [step.name for step in walked() if isinstance(step, Press) and step.label.isdecimal()]
    assert by_number == ["sam"]
    assert len(typed("sam")) <= MOST_TYPED


def test_a_repair_takes_four_answers_and_the_offer() -> None:
    path = PATH.with_name("repair_short.chat")
    steps = parse_transcript(path.read_text("utf-8"), str(path))
    own = [step for step in steps if isinstance(step, Say | Press) and step.name == "alex"]
    start = next(n for n, step in enumerate(own) if isinstance(step, Say) and step.text == "/repair")
    offer = next(n for n, step in enumerate(own) if isinstance(step, Press) and step.label == "Offer")
    assert len(own[start + 1 : offer]) == REPAIR_ANSWERS
    assert isinstance(own[offer + 1], Press), "the offer is one press, and one for exactly what it shows"


async def test_every_message_of_the_short_way_stands_in_its_transcript() -> None:
    world = await new_world()
    try:
        steps = parse_transcript(PATH.read_text("utf-8"), str(PATH))
        before = steps[: -len(walked())]
        player = Player(world.stage, str(PATH))
        assert await player.play(before) is None
        there = len(world.platform.heard)
        assert await player.play(walked()) is None
        got = [heard for heard in world.platform.heard[there:] if heard.text]
    finally:
        world.close()
    told = [step for step in walked() if isinstance(step, Hear) and step.part]
    # The question about the pace was the answer to the command, just before.
    assert len(got) == len(told) - 1
