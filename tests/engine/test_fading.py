"""The end of a session's life, also in the middle of a flow that it called."""

from dataclasses import replace

import pytest

from bot.engine.effects import DraftsKept, Retire
from bot.engine.events import TimerDue
from bot.engine.standing import deadline
from tests.engine.rehearsal import Rehearsal, flow_of

CALLER = """
    flow: caller
    version: 1
    title: Caller
    roles: {me: one}
    lifetime: 2d
    slots:
      note: {type: text, class: draft}
    steps:
      - {id: c, call: called, roles: {me: me}, returns: {note: words}}
      - {id: bye, say: "Thank you.", end: true}
      - {id: over, say: "It has gone quiet.", end: true}
"""
CALLED = """
    flow: called
    version: 1
    title: Called
    roles: {me: one}
    slots:
      words: {type: text, class: draft}
      more: {type: text, class: draft}
    steps:
      - {id: w, ask: "Words?", save: words}
      - {id: m, ask: "More?", save: more}
      - {id: e, end: true}
"""


@pytest.mark.parametrize(("expired", "heard"), [(None, []), ("over", ["It has gone quiet."])])
def test_a_session_whose_time_is_over_ends_in_the_middle_of_a_called_flow(
    expired: str | None, heard: list[str]
) -> None:
    flow = replace(flow_of(CALLER), calls={"called": flow_of(CALLED)}, expired=expired)
    run = Rehearsal(flow, me=("ann",))
    run.types("ann", "my words")
    due = deadline(run.session)
    assert due is not None
    run.now = due[0]
    run.happen(TimerDue(entry=due[1]))
    assert run.session.ended
    assert run.heard("ann") == heard
    assert [effect.person for effect in run.turn.effects if isinstance(effect, DraftsKept)] == ["ann"]
    assert any(isinstance(effect, Retire) for effect in run.turn.effects)
    assert run.session.flows == {"0": "caller", "1": "called"}, "what they wrote there is still found as theirs"
