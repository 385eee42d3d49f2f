"""Answering the step that a lane waits at: what was typed, what was pressed, what was held during a pause."""

from dataclasses import replace

from bot.engine.answers import AND, Refused, read_answer
from bot.engine.asking import go_on, pick, pick_several, take
from bot.engine.binding import bind
from bot.engine.deciding import grant_or_keep, pass_or_refuse, review
from bot.engine.effects import Argument, Choice, Computed, HiddenWords, SaidAgain
from bot.engine.events import TextTyped
from bot.engine.lanes import again, retire, show
from bot.engine.model import TYPED, Ask, Gate, Review, Slot, SlotType
from bot.engine.move import Move, phrase
from bot.engine.prompts import (
    LEAVE,
    PHASE_HELD,
    SUGGESTED,
    USE,
    Waiting,
    prompt_for,
    waiting_step,
)
from bot.engine.session import Lane
from bot.engine.several import SKIP, piecewise, room_for
from bot.engine.watching import Way

READ_BACK = frozenset(
    {SlotType.TIME, SlotType.DATE, SlotType.DURATION, SlotType.COUNTRY, SlotType.ZONE, SlotType.RECURRENCE}
)
"""Types whose natural forms are told back as they were read."""


MISREAD = frozenset({"answer.empty", "answer.words", "answer.long"})
"""Why a text is none, whatever was asked: a question's own retry text does not know of these."""


def answer_text(move: Move, lane: Lane, typed: TextTyped) -> None:
    """Take free text as an answer, or say kindly why it is none and show the question again."""
    step = waiting_step(move.flow, lane)
    slot = move.flow.slots[step.save] if isinstance(step, Ask) else None
    read = slot is not None and slot.type in TYPED and not slot.options
    if not isinstance(step, Ask) or not read or lane.phase == PHASE_HELD:
        again(move, lane, phrase("answer.pick"))
        return
    _read(move, lane, step, typed)


def _read(move: Move, lane: Lane, step: Ask, typed: TextTyped, chosen: Choice | None = None) -> None:
    """Take a text, written or suggested, as what its slot makes of it; tell it back where that may differ."""
    slot = move.flow.slots[step.save]
    found = read_answer(typed.text, slot, move.local(lane.person), typed.places)
    if isinstance(found, Refused):
        own = f"{step.id}.retry"
        known = own in move.flow.texts and found.phrase not in MISREAD
        why = bind(move, own, lane.person, lane.item) if known else phrase(found.phrase, **bounds(found, slot))
        again(move, lane, why)
        return
    if slot.type in READ_BACK:
        spoken = phrase("answer.read", value=HiddenWords(flow=move.flow.id, slot=slot.name, data=found))
        move.send(lane.person, [spoken])
    take(move, lane, step, found, chosen, typed.message)


def _suggested(move: Move, lane: Lane, step: Ask, chosen: Choice) -> str:
    """The suggested words: a text in its person's own language, anything else as the flow has it, to be read."""
    key, texts = chosen.label.key, {SlotType.TEXT, SlotType.LIST}
    in_words = move.flow.slots[step.save].type in texts
    return (move.flow.template(key, move.member(lane.person).language) if in_words else move.flow.texts[key]).literal


def bounds(refused: Refused, slot: Slot) -> dict[str, Argument]:
    """Return what the sentence about a refused answer may name: its limit, and the slot's bounds."""
    if slot.type is SlotType.DURATION:
        return {key: Computed(type=slot.type, data=data) for key, data in (("least", slot.min), ("most", slot.max))}
    return {"limit": str(refused.limit), "least": str(slot.min), "most": str(slot.max)}


def answer_choice(move: Move, lane: Lane, choice: str) -> None:
    """Take a pressed choice, or several that were written at once, as the answer of the step that waits."""
    step = waiting_step(move.flow, lane)
    if isinstance(step, Ask) and AND in choice:
        _several(move, lane, step, tuple(choice.split(AND)))
        return
    chosen = next((one for one in _choices(move, lane, step) if one.value == choice), None)
    if chosen is None:
        again(move, lane, phrase("answer.pick"))
    elif lane.phase == PHASE_HELD:
        _held(move, lane, choice, chosen)
    else:
        move.took(step.id, Way.CHOSEN, choice)
        _take(move, lane, step, chosen)


def _take(move: Move, lane: Lane, step: Waiting, chosen: Choice) -> None:
    """Carry out what was chosen at the step that waits."""
    choice = chosen.value
    if choice == SKIP:
        retire(move, lane, chosen.label)
        go_on(move, lane, step)
    elif isinstance(step, Ask) and choice.startswith(SUGGESTED):
        words = TextTyped(person=lane.person, text=_suggested(move, lane, step, chosen))
        _read(move, lane, step, words, chosen)
    elif isinstance(step, Ask):
        pick(move, lane, step, chosen)
    elif isinstance(step, Gate):
        pass_or_refuse(move, lane, step, chosen)
    elif isinstance(step, Review):
        review(move, lane, step, chosen)
    else:
        grant_or_keep(move, lane, step, chosen)


def _choices(move: Move, lane: Lane, step: Waiting) -> tuple[Choice, ...]:
    if isinstance(step, Ask) and lane.phase != PHASE_HELD:
        slot = move.flow.slots[step.save]
        if slot.over is None and step.suggest_from is None and not piecewise(step, slot):
            return step.choices
    return prompt_for(move, lane).choices


def _several(move: Move, lane: Lane, step: Ask, picked: tuple[str, ...]) -> None:
    slot = move.flow.slots[step.save]
    options = {str(option.value) for option in slot.options}
    if slot.type is not SlotType.CHOICES or not piecewise(step, slot) or not set(picked) <= options:
        again(move, lane, phrase("answer.pick"))
    elif len(picked) > room_for(step, slot):
        again(move, lane, phrase("answer.many", limit=str(room_for(step, slot))))
    else:
        pick_several(move, lane, step, tuple(dict.fromkeys(picked)))


def _held(move: Move, lane: Lane, choice: str, chosen: Choice) -> None:
    retire(move, lane, chosen.label)
    words = lane.held or ""
    move.lanes[lane.key] = lane = replace(lane, held=None, phase="")
    if choice == USE:
        # They may be a choice's label in the person's own language, which the host knows.
        move.effects.append(SaidAgain(person=lane.person, text=words))
    elif choice == LEAVE:
        show(move, lane)
