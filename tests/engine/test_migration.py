"""Bringing a session along to another revision: what has its place there, and what keeps it where it is."""

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from textwrap import dedent

import pytest

from bot.engine.crossing import Reason, Stays
from bot.engine.events import ChoicePicked, Frozen, Signal, TextEdited, Thawed
from bot.engine.migration import bring_along
from bot.engine.model import Flow
from bot.engine.session import Frame, Lane, LaneStatus, Session
from bot.flows.checks import ACTIONS
from bot.flows.flow_compiler import compile_flow
from bot.flows.records import records_of
from bot.flows.revisions import linked
from bot.flows.yaml_source import parse_source
from tests.engine.rehearsal import Rehearsal

OLD = """
flow: talk
version: 1
title: Talk
roles: {a: one, b: one}
lifetime: 2d
slots:
  card: {type: text, class: draft, of: a, max: 200}
  mood: {type: choice, class: private, of: each, options: {good: "Good", bad: "Bad"}}
  rest: {type: choice, class: private, of: each, options: {yes: "Yes", no: "No"}}
outcomes:
  both_rest: {when: "all(rest == 'yes')", told: "You rest only if you both want to."}
steps:
  - {id: write, of: a, ask: "What would you like {b} to hear?", save: card}
  - {id: share, of: a, grant: card, to: b, ask: "Show this?", change: write, kept: over}
  - {id: time, of: b, gate: "{a} has something. Ten minutes?", within: 24h, expired: over}
  - {id: shown, reveal: card, to: b, say: "{a} wrote: {card}", missing: over}
  - id: both
    lanes:
      - {id: feel, ask: "How is it?", save: mood}
      - {id: enough, ask: "Rest? You rest only if you both want to.", save: rest}
      - {id: look, review: [mood, rest], ask: "Right?"}
    within: 24h
    expired: over
    next: [{when: both_rest, go: resting}, {else: over}]
  - {id: resting, say: "You rest.", next: over}
  - {id: over, say: "Over.", end: true}
"""


def made(yaml: str) -> dict[str, Flow]:
    """Flows as the library makes them: linked, with their digests and terms."""
    parts = [part for part in dedent(yaml).split("\n---\n") if part.strip()]
    found = [compile_flow(parse_source(part.encode(), "test.yaml"), ACTIONS) for part in parts]
    return linked({one.flow.id: one for one in found}, {})


def old() -> Flow:
    return made(OLD)["talk"]


def changed(*changes: tuple[str, str], migrate: str = "{1: {}}") -> Flow:
    """The flow at version 2, with these parts replaced."""
    text = OLD
    for before, after in changes:
        assert before in text, before
        text = text.replace(before, after)
    return made(text.replace("version: 1", f"version: 2\nmigrate: {migrate}"))["talk"]


def begun() -> Rehearsal:
    return Rehearsal(old(), a=("ann",), b=("bob",))


def shared() -> Rehearsal:
    run = begun()
    run.types("ann", "It was loud.")
    run.picks("ann", "share")
    return run


def in_lanes() -> Rehearsal:
    run = shared()
    run.picks("bob", "yes")
    return run


def brought(session: Session, new: Flow, on_their_way: Sequence[str] = ()) -> Session:
    found = bring_along(session, old(), new, on_their_way)
    assert isinstance(found, Session), found
    assert found.revision == new.revision
    return found


def kept(session: Session, new: Flow | None, on_their_way: Sequence[str] = ()) -> tuple[Reason, str]:
    found = bring_along(session, old(), new, on_their_way)
    assert isinstance(found, Stays), found
    return found.reason, found.name


def go_on(run: Rehearsal, new: Flow) -> Rehearsal:
    run.flow, run.session = new, brought(run.session, new)
    return run


# Coming along


def test_a_session_goes_on_where_it_stood_with_all_that_it_holds() -> None:
    run = in_lanes()
    run.picks("ann", "good")
    before = run.session
    after = brought(before, changed(("What would you like", "Which thing would you like")))
    assert after == replace(before, revision=after.revision)


def test_after_it_came_along_it_is_told_the_new_words_and_ends_in_the_new_way() -> None:
    run = begun()
    go_on(run, changed(('{id: over, say: "Over."', '{id: over, say: "Done."'), ("Show this?", "Show it?")))
    run.types("ann", "It was loud.")
    assert "Show it?" in run.heard("ann")[0]
    run.picks("ann", "keep")
    assert run.heard("bob") == ["Done."]
    assert run.session.ended


