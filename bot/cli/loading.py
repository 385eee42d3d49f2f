"""The flows that a command works on."""

from pathlib import Path

from bot.cli.refusing import refused, telling_problems
from bot.flows.library import Library
from bot.flows.problems import did_you_mean
from bot.wiring.dialogues import library_of


def loaded(folder: Path | None, *, as_json: bool = False) -> Library:
    """Return the flows, or end with every problem that they have: nothing starts half-loaded."""
    wants_folder(folder)
    with telling_problems(as_json=as_json):
        return library_of(folder)


def wants_folder(folder: Path | None) -> None:
    """End when what was named is no folder."""
    if folder is not None and not folder.is_dir():
        message = f"{folder} is no folder: name one that holds flows/*.yaml and phrases.yaml"
        raise refused(message)


def wants_flow(flow: str, library: Library) -> None:
    """End when there is no flow of that name."""
    if flow not in library.compiled:
        message = f"there is no flow '{flow}'{did_you_mean(flow, sorted(library.compiled))}"
        raise refused(message)
