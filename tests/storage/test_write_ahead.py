"""A write-ahead log that was cut off or damaged: the database opens at the last commit before that, and says so."""

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory

import pytest

from bot.conversation.ports import Changes
from storage.sqlite import open_store
from tests.conversation.world import MEMORY
from tests.sealed import KEYS
from tests.storage.test_contract import ADA, made

HEADER, FRAME = 32, 24 + 4096
COMMITS = 8


@dataclass(frozen=True, slots=True)
class Left:
    """What a process leaves that is killed: a file and its log, and how long the log was after each commit."""

    file: bytes
    log: bytes
    ends: tuple[int, ...]

    def committed(self, cut: int) -> set[str]:
        """What is there when the log is whole up to there."""
        return {f"e{n}" for n, end in enumerate(self.ends) if end <= cut}

    def is_middle(self, cut: int) -> bool:
        return cut > 0 and cut not in {HEADER, *self.ends}


@cache
def left() -> Left:
    return asyncio.run(_left())


async def _left() -> Left:
    with TemporaryDirectory(dir=MEMORY) as folder:
        path = Path(folder) / "kept.sqlite"
        await (await open_store(path, KEYS)).close()
        store = await open_store(path, KEYS)
        log = path.with_name("kept.sqlite-wal")
        ends: list[int] = []
        for n in range(COMMITS):
            async with store.transaction() as tx:
                await tx.write([Changes(event_id=f"e{n}", at=n, units=made(ADA) if n == 2 else ())])
            ends.append(log.stat().st_size)
        found = Left(path.read_bytes(), log.read_bytes(), tuple(ends))
        await store.close()
    assert (found.ends[-1] - HEADER) % FRAME == 0
    assert len(set(ends)) == COMMITS, "or a cut would not tell one commit from the next"
    return found


def opened(file: bytes, log: bytes) -> tuple[set[str], list[str]]:
    """Open what is left; return what is there, and what was said."""

    async def look(path: Path) -> tuple[set[str], list[str]]:
        said: list[str] = []
        store = await open_store(path, KEYS, said.append)
        async with store.transaction() as tx:
            found = await tx.settled([f"e{n}" for n in range(COMMITS)])
            assert ("e2" in found) == (await tx.units(["ada"]) == {"ada": ADA})
        async with store.transaction() as tx:
            await tx.write([Changes(event_id="later", at=9)])
        await store.close()
        return found, said

    with TemporaryDirectory(dir=MEMORY) as folder:
        path = Path(folder) / "kept.sqlite"
        path.write_bytes(file)
        path.with_name("kept.sqlite-wal").write_bytes(log)
        found = asyncio.run(look(path))
        with closing(sqlite3.connect(path)) as database:
            assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            assert database.execute("SELECT event FROM inbox WHERE event = 'later'").fetchone() is not None
        again = asyncio.run(look_again(path))
    assert again == [], "it is said once"
    return found


async def look_again(path: Path) -> list[str]:
    said: list[str] = []
    await (await open_store(path, KEYS, said.append)).close()
    return said


def boundaries(size: int) -> list[int]:
    return [0, *range(HEADER, size + 1, FRAME)]


CUTS: dict[str, tuple[int, slice]] = {
    "between two frames": (0, slice(None)),
    "behind the head of a frame": (24, slice(1, -1)),
    "in the middle of a frame": (FRAME // 2, slice(1, -1)),
    "one byte before the end of a frame": (-1, slice(1, None)),
    "one byte behind the end of a frame": (1, slice(-1)),
}
"""Where it is cut off: how far behind a boundary of frames, and behind which of them."""


@pytest.mark.parametrize("where", CUTS)
def test_a_log_that_is_cut_off_leaves_what_was_committed_before_and_tells_when_that_shows(where: str):
    behind, which = CUTS[where]
    found = left()
    for cut in (at + behind for at in boundaries(len(found.log))[which]):
        there, said = opened(found.file, found.log[:cut])
        assert there == found.committed(cut), cut
        assert len(said) == found.is_middle(cut), (cut, said)
        for sentence in said:
            assert "ends in the middle of what was written last: everything before that is there" in sentence


def test_a_log_that_is_damaged_in_the_middle_leaves_what_was_committed_before_and_says_so():
    found = left()
    for start in boundaries(len(found.log))[1:-1]:
        for at in (start, start + 8, start + 16, start + 24, start + FRAME - 1):
            damaged = bytearray(found.log)
            damaged[at] ^= 1
            there, said = opened(found.file, bytes(damaged))
            assert there == found.committed(start), at
            assert len(said) == 1, at


def test_a_log_that_is_no_log_of_this_file_is_not_applied(tmp_path: Path):
    found = left()
    for log in (b"\0" * len(found.log), b"what somebody else has written" * 1_000):
        there, said = opened(found.file, log)
        assert there == set()
        assert len(said) == 1
    path = tmp_path / "kept.sqlite"
    path.write_bytes(found.file)
    assert asyncio.run(look_again(path)) == []


async def test_what_is_left_of_an_earlier_round_of_the_log_is_not_taken_for_a_loss(tmp_path: Path):
    path, copy = tmp_path / "kept.sqlite", tmp_path / "copy.sqlite"
    store = await open_store(path, KEYS)
    for n in range(COMMITS):
        async with store.transaction() as tx:
            await tx.write([Changes(event_id=f"e{n}", at=n)])
    async with store.transaction() as tx:
        await tx.write([Changes(event_id="many", at=1)])
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA wal_checkpoint(PASSIVE)")
    size = path.with_name("kept.sqlite-wal").stat().st_size
    async with store.transaction() as tx:
        await tx.write([Changes(event_id="next round", at=1)])
    assert path.with_name("kept.sqlite-wal").stat().st_size == size, "the log began anew at its beginning"
    copyfile(path, copy)
    copyfile(path.with_name("kept.sqlite-wal"), copy.with_name("copy.sqlite-wal"))
    await store.close()

    said: list[str] = []
    left_over = await open_store(copy, KEYS, said.append)
    async with left_over.transaction() as tx:
        assert await tx.settled(["e0", "next round"]) == {"e0", "next round"}
    await left_over.close()
    assert said == []
