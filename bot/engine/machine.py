"""The engine's one function: ``advance(flow, session, event, now)``.

Rule 1: everything that moves a session goes through here. It reads no clock, draws no randomness and does no I/O;
the same arguments give the same turn. An event that does not fit the session's state changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import assert_never

from bot.engine.answering import answer_choice, answer_text
from bot.engine.editing import edited
from bot.engine.effects import Effect, Send
from bot.engine.events import (
    Begun,
    ChoicePicked,
    Dissolved,
    Event,
    FormFilled,
    Frozen,
    Joined,
    Recalled,
    RecordEnded,
    ShownAgain,
    Signalled,
    TextEdited,
    TextTyped,
    Thawed,
    TimerDue,
)
from bot.engine.faults import PrivacyBreach
from bot.engine.filling import fill
from bot.engine.granting import grant_value
from bot.engine.guards import Data
from bot.engine.lanes import pass_over, set_right, show, thaw_lane
from bot.engine.model import Flow, SlotType
from bot.engine.move import Move
from bot.engine.prompts import asks_in_room, lost_section, waiting_lane
from bot.engine.session import Frame, Lane, LaneStatus, Member, Session, Value, value_key
from bot.engine.signals import decide_drafts, decides_drafts, signalled
from bot.engine.stages import current_stage, dissolve, expire, fade, finish, go, join_late, settle
from bot.engine.standing import deadline
from bot.engine.watching import Watch

HELD_MAX = 3500
"""The most characters that are kept of what is typed during a pause: shown with a question, they fit a message."""

NEVER_AGAIN = 2**62
"""The lifetime of a session that has expired once: it only says goodbye."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What a turn leads to: the session after it, and what the host is asked to do, in order."""

    session: Session
    effects: tuple[Effect, ...]
    weighed: Mapping[tuple[str, str | None], Data] = field(default_factory=dict[tuple[str, str | None], Data])
    """What outcomes came to, by name and whom it was weighed for; None is everybody in the flow."""


def new_session(
    flow: Flow,
    *,
    session_id: str,
    unit: str,
    place: str | None,
    starter: str,
    roles: Mapping[str, tuple[str, ...]],
    members: Mapping[str, Member],
    now: int,
) -> Session:
    """Return a session that has not begun: ``advance`` it with Begun."""
    return Session(
        id=session_id,
        flow=flow.id,
        revision=flow.revision,
        unit=unit,
        place=place,
        starter=starter,
        frames=(Frame(no=0, flow=flow.id, roles=dict(roles)),),
        values={},
        members=dict(members),
        expires_at=now + flow.lifetime,
    )


def advance(flow: Flow, session: Session, event: Event, now: int, watch: Watch | None = None) -> Turn:
    """Return the session after the event and the effects of the turn.

    ``now`` is in epoch milliseconds; ``watch`` is told which ways were taken. Raises EngineFault when the turn must
    not be kept: a breach of privacy, a flow that runs on, or a session that belongs to another revision.
    """
    move = Move(flow, session, now, _actor(event), watch)
    if isinstance(event, ChoicePicked) and decides_drafts(event):
        decide_drafts(move, event)
    elif not session.ended:
        _handle(move, event)
        if move.session.frozen_at is None:
            settle(move)
            _tell_through(move, event)
    after, effects = move.finish()
    return Turn(session=after, effects=effects, weighed=move.weighed)


def _tell_through(move: Move, event: Event) -> None:
    """Who is through while others are not hears so once; while nothing was shown yet, with how to take it back."""
    if move.session.ended or not isinstance(event, TextTyped | FormFilled | ChoicePicked | Signalled):
        return
    if any(isinstance(effect, Send) and effect.to == event.person for effect in move.effects):
        return
    own = [lane for lane in move.lanes.values() if lane.person == event.person]
    if any(lane.status is LaneStatus.DONE and lane.trail for lane in own):
        move.reply(event.person, "lane.through")
    elif all(lane.status is LaneStatus.DONE for lane in own) and move.alone is None:
        move.reply(event.person, "lane.on")


def _handle(move: Move, event: Event) -> None:
    match event:
        case Begun():
            _begin(move, event)
        case TextTyped():
            _typed(move, event)
        case FormFilled():
            fill(move, event)
        case TextEdited():
            edited(move, event)
        case ChoicePicked():
            _picked(move, event)
        case Signalled():
            signalled(move, event)
        case TimerDue():
            _timer(move, event)
        case Joined():
            _joined(move, event)
        case ShownAgain():
            _shown_again(move, event.person)
        case Frozen() | Thawed() | RecordEnded() | Dissolved():
            _from_around(move, event)
        case _:
            assert_never(event)


def _from_around(move: Move, event: Frozen | Thawed | RecordEnded | Dissolved) -> None:
    """What happens around a session: to its room or pair, or to the record that it is about."""
    match event:
        case Frozen():
            if move.session.frozen_at is None:
                move.session.frozen_at = move.now
        case Thawed():
            _thawed(move)
        case RecordEnded():
            finish(move)
        case Dissolved():
            dissolve(move)
        case _:
            assert_never(event)


