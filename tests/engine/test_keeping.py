"""Keeping records and bringing them back: the engine's own rules, for flows that no check has looked at."""

from dataclasses import replace

import pytest

from bot.engine.effects import KeepRecord, KeptValue, Send
from bot.engine.events import Recalled, Signal, TimerDue
from bot.engine.faults import PrivacyBreach
from bot.engine.model import Flow, SlotClass
from bot.engine.session import Given
from tests.engine.rehearsal import Rehearsal, flow_of
from tests.flows.declared import kinds

HOUR, DAY, WEEK = 3_600_000, 86_400_000, 604_800_000


def for_two(steps: str, cls: str = "draft", of: str = "each") -> Flow:
    return flow_of(
        f"""\
        flow: two
        version: 1
        title: Two
        roles: {{a: one, b: one}}
        slots:
          will: {{type: text, class: {cls}, of: {of}}}
          length: {{type: duration, class: signal, of: all, options: {{20m: "20 minutes"}}}}
          until: {{type: instant, class: signal, of: all}}
        outcomes: {{long: {{when: "length", told: "What you chose counts."}}}}
        steps:
{steps}
          - {{id: end, say: "Done.", end: true}}
          - {{id: none, say: "Nothing.", end: true}}
        """,
        kinds(),
    )


WRITE = """\
          - id: write
            lanes:
              a:
                - {id: will_a, ask: "What?", save: will}
                - {id: grant_a, grant: will, to: b, ask: "Show it?", kept: closed}
              b:
                - {id: will_b, ask: "What?", save: will}
                - {id: grant_b, grant: will, to: a, ask: "Show it?", kept: closed}
          - {id: how, of: a, ask: "How long?", save: length}
"""
KEEP = "          - {id: rule, keep: rule, fields: {will: will, length: long}, missing: none}\n"


def written(flow: Flow) -> Rehearsal:
    run = Rehearsal(flow, a=("ann",), b=("bob",))
    for person, words in (("ann", "I walk."), ("bob", "I breathe.")):
        run.types(person, words)
        run.picks(person, "share")
    return run


def kept(run: Rehearsal) -> list[KeepRecord]:
    return [effect for effect in run.turn.effects if isinstance(effect, KeepRecord)]


# What both keep


def test_what_both_granted_is_kept_with_its_authors_and_revisions():
    run = written(for_two(WRITE + KEEP))
    run.picks("ann", str(20 * 60_000))

    assert kept(run) == [
        KeepRecord(
            kind="rule",
            owner="",
            key=(),
            latest=True,
            values={
                "will": (KeptValue(data="I walk.", author="ann"), KeptValue(data="I breathe.", author="bob")),
                "length": (KeptValue(data=20 * 60_000),),
            },
            until=run.now + 26 * WEEK,
        )
    ]
    assert run.heard("bob") == ["Done."]


def test_a_copy_carries_the_revision_of_the_wording_that_was_granted():
    flow = for_two(WRITE.replace("kept: closed", "change: will_a, kept: closed") + KEEP)
    run = Rehearsal(flow, a=("ann",), b=("bob",))
    run.types("ann", "I walk.")
    run.picks("ann", "change")
    run.types("ann", "I run.")
    run.picks("ann", "share")
    run.types("bob", "I breathe.")
    run.picks("bob", "share")
    run.picks("ann", str(20 * 60_000))

    assert kept(run)[0].values["will"][0] == KeptValue(data="I run.", author="ann", rev=2)


def test_words_that_were_not_granted_are_kept_for_nobody():
    flow = for_two('          - {id: write, of: each, ask: "What?", save: will}\n' + KEEP)
    run = Rehearsal(flow, a=("ann",), b=("bob",))
    run.types("ann", "I walk.")
    run.types("bob", "I breathe.")

    assert kept(run) == []
    assert run.heard("ann") == ["Nothing."]


def test_a_private_value_is_not_kept_whatever_was_granted():
    flow = for_two(WRITE + KEEP)
    slots = {**flow.slots, "will": replace(flow.slots["will"], cls=SlotClass.PRIVATE)}
    run = written(replace(flow, slots=slots))

    with pytest.raises(PrivacyBreach, match="'rule' would keep 'will' for both, which is private"):
        run.picks("ann", str(20 * 60_000))


