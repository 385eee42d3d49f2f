"""The dry run of a start: what would become of the conversations that run in a data folder."""

from pathlib import Path

from bot.conversation.versions import Fared, survey
from bot.flows.library import Library
from bot.wiring.data_folder import DATABASE, masters_of
from storage.faults import StoreUnusable
from storage.sqlite import open_to_read


async def against_live(flows: Library, data: Path) -> list[Fared]:
    """Return what would become of the running sessions of a data folder at a start with these flows.

    The folder is only read. Raises FlowInvalid when the start would be refused, and StoreUnusable.
    """
    path = data / DATABASE
    if not path.is_file():
        message = f"{data} is no data folder: it holds no {DATABASE}"
        raise StoreUnusable(message)
    store = await open_to_read(path, masters_of(data))
    try:
        return await survey(store, flows)
    finally:
        await store.close()
