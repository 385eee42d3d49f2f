"""What people wrote while nobody listened: read back from their own chats, before what they write now.

The gateway tells again what was missed in a short break, but not what was said while the process was not there, or
for long. Presses and commands of that time are lost, and whoever made them was told so; words stay in the chat.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import discord
import structlog

from bot.adapters.discord.calls import Calls
from bot.adapters.discord.faults import send_fault
from bot.adapters.discord.limits import snowflake_at
from bot.conversation.send_faults import RetryLater, Undeliverable

MARGIN = 2 * 60_000
"""Milliseconds before the break from which on is read: clocks differ, and what was told last may not be kept."""

AT_ONCE = 8
"""Chats that are read at the same time."""

MOST = 500
"""Messages of one chat that are read back at the most."""

AGAIN = 3
"""How often a chat is tried to be read."""

REST = 2.0
"""Seconds before it is tried again."""

Take = Callable[[discord.Message], Awaitable[None]]

_log = structlog.get_logger(__name__)


class Gaps:
    """Reads chats back."""

    def __init__(
        self,
        client: discord.Client,
        calls: Calls,
        wait: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Make it. ``client`` is logged in; ``wait`` waits for seconds."""
        self._client = client
        self._calls = calls
        self._wait = wait
        self._unread: dict[int, asyncio.Event] = {}
        """By chat that is still to be read back: set when it was."""
        self._found = asyncio.Event()
        """Set unless it is being found out which chats are to be read back."""
        self._found.set()

    async def read_back(self, find: Callable[[], Awaitable[tuple[Sequence[int], int]]], take: Take) -> None:
        """Return when everything was taken that was written to the chats that ``find`` names, since its time.

        What is taken may have come before.
        """
        self._found.clear()
        chats: Sequence[int] = ()
        try:
            chats, since = await find()
            self._unread |= {chat: asyncio.Event() for chat in chats}
            self._found.set()
            waiting = list(reversed(chats))

            async def read_some() -> None:
                while waiting:
                    await self._read(waiting.pop(), since - MARGIN, take)

            await asyncio.gather(*(read_some() for _ in range(min(AT_ONCE, len(chats)))))
        finally:
            self._found.set()
            for chat in chats:
                self._is_read(chat)

    async def until_read(self, chat: int) -> None:
        """Return when a chat is not waited for any more: what is older there comes first."""
        await self._found.wait()
        unread = self._unread.get(chat)
        if unread is not None:
            await unread.wait()

    async def _read(self, chat: int, since: int, take: Take) -> None:
        try:
            for message in await self._written(chat, since):
                await take(message)
        except Exception as fault:  # noqa: BLE001  # the edge of what is read back: others are read all the same
            _log.exception("chat_not_read_back", fault=type(fault).__name__, exc_info=False)
        finally:
            self._is_read(chat)

    async def _written(self, chat: int, since: int) -> list[discord.Message]:
        """What was written to a chat, the oldest first; nothing of one that is closed."""
        for _ in range(AGAIN):
            try:
                return await self._calls.make(self._history(chat, since))
            except Exception as fault:  # noqa: BLE001  # by what is done about it
                told = send_fault(fault)
                if isinstance(told, Undeliverable):
                    return []
                await self._wait(told.after / 1_000 if isinstance(told, RetryLater) else REST)
        return []

    async def _history(self, chat: int, since: int) -> list[discord.Message]:
        there = self._client.get_partial_messageable(chat, type=discord.ChannelType.private)
        after = discord.Object(snowflake_at(since))
        return [one async for one in there.history(limit=MOST, after=after, oldest_first=True)]

    def _is_read(self, chat: int) -> None:
        unread = self._unread.pop(chat, None)
        if unread is not None:
            unread.set()
