"""Marked words: what people write is in no file in the clear, and after an erasure nothing that is left opens it.

BREATHING_ROOM_MARKED says how many pairs write; each has five conversations, so that 2000 have ten thousand.
"""

import json
import logging
import os
import re
import sqlite3
import tempfile
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.adapters.clocks import VirtualClock
from bot.flows.transcript import Declare, Press, Say, Travel
from bot.wiring.backing_up import back_up_folder
from bot.wiring.data_folder import DATABASE, Keeping
from bot.wiring.terminal_room import TerminalRoom
from storage.keyring import Keyring
from tests.conversation.world import MINUTE, START, as_text, dump, shipped
from tests.sealed import KEYS

PAIRS = int(os.environ.get("BREATHING_ROOM_MARKED", "12"))


MARKS = tuple(map(re.compile, (rb"zq(one|other)\d+x", rb"One\d{4}", rb"Other\d{4}")))
"""Any such word; and what people are called: so long that no sealed bytes are it by chance."""

NEVER = re.compile(rb"zq(one|other)\d+xneverqz|pushed", re.IGNORECASE)
"""What was answered where nothing is kept."""


def holds_a_mark(content: bytes) -> bool:
    return any(one.search(content) for one in MARKS)


def mark(name: str, what: str) -> str:
    """A word that is nowhere else, and tells who wrote it."""
    return f"zq{name}x{what}qz"


def marked(text: str) -> set[str]:
    """The marked words in a text."""
    return set(re.findall(r"zq(?:one|other)\d+x[a-z]+qz", text))


def own(name: str) -> tuple[str, ...]:
    """What somebody wrote that is kept."""
    return ("alone", "shown", "again") if name.startswith("one") else ("unshared", "owned")


@dataclass(frozen=True, slots=True)
class Folder:
    """A data folder, with people who have written into it, and the room that they did it in."""

    path: Path
    room: TerminalRoom
    names: Sequence[str]

    def files(self) -> list[Path]:
        return [path for path in self.path.rglob("*") if path.is_file()]

    def scan(self, *, of: str = "*") -> set[str]:
        """See that no file holds a marked word; return their names."""
        files = [path for path in self.files() if path.match(of)]
        for path in files:
            assert not holds_a_mark(path.read_bytes()), path.name
        return {path.name for path in files}

    async def code_for(self, name: str) -> list[str]:
        """Let somebody ask for a code; return their number and the code."""
        await say(self.room, name, "/data_code")
        told = self.room.platform.views.of(name).seen[-1].message.text
        return told.split(": ")[1].split(".")[0].split()

    def stored(self) -> str:
        """Everything that is stored, opened with every key that there is."""
        with closing(sqlite3.connect(self.path / DATABASE)) as database:
            return as_text({table: rows for table, rows in dump(database).items() if table != "flow_revision"})


async def say(room: TerminalRoom, name: str, *lines: str) -> None:
    for line in lines:
        if line.startswith("["):
            await room.stage.play(Press(number=0, name=name, room="", label=line[1:-1], nth=1))
        else:
            await room.stage.play(Say(number=0, name=name, room="", text=line))


async def converse(room: TerminalRoom, one: str, other: str, look: Callable[[], object]) -> None:
    """Two pair, write for themselves, for each other, and what they keep; one leaves a talk in the middle.

    Whose idea it is to pair is asked of each alone, and what they say to that is never kept: ``look`` is called while
    the question is open.
    """
    for name in (one, other):
        await room.stage.play(Declare(number=0, name=name, zone="UTC", locale="en"))
    await say(room, one, "/pair", "[Yes, gladly]", mark(one, "never"))
    look()
    await say(room, one, "[My own idea]")
    told = next(
        m.message.text for m in reversed(room.platform.views.of(one).seen) if "Your code is" in m.message.text
    )
    await say(
        room,
        other,
        f"/pair {told.split('Your code is ')[1].split()[0]}",
        "[Pair]",
        "[I was pushed]",
        mark(other, "never"),
    )
    look()
    await say(room, other, "[Pair as usual]")
    look()
    await say(room, one, "/say_it", mark(one, "alone"))
    await say(room, other, "/say_it", mark(other, "erased"), "/stop", "[Erase]")
    await say(room, one, "/hear_it_back", mark(one, "shown"), "[Share]")
    await room.stage.play(Travel(number=0, by=11 * MINUTE))
    await say(room, other, "/open", "[Yes]", mark(other, "unshared"))
    await say(room, one, "/say_it", mark(one, "again"), "/stop", "[Keep private]")
    await say(room, other, "/repair", mark(other, "owned"))


