"""A strict Discord on this computer, and the real client of it."""

from collections.abc import AsyncIterator

import pytest

from tests.discord.client import pointed_at
from tests.discord.server.server import DiscordServer


@pytest.fixture
async def server() -> AsyncIterator[DiscordServer]:
    async with DiscordServer() as one:
        with pointed_at(one):
            yield one
