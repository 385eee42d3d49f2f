"""From an update to the event that it is. Pure: what has to be asked of Telegram for it was asked before."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.adapters.telegram.limits import PLATFORM
from bot.adapters.telegram.updates import CallbackQuery, MembershipChanged, Message, Update, User
from bot.adapters.telegram.updates import Chat as ChatOf
from bot.conversation.envelope import (
    NOBODY,
    Actor,
    ChoicePressed,
    Command,
    Content,
    Envelope,
    MemberLeft,
    Place,
    PlaceKind,
    Reachability,
    RoomJoined,
    RoomMoved,
    TextChanged,
    TextSaid,
    Unreadable,
)

_COMMAND = re.compile(r"/(?P<name>[A-Za-z0-9_]{1,32})(?:@(?P<bot>[A-Za-z0-9_]+))?(?:\s+(?P<args>.*))?", re.DOTALL)
_TOKEN = re.compile(r"v1:(?P<token>[^:]+):(?P<index>\d{1,4})")

MANAGING = "room"
"""The command by which a room is set."""

GROUPS = frozenset({"group", "supergroup"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Us:
    """The bot itself, as Telegram knows it."""

    id: int
    username: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomFacts:
    """What Telegram says of a room when it is asked: how many are in it, the bot included, and whether it hears all.

    0 and None are unknown.
    """

    members: int = 0
    hears: bool | None = None
    managed: bool = False
    """Whether whoever acts is among its administrators."""


def room_asked_about(update: Update, us: Us) -> int | None:
    """Return the group of which facts are needed to read an update, if any are: people or the bot came or left."""
    message, change = update.message, update.my_chat_member
    if change is not None and change.chat.type in GROUPS and change.new_chat_member.there:
        return change.chat.id
    if message is not None and message.chat.type in GROUPS:
        moved = [*message.new_chat_members, *([message.left_chat_member] if message.left_chat_member else [])]
        return message.chat.id if any(one.id != us.id for one in moved) else None
    return None


def manager_asked_about(update: Update) -> tuple[int, int] | None:
    """Return the group and the person of whom it has to be known whether they manage it, for what they ask for."""
    message = update.message
    if (
        message is None
        or message.chat.type not in GROUPS
        or message.sender is None
        or message.sender_chat is not None
    ):
        return None
    found = _COMMAND.fullmatch(message.text or "")
    return (message.chat.id, message.sender.id) if found is not None and found["name"].lower() == MANAGING else None


def read(update: Update, us: Us, now: int, facts: RoomFacts) -> Envelope | None:
    """Return the event, or None when it is none of ours: a channel, another bot, somebody without a name."""
    found = _of_update(update, us)
    if found is None:
        return None
    actor, place, content = found
    if place.kind is PlaceKind.DM and place.id != actor.id:
        return None  # a private chat has the number of the person in it: what says otherwise is not Telegram's
    if place.kind is PlaceKind.ROOM:
        place = replace(place, people=max(0, facts.members - 1), hears=facts.hears, managed=facts.managed)
    return Envelope(
        platform=PLATFORM,
        event_id=f"u:{update.update_id}",
        actor=actor,
        place=place,
        at=now,
        content=content,
    )


def moved(update: Update) -> RoomMoved | None:
    """Return that a group has become a supergroup, if that is what an update tells: it has another id from now on."""
    message = update.message
    if message is None:
        return None
    here, before, now = str(message.chat.id), message.migrate_from_chat_id, message.migrate_to_chat_id
    if now is not None:
        return RoomMoved(platform=PLATFORM, room=here, to=str(now))
    return RoomMoved(platform=PLATFORM, room=str(before), to=here) if before is not None else None


_Found = tuple[Actor, Place, Content] | None


def _of_update(update: Update, us: Us) -> _Found:
    if update.callback_query is not None:
        return _pressed(update.callback_query)
    if update.my_chat_member is not None:
        return _membership(update.my_chat_member)
    if update.edited_message is not None:
        return _said(update.edited_message, _changed)
    if update.message is not None:
        who = _who_is_there(update.message, us) if update.message.chat.type in GROUPS else None
        return who or _said(update.message, lambda message: _content(message, us))
    return None


def _said(message: Message, content_of: Callable[[Message], Content | None]) -> _Found:
    """What somebody said. In a channel, for another chat or by another bot it is none of ours."""
    place, content, actor = _place(message.chat, message), content_of(message), _author(message)
    if place is None or content is None or actor is None:
        return None
    if actor == NOBODY and not isinstance(content, Command):
        return None
    return actor, place, content


def _author(message: Message) -> Actor | None:
    """Who said it: nobody in particular, when an administrator speaks as the group itself."""
    if message.sender_chat is not None:
        return NOBODY if message.sender_chat.id == message.chat.id else None
    return _actor(message.sender) if message.sender is not None and not message.sender.is_bot else None


def _content(message: Message, us: Us) -> Content | None:
    if message.text is not None:
        return _written(message, message.text, us)
    return Unreadable() if message.holds_no_words else None


def _written(message: Message, text: str, us: Us) -> Content | None:
    """A command to this bot; what looks like none of Telegram's commands is text."""
    found = _COMMAND.fullmatch(text)
    if found is None:
        return TextSaid(text=text, message=str(message.message_id))
    if found["bot"] is not None and found["bot"].lower() != us.username.lower():
        return None
    return Command(name=found["name"].lower(), args=found["args"] or "")


def _changed(message: Message) -> Content | None:
    return TextChanged(text=message.text, message=str(message.message_id)) if message.text is not None else None


def _who_is_there(message: Message, us: Us) -> _Found:
    """Who came, or left; an administrator who acts as the group, or a bot, lets people in as nobody in particular."""
    place, left, actor = _place(message.chat, None), message.left_chat_member, _author(message) or NOBODY
    came = tuple(_actor(one) for one in message.new_chat_members if not one.is_bot)
    if place is None or (left is None and not came):
        return None
    if left is not None:
        gone = MemberLeft(member=_actor(left))
        return (actor, place, gone) if left.id != us.id and not left.is_bot else None
    return actor, place, RoomJoined(members=came)


def _pressed(query: CallbackQuery) -> _Found:
    found = _TOKEN.fullmatch(query.data)
    place = _place(query.message.chat, query.message) if query.message is not None else None
    if found is None or place is None:
        return None
    return _actor(query.sender), place, ChoicePressed(token=found["token"], index=int(found["index"]))


def _membership(change: MembershipChanged) -> _Found:
    """The bot was let in, or not any more. In a group, being made something else changes what it hears."""
    there = change.new_chat_member.there
    place = _place(change.chat, None)
    if place is None:
        return None
    # Who does not show who they are comes as a bot of Telegram's own.
    members = () if change.sender.is_bot else (_actor(change.sender),)
    actor = members[0] if members else NOBODY
    if change.chat.type in GROUPS and there:
        return actor, place, RoomJoined(members=members)
    return actor, place, Reachability(reachable=there)


def _place(chat: ChatOf, message: Message | None) -> Place | None:
    """The chat as a place: a topic of a forum is a room of its own."""
    if chat.type == "private":
        return Place(kind=PlaceKind.DM, id=str(chat.id))
    if chat.type not in GROUPS or chat.id >= 0:
        return None
    topic = message.message_thread_id if message is not None and message.is_topic_message else None
    return Place(
        kind=PlaceKind.ROOM,
        id=f"{chat.id}/{topic}" if topic is not None else str(chat.id),
        name=chat.title,
    )


def _actor(user: User) -> Actor:
    name = user.first_name or user.username
    return Actor(id=str(user.id), name=name, locale=user.language_code)
