"""The real client of the Bot API, pointed at the double."""

import functools
import ssl

from telegram import Bot
from telegram.request import HTTPXRequest

from tests.telegram.server.api import BotApi


@functools.cache
def trust() -> ssl.SSLContext:
    """Return one context for all clients: each would read the list of authorities, which nobody needs here."""
    return ssl.create_default_context()


def client(api: BotApi, *, token: str | None = None, read_timeout: float = 5.0) -> Bot:
    """Return the real client, pointed at the double."""

    def request() -> HTTPXRequest:
        return HTTPXRequest(read_timeout=read_timeout, httpx_kwargs={"verify": trust(), "trust_env": False})

    return Bot(token or api.token, base_url=api.base_url, request=request(), get_updates_request=request())
