"""``check``: what it prints, where, and the exit codes 0 (all held), 1 (problems) and 2 (wrong usage)."""

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli.app import app
from bot.wiring.dialogues import DIALOGUES

FAULT = Path(__file__).parent / "faults" / "unknown-step_in_next.yaml"

RIGHT = """\
flow: right
version: 1
title: Right
roles: {me: one}
steps:
  - {id: x, say: "Hi.", end: true}
"""

Run = Callable[..., Result]


@pytest.fixture
def run() -> Run:
    def with_arguments(*arguments: str | Path) -> Result:
        return CliRunner().invoke(app, [str(argument) for argument in arguments])

    return with_arguments


@pytest.fixture
def dialogues(tmp_path: Path) -> Path:
    """A folder of dialogues with one right flow and the phrases that ship."""
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "right.yaml").write_text(RIGHT)
    (tmp_path / "phrases.yaml").write_text((DIALOGUES / "phrases.yaml").read_text("utf-8"), "utf-8")
    return tmp_path


def test_what_ships_holds(run: Run) -> None:
    result = run("check")
    assert (result.exit_code, result.stderr) == (0, "")
    count = len(list((DIALOGUES / "flows").glob("*.yaml")))
    assert result.stdout == f"{count} flows, no problems\n"


def test_one_right_file_holds(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "right.yaml"
    path.write_text(RIGHT)
    result = run("check", path)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "1 flow, no problems\n", "")


def test_a_problem_is_told_on_stderr_with_exit_1(run: Run) -> None:
    result = run("check", FAULT)
    assert (result.exit_code, result.stdout) == (1, "")
    first, line, caret = result.stderr.splitlines()
    assert first.endswith("unknown-step_in_next.yaml:7:31: unknown step 'fin', did you mean 'fine'? [unknown-step]")
    assert line[caret.index("^") :].startswith("fin")


