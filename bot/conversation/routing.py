"""Routing: from what somebody said or pressed to what it is about.

The order is the design's: signal, exact token, the prompt in front, a flow's command, and last a sentence that says
what is possible now. Nothing is ever answered by silence in a person's own chat.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import assert_never

from bot.conversation.asked import typed_choice
from bot.conversation.choosing_language import ask_language
from bot.conversation.coming import tell_what_comes
from bot.conversation.envelope import (
    ChoicePressed,
    Command,
    Content,
    FormHandedIn,
    MemberLeft,
    Reachability,
    RoomJoined,
    TextChanged,
    TextSaid,
    Unreadable,
)
from bot.conversation.kept_drafts import tell_drafts
from bot.conversation.menu import tell_menu
from bot.conversation.one_time_code import give_code
from bot.conversation.outbox import MessageClass, OutboxRow, RowKind
from bot.conversation.pairing import accept, invite
from bot.conversation.pausing import pause_chat, resume
from bot.conversation.places import places_named
from bot.conversation.pressing import filled_in, pressed, show_front
from bot.conversation.privacy import tell_who_can_read
from bot.conversation.scene import Scene
from bot.conversation.seats import has_question, has_unread, open_next, tell_what_waits
from bot.conversation.starting import start_by_command, take_back
from bot.conversation.typed import hand_over, names_a_choice
from bot.conversation.units import Person
from bot.conversation.views import show
from bot.conversation.wording import language_of
from bot.engine.effects import PHRASES, Text
from bot.engine.events import (
    Signal,
    Signalled,
    TextEdited,
)
from bot.engine.model import Flow
from bot.engine.session import Session
from bot.engine.standing import takes_part

SIGNALS = {signal.value: signal for signal in Signal if signal is not Signal.RESUME}
"""What is tried before any waiting question, typed or as a command; the words for it are in the phrases."""


# A person's own chat


def in_own_chat(scene: Scene, person: Person, content: Content) -> None:
    """Route what happened in a person's own chat."""
    match content:
        case Command(name=name, args=args):
            _command(scene, person, name.lower(), args.strip())
        case TextSaid(text=text, message=message):
            _said(scene, person, text, message)
        case ChoicePressed(token=token, index=index):
            pressed(scene, person, token, index)
        case FormHandedIn(token=token, answers=answers):
            filled_in(scene, person, token, answers)
        case TextChanged(text=text, message=message):
            _changed(scene, person, text, message)
        case Unreadable():
            scene.reply(person, "answer.photo")
            show_front(scene, person)
        case RoomJoined() | MemberLeft() | Reachability():
            pass
        case _:
            assert_never(content)


def _command(scene: Scene, person: Person, name: str, args: str) -> None:
    name = scene.deed(person, name) or name
    flow = scene.library.by_command(name)
    if name in SIGNALS:
        _signal(scene, person, SIGNALS[name])
    elif flow is not None:
        _start(scene, person, flow, args)
    elif (offered := scene.library.by_take_back(name)) is not None:
        take_back(scene, person, offered)
    elif name in _STANDING:
        _STANDING[name](scene, person)
    elif name == "language":
        ask_language(scene, person, args)
    elif name in {"help", "start"}:
        _help(scene, person, args if name == "start" else "")
    elif (kind := scene.library.by_view(name)) is not None:
        show(scene, person, kind)
    else:
        scene.reply(person, "unknown.command", command=f"/{name[:30]}")


def _open(scene: Scene, person: Person) -> None:
    open_next(scene, person)


def _resume(scene: Scene, person: Person) -> None:
    resume(scene, person, None)


def _tell_of_rooms(scene: Scene, person: Person) -> None:
    scene.say(person, (Text(flow=PHRASES, key="room.add"), Text(flow=PHRASES, key="room.link")))


def _help(scene: Scene, person: Person, code: str) -> None:
    if code:
        accept(scene, person, code)  # they came by a link that carries it
    else:
        tell_menu(scene, person)


