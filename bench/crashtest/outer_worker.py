"""The worker with an adapter and its real client, in a process of its own that is killed at any moment."""

import asyncio
import time
from collections.abc import Mapping, MutableMapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any

import structlog

from bench.crashtest.phases import Phases
from bench.crashtest.watched import Watched
from bench.crashtest.wire import Fault, Judged, Ready
from bench.crashtest.worker import DATABASE, KEYS, PHASES, SECRET, library
from bot.conversation.message import Message, Shown
from bot.conversation.opening import open_conversation
from bot.conversation.outbox import Target
from bot.conversation.ports import Platform
from bot.nudges import runner
from bot.wiring import serving
from storage.sqlite import open_store

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

SPEED = 1_000
"""Milliseconds of the bot's time that pass in one of real time: nudges come while somebody watches."""

LOOKS_EVERY = 0.02
"""Seconds between two looks at what is due."""

PASSING = {"NotSent", "RetryLater", "Uncertain"}
"""Faults that the log may tell aloud."""

Told = Ready | Judged | Fault
"""What the worker tells."""

being_sent: ContextVar[str] = ContextVar("being_sent", default="")
"""The key of the message that is being handed over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What a worker is started with."""

    folder: Path
    side: str
    """What opens the bot on its platform, as ``module:name``, given where that is and the clock."""
    where: Mapping[str, str]
    start: int
    begun: float
    """The real time, in seconds, at which the bot's time was ``start``."""
    broken: str = ""
    """A function, as ``module:name``, that breaks the product first: to see that it is noticed."""


class Quick:
    """A clock that goes faster, and the same in all processes."""

    def __init__(self, start: int, begun: float) -> None:
        self._start = start
        self._begun = begun

    def now(self) -> int:
        """Return the time as epoch milliseconds."""
        return self._start + int((time.time() - self._begun) * 1_000 * SPEED)


class Keyed:
    """The platform, which tells the double what it sends, and the driver that it sends."""

    def __init__(self, platform: Platform, phases: Phases) -> None:
        self.single_for = platform.single_for * SPEED  # it is kept in the platform's own time
        self.has_forms = platform.has_forms
        self._platform = platform
        self._phases = phases

    async def send(self, target: Target, message: Message, key: str) -> str:
        """Send it."""
        being_sent.set(key)
        self._phases.sends(1)
        try:
            return await self._platform.send(target, message, key)
        finally:
            self._phases.sends(-1)

    async def retire(self, target: Target, ref: str, chosen: str) -> None:
        """Take the choices away."""
        await self._platform.retire(target, ref, chosen)

    async def hide(self, target: Target, shown: Sequence[Shown]) -> None:
        """Hide what was shown."""
        await self._platform.hide(target, shown)


def run(pipe: "Connection[Told, None]", job: Job) -> None:
    """Serve where the file stands, until this process is killed."""
    if job.broken:
        resolve_name(job.broken)()
    asyncio.run(_serve(pipe, job))


async def _serve(pipe: "Connection[Told, None]", job: Job) -> None:
    def watch_the_log(_logger: object, method: str, event: MutableMapping[str, Any]) -> str:
        if method in {"error", "exception", "critical"} and event.get("fault") not in PASSING:
            pipe.send(Fault(told=f"{event.get('event')}: {event.get('fault')}"))
        raise structlog.DropEvent

    structlog.configure(processors=[watch_the_log])
    phases = Phases(job.folder / PHASES)
    phases.begin()
    runner.HEARTBEAT = runner.SOONEST = LOOKS_EVERY  # it reckons in real time
    clock = Quick(job.start, job.begun)
    async with resolve_name(job.side)(job.where, clock) as side:
        store = await open_store(job.folder / DATABASE, KEYS)
        talk = await open_conversation(
            store=Watched(store, phases, pipe.send),
            library=library(),
            clock=clock,
            secret=SECRET,
            platforms={side.name: Keyed(side.platform, phases)},
        )
        await talk.put_back()
        phases.ready()
        pipe.send(Ready())
        async with asyncio.TaskGroup() as running:
            running.create_task(talk.send_forever())
            running.create_task(serving.fire_in_time(talk, clock, [side.drained]))
            running.create_task(side.run(talk))
