"""Somebody to post updates to: a plain server that keeps what came and answers as it is told."""

import json
from typing import Any, Self

from tests.telegram.server.api import BotApi
from tests.telegram.server.wire import HOST, Lost, Reply, Request, Wire


class Hooked:
    """Takes what is posted to it."""

    def __init__(self, api: BotApi) -> None:
        self.requests: list[Request] = []
        self.answers: list[Reply | Lost] = []
        self._bell = api.bell
        self._wire = Wire(self._take)

    async def __aenter__(self) -> Self:
        await self._wire.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._wire.close()

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://{HOST}:{self._wire.port}/telegram?from=double"

    @property
    def bodies(self) -> list[dict[str, Any]]:
        """What came."""
        return [json.loads(one.body) for one in self.requests]

    async def _take(self, request: Request) -> Reply | Lost:
        self.requests.append(request)
        self._bell.ring()
        return self.answers.pop(0) if self.answers else Reply(200, b"")
