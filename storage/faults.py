"""What can be wrong with what is stored, by what there is to do about it. Each says it in one sentence."""

import errno
import sqlite3
from pathlib import Path


class StoreUnusable(Exception):
    """The store cannot be opened, or not be used any more, as things are: an operator has to act."""


class KeyMissing(StoreUnusable):
    """It was sealed with another master key: set that one."""


class SchemaUnknown(StoreUnusable):
    """The file was written by another version: use that version, or restore a backup."""


class InUse(StoreUnusable):
    """Another process has it: stop that one first."""


class BackupUnusable(StoreUnusable):
    """The file cannot be restored: take another one."""


_REMEDIES = {
    "SQLITE_FULL": "the disk is full: make room",
    "SQLITE_READONLY": "it may not be written: give this account the right to write the folder and what is in it",
    "SQLITE_CANTOPEN": "it cannot be opened: give this account the right to read and write the folder",
    "SQLITE_PERM": "it may not be opened: give this account the right to read and write the folder",
    "SQLITE_AUTH": "it may not be opened: give this account the right to read and write the folder",
    "SQLITE_BUSY": "another program holds it: stop that first",
    "SQLITE_LOCKED": "another program holds it: stop that first",
    "SQLITE_PROTOCOL": "another program holds it: stop that first",
    "SQLITE_IOERR": "the disk does not take or give what it should: look at its health, its limits and its room",
    "SQLITE_NOMEM": "there is not enough memory: make room",
}
"""What there is to do, by SQLite's name for what is the matter, when the file is whole."""

_BROKEN = {"SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_FORMAT"}


def is_out_of_service(fault: sqlite3.Error) -> bool:
    """Return whether it is about where the file is, and not about what was to be done with it."""
    return _kind(fault) in _REMEDIES


def told(fault: sqlite3.Error, file: Path | str) -> str:
    """Return in one sentence what is the matter with a database and what to do; it holds nothing that is stored."""
    kind = _kind(fault)
    if kind in _BROKEN:
        return f"{file} is damaged, or no database at all: put a backup in its place with ./run restore"
    if kind in _REMEDIES:
        return f"{file} cannot be used now, and what was kept is still there: {_REMEDIES[kind]}"
    return f"{file} cannot be used ({fault}): put a backup in its place with ./run restore"


_OF_FILES = {
    errno.EACCES: "give this account the right to read and write it",
    errno.EPERM: "give this account the right to read and write it",
    errno.EROFS: "give this account the right to read and write it",
    errno.ENOSPC: "make room",
    errno.EDQUOT: "make room",
    errno.EFBIG: "make room",
    errno.EIO: "look at the disk's health",
}
"""What there is to do when it is not about the database, but about a file beside it."""


def is_of_files(fault: OSError) -> bool:
    """Return whether it is about a file or a disk, and not about a connection, say."""
    return fault.filename is not None or fault.errno in _OF_FILES


def told_of_file(fault: OSError, folder: Path | str) -> str:
    """Return in one sentence what is the matter with a file, or with the folder it is in, and what to do."""
    remedy = _OF_FILES.get(fault.errno or 0, "see that it is what it should be")
    return f"{fault.filename or folder} cannot be used ({fault.strerror}): {remedy}"


def _kind(fault: sqlite3.Error) -> str:
    """SQLite's name for it without its details: SQLITE_IOERR of SQLITE_IOERR_WRITE."""
    name = str(getattr(fault, "sqlite_errorname", ""))
    return "_".join(name.split("_")[:2])
