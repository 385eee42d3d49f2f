"""``check --against-live``: what it prints, where, and its exit codes; and that a start says and does the same."""

import json
import sqlite3
import zlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli.app import app
from bot.wiring.data_folder import DATABASE, KEY
from bot.wiring.dialogues import DIALOGUES
from storage.master_keys import MasterKeys
from tests.conversation.changing import GONE, Changes, written

Run = Callable[..., Result]

LINES = """\
@alex
@sam
alex> /say_it
alex> It was late.
sam> /say_it
alex> /pair
alex> [Yes, gladly]
"""


@pytest.fixture
def run() -> Run:
    def with_arguments(*arguments: str | Path, lines: str = "") -> Result:
        return CliRunner().invoke(app, [str(argument) for argument in arguments], input=lines)

    return with_arguments


@pytest.fixture
def data(tmp_path: Path, run: Run) -> Path:
    """A data folder with three running conversations."""
    folder = tmp_path / "data"
    assert run("chat", "--data", folder, "--flows", written(tmp_path / "old", {}), lines=LINES).exit_code == 0
    return folder


MOVED: Changes = {
    "say_it": (("version: 1", "version: 2\nmigrate: {1: {}}"), ("id: feeling\n", "id: felt\n")),
    "pair": (("five small rules", "5 small rules"),),
}
WIDER: Changes = {
    "say_it": (
        ("version: 1", "version: 2\nmigrate: {1: {}}"),
        ("add_more: {type: choice, class: private", "add_more: {type: choice, class: signal"),
    ),
}


def test_nothing_changed_nothing_happens(run: Run, data: Path, tmp_path: Path):
    result = run("check", "--against-live", data, "--flows", tmp_path / "old")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines()[-1] == "3 running sessions: 3 unaffected, 0 migratable, 0 pinned, 0 lost"


def test_sessions_are_sorted_and_counted_with_the_reason_and_without_a_word_of_anybody(
    run: Run, data: Path, tmp_path: Path
):
    result = run("check", "--against-live", data, "--flows", written(tmp_path / "new", MOVED))
    assert (result.exit_code, result.stderr) == (0, "")
    told = [" ".join(line.split()[:2] + line.split()[3:]) for line in result.stdout.splitlines()]
    assert told == [
        "flow version sessions fate why",
        "pair 1 1 pinned 'pair' changed and kept its version",
        "say_it 1 1 migratable",
        "say_it 1 1 pinned the step 'feeling' of 'say_it' is gone",
        "3 running 0 unaffected, 1 migratable, 2 pinned, 0 lost",
    ]
    assert "It was" not in result.stdout


def test_as_json_it_is_one_object_a_line(run: Run, data: Path, tmp_path: Path):
    result = run("check", "--against-live", data, "--flows", written(tmp_path / "new", {"say_it": GONE}), "--json")
    assert result.exit_code == 0
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(one["flow"], one["version"], one["sessions"], one["fate"], one.get("reason")) for one in lines] == [
        ("pair", 1, 1, "unaffected", None),
        ("say_it", 1, 2, "pinned", "flow_gone"),
    ]


def test_it_changes_nothing_and_the_start_does_what_it_said(run: Run, data: Path, tmp_path: Path):
    new = written(tmp_path / "new", MOVED)
    before = (data / DATABASE).read_bytes()
    said = run("check", "--against-live", data, "--flows", new).stdout
    assert (data / DATABASE).read_bytes() == before
    assert run("check", "--against-live", data, "--flows", new).stdout == said

    heard = run("chat", "--data", data, "--flows", new, lines="@alex\n@sam\nalex> /open\nsam> /open\n")
    assert heard.exit_code == 0
    after = run("check", "--against-live", data, "--flows", new).stdout
    assert after.splitlines()[-1] == "3 running sessions: 1 unaffected, 0 migratable, 2 pinned, 0 lost"


