"""Backups of a database that is in use, and putting one in its place."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import mkstemp

from storage.faults import BackupUnusable, StoreUnusable, is_out_of_service, told

_LOG, _SHARED = "-wal", "-shm"

WAIT = 5.0
"""Seconds to wait for another program's lock before giving up."""


def back_up(database: Path, to: Path) -> None:
    """Write the database as it is now to a new file, whole or not at all, whoever uses it meanwhile.

    Raises FileExistsError, and StoreUnusable: what is there stays as it was.
    """
    if to.exists():
        raise FileExistsError(to)
    # A file that is there already, and empty, is written into: so it is nobody else's to read from its first byte on.
    descriptor, name = mkstemp(dir=to.parent, prefix=f".{to.name}.", suffix=".part")
    os.close(descriptor)
    fresh, at_fault = Path(name), database
    try:
        with closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True, timeout=WAIT)) as connection:
            connection.execute("SELECT 1 FROM sqlite_master").fetchone()
            at_fault = to
            connection.execute("VACUUM INTO ?", (str(fresh),))
        _sync(fresh)
        _name(fresh, to)
    except sqlite3.Error as fault:
        raise StoreUnusable(told(fault, at_fault if is_out_of_service(fault) else database)) from None
    finally:
        fresh.unlink(missing_ok=True)
    _sync(to.parent)


def _name(fresh: Path, to: Path) -> None:
    """Give a file its name. Raises FileExistsError: it never takes the place of what another program has written."""
    try:
        os.link(fresh, to)
    except FileExistsError:
        raise
    except OSError:  # not every file system has links; there, two at the very same moment are not told apart
        if to.exists():
            raise FileExistsError(to) from None
        fresh.replace(to)


def check(backup: Path) -> None:
    """Raise BackupUnusable unless the file is a whole database."""
    try:
        with closing(sqlite3.connect(f"{backup.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as looking:
            (found,) = looking.execute("PRAGMA integrity_check(1)").fetchone()
            looking.execute("SELECT count(*) FROM key").fetchone()
    except sqlite3.Error as fault:
        message = f"{backup} is no backup that can be restored: {fault}"
        raise BackupUnusable(message) from None
    if found != "ok":
        message = f"{backup} is damaged, and is not restored: take another one"
        raise BackupUnusable(message)


def put_in_place(prepared: Path, database: Path, aside: Path) -> None:
    """Put a prepared file in the place of a database that nobody uses, which is kept aside.

    At every moment there is a whole database in its place, or the file of before. Raises StoreUnusable.
    """
    _fold_in_the_log(prepared)
    if (log := prepared.with_name(prepared.name + _LOG)).exists() and log.stat().st_size:
        message = f"{prepared} is being read by another program: end that one, and restore once more"
        raise StoreUnusable(message)
    for suffix in (_LOG, _SHARED):
        prepared.with_name(prepared.name + suffix).unlink(missing_ok=True)
    _sync(prepared)
    if database.exists():
        _fold_in_the_log(database)
        os.link(database, aside)
    for suffix in (_LOG, _SHARED):
        # A log that could not be folded in is of the file of before, and must never be applied to another.
        log = database.with_name(database.name + suffix)
        if log.exists():
            log.replace(aside.with_name(aside.name + suffix))
    prepared.replace(database)
    _sync(database.parent)


def discard(prepared: Path) -> None:
    """Delete a database that is not to be put in place, if it is there."""
    for suffix in ("", _LOG, _SHARED):
        prepared.with_name(prepared.name + suffix).unlink(missing_ok=True)


def _fold_in_the_log(database: Path) -> None:
    try:
        with closing(sqlite3.connect(database, timeout=WAIT)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.Error as fault:
        if is_out_of_service(fault):
            raise StoreUnusable(told(fault, database)) from None
        # It is damaged: it is kept as it is.


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
