"""What people wrote while nobody listened is read back, before what they write now."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import discord
import pytest

from bot.adapters.discord.calls import Calls
from bot.adapters.discord.gaps import AGAIN, MARGIN, MOST, Gaps
from bot.adapters.discord.listening import quiet_client
from tests.discord.server.faults import Raw, Say, Slow
from tests.discord.server.people import Person
from tests.discord.server.refusals import Refusal, missing_access, too_many, unknown_channel
from tests.discord.server.server import DiscordServer

HISTORY = "/channels/{channel_id}/messages"


class Reading:
    """What was read back, and how."""

    def __init__(self, server: DiscordServer, client: discord.Client) -> None:
        self.server = server
        self.waited: list[float] = []
        self.taken: list[str] = []
        self.gaps = Gaps(client, Calls(), self._wait)

    async def _wait(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.server.advance(seconds)

    async def take(self, message: discord.Message) -> None:
        """Take a message."""
        self.taken.append(message.content)

    async def back(self, *people: Person, since: int) -> None:
        """Read back."""

        async def find() -> tuple[Sequence[int], int]:
            return [person.dm.id for person in people], since

        await self.gaps.read_back(find, self.take)


@pytest.fixture
async def reading(server: DiscordServer) -> AsyncIterator[Reading]:
    async with quiet_client() as client:
        await client.login(server.token)
        yield Reading(server, client)


async def test_what_was_written_since_then_is_read_in_its_order(server: DiscordServer, reading: Reading) -> None:
    alex = server.person("Alex")
    alex.write("long before")
    server.advance(10 * MARGIN / 1_000)
    since = server.clock.now()
    for n in range(120):
        alex.write(f"line {n}")
        server.advance(1)
    await reading.back(alex, since=since)
    assert reading.taken == [f"line {n}" for n in range(120)]


async def test_what_was_told_just_before_is_read_once_more(server: DiscordServer, reading: Reading) -> None:
    alex = server.person("Alex")
    alex.write("told, and maybe not kept")
    server.advance(MARGIN / 1_000 - 1)
    await reading.back(alex, since=server.clock.now())
    assert reading.taken == ["told, and maybe not kept"]


async def test_of_one_chat_no_more_than_so_much_is_read(server: DiscordServer, reading: Reading) -> None:
    alex = server.person("Alex")
    for n in range(MOST + 1):
        alex.write(f"line {n}")
    await reading.back(alex, since=server.clock.now())
    assert len(reading.taken) == MOST


@pytest.mark.parametrize("refusal", [missing_access(), unknown_channel()], ids=lambda one: str(one.code))
async def test_a_chat_that_cannot_be_read_holds_no_other_up(
    server: DiscordServer, reading: Reading, refusal: Refusal
) -> None:
    alex, sam = server.person("Alex"), server.person("Sam")
    alex.write("mine")
    sam.write("theirs")
    server.faults.add("GET", HISTORY, Say(refusal), channel=alex.dm.id)
    await reading.back(alex, sam, since=server.clock.now())
    assert (reading.taken, reading.waited) == (["theirs"], [])


async def test_a_chat_is_tried_some_times_and_then_left(server: DiscordServer, reading: Reading) -> None:
    alex = server.person("Alex")
    alex.write("mine")
    server.faults.add("GET", HISTORY, Raw(status=521), times=AGAIN)
    await reading.back(alex, since=server.clock.now())
    assert (reading.taken, len(reading.waited)) == ([], AGAIN)


async def test_a_limit_is_waited_for(server: DiscordServer, reading: Reading) -> None:
    alex = server.person("Alex")
    alex.write("mine")
    server.faults.add("GET", HISTORY, Say(too_many(45.0)))
    await reading.back(alex, since=server.clock.now() - 60_000)
    assert (reading.taken, reading.waited) == (["mine"], [45.0])


async def test_what_is_written_now_waits_for_what_was_written_before(server: DiscordServer, reading: Reading) -> None:
    alex, sam = server.person("Alex"), server.person("Sam")
    alex.write("before")
    slow = Slow()
    server.faults.add("GET", HISTORY, slow, channel=alex.dm.id)
    going_on = asyncio.create_task(reading.back(alex, sam, since=server.clock.now()))
    await server.until(lambda: bool(server.calls_of("GET", HISTORY)))
    waits = asyncio.create_task(reading.gaps.until_read(alex.dm.id))
    await asyncio.wait_for(reading.gaps.until_read(12345), 1)  # of a chat that is not read nothing is waited for
    assert not waits.done()
    slow.release.set()
    await going_on
    await waits
    assert reading.taken == ["before"]


async def test_when_it_cannot_be_found_out_what_to_read_nothing_waits(
    server: DiscordServer, reading: Reading
) -> None:
    async def find() -> tuple[Sequence[int], int]:
        raise OSError

    with pytest.raises(OSError):  # noqa: PT011  # exactly that one
        await reading.gaps.read_back(find, reading.take)
    await reading.gaps.until_read(server.person("Alex").dm.id)
