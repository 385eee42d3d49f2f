"""What ships: every flow loads, every standing phrase is there and used, and all of it keeps the tone."""

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

from bot.engine.model import Start
from bot.engine.template import Template
from bot.flows.library import Library, load_library
from bot.wiring.dialogues import DIALOGUES

MODULES = sorted((DIALOGUES.parent / "bot").rglob("*.py"))


@cache
def library() -> Library:
    """What ships; loaded by the first test that needs it, so that a broken flow fails these tests alone."""
    return load_library(DIALOGUES)


@cache
def shipped_texts() -> Mapping[str, Template]:
    """Every text that ships, by its address."""
    texts = {f"phrases: {key}": template for key, template in library().phrases.items()}
    texts |= {f"records: {key}": template for key, template in library().records.texts.items()}
    for flow in library().flows.values():
        texts |= {f"{flow.id}: {key}": template for key, template in flow.texts.items()}
        texts |= {f"{flow.id}: title": Template((flow.title,)), f"{flow.id}: about": Template((flow.about,))}
    return texts


@cache
def translated() -> Mapping[str, Template]:
    """Every translation that ships and is used, by its address and language."""
    texts = {
        f"{code} phrases: {key}": template
        for code, phrases in library().translations.items()
        for key, template in phrases.items()
    }
    for flow in library().flows.values():
        texts |= {
            f"{code} {flow.id}: {key}": template
            for code, translations in flow.translations.items()
            for key, template in translations.items()
        }
    return texts


LABEL = re.compile(
    r": (choice\..*|(?!.*\.replies\.).*\."
    r"(yes|not_now|later|kindly|never|skip|name|options\..*|suggest\..*|ways\..*))$"
)
UNKIND = re.compile(
    r"\b(should|must|needs? to|fail(s|ed|ing)?|missed|violat\w+|toxic|abus\w+|narcissis\w+|needy|clingy|avoidant"
    r"|anxious)\b",
    re.IGNORECASE,
)
UNKIND_IN = {
    "es": re.compile(
        r"\b(debes|debe|deber[íi]as?|tienes que|hay que|fallaste|fracas\w+|incumpl\w+|viol\w+|t[óo]xic\w+|abus\w+"
        r"|narcisis\w+|ansios\w+|culpa\w*)\b",
        re.IGNORECASE,
    )
}
"""What no word of ours says, in each language that there is."""
CLAIMS = re.compile(r"(?<!\bnot )(?<!\bnot a )\b(therap\w*|counsel\w*|treatment|diagnos\w*|cure\w*)\b", re.IGNORECASE)


def words(template: Template) -> str:
    """The text with a name in each hole."""
    return "".join(part if isinstance(part, str) else "Sam" for part in template.parts)


def breaking(rule: str) -> list[str]:
    """The addresses of the texts in which the rule's pattern is found."""
    texts = shipped_texts()
    return [address for address, template in texts.items() if re.search(rule, words(template), re.IGNORECASE)]


@pytest.mark.parametrize("path", sorted((DIALOGUES / "flows").glob("*.yaml")), ids=lambda path: path.stem)
def test_a_flow_that_ships_is_loaded_under_the_name_of_its_file(path: Path) -> None:
    flow = library().flows[path.stem]
    assert flow.title
    assert flow.about
    assert flow.revision


def test_every_flow_can_be_started_by_somebody() -> None:
    flows = library().flows
    led_to = {name for flow in flows.values() for name in flow.calls}
    led_to |= {step.flow for flow in flows.values() for step in flow.steps.values() if isinstance(step, Start)}
    # What changes something of one's own that comes by itself begins at what /checkins shows of that.
    comes = {kind.name for kind in library().records.kinds.values() if kind.comes is not None and not kind.pair}
    led_to |= {name for name, flow in flows.items() if comes & set(flow.reviews)}
    assert [name for name, flow in flows.items() if flow.trigger is None and name not in led_to] == []


# Phrases


def addressed() -> Iterator[tuple[str, set[str] | None]]:
    """Every phrase that the code asks for by a plain address, with the arguments it gives (None: not plain)."""
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in {"reply", "phrase"}:
                plain = all(keyword.arg for keyword in node.keywords)
                given = {keyword.arg for keyword in node.keywords if keyword.arg}
                yield from ((key, given if plain else None) for arg in node.args for key in constants(arg))
            elif name == "Refused":
                yield from ((key, None) for arg in node.args for key in constants(arg))
            elif name == "Text" and "PHRASES" in ast.unparse(node):
                keys = [keyword.value for keyword in node.keywords if keyword.arg == "key"]
                yield from ((key, None) for value in keys for key in constants(value))


