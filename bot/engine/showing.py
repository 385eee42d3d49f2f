"""Showing granted items: the only thing that widens who reads a value."""

from bot.engine.binding import bind
from bot.engine.effects import ValueRef
from bot.engine.granting import mark_revealed
from bot.engine.model import Reveal, Slot, SlotType
from bot.engine.move import Move
from bot.engine.session import ItemGrant


def reveal(move: Move, step: Reveal, reader: str | None = None) -> bool:
    """Show what is granted, and was not shown before: one message an author, or a list's items all together.

    ``reader`` is the only one to whom it is shown, if there is one. False when nothing is granted.
    """
    slots = [move.flow.slots[item] for item in step.items]
    grants = [(ref, _grant(move, ref, reader)) for slot in slots for ref in _refs(move, slot)]
    new = [ref for ref, grant in grants if grant is not None and not grant.revealed]
    mark_revealed(move, new)
    if step.silent:
        return any(grant is not None for _, grant in grants)
    readers = move.audience(step.to) if reader is None else (reader,)
    if any(slot.type is SlotType.LIST for slot in slots):
        _show_together(move, step, new, readers)
    else:
        for author in dict.fromkeys(ref.owner for ref in new):
            _show_words_of(move, step, author, [ref for ref in new if ref.owner == author], readers)
    return any(grant is not None for _, grant in grants)


def _grant(move: Move, ref: ValueRef, reader: str | None) -> ItemGrant | None:
    grant = move.grant_for(ref)
    return grant if grant is None or reader is None or reader in grant.audience else None


def _refs(move: Move, slot: Slot) -> list[ValueRef]:
    if slot.type is SlotType.LIST:
        return move.items(slot)
    owners = dict.fromkeys(owner for person in move.everyone() if (owner := move.owner(slot, person)))
    return [ref for owner in owners if (ref := move.ref(slot, owner)) is not None]


def _show_words_of(move: Move, step: Reveal, author: str, refs: list[ValueRef], readers: tuple[str, ...]) -> None:
    told = bind(move, f"{step.id}.reveal", author)
    for to in readers:
        if to != author and any(move.readable(ref, to) for ref in refs):
            move.send(to, [told])


def _show_together(move: Move, step: Reveal, refs: list[ValueRef], readers: tuple[str, ...]) -> None:
    """One message a reader, with everything that they may read by now: their own and what others granted."""
    for to in readers:
        if any(move.readable(ref, to) for ref in refs):
            move.send(to, [bind(move, f"{step.id}.reveal", None, reader=to)])
