"""A folder's catalogues as a translator works with them: writing the template, bringing files up to date, listing."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.flows.catalogue import CATALOGUE, LOCALES, TEMPLATE, languages_in
from bot.flows.extracting import Updated, template_of, updated
from bot.flows.languages import Standing
from bot.flows.library import load_library, load_sentences, shown
from bot.flows.po_file import PoFile, read_po
from bot.flows.problems import FlowInvalid, Problem
from bot.flows.sentences import Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """How the languages of a folder stand, and everything that is left to do."""

    standings: tuple[Standing, ...]
    problems: tuple[Problem, ...]


def extract(folder: Path) -> tuple[str, int]:
    """Write the template; return its file's name and how many sentences it holds. Raises FlowInvalid."""
    sentences = load_sentences(folder)
    return shown(_write_template(folder, sentences)), len(sentences)


def update(folder: Path, languages: Sequence[str]) -> dict[str, Updated]:
    """Write the template, and bring these languages (without any, all) up to date; a new one is begun.

    Raises FlowInvalid, before anything is written, when a file cannot be read.
    """
    sentences = load_sentences(folder)
    known = languages_in(folder)
    done: dict[str, Updated] = {}
    problems: list[Problem] = []
    for language in languages or known:
        path = known.get(language)
        try:
            po = read_po(path, shown(path)) if path is not None else PoFile(language)
        except FlowInvalid as fault:
            problems += fault.problems
            continue
        done[language] = updated(po, language, sentences)
    if problems:
        raise FlowInvalid(problems)
    _write_template(folder, sentences)
    for language, result in done.items():
        path = folder / LOCALES / language / CATALOGUE
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(result.text, "utf-8", newline="\n")
    return done


def check(folder: Path, languages: Sequence[str]) -> Checked:
    """Return how these languages (without any, all) stand. Raises FlowInvalid for what cannot be loaded."""
    library = load_library(folder)
    standings = tuple(library.standings[code] for code in languages or library.standings)
    problems = [*_stale(folder), *(gap for standing in standings for gap in standing.untranslated)]
    return Checked(standings=standings, problems=tuple(problems))


def _write_template(folder: Path, sentences: Sequence[Sentence]) -> Path:
    path = folder / LOCALES / TEMPLATE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(template_of(sentences), "utf-8", newline="\n")
    return path


def _stale(folder: Path) -> list[Problem]:
    """The template, when it does not hold what the flows say now."""
    path = folder / LOCALES / TEMPLATE
    wanted = template_of(load_sentences(folder)).splitlines()
    there = path.read_text("utf-8").splitlines() if path.is_file() else []
    if there == wanted:
        return []
    line = next((n for n, (old, new) in enumerate(zip(there, wanted, strict=False), 1) if old != new), len(there) + 1)
    told = "this is not what the flows say now: './run text extract' writes it anew"
    return [Problem(path=shown(path), line=line, column=1, message=told, code="stale-template")]