def test_what_would_be_refused_is_told_at_its_place_and_is_refused(run: Run, data: Path, tmp_path: Path):
    new = written(tmp_path / "new", WIDER)
    for result in (
        run("check", "--against-live", data, "--flows", new),
        run("chat", "--data", data, "--flows", new, lines="alex> /open\n"),
        run("demo", "--data", data, "--flows", new, "--port", "0", "--no-open"),
    ):
        assert (result.exit_code, result.stdout) == (1, "")
        assert "say_it.yaml:19:35: 'add_more' has class: signal; in version 1, which comes along" in result.stderr
    told = json.loads(run("check", "--against-live", data, "--flows", new, "--json").stdout)
    assert (told["line"], told["column"], told["code"]) == (19, 35, "migrated-otherwise")


def test_flows_that_are_wrong_by_themselves_are_told_first(run: Run, data: Path, tmp_path: Path):
    result = run("check", "--against-live", data, "--flows", written(tmp_path / "new", {"slow": (("say:", "sya:"),)}))
    assert (result.exit_code, result.stdout) == (1, "")
    assert "unknown key 'sya'" in result.stderr


def test_sessions_that_cannot_be_read_are_a_problem_and_a_start_says_so_too(run: Run, data: Path, tmp_path: Path):
    database = sqlite3.connect(data / DATABASE)
    database.execute("UPDATE flow_revision SET body = ? WHERE flow = 'say_it'", (zlib.compress(b"{}"),))
    database.commit()
    database.close()
    new = written(tmp_path / "new", MOVED)
    result = run("check", "--against-live", data, "--flows", new)
    assert result.exit_code == 1
    assert "0 unaffected, 0 migratable, 1 pinned, 2 lost" in result.stdout
    assert result.stderr.startswith("2 running conversations rest, because this program cannot read")
    started = run("chat", "--data", data, "--flows", new, lines="@alex\nalex> /help\n")
    assert started.exit_code == 0
    assert started.stderr.startswith("2 running conversations rest, because this program cannot read")
    assert "You can write" in started.stdout


def test_what_is_no_data_folder_is_wrong_usage(run: Run, data: Path, tmp_path: Path):
    nowhere = run("check", "--against-live", tmp_path / "nowhere")
    assert (nowhere.exit_code, nowhere.stdout) == (2, "")
    assert "is no data folder" in nowhere.stderr
    files = run("check", "--against-live", data, DIALOGUES / "flows" / "slow.yaml")
    assert (files.exit_code, files.stdout) == (2, "")
    assert "with --flows" in files.stderr
    flows = run("check", "--against-live", data, "--flows", tmp_path / "nowhere")
    assert (flows.exit_code, flows.stdout) == (2, "")


def test_a_conversation_that_is_damaged_stays_as_it_is_and_the_others_come_along(
    run: Run, data: Path, tmp_path: Path
):
    with closing(sqlite3.connect(data / DATABASE)) as database, database:
        say_it = "SELECT min(id) FROM session WHERE open = 1 GROUP BY revision HAVING count(*) = 2"
        (name,) = database.execute(say_it).fetchone()
        database.execute("UPDATE session SET body = x'00' WHERE id = ?", (name,))
    flows = written(tmp_path / "new", {"say_it": (("version: 1", "version: 2\nmigrate: {1: {}}"),)})
    surveyed = run("check", "--against-live", data, "--flows", flows)
    assert (surveyed.exit_code, surveyed.stderr) == (0, "")
    assert "something of it is damaged: restore a backup" in surveyed.stdout
    started = run("chat", "--data", data, "--flows", flows, lines="@alex\n@sam\n")
    assert (started.exit_code, started.stderr) == (0, "")
    again = run("check", "--against-live", data, "--flows", flows)
    assert "something of it is damaged" in again.stdout
    assert "0 migratable, 1 pinned" in again.stdout


def test_a_file_that_cannot_be_read_is_wrong_usage(run: Run, tmp_path: Path):
    (tmp_path / KEY).write_text(MasterKeys.made().text())
    (tmp_path / DATABASE).write_text("no database, but long enough to be taken for one at first sight")
    result = run("check", "--against-live", tmp_path)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "is damaged, or no database at all" in result.stderr
