"""A store that holds something of every kind, of two pairs that are alike but for whose it is."""

from dataclasses import replace
from pathlib import Path

from bot.conversation.ports import Changes, UnitChange
from bot.conversation.units import Invite, Pair, Person, PromptKind, SentPrompt, UnitState
from bot.engine.effects import KeptValue
from bot.engine.session import Value, value_key
from storage.sqlite import open_store
from tests.sealed import KEYS
from tests.storage.test_contract import record, row, session

PAIRS = {"den": ("ada", "ben"), "attic": ("cleo", "dan")}
PEOPLE = [person for members in PAIRS.values() for person in members]
UNITS = [*PEOPLE, *PAIRS]


def word(person: str, what: str) -> str:
    """Something that this person wrote."""
    return f"{what} of {person}"


async def fill(path: Path) -> None:
    """Make a database with everything, each unit's written twice: what a unit, a session and a record held is there.

    What was there first is in nothing but the write-ahead log.
    """
    store = await open_store(path, KEYS)
    for version in (1, 2):
        async with store.transaction() as tx:
            await tx.write([written(pair, members, version) for pair, members in PAIRS.items()])
    await store.close()


def written(pair: str, members: tuple[str, str], version: int) -> Changes:
    """Return what a turn writes: all that the two have, at that version."""
    people = [Person(id=one, platform="terminal", account=one, name=word(one, "name"), chat=one) for one in members]
    units = [*people, Pair(id=pair, members=members)]
    changes = Changes(
        event_id=f"{pair} {version}",
        at=version,
        units=tuple(UnitChange(state=UnitState(unit=unit, version=version), version=version - 1) for unit in units),
        sessions=tuple(
            session(f"{unit.id}-{n}", unit=unit.id, values={value_key(0, "card", one): Value(data=word(one, "card"))})
            for unit in units
            for n in (1, 2)
            for one in members
            if unit.id in {one, pair}
        ),
        records=tuple(
            record(name, unit=unit, values={"words": tuple(_kept(one) for one in members)})
            for unit in (*members, pair)
            for name in ("first", "second")
        ),
    )
    if version > 1:
        return changes
    return replace(
        changes,
        chats=tuple(("terminal", f"account:{one}", one) for one in members),
        prompts=tuple(
            SentPrompt(
                token=f"t-{one}-{n}",
                kind=PromptKind.LANE,
                target=row("m").target,
                unit=unit,
                session=f"{unit}-1",
                lane=f"me:{one}",
                entry=n,
                person=one,
            )
            for one in members
            for n, unit in enumerate((one, pair))
        ),
        invites=(Invite(digest=f"d-{pair}", unit=members[0], session=f"{pair}-1", expires_at=9),),
        outbox=tuple(
            row(f"m-{one}-{n}", chat=f"{one}-{n}", unit=one, session=f"{one}-1") for one in members for n in (1, 2)
        ),
    )


def _kept(author: str) -> KeptValue:
    return KeptValue(data=word(author, "record"), author=author, rev=1)
