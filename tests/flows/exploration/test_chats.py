"""Faults as conversations: they can be played, and show what they are told for."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from bot.engine.model import Flow
from bot.flows.exploration.chats import chats_of
from bot.flows.exploration.exploring import explore
from bot.flows.exploration.faults import Fault
from bot.flows.flow_compiler import read_flow
from bot.flows.library import ACTIONS, Library
from bot.flows.transcript import parse_transcript
from bot.flows.yaml_source import parse_source
from bot.wiring.playing import play_transcript
from tests.conversation.world import shipped
from tests.flows.declared import kinds

HEAD = """
flow: {name}
version: 1
title: T
roles: {{a: one, b: one}}
start: {{command: {name}}}
slots:
  mood: {{type: choice, class: private, of: a, options: {{good: "Good", bad: "Bad"}}}}
  card: {{type: text, class: draft, of: a, name: "Card"}}
  notes: {{type: list, class: draft, of: a, name: "Notes", most: 2}}
  fine: {{type: choice, class: private, of: each, options: {{yes: "Yes, fine"}}}}
steps:
"""

LEAKS = {
    "in_between": """
  - id: both
    lanes:
      a:
        - {id: ask, ask: "How are you?", save: mood}
        - {id: tell, when: "mood == 'bad'", say: "Be kind today, {b}.", to: b}
        - {id: more, ask: "And now?", save: fine}
      b: [{id: how, ask: "How is it?", save: fine}]
    within: 1d
    expired: over
  - {id: over, say: "Bye.", end: true}
""",
    "in_which_order": """
  - id: both
    lanes:
      a:
        - {id: ask, ask: "How are you?", save: mood, next: [{when: "mood == 'bad'", go: one}, {else: other}]}
        - {id: one, say: "The sun is out.", to: b}
        - {id: two, say: "The kettle is on.", to: b, next: more}
        - {id: other, say: "The kettle is on.", to: b}
        - {id: another, say: "The sun is out.", to: b}
        - {id: more, ask: "And now?", save: fine}
      b: [{id: how, ask: "How is it?", save: fine}]
    within: 1d
    expired: over
  - {id: over, say: "Bye.", end: true}
""",
    "when_time_is_over": """
  - {id: ask, of: a, ask: "How are you?", save: mood, optional: true, within: 1d, expired: over}
  - {id: care, when: "mood", of: a, ask: "What would help?", save: fine, within: 1d, expired: late}
  - {id: well, of: b, ask: "How is it?", save: fine, within: 1d, expired: over, next: over}
  - {id: late, say: "{a} is still thinking.", to: b, next: well}
  - {id: over, say: "Bye.", end: true}
""",
    "by_no_goodbye": """
  - {id: ask, of: a, ask: "Your card?", save: card, within: 1d, expired: over}
  - {id: show, of: a, grant: card, to: b, ask: "Show it?", change: ask, kept: quiet, within: 1d, expired: over}
  - {id: shown, reveal: card, to: b, say: "{a} writes: {card}", missing: over}
  - {id: over, say: "It is over now.", end: true}
  - {id: quiet, say: "Kept.", to: a, end: true}
""",
    "by_how_many": """
  - id: both
    lanes:
      a:
        - {id: write, ask: "What is there?", save: notes, next: [{when: "size(notes) > 1", go: many}, {else: q}]}
        - {id: many, say: "There is a lot to tell.", to: b}
        - {id: q, ask: "And now?", save: fine}
      b: [{id: how, ask: "How is it?", save: fine}]
    within: 1d
    expired: over
  - {id: over, say: "Bye.", end: true}
""",
}

ALONE = """
flow: alone
version: 1
title: Alone
roles: {me: one}
with_partner: true
start: {command: alone}
slots:
  mood: {type: choice, class: private, options: {good: "Good", bad: "Bad"}}
  card: {type: text, class: draft, name: "Card"}
steps:
  - {id: ask, ask: "How are you?", save: mood}
  - {id: card, ask: "Your card?", save: card}
  - {id: show, grant: card, to: partner, ask: "Show it?", kept: over}
  - {id: shown, when: "mood == 'bad'", reveal: card, to: partner, say: "{me} is low, and writes: {card}"}
  - {id: over, say: "Bye.", to: me, end: true}
"""

STARTING = """
flow: starting
version: 1
title: Starting
roles: {one: one, other: one}
start: {command: starting}
slots:
  word: {type: choice, class: private, of: one, options: {yes: "Begin"}}
steps:
  - {id: begin, of: other, gate: "Would you like to?", within: 1d, expired: over}
  - {id: on, start: in_between, roles: {a: other, b: one}, agreed: true, next: over}
  - {id: over, end: true}
