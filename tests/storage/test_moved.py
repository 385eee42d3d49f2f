"""What is sealed opens in its own place alone: in no other row or table, as no other pair's, at no other version."""

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.conversation.ports import Damaged
from storage.keyring import Keyring, WrappedKey
from storage.places import STORE, TABLES, SealedTable
from storage.sealing import Opened, Place, open_body, open_words
from storage.sqlite import open_store
from tests.conversation.world import MEMORY
from tests.sealed import KEYS
from tests.storage.filled import PAIRS, PEOPLE, UNITS, fill


def _of_key(unit: str) -> Place:
    return Place("key", unit, unit)


KEY = SealedTable("key", ("unit",), (), _of_key)
"""A key is sealed as a row is, for the unit whose it is."""


@dataclass(frozen=True, slots=True)
class At:
    """A row with a sealed column."""

    table: SealedTable
    keys: tuple[str, ...]

    def __repr__(self) -> str:
        return f"{self.table.name} {' '.join(self.keys)}"

    @property
    def column(self) -> str:
        return "wrapped" if self.table is KEY else "body"

    @property
    def match(self) -> str:
        return " AND ".join(f"{key} = ?" for key in self.table.keys)

    def sealed(self, database: sqlite3.Connection) -> bytes:
        (found,) = database.execute(f"SELECT {self.column} FROM {self.table.name} WHERE {self.match}", self.keys)  # noqa: S608  # our own tables
        return bytes(found[0])

    def change(self, database: sqlite3.Connection, column: str, cell: object) -> None:
        update = f"UPDATE {self.table.name} SET {column} = ? WHERE {self.match}"  # noqa: S608  # our own tables
        assert database.execute(update, (cell, *self.keys)).rowcount == 1


@cache
def whole() -> Path:
    """Return a file that holds something in every table, made once."""
    path = Path(_folder().name) / "whole.sqlite"
    asyncio.run(fill(path))
    return path


@cache
def _folder() -> "TemporaryDirectory[str]":
    return TemporaryDirectory(dir=MEMORY)


@cache
def places() -> list[At]:
    with closing(sqlite3.connect(whole())) as database:
        found = [
            At(table, tuple(row))
            for table in (*TABLES, KEY)
            for row in sorted(database.execute(f"SELECT {', '.join(table.keys)} FROM {table.name}"))  # noqa: S608  # our own tables
        ]
    assert {at.table.name for at in found} == {"unit", "session", "prompt", "invite", "outbox", "record", "key"}
    return found


async def opens(path: Path, at: At) -> bool:
    """Return whether what is stored there can be read, asked for as a turn does. Raises Damaged."""
    name = at.keys[0]
    store = await open_store(path, KEYS)
    try:
        async with store.transaction() as tx:
            match at.table.name:
                case "session":
                    found = set(await tx.load_sessions([name]))
                case "prompt":
                    found = set(await tx.find_prompts([name]))
                case "invite":
                    found = set(await tx.find_invites([name]))
                case "record":
                    found = [
                        record.unit for record in (await tx.load_records([(name, at.keys[1])]))[name, at.keys[1]]
                    ]
                case "outbox":  # a message that cannot be read is dropped, and the others are sent
                    found = {claimed.row.id for claimed in await tx.claim(10**9, 100)}
                case "key" if name == STORE:
                    found = {STORE for _ in await tx.find_invites(["d-den"])}
                case _:
                    found = set(await tx.units([name]))
        return name in found
    finally:
        await store.close()


def is_refused(at: At, **cells: object) -> bool:
    """Return whether the row is taken for damaged once these of its columns hold something else."""
    with TemporaryDirectory(dir=MEMORY) as folder:
        path = Path(folder) / "moved.sqlite"
        copyfile(whole(), path)
        with closing(sqlite3.connect(path)) as database, database:
            for column, cell in cells.items():
                at.change(database, column, cell)
        try:
            return not asyncio.run(opens(path, at))
        except Damaged as fault:
            return at.table is KEY or all(key in fault.row for key in at.keys)


def stored(at: At) -> bytes:
    with closing(sqlite3.connect(whole())) as database:
        return at.sealed(database)


def test_everything_opens_where_it_is():
    for at in places():
        assert not is_refused(at, **{at.column: stored(at)}), at


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_what_is_sealed_for_one_row_is_refused_in_every_other(data: st.DataObject):
    at = data.draw(st.sampled_from(places()))
    other = data.draw(st.sampled_from([one for one in places() if one != at]))
    assert is_refused(at, **{at.column: stored(other)}), (at, other)


