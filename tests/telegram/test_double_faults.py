"""The double: what goes wrong on demand, before and after a call took effect."""

import asyncio

import pytest
from telegram import Bot
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from tests.telegram.client import client
from tests.telegram.server.api import BotApi
from tests.telegram.server.faults import ALL, Fault, Garble, Raw, Reset, Say, Slow, Withhold
from tests.telegram.server.refusals import (
    Refusal,
    blocked,
    chat_not_found,
    conflict,
    deactivated,
    kicked,
    migrated,
    not_started,
    too_many,
    unauthorized,
)

# The client warns whenever it reads how long to wait, unless its environment asks for a timedelta.
pytestmark = pytest.mark.filterwarnings("ignore:Deprecated since version v22.2")


@pytest.mark.parametrize(
    ("refusal", "kind", "words"),
    [
        (blocked(), Forbidden, "Forbidden: bot was blocked by the user"),
        (deactivated(), Forbidden, "Forbidden: user is deactivated"),
        (not_started(), Forbidden, "Forbidden: bot can't initiate conversation with a user"),
        (kicked("supergroup"), Forbidden, "Forbidden: bot was kicked from the supergroup chat"),
        (chat_not_found(), BadRequest, "Chat not found"),
        (conflict("made up"), Conflict, "Conflict: made up"),
        (migrated(-100123), ChatMigrated, "Group migrated to supergroup. New chat id: -100123"),
        (Refusal(502, "Bad Gateway"), NetworkError, "Bad Gateway"),
        (Refusal(500, "Internal Server Error"), NetworkError, "Internal Server Error"),
        (unauthorized(), InvalidToken, "Unauthorized"),
    ],
)
async def test_a_refusal_comes_once_and_the_call_has_no_effect(
    api: BotApi, bot: Bot, refusal: Refusal, kind: type[TelegramError], words: str
) -> None:
    alex = api.person("Alex", started=True)
    api.faults.add("sendMessage", Say(refusal))
    with pytest.raises(kind) as refused:
        await bot.send_message(alex.id, "one")
    assert refused.value.message == words
    await bot.send_message(alex.id, "two")
    assert [one.text for one in alex.from_bot] == ["two"]
    assert [one.ok for one in api.calls] == [False, True]


async def test_a_fault_waits_for_its_method_its_chat_and_so_many_calls(api: BotApi, bot: Bot) -> None:
    alex, sam = (api.person(name, started=True) for name in ("Alex", "Sam"))
    api.faults.add("sendMessage", Say(blocked()), times=2, chat=sam.id)
    await bot.send_message(alex.id, "Hello")
    await bot.send_chat_action(sam.id, "typing")
    for _ in range(2):
        with pytest.raises(Forbidden):
            await bot.send_message(sam.id, "Hello")
    assert not api.faults.waiting
    await bot.send_message(sam.id, "Hello")
    api.faults.add(ALL, Say(blocked()))
    api.faults.clear()
    await bot.send_message(sam.id, "Hello")


async def test_who_does_not_wait_is_told_again_how_long(api: BotApi, bot: Bot) -> None:
    alex, sam = (api.person(name, started=True) for name in ("Alex", "Sam"))
    api.faults.add("sendMessage", Say(too_many(3)), chat=alex.id)
    for passed, left in [(0, 3), (0, 3), (1, 2), (1.5, 1)]:
        api.advance(passed)
        with pytest.raises(RetryAfter) as refused:
            await bot.send_message(alex.id, "Hello")
        assert refused.value.retry_after == left
        await bot.send_message(sam.id, "Hello")
    assert api.faults.hammered == 3
    api.advance(0.5)
    await bot.send_message(alex.id, "Hello")
    assert len(alex.from_bot) == 1


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Withhold(effect=True), TimedOut),
        (Withhold(effect=False), TimedOut),
        (Reset(effect=True), NetworkError),
        (Reset(effect=False), NetworkError),
        (Raw(effect=True), NetworkError),
        (Raw(effect=False), NetworkError),
        (Raw(504, b"", effect=True), NetworkError),
        (Garble(effect=True), TelegramError),
        (Garble(effect=False), TelegramError),
    ],
)
async def test_an_answer_can_be_lost_before_or_after_the_effect(
    api: BotApi, fault: Fault, kind: type[TelegramError]
) -> None:
    alex = api.person("Alex", started=True)
    async with client(api, read_timeout=0.1) as bot:
        api.faults.add("sendMessage", fault)
        with pytest.raises(kind):
            await bot.send_message(alex.id, "one")
        await bot.send_message(alex.id, "two")
    lost = [] if not isinstance(fault, Say) and not fault.effect else ["one"]
    assert [one.text for one in alex.from_bot] == [*lost, "two"]


async def test_an_answer_can_be_slow(api: BotApi, bot: Bot) -> None:
    alex = api.person("Alex", started=True)
    slow = Slow()
    api.faults.add("sendMessage", slow)
    sending = asyncio.ensure_future(bot.send_message(alex.id, "one"))
    await api.until(lambda: len(alex.from_bot) == 1)
    await bot.send_message(alex.id, "two")
    assert not sending.done()
    slow.release.set()
    assert (await sending).text == "one"


async def test_polling_can_fail_and_loses_nothing(api: BotApi, bot: Bot) -> None:
    api.person("Alex", started=True).write("hello")
    for fault in (Say(conflict("made up")), Raw(), Reset(), Garble()):
        api.faults.add("getUpdates", fault)
        with pytest.raises(TelegramError):
            await bot.get_updates()
    assert len(await bot.get_updates()) == 1


# --- Telegram's own limits ---


async def test_floods_are_stopped_where_the_limits_are_kept() -> None:
    async with BotApi(floods=True) as api, client(api) as bot:
        alex = api.person("Alex", started=True)
        for _ in range(3):
            await bot.send_message(alex.id, "Hello")
        with pytest.raises(RetryAfter) as refused:
            await bot.send_message(alex.id, "Hello")
        assert refused.value.retry_after == 3
        api.advance(3)
        await bot.send_message(alex.id, "Hello")
        assert len(alex.from_bot) == 4


async def test_a_room_takes_twenty_messages_a_minute() -> None:
    async with BotApi(floods=True) as api, client(api) as bot:
        room = api.room("group", "Den", api.person("Alex", started=True))
        for _ in range(20):
            await bot.send_message(room.id, "Hello")
            api.advance(1)
        with pytest.raises(RetryAfter) as refused:
            await bot.send_message(room.id, "Hello")
        assert refused.value.retry_after == 40


async def test_thirty_messages_a_second_are_the_most_in_all() -> None:
    async with BotApi(floods=True) as api, client(api) as bot:
        people = [api.person(f"P{number}", started=True) for number in range(31)]
        for one in people[:30]:
            await bot.send_message(one.id, "Hello")
        with pytest.raises(RetryAfter) as refused:
            await bot.send_message(people[30].id, "Hello")
        assert refused.value.retry_after == 1
        api.advance(1)
        await bot.send_message(people[30].id, "Hello")
