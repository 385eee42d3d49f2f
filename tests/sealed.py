"""What is stored, opened for looking at, and put back changed: tests share one master key."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar, assert_never

from bot.conversation.outbox import OutboxRow
from bot.conversation.record import Record
from bot.conversation.units import Pair, Person, Room, SentPrompt, Unit
from bot.engine.session import Session
from storage import codec
from storage.codec import Sheet
from storage.keyring import Keyring, WrappedKey
from storage.master_keys import MasterKeys
from storage.places import TABLES, SealedTable
from storage.sealing import Place, open_body, open_words, seal

KEYS = MasterKeys((b"a master key of the tests, only.",))

_BY_NAME = {table.name: table for table in TABLES}
_T = TypeVar("_T")


class Stored:
    """What a database holds while this is used, as typed values; each can be put back changed, where it was."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._keys = _Keys(database)

    def units(self) -> list[Unit]:
        """Return everybody, every pair and every room, by id."""
        return [codec.decode_unit(str(kind), sheet) for sheet, kind in self._rows("unit", "kind", "ORDER BY id")]

    def people(self) -> list[Person]:
        """Return everybody, by id."""
        return [unit for unit in self.units() if isinstance(unit, Person)]

    def pairs(self) -> list[Pair]:
        """Return every pair, by id."""
        return [unit for unit in self.units() if isinstance(unit, Pair)]

    def sessions(self) -> list[Session]:
        """Return every session, by id, those that have ended included."""
        return self._all("session", codec.decode_session, "ORDER BY id")

    def running(self) -> list[Session]:
        """Return the open sessions, by id."""
        return [session for session in self.sessions() if not session.ended]

    def messages(self) -> list[OutboxRow]:
        """Return the rows of the outbox, in order; of what was sent long ago there is nothing to return."""
        return self._all("outbox", codec.decode_row, "WHERE body IS NOT NULL ORDER BY seq")

    def message(self, name: str) -> OutboxRow | None:
        """Return a row of the outbox, if it is there still, text and all."""
        found = self._all("outbox", codec.decode_row, "WHERE id = ? AND body IS NOT NULL", name)
        return found[0] if found else None

    def prompt(self, token: str) -> SentPrompt | None:
        """Return what a token stands for, if it is there."""
        found = self._all("prompt", codec.decode_prompt, "WHERE token = ?", token)
        return found[0] if found else None

    def prompts(self) -> list[SentPrompt]:
        """Return what was sent with choices, by token."""
        return self._all("prompt", codec.decode_prompt, "ORDER BY token")

    def records(self) -> list[Record]:
        """Return what is kept beyond sessions."""
        return self._all("record", codec.decode_record, "ORDER BY unit, kind, id")

    def put(self, value: Unit | Session | OutboxRow | SentPrompt | Record) -> None:
        """Put a value in the place of the stored one, sealed for it as it is there: the row is found by its keys."""
        table, keys, sheet = _as_stored(value)
        match = " AND ".join(f"{name} = ?" for name in table.keys)
        columns = ", ".join(table.columns)
        row = self._database.execute(f"SELECT {columns} FROM {table.name} WHERE {match}", keys).fetchone()  # noqa: S608  # our own tables
        body = self._keys.seal(table.place_of(row), sheet)
        self._database.execute(f"UPDATE {table.name} SET body = ? WHERE {match}", (body, *keys))  # noqa: S608  # our own tables

    def _all(self, table: str, decode: Callable[[Sheet], _T], which: str, *args: str) -> list[_T]:
        return [decode(sheet) for sheet, _ in self._rows(table, "''", which, args)]

    def _rows(self, table: str, beside: str, which: str, args: Sequence[str] = ()) -> Iterator[tuple[Sheet, object]]:
        sealed = _BY_NAME[table]
        wanted = ", ".join([*sealed.columns, beside, "body"])
        for row in self._database.execute(f"SELECT {wanted} FROM {table} {which}", args).fetchall():  # noqa: S608  # our own tables
            yield self._keys.open(sealed.place_of(row), row[-1]), row[-2]


class _Keys:
    """Those keys of a database that are wanted."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._ring = Keyring(KEYS)

    def open(self, place: Place, body: bytes) -> Sheet:
        self._fetch(place.unit)
        found = open_body(self._ring, place, body)
        self._fetch(*found.words)
        return open_words(self._ring, found)

    def seal(self, place: Place, sheet: Sheet) -> bytes:
        self._fetch(place.unit, *sheet.words)
        return seal(self._ring, place, sheet)

    def _fetch(self, *units: str) -> None:
        sql = "SELECT unit, master, wrapped FROM key WHERE unit = ?"
        for unit in self._ring.missing(units):
            for found in self._database.execute(sql, (unit,)):
                self._ring.take(WrappedKey(*found))


def opened(database: sqlite3.Connection, table: str, columns: Sequence[str], order: str) -> list[tuple[object, ...]]:
    """Return these columns of a table's rows; a sealed body is opened, as JSON.

    Keys and nonces are drawn by chance: what they seal can be compared, and of a key only that it opens.
    """
    keys = _Keys(database)
    sealed = _BY_NAME.get(table)
    wanted = ", ".join([*(sealed.columns if sealed else ()), *columns])
    found: list[tuple[object, ...]] = []
    for row in database.execute(f"SELECT {wanted} FROM {table} ORDER BY {order}").fetchall():  # noqa: S608  # our own tables
        shown = zip(columns, row[len(row) - len(columns) :], strict=True)
        if table == "key":
            found.append(tuple("opens" if name == "wrapped" else cell for name, cell in shown))
        elif sealed is None:
            found.append(tuple(row))
        else:
            place = sealed.place_of(row)
            found.append(
                tuple(_as_json(keys.open(place, c)) if name == "body" and c is not None else c for name, c in shown)
            )
    return found


def _as_json(sheet: Sheet) -> bytes:
    words = b",".join(b'"%s":%s' % (author.encode(), written) for author, written in sorted(sheet.words.items()))
    return b'{"body":%s,"words":{%s}}' % (sheet.body, words)


def _as_stored(value: Unit | Session | OutboxRow | SentPrompt | Record) -> tuple[SealedTable, tuple[str, ...], Sheet]:
    match value:
        case Person() | Pair() | Room():
            return _BY_NAME["unit"], (value.id,), codec.encode_unit(value)
        case Session():
            return _BY_NAME["session"], (value.id,), codec.encode_session(value)
        case OutboxRow():
            return _BY_NAME["outbox"], (value.id,), codec.encode_row(value)
        case SentPrompt():
            return _BY_NAME["prompt"], (value.token,), codec.encode_prompt(value)
        case Record():
            return _BY_NAME["record"], (value.unit, value.kind, value.id), codec.encode_record(value)
        case _:
            assert_never(value)
