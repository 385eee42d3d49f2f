"""Sealed rows: the body under the key of the unit whose it is, and in it everybody's words under their own keys.

Each is sealed for one place: a table, a row, a unit and, where there is one, a version. Moved elsewhere, it does not
open.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass

from storage.codec import Sheet
from storage.keyring import Keyring, damaged

_SIZE = struct.Struct(">I")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sealed body belongs."""

    table: str
    row: str
    unit: str
    version: int = 0

    @property
    def name(self) -> str:
        """The place, told in one line: each part is an id without a zero byte."""
        return f"{self.table}\0{self.row}\0{self.unit}\0{self.version}"

    def words_of(self, author: str) -> str:
        """The place in it of somebody's words."""
        return f"{self.name}\0{author}"


@dataclass(frozen=True, slots=True)
class Opened:
    """A body that was opened; everybody's words in it are sealed still."""

    place: Place
    body: bytes
    words: Mapping[str, bytes]


def seal(ring: Keyring, place: Place, sheet: Sheet) -> bytes:
    """Return a sheet sealed for that place. The keys of the unit and of all authors are at hand."""
    parts = [sheet.body]
    for author, words in sheet.words.items():
        parts += [author.encode(), ring.seal(author, words, place.words_of(author))]
    return ring.seal(place.unit, b"".join(_SIZE.pack(len(part)) + part for part in parts), place.name)


def open_body(ring: Keyring, place: Place, sealed: bytes) -> Opened:
    """Open what was sealed for that place, but for people's words. Raises Damaged."""
    body, *rest = _parts(place, ring.open(place.unit, sealed, place.name))
    return Opened(place, body, {rest[n].decode(): rest[n + 1] for n in range(0, len(rest), 2)})


def open_words(ring: Keyring, opened: Opened) -> Sheet:
    """Open the words of everybody who has a key still: what an erased person wrote is gone. Raises Damaged."""
    words = {
        author: ring.open(author, sealed, opened.place.words_of(author))
        for author, sealed in opened.words.items()
        if ring.has(author)
    }
    return Sheet(opened.body, words)


def _parts(place: Place, plain: bytes) -> list[bytes]:
    found: list[bytes] = []
    at = 0
    while at < len(plain):
        (size,) = _SIZE.unpack_from(plain, at)
        at += _SIZE.size
        found.append(plain[at : at + size])
        at += size
    if not found or len(found) % 2 == 0:
        raise damaged(place.name)
    return found
