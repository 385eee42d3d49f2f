"""P1: what a guard reads is told by what comes of it, so those it decides for have to be allowed to read it."""

import pytest

from bot.engine.faults import PrivacyBreach
from tests.engine.rehearsal import Rehearsal, flow_of

FLOW = """
    flow: two
    version: 1
    title: Two
    roles: {a: one, b: one}
    slots:
      mood: {type: choice, class: private, of: a, options: {good: "Good", bad: "Bad"}}
      note: {type: list, class: draft, of: each, most: 2}
      ready: {type: choice, class: private, of: b, options: {yes: "Yes"}}
      told: {type: choice, class: signal, of: all, options: {good: "Good", bad: "Bad"}}
      long: {type: duration, class: private, of: a, options: {1h: "An hour", 2h: "Two hours"}}
    outcomes:
      fine: {when: "any(mood == 'good')", told: "I say whether it is fine."}
    steps:
      - {id: first, of: a, ask: "For how long?", save: long}
      - {id: ask, of: a, ask: "How are you?", save: mood, next: WAYS}
      - STEP
      - {id: x, say: "Something.", next: y}
      - {id: y, of: b, ask: "Ready?", save: ready, next: [{when: "ready", go: z}, {else: z}]}
      - {id: z, end: true}
"""


def run(ways: str, step: str = '{id: pass, say: "On.", to: b}') -> Rehearsal:
    flow = flow_of(FLOW.replace("WAYS", ways).replace("STEP", step))
    begun = Rehearsal(flow, a=("ann",), b=("bob",))
    begun.picks("ann", "7200000")
    return begun


LEAKS = {
    "a way on": ("[{when: \"mood == 'bad'\", go: x}, {else: y}]", None),
    "a count": ('[{when: "count(mood) > 0", go: x}, {else: y}]', None),
    "whether something is said": ("pass", '{id: pass, when: "mood == \'bad\'", say: "Hm.", to: b}'),
    "whether another is asked": (
        "pass",
        "{id: pass, when: \"mood == 'bad'\", of: b, ask: 'Hm?', save: ready, next: x}",
    ),
    "another's lane": (
        "pass",
        "{id: pass, lanes: {b: [{id: l, when: \"any(mood == 'bad')\", ask: 'Hm?', save: ready}]}, next: x}",
    ),
    "a deadline": ("pass", "{id: pass, wait: 'now + long', next: x}"),
    "a signal": ("pass", "{id: pass, set: {told: mood}, next: x}"),
}


@pytest.mark.parametrize("where", LEAKS)
def test_what_others_may_not_read_steers_nothing_that_they_see(where: str) -> None:
    ways, step = LEAKS[where]
    leaky = run(ways, step) if step is not None else run(ways)
    with pytest.raises(PrivacyBreach):
        leaky.picks("ann", "bad")


def test_how_many_words_somebody_keeps_to_themselves_steers_nothing() -> None:
    step = '{id: pass, of: a, ask: "Words?", save: note, next: [{when: "size(note) > 1", go: x}, {else: y}]}'
    leaky = run("pass", step)
    leaky.picks("ann", "good")
    leaky.types("ann", "One.")
    with pytest.raises(PrivacyBreach):
        leaky.picks("ann", "done")


def test_an_outcome_may_weigh_what_nobody_else_can_read_and_says_that_it_was_weighed() -> None:
    fair = run('[{when: "fine", go: x}, {else: y}]')
    fair.picks("ann", "good")
    assert fair.heard("bob")[0] == "Something."
    assert fair.turn.weighed == {("fine", None): True}


def test_ones_own_answers_steer_ones_own_steps() -> None:
    fair = run("pass", "{id: pass, when: \"mood == 'bad'\", of: a, ask: 'More?', save: note, next: x}")
    fair.picks("ann", "bad")
    assert fair.stage == "pass:stage"
