"""Reviews of what a pair keeps: each is about its own record, begins when that is kept, and ends with it (N5)."""

from collections.abc import AsyncGenerator

import pytest

from bot.adapters.terminal.stage import NoSuchChoice
from tests.conversation.world import DAY, HOUR, Heard, World, new_world

WEEK = 7 * DAY
ALEX_WILL, SAM_WILL = "I will go round the block.", "I will sit in the garden."
ALEX_CLAUSE, SAM_CLAUSE = "I will write before nine.", "I will answer when I can."


@pytest.fixture
async def world() -> AsyncGenerator[World]:
    """A pair."""
    found = await new_world("alex", "sam", zone="Europe/Madrid")
    await found.pair("alex", "sam")
    yield found
    found.close()


async def rule(world: World) -> None:
    """Let the two agree on a pause rule, in the short way."""
    await world.answer("alex", "/pause_rule", "[The short way]")
    await world.answer("sam", "[Open]", "[Yes]")
    for name in ("alex", "sam"):
        await world.answer(name, "1 hour", "[A walk]")
    for name, will in (("alex", ALEX_WILL), ("sam", SAM_WILL)):
        await world.answer(name, "[A hot face]", "[Yellow]", will, "[That's all]")
    for answer in ("[It fits]", "[Yes, freely]"):
        for name in ("alex", "sam"):
            await world.answer(name, answer)


async def try_out(world: World) -> None:
    """Let the two agree on a try-out, in the short way."""
    await world.answer("alex", "/work_it_out", "1")
    await world.answer("sam", "[Open]", "[Yes]")
    for answers in (
        ("We were late on Sunday.", "I need a word before nine."),
        ("You said it is about nine.",),
        ("[Yes, that's it]",),
        ("We could write before nine.",),
        ("[Works for me]",),
    ):
        for name in ("alex", "sam"):
            await world.answer(name, *answers)
    await world.say("alex", ALEX_CLAUSE)
    await world.say("sam", SAM_CLAUSE)
    for name in ("alex", "sam"):
        await world.answer(name, "[Yes, freely]")


def of(heard: list[Heard], view: str) -> list[str]:
    return [one.text for one in heard if one.view == view]


async def reviews(world: World) -> list[str]:
    """What is being reviewed, or will be."""
    open_ = [session for session in await world.sessions() if session.flow == "how_is_it_going"]
    return sorted(str(session.values["0.about."].data) for session in open_)


async def end(world: World, name: str, command: str) -> None:
    await world.say(name, command)
    await world.press(name, "End it now")
    await world.press(name, "End it now")


async def test_a_review_waits_for_what_was_kept(world: World):
    await rule(world)
    assert await reviews(world) == ["rule"]


async def test_each_review_is_about_its_own_record_and_ends_with_it(world: World):
    await rule(world)
    await try_out(world)
    assert await reviews(world) == ["rule", "try_out"]

    await end(world, "sam", "/agreements")
    assert await reviews(world) == ["rule"]
    await end(world, "alex", "/rules")
    assert await reviews(world) == []


async def test_a_review_is_listed_among_what_is_to_come_to_both_and_nothing_can_be_pressed(world: World):
    await rule(world)
    for name in ("alex", "sam"):
        world.news(name)
        await world.say(name, "/checkins")
        assert [one.split("\n")[0] for one in world.news(name)] == ["How is it going?"]
        with pytest.raises(NoSuchChoice):
            await world.press(name, "Stop it")


async def test_a_review_shows_the_words_of_its_own_record(world: World):
    await rule(world)
    await try_out(world)
    await world.travel(2 * WEEK)
    told = " ".join(of(await world.answer("alex", "/open"), "alex"))
    assert (ALEX_WILL in told) != (ALEX_CLAUSE in told)


async def test_a_new_rule_takes_the_place_of_the_old_one_and_of_its_review(world: World):
    await rule(world)
    await world.travel(WEEK)
    await rule(world)
    assert await reviews(world) == ["rule"]
    await world.travel(WEEK + HOUR)
    assert "pause rule" not in " ".join(of(await world.answer("alex", "/open"), "alex"))
    await world.travel(WEEK)
    assert "Time to look back on your pause rule" in " ".join(of(await world.answer("alex", "/open"), "alex"))


async def test_an_open_question_goes_with_what_it_is_about(world: World):
    await rule(world)
    await world.travel(2 * WEEK)
    await world.answer("alex", "/open", "[Better]")
    await end(world, "sam", "/rules")
    assert await reviews(world) == []
    await world.travel(DAY)
    assert of(await world.answer("alex", "/open"), "alex") == ["'Our pause rule' has ended. No reason is needed."]
    assert "Nothing is waiting" in of(await world.say("alex", "It was good."), "alex")[0]


async def test_the_record_stands_while_it_is_looked_back_on_and_longer_when_both_keep_it(world: World):
    await rule(world)
    await world.travel(2 * WEEK + 5 * DAY)
    assert ALEX_WILL in " ".join(of(await world.say("sam", "/rules"), "sam"))
    for name in ("alex", "sam"):
        await world.answer(name, "/open", "[Better]", "[Skip]", "[Skip]", "[Keep it]")
    await world.travel(11 * WEEK)
    assert ALEX_WILL in " ".join(of(await world.say("sam", "/rules"), "sam"))
    assert await reviews(world) == ["rule"]
    await world.travel(5 * WEEK)
    assert await reviews(world) == []
    assert of(await world.say("sam", "/rules"), "sam") == ["Nothing is kept here yet."]