@pytest.mark.parametrize("turns", range(7))
def test_renamed_steps_and_slots_are_followed_from_every_place(turns: int) -> None:
    new = changed(
        ("{id: write,", "{id: pen,"),
        ("change: write", "change: pen"),
        ("{id: feel,", "{id: sense,"),
        ("{id: look,", "{id: check,"),
        ("- id: both", "- id: two"),
        ("mood", "feeling"),
        migrate="{1: {steps: {write: pen, feel: sense, look: check, both: two}, slots: {mood: feeling}}}",
    )
    said = [
        ("ann", "It was loud."),
        ("ann", "share"),
        ("bob", "yes"),
        ("ann", "good"),
        ("ann", "yes"),
        ("bob", "bad"),
        ("ann", "ok"),
    ]
    run = begun()
    for number, (person, answer) in enumerate([*said, ("bob", "yes"), ("bob", "ok")]):
        if number == turns:
            go_on(run, new)
        (run.types if answer.startswith("It") else run.picks)(person, answer)
    assert run.session.ended
    assert run.heard("ann") == ["You rest.", "Over."]
    assert {key.split(".")[1] for key in run.session.values} == {"card", "feeling", "rest"}


def test_back_and_a_review_lead_to_the_new_names() -> None:
    new = changed(("{id: feel,", "{id: sense,"), migrate="{1: {steps: {feel: sense}}}")
    run = in_lanes()
    run.picks("ann", "good")
    go_on(run, new).signals("ann", Signal.BACK)
    assert run.heard("ann") == ["How is it?"]
    run = in_lanes()
    for answer in ("good", "yes", "change", "mood"):
        run.picks("ann", answer)
    assert run.session.top.lanes["a:ann"].back_to == "look"
    go_on(run, changed(("{id: look,", "{id: check,"), migrate="{1: {steps: {look: check}}}"))
    run.picks("ann", "bad")
    assert run.heard("ann")[0].startswith("Right?")


def test_old_buttons_work_where_their_step_is_still_there() -> None:
    run = in_lanes()
    entry = run.session.top.lanes["b:bob"].entry
    go_on(run, changed(("{id: feel,", "{id: sense,"), migrate="{1: {steps: {feel: sense}}}"))
    assert run.session.top.lanes["b:bob"].entry == entry
    run.picks("bob", "bad")
    assert run.heard("bob")[0].startswith("Rest?")


def test_a_frozen_session_comes_along_and_thaws_in_the_new_words() -> None:
    run = in_lanes()
    run.happen(Frozen())
    run.types("bob", "bad")
    go_on(run, changed(("How is it?", "How are you?")))
    run.happen(Thawed())
    run.picks("bob", "leave")
    assert run.heard("bob") == ["How are you?"]


def test_the_visits_of_a_step_that_is_gone_mean_nothing_any_more_and_others_are_followed() -> None:
    new = changed(
        ('  - {id: resting, say: "You rest.", next: over}\n', ""),
        ("go: resting", "go: over"),
        ("{id: write,", "{id: pen,"),
        ("change: write", "change: pen"),
        migrate="{1: {steps: {write: pen}}}",
    )
    run = in_lanes()
    assert brought(run.session, new).top.visits == {"pen": 1, "share": 1, "time": 1, "both": 1}


def test_a_slot_that_is_dropped_takes_its_values_with_it() -> None:
    run = in_lanes()
    run.picks("ann", "good")
    new = changed(
        ('{id: feel, ask: "How is it?", save: mood}', '{id: feel, say: "Here we are."}'),
        ('  mood: {type: choice, class: private, of: each, options: {good: "Good", bad: "Bad"}}\n', ""),
        ("[mood, rest]", "[rest]"),
        migrate="{1: {slots: {mood: drop}}}",
    )
    assert kept(run.session, new) == (Reason.STEP_OTHER, "feel"), "bob is being asked for it"
    run.picks("bob", "bad")
    assert kept(run.session, new) == (Reason.STEP_OTHER, "feel"), "back leads to it"
    run.session = replace(run.session, frames=(_without_trails(run.session.top),))
    assert {key.split(".")[1] for key in brought(run.session, new).values} == {"card"}


def _without_trails(frame: Frame) -> Frame:
    return replace(frame, lanes={key: replace(lane, trail=()) for key, lane in frame.lanes.items()})


def test_a_deadline_that_the_new_stage_does_not_have_never_comes() -> None:
    run = in_lanes()
    assert run.session.top.due is not None
    new = changed(("    within: 24h\n    expired: over\n", ""))
    assert brought(run.session, new).top.due is None


OUTER = """
flow: outer
version: 1
title: Outer
roles: {a: one}
slots: {x: {type: text, class: draft}}
steps:
  - {id: first, call: inner, roles: {me: a}, returns: {x: word}}
  - {id: second, call: inner, roles: {me: a}, returns: {x: word}}
  - {id: done, say: "Bye.", end: true}
---
flow: inner
version: 1
title: Inner
roles: {me: one}
slots: {word: {type: text, class: draft}}
steps:
  - {id: ask, ask: "A word?", save: word}
  - {id: done, end: true}
"""

AGAIN = "version: 2\nmigrate: {1: {steps: {second: again}}}\ntitle: Outer"


