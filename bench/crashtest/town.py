"""Who talks: people alone, and pairs, who are pairs from the beginning."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random

from bench.crashtest.people import Around, Person, Script
from bench.crashtest.scripts import Couple, begins_both, counts, joins_both, waits
from bench.crashtest.worker import KEYS
from bot.conversation import units
from bot.conversation.ports import Changes, UnitChange
from bot.conversation.units import UnitState
from storage.sqlite import open_store

ALONE, COUPLES = 8, 4
"""So many write lists, so many wait for nudges, and so many pairs talk, all at once."""


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody's account on a platform, and their own chat with the bot there."""

    id: str
    chat: str


def begin_town(around: Around, seed: str) -> list[tuple[Person, Script]]:
    """Return everybody, with the script that they follow."""
    return list(_town(around, seed))


def _town(around: Around, seed: str) -> Iterator[tuple[Person, Script]]:
    for number in range(ALONE):
        me = _person(f"counter{number}", around, seed)
        yield me, counts(me)
        me = _person(f"waiter{number}", around, seed)
        yield me, waits(me)
    for one, other in couples():
        couple = Couple()
        me = _person(one, around, seed)
        yield me, begins_both(me, couple, other)
        me = _person(other, around, seed)
        yield me, joins_both(me, couple, one)


def couples() -> list[tuple[str, str]]:
    """Return the names of those who are pairs."""
    return [(f"one{number}", f"other{number}") for number in range(COUPLES)]


def _person(name: str, around: Around, seed: str) -> Person:
    return Person(name, around, Random(f"{seed} {name}"))  # noqa: S311  # what people do, nothing secret


async def settle_in(file: Path, platform: str, accounts: Mapping[str, Account]) -> None:
    """Write the pairs into a new file, as the store itself writes them: on that platform, by these accounts."""
    store = await open_store(file, KEYS)
    async with store.transaction() as tx:
        await tx.write([_pair(platform, accounts, one, other) for one, other in couples()])
    await store.close()


def _pair(platform: str, accounts: Mapping[str, Account], *names: str) -> Changes:
    pair = units.Pair(id="-".join(names), members=names, active=True)
    people = [_member(name, platform, accounts[name], pair.id) for name in names]
    return Changes(
        event_id=f"pair {pair.id}",
        at=0,
        units=tuple(UnitChange(state=UnitState(unit=unit, version=1), version=0) for unit in (*people, pair)),
        chats=tuple((platform, f"account:{accounts[name].id}", name) for name in names),
    )


def _member(name: str, platform: str, account: Account, pair: str) -> units.Person:
    return units.Person(
        id=name,
        platform=platform,
        account=account.id,
        name=name,
        chat=account.chat,
        zone="UTC",
        pairs=(pair,),
        seal=name,
    )
