"""An edited message changes the answer that it was, for its author alone, while only they have seen it."""

from bot.engine.events import TextEdited, TimerDue
from bot.engine.standing import deadline
from tests.engine.rehearsal import Rehearsal, flow_of

COMPOSED = """
    flow: composed
    version: 1
    title: Composed
    roles: {a: one, b: one}
    slots:
      p: {type: text, class: draft, of: each}
      note: {type: text, class: draft, of: each}
      q: {type: choice, class: private, of: each, options: {one: "One", two: "Two"}}
    steps:
      - id: st
        lanes:
          - {id: ap, ask: "P?", save: p}
          - {id: c, compose: note, parts: ["I feel {p}."]}
          - {id: aq, ask: "Q?", save: q}
          - {id: g, grant: note, to: all, ask: "Show it?", kept: closed}
        within: 1d
        expired: bye
      - {id: rev, reveal: note, to: all, say: "{author}: {note}", missing: bye}
      - {id: bye, say: "Bye.", end: true}
"""


def words_of(run: Rehearsal, slot: str, person: str) -> str:
    return str(run.session.values[f"0.{slot}.{person}"].data)


def test_a_composed_text_is_built_anew_where_its_author_stands_and_nobody_else_moves() -> None:
    run = Rehearsal(flow_of(COMPOSED), a=("ann",), b=("bob",))
    run.types("ann", "sad", "m1")
    run.types("bob", "glad", "m2")
    run.picks("bob", "one")
    visits, standing = run.session.top.visits, run.session.top.lanes["b:bob"]
    run.happen(TextEdited(person="ann", text="very sad", message="m1"))
    assert run.heard("ann") == ["<edit.done>", "Q?"]
    assert run.heard("bob") == []
    assert "very sad" in words_of(run, "note", "ann")
    assert run.session.top.lanes["b:bob"] == standing
    assert run.session.top.visits == visits


def test_what_is_granted_after_an_edit_is_the_text_built_anew() -> None:
    run = Rehearsal(flow_of(COMPOSED), a=("ann",), b=("bob",))
    run.types("ann", "sad", "m1")
    run.picks("ann", "one")
    run.happen(TextEdited(person="ann", text="very sad", message="m1"))
    assert "very sad" in run.heard("ann")[1]
    run.picks("ann", "share")
    for answer in (
        lambda: run.types("bob", "glad"),
        lambda: run.picks("bob", "one"),
        lambda: run.picks("bob", "share"),
    ):
        answer()
    assert "very sad" in run.heard("bob")[0]


def test_after_the_deadline_an_answer_stays_as_it_was() -> None:
    flow = """
        flow: late
        version: 1
        title: Late
        roles: {a: one, b: one}
        slots:
          n: {type: number, class: private, of: each, max: 9}
          k: {type: text, class: private, of: b}
        outcomes:
          top: {is: "greatest(n)", told: "You both see the greater number."}
        steps:
          - id: st
            lanes: [{id: q, ask: "How much? You both see the greater number.", save: n}]
            within: 1d
            expired: tell
          - {id: tell, say: "The greater: {top}."}
          - {id: qk, of: b, ask: "K?", save: k, within: 1d, expired: bye}
          - {id: bye, say: "Bye.", end: true}
    """
    run = Rehearsal(flow_of(flow), a=("ann",), b=("bob",))
    run.types("ann", "3", "m1")
    due = deadline(run.session)
    assert due is not None
    run.now = due[0]
    run.happen(TimerDue(entry=due[1]))
    run.happen(TextEdited(person="ann", text="8", message="m1"))
    assert run.heard("ann") == ["<edit.late>"]
    assert run.session.values["0.n.ann"].data == 3


def test_after_a_gate_is_refused_kindly_an_answer_stays_as_it_was() -> None:
    flow = """
        flow: kindly
        version: 1
        title: Kindly
        roles: {a: one, b: one}
        slots:
          n: {type: text, class: private, of: a}
          k: {type: text, class: private, of: a}
        steps:
          - id: st
            lanes:
              a: [{id: q, ask: "N?", save: n}]
              b: [{id: g, gate: "Would you?", kindly: "Not now, tell them", told: told}]
            within: 1d
            expired: bye
          - {id: told, say: "Not now.", to: a}
          - {id: qk, of: a, ask: "K?", save: k, within: 1d, expired: bye}
          - {id: bye, say: "Bye.", end: true}
    """
    run = Rehearsal(flow_of(flow), a=("ann",), b=("bob",))
    run.types("ann", "words", "m1")
    run.picks("bob", "kindly")
    run.happen(TextEdited(person="ann", text="other", message="m1"))
    assert run.heard("ann") == ["<edit.late>"]


def test_alone_its_author_goes_on_from_where_the_text_is_built() -> None:
    flow = """
        flow: alone
        version: 1
        title: Alone
        roles: {me: one}
        slots:
          p: {type: text, class: draft}
          note: {type: text, class: draft}
          q: {type: choice, class: private, options: {one: "One", two: "Two"}}
        steps:
          - {id: ap, ask: "P?", save: p}
          - {id: c, compose: note, parts: ["I feel {p}."]}
          - {id: told, say: "It says: {note}"}
          - {id: aq, ask: "Q?", save: q}
          - {id: bye, say: "Bye.", end: true}
    """
    run = Rehearsal(flow_of(flow), me=("ann",))
    run.types("ann", "sad", "m1")
    run.happen(TextEdited(person="ann", text="very sad", message="m1"))
    assert run.heard("ann")[0] == "<edit.done>"
    assert "very sad" in run.heard("ann")[1]
