"""What an adapter hands over: one event of a platform, in words that every platform shares."""

from dataclasses import dataclass
from enum import StrEnum


class PlaceKind(StrEnum):
    """Where something was said."""

    DM = "dm"
    ROOM = "room"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A chat of a platform, with what the platform says of a room at that moment."""

    kind: PlaceKind
    id: str
    name: str = ""
    """What a room is called; empty when that is not known."""
    people: int = 0
    """How many people are in a room; 0 when that is not known."""
    hears: bool | None = None
    """Whether what is plainly said in a room comes to the bot; None when that is not known."""
    managed: bool = False
    """Whether whoever acts may manage a room, as its platform says just now; False where that is not known."""
    present: tuple[str, ...] = ()
    """Accounts that the platform knows to be in a room, besides whoever acts; there may be others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """An account of a platform. ``zone`` is an IANA name, ``locale`` such as ``es-ES``; empty when unknown."""

    id: str
    name: str
    locale: str = ""
    zone: str = ""


NOBODY = Actor(id="", name="")
"""Somebody in a room who does not show who they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command such as ``/pair CODE``; ``name`` is without the slash."""

    name: str
    args: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextSaid:
    """Free text. ``message`` names the platform's message, for later edits."""

    text: str
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextChanged:
    """An earlier message was edited."""

    text: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoicePressed:
    """A choice of a prompt: its token, and which one (from 0)."""

    token: str
    index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FormHandedIn:
    """A form was filled in: the token of the message that it belongs to, and an answer a question, maybe empty."""

    token: str
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """A photo, a voice message, a file: something that holds no words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomJoined:
    """The bot is in a room with these people, and maybe with others."""

    members: tuple[Actor, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reachability:
    """Whether the bot can write there: it was blocked, or let in again; it was removed from a room."""

    reachable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberLeft:
    """Somebody is not in the room any more."""

    member: Actor


Content = (
    Command
    | TextSaid
    | TextChanged
    | ChoicePressed
    | FormHandedIn
    | Unreadable
    | RoomJoined
    | MemberLeft
    | Reachability
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """One event. ``event_id`` is unique for ever on this platform; ``at`` is epoch milliseconds."""

    platform: str
    event_id: str
    actor: Actor
    place: Place
    at: int
    content: Content
    handle: str = ""
    """By what the platform lets this very event be answered, for a while; empty when there is nothing like it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineCame:
    """A session's deadline is due."""

    unit: str
    session: str
    entry: int
    due: int
    version: int = 0
    """The version of the unit in which it was set: set once more, it is another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleCame:
    """Something that comes by itself is due: a record with a schedule."""

    unit: str
    kind: str
    record: str
    due: int
    version: int = 0
    """The version of the unit in which it was set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """A person is to be erased, who asked for it."""

    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutOfReach:
    """A message could not be delivered: that person's chat, or that room, takes none any more.

    ``person`` is empty for a room, and ``room`` for a person.
    """

    platform: str
    person: str = ""
    room: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomMoved:
    """A room goes on under another id of its platform."""

    platform: str
    room: str
    to: str


Occurrence = Envelope | DeadlineCame | ScheduleCame | Erasure | OutOfReach | RoomMoved
"""What a turn is about."""
