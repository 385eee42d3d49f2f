"""Numbered SQL migrations, each with the checksum of its text, applied whole or not at all."""

import hashlib
import sqlite3
from dataclasses import dataclass
from importlib.resources import files

from storage.faults import SchemaUnknown
from storage.keyring import Keyring
from storage.plain import seal_what_is_plain
from storage.recent import Recent
from storage.sealed_rows import SealedRows


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """One step of the schema."""

    number: int
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        """The digest of its text."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def all_migrations() -> list[Migration]:
    """Return every migration, the first one first."""
    folder = files("storage") / "migrations"
    found = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".sql")), key=lambda e: e.name)
    return [Migration(number=int(e.name[:4]), name=e.name, sql=e.read_text("utf-8")) for e in found]


SEALED_SINCE = 4
"""From this migration on, bodies are sealed."""


def migrate(connection: sqlite3.Connection, ring: Keyring) -> None:
    """Bring the schema up to date in one transaction. Raises SchemaUnknown for a file of another version.

    What an older version has stored in the clear is sealed on the way.
    """
    connection.execute("BEGIN IMMEDIATE")
    rows = SealedRows(connection, ring, Recent())
    try:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS schema_version "
            "(number INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL)"
        )
        known = _known(connection)
        migrations = all_migrations()
        _refuse_strangers(known, migrations)
        for migration in migrations:
            if migration.number in known:
                continue
            for statement in statements(migration.sql):
                connection.execute(statement)
            connection.execute(
                "INSERT INTO schema_version VALUES (?, ?, ?)",
                (migration.number, migration.name, migration.checksum),
            )
            if migration.number == SEALED_SINCE:
                seal_what_is_plain(connection, rows)
    except BaseException:
        rows.undone()
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def require_current(connection: sqlite3.Connection) -> None:
    """Raise SchemaUnknown unless the schema is exactly this program's. Changes nothing."""
    tables = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'schema_version'")
    known = _known(connection) if list(tables) else {}
    migrations = all_migrations()
    _refuse_strangers(known, migrations)
    if len(known) < len(migrations):
        message = "this database was written by an older program: start this one on it, or on a copy of it, once"
        raise SchemaUnknown(message)


def _known(connection: sqlite3.Connection) -> dict[int, str]:
    rows = connection.execute("SELECT number, checksum FROM schema_version ORDER BY number")
    return {int(row[0]): str(row[1]) for row in rows}


def _refuse_strangers(known: dict[int, str], migrations: list[Migration]) -> None:
    ours = {migration.number: migration.checksum for migration in migrations}
    for number, checksum in known.items():
        if number not in ours:
            message = f"this database has schema {number}, which is newer than this program: use the newer program"
            raise SchemaUnknown(message)
        if ours[number] != checksum:
            message = f"schema {number} of this database differs from this program's: use the program that made it"
            raise SchemaUnknown(message)


def statements(sql: str) -> list[str]:
    """Return the statements of a migration; it holds no semicolon except at the end of one."""
    lines = [line for line in sql.splitlines() if not line.lstrip().startswith("--")]
    return [statement.strip() for statement in "\n".join(lines).split(";") if statement.strip()]
