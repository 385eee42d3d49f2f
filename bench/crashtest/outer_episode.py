"""An episode on a platform's double: people talk there through one process after another, each killed."""

import asyncio
import multiprocessing
import sqlite3
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, closing
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Protocol, assert_never, cast

from bench.crashtest.episode import START, WAITING, Seen
from bench.crashtest.loopback import Kind, Loopback
from bench.crashtest.outer_worker import Job, Quick, Told, run
from bench.crashtest.people import Person
from bench.crashtest.phases import Phases
from bench.crashtest.town import Account, begin_town, settle_in
from bench.crashtest.wire import Fault, Judged, Ready
from bench.crashtest.worker import DATABASE, PHASES
from bot.conversation.envelope import Command, Content
from bot.conversation.message import Button, Message, Span

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

AT_A_CALL, AT_THE_START = 0.4, 0.5
"""How likely the worker is killed as it hands a message over, or else while it starts, or else at any moment."""

AT_MOST = 60.0
"""Seconds after the last kill; whoever is not through then waits for something that is lost."""

STUCK_AFTER = 30.0
"""Seconds after which a worker that is not ready is stuck."""

LOOKED = 0.02
"""Seconds between two looks at what has come of it all."""

_context = multiprocessing.get_context("forkserver")


@dataclass(slots=True, kw_only=True)
class Life:
    """A worker that runs, and when it is to be killed."""

    process: "BaseProcess"
    pipe: "Connection[None, Told]"
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    """It is time to kill it."""
    calls: int = 0
    """At how many more messages it is killed; 0 is never."""


class Stage(Protocol):
    """A platform's double, with the people who are on it."""

    @property
    def platform(self) -> str:
        """What it is called in events."""
        ...

    @property
    def kind(self) -> Kind:
        """How it keeps its promises."""
        ...

    @property
    def greets(self) -> bool:
        """Whether only those are heard after a break to whom the bot has written before."""
        ...

    @property
    def warm(self) -> str:
        """The module that loads what a worker there needs."""
        ...

    def opened(
        self, around: "OuterEpisode", clock: Quick
    ) -> AbstractAsyncContextManager[tuple[str, Mapping[str, str]]]:
        """Open it: tells ``around`` what it shows. Yields what opens a worker's side, and where this is."""
        ...

    def enter(self, name: str) -> Account:
        """Let somebody come."""
        ...

    async def until_heard(self) -> None:
        """Return when what is done comes to a worker."""
        ...

    def does(self, name: str, content: Content) -> None:
        """Let somebody do something."""
        ...

    def after_a_kill(self) -> None:
        """Nobody is there any more."""
        ...

    def meanwhile(self, chance: Random, people: Mapping[str, Person]) -> bool:
        """Let people notice what they see, and the connection break now and then; return whether it did."""
        ...

    def brought(self) -> list[str]:
        """Return the names of the events that have to be settled."""
        ...


