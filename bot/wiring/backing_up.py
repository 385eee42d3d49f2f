"""Backups of a data folder, and restoring one: whoever was erased since stays erased."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copyfile

from bot.adapters.clocks import SystemClock
from bot.conversation.opening import open_conversation
from bot.flows.library import Library
from bot.wiring.data_folder import DATABASE, Keeping, erased_in, key_file_of
from bot.wiring.older_keys import KEPT_FOR, forget_older, older_keys
from bot.wiring.warning import warn
from storage.backup import back_up, check, discard, put_in_place
from storage.faults import StoreUnusable
from storage.master_keys import MasterKeys
from storage.rotating import rewrap
from storage.sqlite import open_store

_NAME = "breathing-room-%Y%m%dT%H%M%SZ.sqlite"
_BEFORE = "before-restore-%Y%m%dT%H%M%SZ.sqlite"


def back_up_folder(data: Path, to: Path) -> tuple[Path, list[Path]]:
    """Write a backup of a data folder, in use or not; return its file, and the backups that were too old, now gone.

    Raises StoreUnusable.
    """
    database = data / DATABASE
    if not database.is_file():
        message = f"{data} is no data folder: it holds no {DATABASE}"
        raise StoreUnusable(message)
    to.mkdir(parents=True, exist_ok=True)
    now = datetime.now(UTC)
    path = to / now.strftime(_NAME)
    try:
        back_up(database, path)
    except FileExistsError:
        message = f"{path} was made within this second: try again"
        raise StoreUnusable(message) from None
    gone = [old for old in to.glob("breathing-room-*.sqlite") if _made(old, _NAME) < now - KEPT_FOR]
    for old in gone:
        old.unlink()
    _forget_what_was_before(data)
    _clear_up(to, now)
    return path, gone


def _made(file: Path, name: str) -> datetime:
    try:
        return datetime.strptime(file.name, name).replace(tzinfo=UTC)
    except ValueError:
        return datetime.max.replace(tzinfo=UTC)  # it is not one of these


def _forget_what_was_before(data: Path) -> None:
    """Delete databases that a restored backup has replaced, and keys, when they are as old as backups may be."""
    now = datetime.now(UTC)
    for old in data.glob("before-restore-*.sqlite"):
        if _made(old, _BEFORE) < now - KEPT_FOR:
            discard(old)
    keys = key_file_of(data)
    if keys is not None:
        forget_older(keys)


def _clear_up(to: Path, now: datetime) -> None:
    """Delete what backups have left that were broken off: none takes a day."""
    for part in to.glob(".breathing-room-*.part"):
        if datetime.fromtimestamp(part.stat().st_mtime, UTC) < now - timedelta(days=1):
            part.unlink(missing_ok=True)


async def restore(backup: Path, kept: Keeping, library: Library) -> tuple[Path, int]:
    """Put a backup in the place of the database of a folder that is held; return where that one is kept now.

    Returns too how many people had been erased since: they are erased anew, before the backup is in its place. Raises
    StoreUnusable, and FlowInvalid when the flows do not go with it.
    """
    database = kept.database
    if database is None:
        message = "there is no folder to restore into"
        raise ValueError(message)
    check(backup)
    prepared = database.with_name(f".{database.name}.restored")
    aside = database.with_name(datetime.now(UTC).strftime(_BEFORE))
    discard(prepared)
    try:
        prepared.touch(mode=0o600)
        copyfile(backup, prepared)
        masters = _with_older(kept.masters, database.parent)
        count = await _erase_again(prepared, replace(kept, masters=masters), library, erased_in(database.parent))
        rewrap(prepared, masters)
        put_in_place(prepared, database, aside)
    except BaseException:
        discard(prepared)
        raise
    _forget_what_was_before(database.parent)
    return aside, count


def _with_older(masters: MasterKeys, data: Path) -> MasterKeys:
    """The master keys, and those that backups from before the last rotation are under."""
    path = key_file_of(data)
    older = older_keys(path) if path is not None else ()
    return MasterKeys(tuple(dict.fromkeys((*masters.keys, *older))))


async def _erase_again(prepared: Path, kept: Keeping, library: Library, erased: list[str]) -> int:
    store = await open_store(prepared, kept.masters)
    try:
        async with store.transaction() as tx:
            there = set(await tx.load_units(erased))
        if there:
            talk = await open_conversation(
                store=store, library=library, clock=SystemClock(), secret=kept.secret, platforms={}, warn=warn
            )
            for person in sorted(there):
                await talk.erase_again(person)
    finally:
        await store.close()
    return len(there)
