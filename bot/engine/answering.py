"""Answering the step that a lane waits at: text, choices, gates, reviews and grants."""

import hashlib
import hmac
from dataclasses import replace

from bot.engine.answers import Refused, option_data, pick_by_words, read_answer
from bot.engine.effects import Act, Argument, Choice, HiddenWords, Text
from bot.engine.faults import FlowBroken
from bot.engine.lanes import LONGEST_TRAIL, close, next_step, past_section, retire, show, walk
from bot.engine.model import (
    Ask,
    Gate,
    Grant,
    Review,
    Slot,
    SlotType,
    Step,
)
from bot.engine.move import Move, phrase
from bot.engine.prompts import (
    CHANGE,
    KEEP,
    KINDLY,
    LATER,
    LEAVE,
    NEVER,
    NOT_NOW,
    OK,
    PHASE_HELD,
    PHASE_WHICH,
    SHARE,
    SKIP,
    USE,
    YES,
    Waiting,
    prompt_for,
    waiting_step,
)
from bot.engine.session import AnsweredBy, ItemGrant, Lane, Words

NEVER_ASK = "never_ask"
"""The host action of a refusal that is meant for good."""


READ_BACK = frozenset({SlotType.TIME, SlotType.DATE, SlotType.DURATION})
"""Types whose natural forms are told back as they were read."""


def answer_text(move: Move, lane: Lane, text: str, message: str) -> None:
    """Take free text as an answer, or say kindly why it is none and show the question again."""
    step = waiting_step(move.flow, lane)
    slot = move.flow.slots[step.save] if isinstance(step, Ask) else None
    if not isinstance(step, Ask) or slot is None or slot.options or lane.phase == PHASE_HELD:
        again(move, lane, phrase("answer.pick"))
        return
    found = read_answer(text, slot, move.today(lane.person))
    if isinstance(found, Refused):
        again(move, lane, phrase(found.phrase, **bounds(found, slot)))
        return
    if slot.type in READ_BACK:
        spoken = phrase("answer.read", value=HiddenWords(flow=move.flow.id, slot=slot.name, data=found))
        move.send(lane.person, [spoken])
    _take(move, lane, step, slot, found, None, message)


def bounds(refused: Refused, slot: Slot) -> dict[str, Argument]:
    """Return what the sentence about a refused answer may name: its limit, and the slot's bounds."""
    return {"limit": str(refused.limit), "least": str(slot.min), "most": str(slot.max)}


def again(move: Move, lane: Lane, why: Text) -> None:
    """Repeat the waiting question below one sentence that says why."""
    prompt = prompt_for(move, lane)
    if prompt.room:
        move.send(lane.person, [why])
        return
    move.send(lane.person, [why, *prompt.paragraphs], choices=prompt.choices, fence=prompt.fence, typed=prompt.typed)


def answer_choice(move: Move, lane: Lane, choice: str) -> None:
    """Take a pressed choice as the answer of the step that waits."""
    step = waiting_step(move.flow, lane)
    plain = isinstance(step, Ask) and lane.phase != PHASE_HELD
    offered = step.choices if isinstance(step, Ask) and plain else prompt_for(move, lane).choices
    chosen = next((c for c in offered if c.value == choice), None)
    if chosen is None:
        again(move, lane, phrase("answer.pick"))
        return
    if lane.phase == PHASE_HELD:
        _held(move, lane, choice, chosen)
    elif choice == SKIP:
        retire(move, lane, chosen.label)
        _on(move, lane, step)
    elif isinstance(step, Ask):
        _pick(move, lane, step, chosen)
    elif isinstance(step, Gate):
        _pass_or_refuse(move, lane, step, chosen)
    elif isinstance(step, Review):
        _reviewed(move, lane, step, chosen)
    else:
        _granted(move, lane, step, chosen)


def _pick(move: Move, lane: Lane, step: Ask, chosen: Choice) -> None:
    slot = move.flow.slots[step.save]
    if chosen.value.startswith("="):
        suggested = "".join(part for part in move.flow.texts[chosen.value[1:]].parts if isinstance(part, str))
        _take(move, lane, step, slot, suggested, chosen, "")
        return
    data = option_data(slot, chosen.value)
    if data is None:
        message = f"'{chosen.value}' is no option of '{slot.name}'"
        raise FlowBroken(message)
    if slot.type is SlotType.CHOICES:
        before = move.read(slot, move.owner(slot, lane.person))
        known = before.data if before is not None and isinstance(before.data, tuple) else ()
        _take(move, lane, step, slot, tuple(dict.fromkeys([*known, str(data)])), chosen, "")
    else:
        _take(move, lane, step, slot, data, chosen, "")


def _take(move: Move, lane: Lane, step: Ask, slot: Slot, data: Words, chosen: Choice | None, message: str) -> None:
    owner = move.owner(slot, lane.person)
    if owner is None:
        flaw = f"nobody owns '{slot.name}' here"
        raise FlowBroken(flaw)
    move.write(slot, owner, data, lane=lane.key)
    if message and lane.key not in move.hidden:
        by = AnsweredBy(message=message, key=move.key(slot, owner), person=lane.person, entry=lane.entry)
        move.session.answered = (*move.session.answered, by)
    if chosen is not None and chosen.value in step.replies:
        move.send(lane.person, [move.text(step.replies[chosen.value], lane.person)])
    if step.stays:
        return
    retire(move, lane, chosen.label if chosen else None)
    _on(move, lane, step)


