"""Wrapping the data keys anew, under the master key in use: some at a time, so that it can be broken off anywhere."""

import sqlite3
from contextlib import closing
from pathlib import Path

from storage.keyring import Keyring, WrappedKey
from storage.master_keys import MasterKeys, name_of
from storage.migrations import require_current
from storage.sealed_rows import as_bytes, open_ring

AT_ONCE = 2_000
"""Keys of one transaction."""

WAIT = 5.0
"""Seconds to wait for another program's lock before giving up."""


def rewrap(database: Path, masters: MasterKeys) -> int:
    """Wrap every key under the master key in use; return how many were not. Raises StoreUnusable and Damaged."""
    ring = Keyring(masters)
    current = name_of(masters.current)
    done = 0
    with closing(sqlite3.connect(database, isolation_level=None, timeout=WAIT)) as connection:
        require_current(connection)
        open_ring(connection, ring)
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("BEGIN IMMEDIATE")  # so that whatever keeps it from being written shows at once
        connection.execute("COMMIT")
        while True:
            sql = "SELECT unit, master, wrapped FROM key WHERE master <> ? LIMIT ?"
            found = connection.execute(sql, (current, AT_ONCE)).fetchall()
            if not found:
                break
            keys = [ring.rewrapped(WrappedKey(str(row[0]), str(row[1]), as_bytes(row[2]))) for row in found]
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(
                "UPDATE key SET master = ?, wrapped = ? WHERE unit = ?",
                [(key.master, key.wrapped, key.unit) for key in keys],
            )
            connection.execute("COMMIT")
            done += len(keys)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return done
