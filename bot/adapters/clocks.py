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


class SteppedClock:
    """A clock some way ahead of another one (or behind), which goes in whole steps, and only when it is moved.

    Between two steps time stands still: whatever happens meanwhile happens at one instant, and can be told so.
    """

    def __init__(self, base: Clock, start: int, step: int) -> None:
        self._base = base
        self._step = step
        self._now = start
        self._ahead = start - base.now()

    def now(self) -> int:
        """Return epoch milliseconds."""
        return self._now

    def set(self, instant: int) -> None:
        """Move to an instant; never backwards."""
        self._now = max(self._now, instant)

    def leap(self, by: int) -> None:
        """Run so much further ahead of the other clock; ``set`` moves there."""
        self._ahead += by

    def reached(self) -> int:
        """Return the last whole step that it has reached by now, which ``set`` moves to."""
        behind = self._base.now() + self._ahead - self._now
        return self._now + max(0, behind) // self._step * self._step


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