"""


def read(yaml: str) -> Flow:
    """A flow that leaks: nothing that the load would refuse is looked for."""
    compiled, _ = read_flow(parse_source(yaml.encode(), "test.yaml"), ACTIONS, kinds())
    assert compiled is not None
    return compiled.flow


def leaking(name: str) -> Flow:
    return read(HEAD.format(name=name) + LEAKS[name].lstrip("\n"))


def with_these(*flows: Flow) -> Library:
    return replace(shipped(), flows={**shipped().flows, **{flow.id: flow for flow in flows}})


def leak_of(flow: Flow, person: str = "bob") -> Fault:
    return next(fault for fault in explore(flow, {flow.id: flow}).faults if fault.person == person)


async def played(chat: str, library: Library, folder: Path) -> str | None:
    path = folder / "fault.chat"
    path.write_text(chat)
    failure, _ = await play_transcript(path, library)
    return failure


EXPECTED = re.compile(r"^bob<(?! Your code is).*\n", re.MULTILINE)


async def holds_in_one_and_fails_in_the_other(flow: Flow, library: Library, folder: Path) -> None:
    """Each plays to its end, and what bob receives there is not what he receives in the other."""
    chats = chats_of(leak_of(flow), flow, library.flows, library.phrases)
    expected = [EXPECTED.findall(chat) for chat in chats]
    assert all(expected), chats
    for chat, other in zip(chats, expected[::-1], strict=True):
        assert await played(chat, library, folder) is None
        failure = await played(EXPECTED.sub("", chat) + "".join(other), library, folder)
        assert failure is not None
        assert re.search(r"expected (bob gets|that bob does not get)", failure)


@pytest.mark.parametrize("name", LEAKS)
async def test_both_conversations_of_a_leak_can_be_played_and_differ_in_what_somebody_receives(
    name: str, tmp_path: Path
) -> None:
    flow = leaking(name)
    await holds_in_one_and_fails_in_the_other(flow, with_these(flow), tmp_path)


async def test_what_leaves_a_flow_for_one_can_be_played(tmp_path: Path) -> None:
    flow = read(ALONE)
    await holds_in_one_and_fails_in_the_other(flow, with_these(flow), tmp_path)


async def test_a_flow_that_another_starts_is_played_from_there(tmp_path: Path) -> None:
    flow, starter = replace(leaking("in_between"), trigger=None), read(STARTING)
    library = with_these(flow, starter)
    (chat, _) = chats_of(leak_of(flow), flow, library.flows, library.phrases)
    assert "# starting starts this flow.\n" in chat
    assert "bob> /starting\n" in chat, "whoever says yes there is the first here"
    await holds_in_one_and_fails_in_the_other(flow, library, tmp_path)


# What no line can tell


RECORDED = """
flow: recorded
version: 1
title: Recorded
roles: {a: one, b: one}
start: {command: recorded}
slots:
  mood: {type: choice, class: private, of: a, options: {good: "Good", bad: "Bad"}, given: note.mood}
  fine: {type: choice, class: private, of: a, options: {yes: "Yes"}}
outcomes:
  low: {when: "any(mood == 'bad')", told: "It hangs on how you were."}
steps:
  - {id: tell, when: low, say: "A was low.", to: b}
  - {id: q, of: a, ask: "It hangs on how you were.", save: fine}
  - {id: over, say: "Bye.", end: true}
"""


def test_what_hangs_on_a_record_ends_with_what_differs_and_names_the_record() -> None:
    flow = read(RECORDED)
    one, other = chats_of(leak_of(flow), flow, {flow.id: flow}, shipped().phrases)
    assert one.splitlines()[-2:] == ["bob> /open", "bob<! A was low."]
    assert other.splitlines()[-2:] == ["bob> /open", "bob< A was low."]
    record = "# A record has to be there before, which no line makes: 'note' of ann, whose mood is bad."
    assert record not in one
    assert record in other.splitlines()


KEEPING = """
flow: keeping
version: 1
title: Keeping
roles: {a: one, b: one}
start: {command: keeping}
slots:
  length: {type: duration, class: signal, of: a, options: {20m: "20 minutes", 2h: "Two hours"}}
steps:
  - {id: q, of: a, ask: "How long?", save: length, within: 1d, expired: over}
  - {id: k, keep: rule, fields: {length: length}}
  - {id: over, say: "Bye.", end: true}
"""


def test_where_no_message_differs_a_comment_says_what_does() -> None:
    flow = read(KEEPING)
    chats = chats_of(leak_of(flow, "ann"), flow, {flow.id: flow}, shipped().phrases)
    same = "# What ann receives is the same; what they can notice is not: "
    ends = {chat.splitlines()[-1].removeprefix(same) for chat in chats}
    assert ends == {"here a record is kept, 'rule'.", "in the other a record is kept, 'rule'."}
    for chat in chats:
        parse_transcript(chat, "fault.chat")


def test_that_no_line_brings_three_people_together_is_said() -> None:
    flow = read(KEEPING.replace("b: one}", "b: one, c: one}"))
    for chat in chats_of(leak_of(flow, "ann"), flow, {flow.id: flow}, shipped().phrases):
        assert "# No line brings so many people together outside of a room: this cannot be played." in chat
