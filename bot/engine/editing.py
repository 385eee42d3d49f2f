"""An edited message: it revises the answer that it was, while only its author has seen it."""

from bot.engine.answering import bounds
from bot.engine.answers import Refused, read_answer
from bot.engine.composing import compose
from bot.engine.events import TextEdited
from bot.engine.granting import grant
from bot.engine.lanes import set_right, wait_at
from bot.engine.model import Ask, Compose, Slot
from bot.engine.move import Move
from bot.engine.prompts import waiting_lane
from bot.engine.scope import holds
from bot.engine.session import AnsweredBy, Lane, Value, key_parts


def edited(move: Move, event: TextEdited) -> None:
    """An edited message revises its answer while only its author has seen it."""
    if move.session.frozen_at is not None:
        move.reply(event.person, "frozen.resting")
        return
    answer = next((a for a in move.session.answered if a.message == event.message), None)
    number, name, _, _ = key_parts(answer.key) if answer is not None else ("", "", "", "")
    if answer is None or answer.person != event.person or number != str(move.frame.no):
        move.reply(event.person, "edit.late")
        return
    slot = move.flow.slots[name]
    found = read_answer(event.text, slot, move.local(event.person), event.places)
    if isinstance(found, Refused):
        move.reply(event.person, found.phrase, **bounds(found, slot))
        return
    _revise(move, slot, answer, found)
    move.reply(event.person, "edit.done")
    lane = waiting_lane(move, event.person)
    if _rebuilt(move, name, event.person, lane):
        return
    if lane is not None and not set_right(move, lane):
        wait_at(move, lane, move.flow.steps[lane.step or ""])


def _revise(move: Move, slot: Slot, answer: AnsweredBy, found: str | int) -> None:
    """Change the answer; where answering was the grant, and it stands, the change is granted as well."""
    before = move.values.get(answer.key)
    if before is None or before.data == found:
        return
    granted = any(one.item == answer.key and one.rev == before.rev for one in move.session.grants)
    move.values[answer.key] = Value(data=found, rev=before.rev + 1)
    asked = move.flow.steps.get(move.flow.asks.get(slot.name, ""))
    if granted and isinstance(asked, Ask) and asked.shown_to is not None:
        grant(move, answer.person, slot, asked.shown_to)


def _rebuilt(move: Move, name: str, person: str, lane: Lane | None) -> bool:
    """Build the texts anew that the answer is part of; True when the flow goes on from there.

    In a lane nothing else moves; at the top there is one person alone, who sees what comes of it.
    """
    inside = move.hidden.get(lane.key, {}) if lane is not None else {}
    for step in move.flow.steps.values():
        if not isinstance(step, Compose) or not _composes(move, step, name, person):
            continue
        if step.id not in move.flow.lane_of:
            move.jump = step.id
            return True
        if holds(move, step.when, person):
            hidden = move.key(move.flow.slots[step.slot], person) in inside
            compose(move, step, person, lane.key if lane is not None and hidden else None)
    return False


def _composes(move: Move, step: Compose, name: str, person: str) -> bool:
    if move.read(move.flow.slots[step.slot], person) is None:
        return False
    return any(name in move.flow.texts[part.key].names for part in step.parts)
