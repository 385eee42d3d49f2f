"""The clock of a process: it looks for what is due as soon as the first of it is, and once in a while in any case."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger

HEARTBEAT = 15.0
"""Seconds after which it looks again, whatever it expects: the machine's clock may have been set forward, and other
processes store what is due, too. They are counted by a clock that nobody sets."""

SOONEST = 0.05
"""Seconds between two looks at least: what is due meanwhile is dealt with together."""

_LATEST = 253_402_300_799_000
"""The last second of the calendar, in epoch milliseconds."""


class Runner:
    """Looks when it is time. What is due is stored elsewhere, and so is what became of it: this holds one time only.

    Any number may run over one store: what is due is settled there, once.
    """

    def __init__(self) -> None:
        self._scheduler = AsyncIOScheduler(timezone=UTC)
        self._rung = asyncio.Event()
        self._due: int | None = None
        """For when it is set."""

    def due_by(self, at: int) -> None:
        """Say that something is due at that instant, in epoch milliseconds: it will be looked for by then."""
        if self._due is None or at < self._due:
            self._due = at
            if self._scheduler.running:
                self._set(at)

    def _set(self, at: int) -> None:
        when = DateTrigger(datetime.fromtimestamp(min(at, _LATEST) / 1_000, UTC))
        self._scheduler.add_job(self._ring, when, id="due", replace_existing=True, misfire_grace_time=None)

    async def _ring(self) -> None:
        self._rung.set()

    async def run(self, look: Callable[[], Awaitable[int | None]]) -> None:
        """Look, again and again, until this is cancelled. Raises what ``look`` raises.

        ``look`` deals with everything that is due, and returns when the next thing is; None when nothing is.
        """
        self._scheduler.start()
        try:
            while True:
                self._rung.clear()
                self._due = None
                due = await look()
                if due is not None:
                    self.due_by(due)
                await asyncio.sleep(SOONEST)
                with suppress(TimeoutError):
                    async with asyncio.timeout(HEARTBEAT):
                        await self._rung.wait()
        finally:
            self._scheduler.shutdown(wait=False)