def constants(node: ast.expr) -> Iterator[str]:
    """The texts that an expression can be, of those written out in it."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    if isinstance(node, ast.IfExp):
        yield from constants(node.body)
        yield from constants(node.orelse)


def literals() -> set[str]:
    """Every text written out in the code."""
    return {
        node.value
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


MADE = {"instant", "day"}
"""Rendered by wording.py itself: a time, or a day, has no template."""


def test_every_phrase_that_the_code_says_is_there() -> None:
    asked = {key for key, _ in addressed()}
    assert len(asked) > 40
    assert asked - set(library().phrases) - MADE == set()


def test_what_reads_like_the_address_of_a_phrase_is_one() -> None:
    families = {key.split(".")[0] for key in library().phrases if "." in key}
    like = {text for text in literals() if re.fullmatch(r"[a-z_]+\.[a-z_]+", text) and text.split(".")[0] in families}
    assert like - set(library().phrases) == set()


def test_every_phrase_gets_exactly_what_its_placeholders_name() -> None:
    wrong = [
        (key, sorted(given), library().phrases[key].names)
        for key, given in addressed()
        if given is not None and key in library().phrases and given != set(library().phrases[key].names)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "choice", ["yes", "later", "not_now", "kindly", "skip", "ok", "change", "share", "keep", "erase", "use", "leave"]
)
def test_every_standing_choice_has_its_label(choice: str) -> None:
    assert f"choice.{choice}" in library().phrases


# Tone (content specification, section 2)


def test_a_message_has_at_most_400_characters_of_our_own() -> None:
    own = {key: sum(len(part) for part in t.parts if isinstance(part, str)) for key, t in shipped_texts().items()}
    assert {key: count for key, count in own.items() if count > 400} == {}


def test_a_message_asks_one_thing_at_a_time() -> None:
    assert breaking(r"\?(.|\n)*\?") == []


def test_nothing_is_shouted() -> None:
    assert breaking("!") == []


def test_no_word_blames_or_labels() -> None:
    assert breaking(UNKIND.pattern) == []


def test_nothing_claims_to_be_therapy() -> None:
    assert breaking(CLAIMS.pattern) == []
    assert breaking("therap") != []


def test_a_label_has_at_most_40_characters() -> None:
    labels = {
        address: template
        for address, template in shipped_texts().items()
        if LABEL.search(address) and (": choice." in address or not address.startswith("phrases: "))
    }
    assert len(labels) > 60
    assert {address for address, template in labels.items() if len(words(template)) > 40} == set()


def test_a_sentence_has_at_most_20_words() -> None:
    long = [
        (address, sentence)
        for address, template in shipped_texts().items()
        for sentence in re.split(r"(?<=[.?!…])[\"”]?\s+|\n+", words(template))
        if len(re.findall(r"[\w'’/]+", sentence)) > 20
    ]
    assert long == []


# Tone, in every language


def test_there_are_translations() -> None:
    assert len(translated()) > 250


def test_the_names_of_the_marks_are_known_for_every_language() -> None:
    assert set(UNKIND_IN) == set(library().standings)


def test_no_word_blames_or_labels_in_any_language() -> None:
    told = {address: words(t) for address, t in translated().items() if UNKIND_IN[address[:2]].search(words(t))}
    assert told == {}


def test_a_sentence_has_at_most_20_words_in_any_language() -> None:
    long = [
        (address, sentence)
        for address, template in translated().items()
        for sentence in re.split(r"(?<=[.?!…])[\"”]?\s+|\n+", words(template))
        if len(re.findall(r"[\w'’/]+", sentence)) > 20
    ]
    assert long == []


def test_nothing_is_shouted_and_one_thing_is_asked_at_a_time_in_any_language() -> None:
    told = {address: words(t) for address, t in translated().items() if re.search(r"[!¡]|\?(.|\n)*\?", words(t))}
    assert told == {}


def test_a_label_that_is_also_a_word_that_acts_does_what_it_says() -> None:
    """[Not now] and the typed "not now" mean the same, in every language."""
    for code in library().languages:
        for deed, label in (("not_now", "choice.not_now"), ("skip", "choice.skip"), ("open", "choice.open")):
            typed = words(library().template("phrases", label, code))
            assert library().deed(typed, code) == deed


def test_the_words_that_act_are_named_in_the_help_as_they_are_typed() -> None:
    for code in library().languages:
        helps = words(library().template("phrases", "help.always", code)).casefold()
        for deed in ("stop", "back", "skip", "not_now", "hide"):
            first = library().template("phrases", f"words.{deed}", code).literal.split(",")[0]
            assert first in helps, (code, deed)
