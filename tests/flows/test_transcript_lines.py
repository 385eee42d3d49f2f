"""Transcripts: what each kind of line means, and that every wrong line is told with its number."""

import re
import time
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.flows.problems import FlowInvalid
from bot.flows.transcript import (
    Declare,
    DeclareRoom,
    Hear,
    Mishap,
    PlayedOn,
    Press,
    Say,
    StartAt,
    Step,
    Travel,
    fill,
    matches,
    parse_line,
    parse_transcript,
)

EVENING = 1_772_474_400_000
"""2026-03-02T18:00Z."""


@pytest.mark.parametrize(
    ("line", "step"),
    [
        ("@start 2026-03-02T18:00Z", StartAt(number=1, at=EVENING)),
        ("@start 2026-03-02T19:00+01:00", StartAt(number=1, at=EVENING)),
        ("@start 2026-03-02T18:00", StartAt(number=1, at=EVENING)),
        ("@alex", Declare(number=1, name="alex", zone="", locale="en")),
        ("@alex tz=Europe/Madrid lang=es", Declare(number=1, name="alex", zone="Europe/Madrid", locale="es")),
        ("@sam lang=pt-BR", Declare(number=1, name="sam", zone="", locale="pt-BR")),
        ("@room den: alex sam", DeclareRoom(number=1, name="den", members=("alex", "sam"))),
        ("@room den alex", DeclareRoom(number=1, name="den", members=("alex",))),
        ("alex> hello there", Say(number=1, name="alex", room="", text="hello there")),
        ("alex> /pair {code}", Say(number=1, name="alex", room="", text="/pair {code}")),
        ("alex@den> /pause", Say(number=1, name="alex", room="den", text="/pause")),
        ("alex>", Say(number=1, name="alex", room="", text="")),
        ("alex>   spaced", Say(number=1, name="alex", room="", text="  spaced")),
        (r"alex> \[Not a press]", Say(number=1, name="alex", room="", text="[Not a press]")),
        ("alex> say [this] too", Say(number=1, name="alex", room="", text="say [this] too")),
        ("alex> a > b < c", Say(number=1, name="alex", room="", text="a > b < c")),
        ("alex> [Yes, gladly]", Press(number=1, name="alex", room="", label="Yes, gladly", nth=1)),
        ("alex> [Yes]@2", Press(number=1, name="alex", room="", label="Yes", nth=2)),
        ("alex> [Yes]@12", Press(number=1, name="alex", room="", label="Yes", nth=12)),
        ("alex@den> [I'm here]", Press(number=1, name="alex", room="den", label="I'm here", nth=1)),
        ("alex< a note for you", Hear(number=1, name="alex", room="", part="a note for you", absent=False)),
        ("alex@den< only you", Hear(number=1, name="alex", room="den", part="only you", absent=False)),
        ("alex<", Hear(number=1, name="alex", room="", part="", absent=False)),
        ("den<! Sam", Hear(number=1, name="den", room="", part="Sam", absent=True)),
        ("+20m", Travel(number=1, by=1_200_000)),
        ("+2d", Travel(number=1, by=172_800_000)),
        ("!crash", Mishap(number=1, kind="crash")),
        ("!redeliver", Mishap(number=1, kind="redeliver")),
        ("!photo alex", Mishap(number=1, kind="photo", name="alex")),
        ("!edit alex: new: words", Mishap(number=1, kind="edit", name="alex", text="new: words")),
        ("!edit alex@den: new", Mishap(number=1, kind="edit", name="alex", room="den", text="new")),
        ("@on web", PlayedOn(number=1, platform="web")),
        ("@on terminal", PlayedOn(number=1, platform="terminal")),
        ("# a comment", None),
        ("", None),
        ("   ", None),
    ],
)
def test_a_line_is_one_step(line: str, step: Step | None) -> None:
    assert parse_line(line, 1) == step


