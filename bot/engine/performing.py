"""Steps that do not wait: saying, composing, setting, clearing, revealing, freezing, starting, host actions."""

from bot.engine.effects import (
    Act,
    FreezeOthers,
    StartFlow,
    Text,
    ThawOthers,
)
from bot.engine.faults import FlowBroken
from bot.engine.lanes import assign, compose
from bot.engine.model import (
    Assign,
    Clear,
    Compose,
    Do,
    Hold,
    Reveal,
    Say,
    SlotClass,
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
            move.send_all(step.to, [move.text(f"{step.id}.say", sole(move))], neutral=step.neutral)
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
    shown = False
    for item in step.items:
        slot = move.flow.slots[item]
        owners = [move.owner(slot, p) for p in move.everyone()]
        for owner in dict.fromkeys(o for o in owners if o):
            ref = move.ref(slot, owner)
            grant = move.grant_for(ref) if ref is not None else None
            if ref is None or grant is None:
                continue
            shown = True
            text = Text(
                flow=move.flow.id,
                key=f"{step.id}.reveal",
                args=move.text(f"{step.id}.reveal", owner).args,
            )
            for to in move.audience(step.to):
                if to != owner and to in grant.audience:
                    move.send(to, [text])
    return shown


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
