"""Long texts in parts: each fits, nothing but blanks at the cuts is lost, and no sign is torn."""

from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.splitting import split
from bot.conversation.message import Span, SpanKind

CLUSTERS = ("a", "é", "\n", "\n\n", " ", "word ", "👍🏽", "👩‍👩‍👧", "🇪🇸", "e\u0301", "☂️", "🫠")
TEXTS = st.lists(st.sampled_from(CLUSTERS), max_size=120).map("".join)
KINDS = st.sampled_from(list(SpanKind))
LIMITS = st.integers(min_value=12, max_value=60)


def one(_char: str) -> int:
    return 1


def utf16(char: str) -> int:
    return 1 + (ord(char) > 0xFFFF)


def cut(spans: list[Span], limit: int) -> list[str]:
    return ["".join(span.text for span in part) for part in split(spans, limit, utf16)]


@given(st.lists(st.builds(Span, text=TEXTS, kind=KINDS), max_size=5), LIMITS)
def test_every_part_fits_and_nothing_but_blanks_is_lost(spans: list[Span], limit: int) -> None:
    parts = cut(spans, limit)
    assert all(0 < sum(map(utf16, part)) <= limit for part in parts)
    whole = "".join(span.text for span in spans)
    assert "".join("".join(parts).split()) == "".join(whole.split())


@given(st.lists(st.sampled_from(["👍🏽", "👩‍👩‍👧", "e\u0301", "☂️"]), min_size=1, max_size=40), LIMITS)
def test_no_sign_is_torn(signs: list[str], limit: int) -> None:
    text = "".join(signs)
    ends = {len("".join(signs[:number])) for number in range(len(signs) + 1)}
    seen = 0
    for part in cut([Span(text=text)], limit):
        seen += len(part)
        assert seen in ends


def test_flags_stay_whole() -> None:
    assert cut([Span(text="🇪🇸" * 5)], 14) == ["🇪🇸" * 3, "🇪🇸" * 2]


def test_a_part_ends_where_a_paragraph_ends_before_a_line_and_a_line_before_a_word() -> None:
    assert cut([Span(text="one two\n\nthree\nfour five")], 18) == ["one two", "three\nfour five"]
    assert cut([Span(text="three\nfour five six")], 14) == ["three", "four five six"]
    assert cut([Span(text="four five six seven")], 14) == ["four five six", "seven"]


def test_what_has_a_kind_keeps_it_in_every_part() -> None:
    words = Span(text="so much to say", kind=SpanKind.OWN_WORDS)
    parts = list(split([Span(text="You wrote: "), words], 12, one))
    assert [[(span.text, span.kind) for span in part] for part in parts] == [
        [("You wrote:", SpanKind.PLAIN)],
        [("so much to", SpanKind.OWN_WORDS)],
        [("say", SpanKind.OWN_WORDS)],
    ]


def test_nothing_makes_no_part() -> None:
    assert list(split([Span(text=""), Span(text=" \n")], 10, one)) == []
