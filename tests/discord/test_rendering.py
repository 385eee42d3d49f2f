"""How messages look on Discord: Markdown that fits, and choices as buttons or selects."""

import pytest
from discord.ui import Button as Key
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.discord.limits import ABREAST, CUSTOM_ID, LABEL, OPTION, OPTIONS, ROWS, TEXT
from bot.adapters.discord.rendering import chosen_view, escaped, parts_of, plain_parts_of, view_of
from bot.conversation.message import Button, FormButton, Message, Span, SpanKind

TOKEN = "abcdefghijklmnop"  # noqa: S105  # of a prompt
LINK = "https://discord.example/install"


def of(*spans: Span) -> Message:
    return Message(paragraphs=(spans,))


def rows_of(*labels: str, form: FormButton | None = None) -> list[list[str]]:
    buttons = [Button(label=label, token=f"v1:{TOKEN}:{number}") for number, label in enumerate(labels)]
    view = view_of(buttons, form)
    return [[one["label"] for one in row["components"]] for row in view.to_components()] if view is not None else []


def read(shown: str) -> str:
    """What somebody reads of Markdown that has nothing but escaped signs."""
    out, skip = "", False
    for char in shown:
        if char == "\\" and not skip:
            skip = True
        else:
            out, skip = out + char, False
    return out


def test_nothing_that_people_write_is_markup() -> None:
    words = "**bold** _it_ `code` ~~no~~ ||hidden|| > quote <@1> <t:0:R> [a](b)"
    (shown,) = parts_of(of(Span(text=words, kind=SpanKind.OWN_WORDS)), LINK)
    assert read(shown) == words
    assert r"\*\*bold\*\*" in shown
    assert r"\<@1\>" in shown


@pytest.mark.parametrize("line", ["# loud", "## loud", "-# small", "- item", "+ item", "1. item", "> quote"])
def test_no_line_that_people_write_is_a_heading_a_list_or_a_quote(line: str) -> None:
    shown = escaped(f"before\n{line}")
    assert read(shown) == f"before\n{line}"
    assert shown != f"before\n{line}"


def test_an_address_stays_whole() -> None:
    assert escaped("see https://example.org/a_b*c here_") == r"see https://example.org/a_b*c here\_"


@given(st.text(max_size=300))
def test_what_is_escaped_reads_as_it_was_written(text: str) -> None:
    assert read(escaped(text)).replace("\\", "") == text.replace("\\", "")


def test_paragraphs_are_set_apart() -> None:
    message = Message(paragraphs=((Span(text="One."),), (Span(text="Two."),)))
    assert parts_of(message, LINK) == ["One.\n\nTwo."]


def test_a_code_can_be_told_from_the_words_around_it() -> None:
    message = of(Span(text="Your code is "), Span(text="ABCD2345", kind=SpanKind.JOIN_CODE))
    assert parts_of(message, LINK) == ["Your code is `ABCD2345`"]


def test_how_the_bot_comes_into_a_room_is_a_link() -> None:
    assert parts_of(of(Span(text="Add me.", kind=SpanKind.ROOM_LINK)), LINK) == [LINK]
    assert parts_of(of(Span(text="Add me.", kind=SpanKind.ROOM_LINK)), "") == ["Add me."]


AT = 1_700_000_000_999


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        (SpanKind.TIME, "<t:1700000000:t>"),
        (SpanKind.DAY, "<t:1700000000:D>"),
        (SpanKind.LENGTH, "20 minutes (<t:1700000000:t>)"),
    ],
)
def test_an_instant_is_told_to_each_in_their_own_time(kind: SpanKind, shown: str) -> None:
    assert parts_of(of(Span(text="20 minutes", kind=kind, at=AT)), LINK) == [shown]


LONG = {
    "words": "word " * 1_000,
    "lines": "line\n" * 1_000,
    "paragraphs": "para\n\n" * 800,
    "one word": "x" * 5_000,
    "emoji": "😀" * 3_000,
    "marks": "*" * 3_000,
    "an address": "https://e.org/" + "a" * 3_000,
}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_what_is_too_long_goes_on_in_another_message_and_nothing_is_lost(text: str) -> None:
    parts = parts_of(of(Span(text=text, kind=SpanKind.OWN_WORDS)), LINK)
    assert len(parts) > 1
    assert all(0 < len(part) <= TEXT for part in parts)
    assert "".join("".join(map(read, parts)).split()) == "".join(text.split())


@given(st.text(max_size=6_000))
def test_every_part_fits(text: str) -> None:
    message = of(Span(text=text, kind=SpanKind.OWN_WORDS))
    assert all(len(part) <= TEXT for part in (*parts_of(message, LINK), *plain_parts_of(message)))


# Choices


def test_short_labels_stand_side_by_side_and_long_ones_alone() -> None:
    long = "A choice that says a lot more than the others do"
    assert rows_of("Yes", "No", long, "Later") == [["Yes", "No"], [long], ["Later"]]


def test_there_are_no_more_rows_and_buttons_than_fit() -> None:
    rows = rows_of(*(f"A rather long label with the number {n}" for n in range(ROWS * ABREAST)))
    assert [len(row) for row in rows] == [ABREAST] * ROWS


def test_more_choices_than_buttons_are_options_of_selects() -> None:
    view = view_of([Button(label=f"Choice {n}", token=f"v1:{TOKEN}:{n}") for n in range(60)])
    assert view is not None
    selects = [row["components"][0] for row in view.to_components()]
    assert [len(one["options"]) for one in selects] == [OPTIONS, OPTIONS, 10]
    assert [one["custom_id"] for one in selects] == [f"v1:{TOKEN}:s{n}" for n in range(3)]
    assert selects[1]["options"][0]["value"] == "25"


@given(st.lists(st.text(min_size=1, max_size=200), min_size=1, max_size=130))
def test_whatever_the_labels_the_components_fit(labels: list[str]) -> None:
    view = view_of([Button(label=label, token=f"v1:{TOKEN}:{number}") for number, label in enumerate(labels)])
    assert view is not None
    rows = view.to_components()
    assert len(rows) <= ROWS
    for row in rows:
        assert len(row["components"]) <= ABREAST
        for one in row["components"]:
            assert len(one["custom_id"]) <= CUSTOM_ID
            assert len(one.get("label", "")) <= LABEL
            assert all(len(option["label"]) <= OPTION for option in one.get("options", ()))


def test_what_opens_a_form_stands_below_the_choices() -> None:
    form = FormButton(label="All at once", token=TOKEN, form="en.0123.say_it.happened")
    assert rows_of("tired", "hurt", form=form) == [["tired", "hurt"], ["All at once"]]
    assert rows_of(form=form) == [["All at once"]]


def test_a_form_for_which_there_is_no_room_is_left_out() -> None:
    form = FormButton(label="All at once", token=TOKEN, form="en.0123.say_it.happened")
    labels = [f"A rather long label with the number {n}" for n in range(ROWS)]
    assert rows_of(*labels, form=form) == [[label] for label in labels]


async def test_the_library_keeps_nothing_that_is_sent() -> None:
    views = [view_of([Button(label="Yes", token=f"v1:{TOKEN}:0")]), chosen_view("Yes")]
    assert all(view is not None and view.is_finished() for view in views)


def test_a_choice_that_was_made_cannot_be_pressed() -> None:
    view = chosen_view("Yes")
    assert view is not None
    (key,) = view.children
    assert isinstance(key, Key)
    assert (key.label, key.disabled) == ("✓ Yes", True)
    assert chosen_view("") is None
