"""The double: long polling, in which what is not confirmed comes again."""

import asyncio
from collections.abc import Sequence

import pytest
from telegram import Bot, Update
from telegram.error import BadRequest, Conflict, TimedOut
from telegram.ext import Application, ContextTypes, MessageHandler, filters

from tests.telegram.client import client
from tests.telegram.server.api import BotApi
from tests.telegram.server.wire import HOST


def texts(updates: Sequence[Update]) -> list[str | None]:
    return [one.effective_message.text if one.effective_message else None for one in updates]


async def poll(api: BotApi, bot: Bot) -> "asyncio.Task[tuple[Update, ...]]":
    """Return a poll that waits at the double."""
    before = len(api.calls)
    task = asyncio.ensure_future(bot.get_updates(timeout=10))
    await api.until(lambda: len(api.calls) > before)
    return task


async def test_what_is_not_confirmed_comes_again(api: BotApi, bot: Bot) -> None:
    alex = api.person("Alex", started=True)
    for text in ("one", "two", "three"):
        alex.write(text)
    first = await bot.get_updates()
    assert texts(first) == texts(await bot.get_updates()) == ["one", "two", "three"]
    assert texts(await bot.get_updates(offset=first[1].update_id)) == ["two", "three"]
    assert texts(await bot.get_updates()) == ["two", "three"]
    assert not await bot.get_updates(offset=first[2].update_id + 1)
    await api.until_taken()


async def test_update_numbers_go_up_by_one(api: BotApi, bot: Bot) -> None:
    alex = api.person("Alex", started=True)
    for text in "ab":
        alex.write(text)
    first, second = await bot.get_updates()
    assert second.update_id == first.update_id + 1


async def test_a_limit_leaves_the_rest_for_later(api: BotApi, bot: Bot) -> None:
    alex = api.person("Alex", started=True)
    for number in range(120):
        alex.write(str(number))
    assert len(await bot.get_updates()) == 100
    assert texts(await bot.get_updates(limit=2)) == ["0", "1"]


async def test_a_negative_offset_keeps_the_newest(api: BotApi, bot: Bot) -> None:
    alex = api.person("Alex", started=True)
    for text in ("one", "two", "three"):
        alex.write(text)
    assert texts(await bot.get_updates(offset=-1)) == ["three"]
    assert texts(await bot.get_updates()) == ["three"]


async def test_after_a_day_an_update_is_lost(api: BotApi, bot: Bot) -> None:
    alex = api.person("Alex", started=True)
    alex.write("old")
    api.advance(24 * 60 * 60 - 1)
    alex.write("new")
    assert texts(await bot.get_updates()) == ["old", "new"]
    api.advance(1)
    assert texts(await bot.get_updates()) == ["new"]


async def test_an_update_can_come_twice_though_it_was_confirmed(api: BotApi, bot: Bot) -> None:
    alex = api.person("Alex", started=True)
    alex.write("one")
    alex.write("two")
    first, second = await bot.get_updates()
    await bot.get_updates(offset=second.update_id + 1)
    api.world.queue.repeat(api.world.queue.made[0])
    assert await bot.get_updates() == (first,)


async def test_a_poll_waits_until_something_happens(api: BotApi, bot: Bot) -> None:
    alex = api.person("Alex", started=True)
    waiting = await poll(api, bot)
    assert api.calls[-1].answer is None
    alex.write("now")
    assert texts(await waiting) == ["now"]


async def test_a_poll_ends_empty_when_its_time_is_over(api: BotApi, bot: Bot) -> None:
    waiting = await poll(api, bot)
    api.advance(9)
    assert not waiting.done()
    api.advance(1)
    assert await waiting == ()


async def test_a_poll_that_nobody_waits_for_any_more_loses_nothing(api: BotApi, bot: Bot) -> None:
    alex = api.person("Alex", started=True)
    waiting = await poll(api, bot)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    alex.write("meanwhile")
    assert texts(await bot.get_updates()) == ["meanwhile"]


