"""Templates: plain named placeholders and nothing else."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.engine.template import Placeholder, Template, TemplateInvalid, parse_template


@pytest.mark.parametrize(
    ("source", "parts"),
    [
        ("", ()),
        ("Plain words.", ("Plain words.",)),
        ("{card}", (Placeholder("card"),)),
        ("Hello {name}, hello.", ("Hello ", Placeholder("name"), ", hello.")),
        ("{a}{b}", (Placeholder("a"), Placeholder("b"))),
        ("{{", ("{",)),
        ("}}", ("}",)),
        ("{{card}}", ("{card}",)),
        ("{{{card}}}", ("{", Placeholder("card"), "}")),
        ("a {{ b }} c {d}", ("a { b } c ", Placeholder("d"))),
        ("{card_2}\n{card_2}", (Placeholder("card_2"), "\n", Placeholder("card_2"))),
    ],
)
def test_a_template_is_words_and_placeholders_in_order(source: str, parts: tuple[str | Placeholder, ...]) -> None:
    assert parse_template(source) == Template(parts)


def test_names_are_told_in_order_with_repeats() -> None:
    assert parse_template("{b} and {a}, {b}").names == ("b", "a", "b")


@pytest.mark.parametrize(
    ("source", "offset"),
    [
        ("{", 0),
        ("}", 0),
        ("a smile :-}", 10),
        ("{card", 0),
        ("two {{{", 6),
        ("{card}}", 6),
        ("so {a{b}}", 3),
        ("{}", 0),
        ("see {a.b}", 4),
        ("see {a[0]}", 4),
        ("see {a!r}", 4),
        ("see {a:>10}", 4),
        ("{ok} {0}", 5),
        ("{ card }", 0),
        ("{Card}", 0),
        ("{_card}", 0),
        ("{\uff43ard}", 0),
        ("{card\n}", 0),
        ("{__class__}", 0),
        ("{2nd}", 0),
    ],
)
def test_anything_else_in_braces_is_refused_with_its_place(source: str, offset: int) -> None:
    with pytest.raises(TemplateInvalid) as caught:
        parse_template(source)
    assert caught.value.offset == offset


def test_a_lone_brace_is_told_how_to_write_it() -> None:
    with pytest.raises(TemplateInvalid, match=r"a lone '\}': write '\}\}' for a literal brace"):
        parse_template("a smile :-}")


def test_a_dotted_name_is_told_what_is_allowed() -> None:
    with pytest.raises(
        TemplateInvalid, match=r"'\{a\.b\}' is not a placeholder: only plain names such as '\{name\}'"
    ):
        parse_template("{a.b}")


def test_the_source_of_a_template_makes_the_same_template() -> None:
    source = "{one} wrote {{this}}:\n\n{card}"
    assert parse_template(source).source == source
    assert parse_template(source).literal == " wrote {this}:\n\n"


@settings(deadline=None)
@given(st.text("{}ab.!: \n"))
def test_a_template_can_be_written_and_read_again(words: str) -> None:
    template = parse_template(words.replace("{", "{{").replace("}", "}}"))
    assert parse_template(template.source) == template
    assert template.literal == words


@settings(deadline=None)
@given(st.text())
def test_escaped_words_come_back_as_they_were(words: str) -> None:
    parts = parse_template(words.replace("{", "{{").replace("}", "}}")).parts
    assert "".join(part for part in parts if isinstance(part, str)) == words
    assert not any(isinstance(part, Placeholder) for part in parts)


@settings(deadline=None)
@given(st.text("{}ab.!: \n"))
def test_any_words_are_a_template_or_refused(source: str) -> None:
    names: tuple[str, ...] = ()
    offset: int | None = None
    try:
        names = parse_template(source).names
    except TemplateInvalid as fault:
        offset = fault.offset
    assert all(name.isidentifier() for name in names)
    assert offset is None or source[offset] in "{}"
