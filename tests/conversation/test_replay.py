"""Rule 17: what was recorded, played again on a fresh store, gives the same canonical state, byte for byte.

Compared is every row of every table, how it was sent included, and what everybody received. Nothing is compared of
what is inside an open volatile section, for it is never stored; see recording.py for what that means for a record.
"""

import asyncio
import os
import secrets
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path

import pytest

from bot.conversation.ids import Ids
from bot.conversation.retention import SETTLED
from bot.flows.library import Library
from tests.conversation.drawing import draw_runs, lists_of_moves
from tests.conversation.recording import Entry, EventCame, MailLeft, MemoryLost, Record, canonical_state, replay
from tests.conversation.walking import NAMES, PROLOGUES, Move, Walk, begin, begin_with_records, take
from tests.conversation.world import HOUR, MINUTE, START, World, new_world, rehearsed, shipped
from tests.sealed import Stored

ROOT = Path(__file__).parents[2]

RUNS = int(os.environ.get("BREATHING_ROOM_REPLAYS", "14"))
"""How many runs are recorded and replayed. The same ones every time, unless another number is asked for."""

SECRET = b"a replay's secret"

OUTAGES = (MINUTE, HOUR, 9 * HOUR, 80 * HOUR)
"""How long the process is down, without a look at the clock."""

NIGHT, CLOSING, REMINDED, FIRST_QUESTION, SECOND_QUESTION, RECORDS = range(PROLOGUES, PROLOGUES + 6)
"""Beginnings beside those of all walks: an invitation that waits for the morning, a flow that has called another,
two flows that wait for days of their own, open volatile sections; and, from
RECORDS on, what is kept beyond a session."""

BEGINNINGS = RECORDS + 3


async def begin_here(world: World, prologue: int) -> None:
    """Bring the world to one of the places from which runs begin."""
    if prologue < PROLOGUES:
        await begin(world, prologue)
    elif prologue >= RECORDS:
        await begin_with_records(world, 9 - 2 * (prologue - RECORDS))
    elif prologue == NIGHT:
        await world.pair("alex", "sam")
        await world.travel(5 * HOUR)
        await world.answer("alex", "/hear_it_back", "zqalexn9001x", "[Share]")
    elif prologue == CLOSING:
        await begin(world, 5)
        for name in ("alex", "sam"):
            await world.answer(name, "[That's enough]")
    elif prologue == REMINDED:
        await begin(world, 10)
        await world.answer("alex", "[Tomorrow]", "[Skip]")
        await world.answer("sam", "[Open]", "[Now]", "[I need time]", "[Keep private]", "[Tomorrow]")
    else:
        await world.answer("alex", "/pair", "[Yes, gladly]", "[My own idea]")
        await world.answer("sam", f"/pair {world.code_of('alex')}", "[Pair]")
        await world.answer("kim", "/pair", "[Yes, gladly]", *(["[I was pushed]"] * (prologue == SECOND_QUESTION)))


def commands_of(library: Library) -> list[str]:
    """The commands that start flows."""
    triggers = [flow.trigger for flow in library.flows.values() if flow.trigger is not None]
    return [trigger.command for trigger in triggers if trigger.command is not None]


