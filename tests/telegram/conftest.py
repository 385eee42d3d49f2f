"""A strict Bot API on this computer, and the real client of it."""

from collections.abc import AsyncIterator

import pytest
from telegram import Bot

from tests.telegram.client import client
from tests.telegram.server.api import BotApi


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi() as one:
        yield one


@pytest.fixture
async def bot(api: BotApi) -> AsyncIterator[Bot]:
    async with client(api) as one:
        api.calls.clear()  # its getMe
        yield one
