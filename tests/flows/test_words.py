"""Words that act when they are all of what was typed."""

import pytest

from bot.engine.template import parse_template
from bot.flows.words import acting, bare, deeds_among

PHRASES = {
    "help": parse_template("Stop works any time."),
    "words.stop": parse_template("parar, para"),
    "words.not_now": parse_template("ahora no,"),
    "words.back": parse_template("atrás"),
}


def test_a_phrase_holds_several_words_with_commas_between() -> None:
    assert acting(PHRASES["words.stop"]) == ("parar", "para")
    assert acting(PHRASES["words.not_now"]) == ("ahora no",)


@pytest.mark.parametrize(
    ("typed", "deed"),
    [
        ("para", "stop"),
        ("¡Para!", "stop"),
        (" PARAR. ", "stop"),
        ("atras", "back"),
        ("Atrás", "back"),
        ("ahora  no", "not_now"),
        ("para ti", None),
        ("no", None),
        ("", None),
        ("!", None),
        ("Stop works any time.", None),
    ],
)
def test_a_word_acts_when_it_is_all_that_was_typed(typed: str, deed: str | None) -> None:
    assert deeds_among(PHRASES.items()).get(bare(typed)) == deed


def test_of_two_words_that_are_the_same_the_first_counts() -> None:
    english = {"words.back": parse_template("para")}
    assert deeds_among([*PHRASES.items(), *english.items()])["para"] == "stop"
