"""SQLite: one writing connection a process, one transaction a batch, full durability.

Statements run where they are called: out of the cache they take microseconds, less than going to a thread and back.
What waits for the disk, or for another process, has a thread of its own, so that everything else goes on meanwhile.
"""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import TypeVar

import structlog

from bot.conversation.ports import OutOfService
from storage.faults import StoreUnusable, is_out_of_service, told
from storage.keyring import Keyring
from storage.master_keys import MasterKeys
from storage.migrations import migrate, require_current
from storage.recent import Recent
from storage.sealed_rows import SealedRows, open_ring
from storage.transaction import SqliteTransaction
from storage.write_ahead import ends_in_the_middle

OPEN_WAIT = 5_000
"""Milliseconds to wait for another process's lock before giving up."""

IN_MEMORY = ":memory:"

T = TypeVar("T")

_log = structlog.get_logger(__name__)


class SqliteStore:
    """The embedded store. Make it with ``open_store``."""

    def __init__(
        self, database: sqlite3.Connection, ring: Keyring, *, name: str = IN_MEMORY, begin: str = "BEGIN IMMEDIATE"
    ) -> None:
        self._database = database
        self._ring = ring
        self._name = name
        self._recent = Recent()
        self._begin = begin
        self._lock = asyncio.Lock()
        self._waiting = None if name == IN_MEMORY else ThreadPoolExecutor(1, "sqlite")
        """The thread of what waits: nothing does in memory."""
        self._waits_to_empty = False
        """Whether the log holds what was deleted still, because somebody was reading it."""

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[SqliteTransaction]:
        """Begin a transaction. It commits when the block ends, and writes nothing when it is left by an exception.

        Raises OutOfService.
        """
        async with self._lock:
            rows = SealedRows(self._database, self._ring, self._recent)
            try:
                await self._aside(self._database.execute, self._begin)
                yield SqliteTransaction(self._database, rows)
                await self._commit()
            except BaseException as fault:
                rows.undone()
                with suppress(sqlite3.OperationalError):  # a full disk has ended it by itself, or it never began
                    self._database.execute("ROLLBACK")
                if isinstance(fault, sqlite3.Error) and is_out_of_service(fault):
                    raise OutOfService(told(fault, self._name)) from None
                raise
            rows.done()
            if rows.erased or self._waits_to_empty:
                await self.empty_log()

    async def _commit(self) -> None:
        """Commit. Whoever is cancelled meanwhile learns of it behind the block: what is committed is heard first."""
        try:
            await self._aside(self._database.execute, "COMMIT")
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if self._database.in_transaction or task is None:
                raise
            task.uncancel()
            task.cancel()

    async def _aside(self, do: Callable[[str], T], statement: str) -> T:
        """Execute what may have to wait. Whoever is cancelled meanwhile learns of it when it is over.

        So nobody else begins before that.
        """
        if self._waiting is None:
            return do(statement)
        doing = asyncio.get_running_loop().run_in_executor(self._waiting, do, statement)
        cancelled: asyncio.CancelledError | None = None
        while not doing.done():
            try:
                await asyncio.wait({doing})
            except asyncio.CancelledError as fault:
                cancelled = fault
        if cancelled is not None:
            doing.exception()  # it is looked at
            raise cancelled
        return doing.result()

    async def empty_log(self) -> None:
        """Leave nothing in the write-ahead log: what was deleted is not to be found there, either.

        While somebody reads, a backup say, that cannot be: then it is done after the next transaction that finds
        nobody. Only the first time, they are waited for.
        """
        wait = 0 if self._waits_to_empty else OPEN_WAIT
        self._waits_to_empty = True
        try:
            self._database.execute(f"PRAGMA busy_timeout = {wait}")
            busy, _, _ = (await self._aside(self._database.execute, "PRAGMA wal_checkpoint(TRUNCATE)")).fetchone()
            self._waits_to_empty = bool(busy)
        except sqlite3.Error as fault:  # what was committed is committed: the log is read at the next start
            _log.warning("log_not_emptied", fault=fault.sqlite_errorname)
        finally:
            self._database.execute(f"PRAGMA busy_timeout = {OPEN_WAIT}")

    async def close(self) -> None:
        """Close the file; what was committed stays."""
        async with self._lock:
            if self._waiting is not None:
                self._waiting.shutdown()
            self._database.close()


async def open_store(
    path: Path | None, masters: MasterKeys, warn: Callable[[str], None] = lambda _sentence: None
) -> SqliteStore:
    """Return the store in that file (None: in memory), its schema up to date.

    ``warn`` is told when what was written last is not whole. Raises StoreUnusable: SchemaUnknown, and KeyMissing when
    it was sealed with other master keys, among others; and Damaged when an older program's cannot be read.
    """
    name = IN_MEMORY if path is None else str(path)
    ring = Keyring(masters)
    with _opening(name) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        database.execute("PRAGMA secure_delete = ON")
        if path is not None and ends_in_the_middle(database, path):
            warn(
                f"{path}-wal ends in the middle of what was written last: everything before that is there. "
                "If it was not the program's own end that cut it off, see that the disk is well."
            )
        store = SqliteStore(database, ring, name=name)
        await store.empty_log()  # whoever erased somebody may not have come to it
        migrate(database, ring)
        open_ring(database, ring)
    return store


async def open_to_read(path: Path, masters: MasterKeys) -> SqliteStore:
    """Return the store in that file, which is not changed, whoever uses it meanwhile.

    Raises StoreUnusable: SchemaUnknown, and KeyMissing, among others.
    """
    ring = Keyring(masters)
    with _opening(str(path), to_read=True) as database:
        require_current(database)
        open_ring(database, ring)
    return SqliteStore(database, ring, name=str(path), begin="BEGIN")


@contextmanager
def _opening(name: str, *, to_read: bool = False) -> Generator[sqlite3.Connection]:
    """Give a connection, which is closed when the block is left by an exception. Raises StoreUnusable."""
    try:
        database = sqlite3.connect(
            f"{Path(name).resolve().as_uri()}?mode=ro" if to_read else name,
            uri=to_read,
            isolation_level=None,
            timeout=OPEN_WAIT / 1_000,
            check_same_thread=False,
        )
        try:
            yield database
        except BaseException:
            database.close()
            raise
    except sqlite3.Error as fault:
        raise StoreUnusable(told(fault, name)) from None
