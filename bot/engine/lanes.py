"""Walking a lane: entering its steps until one waits, leaving volatile sections, closing."""

from dataclasses import replace
from types import EllipsisType

from bot.engine.binding import item_text, outward, say
from bot.engine.composing import assign, compose
from bot.engine.drafts import keep_held
from bot.engine.effects import PromptFence, Retire, Text
from bot.engine.faults import FlowBroken
from bot.engine.granting import take_back
from bot.engine.keeping import keep
from bot.engine.launching import launch
from bot.engine.model import (
    Ask,
    Assign,
    Compose,
    Do,
    Each,
    End,
    Gate,
    Grant,
    Keep,
    Reveal,
    Review,
    Say,
    Section,
    SlotType,
    Start,
    Step,
)
from bot.engine.move import HIDDEN_ENTRIES, Move, phrase
from bot.engine.prompts import (
    PHASE_HELD,
    lost_section,
    prompt_for,
)
from bot.engine.scope import TurnScope, holds
from bot.engine.session import Lane, LaneStatus
from bot.engine.several import drop_last, full
from bot.engine.showing import reveal
from bot.engine.watching import Way

LONGEST_TRAIL = 30
"""How many steps Back can return through."""


def open_lane(move: Move, role: str, person: str, first: str) -> None:
    """Start a person's lane and walk it to its first question."""
    lane = Lane(role=role, person=person)
    move.lanes[lane.key] = lane
    walk(move, lane, first)


def keep_done(move: Move, role: str, person: str) -> None:
    """Let a lane stand as done that was done when its stage was left the time before."""
    lane = Lane(role=role, person=person, status=LaneStatus.DONE)
    move.lanes[lane.key] = lane


def walk(move: Move, lane: Lane, target: str | None) -> None:
    """Go through steps from ``target`` until one waits, or the lane is done."""
    while target is not None:
        lane, step = move.lanes[lane.key], move.step(target)
        if not holds(move, step.when, lane.person, lane.item):
            move.took(step.id, Way.PASSED_OVER)
            target = leave_inner(move, lane, step, step.following)
            continue
        move.took(step.id, Way.ENTERED)
        match step:
            case Ask() | Gate() | Review() | Grant():
                wait_at(move, lane, step)
                return
            case Section():
                _open_section(move, lane, step)
                target = step.first
                continue
            case Each():
                lane = _begin_loop(move, lane, step)
                target = step.first if lane.items else leave_inner(move, lane, step, way_on(move, step, lane))
                continue
            case Reveal():
                target = _read(move, lane, step)
                continue
            case End(closed=True):
                close(move, lane)
                return
            case End():
                break
            case _:
                _carry_out(move, lane, step)
        target = leave_inner(move, move.lanes[lane.key], step, way_on(move, step, lane))
    _finish(move, lane)


def lasting(move: Move, step: Step, person: str | None) -> bool:
    """Whether what the step does is not undone by going back: others hear of it, or it would be done once more."""
    match step:
        case Say():
            return outward(move, step, person)
        case Keep():
            return not step.latest
        case Start() | Do():
            return True
        case _:
            return False


def _carry_out(move: Move, lane: Lane, step: Step) -> None:
    """Do what a step does that does not wait."""
    if (lane.trail or move.frame.trail) and lasting(move, step, lane.person):
        # Back returns within one's own part only, and not across this; alone, earlier stages are one's own part too.
        move.lanes[lane.key] = lane = replace(lane, trail=())
        move.frame.trail = ()
    match step:
        case Compose():
            compose(move, step, lane.person, lane.key)
        case Assign():
            assign(move, step, lane.person, lane.key)
        case Say():
            say(move, step, lane.person, lane.item)
        case Keep():
            keep(move, step, lane.person, lane.item)
        case Start():
            launch(move, step, lane.person)
        case _:
            message = f"step '{step.id}' cannot stand in a lane"
            raise FlowBroken(message)


def next_step(
    move: Move, step: Step, person: str | None, item: str = "", *, reader: str | EllipsisType | None = ...
) -> str | None:
    """Return where the step leads: its first branch that holds, else the step that follows.

    ``reader`` is the only one who sees which, if that is not the person whose answers are asked for.
    """
    for number, branch in enumerate(step.next):
        if branch.guard is None or branch.guard.holds(TurnScope(move, person, item, reader=reader)):
            move.took(step.id, Way.BRANCH, number)
            return branch.to
    move.took(step.id, Way.FOLLOWING)
    return step.following


