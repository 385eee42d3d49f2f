"""``play --update``: expectations that do not hold are written anew; everything else stays as it was."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli.app import app
from bot.flows.transcript import Hear, parse_transcript
from bot.wiring.playing import play_transcript, update_transcript
from tests.conversation.world import shipped

TRANSCRIPTS = Path(__file__).parent / "transcripts"

PAIRED = """\
# Pairing.
@start 2026-03-02T18:00Z
alex> /pair
alex> [Yes, gladly]
alex> [My own idea]
alex< {code}
sam> /pair {code}
"""

Update = Callable[[str], tuple[Result, str]]


@pytest.fixture
def update(tmp_path: Path) -> Update:
    """Update a transcript; return how it went and what the file holds then."""

    def with_text(text: str) -> tuple[Result, str]:
        path = tmp_path / "a.chat"
        path.write_bytes(text.encode())
        result = CliRunner().invoke(app, ["play", "--update", str(path)])
        return result, path.read_bytes().decode()

    return with_text


def test_what_holds_is_left_as_it_is(update: Update) -> None:
    text = PAIRED.replace("alex< {code}", "alex< code is {code}")
    result, after = update(text)
    assert (result.exit_code, after) == (0, text)
    assert result.stdout.startswith("held ")


def test_a_line_that_does_not_hold_becomes_what_was_received_with_its_choices(update: Update) -> None:
    text = "# Alone.\n@start 2026-03-02T18:00Z\n\nalex> /say_it\n# The first question:\nalex< What happened there?\n"
    result, after = update(text)
    assert result.exit_code == 0
    assert result.stdout.endswith("(1 expectations written anew)\n")
    assert after == text.replace("What happened there?", "What happened? Just what a camera would see.")
    text = "alex> /say_it\nalex> Rain.\nalex< What did you taste?\n| [wet]\nalex> [tired]\n"
    _, after = update(text)
    assert after == (
        "alex> /say_it\nalex> Rain.\n"
        "alex< What did you feel? One or two words. [tired] [hurt] [on edge] [lonely] [worried]\n"
        "alex> [tired]\n"
    )


def test_a_message_of_several_lines_is_continued_by_bars(update: Update) -> None:
    _, after = update("alex> /pair\nalex< Six rules.\nalex> [Yes, gladly]\n")
    assert after == (
        "alex> /pair\n"
        "alex< Pairing takes five small rules:\n"
        "| 1. I share only what I choose.\n"
        "| 2. We can both pause.\n"
        "| 3. No is okay.\n"
        "| 4. We don't ask to see each other's private notes.\n"
        "| 5. Either of us can leave.\n"
        "| Is that all right for you? [Yes, gladly] [Not now]\n"
        "alex> [Yes, gladly]\n"
    )


def test_a_captured_name_stays_captured(update: Update) -> None:
    result, after = update(PAIRED.replace("alex< {code}", "alex< The code is {code} now"))
    assert result.exit_code == 0
    assert "alex< Your code is {code}\n| Give it to them in your own way. It works once, for 24 hours.\n" in after
    assert after.endswith("sam> /pair {code}\n")


def test_a_name_whose_place_cannot_be_told_is_left_to_a_person(update: Update) -> None:
    text = PAIRED.replace("alex< {code}", "alex< word: {code} works")
    result, after = update(text.replace("{code} works", "{code}, so"))
    assert (result.exit_code, after) == (1, text.replace("{code} works", "{code}, so"))
    assert "this one is yours to mend: nothing was written" in result.stderr


def test_what_must_not_come_is_never_mended(update: Update) -> None:
    text = "alex> /say_it\nalex< wrong\nalex> /say_it\nalex<! camera\n"
    result, after = update(text)
    assert (result.exit_code, after) == (1, text)
    assert "does not get: camera" in result.stderr


def test_an_input_that_cannot_be_carried_out_is_never_mended(update: Update) -> None:
    text = "alex> /pair\nalex< wrong\nalex> [Gladly]\n"
    result, after = update(text)
    assert (result.exit_code, after) == (1, text)
    assert "a choice that is there" in result.stderr


def test_silence_that_is_broken_becomes_what_was_received(update: Update) -> None:
    _, after = update("alex> /say_it\nalex<\nalex> Rain.\n")
    assert "alex< Hi. I'm a program" in after
    assert "alex< What happened? Just what a camera would see.\nalex> Rain.\n" in after


def test_what_comes_no_more_becomes_silence_said_once(update: Update) -> None:
    _, after = update("alex> /say_it\nalex< camera\nalex< Another one.\nalex< A third.\nalex> Rain.\n")
    assert after == "alex> /say_it\nalex< camera\nalex<\nalex> Rain.\n"


def test_a_line_below_that_holds_keeps_its_message(update: Update) -> None:
    _, after = update("alex> /say_it\nalex< Something else that a camera sees\nalex< camera would see\nalex> Rain.\n")
    assert after.splitlines()[1].startswith("alex< Hi. I'm a program")
    assert after.splitlines()[2:] == ["alex< camera would see", "alex> Rain."]


def test_the_ends_of_the_lines_stay_as_they_are(update: Update) -> None:
    _, after = update("alex> /say_it\r\nalex< wrong camera\r\nalex> Rain.\r\n")
    assert after == "alex> /say_it\r\nalex< What happened? Just what a camera would see.\r\nalex> Rain.\r\n"


@pytest.mark.parametrize("name", ["work_it_out_short", "pause_rule", "two_languages.es", "how_is_it_going"])
async def test_whatever_was_expected_the_updated_transcript_holds(name: str, tmp_path: Path) -> None:
    text = (TRANSCRIPTS / f"{name}.chat").read_text("utf-8")
    steps = parse_transcript(text, name)
    wrong = {step.number for step in steps if isinstance(step, Hear) and step.part and "{" not in step.part}
    lines = text.split("\n")
    for number in wrong - {step.number for step in steps if isinstance(step, Hear) and step.absent}:
        lines[number - 1] = re.sub(r"< .*", "< Nobody ever says this.", lines[number - 1])
    path = tmp_path / "a.chat"
    path.write_text("\n".join(lines), "utf-8")
    assert (await play_transcript(path, shipped()))[0] is not None
    failure, count = await update_transcript(path, shipped())
    assert (failure, count > 5) == (None, True)
    assert (await play_transcript(path, shipped()))[0] is None
    assert [line for line in path.read_text("utf-8").split("\n") if "<" not in line and not line.startswith("|")] == [
        line for line in text.split("\n") if "<" not in line and not line.startswith("|")
    ]
