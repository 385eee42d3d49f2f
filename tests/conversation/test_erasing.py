"""Erased or exported: what is somebody's own goes, or comes along; the other's own words stay theirs (P9, R6)."""

import asyncio
import os
import re
from collections.abc import Sequence
from dataclasses import replace

import pytest

from bot.conversation.envelope import MemberLeft
from bot.conversation.one_time_code import CodeRefused
from bot.engine.sealing import seal_of
from bot.engine.session import Value
from tests.conversation.population import PAIRS, dice, populated, wander
from tests.conversation.world import DAY, HOUR, MINUTE, World, as_text, dump, new_world
from tests.sealed import Stored

SEEDS = int(os.environ.get("BREATHING_ROOM_ERASURES", "1"))
"""Of how many populations some people are erased."""

PEOPLE = [f"p{number}" for number in range(2 * PAIRS)]
HEARD = ("/hear_it_back", "Alex was very late.", "[Share]")


async def code_for(world: World, name: str) -> tuple[str, str]:
    """Let somebody ask for a code in their own chat; return their number and the code."""
    await world.say(name, "/data_code")
    told = world.news(name)[-1]
    whose, code = re.findall(r": (\w+) (\w+)\.", told)[-1]
    return whose, code


async def erase(world: World, name: str) -> str:
    whose, code = await code_for(world, name)
    noted: list[str] = []
    await world.talks[-1].erase(whose, code, lambda: noted.append(whose))
    assert noted == [whose]
    await world.travel(MINUTE)
    return whose


def stored(world: World) -> str:
    return as_text({table: rows for table, rows in dump(world.database).items() if table != "flow_revision"})


async def agreed(world: World) -> None:
    """Let Alex and Sam agree on how they pause."""
    await world.pair("alex", "sam")
    await world.answer("alex", "/pause_rule", "[The short way]")
    await world.travel(11 * MINUTE)
    await world.answer("sam", "/open", "[Yes]")
    for name, sign in (("alex", "A hot face"), ("sam", "Fast talk")):
        await world.answer(name, "/open", "[1 hour]", "[A walk]")
        del sign
    for name, sign, word, will in (
        ("alex", "A hot face", "Yellow", "If my face gets hot, then I will say Yellow and go to the balcony."),
        ("sam", "Fast talk", "Pause", "If I talk fast, then I will say Pause and go round the block."),
    ):
        await world.answer(name, "/open", f"[{sign}]", f"[{word}]", will, "[That's all]")
    for answer in ("[It fits]", "[Yes, freely]"):
        for name in ("alex", "sam"):
            await world.answer(name, "/open", answer)


async def test_after_an_erasure_nothing_of_the_person_is_stored_and_the_other_keeps_their_own_part():
    world = await new_world("alex", "sam")
    await agreed(world)
    assert "balcony" in stored(world)
    world.news("sam")

    whose = await erase(world, "alex")

    left = stored(world)
    for trace in ("balcony", "Yellow", "A hot face", "Alex", '"alex"'):
        assert trace not in left.replace('\\"', '"'), trace
    assert world.database.execute("SELECT count(*) FROM key WHERE unit = ?", (whose,)).fetchone() == (0,)
    assert world.news("alex")[-1] == "Everything of yours is erased here. Take care."
    await world.say("sam", "/rules")
    told = world.news("sam")[-1]
    assert "go round the block" in told
    assert "balcony" not in told
    await world.answer("sam", "[Remove it]", "[Remove it]")
    await world.say("sam", "/rules")
    assert "Nothing is kept here yet." in world.news("sam")[-1]
    world.close()


async def test_what_two_were_in_the_middle_of_ends_for_the_other_and_their_words_are_their_own():
    world = await new_world("alex", "sam")
    await world.pair("alex", "sam")
    await world.answer("sam", *HEARD)
    await world.travel(11 * MINUTE)
    await world.answer("alex", "/open", "[Yes]", "You say that I was late.")
    world.news("sam")

    await erase(world, "alex")

    await world.press("sam", "Open")
    assert [text for text in world.news("sam") if "ended here" in text]
    await world.say("sam", "/drafts")
    assert "Alex was very late." in world.news("sam")[-1]
    assert "You say that" not in stored(world)
    await world.say("sam", "/hear_it_back")
    assert "/pair connects you" in world.news("sam")[-1]
    await world.travel(40 * DAY)
    assert "Alex was very late." not in stored(world)
    world.close()


