"""An episode on Telegram: people of the double talk through one process after another, each killed."""

import asyncio
import multiprocessing
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, assert_never, cast

from bench.crashtest.episode import START, WAITING, Seen
from bench.crashtest.loopback import Kind, Loopback
from bench.crashtest.people import Person
from bench.crashtest.phases import Phases
from bench.crashtest.telegram_worker import KEY_HEADER, Job, Quick, Told, run
from bench.crashtest.town import begin_town, settle_in
from bench.crashtest.wire import Fault, Judged, Ready
from bench.crashtest.worker import DATABASE, PHASES
from bot.adapters.telegram.limits import PLATFORM
from bot.conversation.envelope import ChoicePressed, Command, Content, TextSaid
from bot.conversation.message import Button, Message, Span
from tests.telegram.server.api import BotApi
from tests.telegram.server.chats import Message as Sent
from tests.telegram.server.chats import data_of
from tests.telegram.server.people import Person as Human
from tests.telegram.server.spec import Json
from tests.telegram.server.wire import Lost, Reply, Request

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

TELEGRAM = Kind(name="telegram", redelivers=True, single_for=0)
"""The Bot API itself, as its double has it."""

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


class Watching(BotApi):
    """The double, which is seen taking each message."""

    def __init__(self, episode: "TelegramEpisode", clock: Quick) -> None:
        super().__init__(clock)
        self._episode = episode

    async def handle(self, request: Request) -> Reply | Lost:
        """Answer a request, and tell of messages that take effect: whoever sent one may be killed before it knows."""
        before = len(self.calls)
        reply = await super().handle(request)
        for call in self.calls[before:]:
            if call.method == "sendMessage" and call.headers is request.headers and call.answer and call.ok:
                self._episode.shown(call.headers.get(KEY_HEADER, ""), call.answer["result"])
        if request.target.endswith("/sendMessage"):
            await self._episode.handed_over()
        return reply


class TelegramEpisode:
    """People and the double, around one worker after another."""

    def __init__(self, folder: Path, seed: str, kills: int, broken: str = "") -> None:
        self.goes_on = True
        self._folder = folder
        self._seed = seed
        self._kills = kills
        self._broken = broken
        self._chance = Random(seed)  # noqa: S311  # what happens is chosen, nothing is kept secret by it
        self._begun = time.time()
        self._clock = Quick(START, self._begun)
        self._api = Watching(self, self._clock)
        self.seen = Seen(Loopback(TELEGRAM), {})
        self.accounts: dict[str, str] = {}
        """Everybody's name, by their account."""
        self._humans: dict[str, Human] = {}
        self._buttons: dict[str, Sent] = {}
        """By what a button carries: the message that it stood under."""
        self._acts_at: dict[str, float] = {}
        self._life: Life | None = None

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
        loop.call_at(moment, self._do, self._humans[person.name], content)

    def wrong(self, told: str) -> None:
        """Note that somebody saw what must not be."""
        self.seen.wrong.append(told)

    def _do(self, human: Human, content: Content) -> None:
        match content:
            case Command(name=name):
                human.write(f"/{name}")
            case TextSaid(text=text):
                human.write(text)
            case ChoicePressed(token=token, index=index):
                message = self._buttons[f"v1:{token}:{index}"]
                human.press(message, _label(message, f"v1:{token}:{index}"), retired=True)
            case _:
                self.wrong(f"no script here has a {type(content).__name__}")

    # What the bot does

    def shown(self, key: str, sent: Json) -> None:
        """Note that a message is there; its reader sees it in a moment."""
        self.seen.platform.shown[key] += 1
        message = self._api.world.chats[sent["chat"]["id"]].messages[sent["message_id"]]
        buttons = tuple(Button(label=label, token=token) for label, token in message.buttons.items())
        self._buttons |= {button.token: message for button in buttons}
        person = self.seen.people[self.accounts[str(message.chat.id)]]
        read = Message(paragraphs=((Span(text=message.text),),), buttons=buttons)
        asyncio.get_running_loop().call_later(self._chance.uniform(0, 0.002), person.sees, read)

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
        async with self._api:
            people = begin_town(self, self._seed)
            for person, _ in people:
                human = self._api.person(person.name, started=True)
                self._humans[person.name], self.accounts[str(human.id)] = human, person.name
                self.seen.people[person.name] = person
            await settle_in(
                self._folder / DATABASE, PLATFORM, {name: str(human.id) for name, human in self._humans.items()}
            )
            phases = Phases(self._folder / PHASES)
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
        """Return the names of the events that came to the bot."""
        return [f"{PLATFORM}:u:{one.id}" for one in self._api.world.queue.made]

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
        for _ in range(round(AT_MOST / LOOKED)):
            if self._is_over():
                break
            await asyncio.sleep(LOOKED)
        else:
            names = sorted(name for name, person in self.seen.people.items() if not person.is_through)
            self.wrong(f"{len(names)} wait for what never comes: {', '.join(names)}")
        self._end(life)

    def _begin(self) -> Life:
        ours, theirs = _context.Pipe()
        base = self._api.base_url.removesuffix("/bot")
        job = Job(
            folder=self._folder,
            api=base,
            token=self._api.token,
            start=START,
            begun=self._begun,
            broken=self._broken,
        )
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
            for person in self.seen.people.values():
                person.time_passes()

    def _is_over(self) -> bool:
        if not all(person.is_through for person in self.seen.people.values()) or self._api.world.queue.pending:
            return False
        with closing(sqlite3.connect(self._folder / DATABASE)) as looking:
            return looking.execute(WAITING, (self.now,)).fetchone() is None


def _label(message: Sent, data: str) -> str:
    """The label of the button that carries this, be it there still or not."""
    keyboards = [*message.retired, *([message.markup] if message.markup else [])]
    labels = [button["text"] for one in keyboards for row in one["inline_keyboard"] for button in row]
    return next(label for label in labels for one in keyboards if data_of(one, label) == data)
