"""Records: who reads them, that either of a pair ends theirs at once, how long they last, and what draws on them."""

from collections.abc import AsyncGenerator
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from bot.conversation.ids import Ids
from bot.conversation.keeping import keep_record, recall
from bot.conversation.ledger import Ledger, Loaded
from bot.conversation.record import Record, Shared, readers_of
from bot.conversation.retention import SWEPT_EVERY
from bot.conversation.scene import Scene
from bot.conversation.units import Pair, Person, UnitState
from bot.conversation.wording import NotReadable, Reading, render
from bot.engine.effects import PHRASES, KeepRecord, KeptValue, RecordRef, Text
from bot.engine.faults import PrivacyBreach
from bot.engine.session import Composed, ComposedPart, Frame, Session
from bot.flows.library import Library
from tests.conversation.world import DAY, HOUR, MINUTE, Heard, World, new_world, rehearsed
from tests.engine.rehearsal import flow_of
from tests.flows.declared import kinds
from tests.sealed import Stored

WEEK = 7 * DAY
ALEX_WILL, SAM_WILL = "I will go round the block.", "I will sit in the garden."


@pytest.fixture
async def world() -> AsyncGenerator[World]:
    """Alex, Sam and Kim; Alex is in a pair with each of the others."""
    found = await new_world("alex", "sam", "kim", library=rehearsed())
    await found.pair("alex", "sam")
    await found.pair("alex", "kim")
    yield found
    found.close()


async def agree(world: World, *, with_: str = "Sam", length: str = "30 minutes") -> None:
    """Let Alex and somebody keep a pause rule."""
    other = with_.lower()
    await world.answer("alex", "/our_rule", f"[{with_}]", f"[{length}]", ALEX_WILL, "[Share]")
    await world.answer(other, "[Open]", f"[{length}]", SAM_WILL, "[Share]", "[Yes]")
    await world.press("alex", "Yes")
    for name in ("alex", other):
        world.news(name)


def of(heard: list[Heard], view: str) -> list[str]:
    return [one.text for one in heard if one.view == view]


def stored(world: World) -> list[Record]:
    """The records that the database holds."""
    return Stored(world.database).records()


# Who reads what


async def test_a_pairs_record_is_shown_to_its_two_alone_each_persons_words_under_their_name(world: World):
    await agree(world)

    for name in ("alex", "sam"):
        (shown,) = of(await world.say(name, "/rules"), name)
        assert shown.endswith(
            "Our pause rule\n\nA pause lasts 30 minutes.\n\n"
            f"What each of you will do:\nAlex: {ALEX_WILL}\nSam: {SAM_WILL}\n\n"
            "Kept on Monday 2 March. It ends on Monday 31 August at the latest."
        )
    assert of(await world.say("kim", "/rules"), "kim") == ["Nothing is kept here yet."]


async def test_whoever_is_in_two_pairs_is_told_with_whom_each_record_is(world: World):
    await agree(world)
    await agree(world, with_="Kim", length="Two hours")

    shown = of(await world.say("alex", "/rules"), "alex")
    assert [text.split("\n")[0] for text in shown] == ["With Sam:", "With Kim:"]
    (kims,) = of(await world.say("kim", "/rules"), "kim")
    assert "2 hours" in kims
    assert "Sam" not in kims


async def test_records_are_shown_in_ones_own_chat_only(world: World):
    await world.room("den", "alex", "sam")
    await agree(world)

    heard = await world.say("alex", "/rules", "den")
    assert [(one.view, one.text) for one in heard] == [("alex@den", "I answer that in your own chat.")]


async def test_what_was_ended_before_it_was_sent_is_not_sent(world: World):
    await agree(world)
    world.platform.refuses = {"alex"}
    with capture_logs():
        await world.say("alex", "/rules")
    await world.answer("sam", "/rules", "[End it now]", "[End it now]")

    world.platform.refuses = set()
    await world.travel(MINUTE)
    assert not any(SAM_WILL in text for text in world.news("alex"))


async def test_what_a_pair_kept_is_read_by_nobody_once_it_is_no_pair(world: World):
    await agree(world)
    world.platform.refuses = {"alex"}
    with capture_logs():
        await world.say("alex", "/rules")
    kept = Stored(world.database)
    for pair in (pair for pair in kept.pairs() if pair.consents):
        kept.put(replace(pair, active=False))

    world.platform.refuses = set()
    await world.travel(MINUTE)
    assert not any(SAM_WILL in text for text in world.news("alex"))
    assert of(await world.say("sam", "/rules"), "sam") == ["Nothing is kept here yet."]