def test_a_grant_of_an_earlier_wording_keeps_no_later_one():
    again = '          - {id: anew, of: a, ask: "What now?", save: will}\n'
    run = written(for_two(WRITE + again + KEEP))
    run.picks("ann", str(20 * 60_000))
    run.types("ann", "I run.")

    assert kept(run)[0].values["will"] == (KeptValue(data="I breathe.", author="bob"),)


def test_a_grant_to_oneself_alone_keeps_nothing_for_both():
    run = written(for_two(WRITE.replace("to: b", "to: a") + KEEP))
    run.picks("ann", str(20 * 60_000))

    assert kept(run)[0].values["will"] == (KeptValue(data="I breathe.", author="bob"),)


def test_when_somebody_has_left_nothing_is_kept_for_both():
    wait = "          - {id: pass, wait: 1h}\n"
    run = written(for_two(WRITE + wait + KEEP))
    run.picks("ann", str(20 * 60_000))
    run.signals("bob", Signal.STOP)
    run.now += HOUR
    run.happen(TimerDue(entry=run.session.top.entry))

    assert kept(run) == []
    assert run.heard("ann") == ["Nothing."]


def test_where_there_is_nothing_to_keep_the_way_is_another():
    skip = '          - {id: write, of: each, ask: "What?", save: will, optional: true}\n'
    run = Rehearsal(for_two(skip + KEEP), a=("ann",), b=("bob",))
    run.picks("ann", "skip")
    run.picks("bob", "skip")

    assert kept(run) == []
    assert run.heard("ann") == ["Nothing."]


# One's own


def own(steps: str) -> Flow:
    return flow_of(
        f"""\
        flow: own
        version: 1
        title: Own
        roles: {{me: one}}
        slots:
          words: {{type: text, class: private, given: note.words}}
          mood: {{type: choice, class: private, options: {{good: "Good"}}}}
          topic: {{type: choice, class: private, options: {{time: "Time", money: "Money"}}}}
          back: {{type: instant, class: signal, of: all}}
          length: {{type: duration, class: signal, of: all, options: {{1h: "An hour", 24h: "A day"}}}}
        steps:
{steps}
          - {{id: end, say: "You wrote {{words}}.", end: true}}
          - {{id: none, say: "Nothing.", end: true}}
        """,
        kinds(),
    )


def test_one_keeps_ones_own_private_words():
    run = Rehearsal(
        own(
            '          - {id: ask, ask: "What?", save: words}\n'
            "          - {id: note, keep: note, fields: {words: words, mood: mood}}\n"
        ),
        me=("ann",),
    )
    run.types("ann", "It was good.")

    (effect,) = kept(run)
    assert (effect.owner, effect.values) == ("ann", {"words": (KeptValue(data="It was good.", author="ann"),)})


def test_somebody_elses_words_are_in_nobodys_own_record():
    flow = for_two(
        """\
          - id: write
            lanes:
              a:
                - {id: will_a, ask: "What?", save: will}
              b:
                - {id: how, ask: "How long?", save: length}
                - {id: note, keep: note, fields: {words: will}}
""",
        "private",
        "a",
    )
    run = Rehearsal(flow, a=("ann",), b=("bob",))
    run.types("ann", "I walk.")

    with pytest.raises(PrivacyBreach, match="somebody else's 'will'"):
        run.picks("bob", str(20 * 60_000))


def test_a_record_of_one_person_needs_that_person():
    flow = for_two("          - {id: note, keep: note, fields: {words: will}}\n")

    with pytest.raises(PrivacyBreach, match="there are several"):
        Rehearsal(flow, a=("ann",), b=("bob",))


def test_what_is_never_kept_is_in_nobodys_own_record():
    flow = own("          - {id: note, keep: note, fields: {words: words}}\n")
    slots = {**flow.slots, "words": replace(flow.slots["words"], cls=SlotClass.EPHEMERAL)}
    recalled = (Recalled(slot="words", data="It was good.", author="ann"),)

    with pytest.raises(PrivacyBreach, match="no record holds it"):
        Rehearsal(replace(flow, slots=slots), recalled=recalled, me=("ann",))