async def test_whoever_left_a_room_and_is_erased_leaves_no_pause_there_that_never_ends():
    world = await new_world("alex", "sam", "kim")
    await world.room("den", "alex", "sam", "kim")
    await world.say("kim", "/pause", room="den")
    assert world.stage.last is not None
    left = MemberLeft(member=world.stage.last.actor)
    await world.talks[-1].intake(replace(world.stage.last, event_id="left", content=left))

    await erase(world, "kim")
    await world.travel(HOUR)

    assert await world.sessions() == []
    heard = await world.say("alex", "/pause", room="den")
    assert "Pause is on." in heard[0].text
    world.close()


async def test_whoever_is_erased_in_the_middle_of_pairing_is_paired_with_nobody():
    world = await new_world("alex", "sam")
    await world.answer("alex", "/pair", "[Yes, gladly]", "[My own idea]")
    code = world.code_of("alex")
    await world.answer("sam", f"/pair {code}", "[Pair]")

    whose = await erase(world, "sam")

    assert await world.sessions() == []
    for table, column in (("prompt", "person"), ("key", "unit"), ("unit", "id"), ("outbox", "unit")):
        found = world.database.execute(f"SELECT 1 FROM {table} WHERE {column} = ?", (whose,))  # noqa: S608  # constants
        assert found.fetchone() is None, table
    await world.say("alex", "/pair")
    assert "Pairing takes five small rules" in world.news("alex")[-1]
    world.close()


async def test_the_code_of_somebody_who_is_erased_does_not_work():
    world = await new_world("alex", "sam")
    await world.answer("alex", "/pair", "[Yes, gladly]", "[My own idea]")
    code = world.code_of("alex")
    await erase(world, "alex")
    await world.say("sam", f"/pair {code}")
    assert "That code doesn't work" in world.news("sam")[-1]
    world.close()


async def test_what_was_granted_cannot_be_found_out_by_guessing_after_an_erasure():
    world = await new_world("alex", "sam")
    await world.pair("alex", "sam")
    await world.answer("alex", "/hear_it_back", "Sam was late.", "[Share]")
    await world.travel(11 * MINUTE)
    await world.answer("sam", "/open", "[Yes]")
    await world.travel(9 * DAY)
    guesses = ("Sam was early.", "Sam was late.")
    assert guessed(world, guesses) == ["Sam was late."]
    whose = await erase(world, "alex")
    assert guessed(world, guesses) == []
    left = Stored(world.database).sessions()
    assert all(whose not in session.members or not session.members[whose].seal for session in left)
    world.close()


def guessed(world: World, guesses: Sequence[str]) -> list[str]:
    """Return which of these is what somebody granted, as whoever holds what is stored can tell."""
    return [
        guess
        for session in Stored(world.database).sessions()
        for grant in session.grants
        for guess in guesses
        if grant.author in session.members
        and grant.seal
        == seal_of(session.members[grant.author].seal, session.id, grant.item, Value(data=guess, rev=grant.rev))
    ]


async def test_an_export_holds_what_was_written_while_it_rested():
    world = await new_world("alex", "sam")
    await world.pair("alex", "sam")
    await world.say("alex", "/hear_it_back")
    await world.say("sam", "/pause")
    await world.say("alex", "It was late.")
    whose, code = await code_for(world, "alex")
    assert "It was late." in str(await world.talks[-1].export(whose, code))
    world.close()


async def test_whoever_was_erased_can_begin_anew_as_somebody_unknown():
    world = await new_world("alex", "sam")
    await world.pair("alex", "sam")
    before = await erase(world, "alex")
    await world.say("alex", "/help")
    assert world.news("alex")[-2].startswith("Hi. I'm a program")
    assert (await code_for(world, "alex"))[0] != before
    await world.pair("alex", "sam")
    assert "are paired now" in " ".join(world.news("sam"))
    world.close()


