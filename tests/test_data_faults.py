"""What is wrong with a data folder ends every command that opens it in one sentence, and does no damage."""

import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import copytree

import pytest
from typer.testing import CliRunner

from bot.cli.app import app
from bot.wiring.data_folder import DATABASE, KEY
from storage.master_keys import MasterKeys
from tests.apart import apart, heed_rights, limit_files

LINES = "@alex\n@sam\nalex> /say_it\nalex> It was late.\nsam> /say_it\nsam> It was early.\n"
"""A folder in which both have written something."""

BACKUP = "backup.sqlite"
COMMANDS = {
    "chat": ("chat",),
    "demo": ("demo", "--port", "0", "--no-open"),
    "export": ("export", "--person", "p", "--code", "AAAA2222"),
    "erase": ("erase", "--person", "p", "--code", "AAAA2222"),
    "keys": ("keys", "rotate"),
    "backup": ("backup",),
    "restore": ("restore", BACKUP),
    "check": ("check",),
}
"""Every command that opens a data folder."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended, and what it said."""

    code: int
    said: str
    raised: str


def run(data: Path, name: str, lines: str = LINES) -> Ended:
    """Run a command on a data folder; a page that can be served ends at once."""
    arguments = [str(data.parent / one) if one == BACKUP else one for one in COMMANDS[name]]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("bot.wiring.demo.serve", _served)
        patched.setattr("storage.sqlite.OPEN_WAIT", 50)
        patched.setattr("storage.rotating.WAIT", 0.05)
        patched.setattr("storage.backup.WAIT", 0.05)
        result = CliRunner().invoke(
            app, [*arguments, "--against-live" if name == "check" else "--data", str(data)], input=lines
        )
    raised = result.exception if not isinstance(result.exception, SystemExit) else None
    return Ended(result.exit_code, result.stderr, repr(raised) if raised else "")


async def _served(*_args: object, **_named: object) -> None:
    """End at once."""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("written")
    assert run(folder / "data", "chat").code == 0
    made = json.loads(CliRunner().invoke(app, ["backup", "--data", str(folder / "data"), "--json"]).stdout)["backup"]
    Path(made).rename(folder / BACKUP)
    return folder


@pytest.fixture
def data(written: Path, tmp_path: Path) -> Path:
    copytree(written, tmp_path, dirs_exist_ok=True)
    return tmp_path / "data"


