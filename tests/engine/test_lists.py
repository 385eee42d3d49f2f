"""Lists that people write item by item, going through them, and what their marks come to for everybody."""

import pytest

from bot.engine.events import ChoicePicked, Signal, TimerDue
from tests.engine.rehearsal import Rehearsal, flow_of

IDEAS = """
    flow: ideas
    version: 1
    title: Ideas
    roles: {a: one, b: one}
    slots:
      ideas: {type: list, of: each, class: draft, most: 2}
      mark: {type: choice, of: each, per: ideas, class: private, options: {works: "Works", no: "Not for me"}}
      pick: {type: item, of: each, class: private, over: left}
    outcomes:
      left: {select: ideas, where: "none(mark == 'no')", told: "What either of you refuses is left out."}
      same: {select: ideas, where: "all(pick == item)", told: "You go on with it if you both pick the same."}
    steps:
      - id: write
        lanes:
          - {id: idea, ask: "What could you try?", save: ideas}
          - {id: ready, grant: ideas, to: all, ask: "Show these?"}
        within: 7d
        expired: done
      - {id: show, reveal: ideas, to: all, say: "Your ideas:\\n{ideas}"}
      - id: marks
        lanes:
          - id: every
            each: {idea: ideas}
            others: true
            steps:
              - {id: mark, ask: "{idea}\\nWhat either of you refuses is left out.", save: mark}
        within: 7d
        expired: done
        next:
          - {when: "size(left) > 0", go: choose}
          - {else: nothing}
      - id: choose
        lanes:
          - {id: pick, ask: "Which first? You go on with it if you both pick the same.", save: pick}
        within: 7d
        expired: done
      - {id: chosen, when: "size(same) == 1", say: "You both picked {same}", to: all, end: true}
      - {id: done, say: "Left: {left}", to: all, end: true}
      - {id: nothing, say: "Nothing is left.", to: all, end: true}
"""


def two(flow: str = IDEAS) -> Rehearsal:
    return Rehearsal(flow_of(flow), a=("ann",), b=("bob",))


def test_a_list_is_written_item_by_item_and_told_back() -> None:
    run = two()
    run.types("ann", "walk after dinner")
    assert run.heard("ann") == ["What could you try?\n<ask.so_far> walk after dinner"]
    assert [choice.value for choice in run.sent("ann")[0].choices] == ["done"]


def test_a_full_list_goes_on_by_itself() -> None:
    run = two()
    run.types("ann", "walk")
    run.types("ann", "cook")
    assert run.heard("ann") == ["Show these?\n<grant.preview> <names.one> bob <value.own> walk | cook"]


def test_back_takes_the_last_item_of_a_list_back() -> None:
    run = two()
    run.types("ann", "walk")
    run.signals("ann", Signal.BACK)
    assert run.heard("ann") == ["What could you try?"]
    assert run.sent("ann")[0].choices == ()


def shown() -> Rehearsal:
    run = two()
    run.types("ann", "walk")
    run.picks("ann", "done")
    run.picks("ann", "share")
    run.types("bob", "cook")
    run.types("bob", "rest")
    assert run.heard("ann") == []
    run.picks("bob", "share")
    return run


def test_items_are_shown_only_when_everybody_is_through() -> None:
    run = shown()
    told = run.heard("ann")[0]
    assert told.startswith("Your ideas:")
    assert {"walk", "cook", "rest"} <= set(told.replace("|", " ").split())
    assert run.heard("bob")[0] == told


@pytest.mark.parametrize("first", ["ann", "bob"])
def test_the_order_of_items_tells_nobody_who_wrote_first(first: str) -> None:
    """Whoever writes first comes first about as often as not: the order hangs on keys that nobody knows."""
    flow = flow_of(IDEAS)
    leads = 0
    for number in range(100):
        run = Rehearsal(flow, a=(f"ann{number}",), b=(f"bob{number}",))
        for name in (first, *({"ann", "bob"} - {first})):
            run.types(f"{name}{number}", f"by {name}")
            run.picks(f"{name}{number}", "done")
            run.picks(f"{name}{number}", "share")
        told = run.heard(f"ann{number}")[0]
        assert told == run.heard(f"bob{number}")[0]
        leads += told.index(f"by {first}") == min(told.index("by ann"), told.index("by bob"))
    assert 35 <= leads <= 65


