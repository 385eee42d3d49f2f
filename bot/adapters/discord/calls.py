"""Calls of Discord's API that give up in time, without breaking off.

A call that was broken off while the client waits for a limit over all calls would leave it waiting for ever: the
client takes that limit away again only when the wait has ended. So a call that takes too long is left to itself.
"""

import asyncio
from collections.abc import Coroutine
from typing import TypeVar

from bot.conversation.send_faults import Uncertain

PATIENCE = 15.0
"""Seconds for which a call is waited for; the client itself would wait for minutes."""

T = TypeVar("T")


class Calls:
    """Makes calls, and keeps those that are left to themselves until ``close``."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._late: set[asyncio.Task[object]] = set()

    async def make(self, call: Coroutine[object, object, T]) -> T:
        """Return what a call returns. Raises what it raises, and Uncertain when that takes too long."""
        task = asyncio.create_task(call)
        self._late.add(task)
        task.add_done_callback(self._ended)
        done, _ = await asyncio.wait({task}, timeout=self._patience)
        if not done:
            raise Uncertain
        return task.result()

    async def close(self) -> None:
        """Break off what is left."""
        for task in self._late:
            task.cancel()
        await asyncio.gather(*self._late, return_exceptions=True)

    def _ended(self, task: asyncio.Task[object]) -> None:
        self._late.discard(task)
        if not task.cancelled():
            task.exception()  # whoever waited has it, or nobody waits any more