async def test_a_code_works_once_for_a_quarter_of_an_hour_and_for_its_own_person():
    world = await new_world("alex", "sam")
    await world.pair("alex", "sam")
    talk = world.talks[-1]
    alex, code = await code_for(world, "alex")
    sam, other = await code_for(world, "sam")
    for whose, tried in ((alex, other), (sam, code), (alex, "AAAA2222"), ("nobody", code)):
        with pytest.raises(CodeRefused):
            await talk.export(whose, tried)
    assert await talk.export(alex, code.lower())
    with pytest.raises(CodeRefused):
        await talk.export(alex, code)
    _, older = await code_for(world, "alex")
    _, newer = await code_for(world, "alex")
    with pytest.raises(CodeRefused):
        await talk.export(alex, older)
    await world.travel(15 * MINUTE)
    with pytest.raises(CodeRefused):
        await talk.export(alex, newer)
    world.close()


async def test_an_export_holds_ones_own_and_what_was_shown_and_still_is_and_nothing_else_of_the_other():
    world = await new_world("alex", "sam")
    await agreed(world)
    await world.answer("sam", *HEARD)
    await world.travel(11 * MINUTE)
    await world.answer("alex", "/open", "[Yes]", "You say that I was late.")
    await world.answer("sam", "/say_it", "It was dark.")

    found = await world.talks[-1].export(*await code_for(world, "alex"))

    (talk,) = [one for one in found["conversations"] if one["about"] == "Hear it back"]
    assert [one["words"] for one in talk["yours"]] == ["You say that I was late."]
    assert [(one["from"], one["words"]) for one in talk["shown to you"]] == [("Sam", "Alex was very late.")]
    (rule,) = found["records"]
    assert {one["from"] for one in rule["fields"]["will"]} == {"Alex", "Sam"}
    assert "It was dark" not in str(found)

    found = await world.talks[-1].export(*await code_for(world, "sam"))
    assert "You say that" not in str(found), "it was not shared yet"
    world.close()


@pytest.mark.parametrize("seed", range(SEEDS))
async def test_whatever_people_are_in_the_middle_of_erasing_some_breaks_nothing_for_the_others(seed: int):
    world = await populated()
    people = sorted(name for name in PEOPLE if dice(name, seed) % 5 == 0)
    assert len(people) > 15
    numbers = [await erase(world, name) for name in people]
    left = stored(world)
    assert not [number for number in numbers if re.search(rf'"(unit|owner|author|person)": ?"{number}"', left)]
    others = sorted(set(PEOPLE) - set(people))
    for hours in (1, 30, 100):
        await world.travel(hours * HOUR)
        for name in others:
            await world.say(name, "/open")
            await wander(world, name, 2, (seed, hours))
    assert not [heard for heard in world.platform.heard if "Something went wrong" in heard.text]
    world.close()


def test_two_who_are_erased_leave_nothing_at_all():
    async def hold() -> dict[str, list[tuple[object, ...]]]:
        world = await new_world("alex", "sam")
        await agreed(world)
        await erase(world, "alex")
        await erase(world, "sam")
        found = dump(world.database)
        keys = world.database.execute("SELECT unit FROM key").fetchall()
        world.close()
        assert keys in ([], [("",)])
        return found

    found = asyncio.run(hold())
    for table in ("unit", "chat", "session", "timer", "record"):
        assert found[table] == [], table


async def test_what_was_answered_aside_in_a_room_names_no_account_of_somebody_who_is_erased():
    world = await new_world("alex", "sam")
    await world.room("den", "alex", "sam")
    await world.say("sam", "/help")
    await world.say("alex", "/help")
    await world.say("alex", "/pause", room="den")
    await world.press("alex", "I'm here", room="den")
    asides = "SELECT count(*) FROM outbox WHERE aside LIKE '%/alex'"
    assert world.database.execute(asides).fetchone() > (0,)
    await erase(world, "alex")
    assert world.database.execute(asides).fetchone() == (0,)
    world.close()
