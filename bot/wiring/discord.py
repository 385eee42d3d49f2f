"""Discord, as it is set up: its clients, its two halves, its commands."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import aiohttp
import discord
import structlog
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route
from pydantic import SecretStr

from bot.adapters.discord.acknowledging import Acknowledging
from bot.adapters.discord.answers import Answers
from bot.adapters.discord.calls import Calls
from bot.adapters.discord.commands import Menus, bring_up_to_date, payload_of, room_commands
from bot.adapters.discord.gaps import Gaps
from bot.adapters.discord.gatherings import Gatherings
from bot.adapters.discord.inbound import Inbound
from bot.adapters.discord.limits import PLATFORM
from bot.adapters.discord.listening import listen, quiet_client, stopped_by
from bot.adapters.discord.platform import DiscordPlatform
from bot.adapters.stopped import Stopped
from bot.conversation.menu import menu_of_a_person, menu_of_a_room
from bot.conversation.ports import Clock
from bot.conversation.service import Conversation
from bot.engine.effects import PHRASES
from bot.engine.session import ENGLISH
from bot.flows.languages import best_language
from bot.flows.library import Library
from bot.wiring.settings import Settings

AGAIN, LONGEST_AGAIN = 1.0, 600.0
"""Seconds before something that has time is tried again: each time twice as long, up to the longest."""

PERMISSIONS = discord.Permissions(view_channel=True, send_messages=True, send_messages_in_threads=True)
"""All that the bot needs in a server."""

_log = structlog.get_logger(__name__)


class Discord:
    """The bot on Discord: ``platform`` sends; ``run`` takes what comes, once there is a conversation to take it."""

    name = PLATFORM

    def __init__(
        self, client: discord.Client, token: SecretStr, clock: Clock, library: Library, settings: Settings
    ) -> None:
        """Make it with a client that is logged in; what listens is another one, which may come and go."""
        self.drained = asyncio.Event()
        """Set when everything was taken that came while nobody was there."""
        self._client = client
        self._token = token
        self._clock = clock
        self._library = library
        self._settings = settings
        self._answers = Answers()
        self._calls = Calls()
        self._silent_since = 0
        self.platform = DiscordPlatform(
            client=client,
            clock=clock,
            answers=self._answers,
            calls=self._calls,
            phrase=self._phrase,
            install_link=discord.utils.oauth_url(client.application_id or 0, permissions=PERMISSIONS),
        )

    async def run(self, talk: Conversation) -> None:
        """Take what comes until this is cancelled. Raises Stopped."""
        menus = self._menus()
        acknowledging = Acknowledging(self._client, self._answers, self._calls, self._phrase)
        gaps = Gaps(self._client, self._calls)
        gatherings = Gatherings(self._client, self._clock, talk.partners)
        inbound = Inbound(
            client=self._client,
            clock=self._clock,
            acknowledging=acknowledging,
            gatherings=gatherings,
            talk=talk,
            room_commands=room_commands(menus[ENGLISH]),
            until_read=gaps.until_read,
        )

        async def on_connect() -> None:
            """Read back what was missed: what is told from now on begins anew."""
            await gaps.read_back(lambda: self._missed(talk), inbound.take_message)
            self._silent_since = 0
            self.drained.set()

        async def on_disconnect() -> None:
            self._silent_since = self._silent_since or self._clock.now()

        async def on_resumed() -> None:
            """Nothing was missed: it was all told again."""
            self._silent_since = 0

        handlers = (
            inbound.on_interaction,
            inbound.on_message,
            inbound.on_raw_message_edit,
            inbound.on_guild_remove,
            inbound.on_guild_channel_delete,
            inbound.on_raw_thread_delete,
            on_connect,
            on_disconnect,
            on_resumed,
        )
        setting = asyncio.create_task(self._set_commands(menus))
        try:
            await listen(self._token.get_secret_value(), handlers, self._settings.discord_shards)
        finally:
            setting.cancel()
            await asyncio.gather(setting, return_exceptions=True)
            await inbound.close()
            await gatherings.close()
            await self._calls.close()

    async def _missed(self, talk: Conversation) -> tuple[list[int], int]:
        """The chats in which something may have been written while nobody listened, and since when nobody did."""
        since = self._silent_since or await talk.last_heard(PLATFORM)
        chats = await talk.lately_written_to(PLATFORM) if since else []
        return [int(chat) for chat in chats if chat.isdecimal()], since

    async def _set_commands(self, menus: dict[str, Menus]) -> None:
        """Bring the commands up to date. Whatever goes wrong with them, people are served."""
        wait = AGAIN
        while True:
            try:
                await bring_up_to_date(self._client, self._calls, payload_of(menus, ENGLISH))
            except Exception as fault:  # noqa: BLE001  # they stay as they were, and it is tried again
                _log.exception("commands_not_set", fault=type(fault).__name__, exc_info=False)
            else:
                return
            await asyncio.sleep(wait)
            wait = min(2 * wait, LONGEST_AGAIN)

    def _menus(self) -> dict[str, Menus]:
        return {
            language: Menus(
                person=menu_of_a_person(self._library, language), room=menu_of_a_room(self._library, language)
            )
            for language in self._library.languages
        }

    def _phrase(self, key: str, language: str) -> str:
        """Return a standing sentence in the language nearest to one that Discord names."""
        found = self._library.template(PHRASES, key, best_language(self._library.languages, language))
        return "".join(part for part in found.parts if isinstance(part, str))


@asynccontextmanager
async def discord_bot(
    token: SecretStr, settings: Settings, clock: Clock, library: Library
) -> AsyncGenerator[Discord]:
    """Open the bot on Discord and close it at the end. Raises Stopped when Discord does not know it."""
    # The libraries' own logs hold what people write.
    for noisy in ("discord", "aiohttp"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)
    Route.BASE = settings.discord_api.rstrip("/")
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(settings.discord_gateway)
    client = quiet_client()
    try:
        async with client:
            await client.login(token.get_secret_value())
            yield Discord(client, token, clock, library, settings)
    except (discord.DiscordException, aiohttp.ClientError, OSError) as fault:
        raise stopped_by(fault) or Stopped(f"Discord cannot be reached: {type(fault).__name__}.") from None
