"""Answers that are given piece by piece: lists that people write item by item, several choices, picks from a list."""

from bot.engine.effects import Choice, Listing, Text, ValueRef
from bot.engine.model import Ask, Slot, SlotType, Stage, Step
from bot.engine.move import Move, phrase
from bot.engine.scope import TurnScope, gone_through
from bot.engine.session import Lane

SKIP, DONE, ANEW = "skip", "done", "anew"

SEVERAL = frozenset({SlotType.CHOICES, SlotType.LIST})
"""Types of answers that are given piece by piece."""


def piecewise(step: Ask, slot: Slot) -> bool:
    """Return whether the step goes on asking after an answer, until its person is through."""
    return slot.type in SEVERAL and not step.stays


def room_for(step: Ask, slot: Slot) -> int:
    """Return how many items, or choices, fit in all."""
    return slot.most if step.most is None else step.most


def enough(move: Move, step: Ask, slot: Slot, lane: Lane) -> bool:
    """Return whether no more can be collected or picked."""
    return count(move, slot, lane) >= room_for(step, slot)


def own_items(move: Move, slot: Slot, person: str, *, new: bool) -> tuple[ValueRef, ...]:
    """Return the person's items of a list; ``new`` leaves out what they have granted."""
    own = (ref for ref in move.items(slot) if ref.owner == person)
    return tuple(ref for ref in own if not new or move.grant_for(ref) is None)


def drop_last(move: Move, step: Step, lane: Lane) -> bool:
    """Let go of the last item of a list that its person has not granted; False when there is none."""
    slot = move.flow.slots[step.save] if isinstance(step, Ask) else None
    if slot is None or slot.type is not SlotType.LIST:
        return False
    fresh = own_items(move, slot, lane.person, new=True)
    if not fresh:
        return False
    move.drop(slot, fresh[-1])
    return True


def full(move: Move, step: Step, lane: Lane) -> bool:
    """Return whether the step asks for items of a list to which no more can be added."""
    slot = move.flow.slots[step.save] if isinstance(step, Ask) else None
    if not isinstance(step, Ask) or slot is None or slot.type is not SlotType.LIST:
        return False
    return enough(move, step, slot, lane)


def count(move: Move, slot: Slot, lane: Lane) -> int:
    """Return how many items of a list the lane's person has written, or how many choices they have picked."""
    if slot.type is SlotType.LIST:
        return sum(ref.owner == lane.person for ref in move.items(slot))
    value = move.read(slot, move.owner(slot, lane.person), lane.item)
    return len(value.data) if value is not None and isinstance(value.data, tuple) else 0


def so_far(move: Move, step: Ask, lane: Lane) -> tuple[Text, ...]:
    """Return the line that tells what a person has collected or picked, when there is something."""
    slot = move.flow.slots[step.save]
    if not count(move, slot, lane):
        return ()
    if slot.type is SlotType.LIST:
        own = tuple(ref for ref in move.items(slot) if ref.owner == lane.person)
        return (phrase("ask.so_far", items=Listing(items=own)),)
    ref = move.ref(slot, move.owner(slot, lane.person) or "", lane.item)
    return () if ref is None else (phrase("ask.so_far", items=ref),)


def offered(move: Move, step: Ask, lane: Lane) -> tuple[Choice, ...]:
    """Return what can be pressed where answers are given piece by piece; [That's all] once there are enough.

    Items that were shown Back leaves alone: [Write it anew] drops the person's whole list.
    """
    slot = move.flow.slots[step.save]
    least = step.least[0 if move.frame.visits.get(_stage_name(move), 0) <= 1 else 1]
    there = count(move, slot, lane)
    done = (_standing(DONE),) if there >= max(least, 1) else ()
    anew = (_standing(ANEW),) if _was_shown(move, slot, lane.person) else ()
    skips = tuple(choice for choice in step.choices if choice.value == SKIP)
    skip = (skips or (_standing(SKIP),)) if there == 0 and (least == 0 or step.optional) else ()
    return (*(choice for choice in step.choices if choice.value != SKIP), *done, *anew, *skip)


def _was_shown(move: Move, slot: Slot, person: str) -> bool:
    """Whether others were shown something of what the person wrote into a list."""
    if slot.type is not SlotType.LIST:
        return False
    return any(ref.owner == person and move.revealed(ref) for ref in move.items(slot))


def _standing(value: str) -> Choice:
    return Choice(value=value, label=phrase(f"choice.{value}"))


def _stage_name(move: Move) -> str:
    stage = move.flow.steps.get(move.frame.stage or "")
    return stage.name if isinstance(stage, Stage) else ""


def pickable(move: Move, over: str) -> tuple[str, ...]:
    """Return the items of a list, or of an outcome that selects from one, which everybody can read."""
    if over in move.flow.slots:
        return gone_through(move, over)
    found = TurnScope(move, None).value(over)
    return found if isinstance(found, tuple) else ()
