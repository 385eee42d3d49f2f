"""The worker: the product over a real file, in a process of its own that is killed at any moment."""

import asyncio
from collections.abc import Callable, Coroutine, MutableMapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any, assert_never

import structlog

from bench.crashtest.loopback import NAME
from bench.crashtest.phases import Phases
from bench.crashtest.watched import Watched
from bench.crashtest.wire import (
    Acknowledged,
    Answer,
    Call,
    Event,
    Fault,
    FromWorker,
    History,
    Ready,
    Stop,
    Tick,
    Ticked,
    ToWorker,
)
from bot.adapters.clocks import VirtualClock
from bot.conversation.envelope import Envelope
from bot.conversation.message import Message, Shown
from bot.conversation.opening import open_conversation
from bot.conversation.outbox import Target
from bot.conversation.service import Conversation
from bot.flows.library import Library
from bot.wiring.dialogues import library_of
from storage.master_keys import MasterKeys
from storage.sqlite import open_store

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

KEYS = MasterKeys((b"a master key of crashtest, only.",))
SECRET = b"a secret of crashtest"
DATABASE, PHASES = "crashtest.sqlite", "phases"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What a worker is started with."""

    folder: Path
    now: int
    single_for: int
    broken: str = ""
    """A function, as ``module:name``, that breaks the product first: to see that it is noticed."""


@cache
def library() -> Library:
    """Return the flows of the workload, loaded once in the process from which the workers are forked."""
    return library_of(Path(__file__).parent / "flows")


def run(pipe: "Connection[FromWorker, ToWorker]", job: Job) -> None:
    """Go on where the file stands, until the pipe ends, or this process."""
    if job.broken:
        resolve_name(job.broken)()
    asyncio.run(Worker(pipe, job).run())


class Outward:
    """The platform, as the product sees it from inside of the process."""

    has_forms = False

    def __init__(self, tell: Callable[[FromWorker], None], phases: Phases, single_for: int) -> None:
        self.single_for = single_for
        self._tell = tell
        self._phases = phases
        self._count = 0
        self._waiting: dict[int, asyncio.Future[str]] = {}

    async def send(self, target: Target, message: Message, key: str) -> str:
        """Hand a message over, and wait for its name."""
        self._count += 1
        number = self._count
        self._waiting[number] = asyncio.get_running_loop().create_future()
        self._phases.sends(1)
        self._tell(Call(number=number, target=target, message=message, key=key))
        try:
            return await self._waiting[number]
        finally:
            del self._waiting[number]
            self._phases.sends(-1)

    async def retire(self, target: Target, ref: str, chosen: str) -> None:
        """Nothing to take away: pressing an old button says that it is old."""

    async def hide(self, target: Target, shown: Sequence[Shown]) -> None:
        """Nothing to hide."""

    def answered(self, answer: Answer) -> None:
        """Pass an answer on to whoever waits for it."""
        waiting = self._waiting[answer.number]
        if answer.fault is not None:
            waiting.set_exception(answer.fault)
        else:
            waiting.set_result(answer.ref)


class Worker:
    """One process of the product."""

    def __init__(self, pipe: "Connection[FromWorker, ToWorker]", job: Job) -> None:
        self._pipe = pipe
        self._job = job
        self._clock = VirtualClock(job.now)
        self._phases = Phases(job.folder / PHASES)
        self._platform = Outward(self.tell, self._phases, job.single_for)
        self._came: asyncio.Queue[Event | History | Tick | Stop] = asyncio.Queue()
        self._tasks: set[asyncio.Task[None]] = set()

    def tell(self, what: FromWorker) -> None:
        """Tell the driver."""
        self._pipe.send(what)

    async def run(self) -> None:
        """Go on where the file stands, and take what comes until the pipe ends."""
        structlog.configure(processors=[self._watch_the_log])
        self._phases.begin()
        asyncio.get_running_loop().add_reader(self._pipe.fileno(), self._read)
        store = await open_store(self._job.folder / DATABASE, KEYS)
        watched = Watched(store, self._phases, self.tell)
        talk = await open_conversation(
            store=watched, library=library(), clock=self._clock, secret=SECRET, platforms={NAME: self._platform}
        )
        await talk.recover()
        self._phases.ready()
        self.tell(Ready())
        while not isinstance(what := await self._came.get(), Stop):
            match what:
                case Event(envelope=envelope):
                    self._start(self.take(talk, envelope))
                case History(chats=chats):
                    await self._read_back(talk, watched, chats)
                case Tick(now=now):
                    self._clock.set(now)
                    self._start(self._fire(talk))
                case _:
                    assert_never(what)
        await asyncio.gather(*self._tasks)
        await store.close()

    def _read(self) -> None:
        try:
            while self._pipe.poll():
                what = self._pipe.recv()
                if isinstance(what, Answer):
                    self._platform.answered(what)
                else:
                    self._came.put_nowait(what)
        except (EOFError, ConnectionError):
            asyncio.get_running_loop().remove_reader(self._pipe.fileno())
            self._came.put_nowait(Stop())

    async def _read_back(self, talk: Conversation, store: Watched, chats: Sequence[Sequence[Envelope]]) -> None:
        """Take what was written in each chat since the last message there that is settled."""
        async with store.transaction() as tx:
            settled = await tx.settled([_stored(one) for written in chats for one in written])
        for written in chats:
            last = max((n for n, one in enumerate(written, 1) if _stored(one) in settled), default=0)
            for envelope in written[:last]:
                self.tell(Acknowledged(event_id=envelope.event_id))
            for envelope in written[last:]:
                self._start(self.take(talk, envelope))

    async def take(self, talk: Conversation, envelope: Envelope) -> None:
        """Take an event, and acknowledge it when it is dealt with."""
        await talk.intake(envelope)
        self.tell(Acknowledged(event_id=envelope.event_id))

    async def _fire(self, talk: Conversation) -> None:
        await talk.fire_due()
        self.tell(Ticked())

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        # Tasks begin in the order in which they are made, so that nothing is overtaken on its way into the intake.
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        fault = None if task.cancelled() else task.exception()
        if fault is not None:
            self.tell(Fault(told=repr(fault)))

    def _watch_the_log(self, _logger: object, method: str, event: MutableMapping[str, Any]) -> str:
        """Tell of what the product itself notices as wrong."""
        expected = event.get("fault") in {"NotSent", "RetryLater"}
        if method in {"error", "exception", "critical"} and not expected:
            self.tell(Fault(told=f"{event.get('event')}: {event.get('fault')}"))
        raise structlog.DropEvent


def _stored(envelope: Envelope) -> str:
    """The name under which an event is settled."""
    return f"{envelope.platform}:{envelope.event_id}"
