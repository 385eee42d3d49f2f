"""Ids as Discord makes them: they hold the time of their making, and grow."""

from typing import Final

from bot.conversation.ports import Clock

EPOCH: Final = 1_420_070_400_000
"""Epoch milliseconds from which ids count (Discord API docs, Snowflakes)."""


class Ids:
    """Makes ids."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = 0

    def next(self) -> int:
        """Return an id that is larger than every one before, and holds the time."""
        self._last = max((self._clock.now() - EPOCH) << 22, self._last + 1)
        return self._last


def made_at(number: int) -> int:
    """Return when an id was made, in epoch milliseconds."""
    return (number >> 22) + EPOCH
