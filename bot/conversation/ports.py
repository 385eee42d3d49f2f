"""What the conversation needs from outside, as small protocols."""

from collections.abc import Collection, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, Self

from bot.conversation.envelope import DeadlineCame, ScheduleCame
from bot.conversation.message import Message, Shown
from bot.conversation.outbox import OutboxRow, Target
from bot.conversation.record import Record
from bot.conversation.record_at import RecordAt
from bot.conversation.retention import Sweep
from bot.conversation.units import Invite, SentPrompt, Unit, UnitState
from bot.engine.session import Session
from bot.flows.revisions import Published


class Clock(Protocol):
    """The only source of the time."""

    def now(self) -> int:
        """Return epoch milliseconds."""
        ...


ChatAt = tuple[str, str]
"""A chat or an account: its platform, and its place there."""

FenceAt = tuple[str, str, int]
"""Where a prompt was sent for: a session, a lane and its entry."""

RecordsAt = tuple[str, str]
"""Records of a kind: the unit, and the kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitChange:
    """A unit to write. ``version`` is the one that was read; 0 creates it."""

    state: UnitState
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """A unit to erase with everything that is its own: sessions, records, messages, and its key."""

    unit: str
    chat: str = ""
    """A person's own chat, as targets name it: nothing more comes there, but what belongs to no unit."""
    near: tuple[str, ...] = ()
    """Units that stay, where the person was asked things: what they were asked by goes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Everything that one turn writes."""

    event_id: str
    at: int
    units: tuple[UnitChange, ...] = ()
    sessions: tuple[Session, ...] = ()
    prompts: tuple[SentPrompt, ...] = ()
    invites: tuple[Invite, ...] = ()
    outbox: tuple[OutboxRow, ...] = ()
    chats: tuple[tuple[str, str, str], ...] = ()
    """New chats: platform, place, unit."""
    fired: tuple[tuple[str, int], ...] = ()
    """Deadlines that this turn was about: session and entry."""
    records: tuple[Record, ...] = ()
    forgotten: tuple[RecordAt, ...] = ()
    """Records to delete."""
    erased: tuple[Erased, ...] = ()
    parked: tuple[str, ...] = ()
    """Sessions whose timer is taken away because its turn cannot be kept: an operator has to look."""
    silenced: tuple[RecordAt, ...] = ()
    """Records that come no more by themselves, for the same reason."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A row that is to be sent now, and how often that failed before."""

    row: OutboxRow
    attempts: int = 0
    at: int = 0
    """When it was claimed."""
    since: int = 0
    """Since when nobody knows whether it was sent: a claim of which no more is known. 0 when it surely was not."""


class Sending(StrEnum):
    """What became of a claimed row."""

    SENT = "sent"
    DROPPED = "dropped"
    """It will not be sent."""
    FAILED = "failed"
    """It is claimed again at its time, and before everything later of its chat."""
    POSTPONED = "postponed"
    """It waits for its time, and what comes after it in its chat does not wait for it."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a claimed row: when that was, or for what time it waits, and the platform's name for it."""

    row: OutboxRow
    became: Sending
    at: int
    ref: str = ""
    since: int = 0
    """Since when nobody knows whether it was sent; 0 while that is known."""

    @classmethod
    def sent(cls, row: OutboxRow, at: int, ref: str) -> Self:
        """Return that it was sent."""
        return cls(row, Sending.SENT, at, ref)

    @classmethod
    def dropped(cls, row: OutboxRow, at: int, since: int = 0) -> Self:
        """Return that it will not be sent."""
        return cls(row, Sending.DROPPED, at, since=since)

    @classmethod
    def failed(cls, row: OutboxRow, again: int, since: int = 0) -> Self:
        """Return that it failed, and when to try again."""
        return cls(row, Sending.FAILED, again, since=since)

    @classmethod
    def postponed(cls, row: OutboxRow, until: int, since: int = 0) -> Self:
        """Return that it waits until then."""
        return cls(row, Sending.POSTPONED, until, since=since)


class VersionConflict(Exception):
    """A unit changed since it was read: take the turn again."""


class OutOfService(Exception):
    """Nothing can be stored at the moment, whoever tries: the disk is full, say. What came has to come again."""


class Damaged(Exception):
    """What is stored there is not what was written there. ``row`` names it, by its ids alone."""

    def __init__(self, row: str) -> None:
        super().__init__(f"the row {row} is damaged, or was not written by this program: restore a backup")
        self.row = row


class Revisions(Protocol):
    """The stored revisions of flows, and who needs them: asked at a start, never in a turn."""

    async def published(self) -> list[Published]:
        """Return every stored revision."""
        ...

    async def publish(self, revisions: Sequence[Published]) -> None:
        """Store revisions; one that is there already stays as it is."""
        ...

    async def withdraw(self, revisions: Sequence[str]) -> None:
        """Throw revisions away."""
        ...

    async def needed(self) -> set[str]:
        """Return the revisions that an open session, an unopened or unsent message, or kept words need."""
        ...

    async def sessions(self, revision: str) -> list[str]:
        """Return the open sessions that are pinned to that revision."""
        ...

    async def unsent(self, session_id: str) -> list[OutboxRow]:
        """Return what of a session was not sent yet and can be read, the oldest first."""
        ...


