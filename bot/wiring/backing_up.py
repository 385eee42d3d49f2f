"""Backups of a data folder, and restoring one: whoever was erased since stays erased."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copyfile

from bot.adapters.clocks import SystemClock
from bot.conversation.opening import open_conversation
from bot.flows.library import Library
from bot.wiring.data_folder import DATABASE, Keeping, erased_in
from bot.wiring.warning import warn
from storage.backup import back_up, check, discard, put_in_place
from storage.faults import StoreUnusable
from storage.sqlite import open_store

KEPT_FOR = timedelta(days=30)
"""How long a backup is kept: then what was erased in between is gone from everywhere."""

_NAME = "breathing-room-%Y%m%dT%H%M%SZ.sqlite"


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
    gone = [old for old in to.glob("breathing-room-*.sqlite") if _made(old) < now - KEPT_FOR]
    for old in gone:
        old.unlink()
    return path, gone


def _made(backup: Path) -> datetime:
    try:
        return datetime.strptime(backup.name, _NAME).replace(tzinfo=UTC)
    except ValueError:
        return datetime.max.replace(tzinfo=UTC)  # it is not one of these


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
    aside = database.with_name(datetime.now(UTC).strftime("before-restore-%Y%m%dT%H%M%SZ.sqlite"))
    discard(prepared)
    try:
        prepared.touch(mode=0o600)
        copyfile(backup, prepared)
        count = await _erase_again(prepared, kept, library, erased_in(database.parent))
        put_in_place(prepared, database, aside)
    except BaseException:
        discard(prepared)
        raise
    return aside, count


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
