"""Keeping records: copies of values, each with its author, for the host to store. Fails closed.

What may never be in a record stops the turn. A draft whose grant does not stand is left out, as from a reveal: Back
takes a grant back, and whoever takes theirs back has not agreed to its being kept.
"""

from bot.engine.binding import item_text
from bot.engine.effects import KeepRecord, KeptValue, LetStand, ValueRef
from bot.engine.faults import PrivacyBreach
from bot.engine.model import EACH, READ_BY_ALL, RELEASABLE, Keep, Lasts, Select, Slot, SlotClass, SlotType
from bot.engine.move import Move, phrase
from bot.engine.scope import TurnScope, weigh


def keep(move: Move, step: Keep, person: str | None, item: str = "") -> bool:
    """Ask the host to keep the record; False when there is nothing to keep, or it may not be.

    It may not be when somebody of the pair has left, or when it would be one's own who has nothing kept.

    ``person`` is whose record it is, unless it is the pair's; ``item`` is the one at hand in a loop. Raises
    PrivacyBreach when a value may not be in it.
    """
    if step.pair and any(p in move.session.gone for holders in move.frame.roles.values() for p in holders):
        return False
    owner = "" if step.pair else _owner(step, person)
    found = {field: _values(move, step, source, person, item) for field, source in step.fields}
    values = {field: kept for field, kept in found.items() if kept}
    until = _until(move, step, person, item)
    if not set(step.key) <= set(values) or not values or until <= move.now:
        return False
    move.effects.append(
        KeepRecord(
            kind=step.kind,
            owner=owner,
            key=tuple(str(values[field][0].data) for field in step.key),
            latest=step.latest,
            values=values,
            until=until,
        )
    )
    return not owner or not move.member(owner).session_only  # of whom nothing is kept, as the host tells them


def let_stand(move: Move, step: Lasts) -> None:
    """Ask the host to move the end of the record that the session is about; without a time it stays as it is."""
    until = step.until.evaluate(TurnScope(move, None))
    if isinstance(until, int) and not isinstance(until, bool):
        move.effects.append(LetStand(until=until))


def _owner(step: Keep, person: str | None) -> str:
    if person is None:
        message = f"'{step.id}' would keep a record of one person, and there are several"
        raise PrivacyBreach(message)
    return person


def _until(move: Move, step: Keep, person: str | None, item: str) -> int:
    """When the record ends: what the step says, and never later than its kind lasts."""
    latest = move.now + step.lasts
    said = step.until.evaluate(TurnScope(move, person, item)) if step.until is not None else None
    return min(latest, said) if isinstance(said, int) else latest


def _values(move: Move, step: Keep, source: str, person: str | None, item: str) -> tuple[KeptValue, ...]:
    if source in move.flow.outcomes:
        return _outcome(move, step, source, person)
    if source in move.flow.loops:
        return _item(move, step, move.flow.loops[source], person, item)
    slot = move.flow.slots[source]
    people = move.everyone() if step.pair and slot.of == EACH else (person,)
    owners = [owner for owner in dict.fromkeys(move.owner(slot, one) for one in people) if owner is not None]
    if slot.type is SlotType.LIST:
        own = [ref for ref in move.items(slot) if ref.owner in owners]
        # They are shown with their authors' names: each one's stand together, as they were written.
        own.sort(key=lambda ref: (owners.index(ref.owner), int(ref.item)))
        return _copies(move, step, own, person)
    refs = [ref for owner in owners if (ref := move.ref(slot, owner, item)) is not None]
    kept = _copies(move, step, refs, person)
    if slot.over is None:
        return kept
    picked = [item_text(move, slot.over, str(value.data)) for value in kept]
    return _copies(move, step, [ref for ref in picked if isinstance(ref, ValueRef)], person)


def _outcome(move: Move, step: Keep, source: str, person: str | None) -> tuple[KeptValue, ...]:
    """What an outcome comes to is nobody's words; the items that it selects stay their authors'."""
    outcome = move.flow.outcomes[source]
    data = weigh(move, outcome, person)
    if data is None or data == () or isinstance(data, bool):
        return ()
    over = outcome.value.over if isinstance(outcome.value, Select) else ""
    if isinstance(data, tuple) and move.flow.slots[over].type is SlotType.LIST:
        items = [item_text(move, over, item) for item in data]
        return _copies(move, step, [ref for ref in items if isinstance(ref, ValueRef)], person)
    return (KeptValue(data=data),)


def _item(move: Move, step: Keep, over: str, person: str | None, item: str) -> tuple[KeptValue, ...]:
    """The item at hand: a person's own pick, or words from a list."""
    found = item_text(move, over, item)
    if isinstance(found, ValueRef):
        return _copies(move, step, [found], person)
    if found == phrase("value.none"):
        return ()
    slot = move.flow.slots.get(over)
    if slot is not None:
        _check(step, slot, person or "", person)
    return (KeptValue(data=item, author=person or ""),)


def _copies(move: Move, step: Keep, refs: list[ValueRef], person: str | None) -> tuple[KeptValue, ...]:
    for ref in refs:
        _check(step, move.flow.slots[ref.slot], ref.owner, person)
    kept = [ref for ref in refs if not step.pair or _released(move, ref)]
    return tuple(KeptValue(data=move.values[ref.key].data, author=ref.owner, rev=ref.rev) for ref in kept)


def _check(step: Keep, slot: Slot, owner: str, person: str | None) -> None:
    """Refuse what no reader of such a record may ever read."""
    if slot.cls is SlotClass.EPHEMERAL:
        message = f"'{slot.name}' is ephemeral: no record holds it"
        raise PrivacyBreach(message)
    if not step.pair and owner not in {person, ""}:
        message = f"'{step.id}' would keep somebody else's '{slot.name}'"
        raise PrivacyBreach(message)
    if step.pair and slot.cls not in READ_BY_ALL | RELEASABLE:
        message = f"'{step.id}' would keep '{slot.name}' for both, which is {slot.cls}"
        raise PrivacyBreach(message)


def _released(move: Move, ref: ValueRef) -> bool:
    """Whether everybody in the flow may read exactly that value."""
    if move.flow.slots[ref.slot].cls in READ_BY_ALL:
        return True
    grant = move.grant_for(ref)
    return grant is not None and set(move.everyone()) - {ref.owner} <= set(grant.audience)
