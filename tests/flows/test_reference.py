"""The reference page: every key has its docstring and an example that loads and plays; what is made is up to date."""

import re
from pathlib import Path

import pytest

from bot.engine.guard_grammar import FUNCTIONS, compile_guard
from bot.engine.guards import Kind, Names, SlotKind
from bot.flows.checks import ACTION_ROLES, ACTION_WORDS
from bot.flows.library import Library
from bot.flows.problem_codes import CODES
from bot.flows.quoting import Occurrence, occurrences
from bot.flows.reference_prose import EXPRESSIONS
from bot.flows.vocabulary import Key, about, keys, models, own_fields
from bot.wiring.checking import check_files
from bot.wiring.dialogues import library_of
from bot.wiring.playing import play_transcript
from docs.make_reference import EXAMPLES, FACTS, PAGE, examples, facts_pages, page
from tests.conversation.world import shipped

CHATS = sorted(EXAMPLES.glob("*.chat"))


@pytest.fixture(scope="module")
def found() -> list[Occurrence]:
    return [one for example in examples() for one in occurrences(example)]


@pytest.fixture(scope="module")
def library() -> Library:
    return library_of(EXAMPLES)


def test_the_page_is_up_to_date() -> None:
    assert page() == PAGE.read_text("utf-8"), "write it anew: .venv/bin/python -m docs.make_reference"


def test_the_pages_of_facts_are_up_to_date() -> None:
    written = {path.name: path.read_text("utf-8") for path in FACTS.glob("*.md")}
    assert facts_pages(shipped()) == written, "write them anew: .venv/bin/python -m docs.make_reference"


def test_every_link_of_a_page_of_facts_leads_to_what_it_names() -> None:
    found = 0
    for path in FACTS.glob("*.md"):
        for name, target in re.findall(r"\[([^\]]+)\]\(([^)]+)\)", path.read_text("utf-8")):
            file, _, anchor = target.partition("#L")
            lines = (path.parent / file).read_text("utf-8").split("\n")
            if anchor:
                found += 1
                assert re.search(rf"\bid: {name.strip('`')}\b", lines[int(anchor) - 1]), (path.name, name, target)
    assert found > 500


def test_every_key_has_a_docstring() -> None:
    assert [
        f"{model.__name__}.{name}" for model in models() for name in own_fields(model) if not about(model, name)
    ] == []


def test_every_key_has_an_example(found: list[Occurrence]) -> None:
    shown = {one.key for one in found}
    assert len(keys()) > 100
    assert [f"{key.model}.{key.name}" for key in keys() if key not in shown] == [], (
        "write it into a flow under docs/examples"
    )


@pytest.mark.parametrize("name", ["type", "cls"])
def test_every_type_and_every_class_of_a_slot_has_an_example(found: list[Occurrence], name: str) -> None:
    (model,) = (model for model in models() if model.__name__ == "SlotSource")
    values = re.findall(r"'([a-z ]+)'", str(model.model_fields[name].annotation))
    shown = {one.value for one in found if one.key == Key("SlotSource", name)}
    assert set(values) - shown == set()


def test_every_example_is_loaded_beside_the_flows_that_ship(library: Library) -> None:
    own = {path.stem for path in EXAMPLES.glob("*.yaml")} - {"records"}
    assert len(own) >= 5
    assert own < library.flows.keys()
    assert check_files([EXAMPLES]) == len(own)


def test_every_example_is_commented() -> None:
    for path in EXAMPLES.iterdir():
        assert path.read_text("utf-8").startswith("# "), path


@pytest.mark.parametrize("path", CHATS, ids=lambda path: path.stem)
async def test_an_example_plays(path: Path, library: Library) -> None:
    failure, lines = await play_transcript(path, library)
    assert failure is None, failure
    assert lines > 10


def test_every_example_that_somebody_can_start_has_a_conversation(library: Library) -> None:
    own = {path.stem for path in EXAMPLES.glob("*.yaml")} & library.flows.keys()
    assert {name for name in own if library.flows[name].trigger is not None} == {path.stem for path in CHATS}


# What is no key

NAMES = Names(
    {
        "mood": SlotKind(Kind.NAME, ("good", "fine")),
        "also": SlotKind(Kind.NAMES, ("tired",)),
        "card": SlotKind(Kind.TEXT),
        "strength": SlotKind(Kind.NUMBER),
        "length": SlotKind(Kind.DURATION),
        "back_at": SlotKind(Kind.INSTANT),
        "partner": SlotKind(Kind.TRUTH),
        "invitee": SlotKind(Kind.TRUTH),
        **{name: SlotKind(Kind.TRUTH) for name in "ab"},
    },
    roles=["partner", "invitee"],
    steps=[],
    person=True,
    items="also",
    alone=True,
)


def test_every_expression_of_the_page_is_one() -> None:
    cells = [line.split("|")[1] for line in EXPRESSIONS.split("\n") if line.startswith("| `")]
    written = [one for cell in cells for one in re.findall("`([^`]+)`", cell)]
    assert len(written) > 20
    for one in written:
        assert compile_guard(one, NAMES).source == one


def test_every_function_every_action_and_every_code_is_on_the_page() -> None:
    told = PAGE.read_text("utf-8")
    for name, function in FUNCTIONS.items():
        assert f"| `{function.usage}` |" in told, name
    assert ACTION_WORDS.keys() == ACTION_ROLES.keys()
    for name in (*ACTION_ROLES, *CODES):
        assert f"| `{name}` |" in told


def test_every_link_of_the_page_leads_somewhere() -> None:
    told = PAGE.read_text("utf-8")
    headings = re.findall(r"^#+ (.*)$", re.sub(r"```(?s:.*?)```", "", told), re.MULTILINE)
    anchors = [re.sub(r"[^a-z0-9 _-]", "", heading.lower()).replace(" ", "-") for heading in headings]
    assert len(anchors) == len(set(anchors))
    for target in set(re.findall(r"\]\(([^)]+)\)", told)):
        file, _, anchor = target.partition("#")
        if file:
            lines = (PAGE.parent / file).read_text("utf-8").count("\n") if "." in file else 0
            assert (PAGE.parent / file).exists(), target
            assert not anchor or 0 < int(anchor.removeprefix("L")) <= lines, target
        else:
            assert anchor in anchors, target
