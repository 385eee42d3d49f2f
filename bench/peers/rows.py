"""One SQLite row a conversation, committed a turn: what somebody writes whose library has no store of its own."""

import sqlite3
from pathlib import Path


class Rows:
    """Bytes by key. Every save is one transaction, synchronous FULL."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.execute("CREATE TABLE IF NOT EXISTS kept (key TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID")

    @property
    def synchronous(self) -> int:
        """How the file is synchronised; 2 is FULL."""
        return self._db.execute("PRAGMA synchronous").fetchone()[0]

    def load(self, key: str) -> bytes | None:
        """Return what is kept under that key."""
        row = self._db.execute("SELECT body FROM kept WHERE key = ?", (key,)).fetchone()
        return None if row is None else row[0]

    def under(self, prefix: str) -> dict[str, bytes]:
        """Return what is kept under keys that begin so, without that beginning."""
        rows = self._db.execute("SELECT key, body FROM kept WHERE key GLOB ? || '*'", (prefix,)).fetchall()
        return {key.removeprefix(prefix): body for key, body in rows}

    def save(self, key: str, body: bytes) -> None:
        """Keep it; when this returns it is on the disk."""
        self._db.execute("INSERT INTO kept VALUES (?, ?) ON CONFLICT DO UPDATE SET body = excluded.body", (key, body))

    def close(self) -> None:
        """Close the file."""
        self._db.close()