class OuterEpisode:
    """People and the double, around one worker after another."""

    def __init__(self, stage: Stage, folder: Path, seed: str, kills: int, broken: str = "") -> None:
        self.goes_on = True
        self._stage = stage
        self._folder = folder
        self._seed = seed
        self._kills = kills
        self._broken = broken
        self._chance = Random(seed)  # noqa: S311  # what happens is chosen, nothing is kept secret by it
        self._begun = time.time()
        self._clock = Quick(START, self._begun)
        self.seen = Seen(Loopback(stage.kind), {})
        self.names: dict[str, str] = {}
        """Everybody's name, by their account."""
        self._acts_at: dict[str, float] = {}
        self._life: Life | None = None
        self._opening: tuple[str, Mapping[str, str]] = ("", {})

    # What people have around them

    @property
    def now(self) -> int:
        """The time as epoch milliseconds."""
        return self._clock.now()

    def does(self, person: Person, content: Content) -> None:
        """Let a human do it, after everything that they did before."""
        loop = asyncio.get_running_loop()
        # The loop keeps no order among what is due at the same moment.
        before = self._acts_at.get(person.name, 0.0)
        moment = max(before + 1e-6, loop.time() + self._chance.uniform(0, 0.006))
        self._acts_at[person.name] = moment
        loop.call_at(moment, self._stage.does, person.name, content)

    def wrong(self, told: str) -> None:
        """Note that somebody saw what must not be."""
        self.seen.wrong.append(told)

    # What the bot does

    def shown(self, key: str, name: str, text: str, buttons: Mapping[str, str]) -> None:
        """Note that a message is there for somebody, who sees it in a moment; buttons are labels and tokens."""
        self.seen.platform.shown[key] += 1
        pressable = tuple(Button(label=label, token=token) for label, token in buttons.items())
        read = Message(paragraphs=((Span(text=text),),), buttons=pressable)
        asyncio.get_running_loop().call_later(self._chance.uniform(0, 0.002), self.seen.people[name].sees, read)

    def kept_single(self, key: str) -> None:
        """Note that a message showed nothing, because it was there."""
        self.seen.platform.kept_single[key] += 1

    async def handed_over(self) -> None:
        """A message was handed over, and its sender is still to be told."""
        life = self._life
        if life is not None and life.calls:
            life.calls -= 1
            if not life.calls:
                life.over.set()
                life.process.kill()
                await asyncio.sleep(0)

    # The worker's lives

    async def play(self) -> Seen:
        """Play it to its end."""
        async with self._stage.opened(self, self._clock) as opening:
            self._opening = opening
            people = begin_town(self, self._seed)
            accounts = {person.name: self._stage.enter(person.name) for person, _ in people}
            self.names = {account.id: name for name, account in accounts.items()}
            self.seen.people |= {person.name: person for person, _ in people}
            await settle_in(self._folder / DATABASE, self._stage.platform, accounts)
            phases = Phases(self._folder / PHASES)
            if self._stage.greets:
                await self._greet()
            for person, script in people:
                person.follow(script)
            watching = asyncio.create_task(self._watch())
            for _ in range(self._kills):
                await self._live()
                self.seen.killed[phases.told()] += 1
            self.goes_on = False
            await self._live_on()
            watching.cancel()
            phases.close()
        return self.seen

    def brought(self) -> list[str]:
        """Return the names of the events that have to be settled."""
        return self._stage.brought()

    async def _greet(self) -> None:
        """Let everybody be written to once: only such chats are known to be read back."""
        life = self._begin()
        async with asyncio.timeout(STUCK_AFTER):
            await life.ready.wait()
            await self._stage.until_heard()
        for name in self.seen.people:
            self._stage.does(name, Command(name="help"))
        if not await self._comes(self._is_quiet):
            self.wrong("somebody was not greeted")
        self._end(life)

    async def _live(self) -> None:
        """Let a worker live for a while, and kill it."""
        life = self._begin()
        way = self._chance.random()
        if way < AT_A_CALL:
            life.calls = self._chance.randint(1, 30)
            await life.over.wait()
        elif way < AT_THE_START:
            await asyncio.sleep(self._chance.uniform(0, 0.2))
        else:
            async with asyncio.timeout(STUCK_AFTER):
                await life.ready.wait()
            await asyncio.sleep(self._chance.uniform(0.001, 0.4))
        self._end(life)

    async def _live_on(self) -> None:
        """Let a worker live until everybody is through."""
        life = self._begin()
        if not await self._comes(self._is_over):
            names = sorted(name for name, person in self.seen.people.items() if not person.is_through)
            self.wrong(f"{len(names)} wait for what never comes: {', '.join(names)}")
        self._end(life)

    async def _comes(self, what: Callable[[], bool]) -> bool:
        """Wait for something to come; return whether it did."""
        for _ in range(round(AT_MOST / LOOKED)):
            if what():
                return True
            await asyncio.sleep(LOOKED)
        return False

    def _begin(self) -> Life:
        ours, theirs = _context.Pipe()
        side, where = self._opening
        job = Job(folder=self._folder, side=side, where=where, start=START, begun=self._begun, broken=self._broken)
        process = _context.Process(target=run, args=(theirs, job), daemon=True)
        process.start()
        theirs.close()
        life = Life(process=process, pipe=cast("Connection[None, Told]", ours))
        asyncio.get_running_loop().add_reader(ours.fileno(), self._hear, life)
        self._life = life
        return life

    def _end(self, life: Life) -> None:
        asyncio.get_running_loop().remove_reader(life.pipe.fileno())
        life.process.kill()
        life.process.join()
        while self._hear(life):
            pass
        life.pipe.close()
        life.process.close()
        self._life = None
        self._stage.after_a_kill()

    def _hear(self, life: Life) -> bool:
        """Hear what a worker told; return whether it told something."""
        try:
            if not life.pipe.poll():
                return False
            what = life.pipe.recv()
        except (EOFError, ConnectionError):
            asyncio.get_running_loop().remove_reader(life.pipe.fileno())
            if life.process.exitcode is not None and life.process.exitcode >= 0:
                self.wrong("a worker ended by itself")
            return False
        match what:
            case Ready():
                life.ready.set()
            case Judged(key=key, fair=fair):
                self.seen.judged[key] = fair
            case Fault(told=told):
                self.wrong(told)
            case _:
                assert_never(what)
        return True

    async def _watch(self) -> None:
        """Let everybody notice that time passes."""
        while True:
            await asyncio.sleep(LOOKED)
            self.seen.breaks += self._stage.meanwhile(self._chance, self.seen.people)
            for person in self.seen.people.values():
                person.time_passes()

    def _is_over(self) -> bool:
        return all(person.is_through for person in self.seen.people.values()) and self._is_quiet()

    def _is_quiet(self) -> bool:
        """Whether everything is settled that came, and nothing is to be sent."""
        with closing(sqlite3.connect(self._folder / DATABASE)) as looking:
            settled = {str(row[0]) for row in looking.execute("SELECT event FROM inbox")}
            waiting = looking.execute(WAITING, (self.now,)).fetchone()
        return waiting is None and settled.issuperset(self._stage.brought())
