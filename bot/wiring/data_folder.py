"""A data folder: the database, the secret that ids and codes are drawn from, and the master key."""

import os
import secrets
import sqlite3
from collections.abc import Generator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.conversation.operator import UNNAMED, Operator
from bot.wiring.private_file import write_private
from bot.wiring.settings import read_settings
from bot.wiring.warning import warn
from storage.faults import KeyMissing, StoreUnusable, told, told_of_file
from storage.holding import holding
from storage.master_keys import MasterKeys, NoKey

DATABASE, SECRET, KEY = "breathing-room.sqlite", "secret.key", "master.key"
ERASED = "erased-people"
"""Who was erased, by their ids: kept beside the database and its backups, in none of them."""


@dataclass(frozen=True, slots=True, repr=False)
class Keeping:
    """Where a conversation is kept, and under which keys. Without a database it is kept in memory."""

    database: Path | None
    secret: bytes
    masters: MasterKeys
    operator: Operator = UNNAMED
    """Who could read it all."""


def nothing_kept(secret: bytes | None = None) -> Keeping:
    """Return a keeping that ends with the process; ``secret`` is a new one, unless it is given."""
    return Keeping(None, secret or secrets.token_bytes(32), MasterKeys.made())


@contextmanager
def kept_in(folder: Path, what: str) -> Generator[Keeping]:
    """Hold a data folder, made at its first use, while the block runs; ``what`` tells others what it is held for.

    Raises StoreUnusable and SettingWrong.
    """
    with ExitStack() as held:
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            held.enter_context(holding(folder, what))
            (folder / DATABASE).touch(mode=0o600)
            operator = Operator(accounts=read_settings().operator_accounts)
            keeping = Keeping(folder / DATABASE, _secret_in(folder), _masters_for(folder), operator)
        except OSError as fault:
            raise StoreUnusable(told_of_file(fault, folder)) from None
        yield keeping


def masters_of(folder: Path) -> MasterKeys:
    """Return the master keys of a data folder that there is. Raises KeyMissing."""
    settings = read_settings()
    if settings.key is not None:
        return _parsed(settings.key.get_secret_value(), "BREATHING_ROOM_KEY")
    path = settings.key_file or folder / KEY
    if not path.exists():
        message = f"the key of {folder / DATABASE} is not at {path}: put it there, or set BREATHING_ROOM_KEY"
        raise KeyMissing(message)
    return _parsed(path.read_bytes().decode("ascii", "replace"), str(path))


def key_file_of(folder: Path) -> Path | None:
    """Return the file that holds the master keys; None when the environment sets them."""
    settings = read_settings()
    return None if settings.key is not None else settings.key_file or folder / KEY


def _masters_for(folder: Path) -> MasterKeys:
    """Return the master keys of a data folder; where nothing is sealed yet, and no key set, with a new one."""
    settings = read_settings()
    path = settings.key_file or folder / KEY
    if settings.key is None and not path.exists() and not _is_sealed(folder / DATABASE):
        made = MasterKeys.made()
        write_private(path, made.text().encode())
        warn(f"What is kept is sealed with the key in {path}. Without it nothing can be read: keep a copy elsewhere.")
        return made
    if settings.key is None and path.exists() and path.stat().st_mode & 0o077:
        warn(f"Others on this computer may read {path}: chmod 600 {path}")
    return masters_of(folder)


def _parsed(text: str, where: str) -> MasterKeys:
    try:
        return MasterKeys.parse(text)
    except NoKey as fault:
        message = f"{where}: {fault}"
        raise KeyMissing(message) from None


def _is_sealed(database: Path) -> bool:
    """Whether there is something in the database that only its key can open."""
    if not database.exists():
        return False
    try:
        with closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True)) as looking:
            there = looking.execute("SELECT 1 FROM sqlite_master WHERE name = 'key'").fetchone() is not None
            return there and looking.execute("SELECT 1 FROM key LIMIT 1").fetchone() is not None
    except sqlite3.Error as fault:
        raise StoreUnusable(told(fault, database)) from None


def _secret_in(folder: Path) -> bytes:
    """Return the secret of a data folder, made at its first use."""
    path = folder / SECRET
    if not path.exists():
        write_private(path, secrets.token_bytes(32))
    return path.read_bytes()


def note_erased(folder: Path, person: str) -> None:
    """Note that a person is erased, for when an older backup is restored: by an id that tells nothing of them."""
    with (folder / ERASED).open("a", encoding="ascii") as file:
        file.write(f"{person}\n")
        file.flush()
        os.fsync(file.fileno())


def erased_in(folder: Path) -> list[str]:
    """Return who was erased, the first one first."""
    path = folder / ERASED
    return list(dict.fromkeys(path.read_text("ascii").split())) if path.exists() else []
