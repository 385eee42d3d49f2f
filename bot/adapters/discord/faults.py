"""Discord's errors by what is done about them."""

from http import HTTPStatus

import aiohttp
import discord

from bot.conversation.send_faults import NotSent, RetryLater, SendFault, Uncertain, Undeliverable, Unreachable

CLOSED_TO_US = frozenset({50007, 50278})
"""Of a person: their direct messages are closed, or there is no server that both are in."""

ROOM_GONE = frozenset({10003, 50001, 50013, 50083, 160005})
"""Of a room: it is not there, or the bot may not see it or write in it, or it is archived or locked."""

TOO_FAST = frozenset({20022, 20026, 20028, 40003})
"""Too many of one kind of call, without being told for how long to wait."""

OUR_BUG = frozenset({50006, 50035})
"""The message as we set it was not taken."""

GONE = frozenset({10008, 10015, 10062, 50021, 50027, 40060, 50083, 10003})
"""What was to be changed or answered is not there any more, or cannot be answered any more."""

REST = 60_000
"""Milliseconds to wait where Discord does not say for how long."""


def is_gone(fault: BaseException | None) -> bool:
    """Whether what was to be changed, or answered, cannot be any more: that is all right, or said otherwise."""
    return isinstance(fault, discord.HTTPException) and fault.code in GONE


def is_our_bug(fault: Exception) -> bool:
    """Whether the message as we set it was not taken: it is sent once more, as plain text."""
    return isinstance(fault, discord.HTTPException) and fault.code in OUR_BUG


def send_fault(fault: Exception) -> SendFault:
    """Return what is done about an error of sending."""
    match fault:
        case SendFault():
            return fault
        case discord.RateLimited():
            return RetryLater(int(fault.retry_after * 1_000))
        case discord.DiscordServerError():
            return Uncertain()
        case discord.HTTPException():
            return _refused(fault)
        case aiohttp.ClientConnectorError() | aiohttp.ConnectionTimeoutError():
            return NotSent()
        case _:
            return Uncertain()


def _refused(fault: discord.HTTPException) -> SendFault:
    if fault.status == HTTPStatus.TOO_MANY_REQUESTS or fault.code in TOO_FAST:
        return RetryLater(REST)
    if fault.code in CLOSED_TO_US or fault.code in ROOM_GONE:
        return Unreachable()
    return NotSent() if fault.status == HTTPStatus.UNAUTHORIZED else Undeliverable()
