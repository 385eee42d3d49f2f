"""How often a file was made durable: a commit that changed anything syncs the write-ahead log once."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from bot.conversation.ports import Transaction
from storage.sqlite import SqliteStore


class Counted:
    """A store that counts its commits which changed something. Checkpoints, one in a thousand pages, are left out."""

    def __init__(self, store: SqliteStore) -> None:
        self._store = store
        self.commits = 0

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[Transaction]:
        """Begin a transaction."""
        async with self._store.transaction() as tx:
            before = tx.changed
            yield tx
            after = tx.changed
        self.commits += after > before
