"""One process of the bot on Discord: the real client and the adapter, put together as they are served."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import discord

from bot.adapters.discord.acknowledging import Acknowledging
from bot.adapters.discord.answers import Answers
from bot.adapters.discord.calls import Calls
from bot.adapters.discord.commands import Menus, bring_up_to_date, payload_of, room_commands
from bot.adapters.discord.gaps import Gaps
from bot.adapters.discord.gatherings import Gatherings
from bot.adapters.discord.inbound import Inbound, Talk
from bot.adapters.discord.listening import listen
from bot.adapters.discord.platform import DiscordPlatform
from bot.conversation.menu import menu_of_a_person, menu_of_a_room
from bot.engine.effects import PHRASES
from bot.engine.session import ENGLISH
from bot.flows.library import Library
from tests.discord.server.server import DiscordServer

INSTALL_LINK = "https://discord.example/install"

Partners = Callable[[str, str], Awaitable[list[str]]]


class Process:
    """The halves of the adapter. ``wait`` waits for seconds, as a test would have it."""

    def __init__(
        self,
        server: DiscordServer,
        client: discord.Client,
        library: Library,
        wait: Callable[[float], Awaitable[None]],
    ) -> None:
        """Make it for a client that is logged in."""
        self.server = server
        self.client = client
        self.answers, self.calls = Answers(), Calls()
        self.gaps = Gaps(client, self.calls, wait)
        self.menus = {
            language: Menus(person=menu_of_a_person(library, language), room=menu_of_a_room(library, language))
            for language in library.languages
        }
        self.platform = DiscordPlatform(
            client=client,
            clock=server.clock,
            answers=self.answers,
            calls=self.calls,
            phrase=self._phrase,
            install_link=INSTALL_LINK,
        )
        self.inbound: Inbound | None = None
        self._library = library
        self._wait = wait
        self._listening: asyncio.Task[None] | None = None

    async def listen(self, talk: Talk, partners: Partners) -> None:
        """Set the commands, and take what comes."""
        await bring_up_to_date(self.client, self.calls, payload_of(self.menus, ENGLISH))
        self.inbound = Inbound(
            client=self.client,
            clock=self.server.clock,
            acknowledging=Acknowledging(self.client, self.answers, self.calls, self._phrase, self._wait),
            gatherings=Gatherings(self.client, self.server.clock, partners),
            talk=talk,
            room_commands=room_commands(self.menus[ENGLISH]),
            until_read=self.gaps.until_read,
            wait=self._wait,
        )
        handlers = (
            self.inbound.on_interaction,
            self.inbound.on_message,
            self.inbound.on_raw_message_edit,
            self.inbound.on_guild_remove,
            self.inbound.on_guild_channel_delete,
            self.inbound.on_raw_thread_delete,
        )
        self.server.gateway.forget_sessions()
        self._listening = asyncio.create_task(listen(self.server.token, handlers))
        await self.server.gateway.await_ready()
        await self.server.until_taken()

    @property
    def listens(self) -> bool:
        """Whether it takes what comes."""
        return self._listening is not None and not self._listening.done()

    async def settle(self) -> None:
        """Return when everything that was told was dealt with."""
        await self.server.until_taken()
        if self.inbound is not None:
            await self.inbound.until_idle()

    async def end(self) -> None:
        """End the process."""
        if self._listening is not None and self.inbound is not None:
            self._listening.cancel()
            with suppress(asyncio.CancelledError):
                await self._listening
            await self.inbound.close()
            await self.calls.close()

    def _phrase(self, key: str, language: str) -> str:
        del language
        return self._library.template(PHRASES, key, ENGLISH).literal
