"""Walking a lane: entering its steps, answering the one that waits, going back, skipping, refusing."""

import hashlib
import hmac
from dataclasses import replace

from bot.engine.answers import Refused, option_data, read_text
from bot.engine.effects import Act, Choice, PromptFence, Retire, Text
from bot.engine.faults import FlowBroken
from bot.engine.model import (
    Ask,
    Assign,
    Compose,
    End,
    Gate,
    Grant,
    Review,
    Say,
    Section,
    Slot,
    SlotType,
    Step,
)
from bot.engine.move import HIDDEN_ENTRIES, Move, phrase
from bot.engine.prompts import (
    CHANGE,
    KEEP,
    KINDLY,
    LATER,
    LEAVE,
    NEVER,
    OK,
    PHASE_HELD,
    PHASE_WHICH,
    SHARE,
    SKIP,
    USE,
    YES,
    prompt_for,
    waiting_step,
)
from bot.engine.session import AnsweredBy, Composed, ComposedPart, ItemGrant, Lane, LaneStatus, Words

NEVER_ASK = "never_ask"
"""The host action of a refusal that is meant for good."""

LONGEST_TRAIL = 30
"""How many steps Back can return through."""


def open_lane(move: Move, role: str, person: str, first: str) -> None:
    """Start a person's lane and walk it to its first question."""
    lane = Lane(role=role, person=person)
    move.lanes[lane.key] = lane
    walk(move, lane, first)


def walk(move: Move, lane: Lane, target: str | None) -> None:
    """Go through steps from ``target`` until one waits, or the lane is done."""
    while target is not None:
        step = move.step(target)
        if step.when is not None and not step.when.holds(move.scope(lane.person)):
            target = _past(move, lane, step.following)
            continue
        match step:
            case Ask() | Gate() | Review() | Grant():
                wait_at(move, lane, step)
                return
            case Section():
                lane = _open_section(move, lane, step)
                target = step.first
                continue
            case Compose():
                compose(move, step, lane.person)
            case Assign():
                assign(move, step, lane.person)
            case Say():
                move.send_all(step.to, [move.text(f"{step.id}.say", lane.person)], neutral=step.neutral)
            case End(closed=True):
                close(move, lane)
                return
            case End():
                break
            case _:
                message = f"step '{target}' cannot stand in a lane"
                raise FlowBroken(message)
        lane = move.lanes[lane.key]
        target = _past(move, lane, next_step(move, step, lane.person))
    _finish(move, lane)


def next_step(move: Move, step: Step, person: str | None) -> str | None:
    """Return where the step leads: its first branch that holds, else the step that follows."""
    for branch in step.next:
        if branch.guard is None or branch.guard.holds(move.scope(person)):
            return branch.to
    return step.following


def wait_at(move: Move, lane: Lane, step: Step) -> None:
    """Stop at a step and show it; a new entry makes every older prompt of the lane stale."""
    entry = lane.entry + 1 if lane.key in move.hidden else move.session.next_entry()
    lane = replace(lane, step=step.id, entry=entry, phase="", status=LaneStatus.WAITING)
    move.lanes[lane.key] = lane
    show(move, lane)


def show(move: Move, lane: Lane) -> None:
    """Send the question that the lane waits at; a question in the room is sent once for everyone there."""
    prompt = prompt_for(move, lane)
    if prompt.room:
        return
    move.send(
        lane.person,
        prompt.paragraphs,
        choices=prompt.choices,
        fence=prompt.fence,
        typed=prompt.typed,
        invitation=prompt.invitation,
    )


def assign(move: Move, step: Assign, person: str | None) -> None:
    """Set slots to the values of their expressions; a missing value leaves the slot as it was."""
    for name, expression in step.values:
        slot = move.flow.slots[name]
        data = expression.evaluate(move.scope(person))
        owner = move.owner(slot, person)
        if data is not None and owner is not None:
            move.write(slot, owner, str(data) if isinstance(data, bool) else data)


def _open_section(move: Move, lane: Lane, step: Section) -> Lane:
    move.hidden[lane.key] = {}
    # Back stays within the section: what is hidden has no place outside of it.
    lane = replace(lane, step=step.id, entry=move.session.next_entry() * HIDDEN_ENTRIES, phase="", trail=())
    move.lanes[lane.key] = lane
    return lane


