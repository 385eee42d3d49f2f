"""What still works for a session whose revision can no longer be read: resting, being left, and ending in time.

Everything else raises RevisionLost: the turn is set aside with a kind word, and the session waits, as it stands, for
a program that can read it.
"""

from dataclasses import replace
from typing import assert_never

from bot.conversation.pausing import thaw
from bot.conversation.scene import Scene
from bot.conversation.seats import leave_seat
from bot.conversation.units import KeptDraft, Seat
from bot.engine.events import (
    Begun,
    ChoicePicked,
    Dissolved,
    Event,
    FormFilled,
    Frozen,
    Joined,
    RecordEnded,
    ShownAgain,
    Signal,
    Signalled,
    TextEdited,
    TextTyped,
    Thawed,
    TimerDue,
)
from bot.engine.session import LaneStatus, Session, key_parts


def go_on_without_flow(scene: Scene, session: Session, event: Event) -> None:
    """Carry out an event for a session that cannot be read. Raises RevisionLost for what needs its flow."""
    match event:
        case Frozen():
            scene.ledger.put_session(session if session.frozen_at else replace(session, frozen_at=scene.now))
        case Thawed():
            scene.ledger.put_session(_thawed(session, scene.now))
        case TimerDue() if not session.ended and session.frozen_at is None:
            _time_is_up(scene, session)
        case RecordEnded() | Dissolved() if not session.ended:
            _end_for_all(scene, session)
        case Signalled(person=person, signal=Signal.STOP) if not session.ended:
            _stop(scene, session, person)
        case (
            Begun()
            | TextTyped()
            | FormFilled()
            | TextEdited()
            | ChoicePicked()
            | Signalled()
            | TimerDue()
            | Joined()
            | ShownAgain()
            | RecordEnded()
            | Dissolved()
        ):
            scene.flow(session)
        case _:
            assert_never(event)


def _thawed(session: Session, now: int) -> Session:
    if session.frozen_at is None:
        return session
    stood = now - session.frozen_at
    top = session.top
    moved = replace(top, due=None if top.due is None else top.due + stood)
    frames = (*session.frames[:-1], moved)
    return replace(session, frozen_at=None, expires_at=session.expires_at + stood, frames=frames)


def _time_is_up(scene: Scene, session: Session) -> None:
    """A stage's deadline leads nowhere; the end of the session's life ends it, and a freeze that it holds."""
    if scene.now < session.expires_at:
        frames = (*session.frames[:-1], replace(session.top, due=None))
        scene.ledger.put_session(replace(session, frames=frames))
        return
    _end_for_all(scene, session)


def _end_for_all(scene: Scene, session: Session) -> None:
    for person in session.people:
        _keep_words(scene, session, person)
    _end(scene, session)


def _stop(scene: Scene, session: Session, person: str) -> None:
    """Leaving always works: nothing of what they granted is shown any more, and what they wrote is kept."""
    _keep_words(scene, session, person)
    scene.ledger.put(leave_seat(scene.ledger.person(person), Seat(unit=session.unit, session=session.id)))
    scene.reply(scene.ledger.person(person), "stopped.empty")
    left = {
        key: replace(lane, step=None, status=LaneStatus.CLOSED, phase="", held=None)
        if lane.person == person
        else lane
        for key, lane in session.top.lanes.items()
    }
    session = replace(
        session,
        frames=(*session.frames[:-1], replace(session.top, lanes=left)),
        gone=(*session.gone, person),
        grants=tuple(grant for grant in session.grants if grant.author != person),
    )
    if session.people:
        scene.ledger.put_session(session)
    else:
        _end(scene, session)


def _keep_words(scene: Scene, session: Session, person: str) -> None:
    if not any(key_parts(key)[2] == person for key in session.values):
        return
    found = scene.ledger.person(person)
    if found.session_only:
        return
    kept = KeptDraft(session=session.id, flow=session.flow, at=scene.now, revisions=session.revisions)
    others = tuple(draft for draft in found.drafts if draft.session != session.id)
    scene.ledger.put(replace(found, drafts=(*others, kept)))


def _end(scene: Scene, session: Session) -> None:
    scene.ledger.put_session(replace(session, ended=True))
    thaw(scene, session)
