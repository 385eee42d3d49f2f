"""Telegram's errors by what is done about them. The words of errors are compared without their case."""

import httpx
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
)

from bot.conversation.send_faults import NotSent, RetryLater, SendFault, Uncertain, Undeliverable, Unreachable

_NOTHING_CHANGED = ("message is not modified",)
_MESSAGE_LOST = (
    "message to edit not found",
    "message can't be edited",
    "message to delete not found",
    "message can't be deleted",
    "message identifier is not specified",
    "message_id_invalid",
)
_TOO_LATE = ("query is too old", "query id is invalid")
_OUR_BUG = ("can't parse entities", "message is too long", "unsupported start tag")
_ROOM_GONE = (
    "chat not found",
    "not enough rights",
    "have no rights to send",
    "chat_write_forbidden",
    "need administrator rights",
    "topic_closed",
    "topic_deleted",
    "message thread not found",
    "user is deactivated",
    "bot was kicked",
    "peer_id_invalid",
    "group chat was deactivated",
)
_BEFORE_SENDING = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


def _says(fault: TelegramError, sentences: tuple[str, ...]) -> bool:
    said = fault.message.lower()
    return any(sentence in said for sentence in sentences)


def changed_nothing(fault: TelegramError) -> bool:
    """Whether an edit was refused because there is nothing, or nothing left, to change: that is all right."""
    return isinstance(fault, BadRequest) and _says(fault, (*_NOTHING_CHANGED, *_MESSAGE_LOST))


def came_too_late(fault: TelegramError) -> bool:
    """Whether an answer to a pressed button came too late, or was not the first: what it says is said otherwise."""
    return isinstance(fault, BadRequest) and _says(fault, _TOO_LATE)


def is_our_bug(fault: TelegramError) -> bool:
    """Whether the text as we set it was not taken: it is sent once more, as it is."""
    return isinstance(fault, BadRequest) and _says(fault, _OUR_BUG)


def send_fault(fault: TelegramError) -> SendFault:
    """Return what is done about an error of sending."""
    match fault:
        case RetryAfter():
            return RetryLater(milliseconds(fault))
        case Forbidden():
            return Unreachable()
        case BadRequest():
            return Unreachable() if _says(fault, _ROOM_GONE) else Undeliverable()
        case ChatMigrated() | InvalidToken():
            return NotSent()
        case _:
            return NotSent() if isinstance(fault.__cause__, _BEFORE_SENDING) else Uncertain()


def milliseconds(fault: RetryAfter) -> int:
    """Return for how long the platform wants a chat to wait."""
    after = fault.retry_after  # seconds, of which the library will make a timedelta
    return int(after * 1000) if isinstance(after, int) else int(after.total_seconds() * 1000)
