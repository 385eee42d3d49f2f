"""Waiting for something to happen, without asking again and again."""

import asyncio
from collections.abc import Callable


class Bell:
    """Wakes everyone who waits; they look for themselves whether it was for them."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Future[None]] = set()

    def ring(self) -> None:
        """Wake everyone who waits now."""
        waiting, self._waiting = self._waiting, set()
        for one in waiting:
            if not one.done():
                one.set_result(None)

    async def heard(self) -> None:
        """Wait for the next ring."""
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.add(waiter)
        try:
            await waiter
        finally:
            self._waiting.discard(waiter)

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds; it is asked now and at each ring."""
        while not holds():
            await self.heard()