# What is kept


async def test_a_record_holds_each_value_with_its_author_and_no_more_than_was_kept(world: World):
    await agree(world)

    (record,) = stored(world)
    people = {author: name for name in ("alex", "sam") for author in [_id(world, name)]}
    assert record.kind == "pause_rule"
    assert {
        field: [(people.get(value.author, ""), value.data) for value in values]
        for field, values in record.values.items()
    } == {
        "will": [("alex", ALEX_WILL), ("sam", SAM_WILL)],
        "length": [("", 30 * MINUTE)],
    }


def _id(world: World, name: str) -> str:
    return next(person.id for person in Stored(world.database).people() if person.account == name)


async def test_a_new_rule_takes_the_place_of_the_old_one_which_is_gone_for_good(world: World):
    await agree(world)
    await agree(world, length="Two hours")

    (shown,) = of(await world.say("sam", "/rules"), "sam")
    assert "2 hours" in shown
    assert len(stored(world)) == 1


async def test_one_topic_does_not_take_the_place_of_another(world: World):
    for topic, words in (("Money", "It worries me."), ("Time together", "It is good."), ("Money", "It is better.")):
        await world.answer("sam", "/rest_it", "[An hour]", "[I listen]", f"[{topic}]", words, "stop")
        await world.travel(8 * DAY)
    shown = of(await world.say("sam", "/levels"), "sam")

    assert [text.split("\n\n")[1] for text in shown] == ["Money: It is better.", "Time together: It is good."]


async def test_many_stand_side_by_side_and_older_ones_are_shown_on_request(world: World):
    for number in range(7):
        await world.answer("sam", "/win", f"Good thing {number}", "[Skip]", "[A small one]")
        await world.travel(MINUTE)

    first = of(await world.say("sam", "/wins"), "sam")
    assert [text.split("\n")[2] for text in first[:-1]] == [f"Good thing {n} (A small one)" for n in (6, 5, 4, 3, 2)]
    assert first[-1] == "There are older ones."
    more = of(await world.press("sam", "Show more"), "sam")
    assert [text.split("\n")[2] for text in more if "Good" in text] == [
        f"Good thing {n} (A small one)" for n in (1, 0)
    ]


# How it ends


async def test_either_ends_it_at_once_and_the_other_gets_one_neutral_note_by_day(world: World):
    await agree(world)
    await world.travel(5 * HOUR)  # 23:00
    await world.answer("sam", "/rules", "[End it now]")
    heard = await world.press("sam", "End it now")
    assert of(heard, "sam") == ["'Our pause rule' has ended. No reason is needed."]
    assert of(heard, "alex") == []
    assert of(await world.say("alex", "/rules"), "alex") == ["Nothing is kept here yet."]

    morning = await world.travel(10 * HOUR)
    assert of(morning, "alex") == ["I have a note for you when you want it."]
    assert [one.at for one in morning if one.view == "alex"] == [world.clock.now() - HOUR]
    opened = of(await world.press("alex", "Open"), "alex")
    assert opened == ["With Sam:\n\n'Our pause rule' has ended. No reason is needed."]
    assert of(await world.travel(WEEK), "alex") == []


async def test_it_ends_once_however_often_and_by_whom_it_is_ended(world: World):
    await agree(world)
    await world.answer("sam", "/rules", "[End it now]")
    await world.answer("alex", "/rules", "[End it now]")
    await world.press("sam", "End it now")

    assert of(await world.press("alex", "End it now", nth=2), "alex")[0] == "That one is no longer there."
    assert of(await world.press("sam", "End it now", nth=2), "sam") == ["That one is no longer there."]
    notes = [one.view for one in world.platform.heard if one.text == "I have a note for you when you want it."]
    await world.travel(DAY)
    assert notes == [
        one.view for one in world.platform.heard if one.text == "I have a note for you when you want it."
    ]


