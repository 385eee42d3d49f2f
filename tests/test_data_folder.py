"""A data folder from the command line: its key, backups and restoring, exports and erasures, and who holds it."""

import json
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest
from typer.testing import CliRunner, Result

from bot.cli.app import app
from bot.wiring.data_folder import DATABASE, ERASED, KEY
from storage.backup import back_up, check, put_in_place
from storage.faults import StoreUnusable
from storage.holding import holding
from storage.master_keys import MasterKeys
from storage.places import TABLES

Run = Callable[..., Result]

LINES = """\
@alex
@sam
alex> /say_it
alex> It was late.
sam> /say_it
sam> It was early.
"""
STANDING = "What did you feel?"
"""What both are asked next, when what they have written can be read."""


@pytest.fixture
def run() -> Run:
    def with_arguments(*arguments: str | Path, lines: str = "", env: dict[str, str] | None = None) -> Result:
        return CliRunner().invoke(app, [str(argument) for argument in arguments], input=lines, env=env)

    return with_arguments


@pytest.fixture
def data(tmp_path: Path, run: Run) -> Path:
    folder = tmp_path / "data"
    assert run("chat", "--data", folder, lines=LINES).exit_code == 0
    return folder


def heard(run: Run, data: Path, line: str, **more: dict[str, str]) -> str:
    result = run("chat", "--data", data, lines=f"@alex\n@sam\n{line}\n", **more)
    assert result.exit_code == 0, result.stderr
    return result.stdout


