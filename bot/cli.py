"""The command line. Results go to stdout, problems to stderr; exit 0 all held, 1 problems found, 2 wrong usage."""

import asyncio
import json
import runpy
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from bot import wiring
from bot.conversation import fates
from bot.conversation.opening import lost_sentence
from bot.engine.watching import Took
from bot.flows import coverage as covering
from bot.flows.drawing import DrawingMissing
from bot.flows.exploration.bounds import Bounds
from bot.flows.exploration.exploring import Explored
from bot.flows.facts.page import page_of
from bot.flows.languages import Standing, may_be_offered
from bot.flows.library import Library
from bot.flows.problems import FlowInvalid, Problem, did_you_mean

app = typer.Typer(
    name="breathing-room",
    help="Guided conversations for people who are close.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

text = typer.Typer(help="The sentences in other languages: extract, update, check.", no_args_is_help=True)
app.add_typer(text, name="text")

PROBLEMS, USAGE = 1, 2
BENCHES = wiring.DIALOGUES.parent / "bench"

FlowsOption = Annotated[
    Path | None,
    typer.Option(
        "--flows",
        help="A folder with flows/*.yaml and phrases.yaml; or with flows alone, which come beside those that ship.",
        file_okay=False,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")]
LanguagesArgument = Annotated[
    list[str] | None, typer.Argument(metavar="[LANG]...", help="Such as es or pt-BR; without any, all there are.")
]
DataOption = Annotated[
    Path | None, typer.Option("--data", help="Keep everything in this folder; without it, nothing is kept.")
]


def main() -> None:
    """Run the command line."""
    app()


def _refuse(message: str) -> typer.Exit:
    typer.echo(message, err=True)
    return typer.Exit(USAGE)


def _library(folder: Path | None, *, as_json: bool = False) -> Library:
    """Return the flows, or end with every problem that they have: nothing starts half-loaded."""
    with _refusing(folder, as_json=as_json):
        return wiring.library(folder)


def _known(flow: str, library: Library) -> None:
    """End when there is no flow of that name."""
    if flow not in library.compiled:
        message = f"there is no flow '{flow}'{did_you_mean(flow, sorted(library.compiled))}"
        raise _refuse(message)


@contextmanager
def _refusing(folder: Path | None, *, as_json: bool = False) -> Generator[None]:
    """End with what is wrong with the files, or with how the command was used."""
    if folder is not None and not folder.is_dir():
        message = f"{folder} is no folder: name one that holds flows/*.yaml and phrases.yaml"
        raise _refuse(message)
    try:
        yield
    except FlowInvalid as fault:
        _tell(fault.problems, as_json=as_json)
        raise typer.Exit(PROBLEMS) from None
    except wiring.UnknownLanguage as unknown:
        message = f"there is no language '{unknown}' here: such as es or pt-BR; './run text update es' begins one"
        raise _refuse(message) from None


def _tell(problems: Sequence[Problem], *, as_json: bool) -> None:
    for problem in problems:
        if as_json:
            fields = ("path", "line", "column", "code", "message")
            typer.echo(json.dumps({name: getattr(problem, name) for name in fields}))
        else:
            typer.echo(str(problem), err=True)


@app.command()
def check(
    paths: Annotated[list[Path] | None, typer.Argument(help="Flow files, or folders of them.")] = None,
    flows: FlowsOption = None,
    as_json: JsonOption = False,  # noqa: FBT002  # Typer's options are keyword arguments of the command line
    against_live: Annotated[
        Path | None,
        typer.Option("--against-live", help="A data folder: what would become of its running sessions?"),
    ] = None,
) -> None:
    """Check flow files: every problem at once, as file:line:column."""
    if against_live is not None:
        if paths:
            message = "--against-live looks at all flows together: name their folder with --flows"
            raise _refuse(message)
        _check_against_live(flows, against_live, as_json=as_json)
        return
    for path in [*(paths or []), *([flows] if flows else [])]:
        if not path.exists():
            message = f"{path} is not there"
            raise _refuse(message)
    try:
        count = wiring.check(paths or [flows or wiring.DIALOGUES], flows)
    except FlowInvalid as fault:
        _tell(fault.problems, as_json=as_json)
        raise typer.Exit(PROBLEMS) from None
    flows_there = "1 flow" if count == 1 else f"{count} flows"
    typer.echo(json.dumps({"flows": count, "problems": 0}) if as_json else f"{flows_there}, no problems")


@text.command()
def extract(
    flows: FlowsOption = None,
    as_json: JsonOption = False,  # noqa: FBT002
) -> None:
    """Write the template, which holds every sentence in English, from the flows."""
    with _refusing(flows, as_json=as_json):
        path, count = wiring.extract_text(flows)
    told = {"template": path, "sentences": count}
    typer.echo(json.dumps(told) if as_json else f"{count} sentences in {path}")


@text.command()
def update(
    languages: LanguagesArgument = None,
    flows: FlowsOption = None,
    as_json: JsonOption = False,  # noqa: FBT002
) -> None:
    """Write the template, and bring catalogues up to date with it; a language that is new is begun."""
    with _refusing(flows, as_json=as_json):
        done = wiring.update_text(flows, languages or [])
    for code, result in done.items():
        counts = {"new": result.new, "changed": result.changed, "aside": result.aside}
        told = f"{code}: {result.new} new, {result.changed} with changed English, {result.aside} put aside"
        typer.echo(json.dumps({"language": code, **counts}) if as_json else told)


@text.command("check")
def check_text(
    languages: LanguagesArgument = None,
    flows: FlowsOption = None,
    as_json: JsonOption = False,  # noqa: FBT002
) -> None:
    """Say how each language stands, and list every sentence that is still shown in English."""
    with _refusing(flows, as_json=as_json):
        checked = wiring.check_text(flows, languages or [])
    for standing in checked.standings:
        typer.echo(json.dumps(_as_json(standing)) if as_json else _as_words(standing))
    _tell(checked.problems, as_json=as_json)
    if checked.problems:
        raise typer.Exit(PROBLEMS)


def _as_json(standing: Standing) -> dict[str, object]:
    return {
        "language": standing.language,
        "sentences": standing.sentences,
        "untranslated": len(standing.untranslated),
        "reviewed_by": standing.reviewed_by,
        "offered": may_be_offered(standing),
    }


def _as_words(standing: Standing) -> str:
    done = standing.sentences - len(standing.untranslated)
    reviewed = (
        f"reviewed by {standing.reviewed_by}" if standing.reviewed_by else "not yet reviewed by a native speaker"
    )
    offered = "offered" if may_be_offered(standing) else "not offered outside of demo, chat and play"
    return f"{standing.language}: {done} of {standing.sentences} sentences translated; {reviewed}; {offered}"


def _check_against_live(flows: Path | None, data: Path, *, as_json: bool) -> None:
    """The dry run of a start with these flows: it reads the data folder and changes nothing."""
    library = _library(flows, as_json=as_json)
    try:
        fared = asyncio.run(wiring.against_live(library, data))
    except wiring.CannotLook as fault:
        raise _refuse(str(fault)) from None
    except FlowInvalid as fault:
        _tell(fault.problems, as_json=as_json)
        raise typer.Exit(PROBLEMS) from None
    for line in [json.dumps(fates.as_data(one)) for one in fates.in_order(fared)] if as_json else fates.table(fared):
        typer.echo(line)
    sentence = lost_sentence(fared)
    if sentence:
        typer.echo(sentence, err=True)
        raise typer.Exit(PROBLEMS)


@app.command()
def explore(
    names: Annotated[list[str] | None, typer.Argument(metavar="[FLOW]...", help="Without any, all.")] = None,
    flows: FlowsOption = None,
    as_json: JsonOption = False,  # noqa: FBT002
    workers: Annotated[int, typer.Option(min=1, help="How many processes share the work.")] = 2,
    states: Annotated[int, typer.Option(min=1, help="Stop at so many states of a flow.")] = Bounds().states,
) -> None:
    """Go through everything that can come of a flow, and show the shortest conversation where something fails."""
    bounds = Bounds(states=states)
    try:
        with _refusing(flows, as_json=as_json):
            exploring = wiring.explore_flows(flows, names or [], workers=workers, bounds=bounds)
    except wiring.CannotExplore as fault:
        raise _refuse(str(fault)) from None
    if not as_json:
        typer.echo(f"Bounds: {bounds.told()}.")
    holds = True
    for explored, chats in exploring:
        holds = holds and explored.holds
        typer.echo(json.dumps(_explored(explored, chats)) if as_json else _as_line(explored))
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
        "holds": explored.holds,
        "faults": [{"told": fault.told, "chats": text} for fault, text in zip(explored.faults, chats, strict=True)],
    }


def _as_line(explored: Explored) -> str:
    counts = f"{explored.beginnings} beginnings, {explored.states} states, {explored.turns} turns"
    if explored.truncated:
        return f"{explored.flow}: {counts}: stopped at the bound of states; nothing is proven"
    return f"{explored.flow}: {counts}: {'holds' if explored.holds else f'{len(explored.faults)} faults'}"


@app.command()
def play(
    files: Annotated[list[Path], typer.Argument(help="Transcripts (.chat).")],
    flows: FlowsOption = None,
    as_json: JsonOption = False,  # noqa: FBT002
    coverage: Annotated[bool, typer.Option("--coverage", help="Tell what was never taken.")] = False,  # noqa: FBT002
    least: Annotated[
        int, typer.Option(min=0, max=100, help="With --coverage: the least per cent of steps and ways.")
    ] = 0,
    update: Annotated[bool, typer.Option("--update", help="Write anew what is expected.")] = False,  # noqa: FBT002
) -> None:
    """Play transcripts through the whole stack, under a virtual clock, and hold them to what they expect."""
    library = _library(flows)
    taken: set[Took] = set()
    one = _update if update else _play
    held = [one(path, library, taken, as_json=as_json) for path in files]
    if coverage or least:
        found = wiring.covered(library, taken, flows)
        for line in map(json.dumps, covering.as_data(found)) if as_json else covering.as_lines(found):
            typer.echo(line)
        if found.percent < least:
            typer.echo(f"{found.percent} % is less than {least} %: play what was never taken", err=True)
            raise typer.Exit(PROBLEMS)
    if not all(held):
        raise typer.Exit(PROBLEMS)


def _play(path: Path, library: Library, taken: set[Took], *, as_json: bool) -> bool:
    """Play one transcript and tell how it went."""
    with _reading(path, as_json=as_json):
        failure, lines = asyncio.run(wiring.play(path, library, taken.add))
    if as_json:
        typer.echo(json.dumps({"file": str(path), "held": failure is None, "failure": failure}))
    elif failure is None:
        typer.echo(f"held  {path} ({lines} lines)")
    else:
        typer.echo(failure, err=True)
    return failure is None


def _update(path: Path, library: Library, taken: set[Took], *, as_json: bool) -> bool:
    """Play one transcript, write its expectations anew, and tell how many."""
    with _reading(path, as_json=as_json):
        failure, count = asyncio.run(wiring.update_transcript(path, library, taken.add))
    if as_json:
        typer.echo(json.dumps({"file": str(path), "updated": count, "failure": failure}))
    elif failure is None:
        typer.echo(f"{'updated' if count else 'held'}  {path} ({count} expectations written anew)")
    else:
        typer.echo(f"{failure}\n    this one is yours to mend: nothing was written", err=True)
    return failure is None


@contextmanager
def _reading(path: Path, *, as_json: bool) -> Generator[None]:
    """End when a transcript is not there, or has lines that are none."""
    if not path.is_file():
        message = f"{path} is not there"
        raise _refuse(message)
    try:
        yield
    except FlowInvalid as fault:
        _tell(fault.problems, as_json=as_json)
        raise typer.Exit(USAGE) from None


@app.command()
def graph(
    flow: Annotated[str, typer.Argument(help="The name of a flow.")],
    flows: FlowsOption = None,
    svg: Annotated[bool, typer.Option("--svg", help="A picture; needs the extra 'graph'.")] = False,  # noqa: FBT002
    as_json: JsonOption = False,  # noqa: FBT002
) -> None:
    """Write a flow as a graph: Mermaid text, or a picture."""
    library = _library(flows, as_json=as_json)
    _known(flow, library)
    try:
        told = wiring.graph(library, flow, picture=svg)
    except DrawingMissing as missing:
        raise _refuse(str(missing)) from None
    typer.echo(json.dumps({"flow": flow, "svg" if svg else "mermaid": told}) if as_json else told, nl=as_json)


@app.command()
def facts(
    flow: Annotated[str, typer.Argument(help="The name of a flow.")],
    flows: FlowsOption = None,
    as_json: JsonOption = False,  # noqa: FBT002
) -> None:
    """Tell who may read what of a flow, when and by whose yes, and what others can notice."""
    library = _library(flows, as_json=as_json)
    _known(flow, library)
    found = wiring.facts(library, flow)
    typer.echo(json.dumps(asdict(found)) if as_json else page_of(found), nl=as_json)


@app.command()
def schema(
    folder: Annotated[Path | None, typer.Argument(help="Where to; without it, dialogues/schema.")] = None,
    as_json: JsonOption = False,  # noqa: FBT002
) -> None:
    """Write the JSON Schemas by which editors complete and check flows, and the file of records."""
    for path in wiring.write_schemas(folder):
        typer.echo(json.dumps({"schema": path}) if as_json else f"wrote {path}")


@app.command()
def chat(
    flows: FlowsOption = None,
    data: DataOption = None,
    clock: Annotated[str, typer.Option(help="system or virtual; virtual when lines come from a pipe.")] = "",
) -> None:
    """Talk as several people: lines such as 'alex> /pair', 'alex> [Yes]', 'alex@den> /pause', '+20m'."""
    if clock not in {"", "system", "virtual"}:
        message = "--clock is 'system' or 'virtual'"
        raise _refuse(message)
    virtual = clock == "virtual" or (clock == "" and not sys.stdin.isatty())
    library = _library(flows)
    with _refusing(None):
        problems = asyncio.run(wiring.chat(library, data, sys.stdin, sys.stdout, virtual=virtual))
    for problem in problems:
        typer.echo(problem, err=True)
    if problems:
        raise typer.Exit(PROBLEMS)


@app.command()
def demo(
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 8765,
    data: DataOption = None,
    flows: FlowsOption = None,
    no_open: Annotated[bool, typer.Option("--no-open", help="Do not open a browser.")] = False,  # noqa: FBT002
) -> None:
    """Open a page where you play both people and the room."""
    library = _library(flows)
    try:
        with _refusing(None):
            asyncio.run(wiring.demo(library, flows, data, port, open_browser=not no_open))
    except wiring.CannotServe as fault:
        raise _refuse(str(fault)) from None
    except KeyboardInterrupt:
        typer.echo("Stopped.")


@app.command(context_settings={"ignore_unknown_options": True})
def bench(
    name: Annotated[str, typer.Argument(help="Which one: engine, mutants, peers.")],
    args: Annotated[list[str] | None, typer.Argument(metavar="[ARGS]...", help="What that one takes.")] = None,
) -> None:
    """Measure, and print one JSON object a line."""
    files = {path.stem: path for path in BENCHES.glob("*.py") if not path.stem.startswith("_")}
    known = files | {path.parent.name: path for path in BENCHES.glob("*/__main__.py")}
    if name not in known:
        message = f"there is no benchmark '{name}': {', '.join(sorted(known))}"
        raise _refuse(message)
    sys.argv = [str(known[name]), *(args or [])]
    runpy.run_path(str(known[name]), run_name="__main__")
