"""When nothing can be stored, nobody is blamed; when something cannot be read, few know of it."""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from structlog.testing import capture_logs

from bot.adapters.clocks import VirtualClock
from bot.adapters.terminal.stage import PLATFORM
from bot.conversation import sending
from bot.conversation.envelope import Actor, Command, Envelope, Place, PlaceKind
from bot.conversation.erasing import NotErased
from bot.conversation.opening import open_conversation
from bot.conversation.ports import OutOfService, Store, Transaction
from bot.conversation.service import Conversation
from bot.nudges import runner
from bot.wiring import serving
from storage.sqlite import open_store
from tests.apart import apart, lift_limit, limit_files
from tests.conversation.in_memory import open_in_memory
from tests.conversation.test_erasing import code_for
from tests.conversation.world import (
    DAY,
    MEMORY,
    MINUTE,
    START,
    OpenStage,
    Recorder,
    World,
    copy_of,
    new_world,
    shipped,
)
from tests.sealed import KEYS, Stored

PROBLEM = "Something went wrong"
"""What somebody is told whose words could not be taken."""


# Nothing can be stored


async def with_a_full_disk() -> tuple[list[str], list[str], set[str], int]:
    """Let two write while the disk is full, and bring it again when it is not.

    Return what was raised, what was heard in the end, what was logged, and how many events were settled then.
    """
    with TemporaryDirectory(dir=MEMORY) as folder:
        path = Path(folder) / "kept.sqlite"
        store = await open_store(path, KEYS)
        world = await over(store, path)
        for name in ("alex", "sam"):
            await world.answer(name, "/say_it")
            world.news(name)
        limit_files(path.with_name("kept.sqlite-wal").stat().st_size)
        with capture_logs() as logs:
            raised = [await out_of_service(world, name) for name in ("alex", "sam", "alex")]
        before = settled(world)
        lift_limit()
        assert world.stage.last is not None
        await world.talks[-1].intake(world.stage.last)
        await world.say("sam", "It was early.")
        found = (
            raised,
            [*world.news("alex"), *world.news("sam")],
            {str(e["event"]) for e in logs},
            settled(world) - before,
        )
        world.close()
        await store.close()
        return found


async def over(store: Store, path: Path) -> World:
    """Return a world over a store."""
    clock = VirtualClock(START)
    platform = Recorder(clock)
    talk = await open_conversation(
        store=store, library=shipped(), clock=clock, secret=b"of a test", platforms={PLATFORM: platform}
    )

    async def open_talk() -> Conversation:
        return talk

    stage = OpenStage(views=platform.views, clock=clock, open_talk=open_talk)
    return World(clock=clock, platform=platform, stage=stage, database=sqlite3.connect(path), talks=[talk])


async def out_of_service(world: World, name: str) -> str:
    with pytest.raises(OutOfService) as raised:
        await world.say(name, "It was late.")
    return str(raised.value)


def settled(world: World) -> int:
    ((count,),) = world.database.execute("SELECT count(*) FROM inbox")
    return int(count)


def full_disk() -> tuple[list[str], list[str], set[str], int]:
    return asyncio.run(with_a_full_disk())


def test_a_full_disk_blames_nobody_and_what_was_said_is_taken_when_it_comes_again():
    raised, heard, logged, taken = apart(full_disk)
    assert len(raised) == 3
    for sentence in raised:
        assert "what was kept is still there" in sentence
        assert "late" not in sentence
    assert logged == {"out_of_service"}, "and not that somebody's turn failed"
    assert taken == 2
    assert [text[:17] for text in heard] == ["What did you feel"] * 2


# Something cannot be read


HELP = Envelope(
    platform=PLATFORM,
    event_id="help",
    actor=Actor(id="alex", name="Alex", zone="UTC"),
    place=Place(kind=PlaceKind.DM, id="alex"),
    at=START,
    content=Command(name="help"),
)


class Full:
    """A store that cannot be written to for a while."""

    def __init__(self, store: Store) -> None:
        self.full = False
        self._store = store

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[Transaction]:
        if self.full:
            raise OutOfService
        async with self._store.transaction() as tx:
            yield tx


async def until(holds: Callable[[], bool]) -> None:
    for _ in range(10_000):
        if holds():
            return
        await asyncio.sleep(0.001)
    raise AssertionError(holds)


async def test_serving_goes_on_when_something_can_be_stored_again(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sending, "REST", 0)
    monkeypatch.setattr(serving, "REST", 0)
    monkeypatch.setattr(runner, "SOONEST", 0)
    inner, _ = open_in_memory()
    store, clock = Full(inner), VirtualClock(START)
    heard = Recorder(clock)
    talk = await open_conversation(
        store=store, library=shipped(), clock=clock, secret=b"of a test", platforms={PLATFORM: heard}
    )
    running = [asyncio.create_task(talk.send_forever()), asyncio.create_task(serving.fire_in_time(talk, clock))]
    with capture_logs() as logs:
        await talk.take(HELP)
        store.full = True
        await asyncio.sleep(0)
        await until(lambda: {entry["event"] for entry in logs} == {"nothing_sent", "nothing_fired"})
        store.full = False
        await until(lambda: bool(heard.heard))
    assert not any(task.done() for task in running)
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)


