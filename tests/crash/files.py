"""What is left when a process dies in the middle of something that is done to a whole file."""

import asyncio
import multiprocessing
import signal
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from shutil import copyfile

from bench.crashtest.report import table
from storage.backup import back_up, check, put_in_place
from storage.master_keys import MasterKeys, name_of
from storage.migrations import all_migrations
from storage.rotating import rewrap
from storage.sqlite import open_store
from tests.conversation.world import MEMORY
from tests.crash import dying
from tests.sealed import KEYS
from tests.storage.test_sqlite import of_an_older_program

NEW = MasterKeys((b"another master key of the tests.", *KEYS.keys))

_context = multiprocessing.get_context("forkserver")


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What came of a deed in which a process died."""

    died: bool
    as_before: bool
    """Nothing of it is to be seen."""
    done_next: bool
    """To do it again does it whole."""


def _open(file: Path) -> None:
    async def open_and_close() -> None:
        await (await open_store(file, KEYS)).close()

    asyncio.run(open_and_close())


def _back_up(file: Path) -> None:
    back_up(file, _copy_of(file))


def _restore(file: Path) -> None:
    prepared = file.with_name("prepared")
    copyfile(_copy_of(file), prepared)
    put_in_place(prepared, file, file.with_name("aside"))


def _rotate(file: Path) -> None:
    rewrap(file, NEW)


def _dies(hook: Callable[[], None], deed: Callable[[Path], None], file: Path) -> bool:
    """Let a process do that and die at that point; return whether it did."""
    process = _context.Process(target=_do, args=(hook, deed, file))
    process.start()
    process.join()
    return process.exitcode == -signal.SIGKILL


def _do(hook: Callable[[], None], deed: Callable[[Path], None], file: Path) -> None:
    hook()
    deed(file)


def _migrated(folder: Path) -> Left:
    file = folder / "of-old.sqlite"
    of_an_older_program(file, 3)
    before = _tables(file)
    died = _dies(dying.in_a_migration, _open, file)
    as_before = _tables(file) == before
    _open(file)
    return Left(died=died, as_before=as_before, done_next=_count(file, "schema_version") == len(all_migrations()))


def _backed_up(folder: Path) -> Left:
    file = _filled(folder)
    before = file.read_bytes()
    died = _dies(dying.in_a_backup, _back_up, file)
    as_before = file.read_bytes() == before and not _copy_of(file).exists()
    _back_up(file)
    check(_copy_of(file))
    return Left(died=died, as_before=as_before, done_next=_tables(_copy_of(file)) == _tables(file))


def _restored(folder: Path) -> Left:
    file = _filled(folder)
    _back_up(file)
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("DELETE FROM prompt")
    died = _dies(dying.in_a_restore, _restore, file)
    as_before = _count(file, "prompt") == 0
    with suppress(FileNotFoundError):
        file.with_name("aside").unlink()  # a restore of another second has another name for it
    _restore(file)
    return Left(died=died, as_before=as_before, done_next=_count(file, "prompt") == 1)


def _rotated(folder: Path) -> Left:
    file = _filled(folder)
    died = _dies(dying.in_a_rotation, _rotate, file)
    as_before = _masters(file) == {name_of(KEYS.current)}
    _rotate(file)
    return Left(died=died, as_before=as_before, done_next=_masters(file) == {name_of(NEW.current)})


def _filled(folder: Path) -> Path:
    file = folder / "file.sqlite"
    of_an_older_program(file, 3)
    _open(file)
    return file


def _copy_of(file: Path) -> Path:
    return file.with_name("copy.sqlite")


def _tables(file: Path) -> dict[str, int]:
    with closing(sqlite3.connect(file)) as looking:
        names = [str(row[0]) for row in looking.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return {name: _count(file, name) for name in names}


def _count(file: Path, name: str) -> int:
    with closing(sqlite3.connect(file)) as looking:
        (count,) = looking.execute(f"SELECT count(*) FROM {name}").fetchone()  # noqa: S608  # our own tables
    return int(count)


def _masters(file: Path) -> set[str]:
    with closing(sqlite3.connect(file)) as looking:
        return {str(row[0]) for row in looking.execute("SELECT DISTINCT master FROM key")}


DEEDS = {
    "a file of an older program is brought up to date": (_migrated, "the file as it was", "the next start does it"),
    "a backup is written": (_backed_up, "no backup of that name", "the next backup is whole"),
    "a backup is put in the place of the file": (_restored, "the file as it was", "to restore again does it"),
    "master keys are rotated": (_rotated, "keys wrapped as they were", "to rotate again does it"),
}
"""What is done to a file; how it goes; and what is told of it, when nothing of it is there and when it is done."""


@cache
def everything() -> dict[str, Left]:
    """Return what is left of everything in which a process died."""
    came: dict[str, Left] = {}
    for told, (deed, _, _) in DEEDS.items():
        with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
            came[told] = deed(Path(folder))
    return came


def files_table() -> str:
    """Return what was left as a table."""
    rows: list[list[str]] = []
    for told, left in everything().items():
        _, before, again = DEEDS[told]
        rows.append([told, before if left.as_before else "half of it", again if left.done_next else "not mended"])
    return table(["the process dies while", "then there is", "and"], rows)
