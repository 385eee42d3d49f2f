"""This project: a flow in YAML. Two ways: the engine with its rendering alone, and the product's whole turn."""

import asyncio
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench.engine import flow_and_library
from bench.peers.port import HOSTILE_TEXT, RIGHT, Bot, Settings
from bot.adapters.clocks import SystemClock
from bot.conversation.envelope import Actor, Command, Envelope, Place, PlaceKind, TextSaid
from bot.conversation.message import Message, Shown
from bot.conversation.opening import open_conversation
from bot.conversation.outbox import Target
from bot.conversation.service import Conversation
from bot.conversation.wording import Reading, render
from bot.engine.effects import Send
from bot.engine.events import TextTyped
from bot.engine.machine import advance
from bot.engine.session import Session
from bot.flows.library import Library
from bot.flows.problems import FlowInvalid
from bot.wiring.dialogues import library_of
from storage.master_keys import MasterKeys
from storage.sqlite import SqliteStore, open_store

ENGINE = "engine"
"""The engine alone, as the libraries for state machines are."""

DECLARED = "declared"
"""The edited flow says which step has another name."""

FLOW = """
flow: two_sides
version: {version}
title: Two sides
roles: {{me: one}}
start: {{command: sides}}
lifetime: 1d
{migrate}
slots:
  number: {{type: number, class: private, min: 0, max: 99}}
steps:
  - id: start
    ask: "Which number?"
    save: number
    next: [{{when: "number > 5", go: {right}}}, {{else: left}}]
  - id: left
    ask: "{{number}}: you are on the left. Which number now?"
    save: number
    next: [{{when: "number > 5", go: {right}}}, {{else: left}}]
  - id: {right}
    ask: "{{number}}: you are on the {right}. Which number now?"
    save: number
    next: [{{when: "number > 5", go: left}}, {{else: {right}}}]
"""

NAME = "peers"


def flow(settings: Settings) -> str:
    """Return the flow, or the edited one."""
    if settings.right == RIGHT:
        return FLOW.format(version=1, right=RIGHT, migrate="")
    declared = "migrate: {1: {steps: {right: east}}}" if settings.variant == DECLARED else ""
    return FLOW.format(version=2, right=settings.right, migrate=declared)


