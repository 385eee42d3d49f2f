"""Flows that change under 200 running sessions: none breaks, and what becomes of each is what the dry run said."""

import asyncio
import sqlite3
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.conversation.versions import Fared, Fate
from bot.engine.session import Session
from bot.flows.library import Library
from bot.wiring.against_live import against_live
from bot.wiring.data_folder import DATABASE, KEY
from tests.conversation.changing import GONE, Changes, changed
from tests.conversation.population import PLACES, dice, people, places, populated, running, wander
from tests.conversation.world import DAY, HOUR, World, copy_of
from tests.sealed import KEYS, Stored

LEAST = {"running": 200, "frozen": 10, "mail": 5, "volatile": 3, "called": 3, "granted": 30, "composed": 1}
"""What the population has to hold, or the test would prove nothing."""

SAY_BACK = "Before anything else, say back what you heard."
"""A question that many of those who come along are still to be asked."""

WORDS_ONLY: Changes = {
    "hear_it_back": (
        (SAY_BACK, f"Newly. {SAY_BACK}"),
        ('say: "Thank you', 'say: "Newly: thank you'),
    ),
    "say_it": (
        ('ask: "What did you feel?', 'ask: "Newly: what did you feel?'),
        ("It is yours.", "Newly: it is yours."),
    ),
    "pause": (("Pause is on.", "Newly: pause is on."),),
    "pair": (("and that's fine.", "and newly that's fine."),),
    "one_word": (("One word on how that was?", "Newly: one word on how that was?"),),
}

OTHERWISE: Changes = {
    "hear_it_back": (
        ("version: 1", "version: 2"),
        ("is_it", "meant"),
        ("call: one_word, roles: {first: speaker, second: listener}", "say: \"Newly quiet.\""),
        ("  heard:", "  said_back:"),
        ("save: heard", "save: said_back"),
        ("{heard}", "{said_back}"),
        (SAY_BACK, f"Newly. {SAY_BACK}"),
        ("{type: text, class: draft, of: speaker, name: \"My card\", max: 500, given: true}",
         "{type: text, class: draft, of: speaker, name: \"My newest card\", max: 500, given: true}"),
    ),
    "say_it": GONE,
    "one_word": GONE,
    "pause": (("version: 1", "version: 2"), ("I'm ready early", "I'm newly ready")),
    "pair": (("version: 1", "version: 7"), ("second_yes", "the_second")),
}  # fmt: skip
"""Steps and slots with other names, two flows gone, and not a word about older versions."""

SAY_IT_WAS = "{steps: {need: needed, feeling: felt}, slots: {feeling: felt, add_more: drop}}"

DECLARED: Changes = {
    "hear_it_back": (
        ("is_it", "meant"),
        ("sense", "in_it"),
        ("{in_it}", "{makes}"),
        ("save: in_it", "save: makes"),
        ("  in_it: {type", "  makes: {type"),
        ("version: 1\n", "version: 2\nmigrate: {1: {steps: {is_it: meant, sense: in_it}, slots: {sense: makes}}}\n"),
        (SAY_BACK, f"Newly. {SAY_BACK}"),
    ),
    "one_word": (
        ("version: 1", "version: 2\nmigrate: {1: {slots: {word: one}}}"),
        ("  word:\n", "  one:\n"),
        ("save: word", "save: one"),
    ),
    "say_it": (
        ("id: need\n", "id: needed\n"),
        ("feeling", "felt"),
        ("add_more", "any_more"),
        ("version: 1", f"version: 4\nmigrate: {{1: {SAY_IT_WAS}}}"),
    ),
    "pair": (
        ("version: 1", "version: 2\nmigrate: {1: {}}"),
        ("asks to pair with you here.", "asks to newly pair with you here."),
    ),
    "pause": (("version: 1", "version: 2\nmigrate: {1: {}}"), ("    within: 10m", "    within: 15m")),
}
"""Most come along; who was asked for a yes in other words, or stands where the names do not fit, stays."""


@cache
def population() -> World:
    return asyncio.run(populated())


def dry_run(world: World, library: Library, folder: Path) -> list[Fared]:
    """Ask the command line's own dry run about a copy of the file."""
    folder.mkdir()
    copy = sqlite3.connect(folder / DATABASE)
    world.database.backup(copy)
    copy.close()
    (folder / KEY).write_text(KEYS.text())
    return asyncio.run(against_live(library, folder))


