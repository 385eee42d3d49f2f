"""What a waiting lane shows: the question, its choices, and whether free text answers it."""

from dataclasses import dataclass
from typing import assert_never

from bot.engine.binding import bind, item_text
from bot.engine.effects import Choice, FormAt, Listing, NameRef, PromptFence, Text, ValueRef
from bot.engine.faults import FlowBroken
from bot.engine.model import EVERYONE, TYPED, Ask, Flow, Gate, Grant, Review, Section, Slot, SlotType
from bot.engine.move import Move, Offer, phrase
from bot.engine.session import Lane, LaneStatus
from bot.engine.several import count, offered, own_items, pickable, piecewise, so_far

CHANGE, OK, SHARE, KEEP = "change", "ok", "share", "keep"
YES, LATER, NOT_NOW, KINDLY, NEVER = "yes", "later", "not_now", "kindly", "never"
USE, LEAVE = "use", "leave"
WAY = ">"
"""What the value of a choice begins with that leads to another step."""

SUGGESTED = "="
"""What the value of a choice begins with that is one of the suggested texts, by its number."""

ITEM = "#"
"""What the value of a choice begins with that is an item of a list."""

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
    several: bool = False
    """Several of its choices may be written at once."""
    nudge: bool = False
    form: FormAt | None = None
    """It is the first of questions that can be answered all at once."""

    @property
    def offer(self) -> Offer:
        """By what it can be answered."""
        return Offer(choices=self.choices, fence=self.fence, typed=self.typed, form=self.form)


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
            paragraphs=(phrase("thaw.held", words=lane.held or ""), *_audience(move, step, lane)),
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
    listed, picks = _items(move, step, slot, lane)
    question = bind(move, f"{step.id}.ask", lane.person, lane.item)
    several = piecewise(step, slot)
    pieces = so_far(move, step, lane) if several else ()
    return Prompt(
        paragraphs=(question, *listed, *pieces, *_audience(move, step, lane)),
        choices=(*picks, *offered(move, step, lane)) if several else (*picks, *step.choices),
        fence=PromptFence(lane=f"{lane.role}:", entry=move.frame.entry) if room else fence,
        typed=slot.type in TYPED and not slot.options,
        room=room,
        several=several and slot.type is SlotType.CHOICES,
        nudge=step.nudge,
        form=_form(move, step, lane),
    )


def _form(move: Move, step: Ask, lane: Lane) -> FormAt | None:
    """The form that begins with the question, unless a review asks for this one alone."""
    begins = step.id in move.flow.forms and lane.back_to is None and move.frame.back_to is None
    return FormAt(flow=move.flow.id, step=step.id) if begins else None


def _audience(move: Move, step: Waiting, lane: Lane) -> tuple[Text, ...]:
    """Where answering is the grant: who will see the answer."""
    if not isinstance(step, Ask) or step.shown_to is None:
        return ()
    return (phrase("ask.shown", names=_others(move, step.shown_to, lane)),)


def _items(move: Move, step: Ask, slot: Slot, lane: Lane) -> tuple[tuple[Text, ...], list[Choice]]:
    """What can be picked from a list: a line each, with its number, and the numbers as choices."""
    over = slot.over or step.suggest_from
    if over is None:
        return (), []
    found = pickable(move, over)
    if step.suggest_from is not None:
        found = tuple(item for item in found if not _taken_on(move, slot, lane, item_text(move, over, item)))
    if not found:
        return (), []
    lines = Listing(items=tuple(item_text(move, over, item) for item in found), lines=True, numbered=True)
    picks = [
        Choice(value=f"{ITEM}{item}", label=phrase("item.number", number=str(number)))
        for number, item in enumerate(found, 1)
    ]
    return (phrase("ask.items", items=lines),), picks


def _taken_on(move: Move, slot: Slot, lane: Lane, offered_item: ValueRef | Text) -> bool:
    """Whether the person has these very words among their own already."""
    own = own_items(move, slot, lane.person, new=False)
    words = {move.values[ref.key].data for ref in own}
    return isinstance(offered_item, ValueRef) and move.values[offered_item.key].data in words


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
        paragraphs=(bind(move, f"{step.id}.gate", lane.person, lane.item),),
        choices=tuple(choices),
        fence=fence,
        invitation=step.invitation,
    )