@pytest.mark.parametrize("table", [table.name for table in (*TABLES, KEY)])
def test_what_one_pair_has_is_refused_as_the_others(table: str):
    """Row by row: the same thing of the other pair, with the same words but for whose they are."""
    one, other = PAIRS
    exchanged = dict(zip([one, *PAIRS[one]], [other, *PAIRS[other]], strict=True))

    def twin(at: At) -> At:
        keys = list(at.keys)
        for mine, theirs in exchanged.items():
            keys = ["-".join(theirs if part == mine else part for part in key.split("-")) for key in keys]
        return At(at.table, tuple(keys))

    tried = 0
    for at in places():
        if at.table.name == table and twin(at) != at:
            assert is_refused(at, **{at.column: stored(twin(at))}), at
            tried += 1
    assert tried


@pytest.mark.parametrize("table", [table.name for table in TABLES if "version" in table.others])
def test_what_was_sealed_at_one_version_is_refused_at_every_other(table: str):
    for at in places():
        if at.table.name == table:
            for version in (0, 1, 3):
                assert is_refused(at, version=version), (at, version)
            assert is_refused(at, body=older(at)), at


def older(at: At) -> bytes:
    """What was there one version before: sealed in the same place by the same key."""
    with TemporaryDirectory(dir=MEMORY) as folder:
        path = Path(folder) / "older.sqlite"
        copyfile(whole(), path)
        with closing(sqlite3.connect(path)) as database:
            ring = ring_of(database)
            columns = ", ".join(at.table.columns)
            (row,) = database.execute(f"SELECT {columns} FROM {at.table.name} WHERE {at.match}", at.keys)  # noqa: S608  # our own tables
            before = at.table.place_of(
                [1 if name == "version" else row[n] for n, name in enumerate(at.table.columns)]
            )
            now = at.table.place_of(row)
            return ring.seal(now.unit, ring.open(now.unit, at.sealed(database), now.name), before.name)


@pytest.mark.parametrize("table", [table.name for table in TABLES if "unit" in table.others])
def test_what_belongs_to_one_unit_is_refused_as_anothers(table: str):
    for at in places():
        if at.table.name == table:
            with closing(sqlite3.connect(whole())) as database:
                (row,) = database.execute(f"SELECT unit FROM {table} WHERE {at.match}", at.keys)  # noqa: S608  # our own tables
            for unit in UNITS:
                if unit != row[0]:
                    assert is_refused(at, unit=unit), (at, unit)


def ring_of(database: sqlite3.Connection) -> Keyring:
    ring = Keyring(KEYS)
    for row in database.execute("SELECT unit, master, wrapped FROM key"):
        ring.take(WrappedKey(*row))
    return ring


def sealed_words() -> list[tuple[Opened, str, bytes]]:
    """Return every body with words in it, whose they are, and the words, sealed still."""
    found: list[tuple[Opened, str, bytes]] = []
    with closing(sqlite3.connect(whole())) as database:
        ring = ring_of(database)
        for table in TABLES:
            for row in database.execute(f"SELECT {', '.join(table.columns)}, body FROM {table.name}"):  # noqa: S608  # our own tables
                opened = open_body(ring, table.place_of(row), row[-1])
                found += [(opened, author, words) for author, words in opened.words.items()]
    assert {author for _, author, _ in found} == set(PEOPLE)
    assert {opened.place.table for opened, _, _ in found} == {"session", "record"}
    return found


def test_somebodys_words_are_refused_in_another_row_and_as_anothers_by_whoever_has_the_rows_key():
    with closing(sqlite3.connect(whole())) as database:
        ring = ring_of(database)
    places_of_words = sealed_words()
    for opened, author, _ in places_of_words:
        for other, its_author, words in places_of_words:
            if (other.place, its_author) != (opened.place, author):
                with pytest.raises(Damaged):
                    open_words(ring, Opened(opened.place, opened.body, {author: words}))


def test_a_changed_byte_anywhere_is_refused():
    with closing(sqlite3.connect(whole())) as database:
        ring = ring_of(database)
        at = next(one for one in places() if one.table.name == "record")
        columns = ", ".join(at.table.columns)
        (row,) = database.execute(f"SELECT {columns} FROM record WHERE {at.match}", at.keys)  # noqa: S608  # our own tables
        body, place = at.sealed(database), at.table.place_of(row)
    changed = [
        *(body[:n] + bytes([body[n] ^ bit]) + body[n + 1 :] for n in range(len(body)) for bit in (1, 128)),
        *(body[:n] for n in range(len(body))),
    ]
    for one in changed:
        with pytest.raises(Damaged):
            open_body(ring, place, one)
