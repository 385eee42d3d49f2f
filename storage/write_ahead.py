"""SQLite's write-ahead log, looked at when a database is opened: whether it ends in the middle of something.

SQLite itself goes on at the last commit that is whole, and says nothing of what is behind it. A log that was cut off
exactly between two commits is as if the later ones had never been: nothing in it tells.
"""

import sqlite3
import struct
from pathlib import Path

_HEADER, _FRAME_HEADER = 32, 24
_SALTS = struct.Struct(">2I")
_PAGE_SIZE = struct.Struct(">I")

_ROUNDS = 1 << 20
"""So many rounds back, what is left of an earlier round of the log is taken for that. Each counts its salt up."""


def ends_in_the_middle(connection: sqlite3.Connection, database: Path) -> bool:
    """Return whether the log of a database goes on behind its last whole commit: cut off, or with what is none.

    Asked once, before anything is written. What was not committed is no loss; what was, and is damaged, would be.
    """
    _, frames, _ = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    log = database.with_name(f"{database.name}-wal")
    if frames < 0 or not log.exists():
        return False
    with log.open("rb") as file:
        header = file.read(_HEADER)
        if len(header) < _HEADER:
            return bool(header)
        (page_size,) = _PAGE_SIZE.unpack_from(header, 8)
        round_, chance = _SALTS.unpack_from(header, 16)
        size = _FRAME_HEADER + page_size
        behind = file.seek(0, 2) - _HEADER - frames * size
        if behind <= 0:
            return False
        file.seek(_HEADER + frames * size)
        salts = file.read(_FRAME_HEADER)[8:16]
    if behind % size or len(salts) < _SALTS.size:
        return True
    found, by_chance = _SALTS.unpack(salts)
    if (found, by_chance) == (round_, chance):
        return True  # begun in this round, and never committed whole
    return not 0 < (round_ - found) % (1 << 32) < _ROUNDS
