"""Rooms on Telegram, from the update to what stands there: a link into them, and topics that are rooms themselves."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from telegram import Bot

from bench.telegram.whole import Whole, at_once, opened
from tests.conversation.world import shipped
from tests.telegram.server.api import BotApi
from tests.telegram.server.faults import Raw
from tests.telegram.server.people import Person


@pytest.fixture
async def whole(api: BotApi, bot: Bot, tmp_path: Path) -> AsyncIterator[Whole]:
    async with opened(tmp_path / "rooms.sqlite", bot, api.clock, shipped(), at_once()) as one:
        yield one


async def deal(api: BotApi, whole: Whole) -> None:
    """Take what people did, and send what it led to."""
    waiting = api.world.queue.pending
    await whole.inbound.take([one.body for one in waiting])
    for one in waiting:
        api.world.queue.settle(one)
    await whole.talk.fire_due()


async def test_a_link_brings_the_bot_into_a_group_which_is_greeted(api: BotApi, whole: Whole) -> None:
    alex = api.person("Alex", started=True)
    alex.write("/room")
    await deal(api, whole)
    link = alex.from_bot[-1].text.split()[-1]
    room = api.room("group", "Den", alex, with_bot=False)
    alex.follow(link, room)
    await deal(api, whole)
    assert any("I can pause this room" in one.text for one in room.from_bot)


async def test_a_pause_in_one_topic_leaves_the_others_alone(api: BotApi, whole: Whole) -> None:
    people = [api.person(name, started=True) for name in ("Alex", "Sam", "Kim")]
    hall = api.room("supergroup", "Hall", *people, forum=True)
    money, holidays = (people[0].open_topic(hall, name) for name in ("Money", "Holidays"))
    for person in people:
        person.write("/help", hall, topic=money)
    await deal(api, whole)
    people[0].write("/pause", hall, topic=money)
    await deal(api, whole)
    assert [(one.topic, one.text[:12]) for one in hall.from_bot if "Pause" in one.text] == [(money, "Pause is on.")]
    people[1].write("/pause", hall, topic=holidays)
    await deal(api, whole)
    topics = [one.topic for one in hall.from_bot if one.text.startswith("Pause is on.")]
    assert topics == [money, holidays]


async def test_whoever_joins_a_room_is_in_it_and_whoever_leaves_is_not(api: BotApi, whole: Whole) -> None:
    alex, sam = api.person("Alex", started=True), api.person("Sam", started=True)
    room = api.room("group", "Den", alex, with_bot=False)
    alex.add_bot(room)
    sam.join(room)
    await deal(api, whole)
    assert await paused_people(api, whole, sam) == 1
    sam.leave(room)
    await deal(api, whole)
    assert await paused_people(api, whole, sam) == 0


async def paused_people(api: BotApi, whole: Whole, person: Person) -> int:
    """Let somebody call a pause from their own chat; return how many rooms it could be for."""
    before = len(person.from_bot)
    person.write("/pause 20m")
    await deal(api, whole)
    return int(not any("not in a room" in one.text for one in person.from_bot[before:]))


async def test_whoever_manages_a_group_sets_what_holds_there_and_nobody_else(api: BotApi, whole: Whole) -> None:
    alex, sam, kim = (api.person(name, started=True) for name in ("Alex", "Sam", "Kim"))
    room = api.room("group", "Den", alex, sam, kim)  # whoever is named first owns it
    for person, said in ((sam, "Only those who manage"), (alex, "so that I do not pause it")):
        person.write("/room off", room)
        await deal(api, whole)
        told = [one.text for one in (*room.from_bot, *person.from_bot)]
        assert any(said in text for text in told)
    kim.write("/pause", room)
    await deal(api, whole)
    assert not any("Pause is on" in one.text for one in room.from_bot)


async def test_who_manages_a_group_is_asked_each_time_and_not_known_when_telegram_does_not_say(
    api: BotApi, whole: Whole
) -> None:
    people = [api.person(name, started=True) for name in ("Alex", "Sam", "Kim")]
    room = api.room("group", "Den", *people)
    people[0].write("/help", room)
    await deal(api, whole)
    api.faults.add("getChatMember", Raw(502))
    people[0].write("/room off", room)
    await deal(api, whole)
    assert any("Only those who manage" in one.text for one in (*people[0].from_bot, *room.from_bot))
    people[0].write("/room off", room)
    await deal(api, whole)
    assert any("so that I do not pause it" in one.text for one in room.from_bot)
