"""Binding texts to values: what a placeholder stands for when something is said."""

from bot.engine.effects import Argument, Computed, HiddenWords, Listing, NameRef, Text, ValueRef
from bot.engine.faults import FlowBroken
from bot.engine.guards import OTHERS, Data, Kind
from bot.engine.model import AUTHOR, EACH, PARTNER, READ_BY_ALL, ROOM, Outcome, Say, Select, Slot, SlotType
from bot.engine.move import Move, phrase
from bot.engine.scope import weigh

_TYPES = {
    Kind.NUMBER: SlotType.NUMBER,
    Kind.DURATION: SlotType.DURATION,
    Kind.INSTANT: SlotType.INSTANT,
    Kind.CLOCK: SlotType.TIME,
    Kind.DATE: SlotType.DATE,
}


def bind(move: Move, key: str, person: str | None, item: str = "", *, reader: str | None = None) -> Text:
    """Return the running flow's text at that address, its placeholders bound.

    ``person`` is whose answers it names and ``item`` the one at hand; lists hold what ``reader`` may read, who is
    the person when nobody else is named.
    """
    names = move.flow.texts[key].names
    reads = person if reader is None else reader
    return Text(flow=move.flow.id, key=key, args={name: _argument(move, name, person, item, reads) for name in names})


def say(move: Move, step: Say, person: str | None, item: str = "") -> None:
    """Say what a step says to its audience, which in a lane may be its own person, or everyone else."""
    recipients = move.audience(step.to)
    if person is not None and step.to == EACH:
        recipients = (person,)
    elif step.to == OTHERS:
        recipients = tuple(one for one in move.everyone() if one != person)
    for to in recipients:
        told = bind(move, f"{step.id}.say", person, item, reader=to)
        move.send(to, [told], neutral=step.neutral, nudge=step.nudge)


def outward(move: Move, step: Say, person: str | None) -> bool:
    """Whether somebody else than the person is meant to hear it, even if they have left."""
    if step.to == EACH:
        return False
    if step.to in move.frame.roles:
        return move.frame.roles[step.to] != (person,)
    return move.alone is None or (step.to == ROOM and move.session.place is not None)


def item_text(move: Move, over: str, item: str) -> ValueRef | Text:
    """Return what an item of a list, or an option of a slot, is called. ``over`` may be an outcome that selects.

    An item that its author has taken out of the list since is called nothing.
    """
    outcome = move.flow.outcomes.get(over)
    slot = move.flow.slots[outcome.value.over if outcome and isinstance(outcome.value, Select) else over]
    if slot.type is SlotType.LIST:
        return next((ref for ref in move.items(slot) if ref.item == item), phrase("value.none"))
    key = next((option.key for option in slot.options if str(option.value) == item), None)
    if key is None:
        message = f"'{over}' has no item of that id"
        raise FlowBroken(message)
    return Text(flow=move.flow.id, key=key)


def _argument(move: Move, name: str, person: str | None, item: str, reader: str | None) -> Argument:
    if name == AUTHOR and person is not None:
        return NameRef(person=person)
    if name == PARTNER or name in move.flow.roles:
        holders = move.frame.roles.get(name, ())
        return NameRef(person=holders[0]) if holders else phrase("value.partner")
    if name in move.flow.loops:
        return item_text(move, move.flow.loops[name], item)
    if name in move.flow.outcomes:
        return _outcome(move, move.flow.outcomes[name], reader)
    return _slot(move, move.flow.slots[name], person, item, reader)


def _slot(move: Move, slot: Slot, person: str | None, item: str, reader: str | None) -> Argument:
    if slot.type is SlotType.LIST:
        items = tuple(ref for ref in move.items(slot) if _reads(move, ref, reader))
        if person is None and slot.cls not in READ_BY_ALL:
            # Said to everybody: what its author kept private is not in it, not even for its author.
            items = tuple(ref for ref in items if move.revealed(ref))
        return _listing(move, items, signed=slot.signed)
    owner = move.owner(slot, person)
    value = move.read(slot, owner, item)
    if value is None or owner is None:
        return phrase("value.none")
    if slot.over is not None:
        return item_text(move, slot.over, str(value.data))
    ref = move.ref(slot, owner, item)
    return HiddenWords(flow=move.flow.id, slot=slot.name, data=value.data) if ref is None else ref


def _outcome(move: Move, outcome: Outcome, reader: str | None) -> Argument:
    found: Data = weigh(move, outcome, reader)
    if isinstance(outcome.value, Select) and isinstance(found, tuple):
        items = [item_text(move, outcome.value.over, item) for item in found]
        found_slot = move.flow.slots[outcome.value.over]
        read = tuple(one for one in items if isinstance(one, Text) or _reads(move, one, reader))
        return _listing(move, read, signed=found_slot.signed)
    if found is None or isinstance(found, tuple) or outcome.kind not in _TYPES:
        return phrase("value.none")
    return Computed(type=_TYPES[outcome.kind], data=found)


def _reads(move: Move, ref: ValueRef, reader: str | None) -> bool:
    return reader is not None and move.readable(ref, reader)


def _listing(move: Move, items: tuple[ValueRef | Text, ...], *, signed: bool) -> Argument:
    if not items:
        return phrase("value.none")
    if not signed:
        return Listing(items=items)
    # What is signed stands together, in the order in which its author wrote it.
    people = [person for holders in move.frame.roles.values() for person in holders]
    own = [one for one in items if isinstance(one, ValueRef)]
    own.sort(key=lambda one: (people.index(one.owner), int(one.item)))
    told = (phrase("item.signed", name=NameRef(person=one.owner), item=one) for one in own)
    return Listing(items=tuple(told), lines=True)
