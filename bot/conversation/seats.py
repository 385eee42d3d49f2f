"""Which prompt is in front in a person's chat, what waits behind it, and opening what waits."""

from dataclasses import replace

from bot.conversation.delivery import has_mail, send_now
from bot.conversation.outbox import MessageClass
from bot.conversation.scene import PromptAbout, Scene, phrase_choice
from bot.conversation.units import Parcel, Person, PromptKind, Seat
from bot.engine.effects import PHRASES, Text
from bot.engine.events import ShownAgain
from bot.engine.session import Session
from bot.engine.standing import waits_for


def bring_to_front(person: Person, seat: Seat) -> Person:
    """Return the person with that session in front; what was in front waits behind it."""
    if person.front == seat:
        return person
    behind = tuple(s for s in ([person.front] if person.front else []) + list(person.queue) if s != seat)
    return replace(person, front=seat, queue=behind)


def put_behind(person: Person, seat: Seat) -> Person:
    """Return the person with that session waiting behind the one in front."""
    if person.front == seat or seat in person.queue:
        return person
    return replace(person, queue=(*person.queue, seat))


def leave_seat(person: Person, seat: Seat) -> Person:
    """Return the person without that session, its unopened messages included."""
    return replace(
        person,
        front=None if person.front == seat else person.front,
        queue=tuple(s for s in person.queue if s != seat),
        mail=tuple(parcel for parcel in person.mail if parcel.seat != seat),
    )


def put_aside(person: Person, seat: Seat) -> Person:
    """Return the person with that session behind everything else; nothing of it is lost."""
    queue = tuple(s for s in person.queue if s != seat)
    return replace(person, front=None if person.front == seat else person.front, queue=(*queue, seat))


def has_unread(person: Person) -> bool:
    """Return whether the session in front has something that the person has not opened yet."""
    return person.front is not None and has_mail(person, person.front)


def tidy(scene: Scene, session: Session) -> None:
    """After a session moved: nobody keeps a seat where nothing waits for them any more.

    The one in front stays while the session runs: its next message is part of the same talk.
    """
    seat = Seat(unit=session.unit, session=session.id)
    for person_id in (*session.people, *session.gone):
        if not scene.ledger.has_unit(person_id):
            continue  # erased since
        person = scene.ledger.person(person_id)
        if seat not in {person.front, *person.queue}:
            continue
        if session.ended:
            person = _without_questions(person, seat)
            scene.ledger.put(person)
        if has_mail(person, seat):
            continue
        talking = person.front == seat and not session.ended and person_id not in session.gone
        if not talking and not waits_for(scene.flow(session), session, person_id):
            scene.ledger.put(leave_seat(person, seat))


def _without_questions(person: Person, seat: Seat) -> Person:
    """Return the person without that session's unopened questions, which nobody asks any more."""
    mail = tuple(parcel for parcel in person.mail if parcel.seat != seat or parcel.send.fence is None)
    return person if mail == person.mail else replace(person, mail=mail)


def open_next(scene: Scene, person: Person, seat: Seat | None = None) -> bool:
    """Show a person what waits: the messages behind [Open], then the question.

    Returns False when it rests behind a pause: then it stays unopened.
    """
    if seat is None:
        seats = [*person.queue, *([person.front] if person.front is not None else [])]
        wanting = [s for s in seats if _wants(scene, person, s)]
        seat = next((s for s in wanting if not _rests(scene, s)), (wanting or seats or [None])[0])
    session = scene.ledger.open_session(seat)
    parcels = [parcel for parcel in person.mail if parcel.seat == seat]
    if seat is None or (session is None and not parcels):
        scene.ledger.put(leave_seat(person, seat) if seat is not None else person)
        scene.reply(person, "nothing.waits")
        return True
    if _rests(scene, seat):
        scene.reply(person, "frozen.resting")
        return False
    person = bring_to_front(person, seat)
    person = replace(person, mail=tuple(parcel for parcel in person.mail if parcel.seat != seat))
    scene.ledger.put(person)
    source = session or scene.ledger.any_session(seat.session)
    told = _show_mail(scene, person, source, parcels)
    if session is None:
        if not told:
            scene.reply(person, "nothing.waits")
        scene.ledger.put(leave_seat(scene.ledger.person(person.id), seat))
    elif waits_for(scene.flow(session), session, person.id):
        scene.later(session, ShownAgain(person=person.id))
    elif not parcels:
        scene.reply(person, "open.idle")
    return True


def _show_mail(scene: Scene, person: Person, session: Session | None, parcels: list[Parcel]) -> bool:
    """Send what was waiting to be opened. Its questions are asked anew: they may have moved on meanwhile."""
    told = [parcel for parcel in parcels if parcel.send.fence is None]
    for parcel in told:
        if session is not None:
            send_now(scene, session, parcel.send, MessageClass.REPLY, parcel.revisions)
        else:
            scene.say(person, parcel.send.paragraphs)  # it belongs to no session, such as a record that has ended
    return bool(told)


def has_question(scene: Scene, person: Person) -> bool:
    """Return whether the session in front waits for this person."""
    session = scene.ledger.readable_session(person.front)
    if session is None or not scene.can_go_on(session):
        return False
    return waits_for(scene.flow(session), session, person.id)


def tell_what_waits(scene: Scene, person: Person) -> bool:
    """Tell a person with nothing in front that something waits behind it, or rests; False when nothing does."""
    waiting = [seat for seat in person.queue if _wants(scene, person, seat)]
    seat = next((seat for seat in waiting if not _rests(scene, seat)), None)
    if seat is not None:
        _tell(scene, person, seat)
    elif waiting:
        scene.reply(person, "frozen.resting")
    return bool(waiting)


def _wants(scene: Scene, person: Person, seat: Seat) -> bool:
    """Whether something waits there: a session that only goes on at a time of its own wants nothing."""
    session = scene.ledger.readable_session(seat)
    if session is not None and not scene.can_go_on(session):
        return False
    return has_mail(person, seat) or (session is not None and waits_for(scene.flow(session), session, person.id))


def _rests(scene: Scene, seat: Seat) -> bool:
    session = scene.ledger.readable_session(seat)
    return session is not None and session.frozen_at is not None


def announce_next(scene: Scene, before: Person) -> None:
    """When a person is through with what was in front, tell them once that something else waits.

    What a pause holds is not brought up, nor what they have just put aside.
    """
    person = scene.ledger.person(before.id)
    waiting = (
        seat
        for seat in person.queue
        if seat != before.front and not _rests(scene, seat) and _wants(scene, person, seat)
    )
    seat = next(waiting, None)
    if seat is not None and not has_question(scene, person):
        _tell(scene, person, seat)


def _tell(scene: Scene, person: Person, seat: Seat) -> None:
    scene.say(
        person,
        (Text(flow=PHRASES, key="note.else"),),
        choices=(phrase_choice("open", "choice.open"),),
        prompt=PromptAbout(kind=PromptKind.OPEN, unit=seat.unit, session=seat.session),
    )