def outer(*changes: tuple[str, str]) -> Flow:
    text = OUTER
    for before, after in changes:
        assert before in text, before
        text = text.replace(before, after)
    return made(text)["outer"]


def test_a_called_flow_comes_along_with_its_caller_and_what_an_earlier_call_left_stays() -> None:
    run = Rehearsal(outer(), a=("ann",))
    run.types("ann", "one")
    after = outer(("version: 1\ntitle: Outer", AGAIN), ("id: second", "id: again"), ("Bye.", "Good."))
    found = bring_along(run.session, outer(), after)
    assert isinstance(found, Session)
    assert [frame.stage for frame in found.frames] == ["again", "ask:stage"]
    assert found.values == run.session.values
    run.flow, run.session = after, found
    run.types("ann", "two")
    assert run.heard("ann") == ["Good."]


def test_what_somebody_wrote_in_a_called_flow_that_returned_comes_along_under_its_new_name() -> None:
    run = Rehearsal(outer(), a=("ann",))
    run.types("ann", "one")
    assert run.session.returned == {"1": "inner"}
    renamed = outer(
        ("save: word", "save: saying"),
        ("slots: {word:", "slots: {saying:"),
        ("returns: {x: word}", "returns: {x: saying}"),
        ("version: 1\ntitle: Outer", "version: 2\nmigrate: {1: {}}\ntitle: Outer"),
        ("version: 1\ntitle: Inner", "version: 2\nmigrate: {1: {slots: {word: saying}}}\ntitle: Inner"),
    )
    found = bring_along(run.session, outer(), renamed)
    assert isinstance(found, Session)
    assert sorted(found.values) == ["0.x.ann", "1.saying.ann"]
    outside = replace(run.session, frames=run.session.frames[:1])
    lone = made(
        """
flow: outer
version: 2
migrate: {1: {steps: {second: gone}}}
title: Outer
roles: {a: one}
slots: {x: {type: text, class: draft}}
steps:
  - {id: first, ask: "A word?", save: x}
  - {id: gone, ask: "Another?", save: x}
  - {id: done, say: "Bye.", end: true}
"""
    )["outer"]
    found = bring_along(replace(outside, frames=(replace(outside.top, stage=None, lanes={}),)), outer(), lone)
    assert found == Stays(reason=Reason.FLOW_GONE, flow="inner")


def test_a_called_flow_that_changed_has_to_say_how_it_comes_along() -> None:
    session = Rehearsal(outer(), a=("ann",)).session
    other = outer(("A word?", "Which word?"))
    assert bring_along(session, outer(), other) == Stays(reason=Reason.SAME_VERSION, flow="inner")
    declared = outer(
        ("A word?", "Which word?"), ("version: 1\ntitle: Inner", "version: 2\nmigrate: {1: {}}\ntitle: Inner")
    )
    assert isinstance(bring_along(session, outer(), declared), Session), "its caller did not change"
    renamed = outer(
        ('id: ask, ask: "A word?", save: word', 'id: tell, ask: "A word?", save: saying'),
        ("slots: {word:", "slots: {saying:"),
        ("returns: {x: word}", "returns: {x: saying}"),
        ("version: 1\ntitle: Outer", "version: 2\nmigrate: {1: {}}\ntitle: Outer"),
        (
            "version: 1\ntitle: Inner",
            "version: 2\nmigrate: {1: {steps: {ask: tell}, slots: {word: saying}}}\ntitle: Inner",
        ),
    )
    found = bring_along(session, outer(), renamed)
    assert isinstance(found, Session)
    assert found.top.stage == "tell:stage"


def test_a_yes_that_was_given_in_a_called_flow_holds_for_its_words_too() -> None:
    asks = (
        "slots: {word: {type: text, class: draft}}",
        "slots: {word: {type: text, class: draft}, other: {type: text, class: private}}",
    )
    gate = (
        '  - {id: ask, ask: "A word?", save: word}\n',
        '  - {id: sure, gate: "May I ask?"}\n  - {id: ask, ask: "A word?", save: word}\n',
    )
    before = outer(asks, gate)
    run = Rehearsal(before, a=("ann",))
    again = ("version: 1\ntitle: Inner", "version: 2\nmigrate: {1: {}}\ntitle: Inner")
    other = outer(asks, (gate[0], gate[1].replace("May I", "Shall I")), again)
    assert bring_along(run.session, before, other) == Stays(reason=Reason.TERMS, flow="inner", name="sure")
    run.picks("ann", "yes")
    run.types("ann", "one")
    assert run.session.top.visits["sure"] == 1
    assert len(run.session.frames) == 2
    outside = replace(run.session, frames=run.session.frames[:1])
    found = bring_along(outside, before, other)
    assert found == Stays(reason=Reason.TERMS, flow="outer", name="first")


