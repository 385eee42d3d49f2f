"""``explore``: what it prints, where, and how it ends."""

import json
import re
from pathlib import Path
from shutil import copy

import pytest
from typer.testing import CliRunner, Result

from bot.cli.app import app
from bot.flows.transcript import parse_transcript

RIGHT = Path(__file__).parent / "right"

BOUNDS = (
    "Bounds: a text stands for every text; at most 2 items of a list a person, or as many as are counted; of answers "
    "that no expression tells apart one, or 2 where it matters which; 3 deadlines between an answer and the clock; "
    "3 people where there may be many, or as many as are counted; Back: 1 step."
)

HOLDING = """
flow: holding
version: 1
title: Holding
roles: {me: one}
start: {command: holding}
slots: {mood: {type: choice, class: private, options: {good: "Good"}}}
steps:
  - {id: ask, ask: "How are you?", save: mood}
  - {id: over, say: "Bye.", end: true}
"""

ASKING = """
flow: asking
version: 1
title: Asking
roles: {me: one}
start: {command: asking}
slots:
  long: {type: duration, class: private, min: 10m, max: 3h}
  day: {type: date, class: private, within: 30d}
  at: {type: time, class: private}
  often: {type: number, class: private, max: 3}
  ideas: {type: list, class: private, most: 4}
  mood: {type: choice, class: private, options: {good: "Good", fine: "Fine", bad: "Bad"}}
  land: {type: country, class: private}
  note: {type: text, class: private}
steps:
  - {id: long, ask: "How long?", save: long}
  - {id: one, when: "long > hours(1)", say: "Long."}
  - {id: day, ask: "Which day?", save: day}
  - {id: two, when: "day > today + days(2) or day == today", say: "Later."}
  - {id: at, ask: "When?", save: at}
  - {id: ideas, ask: "Ideas?", save: ideas}
  - {id: mood, ask: "How are you?", save: mood}
  - {id: three, when: "size(ideas) > 2 or mood == 'bad'", say: "Many."}
  - {id: land, ask: "Which country?", save: land}
  - {id: four, when: "land == 'ES'", say: "Spain."}
  - {id: often, ask: "How often?", save: often}
  - {id: again, ask: "A note?", save: note, next: [{when: "visits(again) < often", go: again}, {else: over}]}
  - {id: over, say: "Bye.", end: true}
"""

ROUND = """
flow: round
version: 1
title: Round
roles: {me: one}
start: {command: round}
slots: {mood: {type: choice, class: private, options: {good: "Good"}}}
steps:
  - {id: ask, ask: "How are you?", save: mood, within: 1d, expired: ask}
  - {id: over, say: "Bye.", end: true}
"""


@pytest.fixture
def flows(tmp_path: Path) -> Path:
    """A folder with a flow that holds, one that silence never ends, and one that the partner can tell about."""
    (tmp_path / "holding.yaml").write_text(HOLDING)
    (tmp_path / "round.yaml").write_text(ROUND)
    copy(RIGHT / "one_person_is_asked_again.yaml", tmp_path / "again.yaml")
    return tmp_path


def explore(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["explore", *map(str, arguments)])


def test_a_flow_that_holds_is_told_behind_the_bounds(flows: Path) -> None:
    result = explore("holding", "--flows", flows)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [BOUNDS, "holding: 1 beginnings, 3 states, 3 turns: holds", "  mood: good"]


def test_which_answers_stood_for_all_is_told_where_flows_are_named(flows: Path) -> None:
    (flows / "asking.yaml").write_text(ASKING)
    assert explore("asking", "--flows", flows).stdout.splitlines()[2:] == [
        "  long: 10m, 3h",
        "  day: today, tomorrow, in 3 days",
        "  at: 9:00",
        "  often: 0, 1, 2, 3",
        "  ideas: up to 3 items a person",
        "  mood: good, bad",
        "  land: ES, PE",
        "  some words: note",
        "  size(ideas): counted to 3",
        "  visits(again): counted to 3",
    ]
    found = json.loads(explore("asking", "--json", "--flows", flows).stdout)
    assert (found["answers"]["long"], found["words"]) == ("10m, 3h", ["note"])
    assert found["counts"] == {"size(ideas)": 3, "visits(again)": 3}
    everything = explore("--flows", flows, "--states", "1").stdout.splitlines()
    assert len(everything) > len(["Bounds", "asking", "holding", "round", "again"])
    assert not any(line.startswith(" ") for line in everything), "there it would be too much"


