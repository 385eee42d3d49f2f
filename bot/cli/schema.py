"""``schema``: the JSON Schemas for editors."""

import json
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.options import JsonOption
from bot.wiring.schemas import write_schemas


def schema(
    folder: Annotated[Path | None, typer.Argument(help="Where to; without it, dialogues/schema.")] = None,
    as_json: JsonOption = False,  # noqa: FBT002
) -> None:
    """Write the JSON Schemas by which editors complete and check flows, and the file of records."""
    for path in write_schemas(folder):
        typer.echo(json.dumps({"schema": path}) if as_json else f"wrote {path}")