def missing(move: Move, step: Reveal | Keep) -> str | None:
    """Return where the step leads when there is nothing to show, or to keep."""
    move.took(step.id, Way.MISSING)
    return step.missing


def way_on(move: Move, step: Step, lane: Lane) -> str | None:
    """Return where the step leads the lane's person."""
    return next_step(move, step, lane.person, lane.item)


def wait_at(move: Move, lane: Lane, step: Step) -> None:
    """Stop at a step and show it; a new entry makes every older prompt of the lane stale."""
    entry = lane.entry + 1 if lane.key in move.hidden else move.session.next_entry()
    move.lanes[lane.key] = lane = lane.waiting_at(step.id, entry)
    show(move, lane)


def return_in(move: Move, lane: Lane) -> None:
    """Go back to the step that the lane answered last; what was granted there and not revealed is taken back."""
    *rest, place = lane.trail
    name, _, item = place.partition("#")
    step = move.step(name)
    around = move.flow.steps.get(move.flow.lane_of.get(name, ""))
    items = tuple(items_for(move, around, lane.person)) if isinstance(around, Each) else ()
    lane = replace(lane, trail=tuple(rest), back_to=None, held=None, items=items, item=item)
    move.lanes[lane.key] = lane
    granted = step.item if isinstance(step, Grant) else step.save if isinstance(step, Ask) and step.shown_to else None
    if granted is not None:
        take_back(move, lane.person, move.flow.slots[granted])
    if full(move, step, lane):
        # It went on by itself when the last item was there: that is what is taken back.
        drop_last(move, step, lane)
    wait_at(move, lane, step)


def show(move: Move, lane: Lane) -> None:
    """Send the question that the lane waits at; a question in the room is sent once for everyone there."""
    prompt = prompt_for(move, lane)
    if prompt.room:
        return
    move.send(
        lane.person,
        prompt.paragraphs,
        offer=prompt.offer,
        invitation=prompt.invitation,
        nudge=prompt.nudge,
    )


def again(move: Move, lane: Lane, why: Text) -> None:
    """Repeat the waiting question below one sentence that says why."""
    prompt = prompt_for(move, lane)
    if prompt.room:
        move.send(lane.person, [why])
        return
    move.send(lane.person, [why, *prompt.paragraphs], offer=prompt.offer)


def _open_section(move: Move, lane: Lane, step: Section) -> None:
    move.hidden[lane.key] = {}
    # Back stays within the section: what is hidden has no place outside of it.
    entry = move.session.next_entry() * HIDDEN_ENTRIES
    move.lanes[lane.key] = replace(lane, step=step.id, entry=entry, phase="", trail=())


def _read(move: Move, lane: Lane, step: Reveal) -> str | None:
    """Show the lane's person what was granted to them, and return where they go on to."""
    # Nobody goes back to before what they have read.
    move.lanes[lane.key] = replace(lane, trail=())
    shown = reveal(move, step, lane.person)
    return missing(move, step) if step.missing is not None and not shown else way_on(move, step, lane)


def set_right(move: Move, lane: Lane) -> bool:
    """Take a lane on whose question nobody can answer any more; False when it still can be answered.

    A volatile section whose memory was lost begins anew; an item that its author took out of the list is passed over.
    """
    section = move.flow.steps.get(lane.step or "")
    if isinstance(section, Section) and lost_section(move, lane):
        move.hidden[lane.key] = {}
        lane = replace(lane, entry=lane.entry * HIDDEN_ENTRIES)
        move.lanes[lane.key] = lane
        walk(move, lane, section.first)
        return True
    return pass_over(move, lane)


def pass_over(move: Move, lane: Lane) -> bool:
    """Go on from an item that its author took out of the list; False when it is still there."""
    loop = move.flow.steps.get(move.flow.lane_of.get(lane.step or "", "")) if lane.item else None
    if not isinstance(loop, Each) or item_text(move, loop.over, lane.item) != phrase("value.none"):
        return False
    retire(move, lane)
    move.lanes[lane.key] = lane = replace(lane, held=None, phase="")
    target = _past_loop(move, lane, loop, None)
    walk(move, move.lanes[lane.key], target)
    return True


