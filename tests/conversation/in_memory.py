"""A store in memory, and the database behind it for looking at."""

import sqlite3

from storage.keyring import Keyring
from storage.migrations import migrate
from storage.sqlite import SqliteStore
from tests.sealed import KEYS


def open_in_memory() -> tuple[SqliteStore, sqlite3.Connection]:
    """Return a new store, its schema up to date, and its database."""
    database, ring = sqlite3.connect(":memory:", isolation_level=None), Keyring(KEYS)
    migrate(database, ring)
    return SqliteStore(database, ring), database
