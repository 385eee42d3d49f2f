"""What is somebody's own, exported or erased by an operator, with a code from that person's own chat."""

from typing import Any

from bot.adapters.clocks import SystemClock
from bot.conversation.opening import open_conversation
from bot.conversation.service import Conversation
from bot.flows.library import Library
from bot.wiring.data_folder import Keeping, note_erased
from bot.wiring.warning import warn
from storage.faults import StoreUnusable
from storage.sqlite import SqliteStore, open_store


async def export(kept: Keeping, library: Library, person: str, code: str) -> dict[str, Any]:
    """Return everything that is a person's own. Raises StoreUnusable, and CodeRefused."""
    store = await open_store(kept.database, kept.masters, warn)
    try:
        return await (await _talk(store, kept, library)).export(person, code)
    finally:
        await store.close()


async def erase(kept: Keeping, library: Library, person: str, code: str) -> None:
    """Erase a person. Raises StoreUnusable, and CodeRefused."""
    database = kept.database
    if database is None:
        message = "nothing is kept: there is nobody to erase"
        raise StoreUnusable(message)
    store = await open_store(database, kept.masters, warn)
    try:
        talk = await _talk(store, kept, library)
        await talk.erase(person, code, lambda: note_erased(database.parent, person))
    finally:
        await store.close()


async def _talk(store: SqliteStore, kept: Keeping, library: Library) -> Conversation:
    """The conversation, without a platform: what there is to be said is sent when the bot runs again."""
    return await open_conversation(
        store=store, library=library, clock=SystemClock(), secret=kept.secret, platforms={}, warn=warn
    )
