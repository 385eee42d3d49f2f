"""The real client of Discord, pointed at the double."""

from collections.abc import Generator
from contextlib import contextmanager

import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from tests.discord.server.server import DiscordServer


@contextmanager
def pointed_at(server: DiscordServer) -> Generator[None]:
    """Let every client talk to the double while the block runs."""
    before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = server.api_url, yarl.URL(server.gateway_url)
    try:
        yield
    finally:
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = before


def plain_client() -> discord.Client:
    """Return a client as anybody would make one for a bot without privileged intents."""
    return discord.Client(intents=discord.Intents(guilds=True, dm_messages=True, guild_messages=True))
