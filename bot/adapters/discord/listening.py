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

LONGEST_LIMIT = 30.0
"""Seconds for which the client waits by itself when it is told to; for longer, others go on meanwhile."""

_log = structlog.get_logger(__name__)

Handler = Callable[..., Coroutine[Any, Any, None]]


class _Client(discord.Client):
    """Lets an event go by that cannot be read: it would end the client, and everybody else's events with it."""

    def _get_state(self, **options: Any) -> Any:
        state = super()._get_state(**options)
        parsers = cast("dict[str, Callable[[Any], Any]]", state.parsers)
        parsers |= {event: _forgiving(event, parse) for event, parse in parsers.items()}
        return state


class _ShardedClient(_Client, discord.AutoShardedClient):
    """The same, over several connections."""


def _forgiving(event: str, parse: Callable[[Any], Any]) -> Callable[[Any], None]:
    def parsed(data: Any) -> None:
        try:
            parse(data)
        except Exception as fault:  # noqa: BLE001  # the client's edge: one event stops nobody else's
            _log.exception("event_not_read", event_type=event, fault=type(fault).__name__, exc_info=False)

    return parsed


def quiet_client(shards: int = 1) -> discord.Client:
    """Return a client that keeps no messages and no members, and that mentions nobody."""
    options: dict[str, Any] = {
        "intents": INTENTS,
        "max_messages": None,
        "member_cache_flags": discord.MemberCacheFlags.none(),
        "chunk_guilds_at_startup": False,
        "allowed_mentions": discord.AllowedMentions.none(),
        "max_ratelimit_timeout": LONGEST_LIMIT,
    }
    return _ShardedClient(shard_count=shards, **options) if shards > 1 else _Client(**options)


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
        client = quiet_client(shards)
        for handler in (*handlers, on_error):
            client.event(handler)
        try:
            async with client:
                await client.start(token)
        except Exception as fault:  # noqa: BLE001  # the loop's edge: a frame that is none ends the client, too
            ending = stopped_by(fault)
            if ending is not None:
                raise ending from None
            _log.exception("gateway_lost", fault=type(fault).__name__, exc_info=False)
        if asyncio.get_running_loop().time() - began > LONGEST_WAIT:
            pause = FIRST_WAIT  # it held for a while
        await wait(pause)
        pause = min(2 * pause, LONGEST_WAIT)


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
    _log.error("handler_failed", event=event, fault=kind.__name__ if kind is not None else "")
