"""Deletes what may go, some at a time: whoever waits for a turn does not wait for this."""

import sqlite3

from bot.conversation.retention import Sweep

AT_ONCE = 500
"""The most rows of a table that one transaction deletes."""

_GONE = "SELECT id FROM session WHERE over <= ? ORDER BY over LIMIT ?"


def _some(what: str, table: str, keys: str, where: str, order: str) -> str:
    """A statement for some rows, the oldest first."""
    found = f"SELECT {keys} FROM {table} WHERE {where} AND {order} <= ? ORDER BY {order} LIMIT ?"  # noqa: S608  # constants
    return f"{what} WHERE ({keys}) IN ({found})"


_PROMPTS = f"DELETE FROM prompt WHERE session IN ({_GONE})"  # noqa: S608  # a constant
_SESSIONS = f"DELETE FROM session WHERE id IN ({_GONE})"  # noqa: S608  # a constant
_BUTTONS = _some("DELETE FROM prompt", "prompt INDEXED BY prompt_at", "token", "session = ''", "at")
_INVITES = _some("DELETE FROM invite", "invite", "digest", "true", "over")
_EVENTS = _some("DELETE FROM inbox", "inbox", "event", "true", "at")
_WORDED = "settled_at IS NOT NULL AND body IS NOT NULL"
_MESSAGES = _some("UPDATE outbox SET body = NULL", "outbox", "seq", _WORDED, "settled_at")
_TRACES = _some("DELETE FROM outbox", "outbox", "seq", "settled_at IS NOT NULL AND body IS NULL", "settled_at")
_RECORDS = _some("DELETE FROM record", "record", "unit, kind, id", "true", "over")


def sweep_keys(connection: sqlite3.Connection, what: Sweep) -> list[str]:
    """Delete some of the keys that pass with a session; return their names."""
    found = connection.execute("SELECT unit FROM key WHERE over <= ? ORDER BY over LIMIT ?", (what.passed, AT_ONCE))
    names = [str(name) for (name,) in found]
    connection.executemany("DELETE FROM key WHERE unit = ?", [(name,) for name in names])
    return names


def sweep(connection: sqlite3.Connection, what: Sweep) -> bool:
    """Delete some of what may go; return whether there is more."""
    connection.execute(_PROMPTS, (what.ended, AT_ONCE))
    more = False
    for statement, before in (
        (_SESSIONS, what.ended),
        (_BUTTONS, what.traces),
        (_INVITES, what.ended),
        (_EVENTS, what.settled),
        (_MESSAGES, what.messages),
        (_TRACES, what.traces),
        (_RECORDS, what.records),
    ):
        cursor = connection.execute(statement, (before, AT_ONCE))
        more = more or cursor.rowcount >= AT_ONCE
    return more
