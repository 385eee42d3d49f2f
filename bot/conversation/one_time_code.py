"""One-time codes, told to somebody in their own chat: with one, an operator may export or erase what is theirs."""

import hmac
from dataclasses import replace

from bot.conversation.ids import Ids
from bot.conversation.ports import Changes, Transaction, UnitChange
from bot.conversation.scene import Scene
from bot.conversation.units import OneTimeCode, Person, UnitState

VALID_FOR = 15 * 60_000
"""Milliseconds."""


class CodeRefused(Exception):
    """The code is not this person's, was used, or is too old."""

    def __str__(self) -> str:
        """Return what to do."""
        return "this code is not valid: ask them to send /data_code once more, and use it within 15 minutes"


def give_code(scene: Scene, person: Person) -> None:
    """Tell the person a new code; an earlier one is not valid any more."""
    code = scene.ids.code()
    digest = scene.ids.digest(code)
    scene.ledger.put(
        replace(scene.ledger.person(person.id), code=OneTimeCode(digest=digest, until=scene.now + VALID_FOR))
    )
    scene.reply(person, "data_code", whose=person.id, code=code)


async def redeem(tx: Transaction, secret: bytes, person: str, code: str, now: int) -> bool:
    """Return whether the code is the person's, and valid. After this it is not any more."""
    state = (await tx.load_units([person])).get(person)
    if state is None or not isinstance(state.unit, Person) or state.unit.code is None:
        return False
    given = state.unit.code
    digest = Ids(secret, "").digest(code)
    if now >= given.until or not hmac.compare_digest(given.digest, digest):
        return False
    used = UnitState(unit=replace(state.unit, code=None), version=state.version + 1)
    change = UnitChange(state=used, version=state.version)
    await tx.write([Changes(event_id=f"code:{digest}", at=now, units=(change,))])
    return True
