"""Exploration: complete where it says so, quiet about what is right, and not about what is wrong."""

from collections.abc import Hashable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import cast

import pytest

from bot.engine.model import Flow
from bot.flows.exploration.bounds import Bounds
from bot.flows.exploration.chats import chats_of
from bot.flows.exploration.exploring import Explored, explorable, explore, explored_space
from bot.flows.flow_compiler import compile_flow, read_flow
from bot.flows.library import ACTIONS, load_flows
from bot.flows.transcript import parse_transcript
from bot.flows.yaml_source import parse_source
from tests.conversation.world import shipped
from tests.flows.declared import kinds
from tests.flows.exploration.family import family
from tests.flows.faulty import FAULTS

ROOT = Path(__file__).resolve().parents[3]

LONG = {"how_is_it_going", "pause", "pause_rule"}
"""Flows that take long: `./run explore` goes through them, and their leaks and dead ends are looked for there."""


def explored(yaml: str) -> Explored:
    flow = compile_flow(parse_source(yaml.encode(), "test.yaml"), ACTIONS).flow
    return explore(flow, {flow.id: flow})


@pytest.mark.parametrize("name", [name for name in explorable(shipped().flows) if name not in LONG])
def test_nothing_is_wrong_in_a_shipped_flow(name: str) -> None:
    flows = shipped().flows
    found = explore(flows[name], flows)
    assert [fault.told for fault in found.faults] == []
    assert found.holds


TOLD_APART = "{} can tell apart what others did in private."

NOT_QUITE_RIGHT = {
    "kept_in_records": [TOLD_APART.format("bob")],
    "loop_that_sets_its_instant_anew": ["With everybody silent the session never ends."],
    "one_person_is_asked_again": [TOLD_APART.format("bob")],
    "own_answers_steer_own_screen": ["'skip' has no answer."],
    "read_in_a_lane": [
        "The engine refuses a turn: text 'well.ask' of flow 'read_alone' would show 'card' to another person"
    ],
    "words_shown_by_a_grant": [
        "The engine refuses a turn: a guard of flow 'shown' would let 'card' steer what another person sees",
        TOLD_APART.format("bob"),
    ],
}
"""What exploration finds in flows that load, and that no rule of the load names: nobody plays them.

When a record is not kept, the other can tell that somebody has left; when [Back] behind [Change] says a thing twice,
the partner can tell that it was changed. Where an author may have left, a text cannot be named once more: the engine
refuses that. One ends without a word to whoever skips its last question, and one would go round for a week.
"""

RIGHT = sorted((FAULTS.parent / "right").glob("*.yaml"))


@pytest.mark.parametrize("path", RIGHT, ids=lambda path: path.stem)
def test_of_a_flow_that_loads_nothing_else_is_told(path: Path) -> None:
    (flow,) = load_flows([path], kinds()).values()
    found = explore(flow, {flow.id: flow}, Bounds(states=20_000))
    assert not found.truncated
    assert [fault.told for fault in found.faults] == NOT_QUITE_RIGHT.get(path.stem, [])


# What it finds


