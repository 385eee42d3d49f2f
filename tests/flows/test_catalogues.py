"""Catalogues held against the flows: wrong ones are refused with their places, what is not done is left in English.

Each wrong file says in its first lines what is told about it: ``# expect: LINE:COLUMN CODE`` and part of the message.
"""

import re
from pathlib import Path
from shutil import copytree

import pytest

from bot.engine.model import Flow
from bot.flows.library import Library, load_library
from bot.flows.problems import FlowInvalid, Problem

HERE = Path(__file__).parent / "catalogues"
WRONG = sorted((HERE / "faults").glob("*.po"))
RIGHT = (HERE / "right.po").read_text("utf-8")

_EXPECT = re.compile(r"^# expect: (\d+):(\d+) ([a-z0-9-]+)(?: (.*))?$", re.MULTILINE)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of dialogues whose Spanish is right."""
    copytree(HERE / "dialogues", tmp_path, dirs_exist_ok=True)
    translated(tmp_path, RIGHT)
    return tmp_path


def translated(folder: Path, catalogue: str, language: str = "es") -> Path:
    path = folder / "locales" / language / "LC_MESSAGES" / "messages.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(catalogue, "utf-8")
    return path


def problems_of(folder: Path) -> tuple[Problem, ...]:
    with pytest.raises(FlowInvalid) as refused:
        load_library(folder)
    return refused.value.problems


def shown(library: Library, address: str, language: str = "es") -> str:
    flow, _, key = address.partition(":")
    return library.template(flow, key, language).source


def left(library: Library) -> dict[str, str]:
    """What is left in English, each with why."""
    told: dict[str, str] = {}
    for problem in library.standings["es"].untranslated:
        _, address, why = problem.message.split("'", 2)
        told[address] = why.strip()
    return told


def without(address: str, catalogue: str = RIGHT) -> str:
    return re.sub(rf'\nmsgctxt "{re.escape(address)}"\n(.+\n)+', "", catalogue)


def emptied(address: str) -> str:
    return re.sub(rf'(msgctxt "{re.escape(address)}"\nmsgid .*\nmsgstr) .*', r'\1 ""', RIGHT)


# What is refused


@pytest.mark.parametrize("path", WRONG, ids=lambda path: path.stem)
def test_a_wrong_catalogue_is_refused_with_exactly_its_problems_and_their_places(folder: Path, path: Path) -> None:
    wrong = path.read_text("utf-8")
    expected = _EXPECT.findall(wrong)
    assert expected
    place = translated(folder, wrong)
    told = problems_of(folder)
    assert {problem.path for problem in told} == {str(place)}
    places = sorted((problem.line, problem.column, problem.code) for problem in told)
    assert places == sorted((int(line), int(column), code) for line, column, code, _ in expected), "\n".join(
        map(str, told)
    )
    for line, column, code, part in expected:
        here = [p.message for p in told if (p.line, p.column, p.code) == (int(line), int(column), code)]
        assert any(part in message for message in here), here


def test_a_folder_that_is_named_like_no_language_is_refused(folder: Path) -> None:
    translated(folder, RIGHT, "spanish")
    assert [problem.code for problem in problems_of(folder)] == ["wrong-language"]


def test_wrong_flows_and_wrong_catalogues_are_told_together(folder: Path) -> None:
    translated(folder, 'msgctxt "talk:title\n')
    flow = folder / "flows" / "talk.yaml"
    flow.write_text(flow.read_text().replace("kept: closed", "kpt: closed"))
    assert {problem.code for problem in problems_of(folder)} == {"po-syntax", "unknown-key"}


def test_while_flows_are_wrong_nothing_is_told_about_their_addresses(folder: Path) -> None:
    flow = folder / "flows" / "talk.yaml"
    flow.write_text(flow.read_text().replace("id: done", "id: fin"))
    assert {problem.code for problem in problems_of(folder)} == {"unknown-step"}


# What is used


def test_a_right_catalogue_is_used_whole(folder: Path) -> None:
    library = load_library(folder)
    assert library.languages == ("en", "es")
    assert library.standings["es"].untranslated == ()
    assert library.standings["es"].sentences == RIGHT.count("msgctxt")
    assert shown(library, "talk:write.ask") == "¿Qué le dirías a {other}?"
    assert shown(library, "phrases:time.on") == "el {day} a las {time}"
    assert shown(library, "talk:write.ask", "en") == "What would you tell {other}?"
    assert shown(library, "talk:write.ask", "fr") == "What would you tell {other}?"


def test_without_catalogues_there_is_english(folder: Path) -> None:
    translated(folder, RIGHT).unlink()
    library = load_library(folder)
    assert (library.languages, library.standings) == (("en",), {})
    assert shown(library, "talk:done.say") == "Thank you."


# What is left in English


def test_what_is_not_translated_is_left_in_english(folder: Path) -> None:
    translated(folder, emptied("talk:done.say"))
    library = load_library(folder)
    assert left(library) == {"talk:done.say": "has no translation"}
    assert shown(library, "talk:done.say") == "Thank you."
    assert shown(library, "talk:quiet.say") == "Quedó en silencio."


def test_a_gap_is_listed_where_its_translation_goes(folder: Path) -> None:
    path = translated(folder, emptied("talk:done.say"))
    (gap,) = load_library(folder).standings["es"].untranslated
    assert gap.path == str(path)
    assert path.read_text("utf-8").splitlines()[gap.line - 1] == 'msgstr ""'
    assert (gap.column, gap.code) == (9, "untranslated")


def test_a_sentence_that_is_not_in_the_catalogue_is_left_in_english(folder: Path) -> None:
    translated(folder, without("talk:done.say"))
    assert "talk:done.say" not in (folder / "locales/es/LC_MESSAGES/messages.po").read_text()
    library = load_library(folder)
    assert set(left(library)) == {"talk:done.say"}
    assert shown(library, "talk:done.say") == "Thank you."


def test_a_sentence_whose_english_has_changed_is_left_in_english_whatever_its_placeholders(folder: Path) -> None:
    flow = folder / "flows" / "talk.yaml"
    flow.write_text(flow.read_text().replace("What would you tell {other}?", "{one}, what now?"))
    library = load_library(folder)
    assert set(left(library)) == {"talk:write.ask"}
    assert shown(library, "talk:write.ask") == "{one}, what now?"


def test_what_is_marked_fuzzy_is_left_in_english(folder: Path) -> None:
    translated(folder, RIGHT.replace('msgctxt "talk:done.say"', '#, fuzzy\nmsgctxt "talk:done.say"'))
    library = load_library(folder)
    assert set(left(library)) == {"talk:done.say"}
    assert shown(library, "talk:done.say") == "Thank you."


def test_a_question_is_left_in_english_as_long_as_the_outcome_that_it_tells_is(folder: Path) -> None:
    translated(folder, emptied("talk:outcomes.both.told"))
    library = load_library(folder)
    assert set(left(library)) == {"talk:outcomes.both.told", "talk:turn.ask"}
    assert shown(library, "talk:turn.ask") == "Go on? It goes on if you both want to."


def test_of_two_sentences_that_nobody_may_tell_apart_both_are_left_in_english(folder: Path) -> None:
    translated(folder, emptied("talk:silent.say"))
    library = load_library(folder)
    assert set(left(library)) == {"talk:quiet.say", "talk:silent.say"}
    assert shown(library, "talk:quiet.say") == shown(library, "talk:silent.say") == "It went quiet."


def test_labels_that_are_the_same_in_english_may_differ(folder: Path) -> None:
    translated(folder, RIGHT.replace('msgid "More"\nmsgstr "Más"', 'msgid "More"\nmsgstr "Seguir"', 1))
    library = load_library(folder)
    assert shown(library, "talk:slots.more.name") == "Seguir"
    assert shown(library, "talk:slots.more.options.yes") == "Más"


# Revisions


def test_a_revision_covers_the_words_of_every_language(folder: Path) -> None:
    def revision(catalogue: str) -> str:
        translated(folder, catalogue)
        flow: Flow = load_library(folder).flows["talk"]
        return flow.revision

    first = revision(RIGHT)
    assert revision(RIGHT) == first
    assert revision(RIGHT.replace("Gracias.", "Mil gracias.")) != first
    assert revision(emptied("talk:done.say")) != first
    assert revision(RIGHT.replace("Sí", "Claro")) == first, "a phrase belongs to no flow"
    assert revision(f"# A remark.\n{RIGHT}") == first
