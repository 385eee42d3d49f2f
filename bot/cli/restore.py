"""``restore``: a backup in the place of what is kept."""

import asyncio
import json
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.keeping import holding_data
from bot.cli.loading import loaded
from bot.cli.options import FlowsOption, HeldDataOption, JsonOption
from bot.cli.refusing import refused, telling_problems


def restore(
    file: Annotated[Path, typer.Argument(help="A backup.")],
    data: HeldDataOption,
    flows: FlowsOption = None,
    as_json: JsonOption = False,  # noqa: FBT002
) -> None:
    """Put a backup in the place of what is kept. Whoever was erased since stays erased."""
    from bot.wiring.backing_up import restore as restore_backup

    if not file.is_file():
        message = f"{file} is not there"
        raise refused(message)
    library = loaded(flows)
    with telling_problems(as_json=as_json), holding_data(data, "./run restore") as kept:
        aside, erased = asyncio.run(restore_backup(file, kept, library))
    if as_json:
        typer.echo(json.dumps({"restored": str(file), "before": str(aside), "erased_again": erased}))
    else:
        typer.echo(f"Restored. What was there is in {aside}: delete it when you do not need it any more.")
        if erased:
            typer.echo(f"{erased} who had been erased since are erased again.")
