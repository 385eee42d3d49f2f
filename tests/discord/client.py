"""The real client of Discord, pointed at the double."""

from collections.abc import Generator
from contextlib import contextmanager

import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from tests.discord.server.server import DiscordServer


@contextmanager
def pointed_to(api: str, gateway: str) -> Generator[None]:
    """Let every client talk to these addresses while the block runs."""
    before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = api, yarl.URL(gateway)
    try:
        yield
    finally:
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = before


@contextmanager
def pointed_at(server: DiscordServer) -> Generator[None]:
    """Let every client talk to a double while the block runs."""
    with pointed_to(server.api_url, server.gateway_url):
        yield


def plain_client() -> discord.Client:
    """Return a client as anybody would make one for a bot without privileged intents."""
    return discord.Client(intents=discord.Intents(guilds=True, dm_messages=True, guild_messages=True))
