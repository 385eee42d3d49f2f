"""Grants: recorded consent to show exactly what was previewed, refusing it, and taking it back."""

from dataclasses import replace

from bot.engine.effects import ValueRef
from bot.engine.model import Slot, SlotType
from bot.engine.move import Move
from bot.engine.sealing import seal_of
from bot.engine.session import ItemGrant
from bot.engine.several import own_items


def grant(move: Move, person: str, slot: Slot, to: str) -> None:
    """Record consent to show the person's value, or the items of their list, to an audience; older ones end."""
    if slot.type is SlotType.LIST:
        refs = own_items(move, slot, person, new=True)
    else:
        ref = move.ref(slot, person)
        refs = () if ref is None else (ref,)
    audience = tuple(other for other in move.audience(to) if other != person)
    for ref in refs:
        grant_value(move, ref, audience)


def grant_value(move: Move, ref: ValueRef, audience: tuple[str, ...]) -> None:
    """Record its author's consent to show exactly that value to these people; an older one of it ends."""
    others = tuple(one for one in move.session.grants if not (one.item == ref.key and one.author == ref.owner))
    move.session.grants = (*others, _sealed(move, ref, ref.owner, audience))


def _sealed(move: Move, ref: ValueRef, person: str, audience: tuple[str, ...]) -> ItemGrant:
    seal = seal_of(move.member(person).seal, move.session.id, ref.key, move.values[ref.key])
    return ItemGrant(author=person, item=ref.key, rev=ref.rev, seal=seal, audience=audience, at=move.now)


def take_back(move: Move, person: str, slot: Slot) -> None:
    """End the person's grants of that slot which were not revealed yet: what was shown cannot be un-shown."""
    keys = set(move.keys_of(slot))
    move.session.grants = tuple(
        one for one in move.session.grants if one.author != person or one.item not in keys or one.revealed
    )


def take_all_back(move: Move) -> None:
    """End the grants that showed nothing, of the flow at hand: the words are their authors' own again."""
    for slot in move.flow.slots.values():
        for person in move.everyone():
            take_back(move, person, slot)


def withdraw(move: Move, person: str) -> None:
    """End the grants of somebody who leaves. What a question has shown, it shows until its stage ends.

    By its absence the others would see that somebody has left; nothing else says it any more.
    """
    move.session.grants = tuple(
        replace(one, left=True) if one.author == person else one
        for one in move.session.grants
        if one.author != person or one.revealed
    )


def erase(move: Move, key: str) -> None:
    """Erase a value of somebody who has left; what a question may still show goes when its stage ends."""
    grants = move.session.grants
    if any(one.item == key and one.left for one in grants):
        move.session.grants = tuple(replace(one, erased=True) if one.item == key else one for one in grants)
    else:
        del move.values[key]


def end_withdrawn(move: Move) -> None:
    """End the grants of those who left, with the stage that they left."""
    if not move.session.gone:
        return
    for one in move.session.grants:
        if one.erased:
            move.values.pop(one.item, None)
    move.session.grants = tuple(one for one in move.session.grants if not one.left)


def mark_revealed(move: Move, refs: list[ValueRef]) -> None:
    """Note that the granted values are shown now."""
    keys = {ref.key for ref in refs}
    move.session.grants = tuple(
        replace(one, revealed=True) if one.item in keys else one for one in move.session.grants
    )