def _review(move: Move, step: Review, lane: Lane, fence: PromptFence) -> Prompt:
    items = [name for name in step.items if _answered(move, name, lane)]
    names = {name: Text(flow=move.flow.id, key=f"slots.{name}.name") for name in items}
    if lane.phase == PHASE_WHICH:
        return Prompt(
            paragraphs=(phrase("review.which"),),
            choices=tuple(Choice(value=name, label=names[name]) for name in items),
            fence=fence,
        )
    lines = [phrase("review.line", name=names[name], value=_own(move, name, lane)) for name in items]
    return Prompt(
        paragraphs=(bind(move, f"{step.id}.review", lane.person, lane.item), *lines),
        choices=(_standard(OK), _standard(CHANGE)),
        fence=fence,
    )


def _answered(move: Move, name: str, lane: Lane) -> bool:
    slot = move.flow.slots[name]
    if slot.type is SlotType.LIST:
        return count(move, slot, lane) > 0
    return move.read(slot, move.owner(slot, lane.person)) is not None


def _own(move: Move, name: str, lane: Lane, *, new: bool = False) -> Text:
    """The person's own answer; of a list their items, or those that are ``new``: not granted yet."""
    slot = move.flow.slots[name]
    if slot.type is SlotType.LIST:
        own = own_items(move, slot, lane.person, new=new)
        return phrase("value.own", value=Listing(items=own)) if own else phrase("value.none")
    owner = move.owner(slot, lane.person) or ""
    value = move.read(slot, owner)
    if value is not None and slot.over is not None:
        return phrase("value.own", value=item_text(move, slot.over, str(value.data)))
    ref = move.ref(slot, owner)
    return phrase("value.none") if ref is None else phrase("value.own", value=ref)


def _grant(move: Move, step: Grant, lane: Lane, fence: PromptFence) -> Prompt:
    values = [SHARE, *([CHANGE] if step.change else []), KEEP]
    return Prompt(
        paragraphs=(
            _grant_question(move, step, lane),
            phrase("grant.preview", names=_others(move, step.to, lane), item=_own(move, step.item, lane, new=True)),
        ),
        choices=tuple(_standard(value) for value in values),
        fence=fence,
    )


def _others(move: Move, audience: str, lane: Lane) -> Text:
    """Who would see it. Who has left is named all the same: nobody can tell a leaver from somebody who is silent."""
    roles = move.flow.roles if audience == EVERYONE else (audience,)
    found = dict.fromkeys(p for role in roles for p in move.frame.roles.get(role, ()) if p != lane.person)
    only = next(iter(found)) if len(found) == 1 else None
    return phrase("names.all") if only is None else phrase("names.one", name=NameRef(person=only))


def waiting_lanes(move: Move, person: str) -> list[Lane]:
    """Return the person's waiting lanes; those in their own chat go before those in the room."""
    found = [
        lane
        for lane in move.lanes.values()
        if lane.person == person and lane.status is LaneStatus.WAITING and lane.step is not None
    ]
    return sorted(found, key=lambda lane: asks_in_room(move, lane))


def waiting_lane(move: Move, person: str) -> Lane | None:
    """Return the first of the person's waiting lanes."""
    return next(iter(waiting_lanes(move, person)), None)


def _grant_question(move: Move, step: Grant, lane: Lane) -> Text:
    key = f"{step.id}.grant"
    return bind(move, key, lane.person, lane.item) if key in move.flow.texts else phrase("grant.ask")


def lost_section(move: Move, lane: Lane) -> bool:
    """Return whether the lane stands in a volatile section whose memory is gone (the process restarted)."""
    return lane.key not in move.hidden and isinstance(move.flow.steps.get(lane.step or ""), Section)


def asks_in_room(move: Move, lane: Lane) -> bool:
    """Return whether the lane asks before everybody in the room. What is held is told to its author alone."""
    if lane.phase == PHASE_HELD:
        return False
    step = move.flow.steps.get(lane.step or "")
    return isinstance(step, Ask) and step.in_room and move.session.place is not None
