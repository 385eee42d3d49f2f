"""Answers to an ask: texts and picks, one at a time or piece by piece, and where the lane goes on to then."""

from dataclasses import replace

from bot.engine.answers import option_data
from bot.engine.binding import bind, item_text
from bot.engine.effects import Choice, Text
from bot.engine.faults import FlowBroken
from bot.engine.granting import grant
from bot.engine.lanes import LONGEST_TRAIL, again, leave_inner, retire, wait_at, walk, way_on
from bot.engine.model import Ask, Slot, SlotType, Step
from bot.engine.move import Move, phrase
from bot.engine.prompts import ITEM, WAY
from bot.engine.session import AnsweredBy, Lane, Words, place_of
from bot.engine.several import ANEW, DONE, enough, own_items, piecewise, room_for


def pick(move: Move, lane: Lane, step: Ask, chosen: Choice) -> None:
    """Take a pressed choice as the answer, or go where it leads."""
    slot = move.flow.slots[step.save]
    value = chosen.value
    if value.startswith(WAY):
        _turn_off(move, lane, step, chosen)
    elif value == DONE and piecewise(step, slot):
        retire(move, lane, chosen.label)
        _through(move, lane, step, slot)
    elif value == ANEW and piecewise(step, slot):
        retire(move, lane, chosen.label)
        for ref in own_items(move, slot, lane.person, new=False):
            move.drop(slot, ref)
        wait_at(move, move.lanes[lane.key], step)
    elif value.startswith(ITEM):
        take(move, lane, step, _picked_item(move, step, value.removeprefix(ITEM)), chosen)
    else:
        _option(move, lane, step, slot, chosen)


def _picked_item(move: Move, step: Ask, item: str) -> Words:
    """The item's id; where items are suggestions, its words, which are the person's own from now on."""
    if step.suggest_from is None:
        return item
    ref = item_text(move, step.suggest_from, item)
    return "" if isinstance(ref, Text) else move.values[ref.key].data


def _option(move: Move, lane: Lane, step: Ask, slot: Slot, chosen: Choice) -> None:
    data = option_data(slot, chosen.value)
    if data is None:
        message = f"'{chosen.value}' is no option of '{slot.name}'"
        raise FlowBroken(message)
    if slot.type is not SlotType.CHOICES:
        take(move, lane, step, data, chosen)
        return
    before = move.read(slot, move.owner(slot, lane.person), lane.item)
    known = before.data if before is not None and isinstance(before.data, tuple) else ()
    if room_for(step, slot) == 1:
        take(move, lane, step, (str(data),), chosen)
    elif str(data) not in known and len(known) >= room_for(step, slot):
        again(move, lane, phrase("answer.many", limit=str(room_for(step, slot))))
    elif piecewise(step, slot) and str(data) in known:
        # Pressed once more, it is taken back.
        take(move, lane, step, tuple(one for one in known if one != str(data)), chosen)
    else:
        take(move, lane, step, (*known, *(() if str(data) in known else (str(data),))), chosen)


def pick_several(move: Move, lane: Lane, step: Ask, picked: tuple[str, ...]) -> None:
    """Take several choices that were written at once, and go on."""
    slot = move.flow.slots[step.save]
    move.write(slot, _owner(move, slot, lane), picked, lane=lane.key, item=lane.item)
    retire(move, lane)
    go_on(move, lane, step)


def _turn_off(move: Move, lane: Lane, step: Ask, chosen: Choice) -> None:
    """Go a way beside the answer: within the lane, or, when only one person is in the flow, to another stage."""
    retire(move, lane, chosen.label)
    target = chosen.value.removeprefix(WAY)
    if move.frame.stage in move.flow.around(target):
        move.lanes[lane.key] = lane = replace(lane, trail=_further(lane, step), back_to=None)
        inside = leave_inner(move, lane, step, target)
        walk(move, move.lanes[lane.key], inside)
    else:
        move.frame.back_to = None
        move.frame.trail = (*move.frame.trail, move.flow.around(step.id)[-1])[-LONGEST_TRAIL:]
        move.jump = target


def take(move: Move, lane: Lane, step: Ask, data: Words, chosen: Choice | None = None, message: str = "") -> None:
    """Keep an answer, tell its author what belongs to it, and go on, or ask for the next piece."""
    slot = move.flow.slots[step.save]
    if slot.type is SlotType.LIST and enough(move, step, slot, lane):
        # Reached by a review: Back makes room for another.
        move.reply(lane.person, "answer.full", limit=str(room_for(step, slot)))
        wait_at(move, lane, step)
        return
    key = _keep(move, lane, slot, data)
    if step.shown_to is not None and slot.type is not SlotType.LIST:
        grant(move, lane.person, slot, step.shown_to)
    if message and lane.key not in move.hidden:
        by = AnsweredBy(message=message, key=key, person=lane.person, entry=lane.entry)
        move.session.answered = (*move.session.answered, by)
    if chosen is not None and chosen.value in step.replies:
        move.send(lane.person, [bind(move, step.replies[chosen.value], lane.person, lane.item)])
    if step.stays:
        return
    retire(move, lane, chosen.label if chosen else None)
    if not piecewise(step, slot):
        go_on(move, lane, step)
    elif enough(move, step, slot, lane):
        _through(move, lane, step, slot)
    else:
        wait_at(move, lane, step)


def _through(move: Move, lane: Lane, step: Ask, slot: Slot) -> None:
    """Leave what is answered piece by piece; a list is granted now, for until now Back drops its last item."""
    if step.shown_to is not None and slot.type is SlotType.LIST:
        grant(move, lane.person, slot, step.shown_to)
    go_on(move, lane, step)


def _keep(move: Move, lane: Lane, slot: Slot, data: Words) -> str:
    owner = _owner(move, slot, lane)
    if slot.type is SlotType.LIST:
        return move.add_item(slot, owner, str(data))
    move.write(slot, owner, data, lane=lane.key, item=lane.item)
    return move.key(slot, owner, lane.item)


def _owner(move: Move, slot: Slot, lane: Lane) -> str:
    owner = move.owner(slot, lane.person)
    if owner is None:
        flaw = f"nobody owns '{slot.name}' here"
        raise FlowBroken(flaw)
    return owner


def go_on(move: Move, lane: Lane, step: Step) -> None:
    """Leave an answered step: back to the review that asked for a change, else forward."""
    if lane.back_to is not None and move.flow.lane_of[step.id] in move.flow.around(lane.back_to):
        back_to = lane.back_to
        move.lanes[lane.key] = lane = replace(lane, back_to=None)
        walk(move, lane, back_to)
        return
    move.lanes[lane.key] = lane = lane.answered(_further(lane, step))
    target = leave_inner(move, lane, step, way_on(move, step, lane))
    walk(move, move.lanes[lane.key], target)


def _further(lane: Lane, step: Step) -> tuple[str, ...]:
    return (*lane.trail, place_of(step.id, lane.item))[-LONGEST_TRAIL:]
