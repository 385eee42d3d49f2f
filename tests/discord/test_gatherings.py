"""Who is in a small server: asked of Discord, believed for a while, and nothing when it cannot be told."""

from collections.abc import AsyncIterator

import discord
import pytest

from bot.adapters.discord.gatherings import FRESH, SMALL, Gatherings
from bot.adapters.discord.listening import quiet_client
from bot.adapters.discord.reading import Gathering
from tests.discord.server.faults import Say, Slow
from tests.discord.server.people import Person
from tests.discord.server.places import Server
from tests.discord.server.refusals import missing_access
from tests.discord.server.server import DiscordServer
from tests.discord.taking import inward

GUILD = "/guilds/{guild_id}"
MEMBER = "/guilds/{guild_id}/members/{user_id}"


class Asking:
    """Asks of a client that knows its servers."""

    def __init__(self, server: DiscordServer, client: discord.Client) -> None:
        self.client = client
        self.partners_of: dict[str, list[str]] = {}
        self.gatherings = Gatherings(client, server.clock, self._partners, patience=0.05)

    async def _partners(self, _platform: str, account: str) -> list[str]:
        return self.partners_of.get(account, [])

    def pair(self, one: Person, other: Person) -> None:
        """Pair two people."""
        self.partners_of = {str(one.id): [str(other.id)], str(other.id): [str(one.id)]}

    async def around(self, person: Person, home: Server) -> Gathering:
        """Return who is around somebody."""
        return await self.gatherings.around(person.id, await self.client.fetch_guild(home.guild.id))


@pytest.fixture
async def asking(server: DiscordServer) -> AsyncIterator[Asking]:
    async with quiet_client() as client:
        await client.login(server.token)
        one = Asking(server, client)
        yield one
        await one.gatherings.close()


async def test_in_a_server_of_two_that_are_paired_both_are_there(server: DiscordServer, asking: Asking) -> None:
    alex, sam = server.person("Alex"), server.person("Sam")
    asking.pair(alex, sam)
    home = server.guild("Home", alex, sam)
    assert await asking.around(alex, home) == Gathering(2, (str(sam.id),))


async def test_a_partner_who_is_elsewhere_is_not_there(server: DiscordServer, asking: Asking) -> None:
    alex, sam, kim = server.person("Alex"), server.person("Sam"), server.person("Kim")
    asking.pair(alex, sam)
    assert await asking.around(alex, server.guild("Home", alex, kim)) == Gathering(2, ())


async def test_among_more_than_two_nobody_is_looked_for(server: DiscordServer, asking: Asking) -> None:
    alex, sam, kim = server.person("Alex"), server.person("Sam"), server.person("Kim")
    asking.pair(alex, sam)
    assert await asking.around(alex, server.guild("Home", alex, sam, kim)) == Gathering(3, ())
    assert server.calls_of("GET", MEMBER) == []


async def test_an_answer_is_believed_for_a_while(server: DiscordServer, asking: Asking) -> None:
    alex, sam, kim = server.person("Alex"), server.person("Sam"), server.person("Kim")
    home = server.guild("Home", alex, sam)
    assert (await asking.around(alex, home)).people == 2
    home.join(kim)
    assert (await asking.around(alex, home)).people == 2
    server.advance(FRESH / 1_000)
    assert (await asking.around(alex, home)).people == 3


async def test_when_it_cannot_be_told_nothing_is_known(server: DiscordServer, asking: Asking) -> None:
    alex, sam = server.person("Alex"), server.person("Sam")
    home = server.guild("Home", alex, sam)
    guild = await asking.client.fetch_guild(home.guild.id)
    server.faults.add("GET", GUILD, Say(missing_access()))
    assert await asking.gatherings.around(alex.id, guild) == Gathering()
    slow = Slow()
    server.faults.add("GET", GUILD, slow)
    assert await asking.gatherings.around(alex.id, guild) == Gathering()
    slow.release.set()


async def test_of_a_large_server_nothing_is_asked(server: DiscordServer) -> None:
    people = [server.person(f"P{n}") for n in range(SMALL + 5)]
    async with inward(server) as bot:
        den = server.guild("Town", *people).channel("den")
        people[0].command("pause", place=den)
        await bot.settle()
        assert bot.talk.taken[0].place.people == SMALL + 5
        assert server.calls_of("GET", GUILD) == []


async def test_in_ones_own_chat_there_is_nobody_else(asking: Asking) -> None:
    assert await asking.gatherings.around(1, None) == Gathering()
