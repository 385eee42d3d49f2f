"""An edited message changes the answer that it was, for its author alone, while only they have seen it."""

from bot.engine.events import TextEdited
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
