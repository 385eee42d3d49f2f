"""``facts``: who may read what of a flow."""

import json
from dataclasses import asdict

import typer

from bot.cli.loading import loaded, wants_flow
from bot.cli.options import FlowArgument, FlowsOption, JsonOption
from bot.flows.facts.finding import facts_of
from bot.flows.facts.page import page_of


def facts(
    flow: FlowArgument,
    flows: FlowsOption = None,
    as_json: JsonOption = False,  # noqa: FBT002
) -> None:
    """Tell who may read what of a flow, when and by whose yes, and what others can notice."""
    library = loaded(flows, as_json=as_json)
    wants_flow(flow, library)
    found = facts_of(library.compiled, flow, library.records)
    typer.echo(json.dumps(asdict(found)) if as_json else page_of(found), nl=as_json)