def _start(scene: Scene, person: Person, flow: Flow, args: str) -> None:
    if any(role.joins for role in flow.roles.values()):
        if args:
            accept(scene, person, args)
        else:
            invite(scene, person, flow)
    elif flow.signal:
        _start_signal(scene, person, flow, args)
    else:
        start_by_command(scene, person, flow)


def _start_signal(scene: Scene, person: Person, flow: Flow, args: str) -> None:
    if flow.trigger is not None and flow.trigger.signal == "pause":
        pause_chat(scene, person, flow, args)
    else:
        scene.reply(person, "room.only")


def _said(scene: Scene, person: Person, text: str, message: str) -> None:
    deed, picked = scene.deed(person, text), typed_choice(scene, person, text)
    names = (deed == "pause" and names_a_choice(scene, person, text)) or (deed == "open" and picked is not None)
    if deed is not None and not names:
        _command(scene, person, deed, "")
    elif picked is not None:
        pressed(scene, person, *picked)
    else:
        _said_in_front(scene, person, text, message)


def _said_in_front(scene: Scene, person: Person, text: str, message: str) -> None:
    session = scene.ledger.open_session(person.front)
    if session is None:
        if not tell_what_waits(scene, person):
            scene.reply(person, "unknown.text")
    elif has_unread(person):
        scene.reply(person, "note.first")
        open_next(scene, person, person.front)
    elif session.frozen_at is None and not has_question(scene, person) and not scene.flow(session).signal:
        _tell_where_it_stands(scene, person, session)
    else:
        hand_over(scene, person, session, text, message)


def _tell_where_it_stands(scene: Scene, person: Person, session: Session) -> None:
    """Nothing of what is in front waits for what somebody wrote, skips or puts off: something else may."""
    if not tell_what_waits(scene, person):
        scene.reply(person, "open.idle" if takes_part(scene.flow(session), session, person.id) else "nothing.waits")


def _signal(scene: Scene, person: Person, signal: Signal) -> None:
    session = scene.ledger.open_session(person.front)
    if session is None:
        if not tell_what_waits(scene, person):
            scene.reply(person, "nothing.waits")
    elif has_unread(person) and signal is not Signal.STOP:
        scene.reply(person, "note.first")
        open_next(scene, person, person.front)
    elif signal is Signal.SKIP and session.frozen_at is None and not has_question(scene, person):
        _tell_where_it_stands(scene, person, session)
    else:
        scene.later(session, Signalled(person=person.id, signal=signal))


def _changed(scene: Scene, person: Person, text: str, message: str) -> None:
    seats = [*([person.front] if person.front else []), *person.queue]
    for seat in seats:
        session = scene.ledger.readable_session(seat)
        if session is not None and any(answer.message == message for answer in session.answered):
            places = places_named(text, language_of(scene.library, person))
            scene.later(session, TextEdited(person=person.id, text=text, message=message, places=places))
            return
    scene.reply(person, "edit.late")


def _hide(scene: Scene, person: Person) -> None:
    target = scene.target_for(person)
    if target is None:
        return
    row = OutboxRow(
        id=scene.ids.id(),
        kind=RowKind.HIDE,
        cls=MessageClass.REPLY,
        target=replace(target, account=person.account),
        unit=person.id,
        session="",
        recipient=person.id,
        queued_at=scene.now,
    )
    scene.ledger.outbox.append(row)
    scene.reply(person, "hidden.screen")


_STANDING: Mapping[str, Callable[[Scene, Person], None]] = {
    "open": _open,
    "resume": _resume,
    "checkins": tell_what_comes,
    "drafts": tell_drafts,
    "hide": _hide,
    "data_code": give_code,
    "privacy": tell_who_can_read,
    "room": _tell_of_rooms,
}
"""What the commands do that belong to no flow."""
