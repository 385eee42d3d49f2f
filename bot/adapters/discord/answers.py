"""Interactions that can still be answered: each for 15 minutes, by its token.

An interaction is acknowledged so that what comes later is seen by whoever acted, and by nobody else. The first
message to them takes the place of that; more of them follow it. What nobody needs is taken away again.
"""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from typing import Self

from bot.adapters.discord.limits import ANSWERABLE, made_at

MOST = 2_000
"""Of how many interactions is known what was done with them."""


@dataclass(frozen=True, slots=True)
class Handle:
    """By what an interaction is answered: its id, which holds when it was made, and its token, a secret."""

    id: int
    token: str
    foreign: bool = False
    """It is in a chat of people in which the bot is not: only answers come there."""

    @classmethod
    def of(cls, text: str) -> Self | None:
        """Return the handle that an event carried, or None when that was none."""
        kind, _, rest = text.partition(":")
        number, _, token = rest.partition(":")
        if kind not in _KINDS or not number.isdecimal() or not token:
            return None
        return cls(int(number), token, kind == _FOREIGN)

    def __str__(self) -> str:
        """Return it as an event carries it."""
        return f"{_FOREIGN if self.foreign else _OURS}:{self.id}:{self.token}"

    def is_alive(self, now: int) -> bool:
        """Whether it can be answered still."""
        return now - made_at(self.id) < ANSWERABLE


_OURS, _FOREIGN = "i", "f"
_KINDS = frozenset({_OURS, _FOREIGN})


class Answers:
    """What has become of the first answer to each interaction, in this process."""

    def __init__(self) -> None:
        self._coming: dict[int, asyncio.Event] = {}
        """By interaction: set when it was acknowledged, or could not be."""
        self._first: OrderedDict[int, str] = OrderedDict()
        """By interaction: the key of the message that took the place of the acknowledgement; empty for none yet."""
        self._shown: OrderedDict[int, Handle] = OrderedDict()
        """By message that one person sees: by what it can be changed."""

    def expect(self, interaction: int) -> bool:
        """Note that an interaction is about to be acknowledged; return whether it has not come before."""
        if interaction in self._coming or interaction in self._first:
            return False
        self._coming[interaction] = asyncio.Event()
        return True

    def came(self, interaction: int, *, answerable: bool) -> None:
        """Note that an interaction was acknowledged, and waits for its first answer; or that it never will."""
        if answerable:
            self._first[interaction] = ""
            _limit(self._first)
        self._coming.pop(interaction).set()

    async def acknowledged(self, interaction: int) -> bool:
        """Return whether it was acknowledged in this process, as soon as that is known."""
        coming = self._coming.get(interaction)
        if coming is not None:
            await coming.wait()
        return interaction in self._first

    def take_first(self, interaction: int, key: str) -> bool:
        """Return whether a message may take the place of the acknowledgement: the first one, and that one again."""
        taken = self._first.get(interaction, key)
        if taken not in {"", key}:
            return False
        self._first[interaction] = key
        return True

    def take_away(self, interaction: int) -> bool:
        """Return whether nothing took the place of the acknowledgement; nothing will, from now on."""
        return interaction in self._first and self.take_first(interaction, _TAKEN_AWAY)

    def show(self, message: int, handle: Handle) -> None:
        """Note by what a message can be changed that only one person sees."""
        self._shown[message] = handle
        _limit(self._shown)

    def handle_of(self, message: int) -> Handle | None:
        """Return by what a message can be changed that only one person sees, if that is known."""
        return self._shown.get(message)


_TAKEN_AWAY = "-"


def _limit(known: OrderedDict[int, str] | OrderedDict[int, Handle]) -> None:
    if len(known) > MOST:
        known.popitem(last=False)
