"""A file with many pairs in it, each of two people with a chat of their own, as the store itself writes them."""

from pathlib import Path

from bot.conversation.ports import Changes, UnitChange
from bot.conversation.units import Pair, Person, UnitState
from storage.master_keys import MasterKeys
from storage.sqlite import open_store

AT_ONCE = 2_000


async def fill(file: Path, pairs: int, keys: MasterKeys) -> None:
    """Write so many pairs."""
    store = await open_store(file, keys)
    for start in range(0, pairs, AT_ONCE):
        numbers = range(start, min(pairs, start + AT_ONCE))
        async with store.transaction() as tx:
            await tx.write([_pair(number) for number in numbers])
    await store.close()


def _pair(number: int) -> Changes:
    names = (f"q{number}a", f"q{number}b")
    pair = Pair(id=f"q{number}", members=names, active=True)
    people = [
        Person(id=name, platform="bench", account=name, name="Alex", chat=name, zone="UTC", pairs=(pair.id,))
        for name in names
    ]
    return Changes(
        event_id=f"fill-{number}",
        at=0,
        units=tuple(UnitChange(state=UnitState(unit=unit, version=1), version=0) for unit in (*people, pair)),
        chats=tuple(("bench", f"account:{name}", name) for name in names),
    )
