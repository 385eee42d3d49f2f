"""Updates that Telegram brings itself: answered with 200 when they are durable, and not before."""

import asyncio
import hmac
import json
from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, cast

import structlog
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from telegram import Bot

from bot.adapters.telegram.updates import KINDS

PATH = "/telegram"
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  # the header's name (Bot API, setWebhook)

GRACE = 2
"""Seconds for what is being answered when the process is asked to end."""

LARGEST = 1 << 20
"""Bytes of an update: texts have 4,096 characters, and nothing else is read of files."""

CONNECTIONS = 40
"""How many updates Telegram brings at once (Bot API, setWebhook: 1-100)."""

Take = Callable[[Sequence[Mapping[str, Any]]], Awaitable[None]]

_log = structlog.get_logger(__name__)


def webhook_app(take: Take, secret: str) -> Starlette:
    """Return the application that takes updates: one without the secret is refused and not looked at."""

    async def come(request: Request) -> Response:
        given = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode(), secret.encode()):
            return Response(status_code=403)
        update = await _update_in(request)
        if update is None:
            return Response(status_code=400)
        try:
            await take([update])
        except Exception as fault:  # noqa: BLE001  # Telegram brings again what is not answered with 200
            _log.exception("update_not_taken", fault=type(fault).__name__, exc_info=False)
            return Response(status_code=503)
        return Response(status_code=200)

    return Starlette(routes=[Route(PATH, come, methods=["POST"])])


class _Server(uvicorn.Server):
    """Leaves signals to whoever runs it."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


async def listen(bot: Bot, take: Take, *, address: str, secret: str, host: str, port: int) -> None:
    """Tell Telegram the address to bring updates to, and take them until this is cancelled."""
    config = uvicorn.Config(
        webhook_app(take, secret),
        host=host,
        port=port,
        log_config=None,
        log_level="warning",
        access_log=False,
        lifespan="off",
        ws="none",
        server_header=False,
        timeout_graceful_shutdown=GRACE,
        h11_max_incomplete_event_size=LARGEST,
    )
    server = _Server(config)
    await bot.set_webhook(
        url=address.rstrip("/") + PATH, secret_token=secret, allowed_updates=list(KINDS), max_connections=CONNECTIONS
    )
    running = asyncio.create_task(server.serve())
    try:
        await asyncio.shield(running)
    except asyncio.CancelledError:
        server.should_exit = True
        await running
        raise


async def _update_in(request: Request) -> Mapping[str, Any] | None:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            return None
    try:
        found = json.loads(body)
    except ValueError:
        return None
    return cast("Mapping[str, Any]", found) if isinstance(found, dict) else None
