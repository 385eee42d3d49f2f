"""``play``: transcripts, played through the whole stack."""

import asyncio
import json
from collections.abc import Generator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.loading import loaded
from bot.cli.options import FlowsOption, JsonOption
from bot.cli.programs import TESTS, run_program
from bot.cli.refusing import PROBLEMS, USAGE, refused, telling_problems
from bot.engine.watching import Took
from bot.flows import coverage as covering
from bot.flows.library import Library
from bot.wiring.covering import covered


class Through(StrEnum):
    """A platform through which transcripts are played; of each there is a double on this computer."""

    TERMINAL = "terminal"
    TELEGRAM = "telegram"
    DISCORD = "discord"
    BOTH = "both"


def play(
    files: Annotated[list[Path], typer.Argument(help="Transcripts (.chat).")],
    flows: FlowsOption = None,
    as_json: JsonOption = False,  # noqa: FBT002
    coverage: Annotated[bool, typer.Option("--coverage", help="Tell what was never taken.")] = False,  # noqa: FBT002
    least: Annotated[
        int, typer.Option(min=0, max=100, help="With --coverage: the least per cent of steps and ways.")
    ] = 0,
    update: Annotated[bool, typer.Option("--update", help="Write anew what is expected.")] = False,  # noqa: FBT002
    through: Annotated[Through, typer.Option(help="Which platform people are on.")] = Through.TERMINAL,
) -> None:
    """Play transcripts through the whole stack, under a virtual clock, and hold them to what they expect."""
    if through is not Through.TERMINAL:
        if flows is not None or as_json or coverage or least or update:
            message = f"--through {through} goes with files alone: leave the other options out"
            raise refused(message)
        run_program(TESTS / "through" / "playing.py", [through, *(str(path) for path in files)])
    library = loaded(flows)
    taken: set[Took] = set()
    one = _update if update else _play
    held = [one(path, library, taken, as_json=as_json) for path in files]
    if coverage or least:
        found = covered(library, taken, flows)
        for line in map(json.dumps, covering.as_data(found)) if as_json else covering.as_lines(found):
            typer.echo(line)
        if found.percent < least:
            typer.echo(f"{found.percent} % is less than {least} %: play what was never taken", err=True)
            raise typer.Exit(PROBLEMS)
    if not all(held):
        raise typer.Exit(PROBLEMS)


def _play(path: Path, library: Library, taken: set[Took], *, as_json: bool) -> bool:
    """Play one transcript and tell how it went."""
    from bot.wiring.playing import play_transcript

    with _reading(path, as_json=as_json):
        failure, lines = asyncio.run(play_transcript(path, library, taken.add))
    if as_json:
        typer.echo(json.dumps({"file": str(path), "held": failure is None, "failure": failure}))
    elif failure is None:
        typer.echo(f"held  {path} ({lines} lines)")
    else:
        typer.echo(failure, err=True)
    return failure is None


def _update(path: Path, library: Library, taken: set[Took], *, as_json: bool) -> bool:
    """Play one transcript, write its expectations anew, and tell how many."""
    from bot.wiring.playing import update_transcript

    with _reading(path, as_json=as_json):
        failure, count = asyncio.run(update_transcript(path, library, taken.add))
    if as_json:
        typer.echo(json.dumps({"file": str(path), "updated": count, "failure": failure}))
    elif failure is None:
        typer.echo(f"{'updated' if count else 'held'}  {path} ({count} expectations written anew)")
    else:
        typer.echo(f"{failure}\n    this one is yours to mend: nothing was written", err=True)
    return failure is None


@contextmanager
def _reading(path: Path, *, as_json: bool) -> Generator[None]:
    """End when a transcript is not there, cannot be read, or has lines that are none."""
    if path.is_dir():
        message = f"{path} is a folder: name the transcripts in it, such as {path / '*.chat'}"
        raise refused(message)
    if not path.is_file():
        message = f"{path} is not there"
        raise refused(message)
    with telling_problems(as_json=as_json, code=USAGE):
        yield
