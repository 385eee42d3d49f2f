"""``keys``: the master key."""

import json

import typer

from bot.cli.keeping import holding_data
from bot.cli.options import HeldDataOption, JsonOption

keys = typer.Typer(help="The master key, which everything that is kept is sealed under.", no_args_is_help=True)


@keys.callback()
def about() -> None:
    """The master key, which everything that is kept is sealed under."""


@keys.command()
def rotate(
    data: HeldDataOption,
    as_json: JsonOption = False,  # noqa: FBT002
) -> None:
    """Take a new master key into use. Broken off, it goes on the next time."""
    from bot.wiring.rotating import rotate as rotate_keys

    with holding_data(data, "./run keys rotate"):
        count, path = rotate_keys(data)
    if as_json:
        typer.echo(json.dumps({"wrapped": count, "key": str(path) if path is not None else "BREATHING_ROOM_KEY"}))
    elif path is not None:
        typer.echo(f"{count} keys are sealed with the new key in {path}. Keep a copy of it elsewhere.")
        typer.echo("The old one stays beside it for 30 days, for backups from before. If others know it, delete it.")
    else:
        typer.echo(f"{count} keys are sealed with the first key of BREATHING_ROOM_KEY now.")
        typer.echo("Leave the others out, and keep them for backups from before: ./run restore takes them behind it.")
