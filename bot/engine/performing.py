"""Steps that do not wait: saying, composing, setting, clearing, revealing, freezing, starting, host actions."""

from bot.engine.binding import bind, say
from bot.engine.composing import assign, compose
from bot.engine.effects import (
    Act,
    FreezeOthers,
    StartFlow,
    ThawOthers,
    ValueRef,
)
from bot.engine.faults import FlowBroken
from bot.engine.granting import mark_revealed
from bot.engine.model import (
    Assign,
    Clear,
    Compose,
    Do,
    Hold,
    Reveal,
    Say,
    Slot,
    SlotClass,
    SlotType,
    Start,
    Step,
)
from bot.engine.move import Move
from bot.engine.session import Given, Value, value_key


def sole(move: Move) -> str | None:
    """The person whose answers a name means at the top level: the only one of a solo flow."""
    people = move.everyone()
    return people[0] if len(people) == 1 else None


def perform(move: Move, step: Step) -> None:
    """Carry out a step that neither waits nor chooses the way on. Raises FlowBroken for any other."""
    match step:
        case Say():
            say(move, step, sole(move))
        case Compose():
            compose(move, step, move.everyone()[0])
        case Assign():
            assign(move, step, sole(move))
        case Clear():
            for name in step.slots:
                move.forget(move.flow.slots[name])
        case Hold():
            move.effects.append(ThawOthers() if step.thaw else FreezeOthers())
        case Start():
            _start(move, step)
        case Do():
            move.effects.append(Act(action=step.action, roles=move.frame.roles, values=_signals(move)))
        case _:
            message = f"step '{step.id}' cannot stand at the top of a flow"
            raise FlowBroken(message)


def reveal(move: Move, step: Reveal) -> bool:
    """Show what is granted, and was not shown before: one message an author, or a list's items all together.

    False when nothing is granted.
    """
    slots = [move.flow.slots[item] for item in step.items]
    grants = [(ref, move.grant_for(ref)) for slot in slots for ref in _refs(move, slot)]
    new = [ref for ref, grant in grants if grant is not None and not grant.revealed]
    mark_revealed(move, new)
    if any(slot.type is SlotType.LIST for slot in slots):
        _show_together(move, step, new)
    else:
        for author in dict.fromkeys(ref.owner for ref in new):
            _show_words_of(move, step, author, [ref for ref in new if ref.owner == author])
    return any(grant is not None for _, grant in grants)


def _refs(move: Move, slot: Slot) -> list[ValueRef]:
    if slot.type is SlotType.LIST:
        return move.items(slot)
    owners = dict.fromkeys(owner for person in move.everyone() if (owner := move.owner(slot, person)))
    return [ref for owner in owners if (ref := move.ref(slot, owner)) is not None]


def _show_words_of(move: Move, step: Reveal, author: str, refs: list[ValueRef]) -> None:
    told = bind(move, f"{step.id}.reveal", author)
    for to in move.audience(step.to):
        if to != author and any(move.readable(ref, to) for ref in refs):
            move.send(to, [told])


def _show_together(move: Move, step: Reveal, refs: list[ValueRef]) -> None:
    """One message a reader, with everything that they may read by now: their own and what others granted."""
    for to in move.audience(step.to):
        if any(move.readable(ref, to) for ref in refs):
            move.send(to, [bind(move, f"{step.id}.reveal", None, reader=to)])


def _signals(move: Move) -> dict[str, Value]:
    """The values a host action may read: signals, and each person's own settings made in the flow."""
    found: dict[str, Value] = {}
    for name, slot in move.flow.slots.items():
        for owner in ("", *move.everyone()):
            value = move.values.get(value_key(move.frame.no, name, owner))
            if value is not None and slot.cls in {SlotClass.SIGNAL, SlotClass.PRIVATE}:
                found[f"{name}.{owner}" if owner else name] = value
    return found


def _start(move: Move, step: Start) -> None:
    given: dict[str, Given] = {}
    for theirs, mine in step.give:
        for owner in ("", *move.everyone()):
            value = move.values.get(value_key(move.frame.no, mine, owner))
            if value is not None:
                given[theirs] = Given(data=value.data, author=owner)
    roles = {role: move.frame.roles.get(mine, ()) for role, mine in step.roles}
    move.effects.append(StartFlow(flow=step.flow, roles=roles, given=given, agreed=step.agreed))
