"""The double: updates that are posted, again and again until they are taken."""

from collections.abc import AsyncIterator

import pytest
from telegram import Bot, Update
from telegram.error import BadRequest

from tests.telegram.hooked import Hooked
from tests.telegram.server.api import BotApi
from tests.telegram.server.wire import HOST, Lost, Reply

SECRET = "a-secret_1"  # noqa: S105 - made up


@pytest.fixture
async def hooked(api: BotApi) -> AsyncIterator[Hooked]:
    async with Hooked(api) as one:
        yield one


async def test_an_update_is_posted_with_the_secret(api: BotApi, bot: Bot, hooked: Hooked) -> None:
    alex = api.person("Alex", started=True)
    await bot.set_webhook(hooked.url, secret_token=SECRET)
    alex.write("hello")
    await api.until_taken()
    (request,) = hooked.requests
    assert (request.verb, request.target) == ("POST", "/telegram?from=double")
    assert request.headers["x-telegram-bot-api-secret-token"] == SECRET
    assert request.headers["content-type"] == "application/json"
    update = Update.de_json(hooked.bodies[0], bot)
    assert update.message is not None
    assert update.message.text == "hello"


async def test_without_a_secret_there_is_no_header(api: BotApi, bot: Bot, hooked: Hooked) -> None:
    api.person("Alex", started=True).write("hello")
    await bot.set_webhook(hooked.url)
    await api.until_taken()
    assert "x-telegram-bot-api-secret-token" not in hooked.requests[0].headers


@pytest.mark.parametrize("answer", [Reply(500, b""), Reply(403, b""), Reply(302, b""), Lost.RESET])
async def test_what_is_not_taken_is_posted_again_when_time_moves(
    api: BotApi, bot: Bot, hooked: Hooked, answer: Reply | Lost
) -> None:
    alex = api.person("Alex", started=True)
    hooked.answers = [answer]
    await bot.set_webhook(hooked.url)
    for text in ("one", "two"):
        alex.write(text)
    await api.until(lambda: api.fetching.hook.failed_at is not None)
    assert len(hooked.requests) == 1
    info = await bot.get_webhook_info()
    assert (info.pending_update_count, info.last_error_date is not None) == (2, True)
    api.advance(1)
    await api.until_taken()
    assert [one["message"]["text"] for one in hooked.bodies] == ["one", "one", "two"]


async def test_where_nobody_listens_updates_wait(api: BotApi, bot: Bot, hooked: Hooked) -> None:
    api.person("Alex", started=True).write("hello")
    await bot.set_webhook(f"http://{HOST}:9/hook")
    await api.until(lambda: api.fetching.hook.failed_at is not None)
    assert (await bot.get_webhook_info()).last_error_message == "Connection refused"
    await bot.set_webhook(hooked.url)
    await api.until_taken()
    assert len(hooked.requests) == 1


async def test_what_is_set_can_be_asked_and_taken_away(api: BotApi, bot: Bot, hooked: Hooked) -> None:
    assert (await bot.get_webhook_info()).url == ""
    await bot.set_webhook(hooked.url, max_connections=3, allowed_updates=["message"])
    info = await bot.get_webhook_info()
    assert (info.url, info.max_connections, info.allowed_updates) == (hooked.url, 3, ("message",))
    await bot.delete_webhook()
    api.person("Alex", started=True).write("hello")
    assert len(await bot.get_updates()) == 1
    assert not hooked.requests


async def test_pending_updates_are_dropped_only_on_request(api: BotApi, bot: Bot, hooked: Hooked) -> None:
    alex = api.person("Alex", started=True)
    alex.write("lost")
    await bot.set_webhook(hooked.url, drop_pending_updates=True)
    alex.write("kept")
    await api.until_taken()
    assert [one["message"]["text"] for one in hooked.bodies] == ["kept"]


async def test_a_secret_has_letters_that_a_header_carries(api: BotApi, bot: Bot, hooked: Hooked) -> None:
    with pytest.raises(BadRequest, match="Secret token contains unallowed characters"):
        await bot.set_webhook(hooked.url, secret_token="a secret")  # noqa: S106 - made up
    with pytest.raises(BadRequest):
        await bot.set_webhook("https://example.org/hook")
    assert api.forgive() == ["the double posts to http://127.0.0.1 only"]
