"""The rules that the engine fixes (design, section 4), on flows small enough to see through."""

from dataclasses import replace

import pytest

from bot.engine.effects import DraftsKept, FreezeOthers, Send, StartFlow, ThawOthers
from bot.engine.events import ChoicePicked, Frozen, Joined, ShownAgain, Signal, TextEdited, Thawed, TimerDue
from bot.engine.faults import PrivacyBreach, TooManySteps
from bot.engine.session import Given, Member, Value
from bot.engine.standing import deadline
from tests.engine.rehearsal import Rehearsal, flow_of

HOUR = 3_600_000

TWO_LANES = """
    flow: two
    version: 1
    title: Two
    roles: {a: one, b: one}
    lifetime: 2d
    slots:
      first: {type: text, class: draft, of: each, max: 40}
      second: {type: choice, class: private, of: each, options: {x: "X", y: "Y"}}
    steps:
      - id: both
        lanes:
          - {id: one, ask: "One?", save: first}
          - {id: two, ask: "Two?", save: second}
        within: 24h
        expired: late
      - {id: met, say: "Both are done.", end: true}
      - {id: late, say: "Time is up.", end: true}
"""


def two() -> Rehearsal:
    return Rehearsal(flow_of(TWO_LANES), a=("ann",), b=("bob",))


def test_each_person_walks_a_lane_of_their_own() -> None:
    run = two()
    assert run.heard("ann") == ["One?"]
    run.types("ann", "hello")
    assert run.heard("ann") == ["Two?"]
    assert run.heard("bob") == []
    lanes = run.session.top.lanes
    assert (lanes["a:ann"].step, lanes["b:bob"].step) == ("two", "one")


def test_a_join_fires_once_in_the_turn_that_completes_it() -> None:
    run = two()
    run.types("ann", "hello")
    run.picks("ann", "x")
    assert run.stage == "both"
    run.types("bob", "hi")
    turn = run.picks("bob", "y")
    assert run.heard("ann") == run.heard("bob") == ["Both are done."]
    assert turn.session.ended


def test_an_ended_session_takes_no_event() -> None:
    run = two()
    run.session = replace(run.session, ended=True)
    before = run.session
    turn = run.types("ann", "hello")
    assert turn.session == before
    assert turn.effects == ()


def test_unknown_choice_repeats_the_question() -> None:
    run = two()
    run.types("ann", "hello")
    before = run.session
    run.picks("ann", "nonsense")
    assert run.heard("ann") == ["<answer.pick>\nTwo?"]
    assert run.session == before


def test_a_stale_press_changes_nothing_and_shows_the_current_step() -> None:
    run = two()
    entry = run.session.top.lanes["a:ann"].entry
    run.types("ann", "hello")
    before = run.session
    run.happen(ChoicePicked(person="ann", lane="a:ann", entry=entry, choice="x"))
    assert run.session == before
    assert run.heard("ann") == ["<stale>", "Two?"]


def test_nobody_can_press_in_the_lane_of_another() -> None:
    run = two()
    run.types("ann", "hello")
    before = run.session
    entry = run.session.top.lanes["a:ann"].entry
    run.happen(ChoicePicked(person="bob", lane="a:ann", entry=entry, choice="x"))
    assert run.session == before


def test_a_deadline_leads_to_expired_and_a_late_timer_does_nothing() -> None:
    run = two()
    due = deadline(run.session)
    assert due is not None
    run.now, entry = due
    run.happen(TimerDue(entry=entry))
    assert run.heard("ann") == ["Time is up."]
    again = run.happen(TimerDue(entry=entry))
    assert again.effects == ()


def test_a_timer_before_its_time_or_for_another_entry_does_nothing() -> None:
    run = two()
    due = deadline(run.session)
    assert due is not None
    before = run.session
    assert run.happen(TimerDue(entry=due[1])).session == before
    run.now = due[0]
    assert run.happen(TimerDue(entry=due[1] + 1)).session == before


def test_a_frozen_session_keeps_what_is_typed_and_offers_it_at_the_thaw() -> None:
    run = two()
    run.happen(Frozen())
    run.types("ann", "while it rests")
    assert run.heard("ann") == ["<frozen.kept>"]
    assert run.session.top.lanes["a:ann"].step == "one"
    run.happen(Thawed())
    assert run.heard("ann") == ["<thaw.held> while it rests"]
    assert run.heard("bob") == ["One?"]
    run.picks("ann", "use")
    assert run.heard("ann") == ["Two?"]


