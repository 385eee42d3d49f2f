"""``erase``: everything of one person, who asked for it in their own chat."""

import asyncio
import json

import typer

from bot.cli.keeping import holding_data
from bot.cli.loading import loaded
from bot.cli.options import CodeOption, FlowsOption, HeldDataOption, JsonOption, PersonOption
from bot.cli.refusing import refused, telling_problems


def erase(
    data: HeldDataOption,
    person: PersonOption,
    code: CodeOption,
    flows: FlowsOption = None,
    as_json: JsonOption = False,  # noqa: FBT002
) -> None:
    """Erase a person, with a code from their own chat: what they wrote, at once; what they share ends."""
    from bot.conversation.one_time_code import CodeRefused
    from bot.wiring.own_data import erase as erase_one

    library = loaded(flows)
    with telling_problems(as_json=as_json), holding_data(data, "./run erase") as kept:
        try:
            asyncio.run(erase_one(kept, library, person, code))
        except CodeRefused as fault:
            raise refused(str(fault)) from None
    typer.echo(json.dumps({"erased": person}) if as_json else "Erased. They are told when the bot runs again.")
