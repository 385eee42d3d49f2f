"""Permissions: who may see a channel, and write in it (Discord API docs, Permissions)."""

from typing import Final

BITS: Final = {
    "ADMINISTRATOR": 1 << 3,
    "MANAGE_CHANNELS": 1 << 4,
    "MANAGE_GUILD": 1 << 5,
    "VIEW_CHANNEL": 1 << 10,
    "SEND_MESSAGES": 1 << 11,
    "MANAGE_MESSAGES": 1 << 13,
    "EMBED_LINKS": 1 << 14,
    "READ_MESSAGE_HISTORY": 1 << 16,
    "USE_APPLICATION_COMMANDS": 1 << 31,
    "MANAGE_THREADS": 1 << 34,
    "CREATE_PUBLIC_THREADS": 1 << 35,
    "SEND_MESSAGES_IN_THREADS": 1 << 38,
}
ALL: Final = sum(BITS.values())
EVERYONE: Final = ALL & ~sum(
    BITS[name] for name in ("ADMINISTRATOR", "MANAGE_CHANNELS", "MANAGE_GUILD", "MANAGE_MESSAGES", "MANAGE_THREADS")
)
"""What everybody may at first."""


def bits(*names: str) -> int:
    """Return permissions by their names."""
    return sum(BITS[name] for name in names)


def may(granted: int, *names: str) -> bool:
    """Return whether all of these are among what is granted."""
    wanted = bits(*names)
    return granted & wanted == wanted