async def test_nothing_ends_without_a_second_tap(world: World):
    await agree(world)
    await world.answer("sam", "/rules", "[End it now]")
    before = len(world.platform.retired)
    await world.press("sam", "Leave it")
    assert len(world.platform.retired) == before + 1

    (shown,) = of(await world.say("sam", "/rules"), "sam")
    assert SAM_WILL in shown


async def test_a_pause_does_not_hold_the_ending(world: World):
    await agree(world)
    await world.answer("alex", "/pause", "[Sam]")
    await world.answer("sam", "/rules", "[End it now]", "[End it now]")

    heard = await world.say("alex", "/open")
    assert "With Sam:\n\n'Our pause rule' has ended. No reason is needed." in of(heard, "alex")


async def test_nobody_ends_what_is_not_theirs(world: World):
    await agree(world)
    await world.say("sam", "/rules")
    token = world.stage.offered("sam")[-1].message.buttons[0].token
    kept = Stored(world.database)
    prompt = next(prompt for prompt in kept.prompts() if prompt.token in token)
    assert prompt.person == _id(world, "sam")
    kept.put(replace(prompt, person=_id(world, "kim")))
    await world.say("kim", "/help")
    views = world.platform.views
    views.of("kim").seen.append(views.of("sam").seen[-1])

    assert of(await world.press("kim", "End it now"), "kim") == ["That one is no longer there."]
    assert len(stored(world)) == 1


async def test_ones_own_record_is_removed_for_good(world: World):
    await world.answer("sam", "/win", "A good thing", "[Skip]", "[A small one]")
    await world.answer("sam", "/wins", "[Remove it]")
    assert of(await world.press("sam", "Remove it"), "sam") == ["Removed."]

    assert stored(world) == []
    assert of(await world.press("sam", "Remove it", nth=2), "sam") == ["That one is no longer there."]


async def test_a_record_ends_by_itself_and_is_deleted_a_month_later(world: World):
    await agree(world)
    await world.travel(26 * WEEK - HOUR)
    assert SAM_WILL in of(await world.say("sam", "/rules"), "sam")[0]
    await world.travel(HOUR)
    assert of(await world.say("sam", "/rules"), "sam") == ["Nothing is kept here yet."]
    assert len(stored(world)) == 1

    await world.travel(30 * DAY - HOUR)
    assert len(stored(world)) == 1
    await world.travel(HOUR)
    assert stored(world) == []


async def test_a_record_that_was_ended_is_deleted_a_month_later(world: World):
    await agree(world)
    await world.answer("sam", "/rules", "[End it now]", "[End it now]")
    await world.travel(30 * DAY - MINUTE)
    assert len(stored(world)) == 1
    await world.travel(SWEPT_EVERY)
    assert stored(world) == []


# How it is worded


def worded(record: Record, field: str, zone: str = "") -> str:
    ref = RecordRef(unit=record.unit, kind=record.kind, record=record.id, field=field)
    reading = Reading(
        library=rehearsed(),
        reader="ann",
        zone=zone,
        session=None,
        names={"ann": "Ann", "bob": "Bob"},
        now=0,
        records={record.place: record},
    )
    told = Text(flow=PHRASES, key="value.own", args={"value": ref})
    return "".join(span.text for span in render(told, reading))


def test_a_text_that_was_composed_is_worded_by_the_sentences_of_its_flow():
    part = ComposedPart(key="build.parts.1", args={"feeling": "tired", "need": "rest"})
    words = KeptValue(data=Composed(flow="say_it", parts=(part,)), author="ann")
    win = replace(RULE, kind="win", values={"words": (words,)})

    assert worded(win, "words") == "I felt tired. What matters to me: rest."
    assert worded(win, "size") == "(nothing yet)"


def test_what_a_reader_may_not_read_or_no_kind_has_is_not_worded():
    with pytest.raises(NotReadable):
        worded(replace(RULE, kind="win"), "nothing")
    with pytest.raises(NotReadable):
        worded(replace(RULE, kind="no such kind"), "words")


def test_a_day_is_the_readers_own():
    late = str(1_772_494_200_000)  # 2026-03-02, 23:30 UTC
    day = Text(flow=PHRASES, key="day", args={"at": late})

    def told(zone: str) -> str:
        reading = Reading(library=rehearsed(), reader="ann", zone=zone, session=None, names={}, now=1_772_494_200_000)
        return "".join(span.text for span in render(day, reading))

    assert (told("Europe/Madrid"), told("America/Lima"), told("")) == (
        "Tuesday 3 March",
        "Monday 2 March",
        "Monday 2 March",
    )


