"""``check``: flow files, or what a start with them would do to running conversations."""

import asyncio
import json
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.loading import loaded
from bot.cli.options import FlowsOption, JsonOption
from bot.cli.refusing import PROBLEMS, refused, telling_problems
from bot.wiring.checking import check_files
from bot.wiring.dialogues import DIALOGUES


def check(
    paths: Annotated[list[Path] | None, typer.Argument(help="Flow files, or folders of them.")] = None,
    flows: FlowsOption = None,
    as_json: JsonOption = False,  # noqa: FBT002  # Typer's options are keyword arguments of the command line
    against_live: Annotated[
        Path | None,
        typer.Option("--against-live", help="A data folder: what would become of its running sessions?"),
    ] = None,
) -> None:
    """Check flow files: every problem at once, as file:line:column."""
    if against_live is not None:
        if paths:
            message = "--against-live looks at all flows together: name their folder with --flows"
            raise refused(message)
        _check_against_live(flows, against_live, as_json=as_json)
        return
    for path in [*(paths or []), *([flows] if flows else [])]:
        if not path.exists():
            message = f"{path} is not there"
            raise refused(message)
    with telling_problems(as_json=as_json):
        count = check_files(paths or [flows or DIALOGUES], flows)
    flows_there = "1 flow" if count == 1 else f"{count} flows"
    typer.echo(json.dumps({"flows": count, "problems": 0}) if as_json else f"{flows_there}, no problems")


def _check_against_live(flows: Path | None, data: Path, *, as_json: bool) -> None:
    """The dry run of a start with these flows: it reads the data folder and changes nothing."""
    from bot.cli.keeping import usable
    from bot.conversation import fates
    from bot.conversation.opening import lost_sentence
    from bot.wiring.against_live import against_live

    library = loaded(flows, as_json=as_json)
    with usable(), telling_problems(as_json=as_json):
        fared = asyncio.run(against_live(library, data))
    for line in [json.dumps(fates.as_data(one)) for one in fates.in_order(fared)] if as_json else fates.table(fared):
        typer.echo(line)
    sentence = lost_sentence(fared)
    if sentence:
        typer.echo(sentence, err=True)
        raise typer.Exit(PROBLEMS)
