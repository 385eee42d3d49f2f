"""Every transcript holds, through the whole stack down to SQLite."""

from pathlib import Path

import pytest

from bot.flows.library import Library
from bot.flows.transcript import Press, Say, parse_transcript
from bot.wiring.dialogues import library_of
from bot.wiring.playing import play_transcript
from tests.conversation.world import rehearsed

TRANSCRIPTS = sorted((Path(__file__).parent / "transcripts").glob("*.chat"))
REHEARSED = sorted((Path(__file__).parent / "dialogues" / "transcripts").glob("*.chat"))
"""Transcripts of the tests' own flows, which use what no flow that ships uses yet."""


@pytest.fixture(scope="module")
def library() -> Library:
    return library_of(None)


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
async def test_transcript_holds(path: Path, library: Library) -> None:
    failure, lines = await play_transcript(path, library)
    assert failure is None, failure
    assert lines > 0


@pytest.mark.parametrize("path", REHEARSED, ids=lambda path: path.stem)
async def test_transcript_of_the_tests_own_flows_holds(path: Path) -> None:
    failure, lines = await play_transcript(path, rehearsed())
    assert failure is None, failure
    assert lines > 0


def answers_before(name: str, last: str) -> int:
    """How many answers the first speaker of a transcript gives after the command that starts it, before a choice."""
    path = Path(__file__).parent / "transcripts" / f"{name}.chat"
    lines = [line for line in parse_transcript(path.read_text("utf-8"), str(path)) if isinstance(line, Say | Press)]
    starts = next(at for at, line in enumerate(lines) if isinstance(line, Say) and line.text == "/repair")
    ends = next(at for at, line in enumerate(lines) if isinstance(line, Press) and line.label == last)
    return sum(line.name == lines[starts].name for line in lines[starts + 1 : ends])


def test_the_short_path_of_a_repair_takes_four_answers_and_the_offer() -> None:
    assert answers_before("repair_short", "Offer") == 4
    assert answers_before("repair_short", "Share") == 5


async def test_a_failing_line_tells_what_was_expected_and_received_and_where_the_flow_stands(
    tmp_path: Path, library: Library
) -> None:
    path = tmp_path / "wrong.chat"
    path.write_text("alex> /say_it\nalex< something that nobody says\n")
    failure, _ = await play_transcript(path, library)
    assert failure is not None
    assert f"{path}:2: expected alex gets: something that nobody says" in failure
    assert "Just what a camera would see" in failure
    assert "flow say_it: step happened:stage, me at happened" in failure


async def test_a_choice_that_is_not_there_fails_its_line_and_names_the_choices(
    tmp_path: Path, library: Library
) -> None:
    path = tmp_path / "wrong.chat"
    path.write_text("alex> /pair\nalex> [Gladly, yes]\n")
    failure, _ = await play_transcript(path, library)
    assert failure is not None
    assert "no choice [Gladly, yes]; that message offers [Yes, gladly] [Not now]" in failure


async def test_an_absent_line_fails_when_it_comes_after_all(tmp_path: Path, library: Library) -> None:
    path = tmp_path / "wrong.chat"
    path.write_text("alex> /say_it\nalex<! camera\n")
    failure, _ = await play_transcript(path, library)
    assert failure is not None
    assert "does not get: camera" in failure