ALONE = """
flow: alone
version: 1
title: Alone
roles: {me: one}
slots:
  first: {type: text, class: draft, name: "First"}
  second: {type: text, class: draft, name: "Second"}
steps:
  - {id: one, ask: "One?", save: first}
  - {id: two, ask: "Two?", save: second}
  - {id: look, review: [first, second], ask: "Right?"}
  - {id: done, end: true}
"""


def renamed_alone() -> tuple[Flow, Flow]:
    text = ALONE.replace("id: one", "id: eins").replace("id: look", "id: see").replace("first", "erst")
    plan = "{1: {steps: {one: eins, look: see}, slots: {first: erst}}}"
    after = text.replace("version: 1", f"version: 2\nmigrate: {plan}")
    return made(ALONE)["alone"], made(after)["alone"]


def test_back_over_a_stage_an_edited_message_and_a_review_follow_the_new_names() -> None:
    before, after = renamed_alone()
    run = Rehearsal(before, me=("ann",))
    run.types("ann", "uno", message="m1")

    def crossed(session: Session) -> Session:
        found = bring_along(session, before, after)
        assert isinstance(found, Session), found
        return found

    start = crossed(run.session)
    run.flow, run.session = after, start
    run.signals("ann", Signal.BACK)
    assert run.heard("ann") == ["One?"]
    run.session = start
    run.happen(TextEdited(person="ann", text="eins", message="m1"))
    assert {value.data for value in run.session.values.values()} == {"eins"}

    run.flow, run.session = before, Rehearsal(before, me=("ann",)).session
    for answer in ("uno", "dos"):
        run.types("ann", answer)
    run.picks("ann", "change")
    run.picks("ann", "first")
    assert run.session.top.back_to == "look:stage"
    run.flow, run.session = after, crossed(run.session)
    run.types("ann", "tres")
    assert run.heard("ann")[0].startswith("Right?")


def test_a_flow_that_is_not_called_any_more_keeps_those_who_are_in_it() -> None:
    session = Rehearsal(outer(), a=("ann",)).session
    alone = outer(
        ("version: 1\ntitle: Outer", "version: 2\nmigrate: {1: {}}\ntitle: Outer"),
        ("call: inner, roles: {me: a}, returns: {x: word}", 'ask: "A word?", save: x'),
    )
    assert bring_along(session, outer(), alone) == Stays(reason=Reason.FLOW_GONE, flow="inner")


# Staying


def test_without_a_declaration_every_session_stays() -> None:
    session = begun().session
    assert kept(session, None)[0] is Reason.FLOW_GONE
    assert kept(session, made(OLD.replace("Over.", "Done."))["talk"])[0] is Reason.SAME_VERSION
    assert kept(session, changed(migrate="{}"))[0] is Reason.UNDECLARED
    assert isinstance(bring_along(session, old(), old()), Session), "nothing changed"


Change = tuple[str, str]

OTHER_SLOT = ("slots:\n", "slots:\n  other: {type: text, class: draft, of: a}\n")

STAYS: dict[str, tuple[Callable[[], Rehearsal], tuple[Change, ...], tuple[Reason, str]]] = {
    "the step is gone": (
        begun,
        (("{id: write,", "{id: pen,"), ("change: write", "change: pen")),
        (Reason.STEP_GONE, "write"),
    ),
    "it asks for something else": (
        begun,
        (OTHER_SLOT, ("save: card}", "save: other}")),
        (Reason.STEP_OTHER, "write"),
    ),
    "it is a step of another kind": (
        begun,
        (('of: a, ask: "What would you like {b} to hear?", save: card', 'of: a, gate: "Go on?"'),),
        (Reason.STEP_OTHER, "write"),
    ),
    "it is a question about the same, and not the same kind": (
        shared,
        (
            (
                'of: b, gate: "{a} has something. Ten minutes?", within',
                'of: b, review: [mood], ask: "Right?", within',
            ),
        ),
        (Reason.STEP_OTHER, "time"),
    ),
    "it stands in another stage": (
        in_lanes,
        (
            ('      - {id: feel, ask: "How is it?", save: mood}\n', ""),
            (
                "    next: [{when: both_rest",
                (
                    '  - id: after\n    lanes: [{id: feel, ask: "How is it?", save: mood}]\n    within: 24h\n'
                    "    expired: over\n    next: [{when: both_rest"
                ),
            ),
        ),
        (Reason.STEP_OTHER, "feel"),
    ),
    "it shows it to somebody else": (
        shared,
        (("grant: card, to: b", "grant: card, to: a"),),
        (Reason.TERMS, "share"),
    ),
    "a consent was given to other words": (
        shared,
        (("Show this?", "Show it right away?"),),
        (Reason.TERMS, "share"),
    ),
    "a yes is being asked for in other words": (shared, (("Ten minutes?", "An hour?"),), (Reason.TERMS, "time")),
    "the lanes are other people's": (
        in_lanes,
        (
            ('      - {id: feel, ask: "How is it?", save: mood}\n', "      a:\n"),
            ("      - {id: enough,", "        - {id: enough,"),
            ("      - {id: look, review: [mood, rest]", "        - {id: look, review: [rest]"),
        ),
        (Reason.STEP_OTHER, "both"),
    ),
    "what it holds would be read otherwise": (
        in_lanes,
        (("card: {type: text, class: draft", "card: {type: text, class: shared"),),
        (Reason.SLOT_OTHER, "card"),
    ),
    "a part is played by many": (begun, (("b: one}", "b: many}"),), (Reason.CAST, "")),
}