def test_each_walks_through_what_the_others_wrote() -> None:
    run = shown()
    first = run.heard("ann")[1]
    run.picks("ann", "works")
    second = run.heard("ann")[0]
    assert {first.split("\n")[0], second.split("\n")[0]} == {"cook", "rest"}
    run.signals("ann", Signal.BACK)
    assert run.heard("ann") == [first]
    run.picks("ann", "works")
    run.picks("ann", "works")
    assert run.heard("ann") == ["<lane.through>"]
    assert run.stage == "marks"


def marked() -> Rehearsal:
    run = shown()
    refused = run.heard("ann")[1].split("\n")[0]
    run.picks("ann", "no")
    run.picks("ann", "works")
    run.picks("bob", "works")
    run.left = {"walk", "cook", "rest"} - {refused}
    return run


def test_what_somebody_refuses_is_left_out_for_everybody() -> None:
    run = marked()
    assert set(run.heard("ann")[0].split("<ask.items> ")[1].split(" | ")) == run.left


def test_a_pick_is_offered_by_number_and_counts_when_both_pick_the_same() -> None:
    run = marked()
    offered = [choice.value for choice in run.sent("ann")[0].choices]
    run.picks("ann", offered[0])
    run.picks("bob", offered[0])
    told = run.heard("bob")[-1]
    assert told.startswith("You both picked ")
    assert told.removeprefix("You both picked ") in run.left
    assert run.session.ended


def test_different_picks_leave_what_is_left() -> None:
    run = marked()
    first, second = [choice.value for choice in run.sent("ann")[0].choices]
    run.picks("ann", first)
    run.picks("bob", second)
    assert set(run.heard("ann")[-1].removeprefix("Left: ").split(" | ")) == run.left


def test_nothing_left_takes_another_way() -> None:
    run = two()
    for person, idea in (("ann", "walk"), ("bob", "cook")):
        run.types(person, idea)
        run.picks(person, "done")
        run.picks(person, "share")
    run.picks("ann", "no")
    run.picks("bob", "no")
    assert run.heard("ann") == ["Nothing is left."]


def test_an_old_number_picks_nothing() -> None:
    run = marked()
    before = run.session
    run.happen(ChoicePicked(person="ann", lane="a:ann", entry=before.top.lanes["a:ann"].entry, choice="#99"))
    assert run.session.values == before.values
    assert "answer.pick" in run.heard("ann")[0]


GRANTED = """
    flow: granted
    version: 1
    title: Granted
    roles: {a: one, b: one}
    slots:
      words: {type: text, of: each, class: draft}
      more: {type: text, of: each, class: draft}
      calm: {type: number, of: each, class: private, min: 0, max: 10}
      length: {type: duration, of: each, class: private}
      day: {type: date, of: each, class: private}
    outcomes:
      longest: {is: "greatest(length)", told: "Of two lengths the longer one counts."}
      way:
        cases: [{when: "all(calm >= 7)", is: calm}, {when: "any(calm < 3)", is: rest}, {else: slow}]
        told: "How calm you are decides the pace."
    steps:
      - id: write
        lanes:
          - {id: words, ask: "What happened?", save: words, shown_to: all, ways: {more: "Add more"}, next: calm}
          - {id: more, ask: "What else?", save: more, next: words}
          - {id: calm, ask: "How calm? How calm you are decides the pace.", save: calm}
          - {id: length, ask: "How long? Of two lengths the longer one counts.", save: length}
        within: 7d
        expired: done
      - {id: show, reveal: words, to: all, say: "They wrote: {words}"}
      - {id: rest, when: "way == 'rest'", say: "Rest first.", to: all, end: true}
      - {id: slow, when: "way == 'slow'", say: "Slowly. {longest}", to: all, end: true}
      - {id: done, say: "Go on for {longest}.", to: all, end: true}
"""


def test_an_answer_that_is_a_grant_says_so_and_is_shown_when_both_are_through() -> None:
    run = two(GRANTED)
    assert run.heard("ann") == ["What happened?\n<ask.shown> <names.one> bob"]
    for person in ("ann", "bob"):
        run.types(person, f"{person} was late")
        run.types(person, "8")
        run.types(person, "20 min" if person == "ann" else "1 h")
    assert run.heard("ann") == ["They wrote: bob was late", "Go on for 3600000."]


def test_back_takes_a_grant_back_that_was_not_revealed() -> None:
    run = two(GRANTED)
    run.types("ann", "too much")
    assert len(run.session.grants) == 1
    run.signals("ann", Signal.BACK)
    assert run.session.grants == ()
    run.types("ann", "less")
    assert [grant.rev for grant in run.session.grants] == [2]


