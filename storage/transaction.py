"""One transaction of the SQLite store: hand-written statements, one a table for any number of turns."""

import json
import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import partial

import structlog

from bot.conversation.envelope import DeadlineCame, ScheduleCame
from bot.conversation.message import Shown
from bot.conversation.outbox import MessageClass, OutboxRow, RowKind, Target, TargetKind
from bot.conversation.ports import (
    Changes,
    ChatAt,
    Claimed,
    Damaged,
    Erased,
    FenceAt,
    RecordsAt,
    Sending,
    Settled,
    UnitChange,
    VersionConflict,
)
from bot.conversation.record import Record
from bot.conversation.retention import ENDED, PASSED, Sweep
from bot.conversation.units import Invite, Person, SentPrompt, Unit, UnitState
from bot.engine.machine import deadline
from bot.engine.session import Session
from storage import codec
from storage.places import of_invite, of_message, of_prompt, of_record, of_session, of_unit
from storage.revisions import SqliteRevisions, as_list
from storage.sealed_rows import SealedRows, whole
from storage.sealing import Place
from storage.sweeping import AT_ONCE, sweep, sweep_keys

_WAITS = (
    "{row}.state IN ('queued', 'claimed') AND ({row}.state = 'queued' OR {row}.not_before > 0) "
    "AND ({row}.waits_while_frozen = 0 OR {session}.frozen IS NOT 1)"
)
"""A row that nothing of its own but the time keeps from being sent.

The states are named as the partial indices name them, or SQLite reads every row that was ever sent.
"""

_NOT_BEHIND = (
    "NOT EXISTS (SELECT 1 FROM outbox AS c LEFT JOIN session AS f ON f.id = c.session "
    "WHERE c.chat = o.chat AND c.state IN ('queued', 'claimed') AND c.state = 'claimed' AND c.seq <> o.seq "
    "AND NOT (c.not_before > 0 AND c.waits_while_frozen = 1 AND f.frozen IS 1))"
)
"""Nothing of its chat is being sent, or is to be sent again first."""

_SENDABLE = (
    "outbox AS o LEFT JOIN session AS s ON s.id = o.session "
    f"WHERE {_WAITS.format(row='o', session='s')} AND {_NOT_BEHIND}"
)
"""Rows that nothing but the time keeps from being sent."""

_OF_EARLIER = "e.chat = o.chat AND e.seq < o.seq AND e.not_before <= ?1 AND " + _WAITS.format(row="e", session="g")
_EARLIER = f"SELECT 1 FROM outbox AS e LEFT JOIN session AS g ON g.id = e.session WHERE {_OF_EARLIER}"  # noqa: S608  # a constant

_HEADS = f" AND o.not_before <= ?1 AND NOT EXISTS ({_EARLIER}) ORDER BY o.seq LIMIT ?2"
"""The rows to send now, the oldest first: of each chat its first."""

_AT_ONCE, _IN_TIME = (
    _SENDABLE.replace("AS o ", f"AS o INDEXED BY {index} ", 1) + f" AND o.waits_while_frozen = {waits}" + _HEADS
    for index, waits in (("outbox_at_once", 0), ("outbox_queue", 1))
)
"""Replies and the signals of rooms, which overtake whatever else is to be sent to other chats; and all that."""

_log = structlog.get_logger(__name__)

LIGHT_AT_ONCE = 64
"""So many rows that may be carried out twice without harm are claimed beside the messages."""


_PAIRS = "(SELECT json_extract(value, '$[0]') AS a, json_extract(value, '$[1]') AS b FROM json_each(?))"
_TRIPLES = _PAIRS.replace(" FROM", ", json_extract(value, '$[2]') AS c FROM")
"""A list of keys of several parts, as a table."""


