"""SQLite through aiosqlite: one writing connection a process, one transaction a turn, full durability."""

import asyncio
import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import aiosqlite

from bot.conversation.envelope import DeadlineCame
from bot.conversation.outbox import MessageClass, OutboxRow, RowKind, Target
from bot.conversation.ports import Changes, VersionConflict
from bot.conversation.record import Record
from bot.conversation.units import Invite, Person, SentPrompt, UnitState
from bot.engine.machine import deadline
from bot.engine.session import Session
from storage import codec
from storage.migrations import migrate, require_current
from storage.revisions import SqliteRevisions, as_list

OPEN_WAIT = 5_000
"""Milliseconds to wait for another process's lock before giving up."""


_SENDABLE = (
    "outbox AS o LEFT JOIN session AS s ON s.id = o.session "
    "WHERE o.state IN ('queued', 'claimed') AND (o.state = 'queued' OR o.not_before > 0) "
    "AND (o.waits_while_frozen = 0 OR s.frozen IS NOT 1) "
    "AND NOT EXISTS (SELECT 1 FROM outbox AS c LEFT JOIN session AS f ON f.id = c.session "
    "WHERE c.chat = o.chat AND c.state IN ('queued', 'claimed') AND c.state = 'claimed' AND c.seq <> o.seq "
    "AND NOT (c.not_before > 0 AND c.waits_while_frozen = 1 AND f.frozen IS 1))"
)
"""Rows that nothing but the time keeps from being sent.

The states are named as the partial index names them, or SQLite reads every row that was ever sent.
"""


class SqliteStore:
    """The embedded store. Make it with ``open_store``."""

    def __init__(self, connection: aiosqlite.Connection, *, begin: str = "BEGIN IMMEDIATE") -> None:
        self._connection = connection
        self._begin = begin
        self._lock = asyncio.Lock()

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator["SqliteTransaction"]:
        """Begin a transaction. It commits when the block ends, and writes nothing when it is left by an exception."""
        async with self._lock:
            await self._connection.execute(self._begin)
            try:
                yield SqliteTransaction(self._connection)
                await self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:  # a full disk ends it by itself
                    await self._connection.execute("ROLLBACK")
                raise

    async def close(self) -> None:
        """Close the file; what was committed stays."""
        await self._connection.close()


async def open_store(path: Path | None) -> SqliteStore:
    """Return the store in that file (None: in memory), its schema up to date. Raises SchemaUnknown."""
    name = ":memory:" if path is None else str(path)
    connection = await aiosqlite.connect(name, isolation_level=None)
    try:
        await connection.execute(f"PRAGMA busy_timeout = {OPEN_WAIT}")
        await connection.execute("PRAGMA journal_mode = WAL")
        await connection.execute("PRAGMA synchronous = FULL")
        await connection.execute("PRAGMA secure_delete = ON")
        await migrate(connection)
    except BaseException:
        await connection.close()
        raise
    return SqliteStore(connection)


async def open_to_read(path: Path) -> SqliteStore:
    """Return the store in that file, which is not changed, whoever uses it meanwhile.

    Raises SchemaUnknown, and sqlite3.Error for what is no database.
    """
    connection = await aiosqlite.connect(_to_read(path), isolation_level=None, uri=True)
    try:
        await connection.execute(f"PRAGMA busy_timeout = {OPEN_WAIT}")
        await require_current(connection)
    except BaseException:
        await connection.close()
        raise
    return SqliteStore(connection, begin="BEGIN")


def _to_read(path: Path) -> str:
    return f"{path.resolve().as_uri()}?mode=ro"


