"""What a message costs: the product on Discord as it is served, beside a bare bot of the library that echoes."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import discord
from pydantic import SecretStr

from bench.platforms.costing import MESSAGES, PEOPLE, Serve, at_work, cost, work
from bench.telegram.crowd import MEMORY
from bot.adapters.clocks import SystemClock
from bot.wiring.data_folder import kept_in
from bot.wiring.dialogues import library_of
from bot.wiring.serving import serve
from bot.wiring.settings import Settings
from tests.discord.client import plain_client, pointed_to
from tests.discord.server.server import DiscordServer

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

FLOWS = Path(__file__).parents[1] / "telegram" / "flows"


def serve_ours(where: str, pipe: "Connection[float, None]") -> None:
    """Serve with the product, until this process is killed."""
    told = json.loads(where)
    settings = Settings(
        operator="Kim",
        discord_token=SecretStr(told["token"]),
        discord_api=told["api_url"],
        discord_gateway=told["gateway_url"],
    )

    async def run() -> None:
        with TemporaryDirectory(dir=MEMORY) as folder, kept_in(Path(folder), "a benchmark") as keeping:
            await serve(settings, keeping, library_of(FLOWS))

    work(pipe, run)


def serve_echo(where: str, pipe: "Connection[float, None]") -> None:
    """Serve with a bare bot of the library, until this process is killed."""
    told = json.loads(where)

    async def run() -> None:
        client = plain_client()

        async def on_message(message: discord.Message) -> None:
            if message.author != client.user:
                await message.channel.send(message.content)

        client.event(on_message)
        with pointed_to(told["api_url"], told["gateway_url"]):
            async with client:
                await client.start(told["token"])

    work(pipe, run)


async def cost_of(serve: Serve, begins: str) -> tuple[float, float]:
    """Return the milliseconds of processor's time that a message costs, and how many messages a second there were."""
    async with DiscordServer(SystemClock()) as server:
        people = [server.person(f"P{number}") for number in range(PEOPLE)]
        where = {"token": server.token, "api_url": server.api_url, "gateway_url": server.gateway_url}
        async with at_work(serve, json.dumps(where)) as serving:
            await server.gateway.await_ready()
            for person in people:
                person.write(begins)
            await server.bell.until(lambda: all(person.from_bot for person in people))

            async def talk(number: int) -> None:
                person = people[number]
                for said in range(MESSAGES // PEOPLE):
                    seen = len(person.from_bot)
                    person.write(f"This is what I say, number {said}.")
                    await server.bell.until(lambda before=seen: len(person.from_bot) > before)

            return await cost(serving, talk)
