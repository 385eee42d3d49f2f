"""A numbered feed that any number of pages follow: nobody misses anything, nobody slows anybody down."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Generic, TypeVar

KEPT = 500
"""How many changes wait for a page that was away; after more it starts afresh."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class News(Generic[T]):
    """One change, and the id from which to go on."""

    id: str
    change: T


@dataclass(frozen=True, slots=True, kw_only=True)
class Afresh:
    """What the follower knows is too old to build on: it takes the whole state as it is now."""

    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """Nothing happened for a while."""


class Feed(Generic[T]):
    """Numbers changes and hands them to its followers. ``start`` tells this process's ids from an earlier one's."""

    def __init__(self, start: str, *, kept: int = KEPT) -> None:
        self._start = start
        self._kept = kept
        self._changes: deque[T] = deque()
        self._floor = 0  # the number of the last change that was forgotten
        self._waiting: set[asyncio.Event] = set()
        self._closed = False

    @property
    def latest(self) -> str:
        """The id of the newest change."""
        return self._id(self._head)

    def publish(self, change: T) -> None:
        """Give a change to everybody who follows, now or within the kept backlog."""
        self._changes.append(change)
        while len(self._changes) > self._kept:
            self._changes.popleft()
            self._floor += 1
        self._wake()

    def forget(self) -> None:
        """Drop the backlog: whoever has not seen all of it starts afresh, and so does whoever has."""
        self._floor = self._head + 1
        self._changes.clear()
        self._wake()

    def drop(self) -> None:
        """Drop the backlog so that it is not told again; whoever has seen all of it goes on."""
        self._floor = self._head
        self._changes.clear()

    def close(self) -> None:
        """End every follower's stream, now and in future."""
        self._closed = True
        self._wake()

    async def follow(self, after: str, *, patience: float) -> AsyncIterator[News[T] | Afresh | Quiet]:
        """Yield what came after that id, then what comes; ``Quiet`` after ``patience`` seconds of nothing."""
        position = self._position(after)
        while not self._closed:
            if position < self._floor:
                position = self._head
                yield Afresh(id=self._id(position))
            elif position < self._head:
                change = self._changes[position - self._floor]
                position += 1
                yield News(id=self._id(position), change=change)
            elif not await self._news(patience):
                yield Quiet()

    @property
    def _head(self) -> int:
        return self._floor + len(self._changes)

    def _id(self, number: int) -> str:
        return f"{self._start}-{number}"

    def _position(self, after: str) -> int:
        start, _, number = after.rpartition("-")
        if start != self._start or not (number.isascii() and number.isdigit()) or len(number) > len(str(self._head)):
            return -1
        return int(number) if int(number) <= self._head else -1

    async def _news(self, patience: float) -> bool:
        woken = asyncio.Event()
        self._waiting.add(woken)
        try:
            async with asyncio.timeout(patience):
                await woken.wait()
        except TimeoutError:
            return False
        finally:
            self._waiting.discard(woken)
        return True

    def _wake(self) -> None:
        for woken in self._waiting:
            woken.set()
