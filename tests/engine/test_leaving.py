"""Leaving without a word: whoever stays cannot tell it from silence (rule 18)."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.engine.events import Signal, TimerDue
from bot.engine.standing import deadline
from tests.engine.rehearsal import Rehearsal, flow_of

HEADER = """
    flow: left
    version: 1
    title: Left
    roles: {a: one, b: one}
    slots:
      ideas: {type: list, class: draft, of: each, most: 2}
      p: {type: choice, class: private, of: b, options: {one: "One", two: "Two"}}
      q: {type: choice, class: private, of: b, options: {one: "One", two: "Two"}}
      pick: {type: item, class: private, of: b, over: ideas}
      k: {type: choice, class: private, of: a, options: {one: "One", two: "Two"}}
    steps:
"""
LAST = """
      - {id: qk, of: a, ask: "K?", save: k, within: 1d, expired: bye}
      - {id: bye, say: "Bye.", end: true}
"""

Does = Callable[[Rehearsal], object]


def picks(choice: str) -> Does:
    return lambda run: run.picks("bob", choice)


def types(words: str) -> Does:
    return lambda run: run.types("bob", words)


def back(run: Rehearsal) -> None:
    run.signals("bob", Signal.BACK)


def time_is_up(run: Rehearsal) -> None:
    due = deadline(run.session)
    assert due is not None
    run.now = due[0]
    run.happen(TimerDue(entry=due[1]))


Seen = list[tuple[int, list[str], list[str]]]


def seen(steps: str, does: tuple[Does, ...], *, leaves: bool) -> Seen:
    """What Bob hears and can press after each thing that he does, and when, with Ann gone or just silent."""
    run = Rehearsal(flow_of(HEADER + steps + LAST), a=("ann",), b=("bob",))
    if leaves:
        run.signals("ann", Signal.STOP)
    found: Seen = []
    for one in does:
        one(run)
        found.append((run.now, run.heard("bob"), [choice.value for choice in run.offered("bob")]))
    return found


Q = '      - {id: qq, of: b, ask: "Q?", save: q, within: 1d, expired: bye}\n'
P = '      - {id: qp, of: b, ask: "P?", save: p, within: 1d, expired: bye}\n'
CASES: dict[str, tuple[str, tuple[Does, ...]]] = {
    "the last answer": (P, (picks("one"),)),
    "back at a question of a later stage": (P + Q, (picks("one"), back, picks("one"))),
    "a list of one's own that is kept private": (
        (
            '      - {id: w, of: b, ask: "Ideas?", save: ideas, within: 1d, expired: bye}\n'
            '      - {id: tell, say: "So far: {ideas}"}\n'
        ),
        (types("apples"), picks("done")),
    ),
    "a pick from a list that nobody was shown": (
        (
            '      - {id: w, of: b, ask: "Ideas?", save: ideas, within: 1d, expired: bye}\n'
            '      - {id: pk, of: b, ask: "Which?", save: pick, within: 1d, expired: bye}\n'
        ),
        (types("apples"), picks("done")),
    ),
    "a gate that is refused": (
        '      - {id: g, of: b, gate: "Would you?", within: 1d, expired: bye}\n',
        (picks("not_now"), time_is_up),
    ),
    "a lane that the other would not have had": (
        (
            "      - id: both\n"
            "        lanes:\n"
            '          a: {when: "k == \'one\'", steps: [{id: ka, ask: "K?", save: k}]}\n'
            '          b: [{id: qp, ask: "P?", save: p}]\n'
            "        within: 1d\n"
            "        expired: bye\n"
        ),
        (picks("one"),),
    ),
}


@pytest.mark.parametrize("what", list(CASES))
def test_whoever_stays_sees_the_same_as_with_somebody_silent(what: str) -> None:
    steps, does = CASES[what]
    assert seen(steps, does, leaves=True) == seen(steps, does, leaves=False)


CALLED = """
    flow: inner
    version: 1
    title: Inner
    roles: {me: one}
    slots:
      word: {type: text, class: draft}
    steps:
      - {id: w, ask: "A word?", save: word}
      - {id: e, end: true}
"""


def test_leaving_a_called_flow_for_one_leaves_the_others_theirs() -> None:
    steps = "      - {id: c, call: inner, roles: {me: a}}\n"
    outer = flow_of(HEADER + steps + LAST)
    inner = flow_of(CALLED)
    run = Rehearsal(replace(outer, calls={"inner": inner}), a=("ann",), b=("bob",))
    run.signals("ann", Signal.STOP)
    assert not run.session.ended
    time_is_up(run)
    assert run.session.ended


def test_what_both_have_left_goes_on_to_its_deadline_so_that_neither_can_tell_by_its_end() -> None:
    run = Rehearsal(flow_of(HEADER + LAST), a=("ann",), b=("bob",))
    run.signals("ann", Signal.STOP)
    run.signals("bob", Signal.STOP)
    assert not run.session.ended
    time_is_up(run)
    assert run.session.ended
    assert [run.heard("ann"), run.heard("bob")] == [[], []]


def test_what_somebody_alone_leaves_is_over_at_once() -> None:
    run = Rehearsal(
        flow_of((HEADER + LAST).replace("{a: one, b: one}", "{a: one}").replace("of: b", "of: a")), a=("ann",)
    )
    run.signals("ann", Signal.STOP)
    assert run.session.ended
