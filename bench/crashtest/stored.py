"""What is stored of conversations in the end."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from bench.crashtest.worker import KEYS
from bot.conversation.units import Person
from bot.engine.session import Session, key_parts
from storage.sqlite import open_to_read

Written = dict[tuple[str, str], tuple[str, ...]]
"""What is stored of one conversation: by person and slot, the texts in order."""


async def conversations(database: Path, accounts: Mapping[str, str]) -> list[Written]:
    """Return what is stored of every conversation, those that are over included; people have the accounts' names."""
    with closing(sqlite3.connect(database)) as looking:
        ids = [str(row[0]) for row in looking.execute("SELECT id FROM unit")]
    store = await open_to_read(database, KEYS)
    try:
        async with store.transaction() as tx:
            units, sessions = await tx.units(ids), await tx.sessions_in(ids)
    finally:
        await store.close()
    names = {unit.id: accounts[unit.account] for unit in units.values() if isinstance(unit, Person)}
    return [_written(session, names) for session in sessions]


def _written(session: Session, names: dict[str, str]) -> Written:
    texts: dict[tuple[str, str], list[tuple[int, str]]] = {}
    for key, value in session.values.items():
        _, slot, owner, item = key_parts(key)
        if slot != "ready":
            texts.setdefault((names[owner], slot), []).append((int(item or 0), str(value.data)))
    return {key: tuple(text for _, text in sorted(those)) for key, those in texts.items()}
