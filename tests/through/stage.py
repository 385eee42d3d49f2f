"""Transcripts played through the real clients of platforms, by people of their doubles."""

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from pathlib import Path
from typing import Protocol

from bot.adapters.clocks import VirtualClock
from bot.adapters.terminal.player import Player
from bot.adapters.terminal.stage import TerminalStage, Views
from bot.conversation.envelope import Actor, Content, Envelope, Place
from bot.conversation.message import Message, Shown
from bot.conversation.opening import open_conversation
from bot.conversation.outbox import Target
from bot.conversation.ports import Platform
from bot.conversation.service import Conversation
from bot.engine.session import Session
from bot.engine.watching import Watch
from bot.flows.library import Library
from bot.flows.transcript import DeclareRoom, Press, Say, StartAt, Step, parse_transcript
from bot.wiring.playing import TRANSCRIPT_SECRET
from storage.sqlite import SqliteStore, open_store
from tests.sealed import KEYS


async def never(_seconds: float) -> None:
    """Wait for as long as the process lives: what waits is done when everything else was."""
    await asyncio.Event().wait()


class Side(Protocol):
    """A platform: its double, its people, and the adapter under test."""

    name: str

    async def open(self) -> Platform:
        """Begin a new process of the bot there; return what sends."""
        ...

    async def listen(self, talk: Conversation) -> None:
        """Let the conversation take what comes."""
        ...

    async def act(self, actor: Actor, place: Place, content: Content) -> None:
        """Let a person do something."""
        ...

    async def settle(self) -> None:
        """Return when everything that people did was taken."""
        ...

    async def redeliver(self) -> None:
        """Bring the last thing that came once more."""
        ...

    async def end(self) -> None:
        """End the process of the bot there."""
        ...

    def seen(self, target: Target, message: Message, ref: str) -> tuple[Target, Message]:
        """Return what a message looks like, and where the transcript looks for it."""
        ...


class Seeing:
    """A platform, with a note of where each message is to be seen."""

    def __init__(self, platform: Platform, side: Side, views: Views) -> None:
        self._platform = platform
        self._side = side
        self._views = views

    @property
    def single_for(self) -> int:
        return self._platform.single_for

    @property
    def has_forms(self) -> bool:
        return self._platform.has_forms

    async def send(self, target: Target, message: Message, key: str) -> str:
        ref = await self._platform.send(target, message, key)
        self._views.note(*self._side.seen(target, message, ref))
        return ref

    async def retire(self, target: Target, ref: str, chosen: str) -> None:
        await self._platform.retire(target, ref, chosen)

    async def hide(self, target: Target, shown: Sequence[Shown]) -> None:
        await self._platform.hide(target, shown)
        self._views.forget(self._side.seen(target, Message(paragraphs=()), "")[0])


class Running:
    """One process of the bot: the conversation between the platforms."""

    def __init__(self, talk: Conversation, sides: Sequence[Side]) -> None:
        self._talk = talk
        self._sides = sides

    async def recover(self) -> None:
        await self._talk.recover()

    async def intake(self, envelope: Envelope) -> None:
        raise NotImplementedError(envelope)

    async def next_due(self) -> int | None:
        return await self._talk.next_due()

    async def fire_due(self) -> None:
        await self._talk.fire_due()

    async def standing(self) -> list[Session]:
        return await self._talk.standing()

    async def settle(self) -> None:
        """Return when everything that people did was taken, and everything that it led to was sent."""
        for side in self._sides:
            await side.settle()
        await self._talk.fire_due()

    async def end(self) -> None:
        for side in self._sides:
            await side.end()


class ThroughStage(TerminalStage):
    """Plays lines as people of platforms do; each person is on one of them, in turn. Rooms are on the last."""

    def __init__(
        self,
        clock: VirtualClock,
        store: SqliteStore,
        library: Library,
        sides: Sequence[Side],
        in_rooms: Collection[str],
        watch: Watch | None = None,
    ) -> None:
        super().__init__(views=Views(), clock=clock, open_talk=self._open)
        self._sides = sides
        self._store = store
        self._library = library
        self._watch = watch
        self._side_of = dict.fromkeys(in_rooms, sides[-1])
        self._last_side = sides[0]
        self._running: Running | None = None

    async def take(self, actor: Actor, place: Place, content: Content) -> None:
        """Let a person do it, and wait until everybody has got what it led to."""
        await self.ready()
        side = self._at(actor)
        self._last_side = side
        await side.act(actor, place, content)
        await self._settle()

    async def redeliver(self) -> None:
        """Bring the last thing that came once more."""
        await self._last_side.redeliver()
        await self._settle()

    async def close(self) -> None:
        """End the process."""
        if self._running is not None:
            await self._running.end()

    def _at(self, actor: Actor) -> Side:
        return self._side_of.setdefault(actor.id, self._sides[len(self._side_of) % len(self._sides)])

    async def _settle(self) -> None:
        if self._running is not None:
            await self._running.settle()

    async def _open(self) -> Running:
        if self._running is not None:
            await self._running.end()
        platforms: Mapping[str, Platform] = {
            side.name: Seeing(await side.open(), side, self.views) for side in self._sides
        }
        talk = await open_conversation(
            store=self._store,
            library=self._library,
            clock=self._clock,
            secret=TRANSCRIPT_SECRET,
            platforms=platforms,
            watch=self._watch,
        )
        for side in self._sides:
            await side.listen(talk)
        self._running = Running(talk, self._sides)
        return self._running


MakeSide = Callable[[VirtualClock, Library], AbstractAsyncContextManager[Side]]


async def play_through(
    path: Path, library: Library, makers: Sequence[MakeSide], watch: Watch | None = None
) -> str | None:
    """Play a transcript through platforms; return how it failed."""
    steps = parse_transcript(path.read_text("utf-8"), str(path))
    clock = VirtualClock(next(step.at for step in steps if isinstance(step, StartAt)))
    async with AsyncExitStack() as opened:
        sides = [await opened.enter_async_context(make(clock, library)) for make in makers]
        store = await open_store(None, KEYS)
        opened.push_async_callback(store.close)
        stage = ThroughStage(clock, store, library, sides, set(_in_rooms(steps)), watch)
        opened.push_async_callback(stage.close)
        failure = await Player(stage, str(path)).play(steps)
    return None if failure is None else str(failure)


def _in_rooms(steps: Iterable[Step]) -> Iterable[str]:
    for step in steps:
        match step:
            case DeclareRoom(members=members):
                yield from members
            case Say(name=name, room=room) | Press(name=name, room=room) if room:
                yield name
            case _:
                pass
