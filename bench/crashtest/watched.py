"""The store, telling what it is at; and every message that it is told to drop is held to what is stored."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, cast

from bench.crashtest.phases import Phases, Work
from bench.crashtest.wire import Judged
from bot.conversation.outbox import MessageClass, RowKind
from bot.conversation.ports import Claimed, Sending, Settled, Transaction
from bot.conversation.units import Person
from bot.engine.standing import is_current

if TYPE_CHECKING:
    from storage.sqlite import SqliteStore
    from storage.transaction import SqliteTransaction


class Watched:
    """A store over another one."""

    def __init__(self, store: "SqliteStore", phases: Phases, judged: Callable[[Judged], None]) -> None:
        self._store = store
        self._phases = phases
        self._judged = judged

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[Transaction]:
        """Begin a transaction."""
        try:
            async with self._store.transaction() as tx:
                self._phases.work(Work.LOOKING)
                yield cast("Transaction", _Watching(tx, self._phases, self._judged))
                self._phases.work(Work.COMMITTING)
        finally:
            self._phases.work(Work.NONE)


class _Watching:
    """A transaction; what is not here is the other one's own."""

    def __init__(self, tx: "SqliteTransaction", phases: Phases, judged: Callable[[Judged], None]) -> None:
        self._tx = tx
        self._phases = phases
        self._judged = judged

    def __getattr__(self, name: str) -> object:
        return getattr(self._tx, name)

    async def settled(self, event_ids: Sequence[str]) -> set[str]:
        self._phases.work(Work.TURNS)
        return await self._tx.settled(event_ids)

    async def claim(self, now: int, limit: int) -> list[Claimed]:
        self._phases.work(Work.CLAIMING)
        return await self._tx.claim(now, limit)

    async def settle(self, rows: Sequence[Settled]) -> None:
        for one in rows:
            if one.became is Sending.DROPPED and not one.since and one.row.kind is RowKind.MESSAGE:
                self._judged(Judged(key=one.row.id, cls=one.row.cls, fair=await self._is_fair(one)))
        await self._tx.settle(rows)

    async def _is_fair(self, one: Settled) -> bool:
        """Whether what is stored, and nothing else, says that this message had become out of date."""
        row = one.row
        if one.at >= row.stale_at:
            return True
        if row.fence is not None:
            session = (await self._tx.load_sessions([row.session])).get(row.session)
            return session is not None and not is_current(session, row.fence)
        reader = (await self._tx.units([row.recipient])).get(row.recipient)
        opened = isinstance(reader, Person) and all(parcel.seat.session != row.session for parcel in reader.mail)
        return row.cls is MessageClass.NUDGE and opened
