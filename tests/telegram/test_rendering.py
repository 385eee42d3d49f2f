"""How messages look on Telegram: HTML that fits, and choices in rows."""

from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.telegram.limits import TEXT, units
from bot.adapters.telegram.rendering import (
    ABREAST,
    NOTHING,
    ROW,
    chosen_keyboard,
    keyboard_of,
    link_of,
    parts_of,
)
from bot.conversation.message import Button, Message, Span, SpanKind


def of(*spans: Span) -> Message:
    return Message(paragraphs=(spans,))


def htmls(message: Message) -> list[str]:
    return [part.html for part in parts_of(message, "room_bot")]


def test_nothing_that_people_write_is_markup() -> None:
    assert htmls(of(Span(text="<b>&amp; you</b>", kind=SpanKind.OWN_WORDS))) == ["&lt;b&gt;&amp;amp; you&lt;/b&gt;"]


def test_paragraphs_are_set_apart() -> None:
    assert htmls(Message(paragraphs=((Span(text="One."),), (Span(text="Two."),)))) == ["One.\n\nTwo."]


def test_a_code_can_be_copied_and_a_link_carries_it() -> None:
    message = of(Span(text="Your code is "), Span(text="ABCD2345", kind=SpanKind.JOIN_CODE))
    assert htmls(message) == [f"Your code is <code>ABCD2345</code>\n{link_of('room_bot', 'ABCD2345')}"]
    assert link_of("room_bot", "ABCD2345") == "https://t.me/room_bot?start=ABCD2345"


def test_an_instant_can_be_read_in_ones_own_time() -> None:
    message = of(Span(text="Back "), Span(text="at 20:40", kind=SpanKind.TIME, at=1_700_000_000_999))
    assert htmls(message) == ['Back <tg-time unix="1700000000">at 20:40</tg-time>']


LONG = ["word " * 2_000, "line\n" * 2_000, "para\n\n" * 1_500, "x" * 9_000, "😀" * 5_000, "👩\u200d👧" * 2_000]


@pytest.mark.parametrize("text", LONG, ids=["words", "lines", "paragraphs", "one word", "emoji", "joined"])
def test_what_is_too_long_goes_on_in_another_message_and_nothing_is_lost(text: str) -> None:
    parts = parts_of(of(Span(text=text, kind=SpanKind.OWN_WORDS)), "room_bot")
    assert len(parts) > 1
    assert all(0 < units(part.plain) <= TEXT for part in parts)
    assert "".join("".join(part.plain for part in parts).split()) == "".join(text.split())


def test_a_long_text_is_cut_where_a_paragraph_ends() -> None:
    first, second = "a " * 1_500, "b " * 1_000
    parts = parts_of(of(Span(text=f"{first.strip()}\n\n{second.strip()}")), "room_bot")
    assert [part.plain for part in parts] == [first.strip(), second.strip()]


def test_what_belongs_together_is_not_cut_apart() -> None:
    parts = parts_of(of(Span(text="👩\u200d👧" * 2_000)), "room_bot")
    assert not [part for part in parts if part.plain[0] in "\u200d\ufe0f"]


@pytest.mark.parametrize("sign", ["👩\u200d💻", "🇪🇸", "👍🏽", "👩\u200d❤\ufe0f\u200d👩"])
@pytest.mark.parametrize("before", range(8))
def test_no_sign_is_cut_in_two(sign: str, before: int) -> None:
    first, second = parts_of(of(Span(text="x" * before + sign * (TEXT // units(sign)) + sign)), "room_bot")
    assert first.plain.removeprefix("x" * before).replace(sign, "") == ""
    assert second.plain.replace(sign, "") == ""


@given(st.lists(st.tuples(st.text(), st.sampled_from(SpanKind)), max_size=4))
def test_whatever_is_written_the_html_says_the_same(written: list[tuple[str, SpanKind]]) -> None:
    spans = tuple(Span(text=text, kind=kind) for text, kind in written)
    for part in parts_of(of(*spans), "room_bot"):
        plain = part.html.replace("<code>", "").replace("</code>", "").replace('<tg-time unix="0">', "")
        assert unescape(plain.replace("</tg-time>", "")) == part.plain or "&" in part.plain
        assert units(part.plain) <= TEXT


def rows(*labels: str) -> list[list[str]]:
    keyboard = keyboard_of([Button(label=label, token=f"v1:t:{n}") for n, label in enumerate(labels)])
    return [[key.text for key in row] for row in keyboard.inline_keyboard] if keyboard else []


def test_short_choices_stand_side_by_side_and_long_ones_below_each_other() -> None:
    assert rows("Yes", "No", "Later") == [["Yes", "No", "Later"]]
    assert rows("A" * ROW, "No") == [["A" * ROW], ["No"]]
    assert rows(*"abcdef") == [list("abcd"), list("ef")]
    assert len(rows(*"abcdef")[0]) == ABREAST
    assert rows() == []


def test_what_was_chosen_stays_as_a_button_that_does_nothing() -> None:
    keyboard = chosen_keyboard("Yes")
    assert keyboard is not None
    assert [(key.text, key.callback_data) for row in keyboard.inline_keyboard for key in row] == [("✓ Yes", NOTHING)]
    assert chosen_keyboard("") is None
