"""Watching a turn: every way that a session takes is told, and watching changes nothing."""

from dataclasses import replace

from bot.engine.events import ChoicePicked, Event, Signal, Signalled, TextTyped, TimerDue
from bot.engine.machine import Turn, advance
from bot.engine.model import Flow
from bot.engine.move import Move
from bot.engine.prompts import waiting_lane
from bot.engine.standing import deadline
from bot.engine.watching import Took, Way
from tests.engine.rehearsal import Rehearsal, flow_of

WALK = """
    flow: walk
    version: 1
    title: A walk
    roles: {one: one, other: one}
    lifetime: 3d
    expired: faded
    slots:
      where: {type: choice, class: signal, of: one, options: {wood: "To the wood", sea: "To the sea"}}
      picked: {type: choices, class: private, of: each, most: 2, options: {bread: "Bread", tea: "Tea"}}
      note: {type: text, class: draft, of: one}
      taste: {type: choice, class: private, of: each, per: picked, options: {good: "Good", bad: "Bad"}}
    steps:
      - id: where
        of: one
        ask: "Where to?"
        save: where
        next:
          - {when: "where == 'sea'", go: far}
          - {else: invite}
      - {id: far, say: "That is far.", to: one}
      - id: invite
        of: other
        gate: "Come along?"
        later: "Later"
        kindly: "Kindly not"
        told: kindly
        within: 1d
        expired: over
      - id: pack
        lanes:
          - {id: take, ask: "What do you take?", save: picked, optional: true}
          - id: tastes
            each: {thing: picked}
            steps: [{id: taste, ask: "{thing}: how is it?", save: taste}]
        within: 1d
        expired: over
      - {id: dry, when: "where == 'wood'", say: "It may rain.", to: one}
      - {id: show, reveal: note, to: other, say: "{note}", missing: over}
      - {id: kindly, say: "Not this time.", to: one, end: true}
      - {id: over, end: true}
      - {id: faded, end: true}
"""


class Watched(Rehearsal):
    """A rehearsal that notes what every turn tells, and takes each turn twice: watched and alone."""

    def __init__(self, flow: Flow) -> None:
        self.told: list[Took] = []
        super().__init__(flow, one=("a",), other=("b",))

    def happen(self, event: Event) -> Turn:
        alone = advance(self.flow, self.session, event, self.now)
        self.told = []
        self.turn = advance(self.flow, self.session, event, self.now, self.told.append)
        assert self.turn == alone
        self.session = self.turn.session
        return self.turn

    def ways(self) -> list[tuple[str, Way, int | str]]:
        """What the last turn told."""
        assert {one.flow for one in self.told} <= {self.flow.id}
        return [(one.step, one.way, one.which) for one in self.told]

    def later(self) -> None:
        """The next deadline comes."""
        due = deadline(self.session)
        assert due is not None
        self.now = due[0]
        self.happen(TimerDue(entry=due[1]))


def begun() -> Watched:
    return Watched(flow_of(WALK))


def invited() -> Watched:
    walk = begun()
    walk.picks("a", "wood")
    return walk


def test_a_start_tells_the_stage_and_the_step_that_waits() -> None:
    assert begun().ways() == [("where:stage", Way.ENTERED, ""), ("where", Way.ENTERED, "")]


def test_an_answer_tells_the_choice_and_the_branch_that_held() -> None:
    walk = begun()
    walk.picks("a", "sea")
    assert walk.ways()[:5] == [
        ("where", Way.CHOSEN, "sea"),
        ("where", Way.FOLLOWING, ""),
        ("where:stage", Way.BRANCH, 0),
        ("far", Way.ENTERED, ""),
        ("far", Way.FOLLOWING, ""),
    ]
    walk = begun()
    walk.picks("a", "wood")
    assert ("where:stage", Way.BRANCH, 1) in walk.ways()


def test_a_gate_tells_what_was_chosen_by_a_button_or_by_a_signal() -> None:
    for choice in ("yes", "later", "not_now", "kindly"):
        walk = invited()
        walk.picks("b", choice)
        assert walk.ways()[0] == ("invite", Way.CHOSEN, choice)
    walk = invited()
    walk.signals("b", Signal.NOT_NOW)
    assert walk.ways() == [("invite", Way.CHOSEN, "not_now")]


def test_a_deadline_is_told_and_so_is_the_end_of_the_lifetime() -> None:
    walk = invited()
    walk.later()
    assert walk.ways()[0] == ("invite:stage", Way.EXPIRED, "")
    walk = begun()
    walk.later()
    assert walk.ways() == [("", Way.EXPIRED, ""), ("faded", Way.ENTERED, "")]


def test_a_loop_tells_each_further_round_and_that_there_was_nothing() -> None:
    walk = invited()
    walk.picks("b", "yes")
    walk.picks("a", "skip")
    assert walk.ways() == [
        ("take", Way.CHOSEN, "skip"),
        ("take", Way.FOLLOWING, ""),
        ("tastes", Way.ENTERED, ""),
        ("tastes", Way.NOTHING, ""),
        ("tastes", Way.FOLLOWING, ""),
    ]
    walk.picks("b", "bread")
    walk.picks("b", "tea")
    walk.picks("b", "good")
    assert ("tastes", Way.AGAIN, "") in walk.ways()


def test_what_is_passed_over_and_what_is_missing_is_told() -> None:
    walk = begun()
    walk.picks("a", "sea")
    walk.picks("b", "yes")
    walk.picks("a", "skip")
    walk.picks("b", "skip")
    assert walk.ways()[-3:] == [
        ("show", Way.ENTERED, ""),
        ("show", Way.MISSING, ""),
        ("over", Way.ENTERED, ""),
    ]
    assert ("dry", Way.PASSED_OVER, "") in walk.ways()


def test_a_lane_that_is_not_opened_is_told_with_its_role() -> None:
    flow = flow_of("""
        flow: two
        version: 1
        title: Two
        roles: {one: one, other: one}
        slots: {word: {type: choice, class: private, of: each, options: {yes: "Yes"}}}
        steps:
          - id: talk
            lanes:
              one: {when: "word", steps: [{id: more, ask: "More?", save: word}]}
              other: [{id: word, ask: "A word?", save: word}]
          - {id: done, end: true}
    """)
    assert ("talk", Way.LEFT_OUT, "one") in Watched(flow).ways()


def test_nothing_is_told_of_an_event_that_does_not_fit() -> None:
    walk = begun()
    for event in (
        ChoicePicked(person="a", lane="one:a", entry=99, choice="sea"),
        TextTyped(person="a", text="the sea"),
        Signalled(person="b", signal=Signal.BACK),
    ):
        walk.happen(event)
        assert walk.ways() == []


def test_a_move_without_a_watcher_tells_nobody() -> None:
    walk = begun()
    move = Move(walk.flow, replace(walk.session), walk.now, "a")
    assert waiting_lane(move, "a") is not None
    move.took("where", Way.ENTERED)
