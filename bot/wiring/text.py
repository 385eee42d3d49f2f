"""The sentences of a folder in other languages: the template, the catalogues, how they stand."""

from collections.abc import Sequence
from pathlib import Path

from bot.flows import translating
from bot.flows.languages import is_language
from bot.wiring.dialogues import DIALOGUES


class UnknownLanguage(Exception):
    """There is no such language; the text is its code."""


def extract_text(folder: Path | None) -> tuple[str, int]:
    """Write the template of a folder's sentences; return its file and their number. Raises FlowInvalid."""
    return translating.extract(folder or DIALOGUES)


def update_text(folder: Path | None, languages: Sequence[str]) -> dict[str, translating.Updated]:
    """Bring the catalogues of these languages up to date, or of all. Raises FlowInvalid and UnknownLanguage."""
    for code in languages:
        if not is_language(code):
            raise UnknownLanguage(code)
    return translating.update(folder or DIALOGUES, languages)


def check_text(folder: Path | None, languages: Sequence[str]) -> translating.Checked:
    """Return how these languages stand, or all. Raises FlowInvalid and UnknownLanguage."""
    home = folder or DIALOGUES
    for code in languages:
        if code not in translating.languages_in(home):
            raise UnknownLanguage(code)
    return translating.check(home, languages)