def library(settings: Settings) -> Library:
    """Return the flows that ship, with this one beside them."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "two_sides.yaml").write_text(flow(settings), "utf-8")
        return library_of(Path(folder))


def stage_of(session: Session) -> str:
    """Return the step at which a session stands."""
    return (session.top.stage or "").removesuffix(":stage")


@dataclass(slots=True)
class Talk:
    """A session of the engine alone, and how it is read."""

    session: Session
    reading: Reading


class EngineBot:
    """One advance and one rendering a turn; sessions are values in memory."""

    def __init__(self, settings: Settings, written: str = "") -> None:
        self._first, self._library = flow_and_library((written or flow(settings)).encode())
        self._flow = self._library.flows["two_sides"]
        self._talks: dict[str, Talk] = {}

    async def begin(self, person: str) -> None:
        first = self._first
        reading = Reading(library=self._library, reader="p", zone="", session=first, names={}, now=0)
        self._talks[person] = Talk(first, reading)

    def event(self, person: str, text: str, number: int) -> tuple[str, TextTyped, int]:
        return person, TextTyped(person="p", text=text), number

    async def take(self, event: tuple[str, TextTyped, int]) -> list[str]:
        person, typed, now = event
        talk = self._talks[person]
        turn = advance(self._flow, talk.session, typed, now)
        talk.session = turn.session
        reading = replace(talk.reading, session=turn.session, now=now)
        return [
            "".join(span.text for text in effect.paragraphs for span in render(text, reading))
            for effect in turn.effects
            if isinstance(effect, Send)
        ]

    async def both(self, first: tuple[str, TextTyped, int], second: tuple[str, TextTyped, int]) -> list[str]:
        return [*await self.take(first), *await self.take(second)]

    async def standing(self, person: str) -> str:
        return stage_of(self._talks[person].session)

    async def close(self) -> None:
        pass


class Nowhere:
    """A platform that sends nowhere: it notes what is sent."""

    has_forms = False
    single_for = 0

    def __init__(self, settings: Settings) -> None:
        self.sent: list[str] = []
        self._sends = settings.sends

    async def send(self, target: Target, message: Message, key: str) -> str:
        del target
        if self._sends is not None:
            await self._sends()
        self.sent.append(message.text)
        return key

    async def retire(self, target: Target, ref: str, chosen: str) -> None:
        pass

    async def hide(self, target: Target, shown: Sequence[Shown]) -> None:
        pass


class ProductBot:
    """The whole turn: inbox, turn and outbox in one transaction, then claimed, filled in, sent and marked as sent."""

    def __init__(self, talk: Conversation, store: SqliteStore, platform: Nowhere) -> None:
        self._talk = talk
        self._store = store
        self._platform = platform
        self.sent_at_start = list(platform.sent)
        """Replies that the process before this one did not get out."""

    async def begin(self, person: str) -> None:
        if await self.standing(person):
            return
        await self._talk.intake(self._envelope(person, Command(name="sides"), "begin"))
        self._platform.sent.clear()

    def event(self, person: str, text: str, number: int) -> Envelope:
        return self._envelope(person, TextSaid(text=text, message=f"{person}-{number}"), str(number))

    def _envelope(self, person: str, content: Command | TextSaid, number: str) -> Envelope:
        return Envelope(
            platform=NAME,
            event_id=f"{person}-{number}",
            actor=Actor(id=person, name="Alex", locale="en", zone="UTC"),
            place=Place(kind=PlaceKind.DM, id=person),
            at=SystemClock().now(),
            content=content,
        )

    async def take(self, event: Envelope) -> list[str]:
        before = len(self._platform.sent)
        await self._talk.intake(event)
        return self._platform.sent[before:]

    async def both(self, first: Envelope, second: Envelope) -> list[str]:
        before = len(self._platform.sent)
        await asyncio.gather(self._talk.intake(first), self._talk.intake(second))
        return self._platform.sent[before:]

    async def standing(self, person: str) -> str:
        found = await self._person(person)
        sessions = await self._talk.standing()
        return next((stage_of(one) for one in sessions if found in one.members), "")

    async def _person(self, person: str) -> str:
        async with self._store.transaction() as tx:
            account = (NAME, f"account:{person}")
            return (await tx.units_at([account])).get(account, "")

    async def close(self) -> None:
        await self._store.close()


async def open_bot(settings: Settings) -> Bot:
    if settings.variant == ENGINE:
        return EngineBot(settings)
    store, platform = await open_store(settings.path, MasterKeys.made()), Nowhere(settings)
    talk = await open_conversation(
        store=store,
        library=library(settings),
        clock=SystemClock(),
        secret=b"a benchmark's secret",
        platforms={NAME: platform},
    )
    await talk.recover()
    return ProductBot(talk, store, platform)


ECHO = """
flow: two_sides
version: 1
title: Echo
roles: {me: one}
lifetime: 1d
slots:
  words: {type: text, class: private, max: 200}
steps:
  - {id: start, ask: "Which number?", save: words}
  - {id: told, say: "{words} is no number.", end: true}
"""

CIRCLE = """
flow: two_sides
version: 1
title: Circle
roles: {me: one}
start: {command: sides}
lifetime: 1d
steps:
  - {id: left, say: "You are on the left.", next: right}
  - {id: right, say: "You are on the right.", next: left}
"""


def checked(folder: Path, written: str) -> str:
    """Load a flow beside those that ship; return what the checks said about it."""
    (folder / "two_sides.yaml").write_text(written, "utf-8")
    try:
        library_of(folder)
    except FlowInvalid as fault:
        return f"refused when loaded: {', '.join(sorted({problem.code for problem in fault.problems}))}"
    return "the flow was loaded"


def guarded_by(folder: Path, guard: str) -> str:
    """Load the flow with that guard."""
    return checked(folder, flow(Settings()).replace("number > 5", guard))


async def code(folder: Path) -> str:
    return guarded_by(folder, f"__import__('os').mkdir('{folder / 'ran'}') is None")


async def endless(folder: Path) -> str:
    return f"{guarded_by(folder, 'max(iter(int, 1)) == 0')}; a circle: {checked(folder, CIRCLE)}"


async def text(folder: Path) -> str:
    del folder
    bot = EngineBot(Settings(), ECHO)
    await bot.begin("1")
    return " ".join(await bot.take(bot.event("1", HOSTILE_TEXT, 1)))


hostile = {"code": code, "endless": endless, "text": text}
