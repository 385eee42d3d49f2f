"""Ways to break the product, each in one place, so that ``./run crashtest`` has something to find."""

import asyncio
import os
import secrets
from collections.abc import Sequence
from dataclasses import replace

from bot.adapters.discord.platform import DiscordPlatform
from bot.conversation.batch import Arrival
from bot.conversation.envelope import DeadlineCame, Envelope
from bot.conversation.intake import Intake
from bot.conversation.message import Message
from bot.conversation.outbox import MessageClass, Target
from bot.conversation.ports import Claimed, Sending, Settled
from bot.conversation.service import Conversation
from storage.transaction import SqliteTransaction


def answer_before_the_commit() -> None:
    """Whoever brings an event is told that it is durable before it is."""
    commit = Intake.commit
    running: set[asyncio.Task[None]] = set()

    async def commit_later(self: Intake, arrivals: Sequence[Arrival]) -> None:
        if any(isinstance(one.occurrence, DeadlineCame) for one in arrivals):
            await commit(self, arrivals)
        else:
            running.add(asyncio.create_task(commit(self, arrivals)))

    Intake.commit = commit_later


def know_no_event_again() -> None:
    """An event that comes again, to another worker, is taken for another one."""
    intake = Conversation.intake

    async def intake_as_new(self: Conversation, envelope: Envelope) -> None:
        await intake(self, replace(envelope, event_id=f"{envelope.event_id}-{os.getpid()}"))

    Conversation.intake = intake_as_new


def mark_as_sent_before_sending() -> None:
    """A message that is about to be handed over counts as sent."""
    claim = SqliteTransaction.claim

    async def claim_as_sent(self: SqliteTransaction, now: int, limit: int) -> list[Claimed]:
        found = await claim(self, now, limit)
        await self.settle([Settled.sent(one.row, now, "") for one in found])
        return found

    SqliteTransaction.claim = claim_as_sent


def forget_that_nudges_were_sent() -> None:
    """A nudge that was sent counts as one that the platform did not take."""
    settle = SqliteTransaction.settle

    async def settle_otherwise(self: SqliteTransaction, rows: Sequence[Settled]) -> None:
        await settle(self, [_untaken(one) if one.row.cls is MessageClass.NUDGE else one for one in rows])

    SqliteTransaction.settle = settle_otherwise


def name_no_message() -> None:
    """Messages go out without the nonce that keeps them single."""
    parts = DiscordPlatform.send

    async def send_anew(self: DiscordPlatform, target: Target, message: Message, key: str) -> str:
        return await parts(self, target, message, f"{key}.{secrets.token_hex(3)}")

    DiscordPlatform.send = send_anew


def _untaken(one: Settled) -> Settled:
    return Settled.failed(one.row, one.at) if one.became is Sending.SENT else one
