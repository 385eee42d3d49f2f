"""P2: a grant is bound to the very words: whatever else stands at their address was not granted."""

from dataclasses import replace

from bot.engine.session import Value
from tests.engine.rehearsal import Rehearsal, flow_of

RETURNING = """
    flow: asking
    version: 1
    title: Asking
    roles: {a: one, b: one}
    slots:
      note: {type: text, class: draft, of: a}
      ok: {type: text, class: draft, of: b}
    steps:
      - {id: note, of: a, ask: "A note?", save: note, within: 1d, expired: bye}
      - {id: show, of: a, grant: note, to: b, ask: "Show it?", kept: bye, within: 1d, expired: bye}
      - {id: shown, reveal: note, to: b, say: "{note}", missing: bye}
      - {id: more, call: own, roles: {me: a}, returns: {note: words}}
      - {id: shown_again, reveal: note, to: b, say: "{note}", missing: bye}
      - {id: bye, say: "Bye.", end: true}
"""
OWN = """
    flow: own
    version: 1
    title: Own
    roles: {me: one}
    slots:
      words: {type: text, class: draft}
    steps:
      - {id: words, ask: "For yourself.", save: words}
      - {id: over, end: true}
"""


def shown() -> Rehearsal:
    flow = replace(flow_of(RETURNING), calls={"own": flow_of(OWN)})
    run = Rehearsal(flow, a=("ann",), b=("bob",))
    run.types("ann", "Hello.")
    run.picks("ann", "share")
    assert run.heard("bob") == ["Hello."]
    return run


def test_words_that_come_back_from_a_called_flow_are_not_what_was_granted_before() -> None:
    run = shown()
    run.types("ann", "My secret.")
    assert run.heard("bob") == ["Bye."]


def test_other_words_under_the_same_revision_are_not_granted() -> None:
    call = "      - {id: more, call: own, roles: {me: a}, returns: {note: words}}\n"
    ready = '      - {id: more, of: b, ask: "Ready?", save: ok, within: 1d, expired: bye}\n'
    first = '      - {id: shown, reveal: note, to: b, say: "{note}", missing: bye}\n'
    run = Rehearsal(flow_of(RETURNING.replace(call, ready).replace(first, "")), a=("ann",), b=("bob",))
    run.types("ann", "Hello.")
    run.picks("ann", "share")
    (key,) = [key for key in run.session.values if ".note." in key]
    run.session = replace(run.session, values={**run.session.values, key: Value(data="My secret.", rev=1)})
    run.types("bob", "Yes.")
    assert run.heard("bob") == ["Bye."]