def test_problems_of_several_files_are_told_together(run: Run, tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("flow: [")
    result = run("check", FAULT, broken)
    assert result.exit_code == 1
    assert "[unknown-step]" in result.stderr
    assert (
        "broken.yaml:1:8: not YAML here: the file ends before what was begun is finished [yaml-syntax]"
        in result.stderr
    )


def test_problems_as_json_are_one_object_a_line(run: Run) -> None:
    result = run("check", FAULT, "--json")
    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert told["path"].endswith("unknown-step_in_next.yaml")
    assert {key: told[key] for key in ("line", "column", "code")} == {"line": 7, "column": 31, "code": "unknown-step"}
    assert json.loads(run("check", "--json").stdout)["problems"] == 0


def test_a_file_that_is_not_there_is_wrong_usage(run: Run, tmp_path: Path) -> None:
    result = run("check", tmp_path / "nowhere.yaml")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "nowhere.yaml is not there" in result.stderr


def test_an_unknown_option_is_wrong_usage(run: Run) -> None:
    assert run("check", "--jsn").exit_code == 2


def test_a_folder_of_dialogues_is_checked_with_its_phrases(run: Run, dialogues: Path) -> None:
    assert run("check", dialogues).exit_code == 0
    (dialogues / "phrases.yaml").write_text('yes: "Yes {a.b}"\nno: 3\nno: "No"\n')
    result = run("check", dialogues)
    assert result.exit_code == 1
    codes = [line.split("[")[-1].rstrip("]") for line in result.stderr.splitlines() if "phrases.yaml:" in line]
    assert codes == ["bad-placeholder", "wrong-type", "duplicate-key"]


def test_a_folder_without_its_phrases_or_flows_is_told(run: Run, dialogues: Path) -> None:
    (dialogues / "flows" / "right.yaml").unlink()
    result = run("check", dialogues)
    assert result.exit_code == 1
    assert "there are no flows here" in result.stderr


@pytest.fixture
def alone(tmp_path: Path) -> Path:
    """A folder with nothing but two flows, one of which calls the other, and the other one that ships."""
    folder = tmp_path / "alone"
    folder.mkdir()
    (folder / "right.yaml").write_text(RIGHT)
    calls = "  - {id: c, call: right, roles: {me: me}}\n  - {id: s, start: say_it, roles: {me: me}}\n"
    (folder / "calls.yaml").write_text(
        RIGHT.replace("flow: right", "flow: calls").replace("steps:\n", f"steps:\n{calls}")
    )
    return folder


@pytest.mark.parametrize("arguments", [["check", "--flows"], ["check"], ["explore", "--flows"]], ids=" ".join)
def test_a_folder_without_any_flows_is_refused(run: Run, tmp_path: Path, arguments: Sequence[str]) -> None:
    result = run(*arguments, tmp_path)
    assert (result.exit_code, result.stdout) == (1, "")
    told = "there are no flows here: a folder holds flows/*.yaml and phrases.yaml [no-flows]"
    assert result.stderr == f"{tmp_path}:1:1: {told}\n"


def test_a_folder_of_flows_alone_is_checked_beside_what_ships(run: Run, alone: Path) -> None:
    for arguments in ([alone], ["--flows", alone], [alone / "calls.yaml", "--flows", alone]):
        result = run("check", *arguments)
        assert (result.exit_code, result.stderr) == (0, ""), arguments
    assert "unknown flow 'right'" in run("check", alone / "calls.yaml").stderr


def test_a_folder_of_flows_alone_comes_beside_what_ships(run: Run, alone: Path, tmp_path: Path) -> None:
    (alone / "right.yaml").write_text(
        RIGHT.replace("roles:", "start: {command: right}\nroles:").replace("Hi.", "All right.")
    )
    talk = tmp_path / "talk.chat"
    talk.write_text("alex> /right\nalex< All right.\nalex> /say_it\nalex< What happened?\n")
    assert run("play", talk, "--flows", alone).exit_code == 0
    assert run("play", talk).exit_code == 1


def test_what_is_no_plain_file_is_told(run: Run, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "round.yaml").symlink_to("round.yaml")
    result = run("check", tmp_path / "pipe.yaml")
    assert result.exit_code == 1
    assert "pipe.yaml:1:1: cannot be read: it is no plain file [unreadable]" in result.stderr
    assert "round.yaml:1:1: cannot be read: Too many levels of symbolic links" in run("check", tmp_path).stderr


def test_records_are_checked_alone_and_with_the_flows_beside_them(run: Run, tmp_path: Path) -> None:
    declared = tmp_path / "records.yaml"
    declared.write_text('note: {of: me, title: "Notes", lasts: 4w, fields: {words: {type: text}}}\n')
    keeps = '  - {id: ask, ask: "What?", save: words}\n  - {id: note, keep: note, fields: {words: words}}\n'
    slots = "slots:\n  words: {type: text, class: private}\nsteps:\n"
    (tmp_path / "keeps.yaml").write_text(RIGHT.replace("steps:\n", slots + keeps))
    assert run("check", declared).exit_code == 0
    assert run("check", tmp_path).stdout == "1 flow, no problems\n"

    declared.write_text("note: {of: me}\n")
    for path in (declared, tmp_path):
        result = run("check", path)
        assert (result.exit_code, "[missing-key]" in result.stderr) == (1, True)


@pytest.mark.parametrize("command", [["chat"], ["demo", "--port", "0"], ["play", "talk.chat"]], ids=lambda c: c[0])
def test_nothing_starts_while_one_flow_of_many_is_wrong(run: Run, dialogues: Path, command: Sequence[str]) -> None:
    (dialogues / "flows" / "wrong.yaml").write_text(RIGHT.replace("right", "wrong").replace("say:", "sya:"))
    result = run(*command, "--flows", dialogues)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "wrong.yaml:6:13: unknown key 'sya', did you mean 'say'? [unknown-key]" in result.stderr


@pytest.mark.parametrize("command", ["chat", "check", "demo", "play"])
def test_flows_from_nowhere_are_wrong_usage(run: Run, tmp_path: Path, command: str) -> None:
    extra = ["talk.chat"] if command == "play" else []
    assert run(command, *extra, "--flows", tmp_path / "nowhere").exit_code == 2
