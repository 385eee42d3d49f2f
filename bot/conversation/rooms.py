"""Routing in a room: commands and buttons, each answered in private where it can be. Plain talk is never answered."""

from dataclasses import replace
from typing import assert_never

from bot.conversation.envelope import (
    ChoicePressed,
    Command,
    Content,
    FormHandedIn,
    MemberLeft,
    Place,
    Reachability,
    RoomJoined,
    RoomMoved,
    TextChanged,
    TextSaid,
    Unreadable,
)
from bot.conversation.pausing import is_for_two, pause_room, resume
from bot.conversation.people import new_person
from bot.conversation.ports import Erased
from bot.conversation.room_settings import set_room
from bot.conversation.scene import Scene
from bot.conversation.starting import begin
from bot.conversation.units import Person, PromptKind, Room
from bot.engine.events import (
    ChoicePicked,
    Joined,
)
from bot.engine.session import Session


def in_room(scene: Scene, person: Person, room: Room, place: Place, content: Content) -> None:
    """Route what happened in a room. Plain talk is never answered; commands are, in private where they can be."""
    if isinstance(content, Reachability):
        scene.ledger.put(replace(room, gone=not content.reachable, greeted=False))
        return
    if isinstance(content, MemberLeft):
        _left(scene, room, place, content)
        return
    room = _seen_in(scene, person, room, place)
    match content:
        case RoomJoined():
            _joined(scene, room, place, content)
        case Command(name=name, args=args):
            _room_command(scene, person, room, place, name.lower(), args.strip())
        case TextSaid(text=text) if scene.deed(person, text) == "pause":
            _room_command(scene, person, room, place, "pause", "")
        case ChoicePressed(token=token, index=index):
            _room_pressed(scene, person, token, index)
        case FormHandedIn() | TextSaid() | TextChanged() | Unreadable():
            pass
        case _:
            assert_never(content)


def by_nobody(scene: Scene, room: Room, place: Place, content: Content) -> None:
    """Take what somebody did in a room who does not show who they are: nobody can be answered, or take part."""
    match content:
        case RoomJoined():
            _joined(scene, room, place, content)
        case MemberLeft():
            _left(scene, room, place, content)
        case Reachability():
            scene.ledger.put(replace(room, gone=not content.reachable, greeted=False))
        case Command(name=name) if _is_known(scene, name.lower()):
            scene.post(room, "room.nobody")
        case Command() | ChoicePressed() | FormHandedIn() | TextSaid() | TextChanged() | Unreadable():
            pass
        case _:
            assert_never(content)


def lose(scene: Scene, room: Room) -> None:
    """Note that the bot is not in a room any more. What is for its people goes to their own chats from now on."""
    scene.ledger.put(replace(room, gone=True))


def _left(scene: Scene, room: Room, place: Place, content: MemberLeft) -> None:
    known = scene.ledger.unit_of(room.platform, f"account:{content.member.id}")
    members = tuple(member for member in room.members if member != known)
    scene.ledger.put(replace(room, members=members, count=place.people or max(0, room.count - 1)))
    if known is not None:
        person = scene.ledger.person(known)
        elsewhere = tuple(dict.fromkeys((*person.elsewhere, room.id)))
        rooms = tuple(one for one in person.rooms if one != room.id)
        scene.ledger.put(replace(person, rooms=rooms, elsewhere=elsewhere))


def move(scene: Scene, moved: RoomMoved) -> None:
    """Let a room go on where its platform has moved it. What has begun there in the meantime stays as it is."""
    known = scene.ledger.unit_of(moved.platform, f"room:{moved.room}")
    there = scene.ledger.unit_of(moved.platform, f"room:{moved.to}")
    if known is None or known == there:
        return
    room = replace(scene.ledger.room(known), place=moved.to, gone=False)
    if there is not None:
        fresh = scene.ledger.room(there)
        if scene.ledger.sessions_of(there):
            return
        room = _merged(scene, room, fresh)
        scene.ledger.erase(Erased(unit=there))
    scene.ledger.lead((moved.platform, f"room:{moved.to}"), known)
    scene.ledger.put(room)


def _merged(scene: Scene, room: Room, fresh: Room) -> Room:
    """The room with those who were seen where it has moved, before it was known that it had."""
    for member in map(scene.ledger.person, fresh.members):
        rooms = tuple(dict.fromkeys(room.id if one == fresh.id else one for one in member.rooms))
        scene.ledger.put(replace(member, rooms=rooms))
    return replace(
        room,
        members=tuple(dict.fromkeys((*room.members, *fresh.members))),
        count=fresh.count or room.count,
        hears=room.hears if fresh.hears is None else fresh.hears,
    )


