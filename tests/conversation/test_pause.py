"""R4, R5: a pause freezes what it covers within its event, and nothing else; it always ends, and gives time back."""

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.conversation.units import Pair, Person, Room
from bot.engine.session import Session
from tests.conversation.world import DAY, HOUR, START, World, new_world
from tests.sealed import Stored

SOME = settings(max_examples=40, deadline=None, database=None, derandomize=True)

HEARING = ("[Open]", "[Yes]", "What I heard is that it was late.", "[Share]")


async def two_pairs_and_two_rooms(with_sam: int, with_kim: int, *, solo: bool) -> World:
    """Alex is paired with Sam, who share the room den, and with Kim; trio is a room of three.

    ``with_sam`` and ``with_kim`` say how far a hear_it_back of that pair has come.
    """
    world = await new_world("alex", "sam", "kim", "lou")
    await world.pair("alex", "sam")
    await world.pair("alex", "kim")
    await world.room("den", "alex", "sam")
    await world.room("trio", "alex", "kim", "lou")
    for partner, depth in (("sam", with_sam), ("kim", with_kim)):
        if depth:
            words = ("/hear_it_back", f"[{partner.capitalize()}]", "It was late.", "[Share]")
            await world.answer("alex", *words[: depth + 1])
        if depth >= 3:
            await world.answer(partner, *HEARING[: depth - 3])
    if solo:
        await world.answer("sam", "/say_it", "It was loud.")
        await world.answer("kim", "/say_it", "It was quiet.")
    return world


def resting(sessions: list[Session]) -> set[str]:
    return {session.id for session in sessions if session.frozen_at is not None}


async def covered(world: World) -> set[str]:
    """Return the sessions of den and of its own pair."""
    units = Stored(world.database).units()
    people = {unit.id: unit.account for unit in units if isinstance(unit, Person)}
    held = {
        unit.id
        for unit in units
        if (isinstance(unit, Room) and unit.place == "den")
        or (isinstance(unit, Pair) and {people[member] for member in unit.members} == {"alex", "sam"})
    }
    return {session.id for session in await world.sessions() if session.unit in held}


@SOME
@given(
    with_sam=st.integers(0, 7),
    with_kim=st.integers(0, 7),
    solo=st.booleans(),
    caller=st.sampled_from(["alex", "sam"]),
    length=st.sampled_from(["", " 20m", " 4h"]),
    meanwhile=st.lists(
        st.tuples(
            st.sampled_from(["alex", "sam", "kim"]), st.sampled_from(["/open", "words", "[0]", "[1]", "/drafts"])
        ),
        max_size=6,
    ),
)
def test_a_pause_in_a_pairs_own_room_freezes_that_room_and_that_pair_and_nothing_else(
    *, with_sam: int, with_kim: int, solo: bool, caller: str, length: str, meanwhile: list[tuple[str, str]]
):
    async def hold() -> None:
        world = await two_pairs_and_two_rooms(with_sam, with_kim, solo=solo)
        try:
            before = await covered(world)
            others = {s.id: s for s in await world.sessions() if s.id not in before}
            heard = await world.say(caller, f"/pause{length}", "den")

            assert any(h.view == "den" and h.text.startswith("Pause is on") for h in heard)
            sessions = await world.sessions()
            assert resting(sessions) == before
            assert {s.id: s for s in sessions if s.id in others} == others

            for name, done in meanwhile:
                offered = world.stage.offered(name)
                if done.startswith("["):
                    nth = min(1 + int(done[1]), len(offered))
                    await world.press(name, offered[-nth].message.buttons[0].label, nth=nth)
                else:
                    await world.say(name, done)
            assert before <= resting(await world.sessions()) | ended(world)

            # It always ends by itself, and leaves nothing frozen.
            await world.travel(2 * DAY)
            assert resting(await world.sessions()) == set()
            units = Stored(world.database).units()
            assert [unit.id for unit in units if isinstance(unit, Pair | Room) and unit.pause] == []
        finally:
            world.close()

    asyncio.run(hold())


def ended(world: World) -> set[str]:
    return {str(row[0]) for row in world.database.execute("SELECT id FROM session WHERE open = 0")}


