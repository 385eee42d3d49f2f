"""The bot in service: one conversation, and the platforms that are set up, in one task group."""

import asyncio
import signal
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from typing import Protocol

import structlog

from bot.adapters.clocks import SystemClock
from bot.adapters.stopped import Stopped
from bot.conversation.opening import open_conversation
from bot.conversation.ports import Clock, OutOfService, Platform
from bot.conversation.service import Conversation
from bot.flows.library import Library
from bot.nudges.runner import Runner
from bot.wiring.data_folder import Keeping
from bot.wiring.settings import Settings
from bot.wiring.warning import warn
from storage.sqlite import open_store

_log = structlog.get_logger(__name__)

BACKLOG = 60.0
"""Seconds for which deadlines wait for what came before them, while nobody was there."""

REST = 1_000
"""Milliseconds before the next attempt when nothing could be stored."""


class Side(Protocol):
    """The bot on one platform."""

    @property
    def name(self) -> str:
        """What its platform is called in events and targets."""
        ...

    @property
    def platform(self) -> Platform:
        """What sends."""
        ...

    @property
    def drained(self) -> asyncio.Event:
        """Set when everything was taken that came while nobody was there."""
        ...

    async def run(self, talk: Conversation) -> None:
        """Take what comes until this is cancelled. Raises Stopped."""
        ...


class CannotServe(Exception):
    """A platform does not go on; the text says why, and what to do."""


async def serve_until_stopped(settings: Settings, keeping: Keeping, library: Library) -> None:
    """Serve until the process is told to stop (SIGINT, SIGTERM). Raises StoreUnusable, and CannotServe."""
    running = asyncio.create_task(serve(settings, keeping, library))
    loop = asyncio.get_running_loop()
    for told in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(told, running.cancel)
    with suppress(asyncio.CancelledError):
        await running


async def serve(settings: Settings, keeping: Keeping, library: Library) -> None:
    """Serve until this is cancelled. Raises StoreUnusable, and CannotServe."""
    clock = SystemClock()
    flows = library.offered()
    try:
        async with AsyncExitStack() as opened:
            sides = await _opened(opened, settings, clock, flows)
            talk = await opened.enter_async_context(conversation(settings, keeping, flows, clock, sides))
            async with asyncio.TaskGroup() as running:
                running.create_task(talk.send_forever())
                running.create_task(fire_in_time(talk, clock, [side.drained for side in sides]))
                for side in sides:
                    running.create_task(side.run(talk))
    except Stopped as fault:
        raise CannotServe(str(fault)) from None
    except BaseExceptionGroup as group:
        ended, _ = group.split(Stopped)
        if ended is None:
            raise
        raise CannotServe(str(ended.exceptions[0])) from None


async def _opened(opened: AsyncExitStack, settings: Settings, clock: Clock, flows: Library) -> list[Side]:
    """Open the bot on every platform that is set up. The libraries of others are not loaded. Raises Stopped."""
    sides: list[Side] = []
    if settings.telegram_token is not None:
        from bot.wiring.telegram import telegram

        sides.append(await opened.enter_async_context(telegram(settings.telegram_token, settings, clock, flows)))
    if settings.discord_token is not None:
        from bot.wiring.discord import discord_bot

        sides.append(await opened.enter_async_context(discord_bot(settings.discord_token, settings, clock, flows)))
    return sides


@asynccontextmanager
async def conversation(
    settings: Settings, keeping: Keeping, flows: Library, clock: Clock, sides: Sequence[Side]
) -> AsyncGenerator[Conversation]:
    """Open the conversation over its store, with what was under way put back."""
    store = await open_store(keeping.database, keeping.masters, warn)
    try:
        talk = await open_conversation(
            store=store,
            library=flows,
            clock=clock,
            secret=keeping.secret,
            platforms={side.name: side.platform for side in sides},
            warn=warn,
            operator=replace(keeping.operator, name=settings.operator.strip()),
        )
        await talk.put_back()
        yield talk
    finally:
        await store.close()


async def fire_in_time(talk: Conversation, clock: Clock, drained: Sequence[asyncio.Event] = ()) -> None:
    """Fire what falls due, until this is cancelled. What cannot be stored for a while is fired when it can.

    What came before a deadline comes first, from every platform, so that it is in time.
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(BACKLOG):
            await asyncio.gather(*(one.wait() for one in drained))

    async def look() -> int | None:
        try:
            await talk.fire()
            return await talk.next_due()
        except OutOfService as fault:
            _log.exception("nothing_fired", fault=type(fault).__name__, exc_info=False)
            return clock.now() + REST

    runner = Runner()
    talk.tell_dues(runner.due_by)
    await runner.run(look)
