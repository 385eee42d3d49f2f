"""How many people are in a small server, asked of Discord: what a pair's own room is depends on it."""

import asyncio

import discord
import structlog

from bot.adapters.discord.calls import Calls
from bot.conversation.ports import Clock

SMALL = 10
"""Members up to which it matters how many there are just now."""

FRESH = 60_000
"""Milliseconds for which an answer is believed."""

KNOWN = 1_000
"""Of how many servers the answer is kept."""

PATIENCE = 2.0
"""Seconds in which Discord has to say how many there are, or it is not known."""

_log = structlog.get_logger(__name__)


class PeopleCount:
    """Counts people. The client hears of nobody who comes or goes, so it asks."""

    def __init__(self, client: discord.Client, clock: Clock, patience: float = PATIENCE) -> None:
        self._client = client
        self._clock = clock
        self._calls = Calls(patience)
        self._known: dict[int, tuple[int, int]] = {}
        self._asked: dict[int, asyncio.Task[int]] = {}

    async def of(self, guild: discord.Guild | None) -> int:
        """Return how many are in a server besides the bot itself, other bots among them; 0 when it is not known."""
        if guild is None:
            return 0
        if guild.member_count is not None and guild.member_count > SMALL:
            return guild.member_count - 1
        at, people = self._known.get(guild.id, (0, 0))
        if people and self._clock.now() - at < FRESH:
            return people
        if guild.id not in self._asked:
            self._asked[guild.id] = asyncio.create_task(self._ask(guild.id))
            self._asked[guild.id].add_done_callback(lambda _: self._asked.pop(guild.id))
        return await self._asked[guild.id]

    async def close(self) -> None:
        """Break off what is being asked."""
        await self._calls.close()

    async def _ask(self, guild: int) -> int:
        try:
            found = await self._calls.make(self._client.fetch_guild(guild, with_counts=True))
        except Exception as fault:  # noqa: BLE001  # nothing is known then
            _log.info("people_not_counted", fault=type(fault).__name__)
            return 0
        people = max(0, (found.approximate_member_count or 0) - 1)
        self._known[guild] = (self._clock.now(), people)
        if len(self._known) > KNOWN:
            del self._known[next(iter(self._known))]
        return people
