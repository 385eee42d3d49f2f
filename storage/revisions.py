"""The stored revisions of flows in SQLite, and who needs them."""

import json
import sqlite3
import zlib
from collections.abc import Sequence

import structlog

from bot.conversation.outbox import OutboxRow
from bot.conversation.ports import Damaged
from bot.flows.revisions import Published
from storage import codec
from storage.places import of_message
from storage.sealed_rows import SealedRows

_log = structlog.get_logger(__name__)


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

    def __init__(self, connection: sqlite3.Connection, rows: SealedRows) -> None:
        self._db = connection
        self._rows = rows

    async def published(self) -> list[Published]:
        """Return every stored revision."""
        rows = self._db.execute("SELECT revision, flow, version, body FROM flow_revision")
        return [Published(revision=str(r[0]), flow=str(r[1]), version=int(r[2]), body=_unpacked(r[3])) for r in rows]

    async def publish(self, revisions: Sequence[Published]) -> None:
        """Store revisions; one that is there already stays as it is."""
        self._db.executemany(
            "INSERT OR IGNORE INTO flow_revision VALUES (?, ?, ?, ?)",
            [(one.revision, one.flow, one.version, zlib.compress(one.body, 9)) for one in revisions],
        )

    async def withdraw(self, revisions: Sequence[str]) -> None:
        """Throw revisions away."""
        self._db.executemany("DELETE FROM flow_revision WHERE revision = ?", [(one,) for one in revisions])

    async def needed(self) -> set[str]:
        """Return the revisions that an open session, an unopened or unsent message, or kept words need.

        When a list of them is damaged, every one may be.
        """
        found = {str(row[0]) for row in self._db.execute(PINNED)}
        for lists in HELD:
            for row in self._db.execute(lists):
                listed = _listed(row[0])
                if listed is None:
                    _log.error("list_of_revisions_damaged")
                    return found | {one.revision for one in await self.published()}
                found |= set(listed)
        return found

    async def sessions(self, revision: str) -> list[str]:
        """Return the open sessions that are pinned to that revision."""
        sql = "SELECT id FROM session WHERE open = 1 AND revision = ? ORDER BY id"
        return [str(row[0]) for row in self._db.execute(sql, (revision,))]

    async def unsent(self, session_id: str) -> list[OutboxRow]:
        """Return what of a session was not sent yet and can be read, the oldest first."""
        sql = "SELECT id, unit, body FROM outbox WHERE state IN ('queued', 'claimed') AND session = ? ORDER BY seq"
        rows = self._db.execute(sql, (session_id,))
        bodies = [(of_message(str(row[0]), str(row[1])), row[2]) for row in rows]
        found = self._rows.each_opened(bodies, codec.decode_row)
        return [row for row in found if not isinstance(row, Damaged)]


def _unpacked(body: object) -> bytes:
    """The body of a revision; nothing, if it is damaged, which cannot be made a flow again."""
    try:
        return zlib.decompress(body) if isinstance(body, bytes) else b""
    except zlib.error:
        return b""


def _listed(revisions: object) -> list[str] | None:
    try:
        return [str(one) for one in json.loads(str(revisions))]
    except (ValueError, TypeError):
        return None


def as_list(revisions: Sequence[str]) -> str:
    """Return revisions as they are stored beside what needs them."""
    return json.dumps(list(revisions))