def test_a_key_is_part_of_what_is_kept_and_nothing_is_kept_without_it():
    steps = (
        '          - {id: topic, ask: "Which?", save: topic, optional: true}\n'
        '          - {id: ask, ask: "What?", save: words}\n'
        "          - {id: level, keep: level, fields: {topic: topic, words: words}, missing: none}\n"
    )
    run = Rehearsal(own(steps), me=("ann",))
    run.picks("ann", "money")
    run.types("ann", "The rent.")
    assert [(effect.key, effect.latest) for effect in kept(run)] == [(("money",), True)]

    run = Rehearsal(own(steps), me=("ann",))
    run.picks("ann", "skip")
    run.types("ann", "The rent.")
    assert kept(run) == []
    assert run.heard("ann") == ["Nothing."]


@pytest.mark.parametrize(
    ("until", "lasts"), [("now + hours(3)", 3 * HOUR), ("now + days(400)", 4 * WEEK), ("back", 4 * WEEK)]
)
def test_a_record_ends_when_the_step_says_and_never_later_than_its_kind(until: str, lasts: int):
    steps = (
        '          - {id: ask, ask: "What?", save: words}\n'
        f'          - {{id: note, keep: note, fields: {{words: words}}, until: "{until}"}}\n'
    )
    run = Rehearsal(own(steps), me=("ann",))
    run.types("ann", "It was good.")

    assert [effect.until - run.now for effect in kept(run)] == [lasts]


def test_a_record_that_would_be_over_is_not_kept():
    steps = (
        '          - {id: now, set: {back: "now"}}\n'
        '          - {id: ask, ask: "What?", save: words}\n'
        "          - {id: note, keep: note, fields: {words: words}, until: back, missing: none}\n"
    )
    run = Rehearsal(own(steps), me=("ann",))
    run.types("ann", "It was good.")

    assert kept(run) == []
    assert run.heard("ann") == ["Nothing."]


# What comes back


def test_a_records_words_come_back_to_their_author():
    recalled = (Recalled(slot="words", data="It was good.", author="ann"),)
    run = Rehearsal(own(""), recalled=recalled, me=("ann",))

    assert run.heard("ann") == ["You wrote It was good.."]


def test_what_comes_with_the_start_goes_before_what_was_kept():
    recalled = (Recalled(slot="words", data="It was good.", author="ann"),)
    given = {"words": Given(data="It is new", author="ann")}
    run = Rehearsal(own(""), recalled=recalled, given=given, me=("ann",))

    assert run.heard("ann") == ["You wrote It is new."]


@pytest.mark.parametrize(("slot", "author"), [("words", "bob"), ("words", ""), ("mood", "ann")])
def test_what_was_kept_comes_back_to_nobody_else_and_into_no_other_slot(slot: str, author: str):
    with pytest.raises(PrivacyBreach, match="would get a record's words"):
        Rehearsal(own(""), recalled=(Recalled(slot=slot, data="good", author=author),), me=("ann",))


# Nudges


def nudges(run: Rehearsal, person: str) -> list[bool]:
    return [effect.nudge for effect in run.turn.effects if isinstance(effect, Send) and effect.to == person]


def test_what_comes_by_itself_in_a_flow_for_one_is_a_nudge_where_the_flow_says_so():
    steps = (
        '          - {id: ask, ask: "What?", save: words}\n'
        "          - {id: pass, wait: 1h}\n"
        '          - {id: line, say: "You asked me to come back.", nudge: true}\n'
        '          - {id: once, ask: "What now?", save: words, nudge: true}\n'
    )
    run = Rehearsal(own(steps), me=("ann",))
    run.types("ann", "I walk.")
    run.now += HOUR
    run.happen(TimerDue(entry=run.session.top.entry))

    assert nudges(run, "ann") == [True, True]
    run.types("ann", "I run.")
    assert nudges(run, "ann") == [False]


def test_nobody_is_nudged_where_somebody_else_is():
    steps = """\
          - {id: pass, wait: 1h}
          - {id: line, say: "Somebody waits.", to: b, nudge: true}
          - {id: once, of: b, ask: "What now?", save: will, nudge: true}
"""
    run = Rehearsal(for_two(steps), a=("ann",), b=("bob",))
    run.signals("ann", Signal.STOP)
    run.now += HOUR
    run.happen(TimerDue(entry=run.session.top.entry))

    assert nudges(run, "bob") == [False, False]


