"""Starts: killed in the middle of bringing a file up to date, several at once, and one on a folder that is held."""

import asyncio
import os
import random
import signal
import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from select import select
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import TypeAdapter
from typer.testing import CliRunner

from bot.cli.app import app
from bot.engine.session import Session, Value, value_key
from bot.wiring.data_folder import DATABASE, kept_in
from storage.migrations import all_migrations
from storage.places import TABLES
from storage.sqlite import open_store
from tests.apart import FORKED, apart
from tests.conversation.world import MEMORY
from tests.crash.child import Fuse
from tests.sealed import KEYS
from tests.storage.test_contract import session
from tests.storage.test_sqlite import of_an_older_program

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

KILLS = int(os.environ.get("BREATHING_ROOM_MIGRATION_KILLS", "30"))
"""How many processes die in the middle of a migration."""

STARTERS = 4
CALLS = 60
"""So many calls of the database a start takes on such a file."""

TALKS = 300
"""Sessions that are sealed on the way: so many that it takes a while."""


@cache
def older() -> bytes:
    """What a program left that stored in the clear."""
    with TemporaryDirectory(dir=MEMORY) as folder:
        path = Path(folder) / "older.sqlite"
        of_an_older_program(path, 3)
        body = TypeAdapter(Session)
        with closing(sqlite3.connect(path)) as database, database:
            for n in range(TALKS):
                one = session(f"s{n}", values={value_key(0, "card", "ada"): Value(data=f"said {n}")})
                database.execute(
                    "INSERT INTO session (id, unit, open, frozen, body) VALUES (?, 'ada', 1, 0, ?)",
                    (one.id, body.dump_json(one)),
                )
        return path.read_bytes()


class Starter:
    """A process that starts on a file, and dies at that call of the database."""

    def __init__(self, path: Path, dies_after: int = 0) -> None:
        self._ends, end = os.pipe()
        self._process = os.fork()
        if self._process == 0:
            os._exit(_started(path, dies_after))
        os.close(end)

    def kill_after(self, seconds: float) -> bool:
        """Kill it so long after it began; return whether it was in the middle of it."""
        ended, _, _ = select([self._ends], [], [], seconds)
        os.kill(self._process, signal.SIGKILL)
        self.code()
        return not ended

    def code(self) -> int:
        """Wait for its end, and return how it ended."""
        _, status = os.waitpid(self._process, 0)
        os.close(self._ends)
        return os.waitstatus_to_exitcode(status)


def _started(path: Path, dies_after: int) -> int:
    fuse = Fuse()
    fuse.lay()
    fuse.dies_after = dies_after
    try:
        asyncio.run(_start(path))
    except BaseException:  # noqa: BLE001  # it ends as a process of its own, and tells no more than this
        return 1
    return 0


async def _start(path: Path) -> None:
    store = await open_store(path, KEYS)
    async with store.transaction() as tx:
        found = (await tx.load_units(["ada"]))["ada"].sessions
    await store.close()
    said = {value.data for one in found.values() for value in one.values.values()}
    assert said >= {f"said {n}" for n in range(TALKS)}


def is_whole(path: Path) -> None:
    """See that every migration was carried out once, and wholly."""
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        numbers = [row[0] for row in database.execute("SELECT number FROM schema_version ORDER BY number")]
        assert numbers == [migration.number for migration in all_migrations()]
        for table in TABLES:
            clear = f"SELECT count(*) FROM {table.name} WHERE substr(body, 1, 1) = x'7b'"  # noqa: S608  # our own tables
            assert database.execute(clear).fetchone() == (0,)


@contextmanager
def a_file() -> Generator[Path]:
    with TemporaryDirectory(dir=MEMORY) as folder:
        path = Path(folder) / "older.sqlite"
        path.write_bytes(older())
        yield path


def kill_and_start(kills: int) -> int:
    """Let processes die on old files, and each time several others start there at once; return how many died."""
    chance = random.Random("migrations")  # noqa: S311  # which instants are tried, not a secret
    with a_file() as path:
        began = perf_counter()
        assert Starter(path).code() == 0
        seconds = perf_counter() - began
        is_whole(path)
    killed = 0
    for number in range(kills):
        with a_file() as path:
            if number % 2:
                killed += Starter(path, dies_after=chance.randrange(CALLS) + 1).code() == -signal.SIGKILL
            else:
                killed += Starter(path).kill_after(chance.random() * seconds)
            starters = [Starter(path) for _ in range(STARTERS)]
            assert [one.code() for one in starters] == [0] * STARTERS
            is_whole(path)
    return killed


def test_however_a_migration_is_killed_whoever_starts_next_finds_no_half_of_it():
    assert apart(kill_and_start, KILLS) >= KILLS * 2 // 3


def test_a_file_that_is_not_brought_up_to_date_is_not_taken_for_whole():
    assert b"said 7" in older()
    with a_file() as path, pytest.raises(AssertionError):
        is_whole(path)


# Two processes on one folder


def hold(pipe: "Connection[Any, Any]", folder: Path) -> None:
    """Hold a data folder until the process ends."""
    with kept_in(folder, "./run demo"):
        pipe.send(os.getpid())
        pipe.recv()


def chat(data: Path) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["chat", "--data", str(data)], input="@alex\nalex> /help\n")
    return result.exit_code, result.stderr


def test_a_second_process_on_a_folder_is_refused_with_what_to_do_until_the_first_is_gone_however_it_ends(
    tmp_path: Path,
):
    data = tmp_path / "data"
    assert chat(data)[0] == 0
    ours, theirs = FORKED.Pipe()
    first = FORKED.Process(target=hold, args=(theirs, data), daemon=True)
    first.start()
    holder = ours.recv()
    before = (data / DATABASE).read_bytes()
    sentence = f"{data} is in use by ./run demo (process {holder}): stop that first, or name another folder\n"
    assert chat(data) == (2, sentence)
    assert (data / DATABASE).read_bytes() == before

    os.kill(holder, signal.SIGKILL)
    first.join()
    assert chat(data) == (0, "")
