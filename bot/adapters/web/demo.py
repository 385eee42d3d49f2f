"""The conversation behind the page: opened, moved through time, thrown away and begun afresh."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from bot.adapters.clocks import MovableClock, travel
from bot.adapters.web.cast import PLATFORM, Cast, Person
from bot.adapters.web.panes import Panes
from bot.conversation.envelope import Actor, Command, Content, Envelope, Place, PlaceKind, RoomJoined


class Talk(Protocol):
    """The conversation, as far as the page needs it."""

    async def recover(self) -> None:
        """Go on after a start."""
        ...

    async def intake(self, envelope: Envelope) -> None:
        """Take an event."""
        ...

    async def next_due(self) -> int | None:
        """Return when the next thing is due."""
        ...

    async def fire_due(self) -> None:
        """Fire what is due."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A conversation that runs: its clock, whether it was here before, and how to close it."""

    talk: Talk
    clock: MovableClock
    known: bool
    mark: str
    """Makes the ids of arrivals unique to this start."""
    close: Callable[[], Awaitable[None]]


class Demo:
    """The page's stage. ``begin`` opens a conversation; ``wipe`` throws away what the last one kept."""

    def __init__(
        self, panes: Panes, *, begin: Callable[[], Awaitable[Opened]], wipe: Callable[[], Awaitable[None]]
    ) -> None:
        self._panes = panes
        self._begin = begin
        self._wipe = wipe
        self._opened: Opened | None = None
        self._moving = asyncio.Lock()
        self._told = 0

    async def open(self) -> None:
        """Begin, or go on where the kept data stands; everybody arrives."""
        opened = await self._begin()
        self._opened = opened
        await opened.talk.recover()
        for envelope in arrivals(self._panes.cast, self.now(), opened.mark, known=opened.known):
            await opened.talk.intake(envelope)

    def now(self) -> int:
        """Return the page's time; while the conversation is restarted, the last one that was told."""
        if self._opened is not None:
            self._told = self._opened.clock.now()
        return self._told

    async def intake(self, envelope: Envelope) -> None:
        """Take an event."""
        await self._running().talk.intake(envelope)

    async def travel(self, ms: int) -> None:
        """Move the clock forward, firing everything due on the way."""
        opened = self._running()
        async with self._moving:
            await travel(opened.clock, opened.talk, opened.clock.now() + ms)

    async def restart(self) -> None:
        """Throw everything away and begin afresh."""
        async with self._moving:
            await self.close()
            await self._wipe()
            await self.open()

    async def tick(self) -> None:
        """Fire what falls due as time goes by; never returns."""
        while True:
            await asyncio.sleep(1)
            async with self._moving:
                if self._opened is not None:
                    await self._opened.talk.fire_due()

    async def close(self) -> None:
        """Close the conversation."""
        opened, self._opened = self._opened, None
        if opened is not None:
            await opened.close()

    def _running(self) -> Opened:
        if self._opened is None:
            message = "the demo is starting again; try once more"
            raise RuntimeError(message)
        return self._opened


def arrivals(cast: Cast, now: int, mark: str, *, known: bool) -> list[Envelope]:
    """Return what the platform tells at a start: the room with everybody in it, and each person's hello.

    ``known``: they were here before, so each gets shown where they are.
    """
    everyone = tuple(_actor(person) for person in cast.people)
    first = everyone[0]
    room = Place(kind=PlaceKind.ROOM, id=cast.room.id)
    found: list[tuple[Actor, Place, Content]] = []
    if not known:
        found.append((first, room, RoomJoined(members=everyone, count=len(everyone))))
    for actor in everyone:
        hello = Command(name="open" if known else "start")
        found.append((actor, Place(kind=PlaceKind.DM, id=actor.id), hello))
    return [
        Envelope(
            platform=PLATFORM, event_id=f"{mark}:arrival:{number}", actor=actor, place=place, at=now, content=content
        )
        for number, (actor, place, content) in enumerate(found)
    ]


def _actor(person: Person) -> Actor:
    return Actor(id=person.id, name=person.name, locale=person.locale, zone=person.zone)