def _seen_in(scene: Scene, person: Person, room: Room, place: Place) -> Room:
    before, room = room, _as_told(room, place)
    told = (scene.ledger.unit_of(room.platform, f"account:{account}") for account in place.present)
    members = tuple(dict.fromkeys((*room.members, person.id, *(one for one in told if one is not None))))
    if members != room.members:
        # Where nobody has said how many there are, those who were seen may be a few of many.
        room = replace(room, members=members, count=max(room.count, len(members)) if room.count else 0)
    if place.hears is not None:
        room = _greeted(scene, before, room)
    if room != before:
        scene.ledger.put(room)
    for one in map(scene.ledger.person, (person.id, *(new for new in members if new not in before.members))):
        if room.id not in one.rooms:
            scene.ledger.put(replace(one, rooms=(*one.rooms, room.id)))
    return room


def _as_told(room: Room, place: Place) -> Room:
    """The room with what its platform says of it; what is not known of it stays as it was."""
    return replace(
        room,
        gone=False,
        name=place.name or room.name,
        count=place.people or room.count,
        hears=room.hears if place.hears is None else place.hears,
    )


def _joined(scene: Scene, room: Room, place: Place, content: RoomJoined) -> None:
    members = list(room.members)
    for actor in content.members:
        known = scene.ledger.unit_of(room.platform, f"account:{actor.id}")
        person = scene.ledger.person(known) if known else new_person(scene, room.platform, actor)
        if person.id not in members:
            members.append(person.id)
        if room.id not in person.rooms:
            scene.ledger.put(replace(scene.ledger.person(person.id), rooms=(*person.rooms, room.id)))
    told = replace(_as_told(room, place), members=tuple(members), count=place.people)
    scene.ledger.put(_greeted(scene, room, told))


def _greeted(scene: Scene, before: Room, room: Room) -> Room:
    """Say hello to a room, once, and what comes to the bot there whenever that has changed."""
    if not before.greeted:
        scene.post(room, "room.hello", *_what_it_hears(room.hears))
    elif room.hears != before.hears:
        scene.post(room, *_what_it_hears(room.hears))
    return replace(room, greeted=True)


def _is_known(scene: Scene, name: str) -> bool:
    """Whether a command means something to this bot: a room may have others."""
    return name in {"resume", "help", "start", "room"} or scene.library.by_command(name) is not None


def _what_it_hears(hears: bool | None) -> tuple[str, ...]:  # noqa: FBT001  # as the platform says
    """The phrases that say, honestly, what of a room comes to the bot."""
    match hears:
        case None:
            return ()
        case True:
            return ("room.hears",)
        case False:
            return ("room.deaf",)


def _room_command(scene: Scene, person: Person, room: Room, place: Place, name: str, args: str) -> None:
    name = scene.deed(person, name) or name
    flow = scene.library.by_command(name)
    if name == "resume":
        resume(scene, person, room)
    elif name in {"help", "start"}:
        scene.reply(person, "room.help")
    elif name == "room":
        set_room(scene, person, room, place, args)
    elif flow is None or not flow.signal:
        scene.reply(person, "room.own_chat")
    elif flow.trigger is not None and flow.trigger.signal == "pause":
        pause_room(scene, person, room, flow, args)
    elif room.off:
        scene.reply(person, "room.is_off")
    else:
        roles = {next(iter(flow.roles)): room.members}
        begin(scene, flow, unit=room.id, place=room.id, starter=person.id, roles=roles, given={})


def _room_pressed(scene: Scene, person: Person, token: str, index: int) -> None:
    """A press in a room is answered in private, and works for people who never opened a chat with the bot."""
    prompt = scene.ledger.prompt(token)
    if prompt is None or not 0 <= index < len(prompt.values) or prompt.kind is not PromptKind.LANE:
        scene.reply(person, "stale.room")
        return
    if prompt.person not in {"", person.id}:
        scene.reply(person, "not.yours")
        return
    session: Session | None = scene.ledger.session(prompt.session, prompt.unit)
    if session is None or session.ended:
        scene.reply(person, "stale.room")
        return
    role = prompt.lane.split(":")[0]
    if person.id not in session.top.roles.get(role, ()):
        if is_for_two(session):
            scene.reply(person, "pause.for_two")
            return
        scene.later(session, Joined(person=person.id, role=role, member=scene.member(person.id)))
    choice = prompt.values[index]
    scene.later(session, ChoicePicked(person=person.id, lane=prompt.lane, entry=prompt.entry, choice=choice))