def counted(fared: list[Fared]) -> Counter[tuple[str, Fate]]:
    found: Counter[tuple[str, Fate]] = Counter()
    for one in fared:
        found[one.flow, one.fate] += one.sessions
    return found


@dataclass(frozen=True, slots=True)
class LivedOn:
    """What came of a world until nothing ran any more."""

    world: World
    said: list[str]
    ended: dict[str, Session]
    """Every session that ended, by its id; a month later none of them is stored any more."""


async def live_on(world: World) -> LivedOn:
    """Let everybody go on as they do, until nothing runs any more."""
    start = len(world.platform.heard)
    ended: dict[str, Session] = {}
    names = sorted({person.account for person in people(world)})
    for name in names:
        await world.say(name, "/open")
        await wander(world, name, dice(name, "after") % 7, "after")
    for _ in range(3):
        for name in names[::3]:
            await wander(world, name, 2, "later")
        await world.travel(5 * HOUR)
    for _ in range(45):
        await world.travel(DAY)
        ended |= {session.id: session for session in Stored(world.database).sessions() if session.ended}
    return LivedOn(world, [heard.text for heard in world.platform.heard[start:]], ended)


def shelved(world: World) -> set[str]:
    return {str(row[0]) for row in world.database.execute("SELECT revision FROM flow_revision")}


def went(before: World, after: LivedOn, library: Library) -> Counter[tuple[str, Fate]]:
    """Count what became of the sessions that ran before, by flow."""
    new = {flow.id: flow.revision for flow in library.flows.values()}
    found: Counter[tuple[str, Fate]] = Counter()
    for session in (after.ended[session.id] for session in running(before)):
        flow, revision, old = session.flow, session.revision, before.library.flows[session.flow].revision
        stayed = Fate.UNAFFECTED if old == new.get(flow) else Fate.PINNED
        found[flow, stayed if revision == old else Fate.MIGRATABLE] += 1
        assert revision in {old, new.get(flow)}
    return found


def needed_by_people(world: World) -> set[str]:
    """The revisions of what somebody has not opened, or has kept."""
    held = [one.revisions for person in people(world) for one in (*person.mail, *person.drafts)]
    return {revision for revisions in held for revision in revisions}


async def changed_and_lived_on(before: World, library: Library) -> LivedOn:
    world = await copy_of(before)
    await world.change_flows(library)
    return await live_on(world)


@pytest.mark.parametrize("what", ["words", "otherwise", "declared"])
def test_flows_change_under_200_sessions_and_none_breaks(what: str, tmp_path: Path) -> None:
    changes = {"words": WORDS_ONLY, "otherwise": OTHERWISE, "declared": DECLARED}[what]
    before, library = population(), changed(tmp_path / "flows", changes)
    held = places(before)
    assert all(held[place] >= LEAST[place] for place in PLACES), held
    fates = counted(dry_run(before, library, tmp_path / "data"))

    with capture_logs() as logs:
        lived = asyncio.run(changed_and_lived_on(before, library))
    world, said = lived.world, lived.said

    # None breaks, and each went where the dry run said that it would go.
    assert [entry for entry in logs if entry["log_level"] == "error"] == []
    assert not any("Something went wrong" in text for text in said)
    assert running(world) == []
    assert any(SAY_BACK in text for text in said), "nobody was asked what would show the difference"
    assert went(before, lived, library) == fates
    assert fates.total() == held["running"]
    told = sum(entry["sessions"] for entry in logs if entry["event"] == "sessions_brought_along")
    assert told == sum(count for (_, fate), count in fates.items() if fate is Fate.MIGRATABLE)
    if what == "declared":
        assert fates["hear_it_back", Fate.MIGRATABLE] > 10 < fates["say_it", Fate.MIGRATABLE]
        assert fates["pair", Fate.PINNED] > 10
        assert any("newly" in text.lower() for text in said)
    else:
        assert all(fate is Fate.PINNED for flow, fate in fates if flow in changes)
        assert not any("newly" in text.lower() for text in said), "who began with other words ends with them"

    # What is drained is gone at the next start; what somebody's kept or unopened words need is still there.
    asyncio.run(world.change_flows(library))
    present = {flow.revision for flow in library.flows.values()}
    assert shelved(world) == present | needed_by_people(world)
    assert before.library.flows["pause"].revision not in shelved(world)
    world.close()
