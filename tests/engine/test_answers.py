"""Answers: what is kept of what somebody typed, and which choice it picks."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.engine.answers import Refused, clean_text, option_data, pick_by_words, read_text
from bot.engine.model import Slot, SlotClass, SlotOption, SlotType

TEXT = Slot(name="card", type=SlotType.TEXT, cls=SlotClass.DRAFT, max=40)
LABELS = [
    ("here", "I'm here"),
    ("settle", "Help me settle"),
    ("early", "I'm ready early"),
    ("longer", "A bit longer"),
]

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
HEART_ON_FIRE = "\u2764\ufe0f\u200d\U0001f525"
FACEPALM = "\U0001f926\U0001f3fd\u200d\u2642\ufe0f"

unseen = {"Cc", "Cf", "Cs", "Co"}


# What is kept


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Hello  there ", "Hello there"),
        ("one\t\ttwo", "one two"),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("one\u2028two\u2029three\x85four\x0bfive", "one\ntwo\nthree\nfour\nfive"),
        ("one\n\n\n\n\ntwo", "one\n\ntwo"),
        ("\n\n one \n\n", "one"),
        ("nul\x00 bell\x07 escape\x1b[31m", "nul bell escape[31m"),
        ("right \u202eto left\u202c", "right to left"),
        ("\u2066isolated\u2069 \u200fmarked\u200e", "isolated marked"),
        ("zero\u200bwidth\u2060joined\ufeff", "zerowidthjoined"),
        ("soft\u00adhyphen", "softhyphen"),
        ("half \ud800 a pair", "half a pair"),
        ("private \ue000 use", "private use"),
        ("e\u0301", "\u00e9"),
        ("blank\u3164\u2800\u115f letters", "blank letters"),
        ("100 % {card} <b>&amp;", "100 % {card} <b>&amp;"),
    ],
)
def test_what_cannot_be_seen_is_dropped_and_white_space_is_tidied(typed: str, kept: str) -> None:
    assert clean_text(typed) == kept


@pytest.mark.parametrize("emoji", [FAMILY, HEART_ON_FIRE, FACEPALM])
def test_emoji_that_are_joined_stay_joined(emoji: str) -> None:
    assert clean_text(f"us {emoji}") == f"us {emoji}"


@pytest.mark.parametrize(
    "word",
    [
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        "\u0d28\u0d4d\u200d\u0d31\u0d46",
        "\u0dc1\u0dca\u200d\u0dbb\u0dd3",
    ],
    ids=["Persian", "Malayalam", "Sinhala"],
)
def test_scripts_that_need_a_joiner_keep_it(word: str) -> None:
    assert clean_text(word) == unicodedata.normalize("NFC", word)
    assert "\u200c" in clean_text(word) or "\u200d" in clean_text(word)


@pytest.mark.parametrize("emoji", [FAMILY, HEART_ON_FIRE])
def test_a_joiner_at_either_end_joins_nothing(emoji: str) -> None:
    assert clean_text(f"\u200d{emoji}\u200d") == emoji


@pytest.mark.parametrize("typed", ["pay\u200dpal", "pay\u200cpal", "\u200d\u200dhello", "hello\u200d", "a \u200d b"])
def test_a_joiner_that_joins_nothing_is_dropped(typed: str) -> None:
    assert "\u200d" not in clean_text(typed)
    assert "\u200c" not in clean_text(typed)


# What is refused


@pytest.mark.parametrize("typed", ["", "  ", "\n\n", "\u200b", "\u202e", "\x00", "\u3164", "\u2800"])
def test_nothing_is_refused_as_empty(typed: str) -> None:
    assert read_text(typed, TEXT) == Refused("answer.empty")


@pytest.mark.parametrize(
    "typed", ["\U0001f600", FAMILY, HEART_ON_FIRE, "...", "?!", "\u2764\ufe0f \u2764\ufe0f", "\u0301"]
)
def test_signs_without_a_word_are_refused_as_no_words(typed: str) -> None:
    assert read_text(typed, TEXT) == Refused("answer.words")


@pytest.mark.parametrize("typed", ["no", "7", "\u4e0d", "\u0644\u0627", f"well {FAMILY}", "\u0968"])
def test_a_word_or_a_number_of_any_script_is_an_answer(typed: str) -> None:
    assert read_text(typed, TEXT) == typed


def test_the_longest_answer_is_kept_and_one_more_character_is_refused_with_the_limit() -> None:
    assert read_text("a" * 40, TEXT) == "a" * 40
    assert read_text("a" * 41, TEXT) == Refused("answer.long", 40)
    assert read_text(" " * 500 + "a" * 40 + "\u200b" * 500, TEXT) == "a" * 40


# What is picked


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("1", "here"),
        (" 2. ", "settle"),
        ("[3]", "early"),
        ("\uff13", "early"),
        ("\u2463", "longer"),
        ("\u0662", "settle"),
        ("I'm here", "here"),
        ("im here", None),
        ("I\u2019M HERE!", "here"),
        ("help me settle", "settle"),
        ("HELP  ME\nSETTLE", "settle"),
        ("settle", "settle"),
        ("Help", "settle"),
        ("a bit", "longer"),
        ("\uff41 \uff42\uff49\uff54 \uff4c\uff4f\uff4e\uff47\uff45\uff52", "longer"),
        ("I'm", None),
        ("0", None),
        ("5", None),
        ("-1", "here"),
        ("1 2", None),
        ("something else", None),
        ("", None),
        ("?", None),
        ("9" * 5_000, None),
        ("1" + "\u0661" * 20_000, None),
    ],
)
def test_a_number_or_a_label_picks_its_choice(typed: str, value: str | None) -> None:
    assert pick_by_words(typed, LABELS) == value


def test_case_and_accents_do_not_matter() -> None:
    labels = [("later", "Später"), ("street", "Straße"), ("no", "Não")]
    assert pick_by_words("spater", labels) == "later"
    assert pick_by_words("STRASSE", labels) == "street"
    assert pick_by_words("nao", labels) == "no"


def test_what_fits_two_choices_alike_picks_neither() -> None:
    assert pick_by_words("same", [("a", "Same"), ("b", "same!")]) is None
    assert pick_by_words("yes", [("a", "Yes, gladly"), ("b", "Yes, later")]) is None


def test_a_choice_may_have_other_names_which_count_after_its_label() -> None:
    labels = [("yes", "Con gusto"), ("not_now", "Sí, pero luego")]
    also = [("yes", "Sí"), ("not_now", "Con gusto")]
    assert pick_by_words("sí", labels, also=also) == "yes"
    assert pick_by_words("con gusto", labels, also=also) == "yes"
    assert pick_by_words("si", labels) == "not_now"
    assert pick_by_words("ahora", labels, also=[("yes", "Ahora"), ("not_now", "ahora")]) is None


def test_signs_alone_pick_nothing_even_where_a_label_is_signs_alone() -> None:
    assert pick_by_words("?", [("?", "!")]) is None


def test_a_label_goes_before_another_choices_value() -> None:
    assert pick_by_words("yes", [("yes", "No"), ("no", "Yes")]) == "no"


def test_an_option_is_found_by_its_value_as_text() -> None:
    slot = Slot(
        name="length",
        type=SlotType.DURATION,
        cls=SlotClass.SIGNAL,
        options=(SlotOption(value=1_200_000, key="k"), SlotOption(value="x", key="k")),
    )
    assert option_data(slot, "1200000") == 1_200_000
    assert option_data(slot, "x") == "x"
    assert option_data(slot, "y") is None


# Whatever is typed

anything = st.text() | st.text(st.characters(categories=["Cc", "Cf", "Cs", "Co", "Mn", "So", "Sk", "Zs", "Zl", "N"]))


@settings(deadline=None)
@given(anything)
def test_no_text_makes_reading_it_fail_and_nothing_unseen_is_kept(typed: str) -> None:
    kept = clean_text(typed)
    hidden = {char for char in kept if unicodedata.category(char) in unseen} - set("\n\u200c\u200d")
    assert not hidden
    assert clean_text(kept) == kept
    found = read_text(typed, TEXT)
    assert isinstance(found, Refused) or 0 < len(found) <= TEXT.max


@settings(deadline=None)
@given(anything, st.lists(st.tuples(anything, anything), max_size=6))
def test_no_text_makes_picking_fail(typed: str, labels: list[tuple[str, str]]) -> None:
    assert pick_by_words(typed, labels) in {None, *(value for value, _ in labels)}
