"""What comes by itself: to oneself, or to two who agreed to it; put off, muted, skipped and stopped (N1, N2, N5)."""

from collections.abc import AsyncGenerator

import pytest

from bot.conversation.envelope import Reachability
from bot.conversation.record import Record
from tests.conversation.test_reaching import comes, own
from tests.conversation.world import DAY, HOUR, MINUTE, World, new_world, rehearsed
from tests.sealed import Stored

NOTE = "I have a note for you when you want it."


@pytest.fixture
async def world() -> AsyncGenerator[World]:
    """Alex and Sam have agreed on a walk every day at 20:00, where they are; it is 18:00 on a Monday."""
    found = await new_world("alex", "sam", library=rehearsed())
    await found.pair("alex", "sam")
    await found.answer("alex", "/our_walk", "every day 20:00", "London")
    await found.answer("sam", "[Open]", "[Yes]")
    for name in ("alex", "sam"):
        found.news(name)
    yield found
    found.close()


def walk(world: World) -> Record:
    return next(record for record in Stored(world.database).records() if record.kind == "our_walk")


async def test_what_two_agreed_to_comes_to_both_at_its_time(world: World):
    await world.travel(2 * HOUR)
    for name in ("alex", "sam"):
        assert world.news(name) == [NOTE]
        await world.press(name, "Open")
        assert world.news(name) == ["Time for our walk."]
    await world.travel(DAY)
    assert world.news("alex") == [NOTE]


async def test_to_put_it_off_is_ones_own_and_unseen(world: World):
    await world.travel(2 * HOUR)
    await world.press("alex", "In 1 hour")
    assert world.news("alex") == [NOTE, "Fine. I come back at 21:00."]
    assert world.news("sam") == [NOTE]
    await world.travel(HOUR)
    assert world.news("alex") == [NOTE]
    assert world.news("sam") == []
    await world.travel(23 * HOUR)
    assert world.news("alex") == world.news("sam") == [NOTE]


async def test_to_mute_it_is_ones_own_and_unseen_and_can_be_undone(world: World):
    await world.travel(2 * HOUR)
    await world.press("alex", "Mute, just for me")
    world.news("alex")
    world.news("sam")
    await world.travel(DAY)
    assert world.news("alex") == []
    assert world.news("sam") == [NOTE]
    await world.say("alex", "/checkins")
    assert "Not shown to you the next time." in world.news("alex")[0]
    await world.press("alex", "Unmute")
    world.news("alex")
    await world.travel(DAY)
    assert world.news("alex") == world.news("sam") == [NOTE]


async def test_to_skip_it_once_is_ones_own(world: World):
    await world.say("alex", "/checkins")
    await world.press("alex", "Skip once")
    world.news("alex")
    await world.travel(2 * HOUR)
    assert world.news("alex") == []
    assert world.news("sam") == [NOTE]
    await world.travel(DAY)
    assert world.news("alex") == [NOTE]


async def test_either_stops_it_for_both_at_once(world: World):
    await world.say("sam", "/checkins")
    await world.press("sam", "Stop it")
    world.news("sam")
    assert walk(world).due is None
    await world.travel(DAY)
    assert not any("walk" in one.lower() for one in world.news("sam"))


async def test_during_a_pause_it_waits(world: World):
    await world.say("sam", "/pause 3h")
    await world.travel(2 * HOUR + 30 * MINUTE)
    assert not any(row.record is not None for row in Stored(world.database).messages())
    for name in ("alex", "sam"):
        await world.say(name, "/resume")
        world.news(name)
    await world.travel(15 * MINUTE)
    assert walk(world).passed == ()
    assert NOTE in world.news("alex")


async def test_a_pause_that_lasts_longer_than_it_means_anything_lets_it_drop(world: World):
    await world.say("sam", "/pause 6h")
    await world.travel(5 * HOUR)
    assert [one.why.value for one in walk(world).passed] == ["pause"]


async def test_nobody_who_is_out_of_reach_is_shown_anything(world: World):
    await world.answer("sam", "/remind", "Drink water", "London", "every day 12:00", "[Yes]", "[Show my words]")
    world.news("sam")
    await comes(world, "sam", own("sam"), Reachability(reachable=False))
    await world.travel(5 * DAY)
    assert world.news("sam") == []
    found = next(record for record in Stored(world.database).records() if record.kind == "reminder")
    assert {one.why.value for one in found.passed} == {"unreachable"}


async def test_what_was_stopped_before_it_was_sent_is_not_sent(world: World):
    await world.answer("sam", "/remind", "Drink water", "London", "in 5 minutes", "[Yes]", "[Show my words]")
    await world.say("sam", "/checkins")
    world.news("sam")
    world.clock.set(world.clock.now() + 10 * MINUTE)  # nothing has run yet
    await world.press("sam", "Stop it")
    assert "Drink water" not in " ".join(world.news("sam"))


async def test_a_reminder_that_is_ignored_four_times_asks_once(world: World):
    await world.answer("sam", "/remind", "Drink water", "London", "every day 12:00", "[Yes]", "[Show my words]")
    world.news("sam")
    told: list[str] = []
    for _ in range(6):
        await world.travel(DAY)
        told += [one for one in world.news("sam") if one != NOTE]
    asking = [one for one in told if "Does it still help?" in one]
    assert len(asking) == 1
    assert told.index(asking[0]) == 4


async def test_whatever_nudges_somebody_comes_once_a_day_and_three_times_a_week_at_most():
    """N2: what a flow asks on a day of its own counts for the caps as much as a check-in does."""
    world = await new_world("alex", library=rehearsed())
    for at in ("every day 12:00", "every 2 days at 15:00"):
        await world.answer("alex", "/check_in", "[A look back, for my eyes only]")
        city = () if at != "every day 12:00" else ("London",)
        await world.answer("alex", *city, at, "[Yes]")
    await world.answer("alex", "/promise", "Call the doctor")
    world.news("alex")
    await world.travel(30 * DAY)
    notes = [one.at for one in world.platform.heard if one.text == NOTE]
    assert len({at // DAY for at in notes}) == len(notes)
    assert all(later - earlier >= 7 * DAY for earlier, later in zip(notes, notes[3:], strict=False))
    assert len(notes) >= 3
    world.close()
