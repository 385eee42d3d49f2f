"""Lists that were shown: Back leaves them alone, and whoever wrote them can write them anew."""

from bot.engine.events import Signal
from tests.engine.rehearsal import Rehearsal, flow_of

PARTS = """
    flow: parts
    version: 1
    title: Parts
    roles: {a: one, b: one}
    slots:
      part: {type: list, of: each, class: draft, most: 2}
      mark: {type: choice, of: each, per: part, class: private, options: {good: "Good", odd: "Odd"}}
      look: {type: choice, of: each, class: signal, options: {fits: "It fits", change: "Change it"}}
    steps:
      - id: write
        lanes:
          - id: part
            when: "visits(write) < 2 or look == 'change'"
            ask: "Your part?"
            save: part
            least: {first: 1, again: 0}
            shown_to: all
        within: 7d
        expired: done
      - {id: shown, reveal: part, say: "Your parts: {part}"}
      - id: look
        lanes:
          - id: every
            each: {one: part}
            steps: [{id: mark, ask: "{one}", save: mark}]
          - {id: fits, ask: "Does it fit?", save: look}
        within: 7d
        expired: done
        next:
          - {when: "any(look == 'change') and visits(write) < 2", go: write}
          - {else: done}
      - {id: done, say: "It is: {part}", end: true}
"""


def marked(*, most: str = "most: 2") -> Rehearsal:
    """Both have written, seen and weighed; Ann wants to change her part."""
    run = Rehearsal(flow_of(PARTS.replace("most: 2", most)), a=("ann",), b=("bob",))
    for person, words in (("ann", "walk"), ("bob", "rest")):
        run.types(person, words)
        if most != "most: 1":
            run.picks(person, "done")
    for person, look in (("ann", "change"), ("bob", "fits")):
        run.picks(person, "good")
        run.picks(person, "odd")
        run.picks(person, look)
    return run


def kept(run: Rehearsal, slot: str) -> list[str]:
    return sorted(str(value.data) for key, value in run.session.values.items() if f".{slot}." in key)


def test_what_was_shown_back_leaves_alone() -> None:
    run = marked()
    run.signals("ann", Signal.BACK)
    assert "back.first" in run.heard("ann")[0]
    assert kept(run, "part") == ["rest", "walk"]


def test_what_was_shown_is_written_anew_on_request_and_shown_once_more() -> None:
    run = marked()
    assert [choice.value for choice in run.offered("ann")] == ["done", "anew"]
    run.picks("ann", "anew")
    assert [choice.value for choice in run.offered("ann")] == ["skip"]
    assert kept(run, "part") == ["rest"]
    run.types("ann", "cook")
    assert [choice.value for choice in run.offered("ann")] == ["done"]
    run.picks("ann", "done")
    assert set(run.heard("bob")[0].removeprefix("Your parts: ").split(" | ")) == {"cook", "rest"}


def test_what_was_said_of_an_item_goes_with_it() -> None:
    run = marked()
    assert kept(run, "mark") == ["good", "good", "odd", "odd"]
    run.picks("ann", "anew")
    assert len(kept(run, "mark")) == 2


def test_a_list_of_one_that_was_shown_can_be_replaced() -> None:
    run = marked(most="most: 1")
    run.types("ann", "cook")
    assert "answer.full" in run.heard("ann")[0]
    run.picks("ann", "anew")
    run.types("ann", "cook")
    assert kept(run, "part") == ["cook", "rest"]


def test_who_leaves_it_as_it_is_presses_once() -> None:
    run = marked()
    run.picks("ann", "done")
    assert run.stage == "look"


ENOUGH = """
    flow: enough
    version: 1
    title: Enough
    roles: {me: one}
    slots:
      helps: {type: choices, class: private, options: {walk: "A walk", music: "Music", quiet: "Quiet"}}
      more: {type: choices, class: private, options: {walk: "A walk", music: "Music", quiet: "Quiet"}}
      long: {type: duration, class: private, min: 20m, max: 24h}
      day: {type: date, class: private, within: 7d}
      hour: {type: time, class: private}
    steps:
      - {id: helps, ask: "What helps most?", save: helps, most: 1}
      - {id: more, ask: "What else helps?", save: more, most: 2}
      - {id: long, ask: "How long?", save: long, suggest: ["20 minutes", "1 hour"]}
      - {id: day, ask: "Which day?", save: day, suggest: ["tomorrow"]}
      - {id: hour, ask: "What time?", save: hour, suggest: ["9 pm", "noon"]}
      - {id: done, say: "{helps} {long} {day} {hour}", end: true}
"""


def enough() -> Rehearsal:
    run = Rehearsal(flow_of(ENOUGH), me=("ann",))
    run.now = 1_795_341_600_000  # 2026-11-22T10:00Z
    return run


def test_a_question_can_take_fewer_choices_than_its_slot() -> None:
    run = enough()
    run.picks("ann", "walk")
    assert run.heard("ann") == ["What else helps?"]
    run.picks("ann", "walk,music,quiet")
    assert "answer.many" in run.heard("ann")[0]
    run.picks("ann", "walk,music")
    assert run.heard("ann") == ["How long?"]


def test_one_choice_takes_the_place_of_the_one_before_after_back() -> None:
    run = enough()
    run.picks("ann", "walk")
    run.signals("ann", Signal.BACK)
    run.picks("ann", "music")
    assert run.heard("ann") == ["What else helps?"]
    assert run.session.values["0.helps.ann"].data == ("music",)
    run.signals("ann", Signal.BACK)
    run.picks("ann", "music")
    assert run.session.values["0.helps.ann"].data == ("music",)


def test_after_back_no_more_choices_are_taken_than_there_is_room_for() -> None:
    run = enough()
    run.picks("ann", "walk")
    run.picks("ann", "walk,music")
    run.signals("ann", Signal.BACK)
    run.picks("ann", "quiet")
    assert "answer.many" in run.heard("ann")[0]
    assert "What else helps?" in run.heard("ann")[0]
    assert run.session.values["0.more.ann"].data == ("walk", "music")
    run.picks("ann", "walk")
    run.picks("ann", "quiet")
    assert run.session.values["0.more.ann"].data == ("music", "quiet")


def test_lengths_and_times_can_be_suggested_beside_what_is_written() -> None:
    run = enough()
    run.picks("ann", "walk")
    run.picks("ann", "walk,music")
    run.picks("ann", "=1")
    run.picks("ann", "=0")
    run.types("ann", "21:30")
    assert run.heard("ann")[-1].endswith(" 3600000 2026-11-23 1290")


def test_a_suggested_length_does_not_hinder_another() -> None:
    run = enough()
    run.picks("ann", "walk")
    run.picks("ann", "walk,music")
    run.types("ann", "45 min")
    assert run.heard("ann")[-1] == "Which day?"


def test_signed_items_stand_together_in_the_order_in_which_each_wrote_them() -> None:
    run = Rehearsal(flow_of(PARTS.replace("most: 2", "most: 2, signed: true")), a=("ann",), b=("bob",))
    for words in (("bob", "rest"), ("ann", "walk"), ("bob", "cook"), ("ann", "read")):
        run.types(*words)
    told = [
        "<item.signed> ann walk",
        "<item.signed> ann read",
        "<item.signed> bob rest",
        "<item.signed> bob cook",
    ]
    for person in ("ann", "bob"):
        assert run.heard(person)[0].removeprefix("Your parts: ").split(" | ") == told
