"""Clocks: the machine's, and a virtual one that only moves when it is told to."""

import time
from typing import Protocol

from bot.conversation.ports import Clock


class SystemClock:
    """The machine's clock."""

    def now(self) -> int:
        """Return epoch milliseconds."""
        return time.time_ns() // 1_000_000


class VirtualClock:
    """A clock that stands still until it is moved."""

    def __init__(self, start: int) -> None:
        self._now = start

    def now(self) -> int:
        """Return epoch milliseconds."""
        return self._now

    def set(self, instant: int) -> None:
        """Move to an instant; never backwards."""
        self._now = max(self._now, instant)


class OffsetClock:
    """Another clock that runs on, some way ahead of it (or behind)."""

    def __init__(self, base: Clock, start: int) -> None:
        self._base = base
        self._offset = start - base.now()

    def now(self) -> int:
        """Return epoch milliseconds."""
        return self._base.now() + self._offset

    def set(self, instant: int) -> None:
        """Move to an instant; never backwards."""
        self._offset += max(0, instant - self.now())


class MovableClock(Clock, Protocol):
    """A clock that can be moved forward."""

    def set(self, instant: int) -> None:
        """Move to an instant; never backwards."""
        ...


class Dues(Protocol):
    """What fires when the time comes."""

    async def next_due(self) -> int | None:
        """Return when the next thing is due."""
        ...

    async def fire_due(self) -> None:
        """Fire everything that is due now."""
        ...


async def travel(clock: MovableClock, dues: Dues, target: int) -> None:
    """Move the clock to ``target``, stopping at each due time on the way, in order."""
    while True:
        due = await dues.next_due()
        if due is None or due > target:
            break
        clock.set(due)
        await dues.fire_due()
    clock.set(target)
    await dues.fire_due()
