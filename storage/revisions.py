"""The stored revisions of flows in SQLite, and who needs them."""

import json
import zlib
from collections.abc import Sequence

import aiosqlite

from bot.conversation.outbox import OutboxRow
from bot.flows.revisions import Published
from storage import codec


def _leaping(column: str, table: str, where: str) -> str:
    """A query for the distinct values of an indexed column: as many steps as there are values, not rows."""
    return (
        f"WITH RECURSIVE found (value) AS (SELECT min({column}) FROM {table} WHERE {where} UNION ALL "  # noqa: S608  # constants, below
        f"SELECT (SELECT min({column}) FROM {table} WHERE {where} AND {column} > value) FROM found "
        "WHERE value IS NOT NULL) SELECT value FROM found WHERE value IS NOT NULL"
    )


PINNED = _leaping("revision", "session", "open = 1")
"""The revisions of open sessions."""

HELD = (
    _leaping("composed", "session", "open = 1 AND composed <> '[]'"),
    _leaping("revisions", "unit", "revisions <> '[]'"),
    _leaping("revisions", "record", "revisions <> '[]'"),
    "SELECT DISTINCT revisions FROM outbox WHERE state IN ('queued', 'claimed')",
)
"""Lists of revisions: of texts composed in open sessions, of what people hold, of records, of what is not sent."""


class SqliteRevisions:
    """The revisions, within one transaction."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._db = connection

    async def published(self) -> list[Published]:
        """Return every stored revision."""
        rows = await self._db.execute_fetchall("SELECT revision, flow, version, body FROM flow_revision")
        return [
            Published(revision=str(r[0]), flow=str(r[1]), version=int(r[2]), body=zlib.decompress(bytes(r[3])))
            for r in rows
        ]

    async def publish(self, revisions: Sequence[Published]) -> None:
        """Store revisions; one that is there already stays as it is."""
        await self._db.executemany(
            "INSERT OR IGNORE INTO flow_revision VALUES (?, ?, ?, ?)",
            [(one.revision, one.flow, one.version, zlib.compress(one.body, 9)) for one in revisions],
        )

    async def withdraw(self, revisions: Sequence[str]) -> None:
        """Throw revisions away."""
        await self._db.executemany("DELETE FROM flow_revision WHERE revision = ?", [(one,) for one in revisions])

    async def needed(self) -> set[str]:
        """Return the revisions that an open session, an unopened or unsent message, or kept words need."""
        found = {str(row[0]) for row in await self._db.execute_fetchall(PINNED)}
        for lists in HELD:
            for row in await self._db.execute_fetchall(lists):
                found |= set(json.loads(row[0]))
        return found

    async def sessions(self, revision: str) -> list[str]:
        """Return the open sessions that are pinned to that revision."""
        sql = "SELECT id FROM session WHERE open = 1 AND revision = ? ORDER BY id"
        return [str(row[0]) for row in await self._db.execute_fetchall(sql, (revision,))]

    async def unsent(self, session_id: str) -> list[OutboxRow]:
        """Return what of a session was not sent yet, the oldest first."""
        sql = "SELECT body FROM outbox WHERE state IN ('queued', 'claimed') AND session = ? ORDER BY seq"
        return [codec.decode_row(bytes(row[0])) for row in await self._db.execute_fetchall(sql, (session_id,))]


def as_list(revisions: Sequence[str]) -> str:
    """Return revisions as they are stored beside what needs them."""
    return json.dumps(list(revisions))