def _on(move: Move, lane: Lane, step: Step) -> None:
    """Leave an answered step: back to the review that asked for a change, else forward."""
    if lane.back_to is not None:
        target: str | None = lane.back_to
        move.lanes[lane.key] = lane = replace(lane, back_to=None)
        walk(move, lane, target)
        return
    trail = (*lane.trail, step.id)[-LONGEST_TRAIL:]
    move.lanes[lane.key] = lane = replace(lane, trail=trail, phase="")
    target = past_section(move, lane, next_step(move, step, lane.person))
    walk(move, move.lanes[lane.key], target)


def _held(move: Move, lane: Lane, choice: str, chosen: Choice) -> None:
    retire(move, lane, chosen.label)
    words = lane.held or ""
    move.lanes[lane.key] = lane = replace(lane, held=None, phase="")
    if choice == USE:
        step = waiting_step(move.flow, lane)
        picked = _spoken_choice(move, step, words) if not isinstance(step, Ask) or step.choices else None
        if picked is not None:
            answer_choice(move, lane, picked)
        else:
            answer_text(move, lane, words, "")
    elif choice == LEAVE:
        show(move, lane)


def _spoken_choice(move: Move, step: Waiting, words: str) -> str | None:
    """The choice that was written while the step rested: by its number, its name, or its label in the flow."""
    choices = step.choices if isinstance(step, Ask) else ()
    labels = [(c.value, _literal(move, c.label)) for c in choices]
    if isinstance(step, Gate):
        labels = [(value, value.replace("_", " ")) for value in (YES, NOT_NOW)]
        own = [(v, _literal(move, Text(flow=move.flow.id, key=f"{step.id}.{v}"))) for v in (YES, NOT_NOW)]
        labels += [(value, label) for value, label in own if label]
    return pick_by_words(words, labels)


def _literal(move: Move, label: Text) -> str:
    template = move.flow.texts.get(label.key)
    return "".join(part for part in template.parts if isinstance(part, str)) if template is not None else label.key


def _pass_or_refuse(move: Move, lane: Lane, step: Gate, chosen: Choice) -> None:
    retire(move, lane, chosen.label)
    if chosen.value == YES:
        _on(move, lane, step)
    elif chosen.value == LATER:
        move.reply(lane.person, "gate.later")
    elif chosen.value == KINDLY:
        close(move, lane)
        move.jump = step.told
    else:
        refuse(move, lane, step)
        if chosen.value == NEVER:
            move.effects.append(Act(action=NEVER_ASK, roles={"refuser": (lane.person,)}, values={}))


def refuse(move: Move, lane: Lane, step: Gate) -> None:
    """Close the refuser's lane with a private word; for everyone else the stage stays open."""
    close(move, lane)
    if step.refused is not None:
        move.send(lane.person, [move.text(step.refused, lane.person)])
    else:
        move.reply(lane.person, "gate.refused")


def _reviewed(move: Move, lane: Lane, step: Review, chosen: Choice) -> None:
    if lane.phase != PHASE_WHICH and chosen.value == OK:
        retire(move, lane, chosen.label)
        _on(move, lane, step)
        return
    retire(move, lane, chosen.label)
    if lane.phase != PHASE_WHICH:
        lane = replace(lane, phase=PHASE_WHICH, entry=move.session.next_entry())
        move.lanes[lane.key] = lane
        show(move, lane)
        return
    change(move, lane, move.flow.asks[chosen.value], step.id)


def change(move: Move, lane: Lane, ask: str, back_to: str) -> None:
    """Ask a step again and come back: inside the lane if it stands there, else by way of its stage."""
    if move.flow.lane_of[ask] == move.frame.stage:
        move.lanes[lane.key] = lane = replace(lane, back_to=back_to, phase="")
        walk(move, lane, ask)
        return
    move.frame.back_to = move.flow.lane_of[back_to]
    move.jump = move.flow.lane_of[ask]


def _granted(move: Move, lane: Lane, step: Grant, chosen: Choice) -> None:
    retire(move, lane, chosen.label)
    if chosen.value == CHANGE and step.change is not None:
        change(move, lane, step.change, step.id)
        return
    if chosen.value == KEEP:
        _kept(move, lane, step)
        return
    if chosen.value == SHARE:
        record_grant(move, lane, step)
    move.lanes[lane.key] = lane = replace(lane, trail=())
    _on(move, lane, step)


def _kept(move: Move, lane: Lane, step: Grant) -> None:
    if step.closes:
        close(move, lane)
        move.reply(lane.person, "kept.private")
    elif step.kept is None:
        _on(move, lane, step)
    elif move.flow.lane_of.get(step.kept) == move.frame.stage:
        walk(move, lane, step.kept)
    else:
        move.jump = step.kept


def record_grant(move: Move, lane: Lane, step: Grant) -> None:
    """Record consent to show exactly what was previewed; an older grant of the same item ends."""
    slot = move.flow.slots[step.item]
    ref = move.ref(slot, lane.person)
    if ref is None:
        message = f"'{step.item}' was granted before it had a value"
        raise FlowBroken(message)
    value = move.values[ref.key]
    seal = hmac.new(
        move.member(lane.person).seal.encode(),
        f"{move.session.id}\0{ref.key}\0{value.rev}\0{value.data}".encode(),
        hashlib.sha256,
    )
    grant = ItemGrant(
        author=lane.person,
        item=ref.key,
        rev=ref.rev,
        seal=seal.hexdigest(),
        audience=tuple(person for person in move.members(step.to) if person != lane.person),
        at=move.now,
    )
    others = tuple(g for g in move.session.grants if not (g.item == ref.key and g.author == lane.person))
    move.session.grants = (*others, grant)
    move.session.answered = ()
