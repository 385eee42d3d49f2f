"""The clock of a process: it looks when the first thing is due, when something is stored, and once in a while."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import suppress

import pytest

from bot.nudges import runner
from bot.nudges.runner import Runner

PATIENCE = 10.0
"""Seconds after which a look that has not come will not."""

HOUR = 3_600_000


class Looks:
    """Counts the looks, and says what the next of them is told."""

    def __init__(self) -> None:
        self.runner = Runner()
        self.next: int | None = None
        self.fault: Exception | None = None
        self._looked = asyncio.Semaphore(0)

    async def look(self) -> int | None:
        if self.fault is not None:
            raise self.fault
        self._looked.release()
        return self.next

    async def another(self) -> None:
        """Return when it has looked once more."""
        async with asyncio.timeout(PATIENCE):
            await self._looked.acquire()


@pytest.fixture
async def looks(monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Looks]:
    """A runner that looks at nothing by itself: its heartbeat is far away."""
    monkeypatch.setattr(runner, "SOONEST", 0)
    monkeypatch.setattr(runner, "HEARTBEAT", 10 * PATIENCE)
    looking = Looks()
    running = asyncio.create_task(looking.runner.run(looking.look))
    await looking.another()
    yield looking
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


def now() -> int:
    return time.time_ns() // 1_000_000


async def test_it_looks_when_something_is_due_that_was_stored_meanwhile(looks: Looks):
    looks.runner.due_by(now() + HOUR)
    looks.runner.due_by(now() + 10)
    await looks.another()


async def test_what_is_due_later_does_not_put_off_what_is_due_before(looks: Looks):
    looks.runner.due_by(now() + 10)
    looks.runner.due_by(now() + HOUR)
    await looks.another()


async def test_it_looks_when_the_next_thing_is_due_that_it_was_told_of(looks: Looks):
    looks.next = now() + 10
    looks.runner.due_by(now())
    await looks.another()
    looks.next = None
    await looks.another()


async def test_what_is_overdue_or_due_at_the_end_of_all_days_does_no_harm(looks: Looks):
    looks.runner.due_by(2**62)
    looks.runner.due_by(now() - HOUR)
    await looks.another()


async def test_it_looks_once_in_a_while_whatever_it_expects(monkeypatch: pytest.MonkeyPatch):
    """As it must when the machine's clock was set forward, or another process has stored what is due."""
    monkeypatch.setattr(runner, "SOONEST", 0)
    monkeypatch.setattr(runner, "HEARTBEAT", 0.01)
    looking = Looks()
    looking.next = now() + HOUR
    running = asyncio.create_task(looking.runner.run(looking.look))
    for _ in range(3):
        await looking.another()
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def test_a_fault_ends_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(runner, "SOONEST", 0)
    looking = Looks()
    looking.fault = ZeroDivisionError()
    with pytest.raises(ZeroDivisionError):
        await looking.runner.run(looking.look)
