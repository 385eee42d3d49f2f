"""Discord, as the worker has it: what lasts some minutes there lasts as long in the platform's own time."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager

from pydantic import SecretStr

from bench.crashtest.outer_worker import SPEED, Quick
from bench.crashtest.worker import library
from bot.adapters.discord import gaps, listening
from bot.wiring.discord import Discord, discord_bot
from bot.wiring.settings import Settings

MARGIN = gaps.MARGIN * SPEED

APART = 0.05
"""Seconds from one IDENTIFY to the next: the double asks for none, and workers do not live for long."""


@asynccontextmanager
async def discord_side(where: Mapping[str, str], clock: Quick) -> AsyncGenerator[Discord]:
    """Open the bot on Discord."""
    gaps.MARGIN = MARGIN
    listening.IDENTIFY_APART = APART
    settings = Settings(discord_api=where["api"], discord_gateway=where["gateway"])
    async with discord_bot(SecretStr(where["token"]), settings, clock, library()) as side:
        yield side
