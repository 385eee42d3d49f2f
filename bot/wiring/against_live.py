"""The dry run of a start: what would become of the conversations that run in a data folder."""

import sqlite3
from pathlib import Path

from bot.conversation.versions import Fared, survey
from bot.flows.library import Library
from bot.wiring.data_folder import DATABASE
from storage.migrations import SchemaUnknown
from storage.sqlite import open_to_read


class CannotLook(Exception):
    """A data folder cannot be read; the text says why."""


async def against_live(flows: Library, data: Path) -> list[Fared]:
    """Return what would become of the running sessions of a data folder at a start with these flows.

    The folder is only read. Raises FlowInvalid when the start would be refused, and CannotLook.
    """
    path = data / DATABASE
    if not path.is_file():
        message = f"{data} is no data folder: it holds no {DATABASE}"
        raise CannotLook(message)
    try:
        store = await open_to_read(path)
    except (SchemaUnknown, sqlite3.Error) as fault:
        message = f"{path} cannot be read: {fault}"
        raise CannotLook(message) from None
    try:
        return await survey(store, flows)
    finally:
        await store.close()
