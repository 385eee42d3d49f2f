"""Sessions go by the revision in which they began: for words, for kept drafts, after a start with other flows."""

import sqlite3
import zlib
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import pytest
from structlog.testing import capture_logs

from bot.conversation.opening import open_conversation
from bot.conversation.ports import Changes as Written
from bot.conversation.ports import Store, Transaction
from bot.conversation.versions import Fate, survey
from bot.flows.library import Library
from bot.flows.problems import FlowInvalid
from bot.flows.transcript import Declare
from tests.conversation.changing import GONE, changed, unchanged, with_spanish
from tests.conversation.in_memory import open_in_memory
from tests.conversation.population import people, running
from tests.conversation.world import DAY, HOUR, MINUTE, World, new_world
from tests.sealed import Stored

CARD = "It was very late."


def other_words(folder: Path, flow: str, before: str, after: str) -> Library:
    return changed(folder, {flow: ((before, after),)})


async def shared_card() -> World:
    """Alex shared a card with Sam, who was told that something waits."""
    world = await new_world("alex", "sam", library=unchanged())
    await world.pair("alex", "sam")
    await world.answer("alex", "/hear_it_back", CARD, "[Share]")
    return world


def revisions_in(world: World) -> set[str]:
    return {str(row[0]) for row in world.database.execute("SELECT revision FROM flow_revision")}


# Words


async def test_a_running_conversation_ends_in_the_words_in_which_it_began_and_a_new_one_begins_in_the_new(
    tmp_path: Path,
):
    world = await shared_card()
    await world.change_flows(
        other_words(tmp_path, "hear_it_back", "Do you have ten quiet minutes?", "Is this a good time?")
    )
    heard = await world.answer("sam", "[Open]")
    assert "Do you have ten quiet minutes?" in heard[-1].text

    await world.answer("sam", "/hear_it_back", "My side.", "[Share]")
    heard = await world.answer("alex", "/open")
    assert "Is this a good time?" in heard[-1].text
    world.close()


async def test_a_sentence_that_changes_in_one_language_waits_for_those_who_are_in_the_flow(tmp_path: Path):
    world = await new_world(library=with_spanish(tmp_path))
    await world.play(Declare(number=0, name="sam", zone="UTC", locale="es"))
    await world.answer("sam", "/say_it", "Era tarde.")
    await world.change_flows(with_spanish(tmp_path, "¿Qué sentiste?", "¿Qué sentías?"))
    assert "¿Qué sentiste?" in (await world.say("sam", "/open"))[-1].text
    await world.play(Declare(number=0, name="lea", zone="UTC", locale="es"))
    assert "¿Qué sentías?" in (await world.answer("lea", "/say_it", "Era tarde."))[-1].text
    world.close()


async def test_a_label_of_an_old_question_can_be_written_and_pressed(tmp_path: Path):
    world = await new_world("alex", library=unchanged())
    await world.answer("alex", "/say_it", CARD)
    await world.change_flows(other_words(tmp_path, "say_it", '"on edge"', '"edgy"'))
    assert "What did you need" in (await world.say("alex", "on edge"))[-1].text
    assert "What did you feel" in (await world.say("alex", "back"))[-1].text
    assert "What did you need" in (await world.press("alex", "on edge"))[-1].text
    world.close()


DECLARED = "version: 2\nmigrate: {1: {}}"


async def test_what_was_said_before_stays_in_its_words_when_its_session_comes_along(tmp_path: Path):
    """A message that waits behind an [Open] shows what was said when it was said; a question is asked anew."""
    world = await shared_card()
    await world.travel(HOUR)
    await world.answer("sam", "[Open]", "[Yes]", "You were tired.", "[Share]")
    await world.answer("alex", "[Open]")
    await world.travel(HOUR)
    await world.answer("alex", "[Yes, that's it]")
    changes = (
        ("version: 1", DECLARED),
        ("That's it: heard.", "Newly: heard."),
        ('ask: "If you like: ', 'ask: "Newly, if you like: '),
    )
    with capture_logs() as logs:
        await world.change_flows(changed(tmp_path, {"hear_it_back": changes}))
    assert [entry["sessions"] for entry in logs if entry["event"] == "sessions_brought_along"] == [1]

    texts = [heard.text for heard in await world.answer("sam", "[Open]")]
    assert any("That's it: heard." in text for text in texts)
    assert any("Newly, if you like" in text for text in texts)
    world.close()


