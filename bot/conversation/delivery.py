"""From an engine's Send to a row of the outbox, or to a parcel behind a neutral line (design, rule 11)."""

from dataclasses import replace

from bot.conversation.outbox import KEEPS_QUIET, MessageClass, OutboxRow, RowKind, Target
from bot.conversation.scene import PromptAbout, Scene, phrase_choice
from bot.conversation.units import Asked, Invited, Pair, Parcel, Person, PromptKind, Seat, SentPrompt
from bot.engine.effects import IN_ROOM, PHRASES, NameRef, PromptFence, Retire, Send, Text
from bot.engine.session import Session
from bot.nudges.caps import lately, next_time_within_caps
from bot.nudges.quiet_hours import next_open_time

TWO = 2

RECENT = 10 * 60_000
"""A person who acted in the session in front less than ten minutes ago gets its messages directly."""


def deliver(scene: Scene, session: Session, send: Send) -> bool:
    """Queue a message for sending, by its class. False: it stays silently open, and nothing may tell of it."""
    if send.to == IN_ROOM and _is_lost(scene, session):
        _tell_two(scene, session, send)
        return True
    if send.to == IN_ROOM or send.reply or send.signal or send.neutral:
        cls = MessageClass.REPLY if send.reply else MessageClass.SIGNAL if send.signal else MessageClass.SESSION
        send_now(scene, session, send, cls)
        return True
    if not scene.ledger.has_unit(send.to):
        return False  # erased since
    person = scene.ledger.person(send.to)
    if send.invitation and _stays_silent(scene, session, send):
        return False
    seat = Seat(unit=session.unit, session=session.id)
    recent = person.front == seat and scene.now - person.seen_at <= RECENT
    if recent and not send.nudge and not has_mail(person, seat):
        send_now(scene, session, send, MessageClass.SESSION)
        return True
    leave_for(scene, person, Parcel(seat=seat, send=send, revisions=session.revisions), _class_of(send))
    return True


def _is_lost(scene: Scene, session: Session) -> bool:
    return session.place is not None and scene.ledger.room(session.place).gone


def _tell_two(scene: Scene, session: Session, send: Send) -> None:
    """What a lost room cannot be told, the two people are told who were alone in it; a larger one goes without."""
    people = dict.fromkeys(person for those in session.top.roles.values() for person in those)
    for person in people if len(people) == TWO else ():
        if person not in session.gone:
            send_now(scene, session, replace(send, to=person), MessageClass.SIGNAL)


def _class_of(send: Send) -> MessageClass:
    if send.nudge:
        return MessageClass.NUDGE
    return MessageClass.INVITATION if send.invitation else MessageClass.SESSION


def leave_for(scene: Scene, person: Person, parcel: Parcel, cls: MessageClass, not_before: int = 0) -> None:
    """Put something behind an [Open], and announce it by a neutral line unless that was done."""
    seat = parcel.seat
    announced = has_mail(person, seat)
    person = replace(person, mail=(*person.mail, parcel))
    if person.front != seat and seat not in person.queue:
        person = replace(person, queue=(*person.queue, seat))
    scene.ledger.put(person)
    if not announced:
        _note(scene, person, seat, cls, not_before)


def has_mail(person: Person, seat: Seat) -> bool:
    """Return whether something of that session waits to be opened."""
    return any(parcel.seat == seat for parcel in person.mail)


def _note(scene: Scene, person: Person, seat: Seat, cls: MessageClass, not_before: int) -> None:
    """The neutral line (P8): it names neither flow nor people."""
    held = not_before or (_held_until(scene, person, cls) if cls in KEEPS_QUIET else 0)
    scene.say(
        person,
        (Text(flow=PHRASES, key="note.waiting"),),
        choices=(phrase_choice("open", "choice.open"),),
        prompt=PromptAbout(kind=PromptKind.OPEN, unit=seat.unit, session=seat.session),
        shows=seat,
        cls=cls,
        not_before=held if held > scene.now else 0,
    )


def _held_until(scene: Scene, person: Person, cls: MessageClass) -> int:
    """From when on an invitation or a nudge may come: in open hours; a nudge within the caps, for which it counts."""
    if cls is not MessageClass.NUDGE:
        return next_open_time(scene.now, person.zone, person.quiet_hours)
    at = next_time_within_caps(scene.now, person.nudged, person.zone, person.quiet_hours)
    scene.ledger.put(replace(person, nudged=tuple(sorted((*lately(person.nudged, scene.now), at)))))
    return at


