"""The yardstick: the statements of a turn in plain sqlite3, on bodies as long, with nothing around them."""

import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from storage.migrations import all_migrations, statements

UNIT, SESSION, PROMPT, ROW = (b"u" * 420, b"s" * 900, b"p" * 330, b"r" * 480)
"""Bodies as long as those of the whole turn are, sealed."""


class Raw:
    """A file with the store's own tables, written by hand."""

    def __init__(self, path: Path, people: Sequence[str]) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.execute("PRAGMA secure_delete = ON")
        for migration in all_migrations():
            for statement in statements(migration.sql):
                self._db.execute(statement)
        self._db.execute("BEGIN IMMEDIATE")
        self._db.executemany("INSERT INTO unit VALUES (?, 'person', 1, ?, '[]')", [(one, UNIT) for one in people])
        self._db.executemany(
            "INSERT INTO session VALUES (?, ?, 1, 0, ?, 'r', '[]', 1, NULL)",
            [(f"s-{one}", one, SESSION) for one in people],
        )
        self._db.execute("COMMIT")
        self._turns = 0

    def take(self, people: Sequence[str]) -> None:
        """Take a turn of each of them, in one transaction; then note that the replies were sent, in another."""
        self._turns += 1
        turn, db, keys = self._turns, self._db, json.dumps(list(people))
        events = [f"{one}-{turn}" for one in people]
        db.execute("BEGIN IMMEDIATE")
        db.execute("SELECT event FROM inbox WHERE event IN (SELECT value FROM json_each(?))", (keys,)).fetchall()
        db.execute("SELECT * FROM unit WHERE id IN (SELECT value FROM json_each(?))", (keys,)).fetchall()
        sessions = "SELECT * FROM session WHERE open = 1 AND unit IN (SELECT value FROM json_each(?))"
        db.execute(sessions, (keys,)).fetchall()
        db.executemany("INSERT INTO inbox VALUES (?, ?)", [(event, turn) for event in events])
        db.executemany(
            "UPDATE unit SET version = version + 1, body = ? WHERE id = ?", [(UNIT, one) for one in people]
        )
        db.executemany("UPDATE session SET body = ? WHERE id = ?", [(SESSION, f"s-{one}") for one in people])
        db.executemany(
            "INSERT INTO prompt VALUES (?, ?, 'me', ?, NULL, ?, ?, ?, ?)",
            [
                (f"t-{event}", f"s-{one}", turn, PROMPT, one, one, turn)
                for event, one in zip(events, people, strict=True)
            ],
        )
        db.executemany(
            "INSERT INTO outbox (id, unit, session, chat, waits_while_frozen, not_before, state, body) "
            "VALUES (?, ?, ?, ?, 0, 0, 'queued', ?)",
            [(f"m-{event}", one, f"s-{one}", one, ROW) for event, one in zip(events, people, strict=True)],
        )
        db.execute("COMMIT")
        db.execute("BEGIN IMMEDIATE")
        names = [(f"m-{event}",) for event in events]
        db.executemany("UPDATE outbox SET state = 'sent', settled_at = 1 WHERE id = ?", names)
        db.execute("COMMIT")

    def close(self) -> None:
        """Close the file."""
        self._db.close()