async def test_a_card_that_another_flow_composed_is_shown_in_the_sentences_of_its_time(tmp_path: Path):
    world = await new_world("alex", "sam", library=unchanged())
    await world.pair("alex", "sam")
    words = ("/say_it", CARD, "[tired]", "[rest]", "[Go on]", "[What I will do]", "go to bed", "[Looks right]")
    await world.answer("alex", *words, "[Ask to share]")
    library = other_words(tmp_path, "say_it", "What matters to me: {need}.", "It is about {need}.")
    await world.change_flows(library)
    preview = await world.say("alex", "/open")
    assert "I felt tired. What matters to me: rest." in preview[-1].text
    await world.answer("alex", "[Share]")
    shown = await world.answer("sam", "[Open]", "[Yes]")
    assert any("What matters to me: rest." in heard.text for heard in shown)
    assert unchanged().flows["say_it"].revision in revisions_in(world)

    await world.travel(8 * DAY)
    await world.change_flows(library)
    assert running(world) == []
    kept = {one for person in people(world) for draft in person.drafts for one in draft.revisions}
    assert revisions_in(world) == kept | {flow.revision for flow in library.flows.values()}
    world.close()


async def test_a_message_that_was_queued_before_the_start_goes_out_in_its_words(tmp_path: Path):
    world = await new_world("alex", library=unchanged())
    world.platform.refuses = {"alex"}
    with capture_logs():
        await world.say("alex", "/say_it")
    world.platform.refuses = set()
    world.news("alex")
    with capture_logs():
        await world.change_flows(other_words(tmp_path, "say_it", "What happened?", "What was it?"))
        await world.travel(MINUTE)
    assert any("What happened?" in text for text in world.news("alex"))
    world.close()


# Kept words


async def test_kept_words_are_shown_under_the_names_of_their_time_and_release_it_when_they_are_erased(tmp_path: Path):
    world = await new_world("alex", library=unchanged())
    await world.answer("alex", "/say_it", CARD, "stop")
    old = unchanged().flows["say_it"].revision
    library = other_words(tmp_path, "say_it", 'name: "What happened"', 'name: "The scene"')
    for _ in range(2):
        await world.change_flows(library)
        assert old in revisions_in(world)
        assert "What happened: It was very late." in (await world.say("alex", "/drafts"))[-1].text

    await world.press("alex", "Erase", nth=1)
    await world.change_flows(library)
    assert old not in revisions_in(world)
    assert (await world.say("alex", "/drafts"))[-1].text == "You have no kept drafts."
    world.close()


async def test_a_flow_that_is_gone_goes_on_for_those_who_are_in_it(tmp_path: Path):
    world = await new_world("alex", library=unchanged())
    await world.answer("alex", "/say_it", CARD)
    await world.change_flows(changed(tmp_path, {"say_it": GONE}))
    assert "What did you need" in (await world.press("alex", "tired"))[-1].text
    assert "I don't know /say_it" in (await world.say("alex", "/say_it"))[-1].text
    world.close()


# Starting another flow


@pytest.mark.parametrize(
    "changes",
    [
        (("speaker", "teller"),),
        (("{type: text, class: draft, of: speaker, name: \"My card\", max: 500, given: true}",
          "{type: text, class: draft, of: speaker, name: \"My card\", max: 500}"),),
        (("  card: {type: text", "  letter: {type: text"), ("save: card", "save: letter"), ("{card}", "{letter}"),
         ("grant: card", "grant: letter"), ("reveal: card", "reveal: letter"), ('"not card"', '"not letter"')),
        GONE,
    ],
    ids=["other roles", "not given any more", "another slot", "gone"],
)  # fmt: skip
async def test_a_flow_that_no_longer_takes_what_an_old_one_gives_is_not_begun(
    changes: tuple[tuple[str, str], ...], tmp_path: Path
):
    world = await new_world("alex", "sam", library=unchanged())
    await world.pair("alex", "sam")
    words = ("/say_it", CARD, "[tired]", "[rest]", "[Go on]", "[What I will do]", "go to bed", "[Looks right]")
    await world.answer("alex", *words)
    begins = """\
    start: hear_it_back
    roles: {speaker: me, listener: partner}
    give: {card: card}
    told: "Ask to share"
"""
    say_it = ((begins, '    say: "Not now."\n'),)
    await world.change_flows(changed(tmp_path, {"hear_it_back": changes, "say_it": say_it}))

    heard = await world.press("alex", "Ask to share")
    assert heard[-1].text.startswith("The next part has changed in the meantime")
    assert running(world) == []
    assert "go to bed" in "".join(h.text for h in await world.say("alex", "/drafts"))
    world.close()


