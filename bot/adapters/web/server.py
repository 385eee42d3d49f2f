"""Serving on this computer, and nowhere else."""

import asyncio
import socket
from collections.abc import Callable

import uvicorn
from starlette.types import ASGIApp

HOST = "127.0.0.1"
"""The only address that is listened on."""

_GRACE = 2  # seconds for what is being answered when the server is asked to end


class PortTaken(Exception):
    """Another program listens there. Choose another port, or 0 for any free one."""


def listen(port: int) -> socket.socket:
    """Return a socket that listens on this computer's ``port`` (0: any free one). Raises PortTaken."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    # Without this a port stays taken for a minute after the demo ended.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen()
    except OSError as taken:
        listener.close()
        msg = f"port {port} can't be used ({taken.strerror}); choose another one"
        raise PortTaken(msg) from taken
    return listener


def port_of(listener: socket.socket) -> int:
    """Return the port on which a socket listens."""
    return int(listener.getsockname()[1])


class _Server(uvicorn.Server):
    """Tells when it is ready, and ends live streams before it waits for connections to close."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None], on_end: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready
        self._on_end = on_end

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._on_end()
        await super().shutdown(sockets=sockets)


async def serve(
    app: ASGIApp, listener: socket.socket, *, on_ready: Callable[[], None], on_end: Callable[[], None]
) -> None:
    """Serve until interrupted or cancelled, then end at once: ``on_end`` must end the live streams."""
    config = uvicorn.Config(
        app,
        log_config=None,
        log_level="warning",
        access_log=False,  # addresses hold no words, but nothing needs them
        lifespan="off",
        ws="none",
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE,
    )
    server = _Server(config, on_ready, on_end)
    running = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        await asyncio.shield(running)
    except asyncio.CancelledError:
        server.should_exit = True
        await running
        raise
