"""``./run serve`` on Discord: as a process of its own, with the real client, killed and started again."""

import asyncio
import signal
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.adapters.clocks import SystemClock
from bot.adapters.stopped import Stopped
from bot.wiring.dialogues import library_of
from bot.wiring.discord import discord_bot
from bot.wiring.settings import Settings
from tests.discord.client import pointed_at
from tests.discord.server.faults import Say
from tests.discord.server.interactions import Interaction
from tests.discord.server.messages import Message
from tests.discord.server.people import Person
from tests.discord.server.refusals import too_many
from tests.discord.server.server import DiscordServer
from tests.served import PATIENCE, on_discord, on_telegram, serving
from tests.telegram.server.api import BotApi

SET_COMMANDS = ("PUT", "/applications/{application_id}/commands")


async def ready(server: DiscordServer) -> None:
    """Wait until the bot listens and its commands are there."""
    async with asyncio.timeout(PATIENCE):
        await server.gateway.await_ready()
        await server.bell.until(lambda: bool(server.world.commands))


async def told(server: DiscordServer, person: Person, words: str) -> Message:
    """Wait until the bot has written something to a person."""

    def found() -> list[Message]:
        return [one for one in person.from_bot if words in one.content]

    async with asyncio.timeout(PATIENCE):
        await server.bell.until(lambda: bool(found()))
    return found()[-1]


async def taken(server: DiscordServer, *acts: Interaction) -> None:
    """Wait until the bot has something to say to all that was done."""
    async with asyncio.timeout(PATIENCE):
        await server.bell.until(lambda: all(one.acknowledged for one in acts))


async def test_two_people_pair_and_nothing_is_lost_or_doubled_when_the_bot_is_killed(tmp_path: Path) -> None:
    async with DiscordServer(SystemClock()) as server:
        alex, sam = server.person("Alex"), server.person("Sam")
        async with serving(on_discord(server), tmp_path / "data"):
            await ready(server)
            sam.write("hello")
            await told(server, sam, "Hi")
            alex.command("pair")
            alex.press(await told(server, alex, "five small rules"), "Yes, gladly")
            alex.press(await told(server, alex, "whose idea"), "My own idea")
            on_its_way = (await told(server, alex, "Your code is")).content
        code = on_its_way.split("`")[1]
        server.gateway.forget_sessions()
        sam.write(f"/pair {code}")  # while nobody is there
        async with serving(on_discord(server), tmp_path / "data"):
            sam.press(await told(server, sam, "Alex"), "Pair")
            sam.press(await told(server, sam, "whose idea"), "My own idea")
            await told(server, alex, "are paired now")
            await told(server, sam, "are paired now")
        for person in (alex, sam):
            texts = [one.content for one in person.from_bot]
            assert len(texts) == len(set(texts))


async def test_commands_are_set_once(tmp_path: Path) -> None:
    async with DiscordServer(SystemClock()) as server:
        for _ in range(2):
            async with serving(on_discord(server), tmp_path / "data"):
                await ready(server)
                alex = server.person("Alex")
                await taken(server, alex.command("help"))
                server.gateway.forget_sessions()
        assert len(server.calls_of(*SET_COMMANDS)) == 1


async def test_it_ends_at_once_when_it_is_asked_to(tmp_path: Path) -> None:
    async with DiscordServer(SystemClock()) as server:
        alex = server.person("Alex")
        async with serving(on_discord(server), tmp_path / "data") as process:
            await ready(server)
            alex.write("hello there")
            await told(server, alex, "Hi")
            process.send_signal(signal.SIGTERM)
            out, _ = await asyncio.wait_for(process.communicate(), PATIENCE)
        printed = out.decode()
        assert process.returncode == 0
        assert printed.splitlines()[-1] == "Stopped."
        assert server.token not in printed
        assert "hello there" not in printed


async def test_a_token_that_discord_does_not_know_is_said_in_one_sentence(server: DiscordServer) -> None:
    settings = Settings(discord_api=server.api_url, discord_gateway=server.gateway_url)
    with pointed_at(server), pytest.raises(Stopped, match="set BREATHING_ROOM_DISCORD_TOKEN"):
        async with discord_bot(SecretStr("not.a.token"), settings, SystemClock(), library_of(None)):
            pass


async def test_it_serves_while_its_commands_cannot_be_set(tmp_path: Path) -> None:
    async with DiscordServer(SystemClock()) as server:
        server.faults.add("GET", "/applications/{application_id}/commands", Say(too_many(600)), times=99)
        alex = server.person("Alex")
        async with serving(on_discord(server), tmp_path / "data"):
            async with asyncio.timeout(PATIENCE):
                await server.gateway.await_ready()
            alex.write("hello")
            await told(server, alex, "Hi")


async def test_one_process_serves_both_platforms_and_a_pair_across_them(tmp_path: Path) -> None:
    async with DiscordServer(SystemClock()) as server, BotApi() as api:
        alex, sam = server.person("Alex"), api.person("Sam")
        async with serving({**on_discord(server), **on_telegram(api)}, tmp_path / "data"):
            await ready(server)
            alex.command("pair")
            alex.press(await told(server, alex, "five small rules"), "Yes, gladly")
            alex.press(await told(server, alex, "whose idea"), "My own idea")
            code = (await told(server, alex, "Your code is")).content.split("`")[1]
            sam.start()
            sam.write(f"/pair {code}")
            async with asyncio.timeout(PATIENCE):
                await api.bell.until(lambda: any("Alex" in one.text for one in sam.from_bot))
                sam.press(sam.from_bot[-1], "Pair")
                await api.bell.until(lambda: any("whose idea" in one.text for one in sam.from_bot))
                sam.press(sam.from_bot[-1], "My own idea")
                await api.bell.until(lambda: any("are paired now" in one.text for one in sam.from_bot))
            await told(server, alex, "are paired now")
