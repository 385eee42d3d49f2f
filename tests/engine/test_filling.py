"""Forms: several questions of a row answered in one turn."""

from hypothesis import given
from hypothesis import strategies as st

from bot.engine.effects import Retire, Send, Text
from bot.engine.events import FormFilled, Frozen
from bot.engine.model import Flow
from bot.engine.session import LaneStatus
from tests.engine.rehearsal import Rehearsal, flow_of

ALONE = flow_of("""
    flow: alone
    version: 1
    title: Alone
    roles: {me: one}
    slots:
      happened: {type: text, class: draft, name: "What happened", max: 20}
      feeling: {type: text, class: draft, name: "The feeling", max: 20}
      need: {type: text, class: draft, name: "The need", max: 20}
    steps:
      - {id: happened, ask: "What happened?", save: happened}
      - {id: feeling, ask: "What did you feel?", save: feeling, suggest: ["tired"], optional: true}
      - {id: need, ask: "What do you need?", save: need}
      - {id: look, review: [happened, feeling, need], ask: "Right?"}
      - {id: bye, say: "Bye.", to: me, end: true}
""")

TOGETHER = flow_of("""
    flow: together
    version: 1
    title: Together
    roles: {a: one, b: one}
    slots:
      p: {type: text, class: draft, of: each, name: "P", max: 20}
      q: {type: text, class: draft, of: each, name: "Q", max: 20}
    steps:
      - id: both
        lanes:
          - {id: p, ask: "P?", save: p}
          - {id: q, ask: "Q?", save: q}
        within: 1d
        expired: bye
      - {id: bye, say: "Bye.", end: true}
""")


def alone() -> Rehearsal:
    return Rehearsal(ALONE, me=("ann",))


def fills(run: Rehearsal, *answers: str, person: str = "ann", entry: int | None = None) -> None:
    lane = next(lane for lane in run.session.top.lanes.values() if lane.person == person)
    run.happen(
        FormFilled(person=person, lane=lane.key, entry=lane.entry if entry is None else entry, answers=answers)
    )


def asked(run: Rehearsal) -> list[str]:
    """The questions of the last turn, by the text's address."""
    sends = [effect for effect in run.turn.effects if isinstance(effect, Send) and effect.fence is not None]
    return [text.key for send in sends for text in send.paragraphs if text.key.endswith((".ask", ".review"))]


def answers(run: Rehearsal) -> dict[str, object]:
    return {key.split(".")[1]: value.data for key, value in run.session.values.items()}


def offered(run: Rehearsal) -> list[str]:
    return [one.form.step for one in run.turn.effects if isinstance(one, Send) and one.form is not None]


def test_the_first_question_of_a_row_offers_a_form() -> None:
    run = alone()
    assert offered(run) == ["happened"]
    run.types("ann", "It was late")
    assert offered(run) == []


def test_a_filled_form_answers_every_question_and_asks_none_of_them() -> None:
    run = alone()
    fills(run, "It was late", "tense", "rest")
    assert answers(run) == {"happened": "It was late", "feeling": "tense", "need": "rest"}
    assert asked(run) == ["look.review"]
    retired = [one.fence for one in run.turn.effects if isinstance(one, Retire) and one.fence.lane == "me:ann"]
    assert len(retired) == 1  # what was asked before


def test_an_empty_answer_skips_what_may_be_skipped() -> None:
    run = alone()
    fills(run, "It was late", "", "rest")
    assert answers(run) == {"happened": "It was late", "need": "rest"}
    assert asked(run) == ["look.review"]


def test_an_answer_that_is_none_stops_there_and_gives_back_what_was_not_used() -> None:
    run = alone()
    fills(run, "It was late", "much longer than what fits into this", "rest")
    assert answers(run) == {"happened": "It was late"}
    assert asked(run) == ["feeling.ask"]
    (unused,) = (text for text in texts(run) if text.key == "form.unused")
    assert unused.args == {"words": "much longer than what fits into this\n\nrest"}


def test_a_required_answer_that_is_missing_asks_for_it() -> None:
    run = alone()
    fills(run, "It was late", "tense", "")
    assert asked(run) == ["need.ask"]
    assert not [text for text in texts(run) if text.key == "form.unused"]


def test_a_form_of_an_earlier_moment_changes_nothing_and_gives_the_words_back() -> None:
    run = alone()
    run.types("ann", "It was late")
    before = run.session
    fills(run, "Something else", "tense", "rest", entry=1)
    assert run.session.values == before.values
    assert asked(run) == ["feeling.ask"]
    assert [text.args for text in texts(run) if text.key == "form.unused"] == [
        {"words": "Something else\n\ntense\n\nrest"}
    ]


def test_a_form_handed_in_during_a_pause_gives_the_words_back() -> None:
    run = alone()
    run.happen(Frozen())
    fills(run, "It was late", "tense", "rest")
    assert answers(run) == {}
    assert [text.key for text in texts(run)] == ["frozen.resting", "form.unused"]


def test_more_answers_than_questions_change_nothing_more() -> None:
    run = alone()
    fills(run, "It was late", "tense", "rest", "and", "more")
    assert answers(run) == {"happened": "It was late", "feeling": "tense", "need": "rest"}


def test_a_change_asked_for_by_a_review_offers_no_form() -> None:
    run = alone()
    fills(run, "It was late", "tense", "rest")
    run.picks("ann", "change")
    run.picks("ann", "happened")
    assert asked(run) == ["happened.ask"]
    assert offered(run) == []


def test_one_of_two_fills_in_a_form_and_the_other_is_told_nothing() -> None:
    run = Rehearsal(TOGETHER, a=("ann",), b=("bob",))
    fills(run, "one", "two")
    assert [lane.status for lane in run.session.top.lanes.values()] == [LaneStatus.DONE, LaneStatus.WAITING]
    assert {effect.to for effect in run.turn.effects if isinstance(effect, Send)} == {"ann"}


def test_somebody_elses_form_answers_nothing() -> None:
    run = Rehearsal(TOGETHER, a=("ann",), b=("bob",))
    lane = run.session.top.lanes["a:ann"]
    before = run.session
    run.happen(FormFilled(person="bob", lane=lane.key, entry=lane.entry, answers=("one", "two")))
    assert run.session == before


@given(st.lists(st.text(max_size=25), max_size=4), st.sampled_from([ALONE, TOGETHER]))
def test_a_form_comes_to_the_same_as_its_answers_typed_one_by_one(written: list[str], flow: Flow) -> None:
    filled, typed = (alone() if flow is ALONE else Rehearsal(TOGETHER, a=("ann",), b=("bob",)) for _ in range(2))
    fills(filled, *written)
    for step, answer in zip(flow.forms[next(iter(flow.forms))], written, strict=False):
        lane = next(iter(typed.session.top.lanes.values()))
        if lane.step == step and answer.strip():
            typed.types("ann", answer)
        elif lane.step == step and step == "feeling":
            typed.picks("ann", "skip")
    assert filled.session == typed.session


def texts(run: Rehearsal) -> list[Text]:
    return [text for effect in run.turn.effects if isinstance(effect, Send) for text in effect.paragraphs]
