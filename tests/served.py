"""``./run serve``, as a process of its own: it is told where the doubles are, and may be killed at any time."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.discord.server.server import DiscordServer
from tests.telegram.server.api import BotApi

ROOT = Path(__file__).parents[1]
OWN = "BREATHING_ROOM_"

PATIENCE = 30
"""Seconds for a process to do what is waited for."""


def on_telegram(api: BotApi) -> dict[str, str]:
    """Return what the process is told of a double of Telegram."""
    return {f"{OWN}TELEGRAM_TOKEN": api.token, f"{OWN}TELEGRAM_API": api.base_url.removesuffix("/bot")}


def on_discord(server: DiscordServer) -> dict[str, str]:
    """Return what the process is told of a double of Discord."""
    return {
        f"{OWN}DISCORD_TOKEN": server.token,
        f"{OWN}DISCORD_API": server.api_url,
        f"{OWN}DISCORD_GATEWAY": server.gateway_url,
    }


@asynccontextmanager
async def serving(told: dict[str, str], data: Path) -> AsyncGenerator[Process]:
    """Run the bot until the block is left; then it is killed, if it has not ended."""
    others = {name: value for name, value in os.environ.items() if not name.startswith(OWN)}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "serve", "--data", str(data)),
        cwd=ROOT,
        env={**others, f"{OWN}OPERATOR": "Kim", **told},
        stdout=PIPE,
        stderr=STDOUT,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()