class SqliteTransaction:
    """The statements of a turn. Lists travel as JSON, so that one statement serves any number of keys."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._db = connection

    async def _one(self, sql: str, args: Sequence[object]) -> Sequence[object] | None:
        async with self._db.execute(sql, args) as cursor:
            row = await cursor.fetchone()
            return None if row is None else tuple(row)

    async def _all(self, sql: str, args: Sequence[object]) -> list[tuple[object, ...]]:
        return [tuple(row) for row in await self._db.execute_fetchall(sql, args)]

    @property
    def revisions(self) -> SqliteRevisions:
        """The stored revisions of flows, in this transaction."""
        return SqliteRevisions(self._db)

    # Reading

    async def seen(self, event_id: str) -> bool:
        """Return whether this event was settled already."""
        return await self._one("SELECT 1 FROM inbox WHERE event = ?", (event_id,)) is not None

    async def unit_of(self, platform: str, place: str) -> str | None:
        """Return the unit behind a platform's chat or account, or None."""
        row = await self._one("SELECT unit FROM chat WHERE platform = ? AND place = ?", (platform, place))
        return None if row is None else str(row[0])

    async def load_units(self, ids: Sequence[str]) -> dict[str, UnitState]:
        """Return the units that exist, each with its open sessions."""
        keys = json.dumps(sorted(set(ids)))
        rows = await self._all(
            "SELECT id, kind, version, body FROM unit WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id",
            (keys,),
        )
        sessions = await self._all(
            "SELECT unit, id, body FROM session WHERE open = 1 AND unit IN (SELECT value FROM json_each(?)) "
            "ORDER BY id",
            (keys,),
        )
        states = {
            str(unit): UnitState(unit=codec.decode_unit(str(kind), _blob(body)), version=int(str(version)))
            for unit, kind, version, body in rows
        }
        for unit, session, body in sessions:
            states[str(unit)].sessions[str(session)] = codec.decode_session(_blob(body))
        return states

    async def load_session(self, session_id: str) -> Session | None:
        """Return a session, ended ones included."""
        row = await self._one("SELECT body FROM session WHERE id = ?", (session_id,))
        return None if row is None else codec.decode_session(_blob(row[0]))

    async def last_event_at(self) -> int:
        """Return when the newest settled event was, 0 when there is none."""
        row = await self._one("SELECT max(at) FROM inbox", ())
        return 0 if row is None or row[0] is None else int(str(row[0]))

    async def open_sessions(self) -> list[Session]:
        """Return every open session: for showing where things stand, never for a turn."""
        rows = await self._all("SELECT body FROM session WHERE open = 1 ORDER BY id", ())
        return [codec.decode_session(_blob(row[0])) for row in rows]

    async def find_prompt(self, token: str) -> SentPrompt | None:
        """Return what a token stands for."""
        row = await self._one("SELECT body FROM prompt WHERE token = ?", (token,))
        return None if row is None else codec.decode_prompt(_blob(row[0]))

    async def find_prompts(self, session_id: str, lane: str, entry: int) -> list[SentPrompt]:
        """Return the prompts that were sent for that fence."""
        rows = await self._all(
            "SELECT body FROM prompt WHERE session = ? AND lane = ? AND entry = ? ORDER BY token",
            (session_id, lane, entry),
        )
        return [codec.decode_prompt(_blob(row[0])) for row in rows]

    async def find_invite(self, digest: str) -> Invite | None:
        """Return the invite of that digest."""
        row = await self._one("SELECT body FROM invite WHERE digest = ?", (digest,))
        return None if row is None else codec.decode_invite(_blob(row[0]))

    async def load_records(self, unit: str, kind: str) -> list[Record]:
        """Return the unit's records of a kind, ended ones included, the oldest first."""
        rows = await self._all("SELECT body FROM record WHERE unit = ? AND kind = ?", (unit, kind))
        found = [codec.decode_record(_blob(row[0])) for row in rows]
        return sorted(found, key=lambda record: (record.at, record.id))

    async def sweep_records(self, over: int) -> None:
        """Delete every record that has been over since then or longer."""
        await self._db.execute("DELETE FROM record WHERE over <= ?", (over,))

    # Writing a turn

    async def write(self, changes: Changes) -> None:
        """Write a turn. Raises VersionConflict when a unit changed since it was read."""
        await self._db.execute("INSERT INTO inbox VALUES (?, ?)", (changes.event_id, changes.at))
        for change in changes.units:
            unit = change.state.unit
            body = codec.encode_unit(unit)
            needs = as_list(unit.revisions if isinstance(unit, Person) else ())
            if change.version == 0:
                row = (unit.id, codec.kind_of(unit), 1, body, needs)
                cursor = await self._db.execute("INSERT OR IGNORE INTO unit VALUES (?, ?, ?, ?, ?)", row)
            else:
                row = (change.state.version, body, needs, unit.id, change.version)
                cursor = await self._db.execute(
                    "UPDATE unit SET version = ?, body = ?, revisions = ? WHERE id = ? AND version = ?", row
                )
            if cursor.rowcount != 1:
                message = f"unit {unit.id} is not at version {change.version} any more"
                raise VersionConflict(message)
        await self._db.executemany("INSERT INTO chat VALUES (?, ?, ?)", changes.chats)
        await self._db.executemany("DELETE FROM timer WHERE session = ? AND entry = ?", changes.fired)
        for session in changes.sessions:
            await self._write_session(session)
        await self._db.executemany(
            "INSERT INTO prompt VALUES (?, ?, ?, ?, NULL, ?)",
            [(p.token, p.session, p.lane, p.entry, codec.encode_prompt(p)) for p in changes.prompts],
        )
        await self._db.executemany(
            "INSERT INTO invite VALUES (?, ?) ON CONFLICT (digest) DO UPDATE SET body = excluded.body",
            [(i.digest, codec.encode_invite(i)) for i in changes.invites],
        )
        await self._db.executemany(
            "INSERT INTO outbox (id, unit, session, chat, waits_while_frozen, not_before, state, body, revisions) "
            "VALUES (?, ?, ?, ?, ?, ?, 'queued', ?, ?)",
            [(*_columns(r), codec.encode_row(r), as_list(r.revisions)) for r in changes.outbox],
        )
        await self._db.executemany("DELETE FROM timer WHERE session = ?", [(s,) for s in changes.parked])
        await self._db.executemany(
            "INSERT INTO record VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (unit, kind, id) DO UPDATE "
            "SET over = excluded.over, body = excluded.body, revisions = excluded.revisions",
            [(r.unit, r.kind, r.id, r.over, codec.encode_record(r), as_list(r.revisions)) for r in changes.records],
        )
        await self._db.executemany(
            "DELETE FROM record WHERE unit = ? AND kind = ? AND id = ?",
            [(at.unit, at.kind, at.id) for at in changes.forgotten],
        )

    async def _write_session(self, session: Session) -> None:
        row = (session.id, session.unit, not session.ended, session.frozen_at is not None)
        needs = (session.revision, as_list([one for one in session.revisions if one != session.revision]))
        await self._db.execute(
            "INSERT INTO session VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE "
            "SET open = excluded.open, frozen = excluded.frozen, body = excluded.body, "
            "revision = excluded.revision, composed = excluded.composed",
            (*row, codec.encode_session(session), *needs),
        )
        due = deadline(session)
        if due is None:
            await self._db.execute("DELETE FROM timer WHERE session = ?", (session.id,))
        else:
            await self._db.execute(
                "INSERT INTO timer VALUES (?, ?, ?, ?) ON CONFLICT (session) DO UPDATE "
                "SET entry = excluded.entry, due = excluded.due",
                (session.unit, session.id, due[1], due[0]),
            )

    # Timers and the outbox

    async def due(self, now: int, limit: int) -> list[DeadlineCame]:
        """Return deadlines that are due, the earliest first."""
        rows = await self._all(
            "SELECT unit, session, entry, due FROM timer WHERE due <= ? ORDER BY due, session LIMIT ?", (now, limit)
        )
        return [
            DeadlineCame(unit=str(unit), session=str(session), entry=int(str(entry)), due=int(str(due)))
            for unit, session, entry, due in rows
        ]

    async def next_due(self) -> int | None:
        """Return when the next deadline or delayed message is due."""
        delayed = f"SELECT min(o.not_before) FROM {_SENDABLE} AND o.not_before > 0"  # noqa: S608  # a constant
        rows = [await self._one("SELECT min(due) FROM timer", ()), await self._one(delayed, ())]
        return min((int(str(row[0])) for row in rows if row is not None and row[0] is not None), default=None)

    async def claim(self, now: int, limit: int) -> list[OutboxRow]:
        """Mark rows as claimed and return them: the oldest of each chat that may be sent now.

        What belongs to a frozen session waits, and holds nothing else of its chat up. What failed and is to be tried
        again stays claimed, with the time of that: it keeps its place before everything later of its chat.
        """
        rows = await self._all(
            f"SELECT min(o.seq), o.body FROM {_SENDABLE} AND o.not_before <= ? "  # noqa: S608  # a constant
            "GROUP BY o.chat ORDER BY 1 LIMIT ?",
            (now, limit),
        )
        await self._db.executemany(
            "UPDATE outbox SET state = 'claimed', not_before = 0 WHERE seq = ?", [(row[0],) for row in rows]
        )
        return [codec.decode_row(_blob(row[1])) for row in rows]

    async def message_ref(self, token: str) -> tuple[Target, str] | None:
        """Return where the prompt of a token was sent, as the platform names it."""
        row = await self._one("SELECT body, ref FROM prompt WHERE token = ?", (token,))
        if row is None or row[1] is None:
            return None
        return codec.decode_prompt(_blob(row[0])).target, str(row[1])

    async def sent(self, row: OutboxRow, ref: str, at: int) -> None:
        """Note that a row was sent, and the platform's name for its message."""
        await self._settle(row, "sent", at)
        if row.token and row.kind is RowKind.MESSAGE:
            await self._db.execute("UPDATE prompt SET ref = ? WHERE token = ?", (ref, row.token))

    async def drop(self, row: OutboxRow, at: int) -> None:
        """Note that a row will not be sent."""
        await self._settle(row, "dropped", at)

    async def _settle(self, row: OutboxRow, state: str, at: int) -> None:
        await self._db.execute("UPDATE outbox SET state = ?, settled_at = ? WHERE id = ?", (state, at, row.id))

    async def retry(self, row: OutboxRow, not_before: int) -> None:
        """Put a row back whose sending failed; it is claimed again from then on."""
        await self._db.execute("UPDATE outbox SET not_before = ? WHERE id = ?", (max(1, not_before), row.id))

    async def postpone(self, row: OutboxRow, not_before: int) -> None:
        """Put a claimed row back until then; what comes after it in its chat does not wait for it."""
        await self._db.execute(
            "UPDATE outbox SET state = 'queued', not_before = ? WHERE id = ?", (max(1, not_before), row.id)
        )

    async def unclaim(self) -> int:
        """Put claimed rows back after a restart; returns how many."""
        cursor = await self._db.execute("UPDATE outbox SET state = 'queued', not_before = 0 WHERE state = 'claimed'")
        return cursor.rowcount


def _columns(row: OutboxRow) -> tuple[object, ...]:
    return row.id, row.unit, row.session, row.target.key, _waits(row), row.not_before


def _waits(row: OutboxRow) -> bool:
    return row.cls not in {MessageClass.REPLY, MessageClass.SIGNAL}


def _blob(value: object) -> bytes:
    if isinstance(value, bytes):
        return value
    message = "a stored value is not a blob: the file is damaged, restore a backup"
    raise ValueError(message)