async def test_deadlines_stand_still_while_a_pause_holds():
    instants: list[int] = []
    held = 0
    for pause in (0, 1):
        world = await new_world("alex", "sam")
        await world.pair("alex", "sam")
        await world.answer("alex", "/hear_it_back", "It was late.", "[Share]")
        await world.travel(HOUR)
        if pause:
            await world.say("sam", "/pause 1h")
        await world.travel(5 * DAY)
        quiet = [h for h in world.platform.heard if h.view == "alex" and "gone quiet" in h.text]
        instants.append(quiet[0].at)
        over = [h.at for h in world.platform.heard if h.view == "alex" and h.text.startswith("This pause has ended")]
        held = over[0] - (START + HOUR) if pause else 0
        world.close()

    assert instants[0] == START + 72 * HOUR
    assert held >= HOUR
    assert instants[1] == instants[0] + held


async def test_what_was_typed_during_a_pause_is_offered_when_it_ends():
    world = await new_world("alex", "sam")
    await world.pair("alex", "sam")
    await world.room("den", "alex", "sam")
    await world.say("alex", "/hear_it_back")
    await world.say("sam", "/pause", "den")
    await world.say("alex", "It was late.")
    await world.say("alex", "And I was tired.")

    await world.say("sam", "/resume", "den")
    world.news("alex")
    await world.say("alex", "/resume", "den")
    await world.say("alex", "/open")
    assert any("It was late.\nAnd I was tired." in text for text in world.news("alex"))
    await world.press("alex", "Use it")
    assert any("Only Sam would see exactly this:\n\nIt was late." in text for text in world.news("alex"))
    world.close()


async def test_a_pause_works_for_people_who_never_opened_a_chat():
    world = await new_world("ann", "bob", "cleo")
    await world.room("den", "ann", "bob", "cleo")
    await world.say("ann", "/pause", "den")
    assert world.news("den")[-1].startswith("Pause is on")
    await world.press("bob", "I'm here", "den")
    assert world.news("bob@den")
    await world.say("cleo", "/resume", "den")
    await world.say("ann", "/resume", "den")
    await world.say("bob", "/resume", "den")
    await world.travel(2 * DAY)

    assert not any(view in {"ann", "bob", "cleo"} for view in world.platform.views.by_name)
    assert await world.sessions() == []
    world.close()


async def test_a_third_person_who_turns_up_during_a_pause_leaves_the_pair_free_at_its_end():
    world = await two_pairs_and_two_rooms(4, 0, solo=False)
    await world.say("sam", "/pause 20m", "den")
    await world.say("lou", "Hello you two.", "den")
    await world.travel(2 * DAY)

    assert resting(await world.sessions()) == set()
    heard = await world.say("sam", "/pause", "den")
    assert any(h.view == "den" and h.text.startswith("Pause is on") for h in heard)
    world.close()


async def test_one_pair_cannot_be_paused_twice_by_way_of_two_rooms():
    world = await two_pairs_and_two_rooms(4, 0, solo=False)
    await world.room("attic", "alex", "sam")
    await world.say("sam", "/pause 1h", "den")
    heard = await world.say("alex", "/pause 4h", "attic")

    assert [h.view for h in heard] == ["alex@attic"]
    assert heard[0].text.startswith("The pause is on already")
    await world.travel(DAY)
    assert resting(await world.sessions()) == set()
    world.close()


async def test_an_invitation_that_waits_for_the_morning_waits_for_the_end_of_a_pause_too():
    world = await new_world("alex", "sam", zone="Europe/Madrid")
    await world.pair("alex", "sam")
    await world.travel(4 * HOUR)  # eleven in the evening
    await world.answer("alex", "/hear_it_back", "It was late.", "[Share]")
    await world.say("alex", "/pause 24h")
    world.news("sam")
    await world.travel(12 * HOUR)  # past eight in the morning
    assert "I have a note for you when you want it." not in world.news("sam")

    await world.travel(3 * DAY)
    assert "I have a note for you when you want it." in world.news("sam")
    world.close()


async def test_open_leaves_closed_what_a_pause_holds():
    world = await two_pairs_and_two_rooms(3, 0, solo=False)
    await world.say("alex", "/pause 20m", "den")
    world.news("sam")
    await world.press("sam", "Open")
    assert world.news("sam") == ["That part is resting. Everything of your own still works."]

    await world.travel(2 * DAY)
    world.news("sam")
    await world.say("sam", "/open")
    assert any("Do you have ten quiet minutes" in text for text in world.news("sam"))
    world.close()
