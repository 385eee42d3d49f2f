"""What goes through the pipe between the worker, which is killed, and the driver, which is everything that stays."""

from dataclasses import dataclass

from bot.conversation.envelope import Envelope
from bot.conversation.message import Message
from bot.conversation.outbox import MessageClass, Target
from bot.conversation.send_faults import SendFault

# To the worker


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """An event of the platform."""

    envelope: Envelope


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What was written in each chat, in order: it can be read back."""

    chats: tuple[tuple[Envelope, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """The time, at which deadlines are to be fired."""

    now: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the platform answers to a call: its name for the message, or why it is not there."""

    number: int
    ref: str = ""
    fault: SendFault | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """Come to an end when everything is dealt with."""


ToWorker = Event | History | Tick | Answer | Stop

# From the worker


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """It has gone on where the file stood."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticked:
    """Everything that was due is fired."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A message for the platform to show."""

    number: int
    target: Target
    message: Message
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged:
    """An event is dealt with."""

    event_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A message is about to be dropped. ``fair``: it had become out of date, as the stored rows themselves say."""

    key: str
    cls: MessageClass
    fair: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something went wrong that a kill is no reason for."""

    told: str


FromWorker = Ready | Ticked | Call | Acknowledged | Judged | Fault
