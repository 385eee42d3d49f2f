"""What comes by itself comes once: the machine's clock may jump, and two processes may fire over one store (N3)."""

import asyncio
import random
import sqlite3
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.adapters.terminal.stage import PLATFORM
from bot.conversation.opening import open_conversation
from bot.conversation.ports import Store
from bot.conversation.service import Conversation
from storage.keyring import Keyring
from storage.sqlite import SqliteStore, open_store
from tests.conversation.test_together import Board
from tests.conversation.world import DAY, HOUR, MINUTE, new_world, shipped
from tests.sealed import KEYS

SECRET = b"of a test with clocks"
DAYS = 12
REMINDERS = 6


class UnsteadyClock:
    """A clock that jumps: at once, or after having been asked so many times more."""

    def __init__(self, now: int) -> None:
        self._now = now
        self._jumps: list[tuple[int, int]] = []

    def now(self) -> int:
        """Return epoch milliseconds."""
        self._jumps = [(asked - 1, by) for asked, by in self._jumps]
        self._now += sum(by for asked, by in self._jumps if asked < 0)
        self._jumps = [one for one in self._jumps if one[0] >= 0]
        return self._now

    def go_on(self, by: int) -> None:
        """Let time pass."""
        self._now += by

    def jump(self, by: int, asked: int = 0) -> None:
        """Be set forward or back, after having been asked so many times more."""
        self._jumps.append((asked, by))


async def with_reminders() -> tuple[bytes, int]:
    """Return a file in which some are reminded each day, two hours apart, and the time: it is midnight there."""
    names = [f"p{number}" for number in range(REMINDERS)]
    world = await new_world(*names, secret=SECRET)
    for number, name in enumerate(names):
        at = f"every day {9 + 2 * number}:00"
        await world.answer(name, "/remind", f"Drink water {number}", "London", at, "[Yes]", "[Show my words]")
    await world.travel(-world.clock.now() % DAY)
    for name in names:
        world.news(name)
    file, now = world.database.serialize(), world.clock.now()
    world.close()
    return file, now


async def talk_over(store: Store, board: Board, clock: UnsteadyClock) -> Conversation:
    return await open_conversation(
        store=store, library=shipped(), clock=clock, secret=SECRET, platforms={PLATFORM: board}
    )


def shown(board: Board) -> dict[str, int]:
    """How often each was reminded."""
    return {name: sum("Drink water" in text for text in texts) for name, texts in board.got.items()}


EACH_ONCE = {f"p{number}": DAYS for number in range(REMINDERS)}


@pytest.mark.parametrize("seed", range(6))
async def test_a_clock_that_is_set_forward_and_back_by_an_hour_loses_and_doubles_nothing(seed: int):
    file, now = await with_reminders()
    database = sqlite3.connect(":memory:", isolation_level=None)
    database.deserialize(file)
    dice = random.Random(seed)  # noqa: S311  # when clocks jump, not a secret
    clock, board = UnsteadyClock(now), Board()
    talk = await talk_over(SqliteStore(database, Keyring(KEYS)), board, clock)
    passed = off = 0
    while passed < DAYS * DAY:
        step = dice.randrange(MINUTE, 40 * MINUTE)
        passed += step
        clock.go_on(step)
        if dice.random() < 0.3:
            by = -off if off else dice.choice((HOUR, -HOUR))
            off += by
            clock.jump(by, dice.randrange(12))
        await talk.fire_due()
    clock.jump(-off)
    await talk.fire_due()
    database.close()

    assert shown(board) == EACH_ONCE


async def in_a_pause() -> tuple[bytes, int]:
    """Return a file in which two rest for an hour, and the time."""
    world = await new_world("alex", "sam", secret=SECRET)
    await world.pair("alex", "sam")
    await world.say("alex", "/pause 1h")
    file, now = world.database.serialize(), world.clock.now()
    world.close()
    return file, now


async def test_a_clock_that_is_set_back_between_looking_and_firing_loses_no_deadline():
    file, now = await in_a_pause()
    told: list[dict[str, list[str]]] = []
    for asked in (None, *range(8)):
        database = sqlite3.connect(":memory:", isolation_level=None)
        database.deserialize(file)
        clock, board = UnsteadyClock(now), Board()
        talk = await talk_over(SqliteStore(database, Keyring(KEYS)), board, clock)
        clock.go_on(HOUR)
        if asked is not None:
            clock.jump(-HOUR, asked)
        await talk.fire_due()
        clock.go_on(HOUR if asked is not None else 0)
        await talk.fire_due()
        database.close()
        told.append(board.got)
    assert told[0]
    assert told == told[:1] * len(told)


async def test_two_processes_that_fire_at_once_show_each_thing_once(tmp_path: Path):
    file, now = await with_reminders()
    path = tmp_path / "both.sqlite"
    path.write_bytes(file)
    clock, board = UnsteadyClock(now), Board()
    stores = [await open_store(path, KEYS), await open_store(path, KEYS)]
    talks = [await talk_over(store, board, clock) for store in stores]
    with capture_logs():
        for _ in range(DAYS * 12):
            clock.go_on(2 * HOUR)
            await asyncio.gather(*(talk.fire_due() for talk in talks))
    for store in stores:
        await store.close()

    assert shown(board) == EACH_ONCE
