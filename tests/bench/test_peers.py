"""The peers themselves: who takes part, from what, and what happens to one that cannot."""

import argparse
import re
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bench.peers import __main__ as command
from bench.peers import environments, judging
from bench.peers.environments import LOCKS, CannotInstall, lock_of, made, steps
from bench.peers.probing import Lab
from bench.peers.results import MEMORY, Results
from bench.peers.roster import ENTRIES, OURS, WANTED, YARDSTICK, Entry
from bench.peers.rows import Rows
from bench.peers.workers import Died, Failed, Hung, at_work
from bot.cli.app import app

BY_KEY = {entry.key: entry for entry in ENTRIES}
PYTHON = Path(sys.executable)


# The roster


def test_every_peer_that_was_asked_for_takes_part() -> None:
    libraries = {entry.library for entry in ENTRIES}
    asked = {"sismic", "python-statemachine", "transitions", "aiogram", "python-telegram-bot", "chatsky"}
    assert libraries - {""} == asked | {"botbuilder-dialogs"}
    for entry in ENTRIES:
        if entry.library:
            assert entry.kind
            assert entry.durable
            assert entry.probed


def test_every_entry_has_its_adapter_and_every_environment_its_lock() -> None:
    adapters = Path(command.__file__).parent / "adapters"
    assert len(BY_KEY) == len(ENTRIES)
    for entry in ENTRIES:
        assert (adapters / f"{entry.adapter}.py").is_file()
        assert not entry.environment or lock_of(entry.environment).is_file()
        assert not entry.library or entry.environment in WANTED
    assert {path.stem for path in LOCKS.iterdir()} == set(WANTED)


def test_every_lock_has_hashes_and_names_no_address() -> None:
    for name, wants in WANTED.items():
        text = lock_of(name).read_text("utf-8")
        pins = re.findall(r"^([a-z0-9-]+)==", text, re.MULTILINE)
        assert re.split(r"[\[<]", wants[0])[0] in pins
        assert len(re.findall(r"^[a-z0-9-]+==.*\\\n    --hash=sha256:", text, re.MULTILINE)) == len(pins)
        assert "://" not in text


# Environments


@pytest.mark.parametrize(("uv", "maker"), [("uv", "python3"), ("uv", ""), (None, "python3"), (None, "")])
def test_an_environment_is_made_from_hashes_alone_whatever_installs_it(uv: str | None, maker: str) -> None:
    commands = steps(Path("there"), Path("a.lock"), uv=uv, maker=maker)
    assert [what for what, _ in commands] == ["venv", "install"]
    install = list(map(str, commands[1][1]))
    assert "--require-hashes" in install
    assert install[-1] == "a.lock"
    assert "there/bin/python" in install


def test_what_cannot_be_installed_is_told_and_leaves_nothing_that_looks_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object, **__: object) -> list[tuple[str, list[str]]]:
        return [("install", [sys.executable, "-c", "exit(1)"])]

    monkeypatch.setattr(environments, "PLACE", tmp_path)
    monkeypatch.setattr(environments, "steps", failing)
    with pytest.raises(CannotInstall, match="install"):
        made("sismic")
    assert not (tmp_path / "sismic" / "installed").exists()


def test_an_environment_that_is_whole_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    count: list[int] = []

    def counted(folder: Path, *_: object, **__: object) -> list[tuple[str, list[str]]]:
        count.append(1)
        folder.mkdir()
        return [("venv", [sys.executable, "-c", ""])]

    monkeypatch.setattr(environments, "PLACE", tmp_path)
    monkeypatch.setattr(environments, "steps", counted)
    assert made("sismic") == made("sismic") == tmp_path / "sismic" / "bin" / "python"
    assert len(count) == 1


def test_a_peer_that_cannot_be_installed_or_run_is_told_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(name: str) -> Path:
        if name == "broken":
            raise CannotInstall
        return PYTHON

    monkeypatch.setattr(command, "made", refused)
    broken = Entry(key="broken", title="Broken", adapter="rows_bot", environment="broken")
    foreign = Entry(key="foreign", title="Foreign", adapter="sismic_bot", environment="foreign")
    found = Results()
    ready = command.pythons([broken, foreign, BY_KEY[YARDSTICK]], found)
    assert set(ready) == {YARDSTICK}
    assert found.absent == {
        "broken": "could not be installed (CannotInstall)",
        "foreign": "could not be run (ModuleNotFoundError)",
    }


