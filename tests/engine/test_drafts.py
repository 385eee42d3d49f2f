"""A person's own words: what is kept for them alone when it ends, and what goes when they want it erased."""

import pytest

from bot.engine.effects import DraftsKept
from bot.engine.events import ChoicePicked, Signal, TimerDue
from bot.engine.standing import deadline
from tests.engine.rehearsal import Rehearsal, flow_of

WORDS = """
    flow: words
    version: 1
    title: Words
    roles: {a: one, b: one}
    slots:
      p: {type: text, class: private, of: a}
      d: {type: text, class: draft, of: a}
      s: {type: text, class: shared, of: a}
      w: {type: text, class: private, of: b}
      c: {type: choice, class: private, of: a, options: {one: "One", two: "Two"}}
    steps:
      - {id: qp, of: a, ask: "P?", save: p, optional: true, within: 1d, expired: bye}
      - {id: qd, of: a, ask: "D?", save: d, optional: true, within: 1d, expired: bye}
      - {id: qs, of: a, ask: "S?", save: s, optional: true, within: 1d, expired: bye}
      - {id: qc, of: a, ask: "C?", save: c, optional: true, within: 1d, expired: bye}
      - {id: qk, of: a, grant: s, to: b, ask: "Show it?", kept: closed, within: 1d, expired: bye}
      - {id: rev, reveal: s, to: b, say: "{s}"}
      - {id: last, of: b, ask: "W?", save: w, within: 1d, expired: bye}
      - {id: bye, say: "Bye.", end: true}
"""


def written(*slots: str) -> Rehearsal:
    run = Rehearsal(flow_of(WORDS), a=("ann",), b=("bob",))
    for slot in "pds":
        if slot in slots:
            run.types("ann", f"words of {slot}")
        else:
            run.signals("ann", Signal.SKIP)
    run.picks("ann", "one")
    return run


def left(run: Rehearsal) -> set[str]:
    return {key.split(".")[1] for key in run.session.values}


@pytest.mark.parametrize("slot", ["d", "s"])
def test_unshown_words_that_a_grant_could_show_are_kept_when_time_is_up(slot: str) -> None:
    run = written(slot)
    due = deadline(run.session)
    assert due is not None
    run.now = due[0]
    run.happen(TimerDue(entry=due[1]))
    assert [effect.person for effect in run.turn.effects if isinstance(effect, DraftsKept)] == ["ann"]


def test_erasing_leaves_none_of_the_words_that_nobody_else_has_read() -> None:
    run = written(*"pds")
    run.signals("ann", Signal.STOP)
    assert run.heard("ann") == ["<stopped.drafts>"]
    run.happen(ChoicePicked(person="ann", lane="drafts:ann", entry=0, choice="erase"))
    assert left(run) == {"c"}


def test_keeping_leaves_all_words() -> None:
    run = written(*"pds")
    run.signals("ann", Signal.STOP)
    run.happen(ChoicePicked(person="ann", lane="drafts:ann", entry=0, choice="keep"))
    assert left(run) == {"p", "d", "s", "c"}
