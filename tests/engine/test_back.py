"""Back: within one's own part, and never across what would be done, or heard by others, once more."""

import pytest

from bot.engine.effects import Act, KeepRecord, StartFlow
from bot.engine.events import Signal
from tests.engine.rehearsal import Rehearsal, flow_of
from tests.flows.declared import kinds

ALONE = """
    flow: alone
    version: 1
    title: Alone
    roles: {me: one}
    with_partner: true
    slots:
      p: {type: choice, class: private, options: {good: "Good", bad: "Bad"}}
      q: {type: choice, class: private, options: {one: "One", two: "Two"}}
    steps:
      - {id: qp, ask: "P?", save: p}
      - {id: what}
      - {id: qq, ask: "Q?", save: q}
      - {id: bye, say: "Bye.", end: true}
"""
STEPS = {
    "start": "start: other, roles: {a: me, b: partner}",
    "do": "do: count_code",
    "keep": "keep: note, fields: {mood: p}",
    "say to the partner": 'say: "Hello.", to: partner',
}
DONE = (Act, KeepRecord, StartFlow)


@pytest.mark.parametrize("what", list(STEPS))
def test_alone_nobody_goes_back_to_do_it_once_more(what: str) -> None:
    run = Rehearsal(
        flow_of(ALONE.replace("id: what", f"id: what, {STEPS[what]}"), kinds()), me=("ann",), partner=("bob",)
    )
    run.picks("ann", "good")
    assert run.heard("bob") or any(isinstance(effect, DONE) for effect in run.turn.effects)
    run.signals("ann", Signal.BACK)
    assert run.heard("ann") == ["<back.first>\nQ?"]


def test_alone_nobody_goes_back_into_a_stage_that_has_started_something() -> None:
    flow = """
        flow: lane
        version: 1
        title: Lane
        roles: {me: one}
        slots:
          p: {type: choice, class: private, options: {good: "Good", bad: "Bad"}}
          q: {type: choice, class: private, options: {one: "One", two: "Two"}}
        steps:
          - id: st
            lanes:
              - {id: qp, ask: "P?", save: p}
              - {id: what, WHAT}
          - {id: qq, ask: "Q?", save: q}
          - {id: bye, say: "Bye.", end: true}
    """
    for what, heard in (("start: other, roles: {a: self}", "<back.first>\nQ?"), ('say: "Yes.", to: me', "P?")):
        run = Rehearsal(flow_of(flow.replace("WHAT", what)), me=("ann",))
        run.picks("ann", "good")
        run.signals("ann", Signal.BACK)
        assert run.heard("ann") == [heard]


def test_alone_one_goes_back_across_what_is_said_to_oneself() -> None:
    run = Rehearsal(flow_of(ALONE.replace("id: what", 'id: what, say: "Yes.", to: me')), me=("ann",))
    run.picks("ann", "good")
    run.signals("ann", Signal.BACK)
    assert run.heard("ann") == ["P?"]


TOGETHER = """
    flow: together
    version: 1
    title: Together
    roles: {a: one, b: one}
    slots:
      p: {type: choice, class: private, of: each, options: {one: "One", two: "Two"}}
      q: {type: choice, class: private, of: each, options: {one: "One", two: "Two"}}
    steps:
      - id: st
        lanes:
          - {id: qp, ask: "P?", save: p}
          - {id: wave, say: "The other has chosen.", to: others}
          - {id: qq, ask: "Q?", save: q}
        within: 1d
        expired: bye
      - {id: bye, say: "Bye.", end: true}
"""


@pytest.mark.parametrize("leaves", [False, True])
def test_what_the_others_have_heard_they_hear_once(*, leaves: bool) -> None:
    run = Rehearsal(flow_of(TOGETHER), a=("ann",), b=("bob",))
    if leaves:
        run.signals("bob", Signal.STOP)
    run.picks("ann", "one")
    assert run.heard("bob") == ([] if leaves else ["The other has chosen."])
    run.signals("ann", Signal.BACK)
    assert run.heard("ann") == ["<back.first>\nQ?"]
    assert run.heard("bob") == []


def test_in_a_lane_one_goes_back_across_what_is_said_to_oneself() -> None:
    run = Rehearsal(flow_of(TOGETHER.replace("to: others", "to: self")), a=("ann",), b=("bob",))
    run.picks("ann", "one")
    run.signals("ann", Signal.BACK)
    assert run.heard("ann") == ["P?"]
