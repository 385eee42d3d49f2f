"""Changing an answer that was given earlier: it is asked again for its author, and everybody else stays."""

from bot.engine.events import Signal, TimerDue
from bot.engine.standing import deadline
from tests.engine.rehearsal import Rehearsal, flow_of

HEADER = """
    flow: changing
    version: 1
    title: Changing
    roles: {a: one, b: one}
    slots:
      p: {type: choice, class: private, of: each, options: {one: "One", two: "Two"}}
      q: {type: text, class: private, of: each}
      note: {type: text, class: draft, of: a}
      e: {type: choice, class: ephemeral, of: each, options: {one: "One", two: "Two"}}
      topics: {type: choices, class: private, of: each, options: {home: "Home", money: "Money"}}
      mark: {type: choice, class: private, of: each, per: topics, options: {one: "One", two: "Two"}}
    steps:
"""
LAST = """
      - {id: bye, say: "Bye.", end: true}
"""


def begun(steps: str) -> Rehearsal:
    return Rehearsal(flow_of(HEADER + steps + LAST), a=("ann",), b=("bob",))


def places(run: Rehearsal) -> tuple[str | None, str | None]:
    lanes = run.session.top.lanes
    return lanes["a:ann"].step, lanes["b:bob"].step


SECTION = """
      - id: st
        lanes:
          - id: sec
            volatile:
              - {id: qp, ask: "P?", save: p}
              - {id: qe, ask: "E?", save: e}
            results: [p]
          - {id: qq, ask: "Q?", save: q}
          - {id: rev, review: [p, q], ask: "Right?"}
        within: 1d
        expired: bye
"""


def test_a_section_is_gone_through_anew_and_leads_back_to_the_review() -> None:
    run = begun(SECTION)
    for person in ("ann", "bob"):
        run.picks(person, "one")
        run.picks(person, "one")
        run.types(person, "words")
    run.picks("ann", "change")
    run.picks("ann", "p")
    assert (run.heard("ann"), run.heard("bob")) == (["P?"], [])
    run.picks("ann", "two")
    assert run.heard("ann") == ["E?"]
    run.picks("ann", "one")
    assert run.heard("ann")[0].startswith("Right?")
    assert run.session.values["0.p.ann"].data == "two"
    assert places(run) == ("rev", "rev")


TWO_STAGES = """
      - id: first
        lanes: [{id: qp, ask: "P?", save: p}]
        within: 1d
        expired: bye
      - id: second
        lanes:
          - {id: qq, ask: "Q?", save: q}
          - {id: rev, review: [p, q], ask: "Right?"}
        within: 1d
        expired: bye
"""


def test_nobody_is_thrown_back_to_a_stage_that_both_have_left() -> None:
    run = begun(TWO_STAGES)
    run.picks("ann", "one")
    run.picks("bob", "one")
    run.types("ann", "words")
    run.picks("ann", "change")
    run.picks("ann", "p")
    assert run.stage == "second"
    assert (run.heard("ann")[0].split("\n")[0], run.heard("bob")) == ("Right?", [])
    assert places(run) == ("rev", "qq")
    run.picks("ann", "ok")
    run.types("bob", "words")
    run.picks("bob", "ok")
    assert run.session.ended


def test_what_is_to_be_shown_is_written_anew_in_a_stage_of_ones_own() -> None:
    steps = """
      - {id: write, of: a, ask: "A note?", save: note, within: 1d, expired: bye}
      - {id: show, of: a, grant: note, to: b, ask: "Show it?", change: write, kept: closed, within: 1d, expired: bye}
      - {id: qq, of: b, ask: "Q?", save: q, within: 1d, expired: bye}
    """
    run = begun(steps)
    run.types("ann", "words")
    run.picks("ann", "change")
    assert run.heard("ann") == ["A note?"]
    run.types("ann", "other")
    assert "Show it?" in run.heard("ann")[0]


WAY_OUT = """
      - id: st
        lanes:
          a:
            - {id: qt, ask: "Topics?", save: topics}
            - id: loop
              each: {topic: topics}
              steps: [{id: qm, ask: "{topic}?", save: mark, ways: {out: "That is it"}}]
            - {id: out, ask: "Q?", save: q}
          b: [{id: qp, ask: "P?", save: p}, {id: qq, ask: "Q?", save: q}]
        within: 1d
        expired: bye
"""


def test_a_way_out_of_a_loop_leaves_everybody_else_where_they_are() -> None:
    run = begun(WAY_OUT)
    run.picks("bob", "one")
    run.picks("ann", "home,money")
    run.picks("ann", ">out")
    assert (run.heard("ann"), run.heard("bob")) == (["Q?"], [])
    assert places(run) == ("out", "qq")


ALONE = """
    flow: alone
    version: 1
    title: Alone
    roles: {me: one}
    slots:
      o: {type: text, class: private}
      p: {type: text, class: private}
      q: {type: text, class: private}
    steps:
      - {id: qo, ask: "O?", save: o}
      - {id: qp, ask: "P?", save: p, within: 1d, expired: late}
      - {id: rev, review: [p], ask: "Right?"}
      - {id: bye, say: "Bye.", end: true}
      - {id: late, ask: "Late?", save: q}
      - {id: more, ask: "More?", save: q, next: bye}
"""


def changing() -> Rehearsal:
    run = Rehearsal(flow_of(ALONE), me=("ann",))
    run.types("ann", "one")
    run.types("ann", "two")
    run.picks("ann", "change")
    run.picks("ann", "p")
    assert run.heard("ann") == ["P?"]
    return run


def test_a_change_that_runs_out_of_time_leads_on_from_there() -> None:
    run = changing()
    due = deadline(run.session)
    assert due is not None
    run.now = due[0]
    run.happen(TimerDue(entry=due[1]))
    assert run.heard("ann") == ["Late?"]
    run.types("ann", "three")
    assert run.heard("ann") == ["More?"]


def test_a_change_that_is_gone_back_from_leads_on_as_before() -> None:
    run = changing()
    while run.heard("ann") != ["O?"]:
        run.signals("ann", Signal.BACK)
    run.types("ann", "other")
    assert run.heard("ann") == ["P?"]
