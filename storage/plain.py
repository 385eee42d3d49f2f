"""Seals what an older version has stored in the clear: once, in the transaction that brings the schema up to date."""

import sqlite3
from collections.abc import Callable, Mapping
from typing import Any

from bot.conversation.outbox import OutboxRow
from bot.conversation.record import Record
from bot.conversation.units import Invite, SentPrompt
from bot.engine.session import Session
from storage import codec
from storage.codec import Sheet
from storage.keyring import damaged
from storage.places import TABLES
from storage.sealed_rows import SealedRows

CLEAR = b"{"
"""What a body in the clear begins with: it is JSON."""

_AT_ONCE = 500

_ENCODED: Mapping[str, Callable[[bytes], Sheet]] = {
    "session": lambda body: codec.encode_session(codec.from_plain(Session, body)),
    "prompt": lambda body: codec.encode_prompt(codec.from_plain(SentPrompt, body)),
    "invite": lambda body: codec.encode_invite(codec.from_plain(Invite, body)),
    "outbox": lambda body: codec.encode_row(codec.from_plain(OutboxRow, body)),
    "record": lambda body: codec.encode_record(codec.from_plain(Record, body)),
}


def seal_what_is_plain(connection: sqlite3.Connection, rows: SealedRows) -> None:
    """Seal every body that is in the clear. Raises Damaged for one that cannot be read."""
    for table in TABLES:
        columns = ", ".join((*table.columns, "kind" if table.name == "unit" else "''", "body"))
        clear = f"SELECT {columns} FROM {table.name} WHERE substr(body, 1, 1) = ? LIMIT ?"  # noqa: S608  # constants
        match = " AND ".join(f"{key} = ?" for key in table.keys)
        update = f"UPDATE {table.name} SET body = ? WHERE {match}"  # noqa: S608  # constants
        while found := [tuple(row) for row in connection.execute(clear, (CLEAR, _AT_ONCE))]:
            places = [table.place_of(row) for row in found]
            sheets = [
                (place, _sheet(table.name, str(row[-2]), row[-1], place.name))
                for place, row in zip(places, found, strict=True)
            ]
            bodies = rows.sealed(sheets, lambda sheet: sheet)
            keys = [row[: len(table.keys)] for row in found]
            connection.executemany(update, [(body, *key) for body, key in zip(bodies, keys, strict=True)])


def _sheet(table: str, kind: str, body: Any, place: str) -> Sheet:
    try:
        if table == "unit":
            return codec.encode_unit(codec.from_plain(codec.KINDS[kind], body))
        return _ENCODED[table](body)
    except (ValueError, LookupError):  # what pydantic tells of it may hold words
        raise damaged(place) from None
