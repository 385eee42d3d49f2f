"""Fetching updates: the offset moves on when they are durable, and not before."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, cast

import structlog
from telegram import Bot
from telegram.error import Conflict, EndPointNotFound, InvalidToken, RetryAfter, TelegramError

from bot.adapters.stopped import Stopped
from bot.adapters.telegram.faults import milliseconds
from bot.adapters.telegram.updates import KINDS

PATIENCE = 30
"""Seconds for which Telegram keeps a request open while there is nothing."""

MOST = 100
"""Updates that are fetched at once (Bot API, getUpdates: 1-100, 100 unless told)."""

OVERTIME = 10
"""Seconds more after which an answer is given up."""

FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0
"""Seconds before the next attempt after an error: each time twice as long, up to the longest."""

_log = structlog.get_logger(__name__)


def stopped_by(fault: TelegramError) -> Stopped | None:
    """Return why an error ends it all, or None when it may pass."""
    # A call that the client knows no method of its own for is answered as unknown when it is the token that is.
    if isinstance(fault, InvalidToken | EndPointNotFound):
        return Stopped(
            "Telegram does not know this token: set BREATHING_ROOM_TELEGRAM_TOKEN to the one of @BotFather."
        )
    if isinstance(fault, Conflict):
        return Stopped("Another program fetches this bot's updates from Telegram: stop that one first.")
    return None


async def poll(
    bot: Bot,
    take: Callable[[Sequence[Mapping[str, Any]]], Awaitable[None]],
    wait: Callable[[float], Awaitable[None]] = asyncio.sleep,
    drained: Callable[[], None] = lambda: None,
) -> None:
    """Fetch and take updates until it is cancelled. What was not taken comes again. Raises Stopped.

    ``drained`` is called when nothing waits that came before.
    """
    offset = 0
    failed = 0
    while True:
        try:
            updates = await _fetched(bot, offset)
            await take(updates)
        except TelegramError as fault:
            ending = stopped_by(fault)
            if ending is not None:
                raise ending from None
            _log.info("updates_not_fetched", fault=type(fault).__name__)
            pause = milliseconds(fault) / 1_000 if isinstance(fault, RetryAfter) else 0.0
        except Exception as fault:  # noqa: BLE001  # the loop's edge: what could not be kept comes again
            _log.exception("updates_not_taken", fault=type(fault).__name__, exc_info=False)
            pause = 0.0
        else:
            failed = 0
            if len(updates) < MOST:
                drained()
            offset = max([offset, *(int(one["update_id"]) + 1 for one in updates)])
            continue
        await wait(max(pause, min(FIRST_WAIT * 2**failed, LONGEST_WAIT)))
        failed = min(failed + 1, 10)


async def _fetched(bot: Bot, offset: int) -> list[Mapping[str, Any]]:
    """Fetch updates as they are sent: the library's own way would put what it cannot read into its log."""
    asked = {"offset": offset, "timeout": PATIENCE, "allowed_updates": list(KINDS)}
    found = await bot.do_api_request("getupdates", api_kwargs=asked, read_timeout=PATIENCE + OVERTIME)
    return cast("list[Mapping[str, Any]]", found)