class SqliteTransaction:
    """The statements of a turn. Lists travel as JSON, so that one statement serves any number of keys."""

    def __init__(self, connection: sqlite3.Connection, rows: SealedRows) -> None:
        self._db = connection
        self._rows = rows

    def _one(self, sql: str, args: Sequence[object]) -> Sequence[object] | None:
        return self._db.execute(sql, args).fetchone()

    def _all(self, sql: str, args: Sequence[object]) -> list[tuple[object, ...]]:
        return self._db.execute(sql, args).fetchall()

    @property
    def changed(self) -> int:
        """How many rows this connection has changed so far."""
        return self._db.total_changes

    @property
    def revisions(self) -> SqliteRevisions:
        """The stored revisions of flows, in this transaction."""
        return SqliteRevisions(self._db, self._rows)

    # Reading

    async def settled(self, event_ids: Sequence[str]) -> set[str]:
        """Return which of these events were settled already."""
        sql = "SELECT event FROM inbox WHERE event IN (SELECT value FROM json_each(?))"
        return {str(row[0]) for row in self._all(sql, (_keys(event_ids),))}

    async def units_at(self, chats: Sequence[ChatAt]) -> dict[ChatAt, str]:
        """Return the units behind those chats and accounts that are known."""
        sql = f"SELECT chat.platform, chat.place, chat.unit FROM {_PAIRS} JOIN chat ON platform = a AND place = b"  # noqa: S608  # a constant
        return {(str(row[0]), str(row[1])): str(row[2]) for row in self._all(sql, (_keys(chats),))}

    async def load_units(self, ids: Sequence[str]) -> dict[str, UnitState]:
        """Return the units that exist, each with its open sessions."""
        states = {state.unit.id: state for state in self._units(ids)}
        which = "WHERE open = 1 AND unit IN (SELECT value FROM json_each(?)) ORDER BY id"
        for place, session in self._each_session(which, (_keys(list(states)),)) if states else ():
            if isinstance(session, Damaged):
                states[place.unit].damaged.add(place.row)
            else:
                states[session.unit].sessions[session.id] = session
        return states

    async def units(self, ids: Sequence[str]) -> dict[str, Unit]:
        """Return the units that exist, without their sessions."""
        return {state.unit.id: state.unit for state in self._units(ids)}

    def _units(self, ids: Sequence[str]) -> list[UnitState]:
        if not ids:
            return []
        rows = self._all(
            "SELECT id, kind, version, body FROM unit WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id",
            (_keys(sorted(set(ids))),),
        )
        units = self._rows.opened(
            [(of_unit(str(row[0]), _int(row[2])), row[3]) for row in rows],
            [partial(codec.decode_unit, str(row[1])) for row in rows],
        )
        return [UnitState(unit=unit, version=_int(row[2])) for unit, row in zip(units, rows, strict=True)]

    async def load_sessions(self, ids: Sequence[str]) -> dict[str, Session]:
        """Return those of the sessions that there are, ended ones included."""
        found = self._sessions("WHERE id IN (SELECT value FROM json_each(?))", (_keys(ids),))
        return {session.id: session for session in found}

    def _sessions(self, where: str, args: Sequence[object]) -> list[Session]:
        return whole(session for _, session in self._each_session(where, args))

    def _each_session(self, where: str, args: Sequence[object]) -> list[tuple[Place, Session | Damaged]]:
        rows = self._all(f"SELECT id, unit, version, body FROM session {where}", args)  # noqa: S608  # constants
        places = [of_session(str(row[0]), str(row[1]), _int(row[2])) for row in rows]
        bodies = [(place, row[3]) for place, row in zip(places, rows, strict=True)]
        return list(zip(places, self._rows.each_opened(bodies, codec.decode_session), strict=True))

    async def last_event_at(self) -> int:
        """Return when the newest settled event was, 0 when there is none."""
        row = self._one("SELECT max(at) FROM inbox", ())
        return 0 if row is None or row[0] is None else int(str(row[0]))

    async def last_event_from(self, platform: str) -> int:
        """Return when the newest settled event of a platform was, 0 when there is none."""
        sql = "SELECT at FROM inbox INDEXED BY inbox_at WHERE event >= ? AND event < ? ORDER BY at DESC LIMIT 1"
        row = self._one(sql, (f"{platform}:", f"{platform};"))
        return 0 if row is None else _int(row[0])

    async def written_to(self, platform: str, since: int, limit: int) -> list[str]:
        """Return people's own chats that were written to since then, the latest first."""
        sql = (
            "SELECT substr(chat, length(?1) + 2), max(settled_at) FROM "
            "(SELECT chat, settled_at FROM outbox WHERE settled_at > ?2 AND body IS NOT NULL AND ref <> '' "
            " UNION ALL "
            " SELECT chat, settled_at FROM outbox WHERE settled_at > ?2 AND body IS NULL AND ref <> '') AS sent "
            "WHERE chat >= ?1 || '/' AND chat < ?1 || '0' AND NOT EXISTS "
            "(SELECT 1 FROM chat WHERE platform = ?1 AND place = 'room:' || substr(sent.chat, length(?1) + 2)) "
            "GROUP BY chat ORDER BY 2 DESC LIMIT ?3"
        )
        return [str(chat) for chat, _ in self._all(sql, (platform, since, limit))]

    async def open_sessions(self) -> list[Session]:
        """Return every open session that can be read: for showing where things stand, never for a turn."""
        found = self._each_session("WHERE open = 1 ORDER BY id", ())
        return [session for _, session in found if not isinstance(session, Damaged)]

    async def find_prompts(self, tokens: Sequence[str]) -> dict[str, SentPrompt]:
        """Return what the tokens stand for."""
        sql = "SELECT token, unit, body FROM prompt WHERE token IN (SELECT value FROM json_each(?))"
        rows = self._all(sql, (_keys(tokens),))
        return {prompt.token: prompt for prompt in whole(self._prompts(rows))}

    async def prompts_at(self, fences: Sequence[FenceAt]) -> dict[FenceAt, list[SentPrompt]]:
        """Return the prompts that were sent for each of these fences, and can be read."""
        found: dict[FenceAt, list[SentPrompt]] = {fence: [] for fence in fences}
        columns = "prompt.token, prompt.unit, prompt.body"
        where = "session = a AND lane = b AND entry = c ORDER BY prompt.token"
        sql = f"SELECT {columns} FROM {_TRIPLES} JOIN prompt ON {where}"  # noqa: S608  # constants
        for prompt in self._prompts(self._all(sql, (_keys(fences),))):
            if not isinstance(prompt, Damaged):
                found[(prompt.session, prompt.lane, prompt.entry)].append(prompt)
        return found

    def _prompts(self, rows: Sequence[Sequence[object]]) -> list[SentPrompt | Damaged]:
        """Return the prompts of rows that begin with a token, a unit and a body."""
        bodies = [(of_prompt(str(row[0]), str(row[1])), row[2]) for row in rows]
        return self._rows.each_opened(bodies, codec.decode_prompt)

    async def find_invites(self, digests: Sequence[str]) -> dict[str, Invite]:
        """Return the invites of these digests."""
        sql = "SELECT digest, body FROM invite WHERE digest IN (SELECT value FROM json_each(?))"
        rows = self._all(sql, (_keys(digests),))
        found = self._rows.opened([(of_invite(str(row[0])), row[1]) for row in rows], codec.decode_invite)
        return {invite.digest: invite for invite in found}

    async def load_records(self, keys: Sequence[RecordsAt]) -> dict[RecordsAt, list[Record]]:
        """Return the records of these units and kinds, ended ones included, the oldest first."""
        found: dict[RecordsAt, list[Record]] = {key: [] for key in keys}
        for record in self._records(f"{_PAIRS} JOIN record ON unit = a AND kind = b", _keys(keys)):
            found[(record.unit, record.kind)].append(record)
        return {key: sorted(records, key=lambda record: (record.at, record.id)) for key, records in found.items()}

    def _records(self, source: str, keys: str) -> list[Record]:
        sql = f"SELECT record.unit, record.kind, record.id, record.version, record.body FROM {source}"  # noqa: S608  # constants
        rows = self._all(sql, (keys,))
        places = [of_record(str(row[0]), str(row[1]), str(row[2]), _int(row[3])) for row in rows]
        bodies = [(place, row[4]) for place, row in zip(places, rows, strict=True)]
        return self._rows.opened(bodies, codec.decode_record)

    async def sessions_in(self, units: Sequence[str]) -> list[Session]:
        """Return every session of these units, ended ones included."""
        return self._sessions("WHERE unit IN (SELECT value FROM json_each(?)) ORDER BY id", (_keys(units),))

    async def records_in(self, units: Sequence[str]) -> list[Record]:
        """Return every record of these units, ended ones included."""
        found = self._records("record WHERE unit IN (SELECT value FROM json_each(?))", _keys(units))
        return sorted(found, key=lambda record: (record.at, record.id))

    async def sweep(self, what: Sweep) -> bool:
        """Delete some of what may go; return whether there is more."""
        keys = sweep_keys(self._db, what)
        self._rows.erased += keys
        return sweep(self._db, what) or len(keys) >= AT_ONCE

    # Writing a turn

    async def write(self, turns: Sequence[Changes]) -> None:
        """Write turns of which no two change the same unit. Raises VersionConflict when one has changed meanwhile.

        Each table is written by one statement for all turns, so that a turn among many costs a fraction of one alone.
        """
        self._many("INSERT INTO inbox VALUES (?, ?)", [(turn.event_id, turn.at) for turn in turns])
        self._write_units([change for turn in turns for change in turn.units])
        # Before: a chat may lead to another unit from now on.
        self._forget_chats([one.unit for turn in turns for one in turn.erased])
        self._many("INSERT INTO chat VALUES (?, ?, ?)", [chat for turn in turns for chat in turn.chats])
        fired = [fired for turn in turns for fired in turn.fired]
        self._many("DELETE FROM timer WHERE session = ? AND entry = ?", fired)
        self._write_sessions(turns)
        self._write_prompts([prompt for turn in turns for prompt in turn.prompts])
        self._write_invites([invite for turn in turns for invite in turn.invites])
        self._write_outbox([row for turn in turns for row in turn.outbox])
        parked = [(session,) for turn in turns for session in turn.parked]
        self._many("DELETE FROM timer WHERE session = ?", parked)
        silenced = [(one.unit, one.kind, one.id) for turn in turns for one in turn.silenced]
        self._many("UPDATE record SET due = NULL WHERE unit = ? AND kind = ? AND id = ?", silenced)
        self._write_records(turns)
        self._erase([one for turn in turns for one in turn.erased])

    def _forget_chats(self, units: Sequence[str]) -> None:
        """Delete what leads to these units, and what was told aside to their accounts, which stand in the clear."""
        accounts = "SELECT platform || '/' || substr(place, 9) FROM chat WHERE unit = ? AND place LIKE 'account:%'"
        for unit in units:
            self._db.execute(f"DELETE FROM outbox WHERE aside <> '' AND aside IN ({accounts})", (unit,))  # noqa: S608  # a constant
        self._many("DELETE FROM chat WHERE unit = ?", [(unit,) for unit in units])

    def _erase(self, erased: Sequence[Erased]) -> None:
        """Delete everything that these units have alone. Without their keys, what is left anywhere does not open."""
        if not erased:
            return
        units, chats = [one.unit for one in erased], [one.chat for one in erased if one.chat]
        self._db.execute(
            "DELETE FROM outbox WHERE unit <> '' AND chat IN (SELECT value FROM json_each(?))", (_keys(chats),)
        )
        self._many("DELETE FROM prompt WHERE person = ? AND unit = ''", [(one.unit,) for one in erased])
        self._many(
            "DELETE FROM prompt WHERE person = ? "
            "AND session IN (SELECT id FROM session WHERE unit IN (SELECT value FROM json_each(?)))",
            [(one.unit, _keys(one.near)) for one in erased],
        )
        for table in ("outbox", "prompt", "timer", "session", "record", "chat"):
            self._db.execute(
                f"DELETE FROM {table} WHERE unit IN (SELECT value FROM json_each(?))",  # noqa: S608  # constants
                (_keys(units),),
            )
        keys = [*units, *self._passing(units)]
        self._db.execute("DELETE FROM key WHERE unit IN (SELECT value FROM json_each(?))", (_keys(keys),))
        self._db.execute("DELETE FROM unit WHERE id IN (SELECT value FROM json_each(?))", (_keys(units),))
        self._rows.erased += keys

    def _passing(self, units: Sequence[str]) -> list[str]:
        """The keys of these people's words that pass with a session."""
        found: list[str] = []
        for unit in units:
            first, behind = f"{unit}{codec.PASSING}", f"{unit}{chr(ord(codec.PASSING) + 1)}"
            rows = self._all("SELECT unit FROM key WHERE unit > ? AND unit < ?", (first, behind))
            found += [str(row[0]) for row in rows]
        return found

    def _many(self, sql: str, rows: Sequence[Sequence[object]]) -> int:
        """Execute a statement once a row, and return how many rows it changed; without any, do nothing."""
        if not rows:
            return 0
        cursor = self._db.executemany(sql, rows)
        return cursor.rowcount

    def _write_units(self, changes: Sequence[UnitChange]) -> None:
        created: list[tuple[object, ...]] = []
        updated: list[tuple[object, ...]] = []
        states = [change.state for change in changes]
        units = [(of_unit(state.unit.id, state.version), state.unit) for state in states]
        bodies = self._rows.sealed(units, codec.encode_unit)
        for change, body in zip(changes, bodies, strict=True):
            unit, version = change.state.unit, change.state.version
            needs = as_list(unit.revisions if isinstance(unit, Person) else ())
            if change.version == 0:
                created.append((unit.id, codec.kind_of(unit), version, body, needs))
            else:
                updated.append((version, body, needs, unit.id, change.version))
        done = self._many("INSERT OR IGNORE INTO unit VALUES (?, ?, ?, ?, ?)", created)
        done += self._many(
            "UPDATE unit SET version = ?, body = ?, revisions = ? WHERE id = ? AND version = ?", updated
        )
        if done != len(changes):
            message = f"{len(changes) - done} of {len(changes)} units are not at the version that was read any more"
            raise VersionConflict(message)

    def _write_sessions(self, turns: Sequence[Changes]) -> None:
        # The insides of volatile sections are never written, nor kept in mind here.
        written = [
            (turn.at, replace(session, hidden={}) if session.hidden else session)
            for turn in turns
            for session in turn.sessions
        ]
        sessions = [session for _, session in written]
        versions = _versions(turns)
        places = [of_session(one.id, one.unit, versions.get(one.unit, 0)) for one in sessions]
        bodies = self._rows.sealed(list(zip(places, sessions, strict=True)), codec.encode_session)
        self._many(
            "INSERT INTO session VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE "
            "SET open = excluded.open, frozen = excluded.frozen, body = excluded.body, revision = excluded.revision, "
            "composed = excluded.composed, version = excluded.version, over = coalesce(over, excluded.over)",
            [
                (*_session_columns(one, body), place.version, at + ENDED if one.ended else None)
                for (at, one), body, place in zip(written, bodies, places, strict=True)
            ],
        )
        self._many(
            "UPDATE key SET over = ? WHERE unit = ? AND over IS NULL",
            [(at + PASSED, name) for at, one in written if one.ended for name in codec.passing_keys(one)],
        )
        due = {session.id: (session.unit, deadline(session)) for session in sessions}
        self._many(
            "DELETE FROM timer WHERE session = ?", [(name,) for name, (_, when) in due.items() if when is None]
        )
        self._many(
            "INSERT INTO timer VALUES (?, ?, ?, ?) ON CONFLICT (session) DO UPDATE "
            "SET entry = excluded.entry, due = excluded.due",
            [(unit, name, when[1], when[0]) for name, (unit, when) in due.items() if when is not None],
        )

    def _write_prompts(self, prompts: Sequence[SentPrompt]) -> None:
        bodies = self._rows.sealed([(of_prompt(one.token, one.unit), one) for one in prompts], codec.encode_prompt)
        self._many(
            "INSERT INTO prompt VALUES (?, ?, ?, ?, NULL, ?, ?, ?, ?)",
            [
                (p.token, p.session, p.lane, p.entry, body, p.unit, p.person, p.sent_at)
                for p, body in zip(prompts, bodies, strict=True)
            ],
        )

    def _write_invites(self, invites: Sequence[Invite]) -> None:
        bodies = self._rows.sealed([(of_invite(one.digest), one) for one in invites], codec.encode_invite)
        self._many(
            "INSERT INTO invite VALUES (?, ?, ?) ON CONFLICT (digest) DO UPDATE SET body = excluded.body",
            [(one.digest, body, one.expires_at + ENDED) for one, body in zip(invites, bodies, strict=True)],
        )

    def _write_outbox(self, rows: Sequence[OutboxRow]) -> None:
        bodies = self._rows.sealed([(of_message(row.id, row.unit), row) for row in rows], codec.encode_row)
        self._many(
            "INSERT INTO outbox "
            "(id, unit, session, chat, waits_while_frozen, not_before, again, light, aside, state, body, revisions) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'queued', ?, ?)",
            [(*_columns(row), body, as_list(row.revisions)) for row, body in zip(rows, bodies, strict=True)],
        )

    def _write_records(self, turns: Sequence[Changes]) -> None:
        records = [record for turn in turns for record in turn.records]
        versions = _versions(turns)
        places = [of_record(one.unit, one.kind, one.id, versions.get(one.unit, 0)) for one in records]
        bodies = self._rows.sealed(list(zip(places, records, strict=True)), codec.encode_record)
        self._many(
            "INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (unit, kind, id) DO UPDATE "
            "SET over = excluded.over, body = excluded.body, revisions = excluded.revisions, "
            "version = excluded.version, due = excluded.due",
            [
                (one.unit, one.kind, one.id, one.over, body, as_list(one.revisions), place.version, one.due)
                for one, body, place in zip(records, bodies, places, strict=True)
            ],
        )
        self._many(
            "DELETE FROM record WHERE unit = ? AND kind = ? AND id = ?",
            [(at.unit, at.kind, at.id) for turn in turns for at in turn.forgotten],
        )

    # Timers and the outbox

    async def due(self, now: int, limit: int) -> list[DeadlineCame]:
        """Return deadlines that are due, the earliest first."""
        rows = self._all(
            "SELECT t.unit, t.session, t.entry, t.due, coalesce(s.version, 0) FROM timer AS t "
            "LEFT JOIN session AS s ON s.id = t.session WHERE t.due <= ? ORDER BY t.due, t.session LIMIT ?",
            (now, limit),
        )
        return [
            DeadlineCame(
                unit=str(unit), session=str(session), entry=int(str(entry)), due=int(str(due)), version=_int(version)
            )
            for unit, session, entry, due, version in rows
        ]

    async def schedules_due(self, now: int, limit: int) -> list[ScheduleCame]:
        """Return what is due of that which comes by itself, the earliest first."""
        rows = self._all(
            "SELECT unit, kind, id, due, version FROM record WHERE due <= ? ORDER BY due, unit, kind, id LIMIT ?",
            (now, limit),
        )
        return [
            ScheduleCame(unit=str(unit), kind=str(kind), record=str(name), due=_int(due), version=_int(version))
            for unit, kind, name, due, version in rows
        ]

    async def next_due(self) -> int | None:
        """Return when the next deadline, anything that comes by itself, or a delayed message is due."""
        delayed = f"SELECT min(o.not_before) FROM {_SENDABLE} AND o.not_before > 0"  # noqa: S608  # a constant
        of_records = "SELECT min(due) FROM record WHERE due IS NOT NULL"
        rows = [self._one("SELECT min(due) FROM timer", ()), self._one(of_records, ()), self._one(delayed, ())]
        return min((int(str(row[0])) for row in rows if row is not None and row[0] is not None), default=None)

    async def claim(self, now: int, limit: int) -> list[Claimed]:
        """Mark rows as claimed and return them: of each chat the oldest that may be sent now.

        Replies and the signals of rooms come first. The limit is of messages; taking away buttons harms nobody when
        it is done twice.
        What belongs to a frozen session waits, and holds nothing else of its chat up. What failed and is to be tried
        again stays claimed, with the time of that: it keeps its place before everything later of its chat.
        """
        heads: list[tuple[object, ...]] = []
        for which in (_AT_ONCE, _IN_TIME):
            found = f"SELECT o.seq, o.id, o.unit, o.body, o.attempts, o.light, o.uncertain_since FROM {which}"  # noqa: S608  # a constant
            if sum(not row[5] for row in heads) < limit:
                heads += self._all(found, (now, limit + LIGHT_AT_ONCE))
        messages = [row for row in heads if not row[5]][:limit]
        rows = [*(row for row in heads if row[5]), *messages]
        bodies = [(of_message(str(row[1]), str(row[2])), row[3]) for row in rows]
        found = self._rows.each_opened(bodies, codec.decode_row)
        whole = [(one, row) for one, row in zip(found, rows, strict=True) if not isinstance(one, Damaged)]
        if len(whole) < len(rows):
            self._drop([row for one, row in zip(found, rows, strict=True) if isinstance(one, Damaged)], now)
            return await self.claim(now, limit)
        self._db.executemany(
            "UPDATE outbox SET state = 'claimed', not_before = 0, uncertain_since = ? WHERE seq = ?",
            [(_int(row[6]) or now, row[0]) for row in rows],
        )
        return [Claimed(one, _int(row[4]), now, _int(row[6])) for one, row in whole]

    def _drop(self, damaged: Sequence[Sequence[object]], now: int) -> None:
        """Give up rows of the outbox of which nobody can say what they were."""
        for row in damaged:
            _log.error("outbox_row_damaged", row=row[1])
        self._many(
            "UPDATE outbox SET state = 'dropped', settled_at = ? WHERE seq = ?", [(now, row[0]) for row in damaged]
        )

    async def waiting(self, chats: Collection[str], now: int) -> set[str]:
        """Return those of these chats, as targets name them, for which a message is under way, or may be sent now.

        One that failed and is to be tried again is under way.
        """
        if not chats:
            return set()
        among = "(o.not_before <= ? OR o.state = 'claimed') AND o.chat IN (SELECT value FROM json_each(?))"
        sql = f"SELECT DISTINCT o.chat FROM {_SENDABLE} AND {among}"  # noqa: S608  # constants
        return {str(row[0]) for row in self._all(sql, (now, _keys(sorted(chats))))}

    async def message_refs(self, tokens: Sequence[str]) -> dict[str, tuple[Target, str]]:
        """Return where the prompts of those tokens were sent, as the platform names it, if they were."""
        sql = (
            "SELECT token, unit, body, ref FROM prompt "
            "WHERE ref IS NOT NULL AND token IN (SELECT value FROM json_each(?))"
        )
        rows = self._all(sql, (_keys(tokens),))
        prompts = self._prompts(rows)
        return {
            one.token: (one.target, str(row[3]))
            for one, row in zip(prompts, rows, strict=True)
            if not isinstance(one, Damaged)
        }

    async def shown(self, targets: Sequence[Target]) -> dict[str, list[Shown]]:
        """Return what these chats, by their keys, may still show, as far as it is known; the oldest first.

        Asides for a target's account are among it, wherever the platform has shown them.
        """
        sql = (
            "SELECT ref, settled_at FROM outbox WHERE chat = ? AND ref <> '' UNION "
            "SELECT ref, settled_at FROM outbox WHERE aside = ? AND aside <> '' AND ref <> '' ORDER BY settled_at"
        )
        return {
            one.key: [Shown(ref=str(ref), at=_int(at)) for ref, at in self._all(sql, (one.key, _aside(one)))]
            for one in targets
        }

    async def settle(self, rows: Sequence[Settled]) -> None:
        """Note what became of claimed rows."""
        over = [one for one in rows if one.became in {Sending.SENT, Sending.DROPPED}]
        self._many(
            "UPDATE outbox SET state = ?, settled_at = ?, ref = ? WHERE id = ?",
            [(one.became.value, one.at, one.ref, one.row.id) for one in over],
        )
        # To whom it went who is nobody's here, such as somebody who was erased, is not known any longer than needed.
        self._many("DELETE FROM outbox WHERE id = ?", [(one.row.id,) for one in over if not one.row.unit])
        hidden = [one for one in over if one.row.kind is RowKind.HIDE and one.became is Sending.SENT]
        self._many(
            "UPDATE outbox SET ref = '' WHERE chat = ? AND ref <> '' AND settled_at <= ?",
            [(one.row.target.key, one.at) for one in hidden],
        )
        self._many(
            "UPDATE outbox SET ref = '' WHERE aside = ? AND aside <> '' AND ref <> '' AND settled_at <= ?",
            [(_aside(one.row.target), one.at) for one in hidden],
        )
        self._many(
            "UPDATE prompt SET ref = ? WHERE token = ?",
            [
                (one.ref, one.row.token)
                for one in over
                if one.became is Sending.SENT and one.row.token and one.row.kind is RowKind.MESSAGE
            ],
        )
        self._many(
            "UPDATE outbox SET not_before = ?, uncertain_since = ?, attempts = attempts + 1 WHERE id = ?",
            [(max(1, one.at), one.since, one.row.id) for one in rows if one.became is Sending.FAILED],
        )
        self._many(
            "UPDATE outbox SET state = 'queued', not_before = ?, uncertain_since = ? WHERE id = ?",
            [(max(1, one.at), one.since, one.row.id) for one in rows if one.became is Sending.POSTPONED],
        )

    async def unclaim(self) -> int:
        """After a restart: put claimed rows back, whose outcome nobody knows; return how many there were."""
        cursor = self._db.execute("UPDATE outbox SET state = 'queued', not_before = 0 WHERE state = 'claimed'")
        return cursor.rowcount


def _versions(turns: Sequence[Changes]) -> dict[str, int]:
    """The versions that these turns bring their units to."""
    return {change.state.unit.id: change.state.version for turn in turns for change in turn.units}


def _session_columns(session: Session, body: bytes) -> tuple[object, ...]:
    pinned = as_list([one for one in session.revisions if one != session.revision])
    frozen = session.frozen_at is not None
    return session.id, session.unit, not session.ended, frozen, body, session.revision, pinned


def _keys(keys: Sequence[str | tuple[str | int, ...]]) -> str:
    return json.dumps(keys)


def _columns(row: OutboxRow) -> tuple[object, ...]:
    return (
        row.id,
        row.unit,
        row.session,
        row.target.key,
        _waits(row),
        row.not_before,
        row.may_come_twice,
        row.kind is RowKind.RETIRE,
        _aside(row.target) if row.target.kind is TargetKind.ASIDE else "",
    )


def _aside(target: Target) -> str:
    """The account that asides are for, as the column of that name has it."""
    return f"{target.platform}/{target.account}" if target.account else ""


def _waits(row: OutboxRow) -> bool:
    return row.cls not in {MessageClass.REPLY, MessageClass.SIGNAL}


def _int(value: object) -> int:
    return int(str(value))
