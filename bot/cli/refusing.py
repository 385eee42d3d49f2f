"""How a command ends that cannot go on: what is wrong with the files is told, wrong usage is refused."""

import json
from collections.abc import Generator, Sequence
from contextlib import contextmanager

import typer

from bot.flows.problems import FlowInvalid, Problem

PROBLEMS, USAGE = 1, 2


def refused(message: str) -> typer.Exit:
    """Tell how the command was used wrongly; return what ends it."""
    typer.echo(message, err=True)
    return typer.Exit(USAGE)


def tell_problems(problems: Sequence[Problem], *, as_json: bool) -> None:
    """Tell every problem: on stderr, or as JSON among the results."""
    for problem in problems:
        if as_json:
            fields = ("path", "line", "column", "code", "message")
            typer.echo(json.dumps({name: getattr(problem, name) for name in fields}))
        else:
            typer.echo(str(problem), err=True)


@contextmanager
def telling_problems(*, as_json: bool, code: int = PROBLEMS) -> Generator[None]:
    """End with every problem of a file that cannot be read."""
    try:
        yield
    except FlowInvalid as fault:
        tell_problems(fault.problems, as_json=as_json)
        raise typer.Exit(code) from None
