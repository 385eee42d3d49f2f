"""Steps that do not wait: saying, composing, setting, clearing, freezing, starting, host actions."""

from bot.engine.binding import say
from bot.engine.composing import assign, compose
from bot.engine.effects import Act, FreezeOthers, ThawOthers
from bot.engine.faults import FlowBroken
from bot.engine.keeping import let_stand
from bot.engine.launching import launch
from bot.engine.model import (
    READ_BY_ACTIONS,
    RELEASABLE,
    Assign,
    Clear,
    Compose,
    Do,
    Hold,
    Lasts,
    Say,
    Slot,
    Start,
    Step,
)
from bot.engine.move import Move
from bot.engine.session import Value, value_key


def perform(move: Move, step: Step) -> None:
    """Carry out a step that neither waits nor chooses the way on. Raises FlowBroken for any other.

    At the top level names mean the answers of whoever is alone in the flow.
    """
    match step:
        case Say():
            say(move, step, move.alone)
        case Compose():
            compose(move, step, move.everyone()[0])
        case Assign():
            assign(move, step, move.alone)
        case Clear():
            for name in step.slots:
                _clear(move, move.flow.slots[name])
        case Hold():
            move.effects.append(ThawOthers() if step.thaw else FreezeOthers())
        case Lasts():
            let_stand(move, step)
        case Start():
            launch(move, step)
        case Do():
            move.effects.append(Act(action=step.action, roles=move.frame.roles, values=_signals(move)))
        case _:
            message = f"step '{step.id}' cannot stand at the top of a flow"
            raise FlowBroken(message)


def _clear(move: Move, slot: Slot) -> None:
    """Forget the slot's values; of drafts what was shown, with its grants, for the others are their authors' own."""
    if slot.cls not in RELEASABLE:
        move.forget(slot)
        return
    shown = {grant.item for grant in move.session.grants if grant.revealed} & set(move.keys_of(slot))
    for key in shown:
        del move.values[key]
    move.session.grants = tuple(grant for grant in move.session.grants if grant.item not in shown)


def _signals(move: Move) -> dict[str, Value]:
    """The values a host action may read: signals, and each person's own settings made in the flow."""
    found: dict[str, Value] = {}
    for name, slot in move.flow.slots.items():
        for owner in ("", *move.everyone()):
            value = move.values.get(value_key(move.frame.no, name, owner))
            if value is not None and slot.cls in READ_BY_ACTIONS:
                found[f"{name}.{owner}" if owner else name] = value
    return found
