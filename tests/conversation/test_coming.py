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


@pytest.fixture
async def alone() -> AsyncGenerator[World]:
    """Alex, in no pair."""
    found = await new_world("alex", library=rehearsed())
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
    assert world.news("alex") == [NOTE], "told at once, behind an [Open], as it is by day"
    await world.press("alex", "Open")
    assert "walk" in world.news("alex")[0]
    await world.travel(DAY)
    assert world.news("sam") == world.news("alex") == []


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


async def queued(world: World, by: int) -> None:
    """Let time pass until something is on its way, and nothing of it sent."""
    world.clock.set(world.clock.now() + by)
    await world.talks[-1].fire()


async def test_what_the_other_stopped_before_it_was_sent_is_not_sent(world: World):
    await world.say("sam", "/checkins")
    await queued(world, 2 * HOUR)
    await world.press("sam", "Stop it")
    assert NOTE not in world.news("sam")
    assert world.news("alex") == [NOTE], "that Sam stopped it"
    await world.press("alex", "Open")
    assert "Time for our walk." not in world.news("alex")


async def test_what_was_muted_before_it_was_sent_is_sent_to_the_other_only(world: World):
    await world.say("alex", "/checkins")
    await queued(world, 2 * HOUR)
    await world.press("alex", "Mute, just for me")
    assert NOTE not in world.news("alex")
    assert world.news("sam") == [NOTE]


async def test_what_was_queued_before_a_pause_is_not_sent_in_it(world: World):
    await queued(world, 2 * HOUR)
    await world.say("sam", "/pause 3h")
    assert NOTE not in world.news("sam")
    assert NOTE not in world.news("alex")


async def test_what_cannot_be_sent_while_it_means_anything_is_not_sent_later(world: World):
    await queued(world, 2 * HOUR)
    world.clock.set(world.clock.now() + 20 * HOUR)
    await world.travel(MINUTE)
    assert NOTE not in world.news("alex")


async def test_what_was_put_off_does_not_come_when_the_other_has_stopped_it_meanwhile(world: World):
    await world.travel(2 * HOUR)
    await world.press("alex", "In 1 hour")
    await world.say("sam", "/checkins")
    await world.press("sam", "Stop it")
    world.news("alex")
    await world.travel(2 * HOUR)
    assert world.news("alex") == []
    assert not any(record.puts_off for record in Stored(world.database).records())


async def test_what_was_put_off_waits_for_the_end_of_a_pause(world: World):
    await world.travel(2 * HOUR)
    await world.press("alex", "In 1 hour")
    await world.say("sam", "/pause 2h")
    world.news("alex")
    await world.travel(90 * MINUTE)
    assert NOTE not in world.news("alex")


async def test_what_was_put_off_holds_nothing_of_what_two_have(world: World):
    await world.travel(2 * HOUR)
    await world.press("alex", "In 1 hour")
    mine = [record for record in Stored(world.database).records() if record.puts_off is not None]
    assert [record.values for record in mine] == [{}]
    world.news("alex")
    await world.say("alex", "/checkins")
    listed = world.news("alex")
    assert ["21:00" in one for one in listed] == [True, False], "put off, and the next one for both"


async def test_a_reminder_that_is_ignored_four_times_asks_once(alone: World):
    await alone.answer("alex", "/remind", "Drink water", "London", "every day 12:00", "[Yes]", "[Show my words]")
    alone.news("alex")
    told: list[str] = []
    for _ in range(5):
        await alone.travel(DAY)
        told += alone.news("alex")
    assert ["Does it still help?" in one for one in told] == [False, False, False, False, True]
    await alone.press("alex", "Keep it")
    assert alone.news("alex") == ["Good. It goes on as before."]
    await alone.travel(4 * DAY)
    told = alone.news("alex")
    assert ["Drink water" in one for one in told] == [True] * 4
    assert not any("Does it still help?" in one for one in told)


async def test_a_note_that_asks_whether_it_helps_can_be_opened_and_by_its_word_too(alone: World):
    await alone.answer("alex", "/remind", "Drink water", "London", "every day 12:00", "[Yes]", "[Only a note]")
    alone.news("alex")
    await alone.travel(5 * DAY)
    assert "Does it still help?" in alone.news("alex")[-1]
    offered = alone.stage.offered("alex")[-1].message.buttons
    assert [button.label for button in offered] == ["Open", "Keep it", "Stop it"]
    await alone.say("alex", "open")
    assert alone.news("alex") == ["Drink water"]


async def test_stopping_it_ends_the_change_of_it_that_is_under_way(alone: World):
    await alone.answer("alex", "/remind", "Drink water", "London", "every day 12:00", "[Yes]", "[Show my words]")
    await alone.say("alex", "/checkins")
    await alone.press("alex", "Change")
    assert "change_reminder" in {one.flow for one in await alone.sessions()}
    await alone.travel(DAY)
    await alone.press("alex", "Stop it")
    assert "change_reminder" not in {one.flow for one in await alone.sessions()}


async def test_whatever_nudges_somebody_comes_once_a_day_and_three_times_a_week_at_most(alone: World):
    """N2: what a flow asks on a day of its own counts for the caps as much as a check-in does."""
    for at in ("every day 12:00", "every 2 days at 15:00"):
        await alone.answer("alex", "/check_in", "[A look back, for my eyes only]")
        city = () if at != "every day 12:00" else ("London",)
        await alone.answer("alex", *city, at, "[Yes]")
    await alone.answer("alex", "/promise", "Call the doctor")
    alone.news("alex")
    await alone.travel(30 * DAY)
    notes = [one.at for one in alone.platform.heard if one.text == NOTE]
    assert len({at // DAY for at in notes}) == len(notes)
    assert all(later - earlier >= 7 * DAY for earlier, later in zip(notes, notes[3:], strict=False))
    assert len(notes) >= 3
