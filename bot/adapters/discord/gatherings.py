"""Who is in a small server, asked of Discord: whether a room is a pair's own depends on it.

The client hears of nobody who comes or goes, as that needs a privilege. So it asks how many there are, and whether
the partner of whoever acts is among them.
"""

import asyncio
from collections.abc import Awaitable, Callable

import discord
import structlog

from bot.adapters.discord.calls import Calls
from bot.adapters.discord.limits import PLATFORM
from bot.adapters.discord.reading import Gathering
from bot.conversation.ports import Clock

SMALL = 10
"""Members up to which it matters how many there are just now."""

TWO = 2

FRESH = 60_000
"""Milliseconds for which an answer is believed."""

KNOWN = 1_000
"""Of how many people in servers the answer is kept."""

PATIENCE = 2.0
"""Seconds in which Discord has to answer, or nothing is known."""

NOTHING = Gathering()

_log = structlog.get_logger(__name__)


class Gatherings:
    """Asks who is there."""

    def __init__(
        self,
        client: discord.Client,
        clock: Clock,
        partners: Callable[[str, str], Awaitable[list[str]]],
        patience: float = PATIENCE,
    ) -> None:
        """Make it. ``client`` is logged in; ``partners`` names the accounts of those with whom somebody is paired."""
        self._client = client
        self._clock = clock
        self._partners = partners
        self._calls = Calls(patience)
        self._known: dict[tuple[int, int], tuple[int, Gathering]] = {}
        self._asked: dict[tuple[int, int], asyncio.Task[Gathering]] = {}

    async def around(self, person: int, guild: discord.Guild | None) -> Gathering:
        """Return who is around somebody in a server: how many besides the bot, other bots among them."""
        if guild is None:
            return NOTHING
        if guild.member_count is not None and guild.member_count > SMALL:
            return Gathering(guild.member_count - 1)
        key = (guild.id, person)
        at, known = self._known.get(key, (0, NOTHING))
        if known.people and self._clock.now() - at < FRESH:
            return known
        if key not in self._asked:
            self._asked[key] = asyncio.create_task(self._ask(*key))
            self._asked[key].add_done_callback(lambda _: self._asked.pop(key))
        return await self._asked[key]

    async def close(self) -> None:
        """Break off what is being asked."""
        await self._calls.close()

    async def _ask(self, guild: int, person: int) -> Gathering:
        try:
            found = await self._calls.make(self._client.fetch_guild(guild, with_counts=True))
            people = max(0, (found.approximate_member_count or 0) - 1)
            present = await self._partner_in(found, person) if people == TWO else ()
        except Exception as fault:  # noqa: BLE001  # nothing is known then
            _log.info("gathering_not_known", fault=type(fault).__name__)
            return NOTHING
        gathering = Gathering(people, present)
        self._known[guild, person] = (self._clock.now(), gathering)
        if len(self._known) > KNOWN:
            del self._known[next(iter(self._known))]
        return gathering

    async def _partner_in(self, guild: discord.Guild, person: int) -> tuple[str, ...]:
        """Whoever of somebody's partners is a member, too."""
        for partner in await self._partners(PLATFORM, str(person)):
            try:
                await self._calls.make(guild.fetch_member(int(partner)))
            except discord.NotFound:
                continue
            return (partner,)
        return ()