@pytest.mark.parametrize("what", STAYS)
def test_a_session_stays_where_something_of_it_has_no_place(what: str) -> None:
    run, changes, why = STAYS[what]
    assert kept(run().session, changed(*changes)) == why


def test_an_answer_steers_only_as_was_told_before_it_was_given() -> None:
    run = in_lanes()
    other = changed(("\"all(rest == 'yes')\"", "\"any(rest == 'yes')\""))
    more = changed(
        ("outcomes:\n", 'outcomes:\n  bad_day: {when: "any(mood == \'bad\')", told: "A bad day rests."}\n'),
        ("[{when: both_rest, go: resting}", "[{when: bad_day, go: resting}, {when: both_rest, go: resting}"),
    )
    run.picks("ann", "bad")
    assert brought(run.session, other).revision
    assert kept(run.session, more) == (Reason.TOLD, "bad_day")
    run.picks("ann", "no")
    assert kept(run.session, other) == (Reason.TOLD, "both_rest")


TWO_MARKS = """
flow: talk
version: 1
title: Talk
roles: {a: one, b: one}
slots:
  secret: {type: choice, class: private, of: a, options: {yes: "Yes", no: "No"}}
  mark: {type: choice, class: private, of: a, options: {yes: "Yes", no: "No"}}
  last: {type: choice, class: signal, of: a, options: {yes: "Yes", no: "No"}}
outcomes:
  heard: {when: "any(mark == 'yes')", told: "It is told if you say yes."}
steps:
  - {id: first, of: a, ask: "Only you will know. Yes?", save: secret, within: 1d, expired: over}
  - {id: second, of: a, ask: "And now? It is told if you say yes.", save: mark, within: 1d, expired: over}
  - {id: third, of: a, ask: "And last?", save: last, within: 1d, expired: over}
  - {id: told, when: heard, say: "They said yes.", to: b}
  - {id: over, say: "Over.", end: true}
"""


def test_an_answer_that_takes_another_ones_name_does_not_steer_in_its_place() -> None:
    before = made(TWO_MARKS)["talk"]
    swapped = TWO_MARKS.replace("save: mark", "save: other").replace("save: secret", "save: mark")
    swapped = swapped.replace("  mark:", "  other:").replace("  secret:", "  mark:")
    after = made(swapped.replace("version: 1", "version: 2\nmigrate: {1: {slots: {secret: mark, mark: other}}}"))[
        "talk"
    ]
    run = Rehearsal(before, a=("ann",), b=("bob",))
    assert isinstance(bring_along(run.session, before, after), Session)
    run.picks("ann", "yes")
    found = bring_along(run.session, before, after)
    assert isinstance(found, Stays)
    assert (found.reason, found.name) == (Reason.TOLD, "heard")


def test_an_option_that_is_called_otherwise_keeps_who_chose_it_and_who_is_asked() -> None:
    before = made(TWO_MARKS)["talk"]

    def relabelled(slot: str) -> Flow:
        lines = TWO_MARKS.replace("version: 1", "version: 2\nmigrate: {1: {}}").split("\n")
        exchanged = 'options: {yes: "No", no: "Yes"}'
        own = [
            line.partition("options")[0] + exchanged + "}" if line.startswith(f"  {slot}:") else line
            for line in lines
        ]
        return made("\n".join(own))["talk"]

    run = Rehearsal(before, a=("ann",), b=("bob",))
    assert isinstance(bring_along(run.session, before, relabelled("last")), Session)
    for asked, slot in (("first", "secret"), ("second", "mark")):
        found = bring_along(run.session, before, relabelled(slot))
        assert isinstance(found, Stays)
        assert (found.reason, found.name) == (Reason.STEP_OTHER, asked)
        run.picks("ann", "no")
        found = bring_along(run.session, before, relabelled(slot))
        assert isinstance(found, Stays)
        assert (found.reason, found.name) == (Reason.SLOT_OTHER, slot)


def test_who_was_not_asked_for_a_yes_yet_comes_along_to_its_new_words() -> None:
    run = begun()
    run.types("ann", "It was loud.")
    new = changed(("Ten minutes?", "An hour?"))
    assert brought(run.session, new)
    run.picks("ann", "share")
    assert kept(run.session, new) == (Reason.TERMS, "time")