def _actor(event: Event) -> str | None:
    match event:
        case TextTyped() | FormFilled() | TextEdited() | ChoicePicked() | Signalled() | Joined() | ShownAgain():
            return event.person
        case Begun() | TimerDue() | Frozen() | Thawed() | RecordEnded() | Dissolved():
            return None
        case _:
            assert_never(event)


def _begin(move: Move, event: Begun) -> None:
    move.actor = move.session.starter
    for name, value in event.given.items():
        slot = move.flow.slots[name]
        owner = move.owner(slot, move.session.starter)
        if not slot.given or owner is None:
            continue
        if value.author and value.author != owner:
            message = f"'{name}' of flow '{move.flow.id}' would get words of somebody else than its owner"
            raise PrivacyBreach(message)
        move.values[value_key(0, name, owner)] = Value(data=value.data)
        ref = move.ref(slot, owner)
        readers = tuple(person for person in move.everyone() if person != owner and person in value.shown_to)
        if slot.granted and ref is not None and readers:
            grant_value(move, ref, readers)
    for recalled in event.recalled:
        _recall(move, recalled)
    go(move, move.flow.first)


def _recall(move: Move, recalled: Recalled) -> None:
    """Take a record's value as its author's own, unless the start itself has given one."""
    slot = move.flow.slots[recalled.slot]
    owner = move.owner(slot, recalled.author)
    if slot.recalls is None or owner != recalled.author or owner not in {"", *move.everyone()}:
        message = f"'{slot.name}' of flow '{move.flow.id}' would get a record's words of somebody else than its owner"
        raise PrivacyBreach(message)
    if slot.type is SlotType.LIST:
        move.add_item(slot, owner, str(recalled.data))
    else:
        move.values.setdefault(value_key(0, slot.name, owner), Value(data=recalled.data))


def _typed(move: Move, event: TextTyped) -> None:
    lane = waiting_lane(move, event.person)
    if lane is None:
        move.reply(event.person, "nothing.waits")
    elif move.session.frozen_at is not None and lost_section(move, lane):
        # It begins anew after the pause: what is typed into it until then is kept nowhere.
        move.reply(event.person, "frozen.resting")
    elif move.session.frozen_at is not None:
        held = f"{lane.held}\n{event.text}" if lane.held else event.text
        move.lanes[lane.key] = replace(lane, held=held[:HELD_MAX])
        move.reply(event.person, "frozen.kept")
    elif not set_right(move, lane):
        answer_text(move, lane, event)


def _picked(move: Move, event: ChoicePicked) -> None:
    lane = _lane_at(move, event)
    if move.session.frozen_at is not None:
        move.reply(event.person, "frozen.resting")
    elif lane is None:
        move.reply(event.person, "stale")
        _show_waiting(move, event.person)
    elif not set_right(move, lane):
        answer_choice(move, lane, event.choice)


def _lane_at(move: Move, event: ChoicePicked) -> Lane | None:
    """The waiting lane that the pressed prompt belongs to, or None when the prompt is stale."""
    if event.lane.endswith(":"):
        lane = move.lanes.get(event.lane + event.person)
        current = lane is not None and event.entry == move.frame.entry
    else:
        lane = move.lanes.get(event.lane)
        current = lane is not None and lane.person == event.person and event.entry == lane.entry
    waiting = lane is not None and lane.status is LaneStatus.WAITING and lane.step is not None
    return lane if current and waiting else None


def _timer(move: Move, event: TimerDue) -> None:
    due = deadline(move.before)
    if due is None or due[1] != event.entry or due[0] > move.now:
        return
    stage = current_stage(move)
    if event.entry:
        if stage is not None:
            expire(move, stage)
        return
    move.session.expires_at = NEVER_AGAIN
    fade(move)


def _joined(move: Move, event: Joined) -> None:
    role = move.flow.roles.get(event.role)
    present = move.frame.roles.get(event.role, ())
    if role is None or event.person in present or (present and not role.many):
        return
    roles = {**move.frame.roles, event.role: (*present, event.person)}
    move.frame.roles = roles
    move.session.members = {**move.session.members, event.person: event.member}
    join_late(move, event.role, event.person)


def _thawed(move: Move) -> None:
    since = move.session.frozen_at
    if since is None:
        return
    stood = move.now - since
    due = move.frame.due
    move.frame.due = None if due is None else due + stood
    move.session.frozen_at = None
    move.session.expires_at += stood
    for lane in list(move.lanes.values()):
        waits = lane.status is LaneStatus.WAITING and lane.step is not None and not lost_section(move, lane)
        if waits and not pass_over(move, lane):
            thaw_lane(move, lane)


def _shown_again(move: Move, person: str) -> None:
    if move.session.frozen_at is not None:
        move.reply(person, "frozen.resting")
        return
    _show_waiting(move, person)


def _show_waiting(move: Move, person: str) -> None:
    lane = waiting_lane(move, person)
    if lane is None or (not lost_section(move, lane) and asks_in_room(move, lane)):
        move.reply(person, "nothing.waits")
    elif not set_right(move, lane):
        show(move, lane)