# A start


class _Dying:
    """A store whose process dies at the commit of that write."""

    def __init__(self, store: Store, after: list[int]) -> None:
        self._store = store
        self._after = after

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[Transaction]:
        async with self._store.transaction() as tx:
            yield cast("Transaction", _DyingTransaction(tx, self._after))


class _DyingTransaction:
    def __init__(self, tx: Transaction, after: list[int]) -> None:
        self._tx = tx
        self._after = after

    def __getattr__(self, name: str) -> object:
        return getattr(self._tx, name)

    async def write(self, turns: Sequence[Written]) -> None:
        await self._tx.write(turns)
        self._after[0] -= 1
        if self._after[0] == 0:
            raise Died


class Died(BaseException):
    """The process is gone."""


async def test_a_start_that_dies_between_two_sessions_goes_on_at_the_next_and_loses_nothing(tmp_path: Path):
    after = [0]
    names = ("alex", "sam", "kim")
    world = await new_world(*names, library=unchanged(), wrapped=lambda store: _Dying(store, after))
    for name in names:
        await world.answer(name, "/say_it", CARD)
    plan = "version: 2\nmigrate: {1: {steps: {feeling: felt}}}"
    library = changed(tmp_path, {"say_it": (("version: 1", plan), ("id: feeling\n", "id: felt\n"))})
    old, new = unchanged().flows["say_it"].revision, library.flows["say_it"].revision

    after[0] = 2
    with pytest.raises(Died):
        await world.change_flows(library)
    assert sorted(session.revision for session in running(world)) == sorted([new, old, old])
    assert {old, new} <= revisions_in(world)

    with capture_logs() as logs:
        await world.change_flows(library)
    assert [entry["sessions"] for entry in logs if entry["event"] == "sessions_brought_along"] == [2]
    assert [session.revision for session in running(world)] == [new] * 3
    assert old not in revisions_in(world)
    for name in names:
        assert "What did you need" in (await world.press(name, "tired"))[-1].text
    world.close()


async def test_nothing_is_sent_when_a_session_comes_along_and_its_question_is_shown_when_asked_for(tmp_path: Path):
    world = await new_world("alex", library=unchanged())
    await world.answer("alex", "/say_it", CARD)
    changes = (("version: 1", DECLARED), ("One or two words.", "Newly."))
    assert await world.change_flows(changed(tmp_path, {"say_it": changes})) == []
    assert "Newly." in (await world.say("alex", "/open"))[-1].text
    world.close()


async def test_a_start_is_refused_when_more_people_would_read_what_was_written_and_changes_nothing(tmp_path: Path):
    world = await new_world("alex", library=unchanged())
    await world.answer("alex", "/say_it", CARD)
    before = revisions_in(world)
    changes = (
        ("version: 1", DECLARED),
        ('add_more: {type: choice, class: private', 'add_more: {type: choice, class: signal'),
    )  # fmt: skip
    with pytest.raises(FlowInvalid, match="'add_more' has class: signal; in version 1"):
        await world.change_flows(changed(tmp_path, {"say_it": changes}))
    assert revisions_in(world) == before

    await world.change_flows(unchanged())
    assert "What did you need" in (await world.press("alex", "tired"))[-1].text
    await world.answer("alex", "stop", "[Erase]")
    await world.change_flows(changed(tmp_path, {"say_it": changes}))
    assert before.isdisjoint({unchanged().flows["say_it"].revision} & revisions_in(world)), "nobody is in it any more"
    world.close()