def test_who_skips_the_last_question_hears_that_they_are_through() -> None:
    steps = TWO_LANES.replace('ask: "Two?", save: second', 'ask: "Two?", save: second, optional: true')
    run = Rehearsal(flow_of(steps), a=("ann",), b=("bob",))
    run.types("ann", "hello")
    run.signals("ann", Signal.SKIP)
    assert run.heard("ann") == ["<lane.through>"]


def test_deadlines_that_an_answer_sets_stand_still_while_frozen() -> None:
    flow = """
        flow: until
        version: 1
        title: Until
        roles: {a: one, b: one}
        slots:
          at: {type: instant, class: signal, of: all}
          n: {type: number, class: signal, of: a, max: 9}
          k: {type: text, class: private, of: b}
        steps:
          - {id: s, set: {at: "now + hours(2)"}}
          - id: st
            lanes:
              a: [{id: q, ask: "N?", save: n}, {id: later, set: {at: "now + hours(9)"}}]
              b: [{id: qk, ask: "K?", save: k}]
            until: at
            expired: bye
          - {id: bye, say: "Bye.", end: true}
    """
    run = Rehearsal(flow_of(flow), a=("ann",), b=("bob",))
    before = deadline(run.session)
    assert before is not None
    run.happen(Frozen())
    run.now += 24 * HOUR
    run.happen(Thawed())
    assert deadline(run.session) == (before[0] + 24 * HOUR, before[1])
    run.happen(ShownAgain(person="bob"))
    assert deadline(run.session) == (before[0] + 24 * HOUR, before[1])
    run.types("ann", "3")
    assert deadline(run.session) == (run.now + 9 * HOUR, before[1])


def test_deadlines_stand_still_while_frozen() -> None:
    run = two()
    before = deadline(run.session)
    assert before is not None
    run.happen(Frozen())
    assert deadline(run.session) is None
    run.now += HOUR
    run.happen(Thawed())
    after = deadline(run.session)
    assert after is not None
    assert after[0] == before[0] + HOUR


def test_back_returns_within_a_lane_and_never_across_a_join() -> None:
    run = two()
    run.types("ann", "hello")
    run.signals("ann", Signal.BACK)
    assert run.heard("ann") == ["One?"]
    run.signals("ann", Signal.BACK)
    assert run.heard("ann") == ["<back.first>\nOne?"]


def test_who_stops_becomes_an_empty_role_and_the_other_sees_only_silence() -> None:
    run = two()
    run.types("bob", "hi")
    run.picks("bob", "x")
    run.signals("ann", Signal.STOP)
    assert run.heard("ann") == ["<stopped.empty>"]
    assert run.heard("bob") == []
    assert run.stage == "both"
    due = deadline(run.session)
    assert due is not None
    run.now = due[0]
    run.happen(TimerDue(entry=due[1]))
    assert run.heard("bob") == ["Time is up."]
    assert run.heard("ann") == []


def test_stopping_with_words_asks_whether_to_keep_them_and_erase_removes_them() -> None:
    run = two()
    run.types("ann", "my words")
    run.signals("ann", Signal.STOP)
    assert run.heard("ann") == ["<stopped.drafts>"]
    assert DraftsKept(person="ann") in run.turn.effects
    fence = next(e.fence for e in run.turn.effects if isinstance(e, Send) and e.fence is not None)
    run.happen(ChoicePicked(person="bob", lane=fence.lane, entry=fence.entry, choice="erase"))
    assert any(value.data == "my words" for value in run.session.values.values())
    run.happen(ChoicePicked(person="ann", lane=fence.lane, entry=fence.entry, choice="erase"))
    assert run.heard("ann") == ["<drafts.erased>"]
    assert not any(value.data == "my words" for value in run.session.values.values())


REVEALING = """
    flow: showing
    version: 1
    title: Showing
    roles: {a: one, b: one}
    lifetime: 2d
    slots:
      note: {type: text, class: draft, of: a, name: "Note", max: 80}
    steps:
      - {id: write, of: a, ask: "Write.", save: note}
      - {id: give, of: a, grant: note, to: b, ask: "Show it?", change: write}
      - {id: shown, reveal: note, to: b, say: "{a} wrote: {note}", missing: nothing}
      - {id: done, end: true}
      - {id: nothing, say: "Nothing was shown.", to: a, end: true}
"""


def test_a_reveal_shows_a_granted_value_to_its_audience() -> None:
    run = Rehearsal(flow_of(REVEALING), a=("ann",), b=("bob",))
    run.types("ann", "the river was high")
    assert run.heard("bob") == []
    run.picks("ann", "share")
    assert run.heard("bob") == ["ann wrote: the river was high"]


