"""Updates that Telegram brings: answered with 200 when they are durable; what is forged is not looked at."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import httpx
import pytest
from telegram import Bot

from bot.adapters.telegram.webhook import LARGEST, PATH, SECRET_HEADER, listen
from bot.conversation.ports import OutOfService
from tests.telegram.server.api import BotApi
from tests.telegram.server.wire import HOST

SECRET = "a-secret_1"  # noqa: S105 - made up


class Taking:
    """Takes updates, while there is room for them."""

    def __init__(self) -> None:
        self.full = False
        self.taken: list[str] = []

    async def __call__(self, updates: Any) -> None:
        if self.full:
            raise OutOfService
        self.taken += [update["message"]["text"] for update in updates]


@pytest.fixture
def taking() -> Taking:
    return Taking()


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind((HOST, 0))
        return int(free.getsockname()[1])


@pytest.fixture
async def listening(api: BotApi, bot: Bot, taking: Taking, port: int) -> AsyncIterator["asyncio.Task[None]"]:
    address = f"http://{HOST}:{port}"
    task = asyncio.create_task(listen(bot, taking, address=address, secret=SECRET, host=HOST, port=port))
    await api.until(lambda: bool(api.fetching.hook.url))
    yield task
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


@pytest.mark.usefixtures("listening")
async def test_what_is_brought_is_taken_in_order(api: BotApi, taking: Taking) -> None:
    alex = api.person("Alex", started=True)
    for number in range(5):
        alex.write(f"{number}")
    await until_taken(api)
    assert taking.taken == list("01234")


@pytest.mark.usefixtures("listening")
async def test_what_cannot_be_stored_is_brought_again(api: BotApi, taking: Taking) -> None:
    taking.full = True
    api.person("Alex", started=True).write("Once.")
    await api.until(lambda: bool(api.fetching.hook.failure))
    assert (taking.taken, len(api.world.queue.pending)) == ([], 1)
    taking.full = False
    await until_taken(api)
    assert taking.taken == ["Once."]


@pytest.mark.usefixtures("listening")
@pytest.mark.parametrize("headers", [{}, {SECRET_HEADER: ""}, {SECRET_HEADER: "a-secret_2"}, {SECRET_HEADER: "ä"}])
async def test_a_forged_post_is_refused_and_not_looked_at(taking: Taking, port: int, headers: dict[str, str]) -> None:
    update = {"update_id": 1, "message": {"text": "I am not Telegram."}}
    encoded = {name: value.encode() for name, value in headers.items()}
    assert await post(port, headers=encoded, json=update) == 403
    assert taking.taken == []


@pytest.mark.usefixtures("listening")
@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b"1" * (LARGEST + 1)])
async def test_what_is_no_update_is_refused(taking: Taking, port: int, content: bytes) -> None:
    assert await post(port, headers={SECRET_HEADER: SECRET.encode()}, content=content) == 400
    assert taking.taken == []


@pytest.mark.usefixtures("listening")
async def test_nothing_else_is_there(port: int) -> None:
    async with httpx.AsyncClient(trust_env=False, transport=httpx.AsyncHTTPTransport(retries=5)) as asking:
        assert (await asking.get(f"http://{HOST}:{port}{PATH}")).status_code == 405
        assert (await asking.post(f"http://{HOST}:{port}/")).status_code == 404


async def post(port: int, **more: Any) -> int:
    """Post something, as soon as somebody is there to take it; return the status of the answer."""
    async with httpx.AsyncClient(trust_env=False, transport=httpx.AsyncHTTPTransport(retries=5)) as posting:
        return (await posting.post(f"http://{HOST}:{port}{PATH}", **more)).status_code


async def until_taken(api: BotApi) -> None:
    """Let time pass, so that what was not taken is brought again, until all is."""
    for _ in range(50):
        api.advance(1)
        with suppress(TimeoutError):
            async with asyncio.timeout(0.2):
                await api.until_taken()
                return
    raise AssertionError(api.world.queue.pending)
