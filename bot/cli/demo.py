"""``demo``: a page on this computer."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.keeping import keeping
from bot.cli.loading import loaded
from bot.cli.options import DataOption, FlowsOption
from bot.cli.refusing import refused, telling_problems
from bot.flows.library import Library


def demo(
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 8765,
    data: DataOption = None,
    flows: FlowsOption = None,
    no_open: Annotated[bool, typer.Option("--no-open", help="Do not open a browser.")] = False,  # noqa: FBT002
) -> None:
    """Open a page where you play both people and the room."""
    library = loaded(flows)
    try:
        _serve(library, flows, data, port, open_browser=not no_open)
    except KeyboardInterrupt:
        typer.echo("Stopped.")


def _serve(library: Library, flows: Path | None, data: Path | None, port: int, *, open_browser: bool) -> None:
    from bot.wiring.demo import CannotServe, serve_demo

    try:
        with telling_problems(as_json=False), keeping(data, "./run demo") as kept:
            asyncio.run(serve_demo(library, flows, kept, port, open_browser=open_browser))
    except CannotServe as fault:
        raise refused(str(fault)) from None
