"""What is to be sent: rows that hold references, filled in when they are claimed."""

from dataclasses import dataclass
from enum import StrEnum

from bot.conversation.record_at import RecordAt
from bot.engine.effects import Choice, FormAt, PromptFence, Text


class TargetKind(StrEnum):
    """Where a message appears."""

    DM = "dm"
    ROOM = "room"
    ASIDE = "aside"
    """In a room, visible to one person only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A chat of a platform; ``account`` is the one person who sees an aside."""

    platform: str
    kind: TargetKind
    chat: str
    account: str = ""
    handle: str = ""
    """The handle of the event that led there, if whatever is sent answers it."""

    @property
    def key(self) -> str:
        """Messages to one key are sent in order."""
        return f"{self.platform}/{self.chat}"


class RowKind(StrEnum):
    """What a row does."""

    MESSAGE = "message"
    RETIRE = "retire"
    HIDE = "hide"


class MessageClass(StrEnum):
    """The four classes of message (design, rule 11), and the room signal that is exempt from them."""

    REPLY = "reply"
    SESSION = "session"
    INVITATION = "invitation"
    NUDGE = "nudge"
    SIGNAL = "signal"
    REMINDER = "reminder"
    """At a time that its reader chose: no caps, no quiet hours."""


KEEPS_QUIET = frozenset({MessageClass.INVITATION, MessageClass.NUDGE})
"""Classes that never come in quiet hours (21:00-08:00 where their reader is)."""


COMES_ONCE = frozenset({MessageClass.NUDGE, MessageClass.REMINDER})
"""Classes that come by themselves: what may have been sent is not sent again."""


_HOUR = 3_600_000

FRESH_FOR = {
    MessageClass.REPLY: 7 * 24 * _HOUR,
    MessageClass.SESSION: 7 * 24 * _HOUR,
    MessageClass.INVITATION: 72 * _HOUR,
    MessageClass.NUDGE: 48 * _HOUR,
    MessageClass.SIGNAL: 6 * _HOUR,
    MessageClass.REMINDER: 12 * _HOUR,
}
"""How many milliseconds after its time a message still means something to its reader. Later it is dropped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxRow:
    """One thing to send. ``id`` comes from the turn, so that a resend can be recognised."""

    id: str
    kind: RowKind
    cls: MessageClass
    target: Target
    unit: str
    session: str
    recipient: str
    """The person who reads it; empty for a room."""
    paragraphs: tuple[Text, ...] = ()
    choices: tuple[Choice, ...] = ()
    token: str = ""
    fence: PromptFence | None = None
    form: FormAt | None = None
    """The form in which its question can be answered, together with those that follow."""
    not_before: int = 0
    queued_at: int = 0
    chosen: Text | None = None
    """For a retired prompt: the choice to echo."""
    record: RecordAt | None = None
    """The record that comes by itself: it is not sent once that has ended."""
    revisions: tuple[str, ...] = ()
    """The revisions whose words it shows, its session's own first; standing phrases are of none."""
    language: str = ""
    """The language of somebody who is not known any more; empty for everybody else."""

    @property
    def stale_at(self) -> int:
        """From when on it is not sent any more."""
        return max(self.queued_at, self.not_before) + FRESH_FOR[self.cls]

    @property
    def may_come_twice(self) -> bool:
        """Whether it is sent again when nobody knows if it was sent. Buttons tell which step they belong to."""
        return self.cls not in COMES_ONCE
