"""Walking a lane: entering its steps until one waits, leaving volatile sections, closing."""

from dataclasses import replace

from bot.engine.effects import PromptFence, Retire, Text
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
    Step,
)
from bot.engine.move import HIDDEN_ENTRIES, Move
from bot.engine.prompts import (
    PHASE_HELD,
    prompt_for,
)
from bot.engine.session import Composed, ComposedPart, Lane, LaneStatus

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
            target = past_section(move, lane, step.following)
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
                compose(move, step, lane.person, lane.key)
            case Assign():
                assign(move, step, lane.person, lane.key)
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
        target = past_section(move, lane, next_step(move, step, lane.person))
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


def assign(move: Move, step: Assign, person: str | None, lane: str | None = None) -> None:
    """Set slots to the values of their expressions; a missing value leaves the slot as it was."""
    for name, expression in step.values:
        slot = move.flow.slots[name]
        data = expression.evaluate(move.scope(person))
        owner = move.owner(slot, person)
        if data is not None and owner is not None:
            move.write(slot, owner, str(data) if isinstance(data, bool) else data, lane=lane)


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


def past_section(move: Move, lane: Lane, target: str | None) -> str | None:
    """Leave a volatile section when its last step is through: only its named results are kept."""
    section = move.section_of(lane) if lane.key in move.hidden else None
    if section is None:
        return target
    if target is not None and move.flow.lane_of.get(target) == section.id:
        return target
    # The way on may hang on answers that are forgotten here.
    after = target if target is not None else next_step(move, section, lane.person)
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
    move.lanes[lane.key] = replace(move.lanes[lane.key], step=None, status=LaneStatus.DONE, phase="")


def compose(move: Move, step: Compose, person: str, lane: str | None = None) -> None:
    """Build the text out of copies of the person's own answers; raises FlowBroken on anybody else's."""
    scope = move.scope(person)
    parts: list[ComposedPart] = []
    for part in step.parts:
        if part.when is None or part.when.holds(scope):
            args = {name: _own_data(move, name, person) for name in move.flow.texts[part.key].names}
            parts.append(ComposedPart(key=part.key, args=args))
    move.write(move.flow.slots[step.slot], person, Composed(flow=move.flow.id, parts=tuple(parts)), lane=lane)


def _own_data(move: Move, name: str, person: str) -> str | int | tuple[str, ...]:
    slot = move.flow.slots[name]
    owner = move.owner(slot, person)
    value = move.read(slot, owner)
    if owner not in {person, ""} or (value is not None and isinstance(value.data, Composed)):
        message = f"'{name}' is not this person's own plain answer"
        raise FlowBroken(message)
    return "" if value is None or isinstance(value.data, Composed) else value.data


def close(move: Move, lane: Lane) -> None:
    """End a lane that will never be done."""
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
