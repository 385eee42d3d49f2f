"""Exploration's checks can fail: with one thing in the engine broken, each tells exactly that and nothing else."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.engine.effects import Send
from bot.engine.events import (
    Begun,
    ChoicePicked,
    Event,
    Frozen,
    ShownAgain,
    Signalled,
    TextTyped,
    Thawed,
    TimerDue,
)
from bot.engine.faults import FlowBroken
from bot.engine.machine import Turn, advance
from bot.engine.model import Flow
from bot.engine.move import phrase
from bot.engine.session import Session
from bot.flows.exploration.beginnings import NOW
from bot.flows.exploration.bounds import Bounds
from bot.flows.exploration.exploring import explore
from bot.flows.exploration.seen import Seen, View
from bot.flows.flow_compiler import compile_flow
from bot.flows.library import ACTIONS
from bot.flows.yaml_source import parse_source

TWO = """
flow: two
version: 1
title: Two
roles: {a: one, b: one}
slots:
  mood: {type: choice, class: private, of: each, options: {good: "Good", bad: "Bad"}}
  then: {type: choice, class: private, of: each, options: {fine: "Fine"}}
steps:
  - id: both
    lanes:
      - {id: ask, ask: "How are you?", save: mood}
      - {id: more, when: "mood == 'bad'", ask: "And now?", save: then}
      - {id: last, ask: "And tomorrow?", save: then}
    within: 1d
    expired: over
  - {id: over, say: "Bye.", end: true}
"""

ALONE = """
flow: alone
version: 1
title: Alone
roles: {me: one}
slots:
  mood: {type: choice, class: private, options: {good: "Good", bad: "Bad"}}
steps:
  - {id: ask, ask: "How are you?", save: mood, within: 1d, expired: over}
  - {id: over, say: "Bye.", end: true}
"""

APART = """
flow: apart
version: 1
title: Apart
roles: {a: one, b: one}
slots:
  secret: {type: choice, class: ephemeral, of: each, options: {yes: "Yes", no: "No"}}
steps:
  - id: both
    lanes:
      - {id: section, volatile: [{id: ask, ask: "Just for you: are you well?", save: secret}]}
      - {id: on, gate: "Go on?"}
    within: 1d
    expired: over
  - {id: over, say: "Bye.", end: true}
