"""Listening to the gateway: for as long as the process lives, whatever the connection, or what comes by it, does."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, cast

import discord
import structlog

from bot.adapters.stopped import Stopped

FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0
"""Seconds before the next attempt: each time twice as long, up to the longest."""

REFUSED = frozenset({4004, 4010, 4011, 4012, 4013, 4014})
"""How the gateway closes on those whom it will never let in (Discord API, Gateway Close Event Codes)."""

INTENTS = discord.Intents(guilds=True, dm_messages=True, guild_messages=True)
"""What is asked for: nothing that needs a privilege. What is said in servers has words only if it names the bot."""

ENDING = 5.0
"""Seconds for a client to end that was closed."""

IDENTIFY_APART = 5.0
"""Seconds from one IDENTIFY to the next (Discord API, Gateway, Rate Limiting: max_concurrency)."""

LONGEST_LIMIT = 30.0
"""Seconds for which the client waits by itself when it is told to; for longer, others go on meanwhile."""

_log = structlog.get_logger(__name__)

Handler = Callable[..., Coroutine[Any, Any, None]]


class _Client(discord.Client):
    """Lets an event go by that cannot be read: it would end the client, and everybody else's events with it."""

    between_identifies: Callable[[float], Awaitable[None]] = staticmethod(asyncio.sleep)

    def _get_state(self, **options: Any) -> Any:
        state = super()._get_state(**options)
        parsers = cast("dict[str, Callable[[Any], Any]]", state.parsers)
        parsers |= {event: _forgiving(event, parse) for event, parse in parsers.items()}
        return state

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Wait until the gateway lets the client identify itself once more."""
        del shard_id
        if not initial:
            await self.between_identifies(IDENTIFY_APART)


class _ShardedClient(_Client, discord.AutoShardedClient):
    """The same, over several connections."""


def _forgiving(event: str, parse: Callable[[Any], Any]) -> Callable[[Any], None]:
    def parsed(data: Any) -> None:
        try:
            parse(data)
        except Exception as fault:  # noqa: BLE001  # the client's edge: one event stops nobody else's
            _log.exception("event_not_read", event_type=event, fault=type(fault).__name__, exc_info=False)

    return parsed


def quiet_client(shards: int = 1, wait: Callable[[float], Awaitable[None]] = asyncio.sleep) -> discord.Client:
    """Return a client that keeps no messages and no members, and that mentions nobody."""
    options: dict[str, Any] = {
        "intents": INTENTS,
        "max_messages": None,
        "member_cache_flags": discord.MemberCacheFlags.none(),
        "chunk_guilds_at_startup": False,
        "allowed_mentions": discord.AllowedMentions.none(),
        "max_ratelimit_timeout": LONGEST_LIMIT,
    }
    client = _ShardedClient(shard_count=shards, **options) if shards > 1 else _Client(**options)
    client.between_identifies = wait
    return client


async def listen(
    token: str,
    handlers: Sequence[Handler],
    shards: int = 1,
    wait: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Listen until it is cancelled. ``handlers`` have the names of the client's events. Raises Stopped."""
    pause = FIRST_WAIT
    while True:
        began = asyncio.get_running_loop().time()
        client = quiet_client(shards, wait)
        for handler in (*handlers, on_error):
            client.event(handler)
        try:
            async with client:
                await _run(client, token)
        except Exception as fault:  # noqa: BLE001  # the loop's edge: a frame that is none ends the client, too
            ending = stopped_by(fault)
            if ending is not None:
                raise ending from None
            _log.exception("gateway_lost", fault=type(fault).__name__, exc_info=False)
        if asyncio.get_running_loop().time() - began > LONGEST_WAIT:
            pause = FIRST_WAIT  # it held for a while
        await wait(pause)
        pause = min(2 * pause, LONGEST_WAIT)


async def _run(client: discord.Client, token: str) -> None:
    """Run a client until it ends, or this is cancelled.

    A cancellation that meets the client as it connects may be lost (a flaw of ``asyncio.wait_for`` before Python
    3.12); so it is closed as well, and ends by that.
    """
    running = asyncio.create_task(client.start(token))
    try:
        await asyncio.wait({running})
    finally:
        if not running.done():
            running.cancel()
            await client.close()
            await asyncio.wait({running}, timeout=ENDING)
    running.result()


def stopped_by(fault: Exception) -> Stopped | None:
    """Return why an error ends it all, or None when it may pass."""
    if isinstance(fault, discord.LoginFailure):
        return Stopped(
            "Discord does not know this token: set BREATHING_ROOM_DISCORD_TOKEN to the one of the developer portal."
        )
    if isinstance(fault, discord.PrivilegedIntentsRequired):
        return Stopped("Discord asks for an intent of this bot that it does not use: look at its page in the portal.")
    if isinstance(fault, discord.ConnectionClosed) and fault.code in REFUSED:
        return Stopped(
            f"Discord does not let this bot in (close code {fault.code}): "
            "look at its token, and at BREATHING_ROOM_DISCORD_SHARDS."
        )
    return None


async def on_error(event: str, *_what: object, **_more: object) -> None:
    """Note that a handler failed, and nothing of what it was given."""
    kind = sys.exc_info()[0]
    _log.error("handler_failed", event_type=event, fault=kind.__name__ if kind is not None else "")
