"""Listening for as long as the process lives: through lost connections, frames that are none, and refusals."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

import discord
import pytest

from bot.adapters.discord.listening import FIRST_WAIT, LONGEST_WAIT, listen
from bot.adapters.stopped import Stopped
from tests.discord.server.faults import Raw, Say
from tests.discord.server.gateway import PRIVILEGED
from tests.discord.server.people import Person
from tests.discord.server.refusals import unauthorized
from tests.discord.server.server import DiscordServer

LOGIN = "/users/@me"


class Heard:
    """What a listener heard, and how long it waited before it tried again."""

    def __init__(self, server: DiscordServer) -> None:
        self.texts: list[str] = []
        self.waited: list[float] = []
        self.broken = False
        self._server = server

    async def on_message(self, message: discord.Message) -> None:
        """Note what was written."""
        if self.broken:
            raise ValueError(message.content)
        self.texts.append(message.content)
        self._server.bell.ring()

    async def wait(self, seconds: float) -> None:
        """Wait for no time."""
        self.waited.append(seconds)
        self._server.bell.ring()
        await asyncio.sleep(0)

    async def until(self, *texts: str) -> None:
        """Wait until exactly this was heard."""
        await self._server.until(lambda: self.texts == list(texts))


@asynccontextmanager
async def listening(server: DiscordServer, shards: int = 1) -> AsyncGenerator[Heard]:
    """Listen until the block is left."""
    heard = Heard(server)
    task = asyncio.create_task(listen(server.token, (heard.on_message,), shards, heard.wait))
    try:
        await server.gateway.await_ready()
        await server.until_taken()
        yield heard
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@pytest.fixture
def alex(server: DiscordServer) -> Person:
    return server.person("Alex")


async def test_what_was_said_while_the_connection_was_lost_is_told_again(server: DiscordServer, alex: Person) -> None:
    async with listening(server) as heard:
        alex.write("before")
        await heard.until("before")
        await server.gateway.drop()
        alex.write("meanwhile")
        await heard.until("before", "meanwhile")
        (session,) = server.gateway.sessions.values()
        assert session.resumes == 1


async def test_it_comes_again_when_it_is_asked_to(server: DiscordServer, alex: Person) -> None:
    async with listening(server) as heard:
        server.gateway.reconnect()
        await server.until(lambda: any(one.resumes for one in server.gateway.sessions.values()))
        alex.write("afterwards")
        await heard.until("afterwards")


async def test_a_session_that_is_over_is_begun_anew(server: DiscordServer, alex: Person) -> None:
    async with listening(server) as heard:
        server.gateway.invalidate()
        await server.until(lambda: server.gateway.identified == 2)
        await server.until_taken()
        alex.write("afterwards")
        await heard.until("afterwards")


@pytest.mark.parametrize("frame", ["{", "[]", "null"])
async def test_after_a_frame_that_is_none_it_begins_anew(server: DiscordServer, alex: Person, frame: str) -> None:
    async with listening(server) as heard:
        server.gateway.send_raw(frame)
        await server.until(lambda: server.gateway.identified == 2)
        await server.until_taken()
        alex.write("afterwards")
        await heard.until("afterwards")
        assert heard.waited == [FIRST_WAIT]


async def test_an_event_that_cannot_be_read_ends_nothing(server: DiscordServer, alex: Person) -> None:
    async with listening(server) as heard:
        server.gateway.tell("MESSAGE_CREATE", {"id": "none"})
        server.gateway.tell("MESSAGE_CREATE", 3)
        server.gateway.tell("SOMETHING_NEW", {"id": "1"})
        alex.write("afterwards")
        await heard.until("afterwards")
        assert (server.gateway.identified, heard.waited) == (1, [])


async def test_a_handler_that_fails_tells_nothing_of_what_was_said(
    server: DiscordServer, alex: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    async with listening(server) as heard:
        heard.broken = True
        alex.write("a secret")
        await server.until_taken()
        heard.broken = False
        alex.write("afterwards")
        await heard.until("afterwards")
    printed = capsys.readouterr()
    assert "a secret" not in printed.out + printed.err
    assert "handler_failed" in printed.out + printed.err


async def test_while_discord_is_down_it_tries_less_and_less_often(server: DiscordServer, alex: Person) -> None:
    server.faults.add("GET", LOGIN, Raw(status=521), times=9)
    async with listening(server) as heard:
        assert heard.waited == [min(FIRST_WAIT * 2**n, LONGEST_WAIT) for n in range(9)]
        alex.write("afterwards")
        await heard.until("afterwards")


async def test_a_token_that_is_not_known_any_more_ends_it(server: DiscordServer) -> None:
    server.faults.add("GET", LOGIN, Say(unauthorized()))
    with pytest.raises(Stopped, match="BREATHING_ROOM_DISCORD_TOKEN"):
        await asyncio.wait_for(listen(server.token, (), wait=Heard(server).wait), 5)


@pytest.mark.parametrize("code", [4004, 4010, 4011, 4013, 4014])
async def test_whom_the_gateway_never_lets_in_is_told_so(server: DiscordServer, code: int) -> None:
    task = asyncio.create_task(listen(server.token, (), wait=Heard(server).wait))
    await server.gateway.await_ready()
    await server.gateway.drop(code)
    with pytest.raises(Stopped):
        await asyncio.wait_for(task, 5)


async def test_no_intent_is_asked_for_that_needs_a_privilege(server: DiscordServer) -> None:
    async with listening(server):
        (session,) = server.gateway.sessions.values()
        assert session.intents & PRIVILEGED == 0


async def test_several_shards_hear_each_what_is_theirs_and_all_of_it(server: DiscordServer) -> None:
    people = [server.person(f"P{n}") for n in range(6)]
    dens = [server.guild(f"G{n}", person).channel("den") for n, person in enumerate(people)]
    async with listening(server, shards=2) as heard:
        await server.until(lambda: len(server.gateway.sessions) == 2)
        await server.until_taken()
        assert sorted(one.shard for one in server.gateway.sessions.values()) == [(0, 2), (1, 2)]
        for person, den in zip(people, dens, strict=True):
            person.write("hello", den, mention_bot=True)
        await server.until(lambda: len(heard.texts) == len(people))
        assert len(heard.texts) == len(people)
