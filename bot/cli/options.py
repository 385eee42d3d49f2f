"""What several commands take, under the same name and with the same help."""

from pathlib import Path
from typing import Annotated

import typer

FlowsOption = Annotated[
    Path | None,
    typer.Option(
        "--flows",
        help="A folder with flows/*.yaml and phrases.yaml; or with flows alone, which come beside those that ship.",
        file_okay=False,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")]
DataOption = Annotated[
    Path | None, typer.Option("--data", help="Keep everything in this folder; without it, nothing is kept.")
]
FlowArgument = Annotated[str, typer.Argument(help="The name of a flow.")]
HeldDataOption = Annotated[Path, typer.Option("--data", help="The data folder.", file_okay=False)]
PersonOption = Annotated[str, typer.Option("--person", help="Their number, which /data_code tells them.")]
CodeOption = Annotated[str, typer.Option("--code", help="The code that /data_code told them.")]