class Transaction(Protocol):
    """One atomic unit of reading and writing. Leaving it by an exception writes nothing.

    Whatever reads raises Damaged when one of the rows that it was asked for is.
    """

    @property
    def revisions(self) -> Revisions:
        """The stored revisions of flows, in this transaction."""
        ...

    async def settled(self, event_ids: Sequence[str]) -> set[str]:
        """Return which of these events were settled already."""
        ...

    async def units_at(self, chats: Sequence[ChatAt]) -> dict[ChatAt, str]:
        """Return the units behind those chats and accounts that are known."""
        ...

    async def load_units(self, ids: Sequence[str]) -> dict[str, UnitState]:
        """Return the units that exist, each with its open sessions. A session never raises Damaged."""
        ...

    async def units(self, ids: Sequence[str]) -> dict[str, Unit]:
        """Return the units that exist, without their sessions: for wording messages, never for a turn."""
        ...

    async def last_event_at(self) -> int:
        """Return when the newest settled event was, 0 when there is none."""
        ...

    async def last_event_from(self, platform: str) -> int:
        """Return when the newest settled event of a platform was, 0 when there is none."""
        ...

    async def written_to(self, platform: str, since: int, limit: int) -> list[str]:
        """Return people's own chats that were written to since then, the latest first."""
        ...

    async def open_sessions(self) -> list[Session]:
        """Return every open session that can be read: for showing where things stand, never for a turn."""
        ...

    async def load_sessions(self, ids: Sequence[str]) -> dict[str, Session]:
        """Return those of the sessions that there are, ended ones included."""
        ...

    async def find_prompts(self, tokens: Sequence[str]) -> dict[str, SentPrompt]:
        """Return what the tokens stand for."""
        ...

    async def prompts_at(self, fences: Sequence[FenceAt]) -> dict[FenceAt, list[SentPrompt]]:
        """Return the prompts that were sent for each of these fences, and can be read."""
        ...

    async def find_invites(self, digests: Sequence[str]) -> dict[str, Invite]:
        """Return the invites of these digests."""
        ...

    async def load_records(self, keys: Sequence[RecordsAt]) -> dict[RecordsAt, list[Record]]:
        """Return the records of these units and kinds, ended ones included, the oldest first."""
        ...

    async def sessions_in(self, units: Sequence[str]) -> list[Session]:
        """Return every session of these units, ended ones included: for showing somebody what is theirs."""
        ...

    async def records_in(self, units: Sequence[str]) -> list[Record]:
        """Return every record of these units, ended ones included: for showing somebody what is theirs."""
        ...

    async def sweep(self, what: Sweep) -> bool:
        """Delete some of what may go; return whether there is more."""
        ...

    async def write(self, turns: Sequence[Changes]) -> None:
        """Write turns of which no two change the same unit. Raises VersionConflict."""
        ...

    async def due(self, now: int, limit: int) -> list[DeadlineCame]:
        """Return deadlines that are due, the earliest first."""
        ...

    async def schedules_due(self, now: int, limit: int) -> list[ScheduleCame]:
        """Return what is due of that which comes by itself, the earliest first."""
        ...

    async def next_due(self) -> int | None:
        """Return when the next deadline, anything that comes by itself, or a delayed message is due."""
        ...

    async def claim(self, now: int, limit: int) -> list[Claimed]:
        """Mark rows as claimed and return them: at most one a chat, the oldest first. Damaged ones are dropped."""
        ...

    async def waiting(self, chats: Collection[str], now: int) -> set[str]:
        """Return those of these chats, as targets name them, to which something may be sent now."""
        ...

    async def message_refs(self, tokens: Sequence[str]) -> dict[str, tuple[Target, str]]:
        """Return where the prompts of those tokens were sent, as the platform names it, if that is known."""
        ...

    async def shown(self, targets: Sequence[Target]) -> dict[str, list[Shown]]:
        """Return what these chats, as targets name them, may still show, as far as it is known; the oldest first."""
        ...

    async def settle(self, rows: Sequence[Settled]) -> None:
        """Note what became of claimed rows."""
        ...

    async def unclaim(self) -> int:
        """After a restart: put claimed rows back, whose outcome nobody knows; return how many there were."""
        ...


class Store(Protocol):
    """Durable state."""

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        """Begin a transaction; it commits when the block is left normally. Raises OutOfService."""
        ...


class Platform(Protocol):
    """The outward half of an adapter. What cannot be sent raises a SendFault."""

    @property
    def single_for(self) -> int:
        """For how many milliseconds a second send with the same key shows nothing twice; 0 is never."""
        ...

    @property
    def has_forms(self) -> bool:
        """Whether questions that follow each other can be answered at once there: ``Message.form`` opens that."""
        ...

    async def send(self, target: Target, message: Message, key: str) -> str:
        """Send a message and return the platform's name for it. ``key`` is the same for a resend."""
        ...

    async def retire(self, target: Target, ref: str, chosen: str) -> None:
        """Take the choices away from a sent message, showing the one that was chosen (if not empty)."""
        ...

    async def hide(self, target: Target, shown: Sequence[Shown]) -> None:
        """Remove the bot's messages from a chat, as far as the platform lets it; ``shown`` are those still known."""
        ...