# Lists, loops and outcomes

LISTS = """\
  flow: lists
  version: 1
  title: Lists
  roles: {a: one, b: one}
  slots:
    ideas: {type: list, class: draft, of: each, most: 2}
    mark: {type: choice, class: private, of: each, per: ideas, options: {works: "Works", refused: "Not for me"}}
    topics: {type: choices, class: private, of: each, options: {time: "Time", money: "Money"}}
    how: {type: choice, class: private, of: each, per: topics, options: {good: "Good", bad: "Bad"}}
    weeks: {type: number, class: private, of: each}
  outcomes:
    left: {select: ideas, where: "none(mark == 'refused')", told: "What either refuses is left out."}
    fewest: {is: "least(weeks)", told: "The shorter one counts."}
    pace: {cases: [{when: "any(weeks > 4)", is: slow}, {else: fast}], told: "If it is long, it is slow."}
  steps:
    - id: write
      lanes:
        - {id: idea, ask: "Ideas?", save: ideas, shown_to: all}
        - {id: weeks, ask: "Weeks?", save: weeks}
    - {id: show, reveal: ideas, say: "{ideas}"}
    - id: weigh
      lanes:
        - {id: marks, each: {idea_at_hand: ideas}, steps: [{id: m, ask: "{idea_at_hand}", save: mark}]}
        - {id: topics, ask: "Topics?", save: topics}
        - id: topic
          each: {topic: topics}
          steps:
            - {id: how, ask: "{topic}?", save: how}
            - {id: level, keep: level, fields: {topic: topic, how: how}}
    - {id: plan, keep: plan, fields: {ideas: left, all: ideas, weeks: fewest, pace: pace}}
    - {id: end, end: true}
"""


def lists() -> Rehearsal:
    """Both have written ideas, seen them, and are about to weigh them."""
    run = Rehearsal(flow_of(LISTS, kinds()), a=("ann",), b=("bob",))
    for person, ideas, weeks in (("ann", ("walk", "sing"), "6"), ("bob", ("rest",), "2")):
        for idea in ideas:
            run.types(person, idea)
        if len(ideas) == 1:
            run.picks(person, "done")
        run.types(person, weeks)
    return run


def test_lists_items_and_what_outcomes_come_to_are_kept_each_item_with_its_author():
    run = lists()
    for person, marks in (("ann", ("works", "refused", "works")), ("bob", ("works", "works", "works"))):
        for mark in marks:
            run.picks(person, mark)
        run.picks(person, "money")
        run.picks(person, "done")
        run.picks(person, "bad")

    plan = next(effect for effect in kept(run) if effect.kind == "plan")
    everything = {(value.data, value.author) for value in plan.values["all"]}
    assert everything == {("walk", "ann"), ("sing", "ann"), ("rest", "bob")}
    assert len(plan.values["ideas"]) == 2
    assert set(plan.values["ideas"]) < set(plan.values["all"])
    assert (plan.values["weeks"], plan.values["pace"]) == ((KeptValue(data=2),), (KeptValue(data="slow"),))


def test_in_a_loop_a_record_is_kept_for_each_item_under_its_own_key():
    run = lists()
    for _ in range(3):
        run.picks("ann", "works")
    run.picks("ann", "money")
    run.picks("ann", "time")
    seen: list[tuple[object, ...]] = []
    for choice in ("bad", "good"):
        run.picks("ann", choice)
        seen += [(effect.owner, effect.key, effect.values["how"][0].data) for effect in kept(run)]

    assert seen == [("ann", ("money",), "bad"), ("ann", ("time",), "good")]


def test_a_list_that_was_taken_back_and_confirmed_again_is_granted_again():
    run = Rehearsal(flow_of(LISTS, kinds()), a=("ann",), b=("bob",))
    run.types("ann", "walk")
    run.picks("ann", "done")
    run.signals("ann", Signal.BACK)
    assert run.session.grants == ()

    run.picks("ann", "done")
    assert [grant.author for grant in run.session.grants] == ["ann"]