@asynccontextmanager
async def written(path: Path) -> AsyncGenerator[Folder]:
    room = TerminalRoom(
        flows=shipped(),
        keeping=Keeping(path / DATABASE, b"a test's secret", KEYS),
        clock=VirtualClock(START),
        told=lambda _view, _message: None,
    )
    names: list[str] = []
    folder = Folder(path, room, names)
    temporary = path / "temporary"
    temporary.mkdir()
    seal = Keyring.seal

    def noting(ring: Keyring, unit: str, plain: bytes, place: str) -> bytes:
        assert not NEVER.search(plain), "what is never kept was sealed to be written"
        return seal(ring, unit, plain, place)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(tempfile, "tempdir", str(temporary))
        patched.setenv("SQLITE_TMPDIR", str(temporary))
        patched.setattr(Keyring, "seal", noting)
        for number in range(PAIRS):
            pair = (f"one{1000 + number}", f"other{1000 + number}")
            await converse(room, *pair, lambda: folder.scan(of="*-wal"))
            names += pair
        yield folder
    await room.close()


async def test_what_people_write_is_in_no_file_and_no_log(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    with capture_logs() as logs:
        async with written(tmp_path) as folder:
            back_up_folder(tmp_path, tmp_path / "backups")
            for name in folder.names[:10]:
                await export(folder, name)
            names = folder.scan()
            assert {DATABASE, f"{DATABASE}-wal"} < names
            assert any(name.startswith("breathing-room-2") for name in names), "the backup, too"
            stored = folder.stored()
            assert marked(stored) == {mark(name, what) for name in folder.names for what in own(name)}
            assert not NEVER.search(stored.encode())
        folder.scan()
    assert not holds_a_mark(f"{logs}{caplog.text}".encode())


async def export(folder: Folder, name: str) -> None:
    """Let somebody have what is their own: it holds their words, nobody else's that they were not shown."""
    assert folder.room.talk is not None
    found = json.dumps(await folder.room.talk.export(*await folder.code_for(name)))
    mine = {mark(name, what) for what in own(name)}
    assert mine <= marked(found)
    assert marked(found) - mine <= {mark(name.replace("other", "one"), "shown")}
    assert not NEVER.search(found.encode())


async def test_after_an_erasure_none_of_ones_words_can_be_opened_and_the_others_are_all_there(tmp_path: Path):
    async with written(tmp_path) as folder:
        room = folder.room
        assert room.talk is not None
        before = folder.stored()
        erased = folder.names[::2][: PAIRS // 2]
        keys: list[bytes] = []
        for name in erased:
            whose, code = await folder.code_for(name)
            with closing(sqlite3.connect(tmp_path / DATABASE)) as database:
                keys += database.execute("SELECT wrapped FROM key WHERE unit = ?", (whose,)).fetchone()
            await room.talk.erase(whose, code, lambda: None)
        gone = {mark(name, what) for name in erased for what in own(name)}
        assert gone < marked(before)
        assert marked(folder.stored()) == marked(before) - gone
        with closing(sqlite3.connect(tmp_path / DATABASE)) as database:
            # Not even the sealed words are left: the file's free pages and its log hold none of the old bodies.
            assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert (tmp_path / f"{DATABASE}-wal").stat().st_size == 0
        assert len(keys) == len(erased)
        left = [path.read_bytes() for path in folder.files()]
        for key in keys[:20]:
            assert not any(key in content for content in left), "with the master key, it would open"
        folder.scan()
