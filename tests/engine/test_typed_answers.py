"""Typed answers: read in natural forms, told back, and asked again kindly when they do not fit."""

from tests.engine.rehearsal import Rehearsal, flow_of

TYPED = """
    flow: typed
    version: 1
    title: Typed
    roles: {me: one}
    slots:
      calm: {type: scale, class: private}
      day: {type: date, class: private, within: 30d}
      hour: {type: time, class: private}
      long: {type: duration, class: private, min: 20m, max: 24h}
    steps:
      - id: calm
        ask: "How calm, 0 to 10?"
        save: calm
        next:
          - {when: "calm >= 7", go: day}
          - {else: rest}
      - {id: rest, say: "Rest first.", to: me, end: true}
      - {id: day, ask: "Which day?", save: day}
      - {id: hour, ask: "What time?", save: hour}
      - {id: long, ask: "How long?", save: long}
      - {id: done, say: "{calm} {day} {hour} {long}", to: me, end: true}
"""


OWN_RETRY = """
    flow: own_retry
    version: 1
    title: Own retry
    roles: {me: one}
    slots:
      weeks: {type: number, class: private, min: 1, max: 6}
    steps:
      - {id: weeks, ask: "How many weeks?", save: weeks, retry: "One to six weeks, as a number."}
      - {id: done, end: true}
"""


def test_a_question_has_its_own_words_for_an_answer_that_cannot_be_read() -> None:
    run = Rehearsal(flow_of(OWN_RETRY), me=("ann",))
    run.types("ann", "a while")
    assert run.heard("ann") == ["One to six weeks, as a number.\nHow many weeks?"]


def typed() -> Rehearsal:
    run = Rehearsal(flow_of(TYPED), me=("ann",))
    run.now = 1_795_341_600_000  # 2026-11-22T10:00Z
    return run


def test_typed_answers_are_read_in_natural_forms_and_told_back() -> None:
    run = typed()
    run.types("ann", "eight")
    assert run.heard("ann") == ["Which day?"]
    run.types("ann", "tomorrow")
    assert run.heard("ann")[-1] == "What time?"
    assert "answer.read" in run.heard("ann")[0]
    run.types("ann", "9 pm")
    run.types("ann", "an hour and a half")
    assert run.heard("ann")[-1] == "8 2026-11-23 1260 5400000"


def test_a_number_steers_a_guard() -> None:
    run = typed()
    run.types("ann", "3")
    assert run.heard("ann") == ["Rest first."]


def test_what_does_not_fit_is_asked_again_with_the_bounds() -> None:
    run = typed()
    for wrong in ("11", "-1", "very", "7.5"):
        before = run.session
        run.types("ann", wrong)
        assert run.session == before
        assert "answer.number" in run.heard("ann")[0]
    run.types("ann", "7")
    for wrong, why in (("someday", "answer.date"), ("in 9 weeks", "answer.far"), ("2020-01-01", "answer.date")):
        run.types("ann", wrong)
        assert why in run.heard("ann")[0]
    run.types("ann", "in a week")
    run.types("ann", "21:30")
    for wrong in ("5 min", "2 days", "soon"):
        run.types("ann", wrong)
        assert "answer.length" in run.heard("ann")[0]
