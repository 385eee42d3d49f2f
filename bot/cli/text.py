"""``text``: the sentences in other languages."""

import json
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.loading import wants_folder
from bot.cli.options import FlowsOption, JsonOption
from bot.cli.refusing import PROBLEMS, refused, tell_problems, telling_problems
from bot.flows.languages import Standing, may_be_offered
from bot.wiring.text import UnknownLanguage, check_text, extract_text, update_text

LanguagesArgument = Annotated[
    list[str] | None, typer.Argument(metavar="[LANG]...", help="Such as es or pt-BR; without any, all there are.")
]

text = typer.Typer(help="The sentences in other languages: extract, update, check.", no_args_is_help=True)


@text.command()
def extract(
    flows: FlowsOption = None,
    as_json: JsonOption = False,  # noqa: FBT002
) -> None:
    """Write the template, which holds every sentence in English, from the flows."""
    with _reading(flows, as_json=as_json):
        path, count = extract_text(flows)
    told = {"template": path, "sentences": count}
    typer.echo(json.dumps(told) if as_json else f"{count} sentences in {path}")


@text.command()
def update(
    languages: LanguagesArgument = None,
    flows: FlowsOption = None,
    as_json: JsonOption = False,  # noqa: FBT002
) -> None:
    """Write the template, and bring catalogues up to date with it; a language that is new is begun."""
    with _reading(flows, as_json=as_json):
        done = update_text(flows, languages or [])
    for code, result in done.items():
        counts = {"new": result.new, "changed": result.changed, "aside": result.aside}
        told = f"{code}: {result.new} new, {result.changed} with changed English, {result.aside} put aside"
        typer.echo(json.dumps({"language": code, **counts}) if as_json else told)


@text.command()
def check(
    languages: LanguagesArgument = None,
    flows: FlowsOption = None,
    as_json: JsonOption = False,  # noqa: FBT002
) -> None:
    """Say how each language stands, and list every sentence that is still shown in English."""
    with _reading(flows, as_json=as_json):
        checked = check_text(flows, languages or [])
    for standing in checked.standings:
        typer.echo(json.dumps(_as_json(standing)) if as_json else _as_words(standing))
    tell_problems(checked.problems, as_json=as_json)
    if checked.problems:
        raise typer.Exit(PROBLEMS)


@contextmanager
def _reading(folder: Path | None, *, as_json: bool) -> Generator[None]:
    """End with what is wrong with the files, or for a language that is not there."""
    wants_folder(folder)
    try:
        with telling_problems(as_json=as_json):
            yield
    except UnknownLanguage as unknown:
        message = f"there is no language '{unknown}' here: such as es or pt-BR; './run text update es' begins one"
        raise refused(message) from None


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