def test_a_lane_that_is_through_can_be_taken_back_until_the_other_is() -> None:
    run = two(GRANTED)
    run.types("ann", "late")
    run.types("ann", "8")
    run.types("ann", "1 h")
    run.signals("ann", Signal.BACK)
    assert run.heard("ann") == ["How long? Of two lengths the longer one counts."]


def test_a_way_beside_the_answer_leads_on_in_the_lane() -> None:
    run = two(GRANTED)
    run.picks("ann", ">more")
    assert run.heard("ann") == ["What else?"]
    run.types("ann", "it rained")
    assert run.heard("ann")[0].startswith("What happened?")
    run.signals("ann", Signal.BACK)
    assert run.heard("ann") == ["What else?"]


@pytest.mark.parametrize(
    ("ann", "bob", "told"),
    [("9", "8", "Go on for 3600000."), ("9", "2", "Rest first."), ("5", "8", "Slowly. 3600000")],
)
def test_an_outcome_of_several_cases_takes_the_first_that_holds(ann: str, bob: str, told: str) -> None:
    run = two(GRANTED)
    for person, calm in (("ann", ann), ("bob", bob)):
        run.types(person, "late")
        run.types(person, calm)
        run.types(person, "1 h")
    assert run.heard("ann")[-1] == told


CHOICES = """
    flow: aims
    version: 1
    title: Aims
    roles: {a: one, b: one}
    slots:
      aims:
        type: choices
        of: each
        class: private
        most: 2
        options: {close: "Feel close", rest: "Rest", trust: "Trust", fair: "Fair"}
    outcomes:
      shared: {select: aims, where: "all(item in aims)", told: "You are shown only what you both picked."}
    steps:
      - id: pick
        lanes:
          - {id: aims, ask: "What matters? You are shown only what you both picked.", save: aims}
        within: 7d
        expired: done
      - {id: both, when: "size(shared) > 0", say: "You both want {shared}.", to: all, end: true}
      - {id: done, say: "You both want to be here.", to: all, end: true}
"""


def test_several_choices_are_picked_one_by_one_until_enough() -> None:
    run = two(CHOICES)
    assert "done" not in [choice.value for choice in run.offered("ann")]
    run.picks("ann", "rest")
    assert [choice.value for choice in run.sent("ann")[0].choices][-1] == "done"
    run.picks("ann", "trust")
    assert run.heard("ann") == ["<lane.through>"]


def test_a_choice_picked_once_more_is_taken_back() -> None:
    run = two(CHOICES)
    run.picks("ann", "rest")
    run.picks("ann", "rest")
    assert "done" not in [choice.value for choice in run.sent("ann")[0].choices]


def test_several_choices_written_at_once_are_taken_together() -> None:
    run = two(CHOICES)
    run.picks("ann", "rest,trust")
    run.picks("bob", "trust,close")
    assert run.heard("ann") == ["You both want Trust."]


def test_more_choices_than_fit_are_asked_again() -> None:
    run = two(CHOICES)
    run.picks("ann", "rest,trust,fair")
    assert "answer.many" in run.heard("ann")[0]


def test_nothing_in_common_tells_nobody_what_was_picked() -> None:
    run = two(CHOICES)
    run.picks("ann", "rest,trust")
    run.picks("bob", "close,fair")
    assert run.heard("ann") == ["You both want to be here."]


ROUND = """
    flow: round
    version: 1
    title: Round
    roles: {people: many}
    slots:
      word: {type: choice, of: each, class: signal, options: {good: "Good", tense: "Tense"}}
    steps:
      - id: go
        lanes: [{id: word, ask: "How is it?", save: word}]
        join: 2
        again: missing
        within: 1d
        expired: again
        next: enough
      - {id: again, when: "visits(go) < 2", say: "One more day.", to: all, next: go}
      - {id: enough, say: "Enough.", to: all, end: true}
"""


def test_a_stage_goes_on_when_enough_lanes_are_done() -> None:
    run = Rehearsal(flow_of(ROUND), people=("ann", "bob", "cyd"))
    run.picks("cyd", "good")
    assert not run.session.ended
    run.picks("ann", "tense")
    assert run.heard("bob") == ["Enough."]


