"""What the Bot API takes at most, and what this adapter calls its platform."""

PLATFORM = "telegram"
"""The platform's name in events and targets."""

TEXT = 4096
"""UTF-16 code units of a message's text (Bot API, sendMessage: 1-4096 characters after entities parsing)."""

ALERT = 200
"""Characters of an answer to a pressed button (Bot API, answerCallbackQuery: 0-200 characters)."""

CALLBACK_DATA = 64
"""Bytes that a button carries (Bot API, InlineKeyboardButton: callback_data is 1-64 bytes)."""

DELETABLE = 48 * 3_600_000
"""Milliseconds after which a message cannot be deleted any more (Bot API, deleteMessage)."""

AT_ONCE = 100
"""Messages that one call deletes (Bot API, deleteMessages: 1-100 identifiers)."""


def cost(char: str) -> int:
    """Return what a character counts for in a text: one beyond the basic plane counts twice."""
    return 2 if char > "\uffff" else 1


def units(text: str) -> int:
    """Return the length of a text as Telegram counts it: in UTF-16 code units."""
    return len(text) + sum(char > "\uffff" for char in text)
