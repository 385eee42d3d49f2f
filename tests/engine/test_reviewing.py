"""Flows that review a record: what comes back of it, how long it stands, and that they end with it."""

from dataclasses import replace

import pytest

from bot.engine.effects import LetStand, Retire
from bot.engine.events import Frozen, Recalled, RecordEnded, TimerDue
from bot.engine.faults import PrivacyBreach
from tests.engine.rehearsal import Rehearsal, flow_of
from tests.flows.declared import kinds

HOUR, DAY = 3_600_000, 86_400_000

REVIEW = """
    flow: review
    version: 1
    title: Review
    roles: {a: one, b: one}
    reviews: [plan]
    lifetime: 60d
    slots:
      ideas: {type: list, class: joint, of: each, given: plan.ideas, signed: true}
      mark: {type: choice, class: private, of: each, per: ideas, options: {good: "Good", odd: "Odd"}}
      way: {type: choice, class: private, of: each, options: {keep: "Keep", end: "End"}}
    outcomes:
      over: {when: "any(way == 'end')", told: "If either of you ends it, it ends."}
    steps:
      - {id: pass, wait: 14d}
      - id: look
        lanes:
          - id: every
            each: {idea: ideas}
            steps: [{id: mark, ask: "{idea}", save: mark, nudge: true}]
          - {id: way, ask: "Which way? If either of you ends it, it ends.", save: way}
        within: 7d
        expired: lapsed
        next:
          - {when: "over", go: lapsed}
          - {else: longer}
      - {id: longer, lasts_until: "now + days(14)"}
      - {id: kept, say: "You keep: {ideas}", end: true}
      - {id: lapsed, lasts_until: "now"}
      - {id: ended, say: "It has ended.", end: true}
"""

KEPT = (
    Recalled(slot="ideas", data="walk", author="ann"),
    Recalled(slot="ideas", data="rest", author="bob"),
    Recalled(slot="ideas", data="cook", author="ann"),
)


def looking(recalled: tuple[Recalled, ...] = KEPT, record: str = "r1") -> Rehearsal:
    """The two weeks are over."""
    run = Rehearsal(flow_of(REVIEW, kinds()), recalled=recalled, a=("ann",), b=("bob",))
    run.session = replace(run.session, record=record)
    run.now += 14 * DAY
    run.happen(TimerDue(entry=run.session.top.entry))
    return run


def answered(run: Rehearsal, ann: str, bob: str) -> Rehearsal:
    for person, way in (("ann", ann), ("bob", bob)):
        for _ in range(3):
            run.picks(person, "good")
        run.picks(person, way)
    return run


def asked_of_the_host(run: Rehearsal) -> list[int]:
    return [effect.until - run.now for effect in run.turn.effects if isinstance(effect, LetStand)]


def test_the_items_of_a_record_come_back_and_both_go_through_all_of_them() -> None:
    run = looking()
    seen: list[str] = []
    for _ in range(3):
        (asked,) = run.heard("bob") or run.heard("ann")
        seen.append(asked)
        run.picks("bob", "good")
    assert sorted(seen) == ["cook", "rest", "walk"]


def test_what_comes_back_is_told_to_both_with_its_authors() -> None:
    run = answered(looking(), "keep", "keep")
    for person in ("ann", "bob"):
        told = run.heard(person)[0].removeprefix("You keep: ").split(" | ")
        assert told == ["<item.signed> ann walk", "<item.signed> ann cook", "<item.signed> bob rest"]


def test_items_of_somebody_who_is_not_in_it_are_refused() -> None:
    with pytest.raises(PrivacyBreach):
        looking((Recalled(slot="ideas", data="walk", author="cyd"),))


def test_how_long_the_record_stands_is_asked_of_the_host() -> None:
    assert asked_of_the_host(answered(looking(), "keep", "keep")) == [14 * DAY]
    assert asked_of_the_host(answered(looking(), "keep", "end")) == [0]


def test_without_two_answers_it_is_ended() -> None:
    run = looking()
    run.picks("ann", "good")
    run.now += 7 * DAY
    run.happen(TimerDue(entry=run.session.top.entry))
    assert asked_of_the_host(run) == [0]
    assert run.heard("ann") == run.heard("bob") == ["It has ended."]


def test_it_ends_with_what_it_is_about_and_says_nothing() -> None:
    run = looking()
    run.happen(RecordEnded())
    assert run.session.ended
    assert all(isinstance(effect, Retire) for effect in run.turn.effects)


def test_it_ends_with_what_it_is_about_in_a_pause_too() -> None:
    run = looking()
    run.happen(Frozen())
    run.happen(RecordEnded())
    assert run.session.ended


@pytest.mark.parametrize(("record", "nudge"), [("r1", True), ("", False)])
def test_what_comes_by_itself_is_a_nudge_where_both_have_agreed_to_it(record: str, *, nudge: bool) -> None:
    run = looking(record=record)
    assert [send.nudge for send in (*run.sent("ann"), *run.sent("bob"))] == [nudge, nudge]