def test_an_option_that_was_chosen_and_is_gone_keeps_the_session() -> None:
    run = in_lanes()
    new = changed(('{good: "Good", bad: "Bad"}', '{good: "Good", so: "So-so"}'))
    run.picks("ann", "good")
    assert brought(run.session, new)
    run.picks("bob", "bad")
    assert kept(run.session, new) == (Reason.OPTION_GONE, "mood")


def test_what_was_shared_keeps_the_name_under_which_its_grant_is_sealed() -> None:
    new = changed(("card", "note"), migrate="{1: {slots: {card: note}}}")
    assert brought(begun().session, new)
    granted = in_lanes().session
    assert kept(granted, new) == (Reason.TERMS, "share")
    before = replace(old(), terms={})
    found = bring_along(granted, before, replace(new, terms={}))
    assert isinstance(found, Stays)
    assert (found.reason, found.name) == (Reason.GRANTED, "card")
    ended = tuple(replace(grant, revoked=True) for grant in granted.grants)
    found = bring_along(replace(granted, grants=ended), before, replace(new, terms={}))
    assert isinstance(found, Session)
    assert found.grants == ()


def test_a_value_that_an_unopened_message_shows_keeps_its_name_until_it_is_opened() -> None:
    run = in_lanes()
    run.picks("ann", "good")
    new = changed(("mood", "feeling"), migrate="{1: {slots: {mood: feeling}}}")
    key = next(key for key in run.session.values if ".mood." in key)
    assert kept(run.session, new, [key]) == (Reason.ON_ITS_WAY, "mood")
    assert brought(run.session, new, ["0.card.ann"])


def test_peoples_own_words_are_never_dropped() -> None:
    run = begun()
    run.types("ann", "It was loud.")
    lean = made(
        """
flow: talk
version: 2
migrate: {1: {slots: {card: drop}}}
title: Talk
roles: {a: one, b: one}
lifetime: 2d
steps:
  - {id: over, say: "Over.", end: true}
"""
    )["talk"]
    nowhere = replace(run.session, frames=(replace(run.session.top, stage=None, lanes={}, trail=(), visits={}),))
    assert kept(nowhere, lean) == (Reason.SLOT_GONE, "card")


def test_two_slots_never_become_one() -> None:
    run = in_lanes()
    run.picks("ann", "good")
    run.picks("ann", "yes")
    same = changed(
        ('{good: "Good", bad: "Bad"}', '{good: "Good", bad: "Bad", yes: "Yes", no: "No"}'),
        ('options: {yes: "Yes", no: "No"}', 'options: {good: "Good", bad: "Bad", yes: "Yes", no: "No"}'),
        migrate="{1: {slots: {mood: rest}}}",
    )
    assert kept(run.session, same)[0] is Reason.SLOT_OTHER


def test_a_step_that_moved_to_somebody_elses_lane_keeps_who_stands_at_it() -> None:
    lanes = """
flow: talk
version: VERSION
title: Talk
roles: {a: one, b: one}
slots:
  x: {type: text, class: private, of: each}
  y: {type: text, class: private, of: each}
steps:
  - id: both
    lanes:
      a: [{id: one, ask: "One?", save: x}]
      b: [{id: two, ask: "Two?", save: y}]
    within: 24h
    expired: over
  - {id: over, end: true}
"""
    before = made(lanes.replace("VERSION", "1"))["talk"]
    crossed = lanes.replace("VERSION", "2\nmigrate: {1: {steps: {one: two, two: one}}}")
    swapped = crossed.replace("save: x", "save: z").replace("save: y", "save: x").replace("save: z", "save: y")
    after = made(swapped)["talk"]
    run = Rehearsal(before, a=("ann",), b=("bob",))
    found = bring_along(run.session, before, after)
    assert isinstance(found, Stays)
    assert (found.reason, found.name) == (Reason.STEP_OTHER, "one")


LISTED = """
flow: talk
version: 1
title: Talk
roles: {a: one, b: one}
slots:
  ideas: {type: list, class: draft, of: each, max: 100}
  mark: {type: choice, class: private, of: each, per: ideas, options: {works: "Works", no: "No"}}
  why: {type: text, class: draft, of: each}
steps:
  - id: collect
    lanes:
      - {id: write, ask: "Ideas? Both of you will see them.", save: ideas, shown_to: all}
    within: 24h
    expired: over
  - {id: show, reveal: ideas, say: "Here is what you wrote:\n{ideas}"}
  - id: mark_them
    lanes:
      - each: {idea: ideas}
        id: loop
        steps:
          - {id: judge, ask: "How is {idea}?", save: mark}
      - {id: reason, ask: "Why?", save: why, suggest: ["It is far", "It costs"]}
    within: 24h
    expired: over
  - {id: over, end: true}
"""


