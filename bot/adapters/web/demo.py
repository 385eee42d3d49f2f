"""The conversation behind the page: opened, moved through time, given new flows, thrown away and begun afresh."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Protocol

from bot.adapters.clocks import MovableClock, travel
from bot.adapters.web.cast import PLATFORM, Cast, Person
from bot.adapters.web.journal import Journal
from bot.adapters.web.saving import transcript_of
from bot.conversation.envelope import Actor, Command, Content, Envelope, Place, PlaceKind, RoomJoined
from bot.flows.library import Library

_log = logging.getLogger(__name__)


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


class PageClock(MovableClock, Protocol):
    """A clock that stands still between two steps, and can be let leap."""

    def leap(self, by: int) -> None:
        """Run so much further ahead."""
        ...

    def reached(self) -> int:
        """Return the last whole step that it has reached."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A conversation that runs: its clock, whether it was here before, and how to go on anew and to close it."""

    talk: Talk
    clock: PageClock
    known: bool
    whole: bool
    """Whether it can be played from its beginning, so that everything comes out the same."""
    mark: str
    """Makes the ids of events unique to this start; empty where nothing is kept."""
    renew: Callable[[Library], Awaitable[Talk]]
    """Opens it anew over the same store, with other flows. Raises FlowInvalid, and has done nothing then."""
    close: Callable[[], Awaitable[None]]


class Demo:
    """The page's stage. ``begin`` opens a conversation; ``wipe`` throws away what the last one kept."""

    def __init__(
        self,
        journal: Journal,
        library: Library,
        *,
        begin: Callable[[Library], Awaitable[Opened]],
        wipe: Callable[[], Awaitable[None]],
    ) -> None:
        self._journal = journal
        self._library = library
        self._begin = begin
        self._wipe = wipe
        self._opened: Opened | None = None
        self._moving = asyncio.Lock()
        self._told = 0

    async def open(self) -> None:
        """Begin, or go on where the kept data stands; everybody arrives."""
        opened = await self._begin(self._library)
        self._opened = opened
        whole = opened.whole and not opened.known
        self._journal.begin(opened.clock, mark=opened.mark, whole=whole)
        await opened.talk.recover()
        for envelope in arrivals(self._journal.cast, known=opened.known):
            await opened.talk.intake(self._journal.took(envelope))

    def now(self) -> int:
        """Return the page's time; while the conversation is restarted, the last one that was told."""
        if self._opened is not None:
            self._told = self._opened.clock.now()
        return self._told

    async def intake(self, envelope: Envelope) -> None:
        """Take an event, at the time that it is by now."""
        async with self._moving:
            opened = self._running()
            await _catch_up(opened)
            await opened.talk.intake(self._journal.took(envelope))

    async def travel(self, ms: int) -> None:
        """Move the clock forward, firing everything due on the way."""
        async with self._moving:
            opened = self._running()
            await _catch_up(opened)
            opened.clock.leap(ms)
            await travel(opened.clock, opened.talk, opened.clock.now() + ms)

    async def take_on(self, library: Library) -> None:
        """Go on with other flows, as at a start. Raises FlowInvalid, and goes on as before then."""
        async with self._moving:
            if self._opened is not None:
                talk = await self._opened.renew(library)
                self._opened = replace(self._opened, talk=talk)
                self._journal.renewed()
                await talk.recover()
            self._library = library

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
            try:
                async with self._moving:
                    if self._opened is not None:
                        await _catch_up(self._opened)
            except Exception as fault:  # noqa: BLE001  # the loop's edge: what is due is due in the next second, too
                _log.error("nothing_fired fault=%s", type(fault).__qualname__)

    def saved(self) -> str | None:
        """Return what happened so far as a transcript; None when it cannot be played from its beginning."""
        return transcript_of(self._journal)

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


async def _catch_up(opened: Opened) -> None:
    """Move the clock to where time has gone meanwhile, firing everything due on the way."""
    reached = opened.clock.reached()
    if reached > opened.clock.now():
        await travel(opened.clock, opened.talk, reached)


def arrivals(cast: Cast, *, known: bool) -> list[Envelope]:
    """Return what the platform tells at a start: the room with everybody in it, and each person's hello.

    ``known``: they were here before, so each gets shown where they are.
    """
    everyone = tuple(_actor(person) for person in cast.people)
    first = everyone[0]
    room = Place(kind=PlaceKind.ROOM, id=cast.room.id, people=len(everyone))
    found: list[tuple[Actor, Place, Content]] = []
    if not known:
        found.append((first, room, RoomJoined(members=everyone)))
    for actor in everyone:
        hello = Command(name="open" if known else "start")
        found.append((actor, Place(kind=PlaceKind.DM, id=actor.id), hello))
    return [
        Envelope(platform=PLATFORM, event_id="", actor=actor, place=place, at=0, content=content)
        for actor, place, content in found
    ]


def _actor(person: Person) -> Actor:
    return Actor(id=person.id, name=person.name, locale=person.locale, zone=person.zone)
