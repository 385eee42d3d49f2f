"""Nudges: what somebody asked for earlier comes as a neutral line, by day, and only if it is still news to them."""

from collections.abc import AsyncGenerator

import pytest

from tests.conversation.world import DAY, HOUR, MINUTE, World, new_world, rehearsed
from tests.sealed import Stored

NOTE = "I have a note for you when you want it."


@pytest.fixture
async def world() -> AsyncGenerator[World]:
    """Alex has promised themselves something at 18:00 on a Monday; two days later they are asked about it."""
    found = await new_world("alex", library=rehearsed())
    await found.answer("alex", "/promise", "Call the doctor")
    found.news("alex")
    yield found
    found.close()


def classes(world: World) -> list[str]:
    """What class each neutral line was sent, or dropped, as."""
    rows = Stored(world.database).messages()
    return [row.cls for row in rows if any(text.key == "note.waiting" for text in row.paragraphs)]


async def test_what_comes_by_itself_is_a_neutral_line_of_its_own_class(world: World):
    await world.travel(2 * DAY)

    assert world.news("alex") == [NOTE]
    assert classes(world) == ["nudge"]
    await world.press("alex", "Open")
    assert world.news("alex") == ["You wrote: Call the doctor. Did it happen?"]


async def test_it_is_a_neutral_line_for_somebody_who_wrote_just_now_too(world: World):
    await world.travel(2 * DAY - MINUTE)
    await world.say("alex", "/help")
    world.news("alex")
    await world.travel(MINUTE)

    assert world.news("alex") == [NOTE]


async def test_it_waits_for_the_morning(world: World):
    await world.travel(4 * HOUR)  # 22:00
    await world.answer("alex", "stop", "/promise", "Ring my sister")
    world.news("alex")

    await world.travel(2 * DAY + 9 * HOUR + 59 * MINUTE)
    assert world.news("alex") == []
    await world.travel(MINUTE)
    assert world.news("alex") == [NOTE]


async def test_what_could_not_be_sent_by_day_waits_for_the_next(world: World):
    world.clock.set(world.clock.now() + 2 * DAY + 4 * HOUR)  # nothing ran until 22:00 of that day
    await world.mishap("crash")
    await world.talks[-1].fire_due()
    assert world.news("alex") == []
    world.clock.set(world.clock.now() + 20 * HOUR)
    await world.talks[-1].fire_due()
    assert world.news("alex") == [NOTE]


async def test_a_line_that_waited_too_long_to_be_sent_waits_for_the_next_morning(world: World):
    await world.travel(4 * HOUR)  # 22:00
    await world.answer("alex", "stop", "/promise", "Ring my sister")
    await world.travel(2 * DAY)
    world.news("alex")

    world.clock.set(world.clock.now() + 23 * HOUR)  # its morning went by, and nothing ran
    await world.talks[-1].fire_due()
    assert world.news("alex") == []
    await world.travel(10 * HOUR + 59 * MINUTE)
    assert world.news("alex") == []
    await world.travel(MINUTE)
    assert world.news("alex") == [NOTE]


async def test_nobody_is_told_of_what_they_have_looked_at_already(world: World):
    await world.travel(4 * HOUR)  # 22:00
    await world.answer("alex", "stop", "/promise", "Ring my sister")
    await world.travel(2 * DAY)
    await world.say("alex", "/open")
    assert world.news("alex")[-1] == "You wrote: Ring my sister. Did it happen?"

    await world.travel(DAY)
    assert world.news("alex") == []
    states = [row[0] for row in world.database.execute("SELECT state FROM outbox ORDER BY seq")]
    assert states[-1] == "sent"
    assert states.count("dropped") == 1