async def two_pairs() -> World:
    world = await new_world("alex", "sam", "kim", "lou")
    await world.pair("alex", "sam")
    await world.pair("kim", "lou")
    for name in ("alex", "sam", "kim"):
        await world.say(name, "/say_it")
        world.news(name)
    return world


def damage(world: World, table: str, ids: Sequence[str], column: str = "id") -> None:
    """Change a byte of these rows."""
    body = "wrapped" if table == "key" else "body"
    for one in ids:
        found = world.database.execute(f"SELECT {body} FROM {table} WHERE {column} = ?", (one,)).fetchall()  # noqa: S608  # our own tables
        assert found
        update = f"UPDATE {table} SET {body} = ? WHERE {column} = ? AND {body} = ?"  # noqa: S608  # our own tables
        for (cell,) in found:
            world.database.execute(update, (bytes([*cell[:-1], cell[-1] ^ 1]), one, cell))
    world.database.commit()


def ids(world: World, name: str) -> dict[str, str]:
    """Return by which ids somebody, their pair and their session in front are stored."""
    person = next(person for person in Stored(world.database).people() if person.account == name)
    assert person.front is not None
    return {"unit": person.id, "pair": person.pairs[0], "session": person.front.session}


@pytest.mark.parametrize(
    ("table", "which"), [("unit", "unit"), ("unit", "pair"), ("session", "session"), ("key", "unit"), ("key", "pair")]
)
async def test_a_damaged_row_is_the_matter_of_those_alone_who_need_it(table: str, which: str):
    world = await two_pairs()
    damage(world, table, [ids(world, "alex")[which]], "unit" if table == "key" else "id")
    world = await copy_of(world)  # whose process has no key at hand yet
    for name in ("alex", "sam", "kim", "lou"):
        world.news(name)
    with capture_logs() as logs:
        await world.say("alex", "It was late.")
        await world.say("kim", "It was calm.")
        await world.mishap("crash")
        await world.say("kim", "Relieved.")
        await world.say("lou", "/say_it")
        await world.travel(DAY)
    assert not [entry for entry in logs if "late" in str(entry)]
    told = world.news("alex")
    if which != "pair":
        assert PROBLEM in told[0]
    assert not [text for name in ("kim", "lou") for text in world.news(name) if PROBLEM in text]
    world.close()


async def test_whose_talk_is_damaged_can_do_everything_else():
    world = await two_pairs()
    damage(world, "session", [ids(world, "alex")["session"]])
    with capture_logs():
        await world.say("alex", "/help")
        assert PROBLEM not in world.news("alex")[-1]
        await world.say("alex", "/hear_it_back")
        assert "what" in world.news("alex")[-1].lower()
    world.close()


async def test_a_message_that_is_damaged_is_dropped_and_those_behind_it_are_sent():
    world = await two_pairs()
    world.platform.refuses = {"alex"}
    with capture_logs() as logs:
        await world.say("alex", "/help")
        await world.say("alex", "/drafts")
        await world.say("alex", "/nonsense")
        rows = world.database.execute(
            "SELECT id FROM outbox WHERE state IN ('queued', 'claimed') ORDER BY seq"
        ).fetchall()
        damage(world, "outbox", [rows[0][0]])
        assert len(rows) == 3
        world.platform.refuses = set()
        await world.travel(MINUTE)
    assert len(world.news("alex")) == 2
    assert "outbox_row_damaged" in {entry["event"] for entry in logs}
    state = "SELECT state FROM outbox WHERE id = ?"
    assert world.database.execute(state, (rows[0][0],)).fetchone() == ("dropped",)
    world.close()


@pytest.mark.parametrize("which", ["unit", "pair"])
async def test_who_cannot_be_erased_is_all_there_still_and_whoever_asked_is_told(which: str):
    world = await two_pairs()
    whose, code = await code_for(world, "alex")
    before = world.database.execute("SELECT count(*) FROM session").fetchone()
    noted: list[bool] = []
    damage(world, "unit", [ids(world, "alex")[which]])
    with capture_logs(), pytest.raises(NotErased, match="are all there still"):
        await world.talks[-1].erase_again(whose)
    assert world.database.execute("SELECT count(*) FROM session").fetchone() == before
    assert noted == []
    assert code
    world.close()


async def test_whoever_has_a_damaged_talk_can_be_erased_all_the_same():
    world = await two_pairs()
    whose, code = await code_for(world, "alex")
    damage(world, "session", [ids(world, "alex")["session"]])
    with capture_logs():
        await world.talks[-1].erase(whose, code, lambda: None)
    for table in ("unit", "key"):
        column = "id" if table == "unit" else "unit"
        found = world.database.execute(f"SELECT 1 FROM {table} WHERE {column} = ?", (whose,)).fetchone()  # noqa: S608  # our own tables
        assert found is None
    world.close()
