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
            say(move, step.to, f"{step.id}.say", sole(move), neutral=step.neutral)
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
    """Show every granted item to its audience; False when nothing is granted."""
    slots = [move.flow.slots[item] for item in step.items]
    granted = [[ref for ref in _refs(move, slot) if move.grant_for(ref) is not None] for slot in slots]
    mark_revealed(move, [ref for refs in granted for ref in refs])
    for slot, refs in zip(slots, granted, strict=True):
        if slot.type is SlotType.LIST:
            _show_list(move, step, refs)
        else:
            _show_each(move, step, refs)
    return any(granted)


def _refs(move: Move, slot: Slot) -> list[ValueRef]:
    if slot.type is SlotType.LIST:
        return move.items(slot)
    owners = dict.fromkeys(owner for person in move.everyone() if (owner := move.owner(slot, person)))
    return [ref for owner in owners if (ref := move.ref(slot, owner)) is not None]


def _show_each(move: Move, step: Reveal, refs: list[ValueRef]) -> None:
    for ref in refs:
        told = bind(move, f"{step.id}.reveal", ref.owner)
        for to in move.audience(step.to):
            if to != ref.owner and move.readable(ref, to):
                move.send(to, [told])


def _show_list(move: Move, step: Reveal, refs: list[ValueRef]) -> None:
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
