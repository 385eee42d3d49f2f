"""Rows of SQLite, sealed and opened: what is read or written together shares the look-up of its keys."""

import json
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from bot.conversation.ports import Damaged
from storage.codec import Sheet
from storage.faults import KeyMissing
from storage.keyring import Keyring, WrappedKey, damaged
from storage.recent import Recent
from storage.sealing import Opened, Place, open_body, open_words, seal

_MASTERS = (
    "WITH RECURSIVE named (master) AS (SELECT min(master) FROM key UNION ALL "
    "SELECT (SELECT min(master) FROM key WHERE master > named.master) FROM named WHERE named.master IS NOT NULL) "
    "SELECT master FROM named WHERE master IS NOT NULL"
)
"""The master keys that something is wrapped with: as many steps as there are of them."""

T = TypeVar("T")


class SealedRows:
    """Seals and opens rows, within one transaction."""

    def __init__(self, connection: sqlite3.Connection, ring: Keyring, recent: Recent) -> None:
        self._db = connection
        self._ring = ring
        self._recent = recent
        self.made: list[str] = []
        """The units whose keys this transaction has made: without it, they are not there."""
        self.erased: list[str] = []
        """The units whose keys this transaction has deleted."""
        self._unusable: dict[str, Damaged] = {}
        """The units whose keys do not open."""

    def opened(
        self, rows: Sequence[tuple[Place, object]], decode: Callable[[Sheet], T] | Sequence[Callable[[Sheet], T]]
    ) -> list[T]:
        """Return what these rows hold. Words of somebody whose key is gone are left out. Raises Damaged."""
        return whole(self.each_opened(rows, decode))

    def each_opened(
        self, rows: Sequence[tuple[Place, object]], decode: Callable[[Sheet], T] | Sequence[Callable[[Sheet], T]]
    ) -> list[T | Damaged]:
        """Return what each of these rows holds, or that it is damaged: then the others are there all the same."""
        found: list[T | Damaged | None] = [self._recent.get(place, as_bytes(sealed)) for place, sealed in rows]
        unknown = [n for n, thing in enumerate(found) if thing is None]
        if unknown:
            self._fetch(rows[n][0].unit for n in unknown)
            bodies = [self._body(rows[n][0], as_bytes(rows[n][1])) for n in unknown]
            self._fetch(author for body in bodies if isinstance(body, Opened) for author in body.words)
            for n, body in zip(unknown, bodies, strict=True):
                place, sealed = rows[n]
                thing = self._thing(body, decode if callable(decode) else decode[n])
                found[n] = thing
                if not isinstance(thing, Damaged):
                    self._recent.put(place, as_bytes(sealed), thing)
        return [thing for thing in found if thing is not None]

    def _body(self, place: Place, sealed: bytes) -> Opened | Damaged:
        try:
            return open_body(self._ring, place, sealed)
        except Damaged as fault:
            return fault

    def _thing(self, body: Opened | Damaged, decode: Callable[[Sheet], T]) -> T | Damaged:
        if isinstance(body, Damaged):
            return body
        for author in body.words:
            if author in self._unusable:  # a key that is gone is one thing, and one that is damaged another
                return self._unusable[author]
        try:
            return decode(open_words(self._ring, body))
        except Damaged as fault:
            return fault
        except (ValueError, LookupError):  # it is from another program, or was written by mistake; it may hold words
            return damaged(body.place.name)

    def sealed(self, things: Sequence[tuple[Place, T]], encode: Callable[[T], Sheet]) -> list[bytes]:
        """Return these things as they are stored. Who has no key yet is given one. Raises Damaged."""
        sheets = [encode(thing) for _, thing in things]
        units = [
            name for (place, _), sheet in zip(things, sheets, strict=True) for name in (place.unit, *sheet.words)
        ]
        self._fetch(units)
        new = [unit for unit in dict.fromkeys(units) if not self._ring.has(unit)]
        for unit in new:
            if unit in self._unusable:
                raise self._unusable[unit]
        if new:
            self.made += new
            keys = [self._ring.make(unit) for unit in new]
            self._db.executemany(
                "INSERT INTO key (unit, master, wrapped) VALUES (?, ?, ?)",
                [(key.unit, key.master, key.wrapped) for key in keys],
            )
        bodies = [seal(self._ring, place, sheet) for (place, _), sheet in zip(things, sheets, strict=True)]
        for (place, thing), body in zip(things, bodies, strict=True):
            self._recent.put(place, body, thing)
        return bodies

    def done(self) -> None:
        """Forget the keys that were deleted by a transaction that is committed."""
        self._ring.forget(self.erased)
        if self.erased:
            self._recent.clear()

    def undone(self) -> None:
        """Forget the keys that were made in a transaction that was left without a commit.

        And those that were deleted: whoever is cancelled in the commit does not know whether they are.
        """
        self._ring.forget(self.made)
        self.done()

    def _fetch(self, units: Iterable[str]) -> None:
        missing = self._ring.missing(units)
        if not missing:
            return
        sql = "SELECT unit, master, wrapped FROM key WHERE unit IN (SELECT value FROM json_each(?))"
        for unit, master, wrapped in self._db.execute(sql, (json.dumps(missing),)):
            try:
                self._ring.take(WrappedKey(str(unit), str(master), as_bytes(wrapped)))
            except (Damaged, KeyMissing):
                self._unusable[str(unit)] = Damaged(f"key {unit}")


def whole(things: Iterable[T | Damaged]) -> list[T]:
    """Return these things. Raises Damaged when one of them is."""
    found: list[T] = []
    for thing in things:
        if isinstance(thing, Damaged):
            raise thing
        found.append(thing)
    return found


def as_bytes(stored: object) -> bytes:
    """Return what is stored; nothing, which never opens, when it is no bytes at all."""
    return stored if isinstance(stored, bytes) else b""


def open_ring(connection: sqlite3.Connection, ring: Keyring) -> None:
    """See that there is a master key for every key that is stored. Raises KeyMissing."""
    for (master,) in connection.execute(_MASTERS):
        ring.require(str(master))
