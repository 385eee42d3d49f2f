"""No interaction ever fails: each is acknowledged in time, so that only whoever acted sees a sign of it."""

from collections.abc import AsyncIterator

import pytest

from bot.adapters.discord.acknowledging import KEPT_BACK, WITHIN
from tests.discord.server.faults import Garble, Raw, Reset, Say
from tests.discord.server.interactions import IN_TIME
from tests.discord.server.people import Person
from tests.discord.server.places import Place
from tests.discord.server.refusals import unknown_interaction
from tests.discord.server.server import DiscordServer
from tests.discord.taking import Inward, inward
from tests.discord.test_inbound import offer

CALLBACK = "/interactions/{interaction_id}/{interaction_token}/callback"
QUIETLY, AS_A_SIGN = 6, 5
OURS = "v1:abcdefghijklmnop:0"


@pytest.fixture
async def bot(server: DiscordServer) -> AsyncIterator[Inward]:
    async with inward(server) as one:
        yield one


@pytest.fixture
def alex(server: DiscordServer) -> Person:
    return server.person("Alex")


@pytest.fixture
def den(server: DiscordServer, alex: Person) -> Place:
    return server.guild("Home", alex).channel("den")


async def test_a_press_in_ones_own_chat_leaves_no_trace(server: DiscordServer, bot: Inward, alex: Person) -> None:
    act = alex.press(offer(server, alex, OURS), "Yes")
    await bot.settle()
    assert (act.kind_of_answer, act.ephemeral) == (QUIETLY, [])


async def test_a_command_in_ones_own_chat_leaves_no_trace(server: DiscordServer, bot: Inward, alex: Person) -> None:
    act = alex.command("help")
    await bot.settle()
    await server.until(lambda: not act.ephemeral)
    assert act.kind_of_answer == AS_A_SIGN


async def test_what_happens_in_a_room_has_a_sign_that_only_one_sees_and_that_goes(
    server: DiscordServer, bot: Inward, alex: Person, den: Place
) -> None:
    act = alex.command("pause", place=den)
    await bot.settle()
    assert [one.loading for one in act.ephemeral] == [True]
    await server.until(lambda: KEPT_BACK in bot.waits.asked)
    server.advance(KEPT_BACK)
    await server.until(lambda: not act.ephemeral)
    assert den.from_bot == []


async def test_it_is_acknowledged_once_it_is_durable(bot: Inward, alex: Person) -> None:
    act = alex.command("help")
    await bot.settle()
    assert act.acknowledged_after_ms == 0
    assert bot.talk.taken


@pytest.mark.parametrize("where", ["own", "room", "press"])
async def test_while_the_turn_is_slow_it_is_acknowledged_in_time_all_the_same(
    server: DiscordServer, bot: Inward, alex: Person, den: Place, where: str
) -> None:
    bot.talk.go_on.clear()
    if where == "press":
        act = alex.press(offer(server, alex, OURS), "Yes")
    else:
        act = alex.command("help" if where == "own" else "pause", place=den if where == "room" else None)
    await server.until(lambda: WITHIN in bot.waits.asked)
    server.advance(WITHIN)
    await server.until(lambda: act.acknowledged)
    server.advance(5.0)
    bot.talk.go_on.set()
    await bot.settle()
    assert act.acknowledged_after_ms is not None
    assert act.acknowledged_after_ms < IN_TIME
    assert not act.failed
    assert len(bot.talk.taken) == 1


async def test_an_acknowledgement_that_comes_too_late_loses_nothing(
    server: DiscordServer, bot: Inward, alex: Person
) -> None:
    server.faults.add("POST", CALLBACK, Say(unknown_interaction()))
    alex.command("help")
    await bot.settle()
    assert len(bot.talk.taken) == 1


LOST = [Raw(status=502, effect=True), Reset(), Garble()]


@pytest.mark.parametrize("fault", LOST, ids=lambda one: type(one).__name__)
async def test_an_acknowledgement_whose_answer_is_lost_is_one(
    server: DiscordServer, bot: Inward, alex: Person, den: Place, fault: Raw | Reset | Garble
) -> None:
    server.faults.add("POST", CALLBACK, fault)
    act = alex.command("agreements", place=den)
    await bot.settle()
    assert (act.acknowledged, len(bot.talk.taken)) == (True, 1)
    assert f"/channels/@me/{alex.dm.id}" in act.ephemeral[0].content


async def test_two_deliveries_are_acknowledged_once(server: DiscordServer, bot: Inward, alex: Person) -> None:
    alex.command("help")
    server.gateway.duplicate_last()
    await bot.settle()
    assert len(server.calls_of("POST", CALLBACK)) == 1
    assert len(bot.talk.taken) == 1


async def test_at_the_end_no_sign_is_left_standing(server: DiscordServer, alex: Person, den: Place) -> None:
    async with inward(server) as bot:
        act = alex.command("pause", place=den)
        await bot.settle()
        assert act.ephemeral
    assert act.ephemeral == []