"""

TWO_DAYS = 2 * 86_400_000

Change = Callable[[Session, Event, Turn], Turn]
"""What is wrong with an engine: the turn that it makes of a right one."""

Break = Callable[[str, Change], None]


@pytest.fixture
def break_engine(monkeypatch: pytest.MonkeyPatch) -> Break:
    """Breaks the engine of a module of exploration: ``space`` walks, ``promises`` tries something at each state."""

    def breaks(module: str, change: Change) -> None:
        def broken(flow: Flow, session: Session, event: Event, now: int) -> Turn:
            return change(session, event, advance(flow, session, event, now))

        monkeypatch.setattr(f"bot.flows.exploration.{module}.advance", broken)

    return breaks


def found(yaml: str, bounds: Bounds | None = None) -> list[str]:
    """What exploration tells about a flow."""
    flow = compile_flow(parse_source(yaml.encode(), "test.yaml"), ACTIONS).flow
    return [fault.told for fault in explore(flow, {flow.id: flow}, bounds).faults]


def kind_of(event: Event) -> str:
    """What somebody does that has to be answered wherever they are."""
    match event:
        case Signalled():
            kind = event.signal.value
        case ShownAgain():
            kind = "asks where they are"
        case TextTyped():
            kind = "types"
        case ChoicePicked() if event.entry < 0:
            kind = "presses an old button"
        case _:
            kind = ""
    return kind


@pytest.mark.parametrize("yaml", [ALONE, TWO, APART], ids=["alone", "two", "apart"])
def test_with_the_engine_as_it_is_nothing_is_told(yaml: str) -> None:
    assert found(yaml) == []


# Signals, buttons, and where one is


@pytest.mark.parametrize(
    ("unanswered", "told"),
    [
        ("asks where they are", "Asking where one is has no answer."),
        ("presses an old button", "A button of an earlier moment has no answer."),
        ("back", "'back' has no answer."),
        ("skip", "'skip' has no answer."),
        ("not_now", "'not now' has no answer."),
        ("stop", "'stop' has no answer."),
        ("types", "During a pause, what is typed has no answer."),
    ],
)
def test_what_has_no_answer_is_told(break_engine: Break, unanswered: str, told: str) -> None:
    break_engine(
        "promises", lambda _, event, turn: replace(turn, effects=()) if kind_of(event) == unanswered else turn
    )
    assert found(TWO) == [told]


def test_an_answer_that_somebody_else_gets_is_none(break_engine: Break) -> None:
    def astray(_: Session, event: Event, turn: Turn) -> Turn:
        other = {"ann": "bob", "bob": "ann"}
        sent = (replace(one, to=other[one.to]) if isinstance(one, Send) else one for one in turn.effects)
        return replace(turn, effects=tuple(sent)) if kind_of(event) == "skip" else turn

    break_engine("promises", astray)
    assert found(TWO) == ["'skip' has no answer."]


def test_a_stop_that_does_not_let_go_is_told(break_engine: Break) -> None:
    break_engine("promises", lambda before, event, turn: kept(before, event, turn, crashed=False))
    assert found(APART) == ["'stop' does not let somebody go at once."]


def kept(before: Session, event: Event, turn: Turn, *, crashed: bool) -> Turn:
    """A stop that is answered, and nobody is gone by it."""
    stopped = kind_of(event) == "stop" and in_a_lost_section(before) is crashed
    return replace(turn, session=before) if stopped else turn


# Volatile sections


def test_a_section_that_is_lost_in_a_crash_and_leaves_somebody_unanswered_is_told(break_engine: Break) -> None:
    def silent(before: Session, event: Event, turn: Turn) -> Turn:
        lost = kind_of(event) == "asks where they are" and in_a_lost_section(before)
        return replace(turn, effects=()) if lost else turn

    break_engine("promises", silent)
    assert found(APART) == ["After a crash in a volatile section, asking where one is has no answer."]


def test_a_section_that_is_lost_in_a_crash_and_holds_somebody_is_told(break_engine: Break) -> None:
    break_engine("promises", lambda before, event, turn: kept(before, event, turn, crashed=True))
    assert found(APART) == ["After a crash in a volatile section, 'stop' does not let somebody go at once."]


def in_a_lost_section(session: Session) -> bool:
    return not session.hidden and any(lane.step == "section" for lane in session.top.lanes.values())


# Pauses


def test_a_deadline_of_a_stage_that_comes_during_a_pause_is_told(break_engine: Break) -> None:
    break_engine("promises", lambda session, event, turn: ended_by(session, event, turn, lifetime=False))
    assert found(TWO) == ["A deadline comes during a pause."]


def test_a_lifetime_that_runs_out_during_a_pause_is_told(break_engine: Break) -> None:
    break_engine("promises", lambda session, event, turn: ended_by(session, event, turn, lifetime=True))
    assert found(TWO) == ["A deadline comes during a pause."]


def ended_by(session: Session, event: Event, turn: Turn, *, lifetime: bool) -> Turn:
    due = isinstance(event, TimerDue) and (event.entry == 0) is lifetime
    return replace(turn, session=replace(session, ended=True)) if due and session.frozen_at is not None else turn


def test_a_pause_after_which_something_is_otherwise_is_told(break_engine: Break) -> None:
    def forgetful(_: Session, event: Event, turn: Turn) -> Turn:
        return replace(turn, session=replace(turn.session, gone=("ann",))) if isinstance(event, Thawed) else turn

    break_engine("promises", forgetful)
    assert found(TWO) == ["After a pause it does not go on where it was."]


def test_a_deadline_that_runs_on_during_a_pause_is_told(break_engine: Break) -> None:
    def running(session: Session, event: Event, turn: Turn) -> Turn:
        top = replace(turn.session.top, due=session.top.due)
        after = replace(turn.session, frames=(*turn.session.frames[:-1], top))
        return replace(turn, session=after) if isinstance(event, Thawed) else turn

    break_engine("promises", running)
    assert found(TWO) == ["A deadline does not stand still during a pause."]


# What the engine refuses


BROKEN = "it is broken"


def refuses(kind: type[object]) -> Change:
    def refused(_: Session, event: Event, turn: Turn) -> Turn:
        if isinstance(event, kind):
            raise FlowBroken(BROKEN)
        return turn

    return refused


def test_a_flow_that_cannot_begin_is_told(break_engine: Break) -> None:
    break_engine("beginnings", refuses(Begun))
    assert found(TWO) == [f"It cannot begin: {BROKEN}"]


def test_a_turn_that_the_engine_refuses_is_told(break_engine: Break) -> None:
    break_engine("space", refuses(ChoicePicked))
    assert found(TWO) == [f"The engine refuses a turn: {BROKEN}"]


@pytest.mark.parametrize("kind", [ShownAgain, Signalled, Frozen], ids=lambda kind: kind.__name__)
def test_what_is_tried_at_each_state_and_refused_is_told(break_engine: Break, kind: type[object]) -> None:
    break_engine("promises", refuses(kind))
    assert found(TWO) == [f"The engine refuses a turn: {BROKEN}"]


# Silence


def test_a_deadline_of_which_nothing_comes_is_told(break_engine: Break) -> None:
    def nothing(before: Session, event: Event, turn: Turn) -> Turn:
        return Turn(session=before, effects=()) if isinstance(event, TimerDue) and event.entry else turn

    break_engine("space", nothing)
    assert found(ALONE) == ["With everybody silent the session never ends."]
    # The others' lanes stand still as well, and that can be told apart too.
    assert found(TWO)[0] == "With everybody silent the session never ends."


# What others can tell


def tells_bob(of: str) -> Change:
    """An engine that sends somebody else a word when one certain option was picked."""

    def tells(_: Session, event: Event, turn: Turn) -> Turn:
        bob = next((one for one in turn.effects if isinstance(one, Send)), None)
        if not isinstance(event, ChoicePicked) or (event.person, event.choice) != ("ann", of) or bob is None:
            return turn
        return replace(turn, effects=(*turn.effects, replace(bob, to="bob", paragraphs=(phrase("lane.on"),))))

    return tells


def test_a_private_answer_of_which_somebody_else_hears_is_told(break_engine: Break) -> None:
    break_engine("space", tells_bob("bad"))
    assert found(TWO) == ["bob can tell apart what others did in private."]


def test_a_private_answer_that_shows_only_when_time_runs_out_is_told(break_engine: Break) -> None:
    def late(before: Session, event: Event, turn: Turn) -> Turn:
        unwell = any(".mood.ann" in key and value.data == "bad" for key, value in before.values.items())
        return replace(turn, effects=()) if isinstance(event, TimerDue) and unwell else turn

    break_engine("space", late)
    assert found(TWO) == ["bob can tell apart what others did in private."]


def test_a_private_answer_that_changes_what_another_can_look_up_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    right = View.of_state

    def count(view: View, session: Session, person: str, now: int, *, exactly: bool) -> Seen:
        answers = sum(key.endswith(".ann") for key in session.values) if exactly and person == "bob" else 0
        return (*right(view, session, person, now, exactly=exactly), answers)

    monkeypatch.setattr(View, "of_state", count)
    assert found(TWO) == ["What ann does in private changes what bob can look up."]


def test_a_private_answer_that_moves_a_deadline_is_told(break_engine: Break) -> None:
    def moved(_: Session, event: Event, turn: Turn) -> Turn:
        top = turn.session.top
        if not isinstance(event, ChoicePicked) or (event.person, event.choice) != ("ann", "bad") or top.due is None:
            return turn
        after = replace(turn.session, frames=(*turn.session.frames[:-1], replace(top, due=NOW + TWO_DAYS)))
        return replace(turn, session=after)

    break_engine("space", moved)
    assert found(TWO) == [
        "What ann does in private changes what bob can look up.",
        "bob can tell apart what others did in private.",
    ]


# Bounds


def test_what_was_not_gone_through_to_its_end_holds_nothing() -> None:
    flow = compile_flow(parse_source(TWO.encode(), "test.yaml"), ACTIONS).flow
    whole = explore(flow, {flow.id: flow})
    assert (whole.holds, whole.truncated) == (True, False)
    cut = explore(flow, {flow.id: flow}, Bounds(states=whole.states - 1))
    assert (cut.holds, cut.truncated, cut.states, cut.faults) == (False, True, whole.states - 1, ())