@pytest.mark.parametrize("workers", [1, 3])
def test_flows_are_told_in_the_order_in_which_they_are_named_whoever_explores_them(flows: Path, workers: int) -> None:
    result = explore("round", "holding", "round", "--flows", flows, "--workers", str(workers))
    assert result.exit_code == 1
    told = [line.partition(":")[0] for line in result.stdout.splitlines() if not line.startswith(" ")]
    assert told == ["Bounds", "round", "holding"]


def test_a_fault_ends_with_1_and_its_conversation_goes_to_stderr(flows: Path) -> None:
    result = explore("round", "--flows", flows)
    assert result.exit_code == 1
    assert result.stdout.splitlines()[1] == "round: 1 beginnings, 3 states, 4 turns: 1 faults"
    assert result.stderr.strip().splitlines()[0] == "# With everybody silent the session never ends."
    assert parse_transcript(result.stderr, "fault.chat")


def test_of_what_somebody_can_tell_both_conversations_are_printed_one_after_the_other(flows: Path) -> None:
    result = explore("again", "--flows", flows)
    assert result.exit_code == 1
    one, other = re.split(r"\n(?=# bob can tell apart what others did in private\.\n)", result.stderr.strip("\n"))
    assert one != other
    for chat in (one, other):
        assert parse_transcript(chat, "fault.chat")


def test_as_json_each_flow_is_an_object_and_nothing_else_is_printed(flows: Path) -> None:
    result = explore("holding", "again", "--json", "--workers", "1", "--flows", flows)
    assert (result.exit_code, result.stderr) == (1, "")
    holding, again = map(json.loads, result.stdout.splitlines())
    assert holding == {
        "flow": "holding",
        "beginnings": 1,
        "states": 3,
        "turns": 3,
        "truncated": False,
        "answers": {"mood": "good"},
        "words": [],
        "counts": {},
        "untried": [],
        "holds": True,
        "faults": [],
    }
    assert (again["flow"], again["holds"], again["truncated"]) == ("again", False, False)
    (fault,) = again["faults"]
    assert fault["told"] == "bob can tell apart what others did in private."
    assert [chat.startswith(f"# {fault['told']}\n") for chat in fault["chats"]] == [True, True]


def test_what_was_not_gone_through_to_its_end_proves_nothing(flows: Path) -> None:
    result = explore("holding", "--states", "2", "--flows", flows)
    assert (result.exit_code, result.stderr) == (1, "")
    assert result.stdout.splitlines()[1] == (
        "holding: 1 beginnings, 2 states, 3 turns: stopped at the bound of states; nothing is proven"
    )
    found = json.loads(explore("holding", "--states", "2", "--json", "--flows", flows).stdout)
    assert (found["truncated"], found["holds"], found["faults"]) == (True, False, [])


# Refusals


def test_a_flow_that_is_not_there_is_wrong_usage(flows: Path) -> None:
    result = explore("holdin", "--flows", flows)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "there is no flow 'holdin', did you mean 'holding'?\n"


def test_a_flow_that_is_only_called_is_wrong_usage() -> None:
    result = explore("one_word")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "'one_word' is gone through where it is called: explore hear_it_back\n"


def test_a_folder_that_is_not_there_is_wrong_usage(tmp_path: Path) -> None:
    result = explore("--flows", tmp_path / "nowhere")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.endswith("is no folder: name one that holds flows/*.yaml and phrases.yaml\n")


def test_flows_that_are_wrong_are_told_before_anything_is_explored(flows: Path) -> None:
    (flows / "holding.yaml").write_text(HOLDING.replace("save: mood", "save: mod"))
    result = explore("round", "--flows", flows)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "unknown slot 'mod', did you mean 'mood'? [unknown-slot]" in result.stderr
    as_json = json.loads(explore("round", "--json", "--flows", flows).stdout)
    assert (as_json["line"], as_json["code"]) == (9, "unknown-slot")


@pytest.mark.parametrize("option", ["--workers", "--states"])
def test_less_than_one_is_wrong_usage(option: str) -> None:
    assert explore("pause", option, "0").exit_code == 2