def rows(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, as it is stored."""
    with closing(sqlite3.connect(path)) as database:
        names = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1")]
        return {name: database.execute(f"SELECT * FROM {name} ORDER BY 1, 2").fetchall() for name in names}  # noqa: S608


def code_for(run: Run, data: Path, name: str) -> tuple[str, str]:
    result = run("chat", "--data", data, "--clock", "system", lines=f"@alex\n@sam\n{name}> /data_code\n")
    assert result.exit_code == 0, (result.stderr, result.exception)
    told = result.stdout
    assert "It works once" in told, (told, result.stderr)
    whose, code = re.findall(r": (\w+) (\w+)\. It works once", told)[-1]
    return whose, code


# The key


def test_the_first_start_makes_a_key_for_its_owner_alone_and_says_so_once(tmp_path: Path, run: Run):
    folder = tmp_path / "new"
    first = run("chat", "--data", folder, lines=LINES)
    told = f"What is kept is sealed with the key in {folder / KEY}. "
    assert first.stderr == told + "Without it nothing can be read: keep a copy elsewhere.\n"
    assert run("chat", "--data", folder, lines="@alex\nalex> /help\n").stderr == ""
    for file in folder.iterdir():
        assert file.stat().st_mode & 0o077 == 0, file.name


def test_nothing_that_was_written_is_in_any_file_of_the_folder(data: Path):
    for file in data.iterdir():
        assert b"It was" not in file.read_bytes(), file.name
        assert b"Alex" not in file.read_bytes(), file.name


def test_a_new_master_key_opens_everything_and_the_old_one_nothing(run: Run, data: Path):
    old = (data / KEY).read_text()
    before = {name: found for name, found in rows(data / DATABASE).items() if name != "key"}
    result = run("keys", "rotate", "--data", data, "--json")
    assert json.loads(result.stdout)["wrapped"] == len(rows(data / DATABASE)["key"]) > 1
    assert {name: found for name, found in rows(data / DATABASE).items() if name != "key"} == before
    new = (data / KEY).read_text()
    assert len(MasterKeys.parse(new).keys) == 1
    assert new != old
    assert STANDING in heard(run, data, "alex> /open")
    (data / KEY).write_text(old)
    refused = run("chat", "--data", data, lines=LINES)
    assert refused.exit_code == 2
    assert "sealed with another master key" in refused.stderr


def test_a_rotation_that_was_broken_off_goes_on_with_the_same_key(run: Run, data: Path):
    both = MasterKeys.parse((data / KEY).read_text()).followed_by()
    (data / KEY).write_text(both.text())
    with closing(sqlite3.connect(data / DATABASE)) as database:
        found = database.execute("SELECT count(DISTINCT master) FROM key").fetchone()
    assert found == (1,)
    assert STANDING in heard(run, data, "alex> /open"), "in between, both keys are there"
    assert run("keys", "rotate", "--data", data).exit_code == 0
    assert MasterKeys.parse((data / KEY).read_text()).keys == both.keys[:1]
    assert STANDING in heard(run, data, "alex> /open")


def test_a_key_from_the_environment_is_used_and_rotated_to_its_first(run: Run, tmp_path: Path):
    folder, old = tmp_path / "data", MasterKeys.made()
    first = {"BREATHING_ROOM_KEY": old.text().strip()}
    assert run("chat", "--data", folder, lines=LINES, env=first).exit_code == 0
    assert not (folder / KEY).exists()
    refused = run("chat", "--data", folder, lines=LINES)
    assert (refused.exit_code, "set BREATHING_ROOM_KEY" in refused.stderr) == (2, True)
    new = MasterKeys.made()
    both = {"BREATHING_ROOM_KEY": f"{new.text().strip()},{old.text().strip()}"}
    assert "Leave the others out" in run("keys", "rotate", "--data", folder, env=both).stdout
    assert STANDING in heard(run, folder, "alex> /open", env={"BREATHING_ROOM_KEY": new.text().strip()})


# Backups


def test_a_backup_made_while_the_folder_is_in_use_is_restored_row_by_row(run: Run, data: Path):
    with holding(data, "a test"), closing(sqlite3.connect(data / DATABASE)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        made = Path(json.loads(run("backup", "--data", data, "--json").stdout)["backup"])
    assert made.stat().st_mode & 0o077 == 0
    assert b"It was" not in made.read_bytes()
    before = rows(data / DATABASE)
    assert rows(made) == before
    heard(run, data, "alex> /help")
    assert rows(data / DATABASE) != before

    result = run("restore", made, "--data", data, "--json")
    assert result.exit_code == 0, result.stderr
    assert rows(data / DATABASE) == before
    assert STANDING in heard(run, data, "alex> /open")
    aside = Path(json.loads(result.stdout)["before"])
    assert rows(aside) != before


def test_old_backups_are_deleted_and_other_files_are_not(run: Run, data: Path, tmp_path: Path):
    to = tmp_path / "backups"
    to.mkdir()
    now = datetime.now(UTC)
    old = to / (now - timedelta(days=31)).strftime("breathing-room-%Y%m%dT%H%M%SZ.sqlite")
    recent = to / (now - timedelta(days=29)).strftime("breathing-room-%Y%m%dT%H%M%SZ.sqlite")
    other = to / "breathing-room-mine.sqlite"
    for file in (old, recent, other):
        file.touch()
    assert f"deleted {old}" in run("backup", "--data", data, "--to", to).stdout
    assert not old.exists()
    assert recent.exists()
    assert other.exists()


def test_a_database_that_a_backup_has_replaced_is_deleted_when_it_is_as_old_as_backups_may_be(run: Run, data: Path):
    made = Path(json.loads(run("backup", "--data", data, "--json").stdout)["backup"])
    aside = Path(json.loads(run("restore", made, "--data", data, "--json").stdout)["before"])
    old = data / (datetime.now(UTC) - timedelta(days=31)).strftime("before-restore-%Y%m%dT%H%M%SZ.sqlite")
    old.write_bytes(b"words of somebody who is erased")
    old.with_name(f"{old.name}-wal").write_bytes(b"more of them")
    assert run("backup", "--data", data, "--to", data / "elsewhere").exit_code == 0
    assert [file for file in data.iterdir() if file.name.startswith(old.name)] == []
    assert aside.exists()


def test_a_backup_from_before_a_rotation_can_be_restored(run: Run, data: Path):
    made = Path(json.loads(run("backup", "--data", data, "--json").stdout)["backup"])
    for _ in "12":
        assert run("keys", "rotate", "--data", data).exit_code == 0
    aside = [file for file in data.iterdir() if file.name.startswith(f"{KEY}.until-")]
    assert [file.stat().st_mode & 0o077 for file in aside] == [0]
    assert run("restore", made, "--data", data).exit_code == 0
    for file in aside:
        file.unlink()
    assert STANDING in heard(run, data, "alex> /open"), "it is under the key in use"


def test_an_older_key_is_deleted_when_no_backup_can_need_it_any_more(run: Run, data: Path):
    old, recent = data / f"{KEY}.until-2020-01-01", data / f"{KEY}.until-2999-01-01"
    for file in (old, recent):
        file.write_text(MasterKeys.made().text())
    run("backup", "--data", data)
    assert (old.exists(), recent.exists()) == (False, True)


def test_of_two_backups_begun_at_once_one_is_whole_and_the_other_is_refused(data: Path, tmp_path: Path):
    to = tmp_path / "breathing-room-1.sqlite"
    refused: list[Exception] = []

    def begin() -> None:
        try:
            back_up(data / DATABASE, to)
        except FileExistsError as fault:
            refused.append(fault)

    both = [Thread(target=begin) for _ in "12"]
    for one in both:
        one.start()
    for one in both:
        one.join()
    check(to)
    assert len(refused) == 1
    assert [file.name for file in tmp_path.iterdir() if file.name.endswith(".part")] == []


def test_a_prepared_database_that_somebody_reads_is_not_put_in_place_without_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("storage.backup.WAIT", 0.05)
    prepared, database = tmp_path / "prepared.sqlite", tmp_path / "database.sqlite"
    for file in (prepared, database):
        with closing(sqlite3.connect(file)) as made:
            made.execute("PRAGMA journal_mode = WAL")
            made.execute("CREATE TABLE key (unit)")
    with closing(sqlite3.connect(prepared)) as reader, closing(sqlite3.connect(prepared)) as writer:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM key").fetchone()
        writer.execute("INSERT INTO key VALUES ('erased')")
        writer.commit()
        with pytest.raises(StoreUnusable, match="read by another program"):
            put_in_place(prepared, database, tmp_path / "aside.sqlite")


@pytest.mark.parametrize("content", [b"", b"no database at all, however long it may be, and that is that", None])
def test_what_is_no_whole_backup_is_refused_and_nothing_is_changed(
    run: Run, data: Path, tmp_path: Path, content: bytes | None
):
    made = Path(json.loads(run("backup", "--data", data, "--to", tmp_path, "--json").stdout)["backup"])
    whole = made.read_bytes()
    made.write_bytes(content if content is not None else whole[:-8192])
    before = rows(data / DATABASE)
    result = run("restore", made, "--data", data)
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1
    assert str(made) in result.stderr
    assert rows(data / DATABASE) == before


def test_a_backup_of_another_key_is_refused(run: Run, data: Path, tmp_path: Path):
    other = tmp_path / "other"
    assert run("chat", "--data", other, lines=LINES).exit_code == 0
    made = Path(json.loads(run("backup", "--data", other, "--json").stdout)["backup"])
    before = rows(data / DATABASE)
    result = run("restore", made, "--data", data)
    assert (result.exit_code, "another master key" in result.stderr) == (2, True)
    assert rows(data / DATABASE) == before


# One's own


def test_an_export_needs_a_code_and_holds_ones_own(run: Run, data: Path):
    alex, code = code_for(run, data, "alex")
    assert run("export", "--data", data, "--person", alex, "--code", "AAAA2222").exit_code == 2
    found = run("export", "--data", data, "--person", alex, "--code", code)
    assert found.exit_code == 0, found.stderr
    assert "It was late." in found.stdout
    assert "It was early." not in found.stdout
    again = run("export", "--data", data, "--person", alex, "--code", code)
    assert (again.exit_code, "once more" in again.stderr) == (2, True)


def test_whoever_is_erased_stays_erased_when_an_older_backup_is_restored(run: Run, data: Path):
    alex, code = code_for(run, data, "alex")
    made = Path(json.loads(run("backup", "--data", data, "--json").stdout)["backup"])
    result = run("erase", "--data", data, "--person", alex, "--code", code)
    assert result.exit_code == 0, result.stderr
    assert (data / ERASED).read_text() == f"{alex}\n"
    assert alex not in str(rows(data / DATABASE))

    restored = run("restore", made, "--data", data)
    assert "1 who had been erased" in restored.stdout
    assert alex not in str(rows(data / DATABASE))
    assert "It was early." in heard(run, data, "sam> /drafts")
    assert "I'm a program" in heard(run, data, "alex> /open")


@pytest.mark.parametrize(
    "command",
    [
        ("chat",),
        ("keys", "rotate"),
        ("restore", "FILE"),
        ("export", "--person", "p", "--code", "c"),
        ("erase", "--person", "p", "--code", "c"),
    ],
    ids=lambda command: command[0],
)
def test_a_folder_that_is_in_use_is_refused_with_what_to_do(run: Run, data: Path, command: tuple[str, ...]):
    backup = Path(json.loads(run("backup", "--data", data, "--json").stdout)["backup"])
    arguments = [str(backup) if part == "FILE" else part for part in command]
    before = rows(data / DATABASE)
    with holding(data, "./run demo"):
        result = run(*arguments, "--data", data)
    assert result.exit_code == 2
    assert re.fullmatch(
        rf"{re.escape(str(data))} is in use by ./run demo \(process \d+\): stop that first, or name another folder\n",
        result.stderr,
    )
    assert rows(data / DATABASE) == before


def test_every_sealed_table_is_in_a_backup(run: Run, data: Path):
    made = Path(json.loads(run("backup", "--data", data, "--json").stdout)["backup"])
    assert {table.name for table in TABLES} < set(rows(made))


def test_a_backup_can_be_written_where_files_have_one_name_alone(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def no_links(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr("storage.backup.os.link", no_links)
    to = tmp_path / "breathing-room-1.sqlite"
    back_up(data / DATABASE, to)
    check(to)
    with pytest.raises(FileExistsError):
        back_up(data / DATABASE, to)
