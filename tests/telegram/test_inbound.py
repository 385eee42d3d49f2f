"""What comes from Telegram: durable before Telegram is told so, in order, each once; presses are answered."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

import pytest
from telegram import Bot

from bot.adapters.stopped import Stopped
from bot.adapters.telegram import inbound as inbound_of_telegram
from bot.adapters.telegram.acks import Acks
from bot.adapters.telegram.inbound import KEPT_BACK, Inbound
from bot.adapters.telegram.polling import FIRST_WAIT, poll
from bot.adapters.telegram.reading import Us
from bot.adapters.telegram.updates import Update as ReadUpdate
from bot.conversation.envelope import Envelope, MemberLeft, RoomJoined, RoomMoved, TextSaid
from bot.conversation.ports import OutOfService
from tests.telegram.client import client
from tests.telegram.server.api import BotApi
from tests.telegram.server.faults import Garble, Raw, Reset, Say, Withhold
from tests.telegram.server.people import Person
from tests.telegram.server.refusals import too_many, unauthorized
from tests.telegram.server.updates import Update


class Taking:
    """Takes events as a conversation does, and refuses them while nothing can be stored."""

    def __init__(self) -> None:
        self.taken: list[Envelope] = []
        self.moved: list[RoomMoved] = []
        self.full = False

    async def take(self, envelope: Envelope) -> None:
        if self.full:
            raise OutOfService
        self.taken.append(envelope)

    async def room_moved(self, _event_id: str, moved: RoomMoved) -> None:
        self.moved.append(moved)

    @property
    def texts(self) -> list[str]:
        return [one.content.text for one in self.taken if isinstance(one.content, TextSaid)]


class Waits:
    """Waits that end when the test says so."""

    def __init__(self, api: BotApi) -> None:
        self.asked: list[float] = []
        self._api = api
        self._over = asyncio.Event()

    async def __call__(self, seconds: float) -> None:
        self.asked.append(seconds)
        self._api.bell.ring()
        await self._over.wait()

    def end(self) -> None:
        self._over.set()
        self._over = asyncio.Event()


@pytest.fixture
def taking() -> Taking:
    return Taking()


@pytest.fixture
def waits(api: BotApi) -> Waits:
    return Waits(api)


@pytest.fixture
def acks() -> Acks:
    return Acks()


@pytest.fixture
async def inbound(api: BotApi, bot: Bot, taking: Taking, waits: Waits, acks: Acks) -> AsyncIterator[Inbound]:
    us = Us(id=bot.id, username=bot.username)
    one = Inbound(
        bot=bot, us=us, clock=api.clock, acks=acks, take=taking.take, room_moved=taking.room_moved, wait=waits
    )
    yield one
    await one.close()


@pytest.fixture
def alex(api: BotApi) -> Person:
    return api.person("Alex", started=True)


@pytest.fixture
async def polling(bot: Bot, inbound: Inbound, waits: Waits) -> AsyncIterator["asyncio.Task[None]"]:
    task = asyncio.create_task(poll(bot, inbound.take, waits))
    yield task
    task.cancel()
    with suppress(asyncio.CancelledError, Stopped):
        await task


def raw(update: Update) -> Mapping[str, Any]:
    return update.body


@pytest.mark.usefixtures("polling")
async def test_what_people_write_comes_in_order_and_once(api: BotApi, alex: Person, taking: Taking) -> None:
    for number in range(150):  # more than one answer holds
        alex.write(f"line {number}")
    await api.until_taken()
    assert taking.texts == [f"line {number}" for number in range(150)]


@pytest.mark.usefixtures("polling")
async def test_what_cannot_be_stored_comes_again(api: BotApi, alex: Person, taking: Taking, waits: Waits) -> None:
    taking.full = True
    alex.write("Do you hear me?")
    await api.until(lambda: bool(waits.asked))
    assert api.world.queue.pending
    taking.full = False
    waits.end()
    await api.until_taken()
    assert taking.texts == ["Do you hear me?"]
    assert waits.asked == [FIRST_WAIT]


async def test_a_process_that_dies_before_it_has_told_telegram_gets_it_again(
    api: BotApi, bot: Bot, alex: Person, taking: Taking, inbound: Inbound
) -> None:
    """The event is durable by then: its name tells that it was taken."""

    async def dies(updates: Sequence[Mapping[str, Any]]) -> None:
        await inbound.take(updates)
        if updates:
            raise asyncio.CancelledError

    alex.write("Once.")
    with pytest.raises(asyncio.CancelledError):
        await poll(bot, dies)
    again = asyncio.create_task(poll(bot, inbound.take))
    await api.until_taken()
    again.cancel()
    assert taking.texts == ["Once.", "Once."]
    assert len({one.event_id for one in taking.taken}) == 1


@pytest.mark.usefixtures("polling")
@pytest.mark.parametrize(
    "fault", [Raw(502), Reset(effect=True), Garble(), Say(too_many(3))], ids=["502", "reset", "cut off", "429"]
)
async def test_polling_goes_on_after_whatever_happens_to_it(
    api: BotApi, alex: Person, taking: Taking, waits: Waits, fault: Raw | Reset | Garble | Say
) -> None:
    api.faults.add("getUpdates", fault, times=2)
    alex.write("Do you hear me?")
    for failed in (1, 2):
        await api.until(lambda times=failed: len(waits.asked) >= times or not api.world.queue.pending)
        api.advance(3)
        waits.end()
    await api.until_taken()
    assert taking.texts == ["Do you hear me?"]
    assert all(wait >= FIRST_WAIT for wait in waits.asked)


async def test_two_programs_cannot_fetch_at_once_and_it_is_said(api: BotApi, inbound: Inbound) -> None:
    async with client(api) as other:
        await other.set_webhook("http://127.0.0.1:9/telegram")
        with pytest.raises(Stopped, match="stop that one first"):
            await poll(other, inbound.take)


async def test_what_is_no_update_is_left_and_its_words_are_told_nobody(
    inbound: Inbound, taking: Taking, capsys: pytest.CaptureFixture[str]
) -> None:
    await inbound.take([{"update_id": 5, "message": {"text": "zq9001x"}}])
    assert taking.taken == []
    printed = "".join(capsys.readouterr())
    assert "update_not_read" in printed
    assert "zq9001x" not in printed


# Presses


def asked(text: str) -> dict[str, Any]:
    keyboard = {"inline_keyboard": [[{"text": "Yes", "callback_data": "v1:tok:0"}]]}
    return {"text": text, "reply_markup": keyboard}


async def show(bot: Bot, chat: int, text: str) -> None:
    await bot.do_api_request("sendmessage", api_kwargs={"chat_id": chat, **asked(text)})


@pytest.mark.usefixtures("polling")
async def test_a_press_in_a_private_chat_is_answered_at_once(api: BotApi, bot: Bot, alex: Person) -> None:
    await show(bot, alex.id, "Is that all right?")
    press = alex.press(alex.from_bot[0], "Yes")
    await api.until(lambda: press.answer is not None)
    assert "text" not in (press.answer or {})


@pytest.mark.usefixtures("polling")
async def test_a_press_that_cannot_be_stored_is_answered_all_the_same(
    api: BotApi, bot: Bot, alex: Person, taking: Taking
) -> None:
    await show(bot, alex.id, "Is that all right?")
    taking.full = True
    press = alex.press(alex.from_bot[0], "Yes")
    await api.until(lambda: press.answer is not None)


@pytest.mark.usefixtures("polling")
async def test_a_press_in_a_room_waits_a_moment_for_what_is_said_by_it(
    api: BotApi, bot: Bot, alex: Person, waits: Waits, acks: Acks
) -> None:
    room = api.room("group", "Den", alex)
    await show(bot, room.id, "Ready?")
    first = alex.press(room.from_bot[0], "Yes")
    await api.until(lambda: KEPT_BACK in waits.asked)
    assert first.answer is None
    second = alex.press(room.from_bot[0], "Yes")
    await api.until(lambda: first.answer is not None)
    waits.end()
    await api.until(lambda: second.answer is not None)
    assert acks.take(str(room.id), str(alex.id)) is None


# Rooms


@pytest.mark.usefixtures("polling")
async def test_a_room_that_lets_the_bot_in_is_asked_who_is_there_and_what_comes(
    api: BotApi, alex: Person, taking: Taking
) -> None:
    sam = api.person("Sam")
    room = api.room("group", "Den", alex, with_bot=False)
    alex.add_bot(room)
    sam.join(room)
    alex.promote_bot(room)
    sam.leave(room)
    await api.until_taken()
    seen = [
        (one.place.people, one.place.hears) if isinstance(one.content, RoomJoined) else one.place.people
        for one in taking.taken
        if isinstance(one.content, RoomJoined | MemberLeft)
    ]
    assert {(1, True), 1} <= set(seen) | {1}
    assert seen[-1] == 1
    assert any(isinstance(one, tuple) and one[1] for one in seen), "an administrator hears everything"


@pytest.mark.usefixtures("polling")
async def test_a_room_that_moves_is_told(api: BotApi, alex: Person, taking: Taking) -> None:
    room = api.room("group", "Den", alex)
    hall = room.upgrade()
    await api.until_taken()
    assert set(taking.moved) == {RoomMoved(platform="telegram", room=str(room.id), to=str(hall.id))}


async def test_a_room_that_cannot_be_asked_about_is_taken_all_the_same(
    api: BotApi, alex: Person, taking: Taking, polling: "asyncio.Task[None]"
) -> None:
    room = api.room("group", "Den", alex, with_bot=False)
    api.faults.add("getChatMemberCount", Raw(502))
    alex.add_bot(room)
    await api.until_taken()
    assert [one.content for one in taking.taken if isinstance(one.content, RoomJoined) and one.place.hears is None]
    assert not polling.done()


async def test_about_a_room_is_asked_once_however_many_come_and_no_longer_than_a_moment(
    api: BotApi, inbound: Inbound, alex: Person, taking: Taking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbound_of_telegram, "ASKED_FOR", 0.05)
    room = api.room("group", "Den", alex)
    for number in range(20):
        api.person(f"P{number}").join(room)
    alex.write("/pause")
    api.faults.add("getChatMemberCount", Withhold())
    await inbound.take([one.body for one in api.world.queue.pending])
    assert len(api.calls_of("getChatMemberCount")) == 1
    assert len(taking.taken) == 21


async def test_an_album_is_answered_once(inbound: Inbound, taking: Taking) -> None:
    def picture(number: int, album: str) -> dict[str, Any]:
        sender = {"id": 7, "is_bot": False, "first_name": "Alex"}
        chat = {"id": 7, "type": "private"}
        photo = [{"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}]
        body = {
            "message_id": number,
            "date": 1,
            "chat": chat,
            "from": sender,
            "photo": photo,
            "media_group_id": album,
        }
        return {"update_id": number, "message": body}

    await inbound.take([picture(1, "a"), picture(2, "a"), picture(3, "b")])
    await inbound.take([picture(4, "a")])
    assert [one.event_id for one in taking.taken] == ["u:1", "u:3"]


async def test_what_a_room_hears_is_asked_anew(api: BotApi, inbound: Inbound, alex: Person, taking: Taking) -> None:
    for privacy in (True, False):
        api.world.privacy = privacy
        room = api.room("group", "Den", alex, with_bot=False)
        alex.add_bot(room)
    await inbound.take([one.body for one in api.world.queue.pending])
    heard = [one.place.hears for one in taking.taken if isinstance(one.content, RoomJoined)]
    assert heard[-1] is True


async def test_a_token_that_is_taken_back_ends_it(api: BotApi, bot: Bot, inbound: Inbound) -> None:
    api.faults.add("getUpdates", Say(unauthorized()))
    with pytest.raises(Stopped, match="BREATHING_ROOM_TELEGRAM_TOKEN"):
        await poll(bot, inbound.take)


async def test_an_update_that_cannot_be_dealt_with_holds_no_other_up(
    inbound: Inbound, taking: Taking, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real = inbound_of_telegram.read

    def fails_once(update: ReadUpdate, *more: Any) -> Envelope | None:
        if update.update_id == 1:
            raise ValueError(update)
        return real(update, *more)

    monkeypatch.setattr(inbound_of_telegram, "read", fails_once)
    await inbound.take([said(1, "zq9001x"), said(2, "Hello.")])
    assert taking.texts == ["Hello."]
    printed = "".join(capsys.readouterr())
    assert "reading_failed" in printed
    assert "zq9001x" not in printed


async def test_an_album_that_could_not_be_stored_is_taken_when_it_comes_again(
    inbound: Inbound, taking: Taking
) -> None:
    picture = said(1, "")
    picture["message"] |= {"text": None, "dice": {"emoji": "x", "value": 1}, "media_group_id": "a"}
    taking.full = True
    with pytest.raises(OutOfService):
        await inbound.take([picture])
    taking.full = False
    await inbound.take([picture])
    assert len(taking.taken) == 1


def said(number: int, text: str) -> dict[str, Any]:
    sender, chat = {"id": 7, "is_bot": False, "first_name": "Alex"}, {"id": 7, "type": "private"}
    message = {"message_id": number, "date": 1, "chat": chat, "from": sender, "text": text}
    return {"update_id": number, "message": message}
