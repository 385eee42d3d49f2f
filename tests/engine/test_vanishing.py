"""Items that their author takes out of a list, while others look at it."""

from bot.engine.events import ChoicePicked, Frozen, ShownAgain, Signal, Thawed, TimerDue
from bot.engine.session import Lane
from bot.engine.standing import deadline, prompts_of
from tests.engine.rehearsal import Rehearsal, flow_of

LOOPING = """
    flow: looping
    version: 1
    title: Looping
    roles: {a: one, b: one}
    slots:
      ideas: {type: list, class: draft, of: each, most: 2}
      mark: {type: choice, class: private, of: b, per: ideas, options: {one: "One", two: "Two"}}
      k: {type: text, class: private, of: b}
    steps:
      - {id: write, of: each, ask: "Ideas?", save: ideas, shown_to: all, within: 1d, expired: bye}
      - {id: shown, reveal: ideas, to: all, say: "Here: {ideas}"}
      - id: st
        lanes:
          a: [{id: anew, ask: "Anew?", save: ideas, least: 0, shown_to: all}]
          b:
            - id: loop
              each: {idea: ideas}
              steps: [{id: m, ask: "{idea}", save: mark}]
            - {id: kk, ask: "K?", save: k}
        within: 1d
        expired: bye
      - {id: bye, say: "Bye.", end: true}
"""


def looking(*ideas: str) -> Rehearsal:
    """Bob looks at the first of the ideas."""
    run = Rehearsal(flow_of(LOOPING), a=("ann",), b=("bob",))
    for idea in ideas:
        run.types("ann", idea)
    if len(ideas) < 2:
        run.picks("ann", "done")
    run.types("bob", "bread")
    run.picks("bob", "done")
    while "bread" in run.heard("bob")[-1]:
        run.picks("bob", "one")
    return run


def lane(run: Rehearsal) -> Lane:
    return run.session.top.lanes["b:bob"]


def marks(run: Rehearsal) -> int:
    return sum(".mark." in key for key in run.session.values)


def begun() -> Rehearsal:
    """Bob is asked about an idea of Ann's that she takes away."""
    run = looking("apples")
    assert run.heard("bob")[-1] == "apples"
    run.picks("ann", "anew")
    assert run.heard("bob") == []
    return run


def test_a_press_for_an_item_that_is_gone_leads_on() -> None:
    run = begun()
    before = marks(run)
    entry = lane(run).entry
    run.happen(ChoicePicked(person="bob", lane="b:bob", entry=entry, choice="one"))
    assert run.heard("bob")[0] in {"bread", "K?"}
    assert marks(run) == before


def test_words_and_signals_at_an_item_that_is_gone_lead_on() -> None:
    for event in (ShownAgain(person="bob"), "words", Signal.BACK, Signal.SKIP):
        run = begun()
        if isinstance(event, Signal):
            run.signals("bob", event)
        elif isinstance(event, str):
            run.types("bob", event)
        else:
            run.happen(event)
        assert run.heard("bob")[0] in {"bread", "K?"}
        assert ".k." not in " ".join(run.session.values)


def test_after_a_pause_nobody_is_asked_about_an_item_that_is_gone() -> None:
    run = begun()
    run.happen(Frozen())
    run.types("bob", "held")
    run.happen(Thawed())
    assert run.heard("bob")[0] in {"bread", "K?"}


def test_what_waits_can_be_told_while_its_item_is_gone() -> None:
    run = begun()
    assert len(prompts_of(run.flow, run.session, "bob", run.now)) == 1


def test_a_loop_comes_to_no_item_that_was_taken_out_and_back_to_none() -> None:
    run = looking("apples", "pears")
    run.picks("ann", "anew")
    run.types("bob", "words")
    while run.heard("bob")[-1] != "K?":
        assert run.heard("bob") == ["bread"]
        run.picks("bob", "one")
    run.signals("bob", Signal.BACK)
    assert run.heard("bob")[0] in {"bread", "<back.first>\nK?"}


PICKED = """
    flow: picked
    version: 1
    title: Picked
    roles: {a: one, b: one}
    slots:
      ideas: {type: list, class: draft, of: each, most: 2}
      pick: {type: item, class: private, of: b, over: ideas}
      k: {type: choice, class: private, of: a, options: {one: "One", two: "Two"}}
    steps:
      - {id: w, of: a, ask: "Ideas?", save: ideas, shown_to: all, within: 1d, expired: bye}
      - {id: rev, reveal: ideas, to: all, say: "Here: {ideas}"}
      - {id: pk, of: b, ask: "Pick?", save: pick, within: 1d, expired: bye}
      - {id: qk, of: a, ask: "K?", save: k, within: 1d, expired: end_it}
      - {id: bye, say: "Bye.", end: true}
      - {id: end_it, say: "You picked {pick}.", to: b, end: true}
"""


def test_a_pick_that_its_author_has_erased_since_is_told_as_nothing() -> None:
    run = Rehearsal(flow_of(PICKED), a=("ann",), b=("bob",))
    run.types("ann", "apples")
    run.picks("ann", "done")
    run.picks("bob", run.offered("bob")[0].value)
    run.signals("ann", Signal.STOP)
    run.happen(ChoicePicked(person="ann", lane="drafts:ann", entry=0, choice="erase"))
    due = deadline(run.session)
    assert due is not None
    run.now = due[0]
    run.happen(TimerDue(entry=due[1]))
    assert run.heard("bob") == ["You picked <value.none>."]