def _stays_silent(scene: Scene, session: Session, send: Send) -> bool:
    """Count an invitation for its sender's limits; for somebody who has everything off it stays silently open."""
    pair = scene.ledger.unit(session.unit)
    if not isinstance(pair, Pair):
        return False
    if all(invited.session != session.id for invited in pair.invited):
        sent = Invited(inviter=session.starter, flow=session.flow, session=session.id, at=scene.now)
        scene.ledger.put(replace(pair, invited=(*pair.invited, sent)))
    return send.to in pair.quiet


def send_now(scene: Scene, session: Session, send: Send, cls: MessageClass, revisions: tuple[str, ...] = ()) -> None:
    """Queue a message for sending as it is, and note the prompt that its choices belong to.

    ``revisions`` are those whose words it shows, when they are not those of the session as it is now.
    """
    target = _target(scene, session, send)
    if target is None:
        return
    ids = scene.direct_ids if send.volatile else scene.ids
    form = send.form if target.platform in scene.has_forms and not send.volatile else None
    token = ids.id() if send.choices or form is not None else ""
    if send.fence is not None and send.to != IN_ROOM:
        _waits_no_longer(scene, send.to, Seat(unit=session.unit, session=session.id), send.fence)
        of_no_step = send.choices and send.fence.lane.startswith("drafts:")
        scene.asked[send.to] = Asked(token=token, choices=send.choices) if of_no_step else None
    if token and send.fence is not None:
        prompt = SentPrompt(
            token=token,
            kind=PromptKind.LANE,
            target=target,
            unit=session.unit,
            session=session.id,
            lane=send.fence.lane,
            entry=send.fence.entry,
            values=tuple(choice.value for choice in send.choices),
            person=send.to,
            sent_at=scene.now,
        )
        if send.volatile:
            scene.direct_prompts.append(prompt)
        else:
            scene.ledger.put_prompt(prompt)
    row = OutboxRow(
        id=ids.id(),
        kind=RowKind.MESSAGE,
        cls=cls,
        target=target,
        unit=session.unit,
        session=session.id,
        recipient=send.to,
        paragraphs=(*_label(scene, session, send, cls), *send.paragraphs),
        choices=send.choices,
        token=token,
        fence=send.fence,
        form=form,
        queued_at=scene.now,
        revisions=revisions or session.revisions,
    )
    (scene.direct if send.volatile else scene.ledger.outbox).append(row)


def _waits_no_longer(scene: Scene, reader: str, seat: Seat, fence: PromptFence) -> None:
    """What a lane asks is being shown: none of its questions waits behind an [Open] any more."""
    person = scene.ledger.person(reader)
    mail = tuple(
        parcel
        for parcel in person.mail
        if parcel.seat != seat or parcel.send.fence is None or parcel.send.fence.lane != fence.lane
    )
    if mail != person.mail:
        scene.ledger.put(replace(person, mail=mail))


def _label(scene: Scene, session: Session, send: Send, cls: MessageClass) -> tuple[Text, ...]:
    """Say whom a question is about, for a person who is in more than one pair."""
    if send.to == IN_ROOM or send.fence is None or cls is MessageClass.SIGNAL:
        return ()  # a signal comes unasked and without an [Open]: it names nobody (P8)
    unit, person = scene.ledger.unit(session.unit), scene.ledger.person(send.to)
    pairs = [pair for pair in map(scene.ledger.pair, person.pairs) if pair.active]
    if not isinstance(unit, Pair) or not unit.active or len(pairs) <= 1:
        return ()
    other = next(member for member in unit.members if member != person.id)
    return (Text(flow=PHRASES, key="note.about", args={"name": NameRef(person=other)}),)


def _target(scene: Scene, session: Session, send: Send) -> Target | None:
    room = scene.ledger.room(session.place) if session.place is not None else None
    if room is not None and room.gone:
        room = None
    if send.to != IN_ROOM:
        return scene.target_for(scene.ledger.person(send.to), room.place if room is not None else None)
    return scene.target_in(room) if room is not None else None


def retire(scene: Scene, session: Session, effect: Retire) -> None:
    """Queue taking the choices away from whatever was sent for that fence."""
    if session.place is None and effect.fence.lane.endswith(":"):
        return  # what is nobody's own is asked in a room, and there is none
    found = scene.ledger.prompts_at(session.id, effect.fence.lane, effect.fence.entry)
    hidden = {prompt.token for prompt in scene.direct_prompts} | scene.volatile_tokens
    for prompt in found:
        direct = prompt.token in hidden
        row = OutboxRow(
            id=(scene.direct_ids if direct else scene.ids).id(),
            kind=RowKind.RETIRE,
            cls=MessageClass.REPLY,
            target=prompt.target,
            unit=session.unit,
            session=session.id,
            recipient=prompt.person,
            token=prompt.token,
            queued_at=scene.now,
            chosen=effect.chosen,
            revisions=session.revisions,
        )
        (scene.direct if direct else scene.ledger.outbox).append(row)
