"""What comes by itself: at the same time whatever was answered, and not at all behind somebody who has left alone."""

import pytest

from bot.engine.model import Flow
from bot.flows.exploration.chats import chats_of
from bot.flows.exploration.exploring import explore
from bot.flows.flow_compiler import read_flow
from bot.flows.library import ACTIONS
from bot.flows.yaml_source import parse_source
from tests.conversation.world import shipped
from tests.flows.declared import kinds

HEAD = """
flow: later
version: 1
title: Later
roles: {me: one}
with_partner: true
start: {command: later}
slots:
  mood: {type: choice, class: private, options: {good: "Good", bad: "Bad"}}
  long: {type: duration, class: private, min: 10m, max: 3h}
  day: {type: date, class: private, within: 30d}
steps:
"""

TELL = """\
  - {id: tell, say: "Hello.", to: partner}
  - {id: over, say: "Bye.", end: true}
"""

SOON = """\
  - {id: first, say: "Soon.", to: partner}
"""

ASK = """\
  - {id: ask, ask: "Tell them tomorrow?", save: mood}
"""

WAIT = """\
  - {id: wait, wait: 1d}
"""

BY_AN_ANSWER = {
    "one of two waits": """\
  - {id: ask, ask: "How are you?", save: mood, next: [{when: "mood == 'bad'", go: long}, {else: short}]}
  - {id: long, wait: 2d, next: tell}
  - {id: short, wait: 1h}
""",
    "a wait for as long as was answered": """\
  - {id: ask, ask: "How long?", save: long}
  - {id: wait, wait: "now + long"}
""",
    "a wait until a day": """\
  - {id: ask, ask: "When?", save: day}
  - {id: wait, wait: "on(day, '09:00')"}
""",
    "a wait that comes once more": """\
  - {id: ask, ask: "How are you?", save: mood}
  - {id: wait, wait: 1d, next: [{when: "mood == 'bad' and visits(wait) < 3", go: wait}, {else: tell}]}
""",
    "a question that only some are asked": """\
  - {id: ask, ask: "How are you?", save: mood, next: [{when: "mood == 'bad'", go: more}, {else: wait}]}
  - {id: more, ask: "How long?", save: long, within: 2h, expired: tell, next: tell}
  - {id: wait, wait: 1d}
""",
}


def read(yaml: str) -> Flow:
    """A flow that may leak: nothing that the load would refuse is looked for."""
    compiled, _ = read_flow(parse_source(yaml.encode(), "later.yaml"), ACTIONS, kinds())
    assert compiled is not None
    return compiled.flow


def told(steps: str) -> list[str]:
    flow = read(HEAD + steps)
    return [fault.told for fault in explore(flow, {flow.id: flow}).faults]


def chats(steps: str) -> list[list[str]]:
    """Both conversations of what the partner can tell, from behind the command on."""
    flow = read(HEAD + steps)
    (fault,) = explore(flow, {flow.id: flow}).faults
    assert fault.person == "bob"
    written = [chat.splitlines() for chat in chats_of(fault, flow, {flow.id: flow}, shipped().phrases)]
    return [chat[chat.index("ann> /later") + 1 :] for chat in written]


# Leaving


def test_whoever_is_alone_and_leaves_while_something_waits_is_as_silent_as_before_they_answered() -> None:
    assert told(ASK + WAIT + TELL) == []


def test_behind_what_was_seen_already_leaving_is_told_where_no_silence_looks_like_it() -> None:
    one, other = chats(ASK + SOON + WAIT + TELL)
    assert one == ["ann> [Good]", "+1440m", "# time runs out", "bob> /open", "bob< Hello."]
    assert other == ["ann> [Good]", "ann> /stop", "+1440m", "bob> /open", "bob<! Hello."]


def test_behind_what_was_seen_already_leaving_looks_like_silence_where_a_question_waits() -> None:
    assert told(SOON + ASK + WAIT + TELL) == []


# Answers


@pytest.mark.parametrize("name", BY_AN_ANSWER)
def test_what_comes_at_another_time_by_an_answer_is_told_by_that_answer_and_not_by_leaving(name: str) -> None:
    one, other = chats(BY_AN_ANSWER[name] + TELL)
    assert one[-2:] == ["bob> /open", "bob< Hello."]
    assert other[-2:] == ["bob> /open", "bob<! Hello."]
    assert not any("/stop" in line for line in (*one, *other))
    assert one[0] != other[0]


def test_what_comes_for_one_answer_and_not_for_the_other_is_told() -> None:
    for_one = ASK.replace("save: mood", "save: mood, next: [{when: \"mood == 'bad'\", go: over}, {else: wait}]")
    one, other = chats(for_one + WAIT + TELL)
    assert ([line for line in one if "ann>" in line], one[-1]) == (["ann> [Good]"], "bob< Hello.")
    assert ([line for line in other if "ann>" in line], other[-1]) == (["ann> [Bad]"], "bob<! Hello.")


EXPLAINED = """
flow: explained
version: 1
title: Explained
roles: {one: one, other: one}
start: {command: explained}
slots:
  mood: {type: choice, class: private, of: one, options: {good: "Good", bad: "Bad"}}
  fine: {type: choice, class: private, of: other, options: {yes: "Yes"}}
outcomes:
  low: {when: "any(mood == 'bad')", told: "It tells whether you are low."}
steps:
  - id: both
    lanes:
      one: [{id: ask, ask: "How are you? It tells whether you are low.", save: mood}]
      other: [{id: well, ask: "Fine?", save: fine}]
    within: 1d
    expired: tell
  - {id: tell, when: low, say: "Low.", to: other, next: over}
  - {id: over, say: "Bye.", end: true}
"""


def test_what_comes_by_itself_may_hang_on_an_outcome_that_was_explained() -> None:
    flow = read(EXPLAINED)
    assert explore(flow, {flow.id: flow}).faults == ()