async def test_a_second_poll_ends_the_first(api: BotApi, bot: Bot) -> None:
    alex = api.person("Alex", started=True)
    first = await poll(api, bot)
    second = await poll(api, bot)
    words = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
    with pytest.raises(Conflict) as refused:
        await first
    assert refused.value.message == words
    alex.write("hello")
    assert texts(await second) == ["hello"]


async def test_there_is_no_polling_beside_a_webhook(api: BotApi, bot: Bot) -> None:
    waiting = await poll(api, bot)
    await bot.set_webhook(f"http://{HOST}:9/hook")
    with pytest.raises(Conflict, match="terminated by setWebhook request"):
        await waiting
    with pytest.raises(Conflict, match="use deleteWebhook to delete the webhook first"):
        await bot.get_updates()
    await bot.delete_webhook()
    assert await bot.get_updates() == ()


async def test_wanted_kinds_are_remembered(api: BotApi, bot: Bot) -> None:
    alex = api.person("Alex", started=True)
    alex.write("before")
    before = await bot.get_updates(allowed_updates=["edited_message"])
    assert texts(before) == ["before"]
    message = alex.write("unheard")
    alex.edit(message, "heard")
    assert texts(await bot.get_updates(offset=before[0].update_id + 1)) == ["heard"]
    await bot.get_updates(allowed_updates=[])
    alex.write("again")
    assert texts(await bot.get_updates())[-1] == "again"


async def test_a_kind_that_there_is_not_fails_the_test(api: BotApi, bot: Bot) -> None:
    with pytest.raises(BadRequest):
        await bot.get_updates(allowed_updates=["message", "presses"])
    assert api.forgive() == ["there are no updates of kind presses"]


async def test_others_coming_and_going_is_told_to_administrators_who_asked_for_it(api: BotApi, bot: Bot) -> None:
    alex, sam = api.person("Alex", started=True), api.person("Sam")
    room = api.room("supergroup", "Den", alex)

    async def told() -> list[str]:
        sam.join(room)
        sam.leave(room)
        made = [one.kind for one in api.world.queue.pending]
        await bot.get_updates(offset=api.world.queue.pending[-1].id + 1)
        return made

    assert await told() == ["message", "message"]
    await bot.get_updates(allowed_updates=["message", "chat_member"])
    assert await told() == ["message", "message"]
    alex.promote_bot(room)
    assert await told() == ["chat_member", "message", "message", "chat_member"]


async def test_the_clients_own_time_out_is_a_time_out(api: BotApi) -> None:
    async with client(api, read_timeout=0.05) as bot:
        with pytest.raises(TimedOut):
            await bot.get_updates(timeout=0, read_timeout=0.05, api_kwargs={"timeout": 10})


# --- the client's application ---


async def test_an_application_without_an_updater_takes_what_its_owner_fetched(api: BotApi, bot: Bot) -> None:
    alex = api.person("Alex", started=True)
    application = Application.builder().bot(bot).updater(None).build()

    async def echo(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.message is not None
        await update.message.reply_text(update.message.text or "")

    application.add_handler(MessageHandler(filters.TEXT, echo))
    alex.write("hello")
    async with application:
        await application.start()
        for update in await bot.get_updates():
            await application.update_queue.put(update)
        await api.until(lambda: len(alex.from_bot) == 1)
        await application.stop()
    assert alex.from_bot[0].text == "hello"
    assert len(api.world.queue.pending) == 1


async def test_the_clients_own_updater_polls_the_double(api: BotApi) -> None:
    alex = api.person("Alex", started=True)
    application = Application.builder().bot(client(api)).build()
    heard: list[str | None] = []

    async def hear(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        heard.append(update.message.text if update.message else None)
        api.bell.ring()

    application.add_handler(MessageHandler(filters.TEXT, hear))
    async with application:
        await application.start()
        assert application.updater is not None
        await application.updater.start_polling()
        alex.write("hello")
        await api.until(lambda: heard == ["hello"])
        await api.until_taken()
        await application.updater.stop()
        await application.stop()
