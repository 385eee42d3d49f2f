"""``chat``: everybody in a terminal, from lines."""

import asyncio
import sys
from typing import Annotated

import typer

from bot.cli.keeping import keeping
from bot.cli.loading import loaded
from bot.cli.options import DataOption, FlowsOption
from bot.cli.refusing import PROBLEMS, refused, telling_problems


def chat(
    flows: FlowsOption = None,
    data: DataOption = None,
    clock: Annotated[str, typer.Option(help="system or virtual; virtual when lines come from a pipe.")] = "",
) -> None:
    """Talk as several people: lines such as 'alex> /pair', 'alex> [Yes]', 'alex@den> /pause', '+20m'."""
    from bot.wiring.chatting import chat_in_terminal

    if clock not in {"", "system", "virtual"}:
        message = "--clock is 'system' or 'virtual'"
        raise refused(message)
    virtual = clock == "virtual" or (clock == "" and not sys.stdin.isatty())
    library = loaded(flows)
    with telling_problems(as_json=False), keeping(data, "./run chat") as kept:
        problems = asyncio.run(chat_in_terminal(library, kept, sys.stdin, sys.stdout, virtual=virtual))
    for problem in problems:
        typer.echo(problem, err=True)
    if problems:
        raise typer.Exit(PROBLEMS)
