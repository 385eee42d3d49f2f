"""One of many tasks does the work for all: whoever asks while nobody is at it. The others wait for it together."""

import asyncio
from collections.abc import Awaitable, Callable


class OneAtWork:
    """Lets one task work at a time. When it is through, or interrupted, all who wait look again at once."""

    def __init__(self) -> None:
        self._through: asyncio.Event | None = None
        """Set when whoever is at work is through; None while nobody is."""

    async def until(self, done: Callable[[], bool], work: Callable[[], Awaitable[None]]) -> None:
        """Return when ``done`` says so: after having waited for others, having done ``work``, or both."""
        while not done():
            if self._through is not None:
                await self._through.wait()
                continue
            through = self._through = asyncio.Event()
            try:
                await work()
            finally:
                self._through = None
                through.set()
