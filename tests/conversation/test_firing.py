"""Deadlines: each is fired once, set again it is another one, and none is fired for ever."""

import asyncio
import sqlite3

import pytest
from structlog.testing import capture_logs

from bot.conversation.envelope import DeadlineCame
from bot.conversation.sending import FIRST_RETRY
from storage.transaction import SqliteTransaction
from tests.conversation.test_out_of_service import damage
from tests.conversation.world import MINUTE, World, new_world


async def in_the_middle() -> tuple[World, str]:
    """Two people, one of whom is to say something back within a time."""
    world = await new_world("alex", "sam")
    await world.pair("alex", "sam")
    await world.answer("sam", "/hear_it_back", "Alex was very late.", "[Share]")
    await world.travel(11 * MINUTE)
    await world.answer("alex", "/open", "[Yes]", "You say that I was late.")
    rows = world.database.execute("SELECT unit FROM chat WHERE place LIKE '%sam'").fetchall()
    return world, str(rows[0][0])


def due(database: sqlite3.Connection) -> int | None:
    return database.execute("SELECT min(due) FROM timer").fetchone()[0]


async def test_a_deadline_that_was_set_aside_is_fired_when_its_session_has_set_it_again():
    world, sam = await in_the_middle()
    whole = world.database.execute("SELECT body FROM unit WHERE id = ?", (sam,)).fetchone()[0]
    damage(world, "unit", [sam])
    with capture_logs():
        await world.travel((due(world.database) or 0) - world.clock.now() + MINUTE)
    assert due(world.database) is None
    world.database.execute("UPDATE unit SET body = ? WHERE id = ?", (whole, sam))

    await world.say("alex", "/stop")
    async with asyncio.timeout(5):
        await world.travel(MINUTE)

    assert (due(world.database) or world.clock.now() + 1) > world.clock.now()
    world.close()


async def test_a_deadline_that_stays_although_it_is_settled_is_taken_away(monkeypatch: pytest.MonkeyPatch):
    world, _ = await in_the_middle()
    at = due(world.database) or 0
    seen: list[DeadlineCame] = []
    found = SqliteTransaction.due

    async def as_before(self: SqliteTransaction, now: int, limit: int) -> list[DeadlineCame]:
        seen.extend(await found(self, now, limit) if not seen else [])
        there = world.database.execute("SELECT 1 FROM inbox WHERE event LIKE '%:left'").fetchone()
        return [] if there else seen

    monkeypatch.setattr(SqliteTransaction, "due", as_before)
    world.clock.set(at)
    with capture_logs() as logs:
        async with asyncio.timeout(5):
            await world.talks[-1].fire()
    assert [entry["event"] for entry in logs] == ["deadline_left"]
    world.close()


async def test_whoever_fires_is_told_when_something_is_due_as_it_is_stored():
    world = await new_world("alex")
    await world.say("alex", "/help")
    told: list[int] = []
    world.talks[-1].tell_dues(told.append)
    await world.answer("alex", "/remind", "Drink water", "London", "in 5 minutes", "[Yes]", "[Show my words]")
    reminded = world.clock.now() + 5 * MINUTE
    assert reminded in told

    del told[:]
    world.platform.refuses.add("alex")
    with capture_logs():
        await world.travel(5 * MINUTE)
    assert reminded + FIRST_RETRY in told, "what could not be sent is sent again"
    world.close()