def listed(*changes: tuple[str, str], migrate: str = "{1: {}}") -> Flow:
    text = LISTED
    for before, after in changes:
        assert before in text, before
        text = text.replace(before, after)
    return made(text.replace("version: 1", f"version: 2\nmigrate: {migrate}"))["talk"]


def collected() -> Rehearsal:
    """Both have collected; both judge the first of three ideas."""
    run = Rehearsal(made(LISTED)["talk"], a=("ann",), b=("bob",))
    for person, idea in (("ann", "Walk"), ("ann", "Swim"), ("bob", "Sleep")):
        run.types(person, idea)
    for person in ("ann", "bob"):
        run.picks(person, "done")
    return run


def marking() -> Rehearsal:
    """Ann judges the second of three ideas."""
    run = collected()
    run.picks("ann", "works")
    return run


def moved(run: Rehearsal, new: Flow) -> Session | Stays:
    return bring_along(run.session, run.flow, new)


def test_a_loop_goes_on_with_the_item_at_hand_under_the_new_names() -> None:
    run = marking()
    place = run.session.top.lanes["a:ann"]
    assert len(place.items) == 3
    assert place.trail == (f"judge#{place.items[0]}",)
    plan = "{1: {steps: {loop: round, judge: weigh, mark_them: marks}, slots: {mark: sign}}}"
    renames = (("id: loop", "id: round"), ("id: judge", "id: weigh"), ("id: mark_them", "id: marks"))
    new = listed(*renames, ("  mark:", "  sign:"), ("save: mark", "save: sign"), migrate=plan)
    found = moved(run, new)
    assert isinstance(found, Session), found
    lane = found.top.lanes["a:ann"]
    assert (lane.step, lane.trail) == ("weigh", (f"weigh#{place.items[0]}",))
    assert (lane.items, lane.item) == (place.items, place.items[1])
    assert {key.split(".")[1] for key in found.values} == {"ideas", "sign"}
    run.flow, run.session = new, found
    run.picks("ann", "no")
    run.picks("ann", "works")
    assert run.heard("ann") == ["Why?"]
    run.signals("ann", Signal.BACK)
    assert run.session.top.lanes["a:ann"].step == "weigh"


OTHER_LIST = ("slots:\n", "slots:\n  more: {type: list, class: draft, of: each}\n")
LOOP = """\
      - each: {idea: ideas}
        id: loop
        steps:
          - {id: judge, ask: "How is {idea}?", save: mark}
"""
END = "    within: 24h\n    expired: over\n"
A_LOOP = "      - each: {idea: ideas}\n        id: loop\n        steps:\n          - {id: judge"

LOOPS: dict[str, tuple[tuple[Change, ...], tuple[Reason, str]]] = {
    "it goes through something else": (
        (OTHER_LIST, ("each: {idea: ideas}", "each: {idea: more}"), ("per: ideas", "per: more")),
        (Reason.STEP_OTHER, "loop"),
    ),
    "it leaves one's own out": (
        (("        id: loop\n", "        id: loop\n        others: true\n"),),
        (Reason.STEP_OTHER, "loop"),
    ),
    "the loop is gone from around it": (
        ((A_LOOP, "      - {id: judge"), ("How is {idea}?", "How is it?"), (", per: ideas", "")),
        (Reason.STEP_OTHER, "judge"),
    ),
    "the loop stands in another stage": (
        (
            (
                "  - id: mark_them\n    lanes:\n",
                f"  - id: other\n    lanes:\n{LOOP}{END}  - id: mark_them\n    lanes:\n",
            ),
            (f"    lanes:\n{LOOP}      - {{id: reason", "    lanes:\n      - {id: reason"),
        ),
        (Reason.STEP_OTHER, "judge"),
    ),
    "its words are signed now": (
        (("{type: list, class: draft, of: each,", "{type: list, class: draft, of: each, signed: true,"),),
        (Reason.SLOT_OTHER, "ideas"),
    ),
    "answering was a consent to other words": (
        (("Both of you will see them.", "You will both see them."),),
        (Reason.TERMS, "write"),
    ),
}


@pytest.mark.parametrize("what", LOOPS)
def test_a_session_stays_where_a_list_or_a_loop_is_another_one(what: str) -> None:
    changes, why = LOOPS[what]
    found = moved(collected(), listed(*changes))
    assert isinstance(found, Stays)
    assert (found.reason, found.name) == why


def test_what_was_said_of_items_stays_with_the_list_that_they_are_of() -> None:
    changes = ((A_LOOP, "      - {id: judge"), ("How is {idea}?", "How is it?"), (", per: ideas", ""))
    found = moved(marking(), listed(*changes))
    assert found == Stays(reason=Reason.SLOT_OTHER, flow="talk", name="mark")


