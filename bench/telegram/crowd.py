"""How long people wait for their answers while one chat is stuck, and while none is; a pause before a backlog."""

import asyncio
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.telegram.whole import opened, serving
from bot.conversation.outbox import MessageClass, OutboxRow, RowKind, Target, TargetKind
from bot.conversation.ports import Changes, UnitChange
from bot.conversation.units import Parcel, Person, Seat, UnitState
from bot.engine.effects import PHRASES, Send, Text
from bot.wiring.dialogues import library_of
from tests.telegram.client import client
from tests.telegram.server.api import BotApi
from tests.telegram.server.faults import Say, Withhold
from tests.telegram.server.people import Person as Human
from tests.telegram.server.refusals import too_many
from tests.telegram.server.spec import Json
from tests.telegram.server.wire import Lost, Reply, Request

NOON = 1_772_452_800_000
"""2026-03-02T12:00Z: far from anybody's quiet hours."""

EVERY = 0.08
"""Seconds between two people who write: each is greeted and answered, so that is 25 messages a second of 30."""

STUCK_WRITES = 20
"""How often somebody writes whose chat is stuck."""

MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108  # every folder in it has a name of its own


class Running:
    """A clock that begins at noon and goes as fast as time does."""

    def __init__(self) -> None:
        self._begun = time.perf_counter()

    def now(self) -> int:
        """Return the time as epoch milliseconds."""
        return NOON + int((time.perf_counter() - self._begun) * 1_000)


class Timed(BotApi):
    """The double, noting when each chat was first written to."""

    def __init__(self) -> None:
        super().__init__(Running())
        self.first: dict[int, float] = {}

    async def handle(self, request: Request) -> Reply | Lost:
        """Answer a request."""
        before = len(self.calls)
        reply = await super().handle(request)
        for call in self.calls[before:]:
            if call.method == "sendMessage" and call.ok:
                self.first.setdefault(call.params["chat_id"], time.perf_counter())
        return reply


def faults_of(name: str) -> Callable[[BotApi, Human], None]:
    """Return what is wrong with a chat."""
    kinds: dict[str, Json] = {"none": {}, "429": {"fault": Say(too_many(600))}, "time-out": {"fault": Withhold()}}

    def add(api: BotApi, stuck: Human) -> None:
        if kinds[name]:
            api.faults.add("sendMessage", kinds[name]["fault"], times=10_000, chat=stuck.id)

    return add


async def delays(people: int, wrong: str) -> list[float]:
    """Return how many seconds each of so many people waited, while that was wrong with somebody else's chat."""
    async with Timed() as api, client(api, read_timeout=15.0) as bot:
        everybody = [api.person(f"P{number}", started=True) for number in range(people)]
        stuck = api.person("Stuck", started=True)
        faults_of(wrong)(api, stuck)
        with TemporaryDirectory(dir=MEMORY) as folder:
            async with (
                opened(Path(folder) / "crowd.sqlite", bot, api.clock, library_of(None)) as whole,
                serving(whole),
            ):
                wrote: dict[int, float] = {}
                for number, person in enumerate(everybody):
                    if number % (people // STUCK_WRITES or 1) == 0:
                        stuck.write("/help")
                    wrote[person.id] = time.perf_counter()
                    person.write("/help")
                    await asyncio.sleep(EVERY)
                await api.bell.until(lambda: wrote.keys() <= api.first.keys())
        return [api.first[one] - wrote[one] for one in wrote]


async def pause_over(nudges: int) -> tuple[float, int]:
    """Return after how many seconds a room hears of a pause behind so many nudges, and how many of them were sent."""
    async with Timed() as api, client(api, read_timeout=15.0) as bot:
        people = [api.person(f"P{number}", started=True) for number in range(nudges)]
        alex, sam = api.person("Alex", started=True), api.person("Sam", started=True)
        room = api.room("group", "Den", alex, sam)
        with TemporaryDirectory(dir=MEMORY) as folder:
            async with opened(Path(folder) / "pause.sqlite", bot, api.clock, library_of(None)) as whole:
                async with whole.store.transaction() as tx:
                    await tx.write([nudge_for(person) for person in people])
                async with serving(whole):
                    await whole.talk.fire()
                    await api.bell.until(lambda: len(api.first) >= AHEAD)
                    began = time.perf_counter()
                    alex.write("/pause", room)
                    await api.bell.until(lambda: room.id in api.first)
                    return api.first[room.id] - began, len(api.first) - 1


AHEAD = 20
"""How many nudges are on their way or sent when the pause is called."""


def nudge_for(human: Human) -> Changes:
    """Return somebody with a nudge that waits to be sent."""
    name = f"p{human.id}"
    parcel = Parcel(
        seat=Seat(unit=name, session="talk"), send=Send(to=name, paragraphs=(Text(flow=PHRASES, key="help"),))
    )
    person = Person(
        id=name,
        platform="telegram",
        account=str(human.id),
        name=name,
        chat=str(human.id),
        zone="UTC",
        seal=name,
        mail=(parcel,),
    )
    row = OutboxRow(
        id=f"nudge-{name}",
        kind=RowKind.MESSAGE,
        cls=MessageClass.NUDGE,
        target=Target(platform="telegram", kind=TargetKind.DM, chat=str(human.id)),
        unit=name,
        session="talk",
        recipient=name,
        paragraphs=(Text(flow=PHRASES, key="note.waiting"),),
        queued_at=NOON,
    )
    made = UnitChange(state=UnitState(unit=person, version=1), version=0)
    chats = (("telegram", f"account:{human.id}", name),)
    return Changes(event_id=f"nudge {name}", at=NOON, units=(made,), chats=chats, outbox=(row,))


def median_of(waits: list[float]) -> float:
    """Return the median, in milliseconds."""
    return round(statistics.median(waits) * 1_000, 2)
