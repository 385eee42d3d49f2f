"""HTTP on 127.0.0.1, so plain that an answer can be withheld, and a connection reset."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus
from typing import Final

HOST: Final = "127.0.0.1"
LARGEST: Final = 1 << 24


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asked."""

    verb: str
    target: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered."""

    status: int
    body: bytes
    kind: str = "application/json"


class NotListening(Exception):
    """The server is asked for its port before it was entered."""


class LengthMissing(Exception):
    """A body came in chunks, which this server does not read."""


class Lost(Enum):
    """Ways of not answering."""

    WITHHELD = "the client waits until it gives up"
    RESET = "the connection is reset"


Handle = Callable[[Request], Awaitable[Reply | Lost]]


class Wire:
    """A server that hears one request after the other on each connection."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    @property
    def port(self) -> int:
        """The port that it listens on."""
        if self._server is None:
            raise NotListening
        return self._server.sockets[0].getsockname()[1]

    async def open(self) -> None:
        """Listen on a free port."""
        self._server = await asyncio.start_server(self._connected, HOST, 0, limit=LARGEST)

    async def close(self) -> None:
        """Hang up."""
        if self._server is not None:
            self._server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._connections.add(task)
            task.add_done_callback(self._connections.discard)
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                while (request := await read(reader)) is not None:
                    reply = await self._handle(request)
                    if isinstance(reply, Lost):
                        await lose(reply, reader, writer)
                        return
                    writer.write(written(reply))
                    await writer.drain()
                    if request.headers.get("connection", "").lower() == "close":
                        return
        finally:
            writer.close()
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await writer.wait_closed()


async def read(reader: asyncio.StreamReader) -> Request | None:
    """Return the next request, or None when the client has hung up."""
    head = await reader.readline()
    if not head.strip():
        return None
    verb, target, _ = head.decode("latin-1").split(" ", 2)
    headers: dict[str, str] = {}
    while line := (await reader.readline()).strip():
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.strip().lower()] = value.strip()
    if "transfer-encoding" in headers:
        raise LengthMissing
    return Request(verb, target, headers, await reader.readexactly(int(headers.get("content-length", "0"))))


def written(reply: Reply) -> bytes:
    """Return the bytes of an answer."""
    head = (
        f"HTTP/1.1 {reply.status} {HTTPStatus(reply.status).phrase}\r\n"
        f"Content-Type: {reply.kind}\r\nContent-Length: {len(reply.body)}\r\n\r\n"
    )
    return head.encode() + reply.body


async def lose(way: Lost, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Do not answer."""
    if way is Lost.WITHHELD:
        await reader.read()  # until the client hangs up
        return
    found: socket.socket = writer.get_extra_info("socket")
    found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # close with RST
    writer.transport.abort()