async def test_a_session_whose_renamed_value_stands_in_an_unopened_message_comes_along_once_it_is_opened(
    tmp_path: Path,
):
    """A line that waits behind an [Open] holds a reference by the old name."""
    gift = """\
flow: gift
version: 1
title: Gift
roles: {me: one, other: one}
start: {command: gift}
slots:
  colour: {type: choice, class: signal, of: me, options: {red: "Red", blue: "Blue"}}
  size: {type: choice, class: signal, of: me, options: {big: "Big", small: "Small"}}
steps:
  - {id: ask, of: me, ask: "Which colour?", save: colour}
  - {id: tell, say: "{me} thinks of {colour}.", to: other}
  - {id: more, of: me, ask: "Which size?", save: size}
  - {id: done, end: true}
"""
    first = changed(tmp_path, {}, {"gift": gift})
    renamed = gift.replace("version: 1", "version: 2\nmigrate: {1: {slots: {colour: tint}}}").replace(
        "colour", "tint"
    )
    renamed = renamed.replace("slots: {tint: tint}", "slots: {colour: tint}")
    second = changed(tmp_path, {}, {"gift": renamed})
    world = await new_world("alex", "sam", library=first)
    await world.pair("alex", "sam")
    await world.travel(HOUR)
    await world.answer("alex", "/gift", "[Red]")

    await world.change_flows(second)
    assert [session.revision for session in running(world)] == [first.flows["gift"].revision]
    assert any("Alex thinks of Red." in heard.text for heard in await world.answer("sam", "[Open]"))

    await world.change_flows(second)
    (session,) = running(world)
    assert session.revision == second.flows["gift"].revision
    assert [key.split(".")[1] for key in session.values] == ["tint"]
    await world.press("alex", "Big")
    assert running(world) == []
    world.close()


async def test_a_consent_names_the_revision_and_the_language_of_what_was_agreed_to():
    world = await new_world("alex", "sam", library=unchanged())
    await world.pair("alex", "sam")
    (pair,) = Stored(world.database).pairs()
    assert {(consent.revision, consent.language) for consent in pair.consents} == {
        (unchanged().flows["pair"].revision, "en")
    }
    world.close()


async def test_an_answer_within_a_session_takes_no_statement_for_its_revision():
    world = await new_world("alex", library=unchanged())
    await world.answer("alex", "/say_it", CARD)
    statements: list[str] = []
    world.database.set_trace_callback(statements.append)
    await world.press("alex", "tired")
    world.database.set_trace_callback(None)
    assert len(statements) > 5
    assert not any("flow_revision" in statement for statement in statements)
    world.close()


# Revisions that cannot be read


def unreadable(database: sqlite3.Connection, *flows: str) -> None:
    """Make the stored revisions of these flows such as another program would have written."""
    for flow in flows:
        database.execute("UPDATE flow_revision SET body = ? WHERE flow = ?", (zlib.compress(b'{"format":0}'), flow))


async def test_a_start_tells_in_one_sentence_how_many_sessions_cannot_go_on(tmp_path: Path):
    world = await new_world("alex", "sam", library=unchanged())
    for name in ("alex", "sam"):
        await world.answer(name, "/say_it", CARD)
    unreadable(world.database, "say_it")
    library = other_words(tmp_path, "say_it", "What happened?", "What was it?")
    store, database = open_in_memory()
    world.database.backup(database)
    told: list[str] = []
    await open_conversation(
        store=store, library=library, clock=world.clock, secret=b"s", platforms={}, warn=told.append
    )
    (sentence,) = told
    assert sentence == (
        "2 running conversations rest, because this program cannot read the revisions that they began in"
        " (say_it 1: 2): start the program that stored them."
    )
    assert [(one.fate, one.sessions) for one in await survey(store, library)] == [(Fate.LOST, 2)]
    database.execute("DELETE FROM flow_revision WHERE flow = 'say_it'")
    assert [(one.fate, one.flow, one.version) for one in await survey(store, library)] == [(Fate.LOST, "say_it", 0)]
    database.close()
    world.close()