def test_a_value_kept_private_is_never_revealed() -> None:
    run = Rehearsal(flow_of(REVEALING), a=("ann",), b=("bob",))
    run.types("ann", "the river was high")
    run.picks("ann", "keep")
    assert run.heard("bob") == []
    assert run.heard("ann") == ["Nothing was shown."]


def test_changing_a_value_before_the_grant_grants_the_new_wording_only() -> None:
    run = Rehearsal(flow_of(REVEALING), a=("ann",), b=("bob",))
    run.types("ann", "first wording")
    run.picks("ann", "change")
    assert run.heard("ann") == ["Write."]
    run.types("ann", "second wording")
    run.picks("ann", "share")
    assert run.heard("bob") == ["ann wrote: second wording"]
    assert [grant.rev for grant in run.session.grants] == [2]


def test_a_text_that_would_show_an_ungranted_value_fails_closed() -> None:
    leaky = REVEALING.replace(
        'reveal: note, to: b, say: "{a} wrote: {note}", missing: nothing', 'say: "{note}", to: b'
    )
    run = Rehearsal(flow_of(leaky), a=("ann",), b=("bob",))
    run.types("ann", "the river was high")
    with pytest.raises(PrivacyBreach, match="would show 'note'"):
        run.picks("ann", "keep")


def test_an_edited_message_revises_its_answer_until_the_author_goes_on_for_good() -> None:
    solo = """
        flow: solo
        version: 1
        title: Solo
        roles: {me: one}
        slots:
          x: {type: text, class: draft, name: "X"}
          y: {type: text, class: draft, name: "Y"}
        steps:
          - {id: ask_x, ask: "X?", save: x}
          - {id: ask_y, ask: "Y?", save: y}
          - {id: done, end: true}
    """
    run = Rehearsal(flow_of(solo), me=("ann",))
    run.types("ann", "one", message="m1")
    run.happen(TextEdited(person="ann", text="two", message="m1"))
    assert run.heard("ann") == ["<edit.done>", "Y?"]
    assert run.session.values["0.x.ann"] == Value(data="two", rev=2)
    run.happen(TextEdited(person="ann", text="three", message="unknown"))
    assert run.heard("ann") == ["<edit.late>"]


GATE = """
    flow: asking
    version: 1
    title: Asking
    roles: {a: one, b: one}
    lifetime: 7d
    slots: {}
    steps:
      - {id: door, of: b, gate: "Come in?", kindly: "Kindly no", told: kind, within: 72h, expired: quiet}
      - {id: inside, say: "You are in.", end: true}
      - {id: kind, say: "Not now, kindly.", to: a, end: true}
      - {id: quiet, say: "It has gone quiet.", to: a, neutral: true, end: true}
"""


def asking() -> Rehearsal:
    return Rehearsal(flow_of(GATE), a=("ann",), b=("bob",))


def test_a_refusal_and_a_silence_look_the_same_to_the_other() -> None:
    seen: list[list[str]] = []
    for answer in ("not_now", None):
        run = asking()
        told: list[str] = []
        if answer:
            run.picks("bob", answer)
            told += run.heard("ann")
            assert run.heard("bob") == ["<gate.refused>"]
        due = deadline(run.session)
        assert due is not None
        assert due[0] == 1_000_000 + 72 * HOUR
        run.now = due[0]
        run.happen(TimerDue(entry=due[1]))
        seen.append([*told, *run.heard("ann")])
        assert run.heard("bob") == []
    assert seen[0] == seen[1] == ["It has gone quiet."]


def test_when_the_one_who_is_asked_stops_the_session_waits_as_if_they_were_silent() -> None:
    run = asking()
    run.signals("bob", Signal.STOP)
    assert not run.session.ended
    due = deadline(run.session)
    assert due is not None
    run.now = due[0]
    run.happen(TimerDue(entry=due[1]))
    assert run.heard("ann") == ["It has gone quiet."]


def test_a_refusal_told_kindly_reaches_the_other_at_once() -> None:
    run = asking()
    run.picks("bob", "kindly")
    assert run.heard("ann") == ["Not now, kindly."]


