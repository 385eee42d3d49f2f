"""Which questions can be answered all at once."""

from bot.engine.model import Ask
from bot.flows.forms import LEAST_FIELDS, MOST_FIELDS
from bot.wiring.dialogues import library_of
from tests.engine.rehearsal import flow_of

HEAD = """
flow: rows
version: 1
title: Rows
roles: {me: one}
slots:
  a: {type: text, class: draft, name: "A"}
  b: {type: text, class: draft, name: "B"}
  c: {type: text, class: draft, name: "C"}
  d: {type: text, class: draft, name: "D"}
  e: {type: text, class: draft, name: "E"}
  f: {type: text, class: draft, name: "F"}
  g: {type: text, class: draft, name: "G"}
  day: {type: date, class: private, name: "Day"}
  yes: {type: choice, class: private, options: {yes: "Yes", no: "No"}}
  hidden: {type: text, class: ephemeral, name: "Hidden"}
  ideas: {type: list, class: draft, name: "Ideas", most: 2}
steps:
"""


def forms_in(*steps: str) -> dict[str, tuple[str, ...]]:
    return dict(
        flow_of(HEAD + "".join(f"  - {step}\n" for step in (*steps, '{id: bye, say: "Bye.", end: true}'))).forms
    )


def ask(name: str, more: str = "") -> str:
    return f'{{id: {name}, ask: "{name}?", save: {name}{more}}}'


def test_questions_in_a_row_make_a_form() -> None:
    assert forms_in(ask("a"), ask("b"), ask("c")) == {"a": ("a", "b", "c")}


def test_one_question_alone_makes_none() -> None:
    assert forms_in(ask("a"), ask("yes"), ask("b")) == {}


def test_a_question_that_is_asked_only_sometimes_begins_a_row_and_is_in_none_before() -> None:
    sometimes = ask("c", """, when: "yes == 'yes'\"""")
    assert forms_in(ask("yes"), ask("a"), ask("b"), sometimes, ask("d")) == {"a": ("a", "b"), "c": ("c", "d")}
    lane = ", ".join([ask("yes"), ask("a"), ask("b"), sometimes, ask("d")])
    assert forms_in(f"{{id: st, lanes: [{lane}]}}") == {"a": ("a", "b"), "c": ("c", "d")}


def test_a_question_that_leads_elsewhere_is_the_last_of_its_row() -> None:
    assert forms_in(ask("a"), ask("b", ", next: d"), ask("c"), ask("d")) == {"a": ("a", "b"), "c": ("c", "d")}


def test_what_is_not_answered_in_any_words_ends_a_row() -> None:
    for other in ("day", "yes", "ideas"):
        assert forms_in(ask("a"), ask("b"), ask(other), ask("c")) == {"a": ("a", "b")}


def test_a_question_with_a_way_beside_the_answer_stands_alone() -> None:
    assert forms_in(ask("a"), ask("b", ', ways: {d: "More"}'), ask("c"), ask("d")) == {"c": ("c", "d")}


def test_a_long_row_makes_two_forms() -> None:
    assert forms_in(*map(ask, "abcdefg")) == {"a": tuple("abcde"), "f": ("f", "g")}


def test_what_lives_in_memory_alone_makes_none() -> None:
    inside = f"{{id: sec, volatile: [{ask('hidden')}, {ask('hidden').replace('id: hidden', 'id: again')}]}}"
    assert forms_in(f"{{id: st, lanes: [{inside}]}}") == {}


def test_the_shipped_forms_fit_a_platform() -> None:
    library = library_of(None)
    found = {flow.id: dict(flow.forms) for flow in library.flows.values() if flow.forms}
    assert found["say_it"]["happened"] == ("happened", "feeling", "need")
    for flow in library.flows.values():
        for row in flow.forms.values():
            assert LEAST_FIELDS <= len(row) <= MOST_FIELDS
            assert all(isinstance(flow.steps[step], Ask) for step in row)
