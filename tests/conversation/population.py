"""Many people in the middle of many conversations: at random places, the same every time."""

import zlib
from collections import Counter

from bot.conversation.units import Person
from bot.engine.model import Section
from bot.engine.session import Session
from tests.conversation.changing import unchanged
from tests.conversation.world import MINUTE, World, new_world
from tests.sealed import Stored

PAIRS = 72
"""Each pair has up to seven running sessions: two of hear_it_back, two of say_it, two of pair, and a pause."""

PLACES = ("running", "frozen", "mail", "volatile", "called", "granted", "composed")
"""What a population has to hold of, to be worth anything."""


def dice(*parts: object) -> int:
    """Return a number that looks random and is the same every time."""
    return zlib.crc32("/".join(map(str, parts)).encode())


async def populated() -> World:
    """Return a world of pairs with their sessions, each somewhere in the middle."""
    people = [f"p{number}" for number in range(2 * PAIRS)]
    world = await new_world(*people, library=unchanged())
    for number in range(PAIRS):
        one, other = people[2 * number], people[2 * number + 1]
        await world.pair(one, other)
        if number % 9 == 1:
            await to_the_last_word(world, one, other)
            continue
        if number % 9 == 2:
            for person in (one, other):
                await world.answer(person, "/pair", "[Yes, gladly]")  # and so into a volatile section
            continue
        for person in (one, other):
            await world.say(person, "/say_it")
            await wander(world, person, dice(person, "card") % 17, "card")
            await world.say(person, "/hear_it_back")
            await wander(world, person, dice(person, "hear") % 5, "hear")
            if dice(person, "code") % 3:
                await world.say(person, "/pair")
                await wander(world, person, dice(person, "pair") % 4, "/pair")
        await world.travel(11 * MINUTE)  # now a message that somebody else caused waits behind an [Open]
        await _together(world, one, other, number)
        if number % 4 == 0:
            await world.say(one, "/pause 24h")
            await wander(world, other, number % 3, "/pause")
    return world


async def _together(world: World, one: str, other: str, number: int) -> None:
    """Let the two go on with what waits for them, for a while."""
    for turn in range(dice(number, "turns") % 16):
        person = (one, other)[dice(number, turn) % 2]
        if dice(number, turn, "later") % 3 == 0:
            await world.travel(11 * MINUTE)
        await world.say(person, "/open")
        await wander(world, person, 1 + dice(number, turn, "steps") % 3, turn)


async def to_the_last_word(world: World, one: str, other: str) -> None:
    """Let one be heard by the other, up to the flow that is called at the end."""
    await world.answer(one, "/hear_it_back", f"A card of {one}.", "[Share]")
    await world.answer(other, "/open", "[Yes]", f"Heard by {other}.", "[Share]")
    await world.answer(one, "/open", "[Yes, that's it]")
    await world.answer(other, "/open", "[Skip]", "[Skip]")
    await world.answer(one, "/open", "[That's all]", "[That's enough]")
    await world.answer(other, "/open", "[That's enough]")


async def wander(world: World, person: str, moves: int, seed: object) -> None:
    """Let somebody answer what is asked of them, this way or that."""
    for move in range(moves):
        offered = world.stage.offered(person)
        seen = world.stage.views.of(person).seen
        newest = seen[-1].message if seen else None
        chance = dice(person, seed, move)
        if newest is not None and newest.buttons and offered:
            labels = [button.label for button in newest.buttons]
            likely = 0 if chance % 5 else chance % len(labels)  # the first choice is the one that leads on
            await world.press(person, labels[likely])
        else:
            await world.say(person, f"Words {chance % 97} of {person}")


def running(world: World) -> list[Session]:
    """Return every running session."""
    return Stored(world.database).running()


def places(world: World) -> Counter[str]:
    """Count what the running sessions are in the middle of."""
    found: Counter[str] = Counter()
    mail = {parcel.seat.session for person in people(world) for parcel in person.mail if parcel.send.fence is None}
    for session in running(world):
        root = world.library.flows[session.flow]
        flow = root.named(session.top.flow)
        found["running"] += 1
        found["frozen"] += session.frozen_at is not None
        found["mail"] += session.id in mail
        found["called"] += len(session.frames) > 1
        found["granted"] += bool(session.grants)
        found["composed"] += len(session.revisions) > 1
        steps = [flow.steps.get(lane.step or "") for lane in session.top.lanes.values()]
        found["volatile"] += any(isinstance(step, Section) for step in steps)
    return found


def people(world: World) -> list[Person]:
    """Return everybody."""
    return Stored(world.database).people()
