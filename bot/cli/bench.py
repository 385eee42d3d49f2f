"""``bench``: the programs of the folder ``bench``, by their names."""

from typing import Annotated

import typer

from bot.cli.programs import BENCHES, run_program
from bot.cli.refusing import refused


def bench(
    name: Annotated[
        str, typer.Argument(help="Which one: crashtest, discord, engine, mutants, peers, store, telegram.")
    ],
    args: Annotated[list[str] | None, typer.Argument(metavar="[ARGS]...", help="What that one takes.")] = None,
) -> None:
    """Measure, and print one JSON object a line."""
    files = {path.stem: path for path in BENCHES.glob("*.py") if not path.stem.startswith("_")}
    known = files | {path.parent.name: path for path in BENCHES.glob("*/__main__.py")}
    if name not in known:
        message = f"there is no benchmark '{name}': {', '.join(sorted(known))}"
        raise refused(message)
    run_program(known[name], args or [])