# What draws on it


@pytest.mark.parametrize(("written", "lasts"), [("/pause", 30), ("/pause 45m", 45)])
async def test_a_pause_lasts_as_the_two_have_agreed_unless_a_length_is_named(world: World, written: str, lasts: int):
    await agree(world)
    await world.answer("sam", written)

    (pause,) = [session for session in await world.sessions() if session.flow == "pause"]
    back_at = next(value.data for key, value in pause.values.items() if ".back_at." in key)
    assert back_at == world.clock.now() + lasts * MINUTE


async def test_the_rule_of_two_does_not_count_in_a_room_of_more(world: World):
    await world.room("den", "alex", "sam")
    await world.room("trio", "alex", "sam", "kim")
    await agree(world)

    assert any("in 30 minutes" in text for text in of(await world.say("sam", "/pause", "den"), "den"))
    assert any("in 20 minutes" in text for text in of(await world.say("sam", "/pause", "trio"), "trio"))


async def test_a_rule_that_was_ended_counts_no_more(world: World):
    await agree(world)
    await world.answer("sam", "/rules", "[End it now]", "[End it now]")

    await world.say("sam", "/pause")
    (pause,) = [session for session in await world.sessions() if session.flow == "pause"]
    assert next(v.data for k, v in pause.values.items() if ".back_at." in k) == world.clock.now() + 20 * MINUTE


async def test_what_was_kept_comes_back_to_its_author_alone(world: World):
    await agree(world)
    await world.answer("sam", "/win", "Sam sang", "[Skip]", "[A small one]")
    await world.answer("alex", "/win", "Alex danced", "[Skip]", "[A small one]")

    heard = await world.answer("alex", "/look_back", "[Sam]")
    assert of(heard, "alex")[-1].endswith(
        f"Your part of 30 minutes: – {ALEX_WILL}. Your last win: Alex danced. Does it fit?"
    )
    await world.travel(HOUR)
    opened = of(await world.press("sam", "Open"), "sam")
    assert opened[-1].endswith(f"Your part of 30 minutes: – {SAM_WILL}. Your last win: Sam sang. Does it fit?")


async def test_nothing_of_one_pair_comes_back_in_another(world: World):
    await agree(world)

    heard = await world.answer("alex", "/look_back", "[Kim]")
    assert of(heard, "alex")[-1].endswith(
        "Your part of (nothing yet): (nothing yet). Your last win: (nothing yet). Does it fit?"
    )


async def test_what_fits_a_slot_no_more_does_not_come_back(world: World):
    await agree(world)
    kept = Stored(world.database)
    (record,) = kept.records()
    (length,) = record.values["length"]
    for millis in (19 * MINUTE, 25 * HOUR):
        kept.put(replace(record, values={**record.values, "length": (replace(length, data=millis),)}))
        await world.say("sam", "/pause")
        pause = [session for session in await world.sessions() if session.flow == "pause"][-1]
        assert next(v.data for k, v in pause.values.items() if ".back_at." in k) == world.clock.now() + 20 * MINUTE
        await world.travel(3 * HOUR)


# The host's own rules, for what no flow that was checked asks for


def scene_with(*units: Person | Pair) -> Scene:
    loaded = Loaded()
    loaded.units = {unit.id: UnitState(unit=unit, version=1) for unit in units}
    loaded.records = {(unit.id, "rule"): [] for unit in units}
    ids = Ids(b"secret", "event")
    return Scene(library=Library({}, {}), ledger=Ledger(loaded), ids=ids, direct_ids=ids, now=100, memory={})


def person(name: str) -> Person:
    return Person(id=name, platform="terminal", account=name, name=name)


def session_of(unit: str, *people: str) -> Session:
    frame = Frame(no=0, flow="two", roles={f"role_{n}": (name,) for n, name in enumerate(people)})
    return Session(
        id="s",
        flow="two",
        revision="r",
        unit=unit,
        place=None,
        starter=people[0],
        frames=(frame,),
        values={},
        members={},
    )


def keeping(owner: str, *authors: str) -> KeepRecord:
    values = {"will": tuple(KeptValue(data="words", author=author) for author in authors)}
    return KeepRecord(kind="rule", owner=owner, key=(), latest=True, values=values, until=900)


