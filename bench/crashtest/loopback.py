"""The platform: it stays when the worker is killed, brings what was not dealt with, and counts what it shows."""

import itertools
from collections import Counter
from dataclasses import dataclass

from bot.conversation.envelope import Actor, ChoicePressed, Content, Envelope, Place, PlaceKind

NAME = "loopback"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """How a platform keeps its promises."""

    name: str
    redelivers: bool
    """Events come again, in order, from the first one on that was not acknowledged.

    Otherwise each comes once at most: what was written can be read back, and a lost press is pressed again.
    """
    single_for: int
    """For how many milliseconds a second send with the same key shows nothing."""


REDELIVERING = Kind(name="redelivering", redelivers=True, single_for=0)
"""As Telegram: updates come until they are acknowledged, and every send is shown."""

AT_MOST_ONCE = Kind(name="at most once", redelivers=False, single_for=30 * 60_000)
"""As Discord: what the gateway brings is gone when nobody is there, and sends have a nonce."""

KINDS = (REDELIVERING, AT_MOST_ONCE)


class Loopback:
    """A platform of that kind."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.shown: Counter[str] = Counter()
        """How often each key was shown."""
        self.kept_single: Counter[str] = Counter()
        """How often each key showed nothing, because it was known."""
        self.acknowledged: set[str] = set()
        self._count = 0
        self._brought: list[Envelope] = []
        self._offset = 0
        self._chats: dict[str, list[Envelope]] = {}
        self._known: dict[str, tuple[int, str]] = {}

    # What people do

    def note(self, person: str, content: Content, now: int) -> Envelope:
        """Note what somebody did in their own chat, and return it as an event."""
        self._count += 1
        envelope = Envelope(
            platform=NAME,
            event_id=f"e{self._count}",
            actor=Actor(id=person, name=person, locale="en", zone="UTC"),
            place=Place(kind=PlaceKind.DM, id=person),
            at=now,
            content=content,
        )
        self._brought.append(envelope)
        if not isinstance(content, ChoicePressed):
            self._chats.setdefault(person, []).append(envelope)
        return envelope

    def acknowledge(self, event_id: str) -> None:
        """Note that an event was dealt with."""
        self.acknowledged.add(event_id)
        while self._offset < len(self._brought) and self._brought[self._offset].event_id in self.acknowledged:
            self._offset += 1

    def to_bring_again(self) -> list[Envelope]:
        """Return what comes to a new worker: everything behind the offset, which moves in order."""
        return self._brought[self._offset :]

    def chats(self) -> tuple[tuple[Envelope, ...], ...]:
        """Return what was written in each chat."""
        return tuple(tuple(written) for written in self._chats.values())

    def unanswered(self) -> list[str]:
        """Return the events that are still to be acknowledged; a lost press never is."""
        expected = self._brought[self._offset :] if self.kind.redelivers else itertools.chain(*self._chats.values())
        return [one.event_id for one in expected if one.event_id not in self.acknowledged]

    # What the bot does

    def show(self, key: str, now: int) -> tuple[str, bool]:
        """Show a message; return its name, and whether there is something new to see."""
        since, ref = self._known.get(key, (None, ""))
        if since is not None and now < since + self.kind.single_for:
            self.kept_single[key] += 1
            return ref, False
        self.shown[key] += 1
        ref = f"{key}/{self.shown[key]}"
        if since is None:
            self._known[key] = now, ref
        return ref, True
