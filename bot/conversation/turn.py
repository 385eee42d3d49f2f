"""The turn: one occurrence in, one set of changes out. Pure: it reads the ledger and writes the ledger."""

from dataclasses import replace
from typing import assert_never

from bot.conversation.acting import act
from bot.conversation.asked import keep_asked
from bot.conversation.delivery import deliver, retire
from bot.conversation.envelope import (
    NOBODY,
    DeadlineCame,
    Envelope,
    Erasure,
    Occurrence,
    OutOfReach,
    PlaceKind,
    Reachability,
    RoomMoved,
    ScheduleCame,
)
from bot.conversation.erasing import erase, part_from_others
from bot.conversation.keeping import keep_or_let_stand
from bot.conversation.lost import go_on_without_flow
from bot.conversation.nudging import schedule_came
from bot.conversation.outbox import RowKind
from bot.conversation.pausing import freeze, thaw, thaw_without
from bot.conversation.people import new_person, plain_name
from bot.conversation.privacy import welcome
from bot.conversation.rooms import by_nobody, in_room, lose, move
from bot.conversation.routing import in_own_chat
from bot.conversation.scene import Scene
from bot.conversation.scheduling import rezone
from bot.conversation.seats import announce_next, bring_to_front, has_question, put_aside, put_behind, tidy
from bot.conversation.starting import start_from_flow
from bot.conversation.typed import hand_over
from bot.conversation.units import DRAFTS_KEPT, KeptDraft, Person, Room, Seat
from bot.engine.effects import (
    IN_ROOM,
    Act,
    DraftsErased,
    DraftsKept,
    Effect,
    FreezeOthers,
    KeepRecord,
    LetStand,
    Parked,
    Retire,
    SaidAgain,
    Send,
    StartFlow,
    ThawOthers,
)
from bot.engine.events import TimerDue
from bot.engine.machine import advance
from bot.engine.session import Session

SESSIONS_A_TURN = 200
"""The most session events that one occurrence may lead to."""


def take_turn(scene: Scene, occurrence: Occurrence) -> None:
    """Carry out one occurrence. Raises Wanted for what is not loaded, and EngineFault when it must not be kept."""
    match occurrence:
        case Envelope():
            _event(scene, occurrence)
        case DeadlineCame():
            if scene.ledger.is_damaged(occurrence.session, occurrence.unit):
                thaw_without(scene, occurrence.unit, occurrence.session)
            elif (session := scene.ledger.session(occurrence.session, occurrence.unit)) is not None:
                scene.later(session, TimerDue(entry=occurrence.entry))
            _run_agenda(scene)
        case ScheduleCame():
            schedule_came(scene, occurrence)
        case Erasure(person=person):
            if scene.ledger.has_unit(person):
                part_from_others(scene, scene.ledger.person(person))
                _run_agenda(scene)
                erase(scene, scene.ledger.person(person))
        case OutOfReach():
            _out_of_reach(scene, occurrence)
        case RoomMoved():
            move(scene, occurrence)
        case _:
            assert_never(occurrence)
    keep_asked(scene)


def _out_of_reach(scene: Scene, lost: OutOfReach) -> None:
    room = scene.ledger.unit_of(lost.platform, f"room:{lost.room}") if lost.room else None
    if room is not None:
        lose(scene, scene.ledger.room(room))
    elif lost.person and scene.ledger.has_unit(lost.person):
        scene.ledger.put(replace(scene.ledger.person(lost.person), unreachable=True))


def _event(scene: Scene, envelope: Envelope) -> None:
    scene.envelope = envelope
    if envelope.actor == NOBODY:
        by_nobody(scene, _room(scene, envelope), envelope.place, envelope.content)
        return
    person = _who(scene, envelope)
    actor = replace(envelope.actor, name=plain_name(envelope.actor.name))
    scene.actor = person.id
    if person.asked is not None:
        scene.asked[person.id] = None
    before, asked = person, has_question(scene, person)
    if envelope.place.kind is PlaceKind.DM:
        if _is_a_rooms(scene, envelope.place.id, person):
            return  # whatever says so is wrong, and what is private would be told to all
        if isinstance(envelope.content, Reachability):
            scene.ledger.put(replace(person, unreachable=not envelope.content.reachable))
            return
        person = scene.ledger.person_seen(person, actor, envelope.place.id, scene.now)
        if person.zone != before.zone:
            rezone(scene, person)
        if not before.chat:
            welcome(scene, person)
        in_own_chat(scene, person, envelope.content)
    else:
        person = scene.ledger.person_seen(person, actor, "", person.seen_at)
        in_room(scene, person, _room(scene, envelope), envelope.place, envelope.content)
    _run_agenda(scene)
    if envelope.place.kind is PlaceKind.DM:
        _never_silent(scene, person)
    if envelope.place.kind is PlaceKind.DM and asked:
        announce_next(scene, before)


