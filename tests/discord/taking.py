"""A conversation that notes what it is told, for tests of what comes from Discord."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from bot.adapters.discord.listening import quiet_client
from bot.conversation.envelope import Content, Envelope, OutOfReach, TextSaid
from bot.conversation.forms import Form
from bot.conversation.ports import OutOfService
from tests.conversation.world import shipped
from tests.discord.process import Process
from tests.discord.server.server import DiscordServer
from tests.discord.waits import Waits


class Taking:
    """Takes events as a conversation does; nothing can be stored while it is ``full``, or it is slow while held."""

    def __init__(self) -> None:
        self.taken: list[Envelope] = []
        self.lost: list[OutOfReach] = []
        self.full = False
        self.refused = 0
        self.go_on = asyncio.Event()
        self.go_on.set()
        self.partners_of: dict[str, list[str]] = {}

    async def take(self, envelope: Envelope) -> None:
        """Take an event, once it may go on."""
        await self.go_on.wait()
        if self.full:
            self.refused += 1
            raise OutOfService
        self.taken.append(envelope)

    async def out_of_reach(self, event_id: str, lost: OutOfReach) -> None:
        """Note that a room takes nothing more."""
        assert event_id
        self.lost.append(lost)

    def form(self, name: str) -> Form | None:
        """There are no forms."""
        del name

    async def partners(self, _platform: str, account: str) -> list[str]:
        """Return with whom somebody is paired."""
        return self.partners_of.get(account, [])

    @property
    def contents(self) -> Sequence[Content]:
        """What happened."""
        return [one.content for one in self.taken]

    @property
    def texts(self) -> list[str]:
        """What was said."""
        return [one.text for one in self.contents if isinstance(one, TextSaid)]


class Inward:
    """The adapter's inward half, at work."""

    def __init__(self, server: DiscordServer, process: Process, talk: Taking, waits: Waits) -> None:
        self.server = server
        self.process = process
        self.talk = talk
        self.waits = waits

    async def settle(self) -> None:
        """Return when everything that was told was dealt with."""
        await self.process.settle()


@asynccontextmanager
async def inward(server: DiscordServer) -> AsyncGenerator[Inward]:
    """Take what comes."""
    waits, talk = Waits(server), Taking()
    async with quiet_client() as client:
        await client.login(server.token)
        process = Process(server, client, shipped(), waits)
        try:
            await process.listen(talk, talk.partners)
            yield Inward(server, process, talk, waits)
        finally:
            await process.end()
