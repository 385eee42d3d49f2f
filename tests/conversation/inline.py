"""SQLite without aiosqlite's thread: the same store and the same SQL, ten times as many turns a second.

Only for tests that play many turns one after another. What depends on turns that overlap uses the real connection.
"""

import sqlite3
from collections.abc import Generator, Iterable, Sequence
from typing import TYPE_CHECKING, Any, cast

from storage.migrations import migrate
from storage.sqlite import SqliteStore

if TYPE_CHECKING:
    import aiosqlite


class _Cursor:
    def __init__(self, cursor: sqlite3.Cursor) -> None:
        self._cursor = cursor

    @property
    def rowcount(self) -> int:
        return self._cursor.rowcount

    async def fetchone(self) -> Any:
        return self._cursor.fetchone()


class _Executed:
    """What ``execute`` gives: it can be awaited, and entered."""

    def __init__(self, cursor: sqlite3.Cursor) -> None:
        self._cursor = cursor

    def __await__(self) -> Generator[None, None, _Cursor]:
        yield from ()
        return _Cursor(self._cursor)

    async def __aenter__(self) -> _Cursor:
        return _Cursor(self._cursor)

    async def __aexit__(self, *_fault: object) -> None:
        self._cursor.close()


class InlineConnection:
    """As much of ``aiosqlite.Connection`` as the store uses."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def execute(self, sql: str, args: Sequence[Any] = ()) -> _Executed:
        return _Executed(self._database.execute(sql, args))

    async def executemany(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        self._database.executemany(sql, rows).close()

    async def execute_fetchall(self, sql: str, args: Sequence[Any] = ()) -> list[Any]:
        return self._database.execute(sql, args).fetchall()

    @property
    def in_transaction(self) -> bool:
        return self._database.in_transaction

    async def close(self) -> None:
        self._database.close()


async def open_inline() -> tuple[SqliteStore, sqlite3.Connection]:
    """Return a store in memory, and the database behind it for looking at."""
    database = sqlite3.connect(":memory:", isolation_level=None)
    connection = cast("aiosqlite.Connection", InlineConnection(database))
    await migrate(connection)
    return SqliteStore(connection), database
