"""Calls and sockets without the client: for what it would never do, or hides."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from tests.discord.server.server import DiscordServer
from tests.discord.server.spec import Json

WRITE = "/channels/{}/messages"


async def ask(
    server: DiscordServer, verb: str, path: str, body: object = None, *, token: str | None = None
) -> tuple[int, Any, Any]:
    """Make a call; return its status, what was answered, and the headers."""
    given = {} if body is None else {"Content-Type": "application/json"}
    headers = {"Authorization": f"Bot {token or server.token}", **given}
    raw = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    async with (
        aiohttp.ClientSession() as plain,
        plain.request(verb, server.api_url + path, data=raw, headers=headers) as answer,
    ):
        text = await answer.text()
        return answer.status, json.loads(text) if text else None, answer.headers


async def code_of(server: DiscordServer, verb: str, path: str, body: object = None) -> int:
    """Make a call that is refused; return the code."""
    status, answer, _ = await ask(server, verb, path, body)
    assert status >= 400, answer
    return int(answer["code"])


async def send(server: DiscordServer, channel: int, **body: object) -> Json:
    """Write as the bot; return the message."""
    status, answer, _ = await ask(server, "POST", WRITE.format(channel), {"content": "hello", **body})
    assert status == 200, answer
    return answer


class Socket:
    """A connection to the gateway."""

    def __init__(self, server: DiscordServer, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.server = server
        self.socket = socket

    async def read(self) -> Json:
        """Return the next frame."""
        return json.loads(await self.socket.receive_str())

    async def say(self, operation: int, data: object) -> None:
        """Send a frame."""
        await self.socket.send_str(json.dumps({"op": operation, "d": data}))

    async def identify(self, intents: int = 1, **more: object) -> Json:
        """Identify, and return what READY tells."""
        await self.say(2, {"token": self.server.token, "intents": intents, "properties": {}, **more})
        ready = await self.read()
        assert ready["t"] == "READY"
        return ready["d"]

    async def closed(self) -> int | None:
        """Return with which code it was closed."""
        while not self.socket.closed:
            await self.socket.receive()
        return self.socket.close_code


@asynccontextmanager
async def socket_to(server: DiscordServer) -> AsyncGenerator[Socket]:
    """Connect to the gateway, and take its HELLO."""
    async with aiohttp.ClientSession() as plain, plain.ws_connect(server.gateway_url) as socket:
        one = Socket(server, socket)
        assert (await one.read())["op"] == 10
        yield one
