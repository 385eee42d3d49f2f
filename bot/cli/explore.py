"""``explore``: everything that can come of a flow."""

import json
from collections.abc import Iterator, Sequence
from typing import Annotated

import typer

from bot.cli.loading import wants_folder
from bot.cli.options import FlowsOption, JsonOption
from bot.cli.refusing import PROBLEMS, refused, telling_problems
from bot.flows.exploration.bounds import Bounds
from bot.flows.exploration.exploring import Explored
from bot.flows.exploration.stood import Stood
from bot.wiring.exploring import CannotExplore, explore_flows


def explore(
    names: Annotated[list[str] | None, typer.Argument(metavar="[FLOW]...", help="Without any, all.")] = None,
    flows: FlowsOption = None,
    as_json: JsonOption = False,  # noqa: FBT002
    workers: Annotated[int, typer.Option(min=1, help="How many processes share the work.")] = 2,
    states: Annotated[int, typer.Option(min=1, help="Stop at so many states of a flow.")] = Bounds().states,
) -> None:
    """Go through everything that can come of a flow, and show the shortest conversation where something fails."""
    wants_folder(flows)
    bounds = Bounds(states=states)
    try:
        with telling_problems(as_json=as_json):
            exploring = explore_flows(flows, names or [], workers=workers, bounds=bounds)
    except CannotExplore as fault:
        raise refused(str(fault)) from None
    if not as_json:
        typer.echo(f"Bounds: {bounds.told()}.")
    holds = True
    for explored, chats in exploring:
        holds = holds and explored.holds
        typer.echo(json.dumps(_explored(explored, chats)) if as_json else _as_line(explored))
        for line in _stood(explored.stood) if names and not as_json else ():
            typer.echo(f"  {line}")
        for chat_text in (one for fault in chats for one in fault) if not as_json else ():
            typer.echo(f"\n{chat_text}", err=True)
    if not holds:
        raise typer.Exit(PROBLEMS)


def _explored(explored: Explored, chats: Sequence[Sequence[str]]) -> dict[str, object]:
    return {
        "flow": explored.flow,
        "beginnings": explored.beginnings,
        "states": explored.states,
        "turns": explored.turns,
        "truncated": explored.truncated,
        "answers": dict(explored.stood.answers),
        "words": list(explored.stood.words),
        "counts": dict(explored.stood.counts),
        "untried": list(explored.stood.untried),
        "holds": explored.holds,
        "faults": [{"told": fault.told, "chats": text} for fault, text in zip(explored.faults, chats, strict=True)],
    }


def _as_line(explored: Explored) -> str:
    counts = f"{explored.beginnings} beginnings, {explored.states} states, {explored.turns} turns"
    if not explored.beginnings:
        return f"{explored.flow}: nobody can begin it: nothing is proven"
    if explored.truncated:
        return f"{explored.flow}: {counts}: stopped at the bound of states; nothing is proven"
    if explored.stood.untried and not explored.faults:
        return f"{explored.flow}: {counts}: not everything was tried: {'; '.join(explored.stood.untried)}"
    return f"{explored.flow}: {counts}: {'holds' if explored.holds else f'{len(explored.faults)} faults'}"


def _stood(stood: Stood) -> Iterator[str]:
    """What stood for all answers, a line a slot."""
    yield from (f"{slot}: {answers}" for slot, answers in stood.answers.items())
    if stood.words:
        yield f"some words: {', '.join(stood.words)}"
    yield from (f"{count}: counted to {most}" for count, most in stood.counts.items())
