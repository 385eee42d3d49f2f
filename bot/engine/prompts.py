"""What a waiting lane shows: the question, its choices, and whether free text answers it."""

from dataclasses import dataclass
from typing import assert_never

from bot.engine.effects import Choice, NameRef, PromptFence, Text
from bot.engine.faults import FlowBroken
from bot.engine.model import TYPED, Ask, Flow, Gate, Grant, Review, Section
from bot.engine.move import Move, phrase
from bot.engine.session import Lane, LaneStatus

SKIP, CHANGE, OK, SHARE, KEEP = "skip", "change", "ok", "share", "keep"
YES, LATER, NOT_NOW, KINDLY, NEVER = "yes", "later", "not_now", "kindly", "never"
USE, LEAVE = "use", "leave"

PHASE_WHICH = "which"
"""A review that asks which answer to change."""

PHASE_HELD = "held"
"""A thawed lane that offers what was typed meanwhile."""

Waiting = Ask | Gate | Review | Grant
"""The kinds of step that a lane can wait at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """A question as it is shown: ``room`` when it stands in the room for everyone."""

    paragraphs: tuple[Text, ...]
    choices: tuple[Choice, ...]
    fence: PromptFence
    typed: bool = False
    invitation: bool = False
    room: bool = False


def waiting_step(flow: Flow, lane: Lane) -> Waiting:
    """Return the step that the lane waits at."""
    step = flow.steps.get(lane.step or "")
    if isinstance(step, Ask | Gate | Review | Grant):
        return step
    message = f"lane '{lane.key}' does not wait at '{lane.step}'"
    raise FlowBroken(message)


def prompt_for(move: Move, lane: Lane) -> Prompt:
    """Return what the lane shows to its person."""
    step = waiting_step(move.flow, lane)
    fence = PromptFence(lane=lane.key, entry=lane.entry)
    if lane.phase == PHASE_HELD:
        return Prompt(
            paragraphs=(phrase("thaw.held", words=lane.held or ""),),
            choices=(_standard(USE), _standard(LEAVE)),
            fence=fence,
        )
    match step:
        case Ask():
            return _ask(move, step, lane, fence)
        case Gate():
            return _gate(move, step, lane, fence)
        case Review():
            return _review(move, step, lane, fence)
        case Grant():
            return _grant(move, step, lane, fence)
        case _:
            assert_never(step)


def _standard(value: str) -> Choice:
    return Choice(value=value, label=phrase(f"choice.{value}"))


def _ask(move: Move, step: Ask, lane: Lane, fence: PromptFence) -> Prompt:
    slot = move.flow.slots[step.save]
    room = step.in_room and move.session.place is not None
    return Prompt(
        paragraphs=(move.text(f"{step.id}.ask", lane.person),),
        choices=step.choices,
        fence=PromptFence(lane=f"{lane.role}:", entry=move.frame.entry) if room else fence,
        typed=slot.type in TYPED and not slot.options,
        room=room,
    )


def _gate(move: Move, step: Gate, lane: Lane, fence: PromptFence) -> Prompt:
    offered = {YES: True, LATER: step.later, NOT_NOW: True, KINDLY: step.kindly, NEVER: step.never}
    values = [value for value, is_there in offered.items() if is_there]
    choices = [
        Choice(value=value, label=Text(flow=move.flow.id, key=f"{step.id}.{value}"))
        if f"{step.id}.{value}" in move.flow.texts
        else _standard(value)
        for value in values
    ]
    return Prompt(
        paragraphs=(move.text(f"{step.id}.gate", lane.person),),
        choices=tuple(choices),
        fence=fence,
        invitation=step.invitation,
    )


def _review(move: Move, step: Review, lane: Lane, fence: PromptFence) -> Prompt:
    items = [name for name in step.items if move.read(move.flow.slots[name], lane.person) is not None]
    names = {name: Text(flow=move.flow.id, key=f"slots.{name}.name") for name in items}
    if lane.phase == PHASE_WHICH:
        return Prompt(
            paragraphs=(phrase("review.which"),),
            choices=tuple(Choice(value=name, label=names[name]) for name in items),
            fence=fence,
        )
    lines = [phrase("review.line", name=names[name], value=_own(move, name, lane)) for name in items]
    return Prompt(
        paragraphs=(move.text(f"{step.id}.review", lane.person), *lines),
        choices=(_standard(OK), _standard(CHANGE)),
        fence=fence,
    )


def _own(move: Move, name: str, lane: Lane) -> Text:
    slot = move.flow.slots[name]
    ref = move.ref(slot, move.owner(slot, lane.person) or "")
    return phrase("value.none") if ref is None else phrase("value.own", value=ref)


def _grant(move: Move, step: Grant, lane: Lane, fence: PromptFence) -> Prompt:
    values = [SHARE, *([CHANGE] if step.change else []), KEEP]
    # Who has left is named all the same: nobody can tell a leaver from somebody who is silent.
    audience = [person for person in move.frame.roles.get(step.to, ()) if person != lane.person]
    names = phrase("names.one", name=NameRef(person=audience[0])) if len(audience) == 1 else phrase("names.all")
    return Prompt(
        paragraphs=(
            _grant_question(move, step, lane),
            phrase("grant.preview", names=names, item=_own(move, step.item, lane)),
        ),
        choices=tuple(_standard(value) for value in values),
        fence=fence,
    )


def waiting_lanes(move: Move, person: str) -> list[Lane]:
    """Return the person's waiting lanes; those in their own chat go before those in the room."""
    found = [
        lane
        for lane in move.lanes.values()
        if lane.person == person and lane.status is LaneStatus.WAITING and lane.step is not None
    ]
    return sorted(found, key=lambda lane: _in_room(move, lane))


def waiting_lane(move: Move, person: str) -> Lane | None:
    """Return the first of the person's waiting lanes."""
    return next(iter(waiting_lanes(move, person)), None)


def _grant_question(move: Move, step: Grant, lane: Lane) -> Text:
    key = f"{step.id}.grant"
    return move.text(key, lane.person) if key in move.flow.texts else phrase("grant.ask")


def lost_section(move: Move, lane: Lane) -> bool:
    """Return whether the lane stands in a volatile section whose memory is gone (the process restarted)."""
    return lane.key not in move.hidden and isinstance(move.flow.steps.get(lane.step or ""), Section)


def _in_room(move: Move, lane: Lane) -> bool:
    step = move.flow.steps.get(lane.step or "")
    return isinstance(step, Ask) and step.in_room and move.session.place is not None
