"""``serve``: the bot on the platforms that are set up."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.keeping import holding_data
from bot.cli.loading import loaded
from bot.cli.options import FlowsOption
from bot.cli.refusing import refused, telling_problems


def serve(
    data: Annotated[Path, typer.Option("--data", help="The data folder.", file_okay=False)] = Path("data"),
    flows: FlowsOption = None,
) -> None:
    """Run the bot for everybody who writes to it. It needs the name of whoever runs it, and a platform's token."""
    from bot.wiring.serving import CannotServe, serve_until_stopped
    from bot.wiring.settings import SettingWrong, read_settings

    try:
        settings = read_settings()
    except SettingWrong as fault:
        raise refused(str(fault)) from None
    if not settings.operator.strip():
        message = (
            "it is not known who runs this bot, and people are told who could read what is kept: "
            "set BREATHING_ROOM_OPERATOR to a name that they know."
        )
        raise refused(message)
    if settings.telegram_token is None and settings.discord_token is None:
        message = (
            "no platform is set up: set BREATHING_ROOM_TELEGRAM_TOKEN, BREATHING_ROOM_DISCORD_TOKEN, or both. "
            "Without a token, ./run demo and ./run chat are where it talks."
        )
        raise refused(message)
    library = loaded(flows)
    try:
        with telling_problems(as_json=False), holding_data(data, "./run serve") as kept:
            asyncio.run(serve_until_stopped(settings, kept, library))
    except CannotServe as fault:
        raise refused(str(fault)) from None
    typer.echo("Stopped.")
