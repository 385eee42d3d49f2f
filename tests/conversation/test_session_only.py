"""Whoever is paired with somebody who runs the bot has nothing kept beyond a conversation, to begin with."""

import sqlite3
from functools import partial

import pytest

from bot.adapters.terminal.stage import PLATFORM
from bot.conversation.operator import Operator
from tests.conversation.test_erasing import erase
from tests.conversation.world import HOUR, World, new_world, rehearsed
from tests.sealed import Stored

OPERATOR = Operator(accounts=frozenset({(PLATFORM, "sam")}))

with_operator = partial(new_world, "alex", "sam", operator=OPERATOR)


def keys(database: sqlite3.Connection) -> set[str]:
    return {str(row[0]) for row in database.execute("SELECT unit FROM key")}


def words(world: World, name: str) -> list[object]:
    """What is stored, and can be opened, of what somebody wrote."""
    stored = Stored(world.database)
    (person,) = (one for one in stored.people() if one.name.casefold() == name)
    values = [value for session in stored.sessions() for value in session.values.items()]
    return [value.data for key, value in values if f".{person.id}" in key and isinstance(value.data, str)]


async def test_whoever_is_paired_with_an_operator_has_nothing_kept_to_begin_with():
    world = await with_operator()
    await world.pair("alex", "sam")
    alex, sam = sorted(Stored(world.database).people(), key=lambda person: person.name)
    assert (alex.session_only, sam.session_only) == (True, False)
    world.close()


async def test_of_others_it_is_kept():
    world = await new_world("alex", "sam")
    await world.pair("alex", "sam")
    assert not any(person.session_only for person in Stored(world.database).people())
    world.close()


async def test_their_words_do_not_open_any_more_soon_after_the_conversation_and_the_others_do():
    world = await with_operator()
    await world.pair("alex", "sam")
    for name in ("alex", "sam"):
        await world.answer(name, "/say_it", f"What {name} saw.")
    assert "What alex saw." in words(world, "alex")
    before = keys(world.database)
    for name in ("alex", "sam"):
        await world.say(name, "stop")
    assert words(world, "alex") == []
    assert "What sam saw." in words(world, "sam")
    await world.travel(3 * HOUR)
    assert {name for name in before if "/" in name} - keys(world.database)
    assert "What sam saw." in words(world, "sam")
    world.close()


async def test_what_they_shared_is_shown_and_does_not_open_any_more_soon_after_the_end():
    world = await with_operator(library=rehearsed())
    await world.pair("alex", "sam")
    await world.answer("alex", "/hear_it_back", "I was tired.", "[Share]")
    await world.answer("sam", "/open", "[Yes]", "You were tired.", "[Share]")
    assert any("I was tired." in told for told in world.news("sam"))
    assert {"I was tired."} <= set(words(world, "alex"))
    assert {"You were tired."} <= set(words(world, "sam"))
    while await world.sessions():
        await world.travel(HOUR)
    assert "I was tired." in words(world, "alex")
    await world.travel(2 * HOUR)
    assert words(world, "alex") == []
    assert "You were tired." in words(world, "sam")
    world.close()


async def test_nothing_of_theirs_becomes_a_record_and_they_are_told_so():
    world = await with_operator(library=rehearsed())
    await world.pair("alex", "sam")
    world.news("alex")
    for name in ("alex", "sam"):
        await world.answer(name, "/win", "We laughed.", "[Skip]", "[A small one]")
    unkept = "This was not saved: saving is off here."
    assert unkept in world.news("alex")
    assert unkept not in world.news("sam")
    assert await told(world, "alex", "/wins") == ["No wins yet, and that is fine."]
    assert "We laughed. (A small one)" in (await told(world, "sam", "/wins"))[0]
    world.close()


@pytest.mark.parametrize("command", ["/remind", "/check_in"])
async def test_nothing_comes_by_itself_to_them_and_they_are_told_so(command: str):
    world = await with_operator()
    await world.pair("alex", "sam")
    reminds = command == "/remind"
    first = "Water the plants." if reminds else "[A look back, for my eyes only]"
    last = ("[Only a note]",) if reminds else ()
    await world.answer("alex", command, first, "Madrid", "[Every Sunday 18:00]", "[Yes]", *last)
    told = world.news("alex")
    assert "This was not saved: saving is off here." in told
    assert any(one.startswith("Nothing is set") for one in told)
    assert Stored(world.database).records() == []
    world.close()


async def test_neither_is_told_because_of_whom_a_joint_record_is_none():
    world = await with_operator(library=rehearsed())
    await world.pair("alex", "sam")
    await world.answer("sam", "/rest_it", "[An hour]", "[I begin]", "[Skip]", "Nothing.")
    await world.answer("alex", "/open", "[I listen]", "[Skip]", "Nothing.")
    await world.say("sam", "/open")
    unkept = "This was not saved: saving is off here."
    assert unkept in world.news("alex")
    assert unkept in world.news("sam")
    assert Stored(world.database).records() == []
    world.close()


async def test_their_drafts_go_when_they_stop_and_the_others_stay():
    world = await with_operator()
    await world.pair("alex", "sam")
    for name in ("alex", "sam"):
        await world.answer(name, "/say_it", f"What {name} saw.", "stop")
    await world.answer("sam", "[Keep private]")
    assert await told(world, "alex", "/drafts") == ["You have no kept drafts."]
    assert any("What sam saw." in line for line in await told(world, "sam", "/drafts"))
    world.close()


async def test_an_erasure_takes_the_keys_of_their_conversations_with_it():
    world = await with_operator()
    await world.pair("alex", "sam")
    await world.answer("alex", "/say_it", "What alex saw.")
    assert any("/" in name for name in keys(world.database))
    await erase(world, "alex")
    assert not any("/" in name for name in keys(world.database))
    world.close()


async def told(world: World, name: str, line: str) -> list[str]:
    """What somebody is answered."""
    world.news(name)
    await world.say(name, line)
    return world.news(name)
