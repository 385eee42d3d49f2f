"""The facts hold: nobody reads, or comes to know, what they do not say; and what they say does come about."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from bot.engine.events import Signal
from bot.engine.model import AUTHOR, Flow
from bot.flows.exploration.bounds import Bounds
from bot.flows.facts.finding import facts_of
from bot.flows.facts.flow_facts import FlowFacts
from bot.flows.facts.slot_facts import Late, ReleaseFacts
from bot.flows.flow_compiler import Compiled, compile_flow
from bot.flows.library import ACTIONS, Library
from bot.flows.yaml_source import read_source
from bot.wiring.dialogues import library_of
from docs.make_reference import EXAMPLES
from tests.flows.facts.observing import Observed, Of, Seen, observed

SMALL = sorted((Path(__file__).parent / "small").glob("*.yaml"))
"""Flows that tell in every way that there is."""

WHOLE = (
    "a_walk",
    "change_check_in",
    "change_reminder",
    "check_in",
    "come_back",
    "evening",
    "follow_through",
    "hear_it_back",
    "how_is_it_for_me",
    "one_breath",
    "one_word",
    "pair",
    "receive_repair",
    "remind",
    "slow",
    "walk_card",
    *(path.stem for path in SMALL),
)
"""Flows of which everything is gone through here."""

BEGUN = (
    "call_far_away",
    "film_night",
    "how_is_it_going",
    "make_repair",
    "pause",
    "pause_rule",
    "quiet_half_hour",
    "say_it",
    "work_it_out",
)
"""Longer ones, of which the first states are: nobody may be missing among the readers there either."""

FIRST = Bounds(states=300)

NEVER_SEEN = {
    (("pair", "code"), ("", "invitee")): "exploration drops the code from states in which no step tells it any more",
}
"""What the facts say, and exploration does not come to; each with the reason."""


@cache
def library() -> Library:
    return library_of(EXAMPLES)


@cache
def compiled() -> dict[str, Compiled]:
    """Those, the flows that ship, and those that the reference page quotes."""
    small = (compile_flow(read_source(path), ACTIONS) for path in SMALL)
    return {**library().compiled, **{one.flow.id: one for one in small}}


@cache
def flows() -> dict[str, Flow]:
    return {name: one.flow for name, one in compiled().items()} | dict(library().flows)


@cache
def came_about(name: str) -> Observed:
    return observed(flows()[name], flows(), Bounds() if name in WHOLE else FIRST)


@cache
def facts(name: str) -> FlowFacts:
    return facts_of(compiled(), name, library().records)


def part_of(name: str) -> list[FlowFacts]:
    """The facts of a flow and of those that it calls."""
    return [facts(one) for one in (name, *flows()[name].calls)]


Said = set[tuple[tuple[str, ...], tuple[str, str]]]


def told(name: str) -> Said:
    return {
        ((one.flow, slot.name, telling.at.step), pair)
        for one in part_of(name)
        for slot in one.slots
        for telling in slot.tellings
        for pair in telling.pairs
    }


def may_read(name: str) -> Said:
    slots = ((one.flow, slot) for one in part_of(name) for slot in one.slots)
    return {((flow, slot.name), reach.pair) for flow, slot in slots for reach in slot.reaches if not reach.by}


def named(name: str) -> Said:
    found: Said = set()
    for one in part_of(name):
        for who, to in one.named:
            authors = {owner for slot in one.slots if slot.releases for owner in slot.owners}
            owners = authors if who == AUTHOR else {who}
            found |= {((one.flow,), (owner, reader)) for owner in owners for reader in to if owner != reader}
        for slot in one.slots:
            found |= {((one.flow,), pair) for telling in slot.tellings for pair in telling.pairs if slot.signed}
    return found


def known(name: str) -> set[tuple[str, str, str]]:
    return {
        (one.flow, outcome.name, role)
        for one in part_of(name)
        for outcome in one.outcomes
        for _, roles in outcome.used_at
        for role in roles
    }


def authored(seen: set[Seen]) -> set[Seen]:
    """With steps by the names that their authors gave them."""
    return {((*what, step.partition(":")[0]), pairs) for (*what, step), pairs in seen}


def unsaid(seen: set[Seen], said: Said) -> set[Seen]:
    """What was seen, and the facts say it of none of those people's roles."""
    return {(what, pairs) for what, pairs in seen if not {(what, pair) for pair in pairs} & said}


def unseen(said: Said, seen: set[Seen]) -> Said:
    """What the facts say, and nobody saw."""
    return said - {(what, pair) for what, pairs in seen for pair in pairs}


