"""The bot on Discord, whole: a conversation over a store in memory, the adapter, the real client, the double."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

from bot.adapters.discord.limits import PLATFORM
from bot.adapters.discord.listening import quiet_client
from bot.conversation.opening import open_conversation
from bot.conversation.service import Conversation
from bot.wiring.playing import TRANSCRIPT_SECRET
from storage.sqlite import SqliteStore, open_store
from tests.conversation.world import shipped
from tests.discord.process import Process
from tests.discord.server.server import DiscordServer
from tests.sealed import KEYS
from tests.through.stage import never


class Whole:
    """What runs."""

    def __init__(self, server: DiscordServer, store: SqliteStore, talk: Conversation, process: Process) -> None:
        self.server = server
        self.store = store
        self.talk = talk
        self.process = process

    async def settle(self) -> None:
        """Return when everything that was told was dealt with, and everything that it led to was sent."""
        await self.process.settle()
        await self.talk.fire_due()


@asynccontextmanager
async def whole(server: DiscordServer, wait: Callable[[float], Awaitable[None]] = never) -> AsyncGenerator[Whole]:
    """Run the bot. ``wait`` waits for seconds: as long as the process lives, unless a test has something else."""
    async with quiet_client() as client:
        await client.login(server.token)
        store = await open_store(None, KEYS)
        process = Process(server, client, shipped(), wait)
        try:
            talk = await open_conversation(
                store=store,
                library=shipped(),
                clock=server.clock,
                secret=TRANSCRIPT_SECRET,
                platforms={PLATFORM: process.platform},
            )
            await process.listen(talk, talk.partners)
            yield Whole(server, store, talk, process)
        finally:
            await process.end()
            await store.close()
