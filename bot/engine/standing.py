"""Where a session stands: what it waits for, from whom and until when. Nothing here changes it."""

from bot.engine.effects import PromptFence
from bot.engine.model import Flow
from bot.engine.move import Move
from bot.engine.prompts import Prompt, asks_in_room, lost_section, prompt_for, waiting_lane, waiting_lanes
from bot.engine.session import LaneStatus, Session
from bot.engine.stages import current_stage


def deadline(session: Session) -> tuple[int, int] | None:
    """Return the session's next deadline as (instant, entry that fences it), or None while it stands still."""
    if session.ended or session.frozen_at is not None:
        return None
    due, entry = session.expires_at, 0
    if session.top.due is not None and session.top.due <= due:
        due, entry = session.top.due, session.top.entry
    return due, entry


def prompts_of(flow: Flow, session: Session, person: str, now: int) -> list[Prompt]:
    """Return what waits for the person, the newest first, without changing anything."""
    if session.ended or person in session.gone:
        return []
    move = Move(flow, session, now, person)
    lanes = sorted(waiting_lanes(move, person), key=lambda lane: lane.entry, reverse=True)
    return [prompt_for(move, lane) for lane in lanes if not lost_section(move, lane)]


def waits_for(flow: Flow, session: Session, person: str) -> bool:
    """Return whether something waits for the person, in their own chat."""
    if session.ended or person in session.gone:
        return False
    move = Move(flow, session, 0, person)
    lane = waiting_lane(move, person)
    return lane is not None and (lost_section(move, lane) or not asks_in_room(move, lane))


def takes_part(flow: Flow, session: Session, person: str) -> bool:
    """Return whether the person is at it: something waits for them, or they are through where others are not."""
    through = (lane.status is LaneStatus.DONE and lane.person == person for lane in session.top.lanes.values())
    return waits_for(flow, session, person) or (not session.ended and any(through))


def is_current(session: Session, fence: PromptFence) -> bool:
    """Return whether a prompt of that fence still waits for its answer."""
    if fence.lane.startswith("drafts:"):
        return fence.lane.removeprefix("drafts:") in session.deciding
    if session.ended:
        return False
    if fence.lane.endswith(":"):
        return fence.entry == session.top.entry
    lane = session.top.lanes.get(fence.lane)
    return lane is not None and lane.status is LaneStatus.WAITING and lane.entry == fence.entry


def takes(flow: Flow, session: Session, role: str) -> bool:
    """Return whether the running stage waits for somebody to take a vacant role."""
    if session.ended or session.top.roles.get(role):
        return False
    stage = current_stage(Move(flow, session, 0, None))
    return stage is not None and any(script.role == role for script in stage.lanes)
