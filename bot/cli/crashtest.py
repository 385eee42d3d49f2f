"""``crashtest``: whoever works for people is killed, again and again, and nothing may be lost or doubled."""

from typing import Annotated

import typer

from bot.cli.options import JsonOption
from bot.cli.programs import BENCHES, run_program


def crashtest(
    kills: Annotated[int, typer.Option("--kills", metavar="N", help="In all; half of them on each platform.")] = 200,
    seed: Annotated[str, typer.Option("--seed", metavar="S", help="What people do, and when is killed.")] = "1",
    through: Annotated[
        str | None,
        typer.Option("--through", metavar="NAME", help="All on that platform's double: telegram, discord."),
    ] = None,
    as_json: JsonOption = False,  # noqa: FBT002
) -> None:
    """Kill the bot in the middle of its work, again and again, and count what is lost or doubled."""
    args = ["--kills", str(kills), "--seed", seed, *(["--through", through] if through else [])]
    args += ["--json"] if as_json else []
    run_program(BENCHES / "crashtest" / "__main__.py", args)
