"""``export``: everything of one person, who asked for it in their own chat."""

import asyncio
import json

import typer

from bot.cli.keeping import holding_data
from bot.cli.loading import loaded
from bot.cli.options import CodeOption, FlowsOption, HeldDataOption, PersonOption
from bot.cli.refusing import refused, telling_problems


def export(
    data: HeldDataOption,
    person: PersonOption,
    code: CodeOption,
    flows: FlowsOption = None,
) -> None:
    """Write what is a person's own as JSON, with a code from their own chat: it is for them alone."""
    from bot.conversation.one_time_code import CodeRefused
    from bot.wiring.own_data import export as export_one

    library = loaded(flows)
    with telling_problems(as_json=False), holding_data(data, "./run export") as kept:
        try:
            found = asyncio.run(export_one(kept, library, person, code))
        except CodeRefused as fault:
            raise refused(str(fault)) from None
    typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
