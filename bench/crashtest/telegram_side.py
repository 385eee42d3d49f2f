"""Telegram, as the worker has it: every call of a message says which one it is."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from functools import cache, partial
from ssl import SSLContext, create_default_context

import httpx
from pydantic import SecretStr
from telegram.request import HTTPXRequest

from bench.crashtest.outer_worker import Quick, being_sent
from bench.crashtest.worker import library
from bot.wiring import telegram as wired
from bot.wiring.settings import Settings

KEY_HEADER = "x-message-key"
"""The header by which the double is told which message of the outbox a call sends: texts alone do not tell."""


@asynccontextmanager
async def telegram_side(where: Mapping[str, str], clock: Quick) -> AsyncGenerator[wired.Telegram]:
    """Open the bot on Telegram."""
    more = {"verify": trust(), "trust_env": False, "event_hooks": {"request": [_name_it]}}
    wired.HTTPXRequest = partial(HTTPXRequest, httpx_kwargs=more)
    settings = Settings(telegram_api=where["api"])
    async with wired.telegram(SecretStr(where["token"]), settings, clock, library()) as side:
        yield side


@cache
def trust() -> SSLContext:
    """Return what certificates are trusted: nobody needs them here, and to read them takes long."""
    return create_default_context()


async def _name_it(request: httpx.Request) -> None:
    if request.url.path.endswith("/sendMessage"):
        request.headers[KEY_HEADER] = being_sent.get()