NOT_SEEN = {
    # Rules that keep the language simple: nobody could tell anything in these very flows.
    "private-guard_behind_a_volatile_section": "nothing reads the signal that it would set",
    "private-guard_who_has_a_lane": "the stage ends at its deadline either way",
    "private-placeholder_two_shown_in_one": "with two people, each reads what is theirs or granted",
    "private-placeholder_in_a_room_question": "each is told their own answer, in their own chat",
    "private-guard_closes_in_a_later_stage": "a closed lane is left like one whose person takes their time",
    "private-guard_of_one_person_when_more_is_not_answered": "its person may well answer as late as that",
    "private-released_in_a_composed_text": "what is granted is seen by its author before",
    # What exploration takes as given away, whoever could have given it.
    "private-guard_a_signal_asked_of_some": "a signal is given away; here it can only come from some",
    "private-guard_an_outcome_of_how_often_it_was_rewritten": "an outcome is given away; here nobody can be told",
    "private-guard_of_a_kind_no": "a kind no is given away; here it can only come behind one answer",
    "private-guard_words_that_were_not_asked_for": "a grant is given away; here it can only come behind one answer",
    # What another flow does with it, which is explored on its own.
    "private-given_to_a_signal": "it gives to a flow that is in another file",
    "private-guard_of_one_person_begins_a_flow_that_speaks": "it starts a flow that is in another file",
    "private-guard_of_one_person_calls_a_flow_for_two": "it calls a flow that is in another file",
    "private-guard_of_one_person_when_it_begins": "it starts a flow that is in another file",
    "private-guard_of_one_person_when_what_it_calls_is_over": "it calls a flow that is in another file",
    "private-guard_starts_a_flow_that_speaks": "it starts a flow that is in another file",
    "private-guard_when_what_it_calls_is_over": "it calls a flow that is in another file",
    "private-placeholder_brought_back": "it calls a flow that is in another file",
    "private-released_passed_on": "it calls a flow that is in another file",
}
"""Refused at load, and not found by exploration of the file alone."""

SEEDED = sorted(FAULTS.glob("private-*.yaml"))
LEAKS = [path for path in SEEDED if path.stem not in NOT_SEEN]

REFUSES = ("The engine refuses a turn: ", "It cannot begin: ")
TELLS = (" can tell apart what others did in private.", " can look up.")


@cache
def told_of(path: Path) -> list[str]:
    """What is told of a leak by exploration, none of the checks at load having been asked."""
    compiled, _ = read_flow(parse_source(path.read_bytes(), path.name), ACTIONS, kinds())
    assert compiled is not None
    return [fault.told for fault in explore(compiled.flow, {compiled.flow.id: compiled.flow}).faults]


@pytest.mark.parametrize("path", LEAKS, ids=lambda path: path.stem)
def test_a_leak_that_is_refused_at_load_is_found_without_those_checks_too(path: Path) -> None:
    assert any(told.startswith(REFUSES) or told.endswith(TELLS) for told in told_of(path))


def test_what_is_proven_says_how_many_of_them_are_found_and_how() -> None:
    by_sight = sum(any(told.endswith(TELLS) for told in told_of(path)) for path in LEAKS)
    docs = " ".join((ROOT / "docs" / "proofs.md").read_text().split())
    assert f"finds {len(LEAKS)} of the {len(SEEDED)} files" in docs
    assert f"{by_sight} by what people would see" in docs
    assert f"{len(LEAKS) - by_sight} because the engine refuses a turn" in docs
    assert set(NOT_SEEN) <= {path.stem for path in SEEDED}
    assert f"The other {len(NOT_SEEN)}" in docs


NEVER_ENDING = """
flow: going_on
version: 1
title: Going on
roles: {a: one, b: one}
slots: {word: {type: text, class: draft, of: a}}
steps:
  - {id: ask, of: a, ask: "A word?", save: word, within: 1d, expired: ask}
  - {id: over, end: true}
"""


def test_a_flow_that_silence_never_ends_is_found() -> None:
    assert "With everybody silent the session never ends." in [fault.told for fault in explored(NEVER_ENDING).faults]


def test_a_truncated_exploration_proves_nothing() -> None:
    flow = family(2, 2)
    found = explore(flow, {flow.id: flow}, Bounds(states=20))
    assert found.truncated
    assert not found.holds


LEAKY = """
flow: two
version: 1
title: Two
about: "Two."
roles: {a: one, b: one}
start: {command: two}
slots:
  mood: {type: choice, class: private, of: a, options: {good: "Good", bad: "Bad"}}
  how: {type: choice, class: private, of: b, options: {fine: "Fine"}}
steps:
  - {id: ask, of: a, ask: "How are you?", save: mood}
  - id: both
    lanes:
      a:
        - {id: hint, when: "mood == 'bad'", say: "Be kind today.", to: b}
        - {id: more, ask: "And now?", save: mood}
      b: [{id: how, ask: "How is it?", save: how}]
    within: 1d
    expired: over
  - {id: over, say: "Bye.", end: true}
"""