@pytest.fixture
def lima(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine that stands in Lima."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "America/Lima")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("lima")
def test_a_start_without_a_zone_is_the_same_on_every_machine() -> None:
    assert parse_line("@start 2026-03-02T18:00", 1) == StartAt(number=1, at=EVENING)


WRONG = [
    ("hello", "write 'name> text'"),
    ("alex > hello", "write 'name> text'"),
    ("alex>hello", "write 'name> text'"),
    ("Alex> hello", "write 'name> text'"),
    ("alex@> hello", "write 'name> text'"),
    (" alex> hello", "write 'name> text'"),
    ("alex<hello", "write 'name> text'"),
    ("alex<!", "write what does not come"),
    ("alex> [Yes", "press a choice by '[Label]'"),
    ("alex> []", "press a choice by '[Label]'"),
    ("alex> [Yes]@0", "press a choice by '[Label]'"),
    ("alex> [Yes]@100", "press a choice by '[Label]'"),
    ("alex> [Yes] and [No]", "press a choice by '[Label]'"),
    ("@", "write '@start"),
    ("@start", "write '@start"),
    ("@start tomorrow", "'tomorrow' is no time"),
    ("@start 2026-13-02T18:00Z", "'2026-13-02T18:00Z' is no time"),
    ("@start 2026-03-02 18:00", "write '@start"),
    ("@on", "write '@start"),
    ("@on paper", "write '@start"),
    ("@room", "write '@start"),
    ("@room den:", "write '@start"),
    ("@room Den: alex", "write '@start"),
    ("@room den: Alex", "write '@start"),
    ("@Alex", "write '@start"),
    ("@alex tz", "write '@start"),
    ("@alex zone=Europe/Madrid", "write '@start"),
    ("@alex tz=UTC tz=UTC", "write '@start"),
    ("@alex tz=Europe/Nowhere", "'Europe/Nowhere' is no time zone"),
    ("@alex tz=../../etc/passwd", "'../../etc/passwd' is no time zone"),
    ("@alex lang=Spanish!", "'Spanish!' is no language"),
    ("+20", "write a time to move on by"),
    ("+soon", "write a time to move on by"),
    ("+-20m", "write a time to move on by"),
    ("!", "write '!crash'"),
    ("!crash now", "write '!crash'"),
    ("!photo", "write '!crash'"),
    ("!photo Alex", "write '!crash'"),
    ("!edit alex", "write '!crash'"),
    ("!edit alex:", "write '!crash'"),
    ("!block alex", "write '!crash'"),
    ("| more", "a line that begins with '|' continues"),
    ("|", "a line that begins with '|' continues"),
]


@pytest.mark.parametrize(("line", "told"), WRONG, ids=[line for line, _ in WRONG])
def test_a_wrong_line_is_told_what_to_write(line: str, told: str) -> None:
    with pytest.raises(ValueError, match=rf"\A{re.escape(told)}"):
        parse_line(line, 1)


def test_every_wrong_line_of_a_file_is_told_with_its_number_and_itself() -> None:
    text = "\n".join(["# All wrong.", *(line for line, _ in WRONG)])
    with pytest.raises(FlowInvalid) as caught:
        parse_transcript(text, "wrong.chat")
    problems = caught.value.problems
    assert [problem.line for problem in problems] == list(range(2, len(WRONG) + 2))
    assert [problem.excerpt for problem in problems] == [line for line, _ in WRONG]
    assert {(problem.path, problem.column, problem.code) for problem in problems} == {("wrong.chat", 1, "bad-line")}


def test_a_wrong_line_reads_like_any_problem() -> None:
    with pytest.raises(FlowInvalid) as caught:
        parse_transcript("alex> hello\nsam hello\n", "wrong.chat")
    assert str(caught.value.problems[0]) == (
        "wrong.chat:2:1: write 'name> text', 'name< text', '@name', '+20m', '!crash' or '# a comment' [bad-line]\n"
        "    sam hello\n"
        "    ^"
    )


def test_continued_lines_belong_to_what_is_said_or_heard_above() -> None:
    steps = parse_transcript("alex> one\n| two\n|\n| > four\nsam< five\n| six\n+1h\n", "some.chat")
    assert steps == [
        Say(number=1, name="alex", room="", text="one\ntwo\n\n> four"),
        Hear(number=5, name="sam", room="", part="five\nsix", absent=False),
        Travel(number=7, by=3_600_000),
    ]


def test_an_edit_can_have_several_lines_too() -> None:
    (edit,) = parse_transcript("!edit alex@den: one\n| two\n", "some.chat")
    assert edit == Mishap(number=1, kind="edit", name="alex", room="den", text="one\ntwo")


@pytest.mark.parametrize("above", ["# a comment", "", "+20m", "@alex", "!crash", "what is this"])
def test_a_continued_line_below_anything_else_is_told_with_its_own_number(above: str) -> None:
    with pytest.raises(FlowInvalid) as caught:
        parse_transcript(f"@sam\n{above}\n| more", "wrong.chat")
    assert caught.value.problems[-1].line == 3
    assert "continues what somebody says" in caught.value.problems[-1].message


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"], ids=["unix", "windows", "old_mac"])
def test_lines_end_as_they_do_on_any_system_and_nowhere_else(newline: str) -> None:
    steps = parse_transcript(f"\ufeff# A.{newline}alex> one\x0b\u2028two{newline}sam< three{newline}", "some.chat")
    assert steps == [
        Say(number=2, name="alex", room="", text="one\x0b\u2028two"),
        Hear(number=3, name="sam", room="", part="three", absent=False),
    ]


# What was heard


@pytest.mark.parametrize(
    ("part", "text", "captured"),
    [
        ("five small rules", "Pairing takes five small rules:\n1. I share", {}),
        ("rules: 1. I share", "five small rules:\n1.  I share", {}),
        ("code is {code}", "Your code is 4F-7Q\nGive it", {"code": "4F-7Q"}),
        ("{a} and {b}", "one and two", {"a": "one", "b": "two"}),
        ("{a} and {a}", "one and one", {"a": "one"}),
        ("(what?) [Yes] .*", "so (what?) [Yes] .*", {}),
        ("{Code}", "the {Code} here", {}),
    ],
)
def test_a_part_is_found_in_what_was_received(part: str, text: str, captured: dict[str, str]) -> None:
    assert matches(part, text, {}) == captured


@pytest.mark.parametrize(
    ("part", "text"),
    [
        ("five rules", "five small rules"),
        ("Five small", "five small rules"),
        ("{a} and {a}", "one and two"),
        (".*", "anything"),
        ("code is {code}", "Your code is"),
    ],
)
def test_a_part_that_is_not_there_is_not_found(part: str, text: str) -> None:
    assert matches(part, text, {}) is None


def test_a_captured_name_stands_for_what_it_captured() -> None:
    assert matches("code {code}", "the code a.b", {"code": "a.b"}) == {}
    assert matches("code {code}", "the code axb", {"code": "a.b"}) is None
    assert fill("/pair {code} {other}", {"code": "a.b"}) == "/pair a.b {other}"


@settings(deadline=None)
@given(st.text() | st.text("@+!#|<>[]{}\\: alexden012.-mhd\n\r", max_size=80))
def test_any_text_is_a_transcript_or_refused(text: str) -> None:
    numbers: list[int] = []
    try:
        numbers += [step.number for step in parse_transcript(text, "any.chat")]
    except FlowInvalid as fault:
        numbers += [problem.line for problem in fault.problems]
    assert numbers == sorted(set(numbers))


@settings(deadline=None)
@given(st.text("ab {}.*\\(", max_size=30), st.text("ab {}.*\\(", max_size=60))
def test_matching_never_fails(part: str, text: str) -> None:
    found = matches(part, text, {"a": text})
    assert found is None or all(value in text for value in found.values())