TWO = Pair(id="two", members=("ann", "bob"), active=True)

RULE = Record(
    unit="two",
    kind="rule",
    id="r",
    key=(),
    values={
        "will": (KeptValue(data="I walk.", author="ann", rev=3), KeptValue(data="I breathe.", author="bob")),
        "length": (KeptValue(data=DAY),),
        "way": (KeptValue(data="talk"),),
    },
    at=5,
    until=900,
    flow="two",
    revision="r",
)

DRAWS = """\
flow: draws
version: 1
title: Draws
roles: {a: one, b: one}
slots:
  every: {type: text, class: draft, of: each, given: rule.will}
  of_a: {type: text, class: draft, of: a, given: rule.will}
  length: {type: duration, class: signal, of: all, max: 2d, given: rule.length}
  short: {type: duration, class: signal, of: all, max: 1h, given: rule.length}
  way: {type: choice, class: signal, of: all, options: {rest: "Rest"}, given: rule.way}
  plain: {type: text, class: draft, of: each, given: true}
steps:
  - {id: end, end: true}
"""


def recalled(pair: Pair, *people: str, record: Record = RULE) -> set[tuple[str, object, str]]:
    flow = flow_of(DRAWS, kinds())
    scene = replace(scene_with(pair, *map(person, people)), library=Library({}, {}, kinds()))
    scene.ledger.put_record(record)
    session = replace(
        session_of(pair.id, *people),
        frames=(Frame(no=0, flow="draws", roles={"a": people[:1], "b": people[1:]}),),
    )
    return {(one.slot, one.data, one.author) for one in recall(scene, flow, session, None)}


def test_a_record_gives_each_slot_what_is_its_owners_and_fits():
    assert recalled(TWO, "ann", "bob") == {
        ("every", "I walk.", "ann"),
        ("every", "I breathe.", "bob"),
        ("of_a", "I walk.", "ann"),
        ("length", DAY, ""),
    }


def test_a_record_gives_nothing_to_a_session_in_which_somebody_else_is_or_once_it_is_over():
    assert recalled(TWO, "ann", "cat") == set()
    assert recalled(replace(TWO, active=False), "ann", "bob") == set()
    assert recalled(TWO, "ann", "bob", record=replace(RULE, until=100)) == set()
    assert recalled(TWO, "ann", "bob", record=replace(RULE, ended_at=99)) == set()


@pytest.mark.parametrize(
    ("unit", "people", "effect"),
    [
        (TWO, ("ann", "bob"), keeping("", "ann", "cat")),
        (TWO, ("ann", "cat"), keeping("", "ann")),
        (replace(TWO, active=False), ("ann", "bob"), keeping("", "ann")),
        (person("ann"), ("ann",), keeping("", "bob")),
        (TWO, ("ann", "bob"), keeping("ann", "bob")),
        (TWO, ("ann", "bob"), keeping("cat", "cat")),
    ],
    ids=["a stranger's words", "a stranger", "no pair any more", "nobody's", "another's words", "not in it"],
)
def test_nothing_is_kept_where_not_all_of_it_may_be_read(
    unit: Person | Pair, people: tuple[str, ...], effect: KeepRecord
):
    scene = scene_with(unit, *(person(name) for name in ("ann", "bob", "cat") if name != unit.id))
    with pytest.raises(PrivacyBreach, match="where not all of it may be read"):
        keep_record(scene, session_of(unit.id, *people), effect)
    assert scene.ledger.changes("event", 100).records == ()


def test_who_may_read_a_record_hangs_on_whose_it_is_and_on_the_time():
    record = Record(
        unit="ann",
        kind="comfort",
        id="r",
        key=(),
        values={},
        at=0,
        until=900,
        flow="f",
        revision="r",
        shared=(Shared(to="bob", until=500),),
    )

    assert readers_of(record, person("ann"), 100) == {"ann", "bob"}
    assert readers_of(record, person("ann"), 500) == {"ann"}
    assert readers_of(record, person("ann"), 900) == frozenset()
    assert readers_of(replace(record, ended_at=50), person("ann"), 100) == frozenset()
    assert readers_of(record, TWO, 100) == {"ann", "bob"}
    assert readers_of(record, replace(TWO, active=False), 100) == frozenset()