def restart_section(move: Move, lane: Lane) -> None:
    """Begin a volatile section anew after its memory was lost."""
    section = move.flow.steps[lane.step or ""]
    if isinstance(section, Section):
        move.hidden[lane.key] = {}
        lane = replace(lane, entry=lane.entry * HIDDEN_ENTRIES)
        move.lanes[lane.key] = lane
        walk(move, lane, section.first)


def _past(move: Move, lane: Lane, target: str | None) -> str | None:
    """Leave a volatile section when its last step is through: only its named results are kept."""
    section = move.section_of(lane) if lane.key in move.hidden else None
    if section is None:
        return target
    if target is not None and move.flow.lane_of.get(target) == section.id:
        return target
    inside = move.hidden.pop(lane.key)
    for name in section.results:
        slot = move.flow.slots[name]
        owner = move.owner(slot, lane.person)
        value = inside.get(move.key(slot, owner or ""))
        if owner is not None and value is not None:
            move.write(slot, owner, value.data)
    move.lanes[lane.key] = replace(lane, entry=lane.entry // HIDDEN_ENTRIES, trail=())
    return target if target is not None else next_step(move, section, lane.person)


def _finish(move: Move, lane: Lane) -> None:
    move.lanes[lane.key] = replace(move.lanes[lane.key], step=None, status=LaneStatus.DONE, phase="")


def compose(move: Move, step: Compose, person: str) -> None:
    """Build the text out of copies of the person's own answers; raises FlowBroken on anybody else's."""
    scope = move.scope(person)
    parts: list[ComposedPart] = []
    for part in step.parts:
        if part.when is None or part.when.holds(scope):
            args = {name: _own_data(move, name, person) for name in move.flow.texts[part.key].names}
            parts.append(ComposedPart(key=part.key, args=args))
    move.write(move.flow.slots[step.slot], person, Composed(flow=move.flow.id, parts=tuple(parts)))


def _own_data(move: Move, name: str, person: str) -> str | int | tuple[str, ...]:
    slot = move.flow.slots[name]
    owner = move.owner(slot, person)
    value = move.read(slot, owner)
    if owner not in {person, ""} or (value is not None and isinstance(value.data, Composed)):
        message = f"'{name}' is not this person's own plain answer"
        raise FlowBroken(message)
    return "" if value is None or isinstance(value.data, Composed) else value.data


# Answers


def answer_text(move: Move, lane: Lane, text: str, message: str) -> None:
    """Take free text as an answer, or say kindly why it is none and show the question again."""
    step = waiting_step(move.flow, lane)
    slot = move.flow.slots[step.save] if isinstance(step, Ask) else None
    if not isinstance(step, Ask) or slot is None or slot.type is not SlotType.TEXT or lane.phase == PHASE_HELD:
        again(move, lane, phrase("answer.pick"))
        return
    found = read_text(text, slot)
    if isinstance(found, Refused):
        again(move, lane, phrase(found.phrase, limit=str(found.limit)))
        return
    _take(move, lane, step, slot, found, None, message)


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


def retire(move: Move, lane: Lane, chosen: Text | None = None) -> None:
    """Take the buttons of the lane's prompt away, echoing the choice to its own author."""
    move.effects.append(Retire(fence=PromptFence(lane=lane.key, entry=lane.entry), chosen=chosen))


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
    target = _past(move, lane, next_step(move, step, lane.person))
    walk(move, move.lanes[lane.key], target)


def _held(move: Move, lane: Lane, choice: str, chosen: Choice) -> None:
    retire(move, lane, chosen.label)
    words = lane.held or ""
    move.lanes[lane.key] = lane = replace(lane, held=None, phase="")
    if choice == USE:
        answer_text(move, lane, words, "")
    elif choice == LEAVE:
        show(move, lane)


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


def close(move: Move, lane: Lane) -> None:
    """End a lane that will never be done."""
    move.hidden.pop(lane.key, None)
    move.lanes[lane.key] = replace(lane, step=None, status=LaneStatus.CLOSED, phase="", held=None)


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
    if step.kept is None:
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
        move.session.seals.get(lane.person, "").encode(),
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


def thaw_lane(move: Move, lane: Lane) -> None:
    """Show the waiting question again after a pause, first offering what was typed meanwhile."""
    if lane.key not in move.hidden:
        # A new entry: what was queued before the pause and not yet sent is stale now.
        lane = replace(lane, entry=move.session.next_entry())
    lane = replace(lane, phase=PHASE_HELD) if lane.held is not None else lane
    move.lanes[lane.key] = lane
    show(move, lane)
