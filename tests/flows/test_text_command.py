"""``text extract``, ``update`` and ``check``: what they write, what they print where, and their exit codes."""

import json
from collections.abc import Callable
from pathlib import Path
from shutil import copytree

import pytest
from typer.testing import CliRunner, Result

from bot.cli.app import app
from bot.flows.library import load_library, load_sentences
from bot.flows.po_file import parse_po
from bot.wiring.dialogues import DIALOGUES
from bot.wiring.text import check_text
from tests.flows.test_catalogues import HERE, RIGHT, emptied, translated

Run = Callable[..., Result]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of dialogues that has no catalogue yet."""
    copytree(HERE / "dialogues", tmp_path, dirs_exist_ok=True)
    return tmp_path


@pytest.fixture
def run(folder: Path) -> Run:
    def with_arguments(*arguments: str) -> Result:
        return CliRunner().invoke(app, ["text", *arguments, "--flows", str(folder)])

    return with_arguments


def catalogue(folder: Path, language: str = "es") -> Path:
    return folder / "locales" / language / "LC_MESSAGES" / "messages.po"


def reworded(folder: Path, before: str, after: str) -> None:
    flow = folder / "flows" / "talk.yaml"
    words = flow.read_text()
    assert before in words
    flow.write_text(words.replace(before, after))


# What ships


def test_the_template_that_ships_holds_what_the_flows_say() -> None:
    """When this fails, words have changed: './run text extract' writes the template anew."""
    path = DIALOGUES / "locales" / "messages.pot"
    checked = check_text(None, [])
    assert [str(problem) for problem in checked.problems if problem.code == "stale-template"] == []
    there = {entry.address.text: entry.words.text for entry in parse_po(path.read_bytes(), "x").entries}
    assert there == {s.address: s.template.source for s in load_sentences(DIALOGUES)}


def test_every_address_of_every_flow_and_phrase_is_in_the_template() -> None:
    library = load_library(DIALOGUES)
    addresses = {f"phrases:{key}" for key in library.phrases}
    addresses |= {f"records:{key}" for key in library.records.texts}
    addresses |= {f"{flow.id}:{key}" for flow in library.flows.values() for key in flow.texts}
    template = parse_po((DIALOGUES / "locales" / "messages.pot").read_bytes(), "x")
    assert {entry.address.text for entry in template.entries} == addresses
    assert {f"{name}:{part}" for name in library.flows for part in ("title", "about")} <= addresses


# Extract


def test_extract_writes_every_sentence_for_translators(run: Run, folder: Path) -> None:
    result = run("extract")
    path = folder / "locales" / "messages.pot"
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == f"17 sentences in {path}\n"
    assert (
        "#. {one}: a name\n#. {words}: somebody's own words\n#: flows/talk.yaml\n"
        'msgctxt "talk:write:reveal.reveal"\nmsgid ""\n"{one} says:\\n"\n"\\n"\n"{words}"\nmsgstr ""\n'
    ) in path.read_text("utf-8")


def test_extract_writes_the_same_every_time(run: Run, folder: Path) -> None:
    path = folder / "locales" / "messages.pot"
    run("extract")
    first = path.read_bytes()
    run("extract")
    assert path.read_bytes() == first


def test_extract_refuses_wrong_flows(run: Run, folder: Path) -> None:
    reworded(folder, "kept: closed", "kpt: closed")
    result = run("extract")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "[unknown-key]" in result.stderr
    assert not (folder / "locales").exists()


# Update


def test_update_begins_a_language(run: Run, folder: Path) -> None:
    result = run("update", "es")
    assert (result.exit_code, result.stdout) == (0, "es: 17 new, 0 with changed English, 0 put aside\n")
    begun = parse_po(catalogue(folder).read_bytes(), "es")
    assert (begun.field("Language"), begun.field("X-Reviewed-By")) == ("es", "")
    library = load_library(folder)
    assert len(library.standings["es"].untranslated) == 16, "what is all placeholders is there already"
    assert library.template("phrases", "names.one", "es").source == "{name}"
    assert (folder / "locales" / "messages.pot").is_file()


def test_update_of_what_is_up_to_date_changes_nothing(run: Run, folder: Path) -> None:
    translated(folder, RIGHT)
    run("update")
    first = catalogue(folder).read_bytes()
    assert run("update").stdout == "es: 0 new, 0 with changed English, 0 put aside\n"
    assert catalogue(folder).read_bytes() == first
    assert load_library(folder).standings["es"].untranslated == ()


def test_a_translation_whose_english_has_changed_is_kept_for_a_second_look(run: Run, folder: Path) -> None:
    translated(folder, RIGHT)
    reworded(folder, "Thank you.", "Thank you both.")
    assert run("update", "es").stdout == "es: 0 new, 1 with changed English, 0 put aside\n"
    assert (
        '#, fuzzy\n#| msgid "Thank you."\nmsgctxt "talk:done.say"\nmsgid "Thank you both."\nmsgstr "Gracias."\n'
    ) in catalogue(folder).read_text("utf-8")
    (gap,) = load_library(folder).standings["es"].untranslated
    assert "'talk:done.say' is marked 'fuzzy'" in gap.message


def test_a_new_sentence_in_known_words_gets_their_translation_for_a_second_look(run: Run, folder: Path) -> None:
    translated(folder, RIGHT)
    reworded(folder, "else: done", "else: bye")
    reworded(folder, "  - {id: done", '  - {id: bye, say: "Thank you."}\n  - {id: done')
    assert run("update").stdout == "es: 1 new, 0 with changed English, 0 put aside\n"
    new = '#, fuzzy\nmsgctxt "talk:bye.say"\nmsgid "Thank you."\nmsgstr "Gracias."\n'
    assert new in catalogue(folder).read_text("utf-8")


def test_what_is_said_no_more_goes_to_the_end_and_comes_back_with_its_sentence(run: Run, folder: Path) -> None:
    translated(folder, RIGHT)
    reworded(folder, "id: done, say", "id: fin, say")
    reworded(folder, "else: done", "else: fin")
    assert run("check").exit_code == 1, "the address is unknown now"
    assert run("update").stdout == "es: 1 new, 0 with changed English, 1 put aside\n"
    assert (
        catalogue(folder)
        .read_text("utf-8")
        .endswith('\n#~ msgctxt "talk:done.say"\n#~ msgid "Thank you."\n#~ msgstr "Gracias."\n')
    )
    reworded(folder, "id: fin, say", "id: done, say")
    reworded(folder, "else: fin", "else: done")
    run("update")
    assert load_library(folder).standings["es"].untranslated == ()


def test_update_keeps_what_translators_and_their_tools_wrote(run: Run, folder: Path) -> None:
    header = RIGHT.replace('"X-Reviewed-By: \\n"', '"X-Reviewed-By: Ana Ruiz\\n"\n"X-Generator: Any\\n"')
    translated(folder, f"# Ours.\n{header}".replace('msgctxt "talk:done.say"', '# Warm.\nmsgctxt "talk:done.say"'))
    run("update")
    kept = catalogue(folder).read_text("utf-8")
    for line in ("# Ours.\n", "# Warm.\n", '"X-Reviewed-By: Ana Ruiz\\n"', '"X-Generator: Any\\n"'):
        assert kept.count(line) == 1
    assert kept.count("X-Reviewed-By") == 1


def test_update_writes_nothing_while_a_catalogue_cannot_be_read(run: Run, folder: Path) -> None:
    translated(folder, 'msgctxt "talk:title\n')
    translated(folder, RIGHT.replace("Language: es", "Language: fr"), "fr")
    result = run("update")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "messages.po:1:1: a line is msgctxt, msgid or msgstr" in result.stderr
    assert catalogue(folder, "fr").read_text("utf-8") == RIGHT.replace("Language: es", "Language: fr")
    assert not (folder / "locales" / "messages.pot").exists()


# Check


def test_check_says_that_all_is_translated(run: Run, folder: Path) -> None:
    translated(folder, RIGHT)
    run("extract")
    result = run("check")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == (
        "es: 17 of 17 sentences translated; not yet reviewed by a native speaker; "
        "not offered outside of demo, chat and play\n"
    )


def test_check_names_who_has_reviewed_a_language(run: Run, folder: Path) -> None:
    translated(folder, RIGHT.replace("X-Reviewed-By: ", "X-Reviewed-By: Ana Ruiz"))
    run("extract")
    assert run("check").stdout == "es: 17 of 17 sentences translated; reviewed by Ana Ruiz; offered\n"


def test_check_lists_what_is_shown_in_english(run: Run, folder: Path) -> None:
    translated(folder, emptied("talk:done.say"))
    run("extract")
    result = run("check", "es")
    assert result.exit_code == 1
    assert result.stdout.startswith("es: 16 of 17 sentences translated; ")
    assert "messages.po:70:9: 'talk:done.say' has no translation [untranslated]" in result.stderr


def test_check_tells_when_the_template_is_not_what_the_flows_say(run: Run, folder: Path) -> None:
    assert "messages.pot:1:1: this is not what the flows say now" in run("check").stderr
    run("extract")
    assert run("check").exit_code == 0
    reworded(folder, "title: Talk", "title: Walk")
    result = run("check")
    assert result.exit_code == 1
    assert "messages.pot:40:1: this is not what the flows say now: './run text extract' writes" in result.stderr


def test_check_tells_everything_as_json_too(run: Run, folder: Path) -> None:
    translated(folder, emptied("talk:done.say"))
    run("extract")
    standing, gap = (json.loads(line) for line in run("check", "--json").stdout.splitlines())
    told = {"language": "es", "sentences": 17, "untranslated": 1, "reviewed_by": "", "offered": False}
    assert standing == told
    assert (gap["line"], gap["column"], gap["code"]) == (70, 9, "untranslated")
    assert json.loads(run("update", "--json").stdout) == {"language": "es", "new": 0, "changed": 0, "aside": 0}
    assert json.loads(run("extract", "--json").stdout)["sentences"] == 17


@pytest.mark.parametrize(
    "arguments", [("check", "fr"), ("check", "spanish"), ("update", "spanish"), ("extract", "es")]
)
def test_a_language_that_there_is_not_is_wrong_usage(run: Run, arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr


def test_a_folder_that_there_is_not_is_wrong_usage(folder: Path) -> None:
    for command in ("extract", "update", "check"):
        result = CliRunner().invoke(app, ["text", command, "--flows", str(folder / "nowhere")])
        assert result.exit_code == 2