def test_a_vacant_role_holds_its_stage_until_somebody_takes_it() -> None:
    joining = """
        flow: joining
        version: 1
        title: Joining
        roles: {a: one, b: {joins: code}}
        slots: {}
        steps:
          - {id: door, of: b, gate: "In?", within: 24h, expired: over}
          - {id: inside, say: "In.", end: true}
          - {id: over, end: true}
    """
    run = Rehearsal(flow_of(joining), a=("ann",))
    assert run.stage == "door:stage"
    run.happen(Joined(person="bob", role="b", member=Member(seal="k")))
    assert run.heard("bob") == ["In?"]
    run.happen(Joined(person="eve", role="b", member=Member(seal="k")))
    assert run.session.top.roles["b"] == ("bob",)
    run.picks("bob", "yes")
    assert run.heard("ann") == run.heard("bob") == ["In."]


def test_a_flow_that_runs_on_without_waiting_is_stopped() -> None:
    endless = """
        flow: endless
        version: 1
        title: Endless
        roles: {me: one}
        slots: {x: {type: choice, class: signal, options: {a: "A"}}}
        steps:
          - {id: one, set: {x: "'a'"}, next: two}
          - {id: two, set: {x: "'a'"}, next: one}
    """
    with pytest.raises(TooManySteps, match="more than 100 steps"):
        Rehearsal(flow_of(endless), me=("ann",))


def test_start_hands_over_values_and_swaps_roles() -> None:
    starting = """
        flow: starting
        version: 1
        title: Starting
        roles: {a: one, b: one}
        slots: {note: {type: text, class: draft, of: a}}
        steps:
          - {id: write, of: a, ask: "Write.", save: note}
          - {id: go, start: other, roles: {x: b, y: a}, give: {text: note}}
          - {id: done, end: true}
    """
    run = Rehearsal(flow_of(starting), a=("ann",), b=("bob",))
    turn = run.types("ann", "words")
    started = next(effect for effect in turn.effects if isinstance(effect, StartFlow))
    assert started.roles == {"x": ("bob",), "y": ("ann",)}
    assert started.given["text"].data == "words"


def test_words_that_come_with_a_start_never_change_their_author() -> None:
    receiving = """
        flow: receiving
        version: 1
        title: Receiving
        roles: {a: one, b: one}
        slots: {note: {type: text, class: draft, of: a, given: true}}
        steps:
          - {id: write, of: a, ask: "{note}", save: note}
          - {id: done, end: true}
    """
    flow = flow_of(receiving)
    own = Rehearsal(flow, given={"note": Given(data="mine", author="ann")}, a=("ann",), b=("bob",))
    assert own.heard("ann") == ["mine"]
    with pytest.raises(PrivacyBreach, match="words of somebody else"):
        Rehearsal(flow, given={"note": Given(data="secret", author="bob")}, a=("ann",), b=("bob",))


VOLATILE = """
    flow: hiding
    version: 1
    title: Hiding
    roles: {me: one}
    slots:
      raw: {type: text, class: ephemeral}
      mark: {type: choice, class: private, options: {yes: "Yes"}}
    steps:
      - id: inside
        lanes:
          me:
            - id: section
              volatile:
                - {id: first, ask: "First?", save: raw}
                - {id: noted, set: {mark: "'yes'"}}
                - {id: second, ask: "Second?", save: raw}
              results: [mark]
        within: 1d
      - {id: done, say: "Done.", to: me}
      - {id: wait, wait: 20m}
      - {id: over, end: true}
"""


def test_what_a_volatile_section_sets_is_stored_only_when_it_is_through() -> None:
    run = Rehearsal(flow_of(VOLATILE), me=("ann",))
    stored = replace(run.session, hidden={})
    run.types("ann", "a secret")
    assert run.heard("ann") == ["Second?"]
    assert replace(run.session, hidden={}) == stored
    run.types("ann", "another")
    assert {value.data for value in run.session.values.values()} == {"yes"}


def test_a_volatile_section_whose_memory_is_lost_starts_again() -> None:
    run = Rehearsal(flow_of(VOLATILE), me=("ann",))
    run.types("ann", "a secret")
    run.session = replace(run.session, hidden={})
    run.types("ann", "what is said after a crash")
    assert run.heard("ann") == ["First?"]


def test_a_freeze_is_lifted_when_its_session_ends() -> None:
    holding = """
        flow: holding
        version: 1
        title: Holding
        roles: {me: one}
        lifetime: 1d
        slots: {}
        steps:
          - {id: hold, freeze: room}
          - {id: rest, wait: 20m}
          - {id: done, end: true}
    """
    run = Rehearsal(flow_of(holding), me=("ann",))
    assert FreezeOthers() in run.turn.effects
    due = deadline(run.session)
    assert due is not None
    run.now = due[0]
    run.happen(TimerDue(entry=due[1]))
    assert ThawOthers() in run.turn.effects
    assert run.session.ended