def test_a_press_never_takes_on_other_words_than_the_button_said() -> None:
    run = marking()
    for answer in ("no", "works"):
        run.picks("ann", answer)
    assert run.session.top.lanes["a:ann"].step == "reason"
    other = moved(run, listed(('"It is far"', '"It is near"')))
    assert isinstance(other, Stays)
    assert (other.reason, other.name) == (Reason.STEP_OTHER, "reason")

    new = listed(("id: reason", "id: grounds"), migrate="{1: {steps: {reason: grounds}}}")
    found = moved(run, new)
    assert isinstance(found, Session)
    run.flow, run.session = new, found
    lane = found.top.lanes["a:ann"]
    run.happen(ChoicePicked(person="ann", lane=lane.key, entry=lane.entry, choice="=1"))
    assert found.values.keys() < run.session.values.keys()
    assert "It costs" in {value.data for value in run.session.values.values()}


def test_who_was_through_the_time_before_is_known_by_the_new_name_of_the_stage() -> None:
    once_more = LISTED.replace(
        "    within: 24h\n    expired: over\n  - {id: show",
        "    again: missing\n    within: 24h\n    expired: over\n  - {id: show",
    )
    before = made(once_more)["talk"]
    text = once_more.replace("id: collect", "id: gather")
    after = made(text.replace("version: 1", "version: 2\nmigrate: {1: {steps: {collect: gather}}}"))["talk"]
    run = Rehearsal(before, a=("ann",), b=("bob",))
    for person in ("ann", "bob"):
        run.types(person, "Walk")
        run.picks(person, "done")
    assert set(run.session.top.done) == {"collect"}
    found = bring_along(run.session, before, after)
    assert isinstance(found, Session)
    assert dict(found.top.done) == {"gather": run.session.top.done["collect"]}


KINDS = """
promise:
  of: pair
  title: "A promise"
  lasts: 8w
  fields: {will: {type: text, of: each, name: "I will"}}
  view: {command: promises, row: "{will}", empty: "Nothing is kept here yet."}
"""

AGREED = """
flow: talk
version: 1
title: Talk
roles: {a: one, b: one}
slots:
  will: {type: text, class: draft, of: each}
steps:
  - id: both
    lanes:
      - {id: ask, ask: "What will you do? Both of you will see it.", save: will, shown_to: all}
      - {id: sure, ask: "Anything else? Both of you will see it.", save: will, shown_to: all}
    within: 24h
    expired: over
  - {id: show, reveal: will, say: "{author}: {will}", next: over}
  - {id: over, end: true}
"""


def agreed(*changes: Change, kinds: str = KINDS) -> Flow:
    text = AGREED
    for before, after in changes:
        assert before in text, before
        text = text.replace(before, after)
    records = records_of(parse_source(kinds.encode(), "records.yaml"))
    one = compile_flow(parse_source(text.encode(), "test.yaml"), ACTIONS, records)
    return linked({"talk": one}, {})["talk"]


KEEPS = (
    '{author}: {will}", next: over',
    '{author}: {will}"}\n  - {id: kept, keep: promise, fields: {will: will}, next: over, missing: over',
)
SECOND = ("version: 1", "version: 2\nmigrate: {1: {}}")


def test_what_was_answered_is_kept_only_as_it_would_have_been_kept() -> None:
    plain, keeping = agreed(), agreed(KEEPS)
    run = Rehearsal(plain, a=("ann",), b=("bob",))
    later = agreed(KEEPS, SECOND)
    assert isinstance(bring_along(run.session, plain, later), Session), "nobody has answered yet"
    run.types("ann", "Call.")
    assert bring_along(run.session, plain, later) == Stays(reason=Reason.KEPT, flow="talk", name="kept")

    run = Rehearsal(keeping, a=("ann",), b=("bob",))
    run.types("ann", "Call.")
    assert isinstance(bring_along(run.session, keeping, later), Session), "it was kept in the same way before"
    longer = agreed(KEEPS, SECOND, kinds=KINDS.replace("8w", "52w"))
    assert bring_along(run.session, keeping, longer) == Stays(reason=Reason.KEPT, flow="talk", name="kept")


def test_every_part_of_a_sessions_place_is_thought_of() -> None:
    """A new field may be a place, or something that is held: bring_along has to know it, and this list."""
    assert [field.name for field in fields(Lane)] == [
        "role", "person", "status", "step", "entry", "phase", "trail", "back_to", "held", "items", "item",
    ]  # fmt: skip
    assert [field.name for field in fields(Frame)] == [
        "no", "flow", "roles", "stage", "entry", "due", "said", "lanes", "visits", "done", "trail", "back_to",
    ]  # fmt: skip
    assert [field.name for field in fields(Session)] == [
        "id", "flow", "revision", "unit", "place", "starter", "frames", "values", "members", "grants", "gone",
        "deciding", "answered", "entries", "expires_at", "frozen_at", "ended", "hidden", "record", "returned",
    ]  # fmt: skip
    assert set(LaneStatus) == {"waiting", "done", "closed"}
