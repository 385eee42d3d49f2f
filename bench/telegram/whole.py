"""The bot on Telegram, whole: the adapter, the conversation and a file, over a client that somebody else made."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from telegram import Bot

from bot.adapters.telegram.acks import Acks
from bot.adapters.telegram.inbound import Inbound
from bot.adapters.telegram.limits import PLATFORM
from bot.adapters.telegram.pacing import Pace
from bot.adapters.telegram.platform import TelegramPlatform
from bot.adapters.telegram.polling import poll
from bot.adapters.telegram.reading import Us
from bot.conversation.envelope import RoomMoved
from bot.conversation.opening import open_conversation
from bot.conversation.ports import Clock
from bot.conversation.service import Conversation
from bot.flows.library import Library
from storage.master_keys import MasterKeys
from storage.sqlite import SqliteStore, open_store

KEYS = MasterKeys.made()


def at_once() -> Pace:
    """Return the pace of a platform that asks nobody to wait."""
    return Pace((0, 1), (0, 1), (0, 1))


@dataclass(frozen=True, slots=True)
class Whole:
    """What there is of it."""

    bot: Bot
    store: SqliteStore
    talk: Conversation
    inbound: Inbound


@asynccontextmanager
async def opened(
    file: Path, bot: Bot, clock: Clock, library: Library, pace: Pace | None = None
) -> AsyncGenerator[Whole]:
    """Open it over a file, with a client that is initialised."""
    acks, store = Acks(), await open_store(file, KEYS)

    async def moved(old: str, new: str) -> None:
        await talk.room_moved(f"m:{old}:{new}", RoomMoved(platform=PLATFORM, room=old, to=new))

    platform = TelegramPlatform(
        bot=bot, clock=clock, acks=acks, phrase=lambda key, _language: key, moved=moved, pace=pace
    )
    talk = await open_conversation(
        store=store, library=library, clock=clock, secret=b"a benchmark's secret", platforms={PLATFORM: platform}
    )
    us = Us(id=bot.id, username=bot.username)
    inbound = Inbound(bot=bot, us=us, clock=clock, acks=acks, take=talk.take, room_moved=talk.room_moved)
    try:
        yield Whole(bot, store, talk, inbound)
    finally:
        await inbound.close()
        await store.close()


@asynccontextmanager
async def serving(whole: Whole) -> AsyncGenerator[None]:
    """Let it fetch and send while the block runs."""
    running: Sequence[asyncio.Task[None]] = [
        asyncio.create_task(whole.talk.send_forever()),
        asyncio.create_task(poll(whole.bot, whole.inbound.take)),
    ]
    try:
        yield
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