@dataclass(kw_only=True)
class Wandering(Walk):
    """A walk over all flows, with events that are delivered again long after, and times without a process."""

    record: Record

    async def _do(self, move: Move) -> None:
        kind, _, which, _ = move
        if kind < 100:
            await super()._do(move)
        elif kind < 104:
            await self._deliver_again(which)
        elif kind < 108:
            self.lines.append("!crash")
            await self.world.mishap("crash")
        elif kind < 112:
            self._be_down(OUTAGES[which % len(OUTAGES)])
            await self.world.mishap("crash")
        else:
            await self._travel(9 * HOUR)

    async def _deliver_again(self, which: int) -> None:
        known = self.world.clock.now() - SETTLED
        events = [one.event for one in self.record.entries if isinstance(one, EventCame) and one.at > known]
        if not events:
            return
        again = events[which % len(events)]
        self.lines.append(f"(event {again.event_id} once more)")
        before = len(self.world.platform.heard)
        await (await self.world.stage.ready()).intake(again)
        assert len(self.world.platform.heard) == before, "what is delivered twice does nothing"

    def _be_down(self, length: int) -> None:
        self.lines.append(f"(no process for {length // MINUTE}m)")
        self.world.clock.set(self.world.clock.now() + length)

    def _command(self, name: str, which: int) -> str:
        commands = commands_of(self.library)
        return f"/{commands[which // 2 % len(commands)]}" if which % 2 else super()._command(name, which)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a run ended: the canonical state, and what was received, by whom and when."""

    state: bytes
    heard: Sequence[tuple[str, str, tuple[str, ...], int]]


def _ended(world: World) -> Ended:
    heard = [(h.view, h.text, h.labels, h.at) for h in world.platform.heard]
    ended = Ended(state=canonical_state(world.database), heard=heard)
    world.close()
    return ended


async def run(prologue: int, moves: list[Move], command: str = "") -> tuple[Record, Ended, Walk]:
    """Take one run, recorded; ``command`` is what Alex writes first, with Sam in mind, and in their room."""

    async def beginning(world: World, at: int) -> None:
        await begin_here(world, at)
        if command:
            heard = await world.say("alex", f"/{command}")
            if any("Sam" in one.labels for one in heard):
                await world.press("alex", "Sam")
            await world.say("alex", f"/{command}", "den")

    keeping = prologue >= RECORDS
    library = rehearsed() if keeping else shipped()
    record = Record(library=library)
    world = await new_world(*NAMES, library=library, secret=SECRET, wrapped=record.wrapped, told=record.told)
    await world.stage.ready()
    wandering = Wandering(world=world, library=library, record=record, among_records=keeping)
    await take(wandering, prologue, moves, beginning)
    wandering.reached.update(type(entry).__name__ for entry in record.entries)
    wandering.reached.update(_flows_in(world))
    wandering.reached["record"] += world.database.execute("SELECT count(*) FROM record").fetchone()[0]
    return record, _ended(world), wandering


async def again(record: Record) -> Ended:
    """Play what was recorded on a fresh store."""
    return _ended(await replay(record, secret=SECRET))


def _flows_in(world: World) -> set[str]:
    """The flows that ran: by the frames of sessions, and by whose words went out."""
    stored = Stored(world.database)
    frames = {frame.flow for session in stored.sessions() for frame in session.frames}
    return frames | {text.flow for row in stored.messages() for text in row.paragraphs}


MOVES = lists_of_moves(116, 28)
"""As for all walks, and a few kinds more."""


def test_a_record_played_on_a_fresh_store_gives_the_same_state_byte_for_byte() -> None:
    reached: Counter[str] = Counter()

    def take_run(prologue: int, moves: list[Move]) -> None:
        record, ended, wandering = asyncio.run(run(prologue, moves))
        replayed = asyncio.run(again(record))
        lines = "\n".join(wandering.lines)
        assert replayed.state.decode().split("\n") == ended.state.decode().split("\n"), lines
        assert replayed.heard == ended.heard, lines
        reached.update(wandering.reached)
        reached["bytes"] += len(ended.state)

    draw_runs(RUNS, BEGINNINGS, MOVES, take_run, anew="BREATHING_ROOM_REPLAYS" in os.environ)

    # Runs in which little happens would prove little.
    assert reached["walks"] >= RUNS
    assert reached["EventCame"] > 28 * RUNS
    assert {"TimerFired", "MemoryLost"} <= reached.keys()
    assert reached["record"] > 0


@pytest.mark.parametrize("command", commands_of(shipped()))
def test_each_flow_that_ships_is_the_same_when_it_is_replayed(command: str) -> None:
    drawn = [blake2b(f"{command} {number}".encode(), digest_size=4).digest() for number in range(30)]
    moves = [(kind % 56 if kind < 200 else 112, who % 2, which, wording) for kind, who, which, wording in drawn]
    record, ended, wandering = asyncio.run(run(1, moves, command))
    flow = next(flow for flow in shipped().flows.values() if flow.trigger and flow.trigger.command == command)
    assert flow.id in wandering.reached
    assert asyncio.run(again(record)) == ended


def test_a_flow_that_has_called_another_is_the_same_when_it_is_replayed() -> None:
    record, ended, wandering = asyncio.run(run(CLOSING, []))
    assert "one_word" in wandering.reached
    assert asyncio.run(again(record)) == ended


def test_what_waits_for_the_morning_leaves_at_the_same_time() -> None:
    record, ended, _ = asyncio.run(run(NIGHT, [(82, 0, 5, 0)]))
    (left,) = (entry for entry in record.entries if isinstance(entry, MailLeft))
    assert left.at == ended.heard[-1][3] == START + 14 * HOUR
    assert asyncio.run(again(record)) == ended


def test_reminders_come_at_the_same_time() -> None:
    days: list[Move] = [(82, 0, 5, 0), *((0, who, 0, 0) for who in (0, 1, 0, 1))]
    record, ended, _ = asyncio.run(run(REMINDED, days * 2))
    assert any(type(entry).__name__ == "TimerFired" for entry in record.entries)
    assert asyncio.run(again(record)) == ended


def test_a_run_ends_the_same_in_every_process() -> None:
    """Sets and the like have another order in each process; a replay in the same one would not show it."""
    command = [sys.executable, "-m", "tests.conversation.fingerprint"]
    seen = {
        subprocess.run(command, cwd=ROOT, env={"PYTHONHASHSEED": seed}, check=True, capture_output=True).stdout
        for seed in ("1", "2")
    }
    assert len(seen) == 1
    assert len(seen.pop().split()) == len(range(1, BEGINNINGS, 3))


# The comparison can fail.

SHORT: list[Move] = [
    (106, 0, 0, 0),  # a crash, while a section of Sam's is open, and one of Kim's
    (0, 2, 1, 0),  # kim answers
    (0, 1, 0, 0),  # sam answers
    (82, 0, 4, 0),  # five hours
    (66, 0, 1, 0),  # alex> /say_it
    (0, 0, 7, 3),
]


@pytest.fixture(scope="module")
def recorded() -> tuple[Record, Ended]:
    record, ended, _ = asyncio.run(run(FIRST_QUESTION, SHORT))
    return record, ended


def test_the_short_run_is_the_same_when_it_is_replayed(recorded: tuple[Record, Ended]) -> None:
    record, ended = recorded
    assert asyncio.run(again(record)) == ended


def test_ids_drawn_by_chance_would_be_found(recorded: tuple[Record, Ended], monkeypatch: pytest.MonkeyPatch) -> None:
    record, ended = recorded
    monkeypatch.setattr(Ids, "id", _by_chance)
    assert asyncio.run(again(record)).state != ended.state


@pytest.mark.parametrize("kind", [EventCame, MemoryLost])
def test_each_entry_of_the_record_counts(recorded: tuple[Record, Ended], kind: type[Entry]) -> None:
    record, ended = recorded
    which = next(n for n, entry in reversed(list(enumerate(record.entries))) if isinstance(entry, kind))
    less = replace(record, entries=[*record.entries[:which], *record.entries[which + 1 :]])
    assert asyncio.run(again(less)).state != ended.state


def test_the_instant_of_each_entry_counts(recorded: tuple[Record, Ended]) -> None:
    record, ended = recorded
    last = record.entries[-1]
    assert isinstance(last, EventCame)
    later = replace(record, entries=[*record.entries[:-1], replace(last, at=last.at + 1)])
    assert asyncio.run(again(later)).state != ended.state


def _by_chance(_ids: Ids) -> str:
    return secrets.token_hex(8)
