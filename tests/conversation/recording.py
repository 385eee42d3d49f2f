"""A store that records what came and when, and the replay of a record on a fresh store.

The record holds everything that a run depends on from outside, in the order in which it was committed, each entry
with the instant of the clock: every event once (what was delivered again is in it once, for it was committed once),
every deadline that came, every time at which a message left that had been put off to a later hour, every time at
which was deleted what had been stored for long enough, and every start of the process at which something was lost
that lives in memory only: the inside of an open volatile section.

A start of the process at any other time, and a redelivery, are not in the record: they change nothing.
"""

import json
import sqlite3
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import assert_never, cast

from bot.adapters.terminal.stage import Talk
from bot.conversation.envelope import Envelope
from bot.conversation.ports import Changes, Claimed, Store, Transaction
from bot.conversation.retention import Sweep
from bot.conversation.service import Conversation
from bot.engine.model import Section
from bot.engine.session import Session
from bot.flows.library import Library
from bot.flows.transcript import Mishap
from storage.codec import canonical
from tests.conversation.world import World, new_world, tables_of
from tests.sealed import opened


@dataclass(frozen=True, slots=True, kw_only=True)
class EventCame:
    """An event was settled at that instant."""

    at: int
    event: Envelope


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerFired:
    """A deadline was settled at that instant."""

    at: int
    timer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MailLeft:
    """At that instant messages were sent that had been put off until then, or till the clock was next looked at."""

    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryLost:
    """The process started anew while a volatile section was open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What was from before these instants was deleted."""

    what: Sweep


Entry = EventCame | TimerFired | MailLeft | MemoryLost | Swept


@dataclass(slots=True)
class Record:
    """What was recorded; one a run, over all starts of its process."""

    library: Library
    entries: list[Entry] = field(default_factory=list[Entry])
    events: dict[str, Envelope] = field(default_factory=dict[str, Envelope])
    starts: int = 0

    def wrapped(self, store: Store) -> Store:
        """Return the store, with what it settles and sends noted here."""
        return _RecordingStore(store, self)

    def told(self, talk: Conversation) -> Talk:
        """Return the conversation, with the events that are handed to it noted here."""
        return _RecordedTalk(talk, self)

    def settled(self, event_id: str, at: int) -> None:
        """Note what was committed."""
        event = self.events.get(event_id)
        self.entries.append(EventCame(at=at, event=event) if event else TimerFired(at=at, timer=event_id))


class _RecordingStore:
    def __init__(self, store: Store, record: Record) -> None:
        self._store = store
        self._record = record

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[Transaction]:
        async with self._store.transaction() as tx:
            noting = _NotingTransaction(tx)
            yield cast("Transaction", noting)
        for changes in noting.written:
            self._record.settled(changes.event_id, changes.at)
        if noting.mail:
            self._record.entries.append(MailLeft(at=noting.mail))
        if noting.swept:
            self._record.entries.append(Swept(what=noting.swept))


class _NotingTransaction:
    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self.written: list[Changes] = []
        self.mail = 0
        self.swept: Sweep | None = None

    def __getattr__(self, name: str) -> object:
        return getattr(self._tx, name)

    async def write(self, turns: Sequence[Changes]) -> None:
        await self._tx.write(turns)
        self.written += turns

    async def claim(self, now: int, limit: int) -> list[Claimed]:
        rows = await self._tx.claim(now, limit)
        if any(claimed.row.not_before for claimed in rows):
            self.mail = now
        return rows

    async def sweep(self, what: Sweep) -> bool:
        self.swept = what
        return await self._tx.sweep(what)


class _SweptAsRecorded:
    """A store that is swept when the record says so: the conversation over it does not know when that was."""

    def __init__(self) -> None:
        self._store: Store | None = None

    def over(self, store: Store) -> Store:
        self._store = store
        return cast("Store", self)

    async def sweep(self, what: Sweep) -> None:
        assert self._store is not None
        async with self._store.transaction() as tx:
            await tx.sweep(what)

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[Transaction]:
        assert self._store is not None
        async with self._store.transaction() as tx:
            yield cast("Transaction", _WithoutSweeps(tx))


class _WithoutSweeps:
    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def __getattr__(self, name: str) -> object:
        return getattr(self._tx, name)

    async def sweep(self, _what: Sweep) -> bool:
        return False


class _RecordedTalk:
    def __init__(self, talk: Conversation, record: Record) -> None:
        self._talk = talk
        self._record = record

    async def recover(self) -> None:
        lost = any(_in_a_section(session, self._record.library) for session in await self._talk.standing())
        if self._record.starts and lost:
            self._record.entries.append(MemoryLost())
        self._record.starts += 1
        await self._talk.recover()

    async def intake(self, envelope: Envelope) -> None:
        self._record.events[f"{envelope.platform}:{envelope.event_id}"] = envelope
        await self._talk.intake(envelope)

    async def next_due(self) -> int | None:
        return await self._talk.next_due()

    async def fire_due(self) -> None:
        await self._talk.fire_due()

    async def standing(self) -> list[Session]:
        return await self._talk.standing()


def _in_a_section(session: Session, library: Library) -> bool:
    frame = session.top
    steps = library.flows[frame.flow].steps
    return any(isinstance(steps.get(lane.step or ""), Section) for lane in frame.lanes.values())


async def replay(record: Record, *, secret: bytes) -> World:
    """Return a fresh world after everything that was recorded came once more, at its instant."""
    store = _SweptAsRecorded()
    world = await new_world(library=record.library, secret=secret, wrapped=store.over)
    talk = await world.stage.ready()
    for entry in record.entries:
        match entry:
            case EventCame():
                world.clock.set(entry.at)
                world.platform.actor = entry.event.actor.id
                await talk.intake(entry.event)
            case TimerFired():
                world.clock.set(entry.at)
                if not _is_settled(world, entry.timer):
                    await talk.fire_due()
                if not _is_settled(world, entry.timer):
                    message = f"{entry.timer} was not due in the replay"
                    raise AssertionError(message)
            case MailLeft():
                world.clock.set(entry.at)
                await talk.fire_due()
            case MemoryLost():
                talk = await _started_anew(world)
            case Swept(what=what):
                await store.sweep(what)
            case _:
                assert_never(entry)
    return world


async def _started_anew(world: World) -> Talk:
    await world.stage.play(Mishap(number=0, kind="crash"))
    return await world.stage.ready()


def _is_settled(world: World, event_id: str) -> bool:
    return world.database.execute("SELECT 1 FROM inbox WHERE event = ?", (event_id,)).fetchone() is not None


def canonical_state(database: sqlite3.Connection) -> bytes:
    """Return every row of every table there is, in one canonical form, opened.

    Left out is the number that SQLite gives to a row of the outbox; rows are in the order of it instead. And of a key
    is told only whose it is, for it is drawn by chance.
    """
    found: list[str] = []
    for table in sorted(tables_of(database)):
        names = [str(row[1]) for row in database.execute(f"PRAGMA table_info({table})")]
        order = "seq" if "seq" in names else ", ".join(name for name in names if name not in {"body", "wrapped"})
        rows = opened(database, table, [name for name in names if name != "seq"], order)
        plain = bytes.hex if table == "flow_revision" else _in_one_form  # compressed, and never written again
        cells = [[plain(cell) if isinstance(cell, bytes) else cell for cell in row] for row in rows]
        found += [f"{table} {json.dumps(row, ensure_ascii=False)}" for row in cells]
    return "\n".join(found).encode()


def _in_one_form(body: bytes) -> str:
    return canonical(body).decode()