@pytest.mark.parametrize("name", [*WHOLE, *BEGUN])
def test_nobody_is_shown_what_the_facts_do_not_say(name: str) -> None:
    assert unsaid(authored(came_about(name).shown), told(name)) == set()


@pytest.mark.parametrize("name", [*WHOLE, *BEGUN])
def test_the_engine_lets_nobody_read_what_the_facts_do_not_say(name: str) -> None:
    assert unsaid(came_about(name).readable, may_read(name)) == set()


@pytest.mark.parametrize("name", [*WHOLE, *BEGUN])
def test_nobody_is_named_to_whom_the_facts_do_not_say(name: str) -> None:
    assert unsaid(came_about(name).named, named(name)) == set()


@pytest.mark.parametrize("name", [*WHOLE, *BEGUN])
def test_nobody_comes_to_know_a_result_that_the_facts_do_not_say(name: str) -> None:
    assert came_about(name).weighed - known(name) == set()


@pytest.mark.parametrize("name", [*WHOLE, *BEGUN])
def test_nothing_is_kept_or_handed_on_that_the_facts_do_not_say(name: str) -> None:
    one = facts(name)
    kept = {(name, *hop.into.split(".")) for slot in one.slots for hop in slot.hops if hop.by == "kept"}
    kept |= {(name, keep.kind, field) for keep in one.keeps for field, _, _ in keep.fields}
    given = {(name, link.flow, theirs) for link in one.links for theirs in ("", *dict(link.gives))}
    assert came_about(name).kept - kept == set()
    assert came_about(name).started - given == set()


# What they say does come about


@pytest.mark.parametrize("name", WHOLE)
def test_what_the_facts_say_is_shown_does_come_to_be_shown(name: str) -> None:
    assert unseen(told(name), authored(came_about(name).shown)) == set()


@pytest.mark.parametrize("name", WHOLE)
def test_whom_the_facts_let_read_the_engine_does_let_read(name: str) -> None:
    assert unseen(may_read(name), came_about(name).readable) - NEVER_SEEN.keys() == set()


@pytest.mark.parametrize("name", WHOLE)
def test_who_is_named_by_the_facts_is_named(name: str) -> None:
    assert unseen(named(name), came_about(name).named) == set()


@pytest.mark.parametrize("name", WHOLE)
def test_to_whom_the_facts_say_a_result_becomes_known_it_does(name: str) -> None:
    assert known(name) - came_about(name).weighed == set()


@pytest.mark.parametrize("name", WHOLE)
def test_what_the_facts_say_is_handed_on_is(name: str) -> None:
    given = {(name, link.flow, theirs) for link in facts(name).links if not link.call for theirs in dict(link.gives)}
    assert given - came_about(name).started == set()


# Yeses, and how they are taken back


def released(name: str, *, at_once: bool) -> Iterator[tuple[Of, ReleaseFacts]]:
    """What is shown in the flow itself by a yes that was said in it."""
    for one in part_of(name):
        for slot in one.slots:
            for release in slot.releases:
                if release.shown and release.at is not None and release.at_once is at_once:
                    yield (one.flow, slot.name), release


@pytest.mark.parametrize("name", [*WHOLE, *BEGUN])
def test_what_is_shown_at_once_waits_for_nothing(name: str) -> None:
    waits = {of for of, _ in released(name, at_once=False)}
    assert {of for of, _ in released(name, at_once=True)} - waits & came_about(name).waiting == set()


@pytest.mark.parametrize("name", [*WHOLE, *BEGUN])
def test_what_is_not_shown_when_time_runs_out_is_not(name: str) -> None:
    several = [*released(name, at_once=True), *released(name, at_once=False)]
    late = {of for of, release in several if release.late is Late.MAY_BE_SHOWN}
    assert ({of for of, _ in several} - late) & came_about(name).shown_by_time == set()


@pytest.mark.parametrize("name", WHOLE)
def test_what_waits_to_be_shown_stop_takes_back(name: str) -> None:
    stopped = {of for signal, of in came_about(name).taken_back if signal is Signal.STOP}
    assert {of for of, _ in released(name, at_once=False)} - stopped == set()


@pytest.mark.parametrize("name", WHOLE)
def test_back_takes_back_what_the_facts_say_it_does(name: str) -> None:
    gone_back = {of for signal, of in came_about(name).taken_back if signal is Signal.BACK}
    assert {of for of, release in released(name, at_once=False) if release.back} - gone_back == set()


def test_every_flow_is_held_to_its_facts() -> None:
    assert {*WHOLE, *BEGUN} == flows().keys()
    assert {name for (name, _), _ in NEVER_SEEN} <= {*WHOLE}