def test_entered_once_more_only_who_is_missing_is_asked() -> None:
    run = Rehearsal(flow_of(ROUND), people=("ann", "bob", "cyd"))
    run.picks("cyd", "good")
    run.now += 86_400_000
    run.happen(TimerDue(entry=run.session.top.entry))
    assert run.heard("cyd") == ["One more day."]
    assert run.heard("ann") == ["One more day.", "How is it?"]
    run.picks("bob", "good")
    assert run.session.ended


TAKEN_BACK = """
    flow: free_yes
    version: 1
    title: Yes
    roles: {a: one, b: one}
    slots:
      words: {type: text, of: each, class: draft}
      wishes: {type: list, of: each, class: draft, most: 2}
    steps:
      - id: both
        lanes:
          - {id: words, ask: "Words?", save: words}
          - {id: free, gate: "Do you want this, freely?"}
        within: 7d
        expired: quiet
      - id: write
        lanes:
          - {id: wishes, ask: "Wishes?", save: wishes}
          - {id: look, review: [wishes], ask: "Right?"}
          - {id: show, grant: wishes, to: all, ask: "Show them?"}
        within: 7d
        expired: quiet
      - {id: shown, reveal: wishes, to: all, say: "{wishes}", next: quiet}
      - {id: quiet, end: true}
"""


def test_a_yes_can_be_taken_back_until_the_other_has_said_theirs() -> None:
    run = two(TAKEN_BACK)
    run.types("ann", "words")
    run.picks("ann", "yes")
    assert run.heard("ann") == ["<lane.through>"]
    run.signals("ann", Signal.BACK)
    assert run.heard("ann") == ["Do you want this, freely?"]
    assert run.heard("bob") == []
    run.signals("ann", Signal.BACK)
    assert "back.first" in run.heard("ann")[0]
    run.picks("ann", "not_now")
    run.types("bob", "words")
    run.picks("bob", "yes")
    assert run.heard("bob") == ["<lane.through>"]
    assert run.stage == "both"


def test_nothing_is_taken_back_once_both_have_said_yes() -> None:
    run = two(TAKEN_BACK)
    for person in ("ann", "bob"):
        run.types(person, "words")
        run.picks(person, "yes")
    run.signals("ann", Signal.BACK)
    assert "back.first" in run.heard("ann")[0]
    assert run.stage == "write"


def wished() -> Rehearsal:
    run = two(TAKEN_BACK)
    for person in ("ann", "bob"):
        run.types(person, "words")
        run.picks(person, "yes")
    run.types("ann", "rest")
    run.types("ann", "time")
    return run


def test_a_list_is_reviewed_and_changed() -> None:
    run = wished()
    assert "rest | time" in run.heard("ann")[0]
    run.picks("ann", "change")
    run.picks("ann", "wishes")
    run.types("ann", "quiet")
    assert "answer.full" in run.heard("ann")[0]
    run.signals("ann", Signal.BACK)
    run.types("ann", "quiet")
    assert run.heard("ann")[-1].startswith("Right?")
    assert "rest | quiet" in run.heard("ann")[-1]


def test_a_grant_can_be_taken_back_until_it_is_revealed() -> None:
    run = wished()
    run.picks("ann", "ok")
    run.picks("ann", "share")
    assert len(run.session.grants) == 2
    run.signals("ann", Signal.BACK)
    assert run.session.grants == ()
    assert run.heard("ann")[0].startswith("Show them?")
    run.picks("ann", "keep")
    run.types("bob", "peace")
    run.picks("bob", "done")
    run.picks("bob", "ok")
    run.picks("bob", "share")
    assert run.heard("ann") == ["peace"]
    assert run.heard("bob") == ["peace"]


ASIDE = """
    flow: aside
    version: 1
    title: Aside
    roles: {a: one, b: one}
    slots:
      fits: {type: choice, of: each, class: signal, options: {yes: "Yes", no: "No"}}
    steps:
      - id: talk
        lanes:
          - {id: fits, ask: "Does it fit?", save: fits}
          - {id: to_self, say: "Only for you.", to: self}
          - {id: to_others, when: "fits == 'yes'", say: "It fits.", to: others}
        within: 7d
        expired: done
      - {id: done, end: true}
"""


def test_in_a_lane_something_is_said_to_oneself_or_to_the_others() -> None:
    run = two(ASIDE)
    run.picks("ann", "yes")
    assert run.heard("ann") == ["Only for you."]
    assert run.heard("bob") == ["It fits."]
    run.picks("bob", "no")
    assert run.heard("ann") == []
