"""What runs in a process of its own, to be killed: the conversation over a file, told what to do through a pipe.

The process that starts it is the platform and the clock: it hands events in and receives what is sent.
"""

import asyncio
import os
import signal
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.adapters.clocks import VirtualClock
from bot.adapters.terminal.stage import PLATFORM
from bot.conversation.envelope import Envelope
from bot.conversation.message import Message, Shown
from bot.conversation.opening import open_conversation
from bot.conversation.outbox import Target
from bot.conversation.service import Conversation
from bot.flows.library import Library
from storage.sqlite import open_store
from tests.conversation.world import rehearsed
from tests.sealed import KEYS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

SECRET = b"a crash test's secret"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What the child is to do. ``dies_after`` counts calls of the database and of the platform; 0 is never."""

    kind: str
    now: int
    envelope: Envelope | None = None
    dies_after: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The child wants this to be sent; it waits for the message's name."""

    target: Target
    message: Message
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden:
    """The child wants a view to be emptied."""

    target: Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The order is carried out. ``calls`` is how many calls of the database and the platform it took."""

    due: int | None = None
    calls: int = 0


@cache
def library() -> Library:
    """Return the flows, loaded once in the process from which the children are forked."""
    return rehearsed()


class Fuse:
    """Counts calls of the database and of the platform, and kills its own process at the chosen one."""

    def __init__(self) -> None:
        self.calls = 0
        self.dies_after = 0

    def burn(self) -> None:
        """Count one call."""
        self.calls += 1
        if self.calls == self.dies_after:
            os.kill(os.getpid(), signal.SIGKILL)

    def lay(self) -> None:
        """Count every call of the database from now on, before it happens and after it happened."""
        burn = self.burn

        class Counted(sqlite3.Connection):
            def execute(self, *args: Any) -> sqlite3.Cursor:
                burn()
                return super().execute(*args)

            def executemany(self, *args: Any) -> sqlite3.Cursor:
                burn()
                return super().executemany(*args)

        sqlite3.connect = partial(sqlite3.connect, factory=Counted)


class Pipe:
    """The platform of the child: everything goes to the process that started it."""

    has_forms = False
    single_for = 10**12
    """For good: who gets a message twice has it on the screen once. So a nudge, too, is sent again."""

    def __init__(self, connection: Connection, fuse: Fuse) -> None:
        self._connection = connection
        self._fuse = fuse

    async def send(self, target: Target, message: Message, key: str) -> str:
        """Hand a message over; once before and once after, the process may die."""
        self._fuse.burn()
        self._connection.send(Sent(target=target, message=message, key=key))
        ref: str = self._connection.recv()
        self._fuse.burn()
        return ref

    async def retire(self, target: Target, ref: str, chosen: str) -> None:
        """Nothing to take away."""
        del target, ref, chosen
        self._fuse.burn()

    async def hide(self, target: Target, shown: Sequence[Shown]) -> None:
        """Empty a view."""
        del shown
        self._fuse.burn()
        self._connection.send(Hidden(target=target))


def run(connection: Connection, path: Path, now: int) -> None:
    """Open the file, go on where it stands, and carry out orders until the process is killed."""
    fuse = Fuse()
    fuse.lay()
    asyncio.run(_serve(connection, path, VirtualClock(now), fuse))


async def _serve(connection: Connection, path: Path, clock: VirtualClock, fuse: Fuse) -> None:
    talk = await open_conversation(
        store=await open_store(path, KEYS),
        library=library(),
        clock=clock,
        secret=SECRET,
        platforms={PLATFORM: Pipe(connection, fuse)},
    )
    while True:
        try:
            order: Order = connection.recv()
        except EOFError:
            return  # who started it is gone
        clock.set(order.now)
        fuse.calls, fuse.dies_after = 0, order.dies_after
        due = await _carry_out(talk, order)
        connection.send(Done(due=due, calls=fuse.calls))


async def _carry_out(talk: Conversation, order: Order) -> int | None:
    work: dict[str, Callable[[], Awaitable[int | None]]] = {
        "recover": talk.recover,
        "fire_due": talk.fire_due,
        "next_due": talk.next_due,
    }
    if order.envelope is not None:
        await talk.intake(order.envelope)
        return None
    return await work[order.kind]()