def rows(data: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, as it is stored."""
    with closing(sqlite3.connect(data / DATABASE)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        names = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1")]
        return {name: database.execute(f"SELECT * FROM {name} ORDER BY 1, 2").fetchall() for name in names}  # noqa: S608


def refused(ended: Ended, told: str) -> None:
    """See that a command ended in one sentence, which tells this."""
    assert ended.raised == ""
    assert len(ended.said.splitlines()) == 1, ended.said
    assert told in ended.said
    assert ended.code == 2


def goes_on(data: Path) -> None:
    """See that everything that was written is there, and goes on."""
    result = CliRunner().invoke(app, ["chat", "--data", str(data)], input="@alex\n@sam\nalex> /open\nsam> /open\n")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.count("What did you feel?") == 2


# What is wrong with what is there


@contextmanager
def changed(path: Path, content: bytes | None) -> Generator[None]:
    """Put something else in the place of a file, and then the file back."""
    before = path.read_bytes()
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    yield
    if content is not None:
        assert path.read_bytes() == content, "it was changed"
    path.write_bytes(before)
    path.chmod(0o600)


@contextmanager
def newer(data: Path) -> Generator[None]:
    with closing(sqlite3.connect(data / DATABASE)) as database, database:
        database.execute("INSERT INTO schema_version VALUES (9999, '9999_later.sql', 'x')")
    yield
    with closing(sqlite3.connect(data / DATABASE)) as database, database:
        database.execute("DELETE FROM schema_version WHERE number = 9999")


HOLDING = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("PRAGMA locking_mode = EXCLUSIVE")
database.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def locked(data: Path) -> Generator[None]:
    """Let another process, which knows nothing of our own lock, hold the database."""
    command = [sys.executable, "-c", HOLDING, str(data / DATABASE)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:  # our own
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        yield
        other.kill()


NO_DATABASE = b"this is a note, and no database at all, however long it may be. " * 64

FAULTS: dict[str, tuple[Callable[[Path], AbstractContextManager[None]], str, set[str]]] = {
    "no key": (lambda data: changed(data / KEY, None), f"the key of {{}}/{DATABASE} is not at", {"backup"}),
    "another key": (
        lambda data: changed(data / KEY, MasterKeys.made().text().encode()),
        "was sealed with another master key",
        {"backup"},
    ),
    "what is no key": (lambda data: changed(data / KEY, b"\xff\xfe my key"), "a master key is 32 bytes", {"backup"}),
    "a newer schema": (newer, "schema 9999, which is newer than this program", {"backup", "restore"}),
    "no database": (lambda data: changed(data / DATABASE, NO_DATABASE), "is damaged, or no database", {"restore"}),
    "locked": (locked, "another program holds it: stop that first", set()),
}
"""What is wrong, what is told, and by which commands it is not: those that can do without, or mend it."""


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_wrong_with_a_folder_is_told_in_one_sentence_and_nothing_is_changed(data: Path, fault: str):
    wrong, told, never = FAULTS[fault]
    before, key = rows(data), (data / KEY).read_bytes()
    with wrong(data):
        for command in sorted(COMMANDS.keys() - never):
            refused(run(data, command), told.format(data))
    assert (rows(data), (data / KEY).read_bytes()) == (before, key)
    assert nothing_half_made(data)
    goes_on(data)


def nothing_half_made(data: Path) -> bool:
    return not list(data.rglob(".*"))


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if "backup" in FAULTS[fault][2]])
def test_a_backup_is_made_even_of_what_cannot_be_read(data: Path, fault: str):
    before = rows(data)
    with FAULTS[fault][0](data):
        assert run(data, "backup").code == 0
    assert rows(data) == before


@pytest.mark.parametrize("content", [NO_DATABASE, b"", None])
def test_what_is_damaged_is_mended_by_restoring_a_backup(data: Path, content: bytes | None):
    before = rows(data)
    if content is None:
        with closing(sqlite3.connect(data / DATABASE)) as database, database:
            database.execute("INSERT INTO schema_version VALUES (9999, '9999_later.sql', 'x')")
    else:
        (data / DATABASE).write_bytes(content)
    assert run(data, "restore").code == 0
    assert rows(data) == before
    goes_on(data)


# What is wrong with where it is


def with_rights_only(data: Path, commands: Sequence[str]) -> list[Ended]:
    heed_rights()
    return [run(data, command) for command in commands]


def with_no_room(data: Path, commands: Sequence[str]) -> list[Ended]:
    limit_files(3_000)
    return [run(data, command) for command in commands]


def test_a_folder_that_may_not_be_written_is_told_in_one_sentence_and_nothing_is_changed(data: Path):
    before = rows(data)
    everything = [data, *data.iterdir()]
    for path in everything:
        path.chmod(0o500 if path.is_dir() else 0o400)
    ended = apart(with_rights_only, data, list(COMMANDS))
    for path in everything:
        path.chmod(0o700 if path.is_dir() else 0o600)
    for one in ended:
        refused(one, "give this account the right")
    assert rows(data) == before
    goes_on(data)


def test_a_database_that_may_not_be_written_is_told_in_one_sentence(data: Path):
    before = rows(data)
    (data / DATABASE).chmod(0o400)
    ended = apart(with_rights_only, data, ["chat", "demo", "export", "erase", "keys"])
    (data / DATABASE).chmod(0o600)
    for one in ended:
        refused(one, "give this account the right to write")
    assert rows(data) == before
    goes_on(data)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_disk_that_is_full_is_told_in_one_sentence_and_nothing_is_changed(data: Path, command: str):
    before = rows(data)
    (ended,) = apart(with_no_room, data, [command])
    refused(ended, ": ")
    assert "make room" in ended.said or "its limits and its room" in ended.said
    assert rows(data) == before
    assert nothing_half_made(data)
    goes_on(data)


# A row of it


def test_a_row_that_is_damaged_is_told_to_whoever_asked_for_it_and_everybody_else_goes_on(tmp_path: Path):
    data = tmp_path / "data"
    chat = ["chat", "--data", str(data), "--clock", "system"]
    told = CliRunner().invoke(app, chat, input=f"{LINES}alex> /data_code\n").stdout
    whose, code = re.findall(r": (\w+) (\w+)\. It works once", told)[-1]
    with closing(sqlite3.connect(data / DATABASE)) as database, database:
        assert database.execute("UPDATE session SET body = x'00' WHERE unit = ?", (whose,)).rowcount == 1
    before = rows(data)
    asked = ["export", "--data", str(data), "--person", whose, "--code", code]
    for _ in range(2):  # the code is not used up by it
        result = CliRunner().invoke(app, asked)
        refused(Ended(result.exit_code, result.stderr, ""), "is damaged, or was not written by this program: restore")
        assert result.stdout == ""
    assert rows(data) == before

    result = CliRunner().invoke(app, chat, input="@alex\n@sam\nalex> Relieved.\nsam> /open\n")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "Something went wrong on my side. Nothing was sent." in result.stdout
    assert "What did you feel?" in result.stdout
    assert CliRunner().invoke(app, ["erase", *asked[1:]]).exit_code == 0
    assert whose not in str(rows(data))