def _begin_loop(move: Move, lane: Lane, step: Each) -> Lane:
    items = tuple(items_for(move, step, lane.person))
    if not items:
        move.took(step.id, Way.NOTHING)
    move.lanes[lane.key] = lane = replace(lane, items=items, item=items[0] if items else "")
    return lane


def items_for(move: Move, step: Each, person: str) -> list[str]:
    """Return what the loop goes through for that person: what they may read, or what they picked."""
    slot = move.flow.slots.get(step.over)
    if slot is None or slot.type is not SlotType.LIST:
        scope = TurnScope(move, person)
        found = scope.value(step.over)
        return list(found) if isinstance(found, tuple) else []
    return [
        ref.item
        for ref in move.items(slot)
        if move.readable(ref, person) and ref.owner != (person if step.others else "")
    ]


def leave_inner(move: Move, lane: Lane, step: Step, target: str | None) -> str | None:
    """Return where the lane goes on to after a step of a section or a loop: round once more, or out of it."""
    around = move.flow.steps.get(move.flow.lane_of.get(step.id, ""))
    after = _past_loop(move, lane, around, target) if isinstance(around, Each) else _past_section(move, lane, target)
    return after if lane.back_to is None else _after_a_change(move, move.lanes[lane.key], step, after)


def _after_a_change(move: Move, lane: Lane, step: Step, target: str | None) -> str | None:
    """Where a section that was gone through anew leads: back to the review that asked for it."""
    inside = move.flow.lane_of.get(step.id)
    going_on = target is not None and move.flow.lane_of.get(target) == inside
    if lane.back_to is None or going_on or inside in move.flow.around(lane.back_to):
        return target
    move.lanes[lane.key] = replace(lane, back_to=None)
    return lane.back_to


def _past_loop(move: Move, lane: Lane, loop: Each, target: str | None) -> str | None:
    if target is not None and move.flow.lane_of.get(target) == loop.id:
        return target
    left = lane.items[lane.items.index(lane.item) + 1 :] if lane.item in lane.items else ()
    if target is None and left:
        move.lanes[lane.key] = replace(lane, item=left[0])
        move.took(loop.id, Way.AGAIN)
        return loop.first
    move.lanes[lane.key] = lane = replace(lane, items=(), item="")
    return target if target is not None else way_on(move, loop, lane)


def _past_section(move: Move, lane: Lane, target: str | None) -> str | None:
    """Leave a volatile section when its last step is through: only its named results are kept."""
    section = move.section_of(lane) if lane.key in move.hidden else None
    if section is None:
        return target
    if target is not None and move.flow.lane_of.get(target) == section.id:
        return target
    # The way on may hang on answers that are forgotten here.
    after = target if target is not None else way_on(move, section, lane)
    inside = move.hidden.pop(lane.key)
    for name in section.results:
        slot = move.flow.slots[name]
        owner = move.owner(slot, lane.person)
        value = inside.get(move.key(slot, owner or ""))
        if owner is not None and value is not None:
            move.write(slot, owner, value.data)
    move.lanes[lane.key] = replace(lane, entry=lane.entry // HIDDEN_ENTRIES, trail=())
    return after


def _finish(move: Move, lane: Lane) -> None:
    move.lanes[lane.key] = move.lanes[lane.key].through()


def close(move: Move, lane: Lane) -> None:
    """End a lane that will never be done."""
    keep_held(move, lane)
    move.hidden.pop(lane.key, None)
    move.lanes[lane.key] = replace(lane, step=None, status=LaneStatus.CLOSED, phase="", held=None)


def retire(move: Move, lane: Lane, chosen: Text | None = None) -> None:
    """Take the buttons of the lane's prompt away, echoing the choice to its own author."""
    move.effects.append(Retire(fence=PromptFence(lane=lane.key, entry=lane.entry), chosen=chosen))


def thaw_lane(move: Move, lane: Lane) -> None:
    """Show the waiting question again after a pause, first offering what was typed meanwhile."""
    if lane.key not in move.hidden:
        # A new entry: what was queued before the pause and not yet sent is stale now.
        lane = replace(lane, entry=move.session.next_entry())
    lane = replace(lane, phase=PHASE_HELD) if lane.held is not None else lane
    move.lanes[lane.key] = lane
    show(move, lane)