async def lost_world(folder: Path) -> World:
    """Alex is in a card of their own and in a conversation with Sam, neither of which can be read any more."""
    world = await new_world("alex", "sam", library=unchanged())
    await world.pair("alex", "sam")
    await world.answer("alex", "/say_it", CARD, "/hear_it_back", CARD, "[Share]")
    unreadable(world.database, "say_it", "hear_it_back")
    changes = {"say_it": (("What happened?", "What was it?"),), "hear_it_back": (("That's it: heard.", "Heard."),)}
    await world.change_flows(changed(folder, changes))
    return world


KIND_WORD = "Something went wrong on my side. Nothing was sent."


async def test_a_session_that_cannot_be_read_answers_kindly_and_nothing_else_breaks(tmp_path: Path):
    world = await lost_world(tmp_path)
    with capture_logs() as logs:
        for line in ("tired", "back", "skip", "not now"):
            assert [h.text for h in await world.say("alex", line)] == [KIND_WORD]
        assert [h.text for h in await world.press("sam", "Open")] == [KIND_WORD]
        assert "You can write" in (await world.say("alex", "/help"))[-1].text
        assert "What was it?" in (await world.say("alex", "/say_it"))[-1].text
        assert "What did you feel" in (await world.say("alex", "A new scene."))[-1].text
        assert "What would you like Sam to hear?" in (await world.say("alex", "/hear_it_back"))[-1].text
    assert {entry["event"] for entry in logs if entry["log_level"] == "error"} == {"turn_failed"}
    assert {entry["fault"] for entry in logs if entry["log_level"] == "error"} == {"RevisionLost"}
    world.close()


async def test_a_pause_covers_a_session_that_cannot_be_read_and_it_goes_on_where_it_was_once_it_can(tmp_path: Path):
    world = await shared_card()
    stored = world.database.execute("SELECT revision, body FROM flow_revision").fetchall()
    unreadable(world.database, "hear_it_back")
    library = other_words(tmp_path, "hear_it_back", "That's it: heard.", "Heard.")
    await world.change_flows(library)
    before = next(session for session in running(world) if session.flow == "hear_it_back")
    await world.say("alex", "/pause 20m")
    frozen = next(session for session in running(world) if session.flow == "hear_it_back")
    assert frozen.frozen_at is not None
    await world.travel(DAY)
    after = next(session for session in running(world) if session.flow == "hear_it_back")
    assert after.frozen_at is None
    assert after.expires_at > before.expires_at
    assert (after.top.due or 0) - (before.top.due or 0) == after.expires_at - before.expires_at > 0

    world.database.executemany("UPDATE flow_revision SET body = ? WHERE revision = ?", [(b, r) for r, b in stored])
    await world.change_flows(library)
    heard = await world.say("sam", "/open")
    assert any("Do you have ten quiet minutes?" in one.text for one in heard)
    world.close()


async def test_a_session_that_cannot_be_read_can_be_left_and_ends_in_time_and_keeps_what_was_written(tmp_path: Path):
    world = await lost_world(tmp_path)
    left = await world.say("alex", "stop")
    assert [h.text for h in left] == ["Stopped. Nothing more comes from this."]
    hear = next(session for session in running(world) if session.flow == "hear_it_back")
    assert hear.grants == ()
    assert len(hear.gone) == 1
    await world.travel(4 * DAY)
    assert {session.flow for session in running(world)} == {"hear_it_back", "say_it"}
    await world.travel(40 * DAY)
    assert running(world) == []
    (alex,) = [person for person in people(world) if person.account == "alex"]
    assert {draft.flow for draft in alex.drafts} == {"hear_it_back", "say_it"}
    with capture_logs():
        assert [h.text for h in await world.say("alex", "/drafts")] == [KIND_WORD]
    world.close()


async def test_a_pause_that_cannot_be_read_ends_and_lifts_what_it_held(tmp_path: Path):
    world = await shared_card()
    await world.say("alex", "/pause 20m")
    unreadable(world.database, "pause")
    await world.change_flows(other_words(tmp_path, "pause", "Go gently.", "Go slowly."))
    await world.travel(4 * DAY)
    assert [session.flow for session in running(world) if session.flow == "pause"] == []
    assert all(session.frozen_at is None for session in running(world))
    world.close()
