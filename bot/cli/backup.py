"""``backup``: a copy of what is kept, while it is in use."""

import json
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.keeping import usable
from bot.cli.options import HeldDataOption, JsonOption


def backup(
    data: HeldDataOption,
    to: Annotated[
        Path | None, typer.Option("--to", help="A folder; without it, 'backups' in the data folder.")
    ] = None,
    as_json: JsonOption = False,  # noqa: FBT002
) -> None:
    """Write a backup, while the bot runs. Those that are older than 30 days are deleted from the same folder."""
    from bot.wiring.backing_up import back_up_folder

    with usable():
        path, gone = back_up_folder(data, to or data / "backups")
    if as_json:
        typer.echo(json.dumps({"backup": str(path), "deleted": [str(old) for old in gone]}))
    else:
        typer.echo(f"{path} (it can be read with the master key alone: keep a copy of that elsewhere)")
        for old in gone:
            typer.echo(f"deleted {old}, which was older than 30 days")
