"""Taking back what was offered: by whoever began it, at any time, and told in the same words whatever came of it."""

from tests.conversation.world import MINUTE, World, new_world

REPAIR = ("I read your messages.", "[I'd like to ask you]", "[Yes]", "I ask first.", "[Offer]", "[Share]", "[Skip]")


async def offered() -> World:
    world = await new_world("alex", "sam", "kim", zone="Europe/Madrid")
    await world.pair("alex", "sam")
    await world.answer("alex", "/repair", *REPAIR)
    return world


async def test_what_was_offered_is_taken_back_even_while_the_two_have_paused():
    world = await offered()
    try:
        await world.say("sam", "/pause")
        world.news("alex")
        await world.say("alex", "/take_back")
        assert world.news("alex") == [
            "Taken back. What was not read yet stays unread.",
            "Stopped. Keep your words as a private draft?",
        ]
        await world.answer("sam", "/resume")
        await world.answer("alex", "/resume")
        await world.answer("sam", "/open", "[Now]")
        assert world.news("sam")[-1] == "This one was taken back. Nothing is needed from you."
    finally:
        world.close()


async def test_only_whoever_offered_it_can_take_it_back():
    world = await offered()
    try:
        for name in ("sam", "kim"):
            await world.say(name, "/take_back")
            assert world.news(name)[-1] == "Nothing of yours is on its way."
        await world.answer("sam", "[Open]", "[Now]")
        assert "I read your messages." in world.news("sam")[-2]
    finally:
        world.close()


async def test_which_one_is_meant_is_asked_for_a_while_only():
    world = await offered()
    try:
        await world.pair("alex", "kim")
        await world.answer("alex", "/repair", "[Kim]", *REPAIR)
        await world.say("alex", "/take_back")
        assert world.news("alex")[-1] == "With whom?"
        await world.travel(11 * MINUTE)
        await world.press("alex", "Sam")
        assert "earlier moment" in world.news("alex")[-1]
        await world.answer("alex", "/take_back", "[Sam]")
        assert "Taken back" in world.news("alex")[-2]
        await world.answer("kim", "[Open]", "[Now]")
        assert "I read your messages." in world.news("kim")[-2]
    finally:
        world.close()
