"""What the conversation needs from outside, as small protocols."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from bot.conversation.envelope import DeadlineCame
from bot.conversation.message import Message
from bot.conversation.outbox import OutboxRow, Target
from bot.conversation.record import Record
from bot.conversation.units import Invite, RecordAt, SentPrompt, UnitState
from bot.engine.session import Session
from bot.flows.revisions import Published


class Clock(Protocol):
    """The only source of the time."""

    def now(self) -> int:
        """Return epoch milliseconds."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitChange:
    """A unit to write. ``version`` is the one that was read; 0 creates it."""

    state: UnitState
    version: int


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
    parked: tuple[str, ...] = ()
    """Sessions whose timer is taken away because its turn cannot be kept: an operator has to look."""


class VersionConflict(Exception):
    """A unit changed since it was read: take the turn again."""


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
        """Return what of a session was not sent yet, the oldest first."""
        ...


class Transaction(Protocol):
    """One atomic unit of reading and writing. Leaving it by an exception writes nothing."""

    @property
    def revisions(self) -> Revisions:
        """The stored revisions of flows, in this transaction."""
        ...

    async def seen(self, event_id: str) -> bool:
        """Return whether this event was settled already."""
        ...

    async def unit_of(self, platform: str, place: str) -> str | None:
        """Return the unit behind a platform's chat or account, or None."""
        ...

    async def load_units(self, ids: Sequence[str]) -> dict[str, UnitState]:
        """Return the units that exist, each with its open sessions."""
        ...

    async def last_event_at(self) -> int:
        """Return when the newest settled event was, 0 when there is none."""
        ...

    async def open_sessions(self) -> list[Session]:
        """Return every open session: for showing where things stand, never for a turn."""
        ...

    async def load_session(self, session_id: str) -> Session | None:
        """Return a session, ended ones included."""
        ...

    async def find_prompt(self, token: str) -> SentPrompt | None:
        """Return what a token stands for."""
        ...

    async def find_prompts(self, session_id: str, lane: str, entry: int) -> list[SentPrompt]:
        """Return the prompts that were sent for that fence."""
        ...

    async def find_invite(self, digest: str) -> Invite | None:
        """Return the invite of that digest."""
        ...

    async def load_records(self, unit: str, kind: str) -> list[Record]:
        """Return the unit's records of a kind, ended ones included, the oldest first."""
        ...

    async def sweep_records(self, over: int) -> None:
        """Delete every record that has been over since then or longer."""
        ...

    async def write(self, changes: Changes) -> None:
        """Write a turn. Raises VersionConflict."""
        ...

    async def due(self, now: int, limit: int) -> list[DeadlineCame]:
        """Return deadlines that are due, the earliest first."""
        ...

    async def next_due(self) -> int | None:
        """Return when the next deadline or delayed message is due."""
        ...

    async def claim(self, now: int, limit: int) -> list[OutboxRow]:
        """Mark rows as claimed and return them: at most one a chat, the oldest first."""
        ...

    async def message_ref(self, token: str) -> tuple[Target, str] | None:
        """Return where the prompt of a token was sent, as the platform names it."""
        ...

    async def sent(self, row: OutboxRow, ref: str, at: int) -> None:
        """Note that a row was sent."""
        ...

    async def drop(self, row: OutboxRow, at: int) -> None:
        """Note that a row will not be sent."""
        ...

    async def retry(self, row: OutboxRow, not_before: int) -> None:
        """Put a row back whose sending failed; it is claimed again from then on, and before all later of its chat."""
        ...

    async def postpone(self, row: OutboxRow, not_before: int) -> None:
        """Put a claimed row back until then; what comes after it in its chat does not wait for it."""
        ...

    async def unclaim(self) -> int:
        """Put claimed rows back after a restart; returns how many."""
        ...


class Store(Protocol):
    """Durable state."""

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        """Begin a transaction; it commits when the block is left normally."""
        ...


class Platform(Protocol):
    """The outward half of an adapter."""

    async def send(self, target: Target, message: Message, key: str) -> str:
        """Send a message and return the platform's name for it. ``key`` is the same for a resend."""
        ...

    async def retire(self, target: Target, ref: str, chosen: str) -> None:
        """Take the choices away from a sent message, showing the one that was chosen (if not empty)."""
        ...

    async def hide(self, target: Target) -> None:
        """Remove the bot's messages from a chat, as far as the platform lets it."""
        ...
