"""A new master key: the data keys are wrapped under it, and the old one is needed for older backups alone."""

import sqlite3
from pathlib import Path

from bot.wiring.data_folder import DATABASE, key_file_of, masters_of
from bot.wiring.older_keys import forget_older, keep_older
from bot.wiring.private_file import write_private
from storage.faults import StoreUnusable, told
from storage.rotating import rewrap


def rotate(data: Path) -> tuple[int, Path | None]:
    """Wrap every data key of a folder that is held under a new master key; return how many there were.

    The key is made in the folder's key file, which is returned; the old one stays beside it as long as backups do.
    Where the environment sets the keys, the first of them is taken into use, and None returned. Broken off, it goes
    on with the same key. Raises StoreUnusable.
    """
    database = data / DATABASE
    if not database.is_file():
        message = f"{data} is no data folder: it holds no {DATABASE}"
        raise StoreUnusable(message)
    masters, path = masters_of(data), key_file_of(data)
    try:
        if path is not None and len(masters.keys) == 1:
            rewrap(database, masters)  # no key is made for what cannot be written, or opened with the old one
            masters = masters.followed_by()
            write_private(path, masters.text().encode())
        count = rewrap(database, masters)
    except sqlite3.Error as fault:
        raise StoreUnusable(told(fault, database)) from None
    if path is not None:
        if len(masters.keys) > 1:
            keep_older(path, masters)
        write_private(path, masters.alone().text().encode())
        forget_older(path)
    return count, path