def _is_a_rooms(scene: Scene, place: str, person: Person) -> bool:
    """Whether what is said to be somebody's own chat is known as a room."""
    return place != person.chat and scene.ledger.unit_of(person.platform, f"room:{place}") is not None


def _never_silent(scene: Scene, person: Person) -> None:
    """Whatever a person does in their own chat has an answer."""
    rows = [*scene.ledger.outbox, *scene.direct]
    if not any(row.kind is RowKind.MESSAGE and row.recipient == person.id for row in rows):
        scene.reply(person, "noted")


def _who(scene: Scene, envelope: Envelope) -> Person:
    known = scene.ledger.unit_of(envelope.platform, f"account:{envelope.actor.id}")
    if known is not None:
        return scene.ledger.person(known)
    return new_person(scene, envelope.platform, envelope.actor)


def _room(scene: Scene, envelope: Envelope) -> Room:
    key = f"room:{envelope.place.id}"
    known = scene.ledger.unit_of(envelope.platform, key)
    if known is not None:
        return scene.ledger.room(known)
    room = Room(id=scene.ids.id(), platform=envelope.platform, place=envelope.place.id)
    scene.ledger.create(room, (envelope.platform, key))
    return room


def _run_agenda(scene: Scene) -> None:
    """Internal events before external ones, until nothing is left to do."""
    for _ in range(SESSIONS_A_TURN):
        if not scene.agenda:
            return
        session, event = scene.agenda.popleft()
        current = scene.ledger.session(session.id, session.unit) or session
        if not scene.can_go_on(current):
            go_on_without_flow(scene, current, event)
            continue
        current = _with_its_actor_as_now(scene, scene.whole(current))
        turn = advance(scene.flow(current), current, event, scene.now, scene.watch)
        scene.ledger.put_session(turn.session)
        for effect in turn.effects:
            _carry_out(scene, turn.session, effect)
        tidy(scene, turn.session)
    message = f"one event led to more than {SESSIONS_A_TURN} events of sessions"
    raise RuntimeError(message)


def _with_its_actor_as_now(scene: Scene, session: Session) -> Session:
    """The session with the language and zone that its actor has by now."""
    if scene.actor not in session.members:
        return session
    now = scene.member(scene.actor)
    return (
        session
        if session.members[scene.actor] == now
        else replace(session, members={**session.members, scene.actor: now})
    )


def _carry_out(scene: Scene, session: Session, effect: Effect) -> None:
    match effect:
        case Send():
            # Who starts a flow counts as its actor; when it starts from another's event, it is no reply to them.
            send = replace(effect, reply=effect.reply and effect.to == scene.actor)
            if deliver(scene, session, send):
                _seat(scene, session, send)
        case Retire():
            retire(scene, session, effect)
        case FreezeOthers():
            freeze(scene, session)
        case ThawOthers():
            thaw(scene, session)
        case StartFlow():
            start_from_flow(scene, session, effect)
        case Act():
            act(scene, session, effect)
        case Parked():
            person = scene.ledger.person(effect.person)
            seat = Seat(unit=session.unit, session=session.id)
            scene.ledger.put(put_aside(person, seat))
        case KeepRecord() | LetStand():
            keep_or_let_stand(scene, session, effect)
        case DraftsKept() | DraftsErased():
            _note_drafts(scene, session, effect)
        case SaidAgain():
            hand_over(scene, scene.ledger.person(effect.person), session, effect.text)
        case _:
            assert_never(effect)


def _note_drafts(scene: Scene, session: Session, effect: DraftsKept | DraftsErased) -> None:
    person = scene.ledger.person(effect.person)
    kept = KeptDraft(session=session.id, flow=session.flow, at=scene.now, revisions=session.revisions)
    there = (draft for draft in person.drafts if draft.at > scene.now - DRAFTS_KEPT)
    others = tuple(draft for draft in there if draft.session != session.id)
    drafts = others if isinstance(effect, DraftsErased) else (*others, kept)
    scene.ledger.put(replace(person, drafts=drafts))


def _seat(scene: Scene, session: Session, send: Send) -> None:
    """A question comes to the front when its reader's own event led to it."""
    if send.to == IN_ROOM or send.fence is None:
        return
    person = scene.ledger.person(send.to)
    seat = Seat(unit=session.unit, session=session.id)
    if send.reply or (send.signal and person.front is None):
        scene.ledger.put(bring_to_front(person, seat))
    else:
        scene.ledger.put(put_behind(person, seat))
