"""``graph``: a flow as a picture of its steps."""

import json
from typing import Annotated

import typer

from bot.cli.loading import loaded, wants_flow
from bot.cli.options import FlowArgument, FlowsOption, JsonOption
from bot.cli.refusing import refused
from bot.flows import drawing
from bot.flows.graph import graph_of
from bot.flows.mermaid import mermaid


def graph(
    flow: FlowArgument,
    flows: FlowsOption = None,
    svg: Annotated[bool, typer.Option("--svg", help="A picture; needs the extra 'graph'.")] = False,  # noqa: FBT002
    as_json: JsonOption = False,  # noqa: FBT002
) -> None:
    """Write a flow as a graph: Mermaid text, or a picture."""
    library = loaded(flows, as_json=as_json)
    wants_flow(flow, library)
    found = graph_of(library.compiled[flow])
    try:
        told = drawing.svg(found) if svg else mermaid(found)
    except drawing.DrawingMissing as missing:
        raise refused(str(missing)) from None
    typer.echo(json.dumps({"flow": flow, "svg" if svg else "mermaid": told}) if as_json else told, nl=as_json)