def test_a_leak_is_told_as_the_shortest_two_runs_that_show_it() -> None:
    flow = compile_flow(parse_source(LEAKY.encode(), "test.yaml"), ACTIONS).flow
    fault = next(fault for fault in explore(flow, {flow.id: flow}).faults if fault.person == "bob")
    one, other = chats_of(fault, flow, {flow.id: flow}, shipped().phrases)
    for chat in (one, other):
        assert chat.startswith("# bob can tell apart what others did in private.\n")
        assert "\nann> /two\n" in chat
        parse_transcript(chat, "leak.chat")
    assert one.splitlines()[-3:] == ["ann> [Good]", "bob> /open", "bob<! Be kind today."]
    assert other.splitlines()[-3:] == ["ann> [Bad]", "bob> /open", "bob< Be kind today."]


# Summaries against the full product


def entries(flow: Flow, *, together: bool) -> set[Hashable]:
    """What sessions can be in when a stage begins or all is over, and what people see then: where summaries meet."""
    space, begins = explored_space(flow, {flow.id: flow}, Bounds(), together=together)

    def key(number: int) -> Hashable:
        # What becomes of the drafts of those who left, they decide at any time: lane by lane it is gone through once.
        one = space.states[number]
        return space.keys.of(replace(one.session, deciding=()), one.now)

    left = [edge for state in space.states for edge in state.edges if edge.left]
    told = {
        (key(edge.target), person, frozenset(texts_of(seen, flow)))
        for edge in left
        for person, seen in edge.seen.items()
    }
    return {key(one) for one in begins} | {key(edge.target) for edge in left} | told


def texts_of(seen: object, flow: Flow) -> Iterator[str]:
    """The sentences in what somebody sees, but for those of lanes: whose answer was the last is another thing."""
    if not isinstance(seen, tuple):
        return
    parts = cast("tuple[object, ...]", seen)
    if parts[:1] == (flow.id,) and str(parts[1]).split(".")[0] not in flow.lane_of:
        yield str(parts[1])
    for part in parts:
        yield from texts_of(part, flow)


@pytest.mark.parametrize(
    ("people", "questions", "anew"),
    [(2, many, anew) for many in (1, 2, 3) for anew in (True, False)],
)
def test_lane_by_lane_comes_to_what_the_full_product_comes_to(people: int, questions: int, *, anew: bool) -> None:
    flow = family(people, questions, anew=anew)
    assert entries(flow, together=False) == entries(flow, together=True)


JOINING = """
flow: joining
version: 1
title: Joining
roles: {a: one, b: one, c: {joins: code}}
slots: {mood: {type: choice, class: private, of: each, options: {good: "Good", bad: "Bad"}}}
steps:
  - {id: all, lanes: [{id: ask, ask: "How are you?", save: mood}], within: 1d, expired: over}
  - {id: three, say: "All three."}
  - {id: over, say: "Bye.", end: true}
"""


def test_where_somebody_may_still_join_they_are_waited_for() -> None:
    flow = compile_flow(parse_source(JOINING.encode(), "test.yaml"), ACTIONS).flow
    assert entries(flow, together=False) == entries(flow, together=True)
    space, _ = explored_space(flow, {flow.id: flow}, Bounds())
    heard = [seen for state in space.states for edge in state.edges for seen in edge.seen.values()]
    assert any("three.say" in str(seen) for seen in heard)


@pytest.mark.parametrize("name", ["hear_it_back", "one_word", "pair"])
def test_lane_by_lane_comes_to_what_the_full_product_comes_to_in_shipped_flows(name: str) -> None:
    flow = shipped().flows[name]
    assert entries(flow, together=False) == entries(flow, together=True)


def test_it_grows_with_the_length_of_lanes_and_not_with_their_product() -> None:
    def states(questions: int, *, together: bool) -> int:
        flow = family(2, questions)
        return explore(flow, {flow.id: flow}, together=together).states

    assert states(8, together=False) < 2 * states(4, together=False)
    assert states(8, together=True) > 2.5 * states(4, together=True)
