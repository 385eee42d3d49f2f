"""What Discord takes at most, and what this adapter calls its platform."""

PLATFORM = "discord"
"""The platform's name in events and targets."""

TEXT = 2000
"""Characters of a message (Discord API, Create Message: content up to 2000 characters)."""

ROWS, ABREAST = 5, 5
"""Rows under a message, and buttons in a row (Discord API, Action Row)."""

LABEL = 80
"""Characters on a button (Discord API, Button)."""

OPTIONS, OPTION = 25, 100
"""Options of a select, and characters of each (Discord API, String Select)."""

CUSTOM_ID = 100
"""Characters that a component carries (Discord API, custom_id: 1-100 characters)."""

FORM_TITLE, FIELD_LABEL, FIELD_ABOUT = 45, 45, 100
"""Characters of a modal's title, and of a field's label and description (Discord API, Modal, Label)."""

LONG_ANSWER = 80
"""Characters from which on an answer gets more than one line to be written in."""

NONCE = 25
"""Characters of a message's nonce (Discord API, Create Message)."""

NONCE_KEPT = 2 * 60_000
"""Milliseconds for which a second message with the same nonce is the first one: Discord says "a few minutes"."""

ANSWER_WITHIN = 3_000
"""Milliseconds in which an interaction has to be acknowledged (Discord API, Interaction Callback)."""

ANSWERABLE = 15 * 60_000
"""Milliseconds for which an interaction can be answered (Discord API, interaction tokens)."""

EPOCH = 1_420_070_400_000
"""The beginning of Discord's time, in epoch milliseconds: ids hold the time of their making since then."""


def made_at(snowflake: int) -> int:
    """Return when an id was made, in epoch milliseconds (Discord API, Snowflakes)."""
    return (snowflake >> 22) + EPOCH


def snowflake_at(at: int) -> int:
    """Return the smallest id of that time."""
    return max(0, at - EPOCH) << 22


def shortened(text: str, length: int) -> str:
    """Return a text that is at most so long."""
    return text if len(text) <= length else f"{text[: length - 1].rstrip()}…"


def cost(char: str) -> int:
    """Return what a character counts for in a text: those that mean something in Markdown are escaped."""
    return 2 if char > "\uffff" or char in MARKS else 1


MARKS = frozenset("\\*_~`|<>#-+.()[]:")
"""Characters that are set behind a backslash where they could mean something."""