def test_a_peer_whose_bot_does_not_open_is_told_and_the_others_are_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "PLACE", tmp_path)
    broken = Entry(key="broken", title="Broken", adapter="nowhere_bot", kind="nothing")
    whole = Entry(key="rows", title="Rows", adapter="rows_bot", kind="nothing")
    options = argparse.Namespace(rounds=1, seconds=0.01)
    found = command.measure(MEMORY, [broken, whole], {"broken": PYTHON, "rows": PYTHON}, options)
    assert found.failed == {(MEMORY, "broken"): "ModuleNotFoundError"}
    assert found.figures[MEMORY, "rows"].rate > 0


# Processes


def test_a_process_takes_turns_and_tells_errors_by_their_class() -> None:
    with at_work(PYTHON, "rows_bot") as worker:
        with pytest.raises(Failed, match="RuntimeError"):
            worker.order("begin", person="1")
        worker.order("open")
        assert worker.order("begin", person="1") == {"standing": "start"}
        answer = worker.order("measure", seconds=0.01)
        assert answer["turns"] % 100 == 0
        assert 0 < answer["p50"] <= answer["p99"]


def test_a_process_that_is_to_die_before_the_reply_has_saved_and_dies(tmp_path: Path) -> None:
    with at_work(PYTHON, "rows_bot") as worker:
        worker.order("open", path=tmp_path / "kept.sqlite", dies=True)
        worker.order("begin", person="1")
        with pytest.raises(Died):
            worker.order("take", person="1", text="7", number=1)
    assert Rows(tmp_path / "kept.sqlite").load("1") == b'{"state": "left", "number": 7}'


def test_a_process_that_does_not_answer_in_time_is_given_up() -> None:
    with at_work(PYTHON, "rows_bot") as worker:
        with pytest.raises(Hung):
            worker.order("about", patience=0.0, distributions=[])
        with pytest.raises(Died):
            worker.order("about", distributions=[])


# Rows


def test_a_row_is_saved_with_full_synchronising(tmp_path: Path) -> None:
    rows = Rows(tmp_path / "kept.sqlite")
    assert rows.synchronous == 2
    rows.save("a:1", b"one")
    rows.save("a:1", b"two")
    rows.save("b:1", b"three")
    assert rows.load("a:1") == b"two"
    assert rows.load("nobody") is None
    assert rows.under("a:") == {"1": b"two"}
    rows.close()


# This project


@pytest.mark.parametrize("key", ["engine", OURS])
def test_this_project_plays_the_dialogue_as_everyone_does(key: str) -> None:
    entry = BY_KEY[key]
    with at_work(PYTHON, entry.adapter) as worker:
        worker.order("open", variant=entry.variant)
        assert worker.order("begin", person="1")["standing"] == "start"
        sides = [("3", "left"), ("7", "right"), ("5", "right"), ("6", "left"), ("9", "right")]
        for number, (text, side) in enumerate(sides, 1):
            reply = f"{text}: you are on the {side}. Which number now?"
            assert worker.order("take", person="1", text=text, number=number) == {
                "replies": [reply],
                "standing": side,
            }


def test_an_experiment_sees_that_this_project_takes_a_message_once(tmp_path: Path) -> None:
    assert judging.redelivered(Lab(BY_KEY[OURS], PYTHON, tmp_path).redelivered()).word == "once"


# The command


def test_the_command_names_the_benchmarks_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", list(sys.argv))
    told = CliRunner().invoke(app, ["bench", "nothing"])
    assert told.exit_code == 2
    assert (
        "there is no benchmark 'nothing': crashtest, discord, engine, mutants, peers, store, telegram" in told.stderr
    )


def test_a_benchmark_gets_its_own_options(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", list(sys.argv))
    told = CliRunner().invoke(app, ["bench", "peers", "--only", "nobody"])
    assert told.exit_code == 2
    assert "invalid choice: 'nobody'" in told.stderr


def test_what_is_left_out_is_not_written_down(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        command.main(["--write", "--no-probes"])
    assert ended.value.code == 2
    assert "leave nothing out" in capsys.readouterr().err
