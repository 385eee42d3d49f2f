"""Transcripts played on Telegram: by people of the double, through the real client, by the adapter."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any

from telegram import Bot

from bot.adapters.clocks import VirtualClock
from bot.adapters.telegram.acks import Acks
from bot.adapters.telegram.inbound import Inbound
from bot.adapters.telegram.limits import PLATFORM
from bot.adapters.telegram.pacing import Pace
from bot.adapters.telegram.platform import TelegramPlatform
from bot.adapters.telegram.polling import poll
from bot.adapters.telegram.reading import Us
from bot.adapters.terminal.player import Player
from bot.adapters.terminal.stage import TerminalStage, Views
from bot.conversation.envelope import (
    Actor,
    ChoicePressed,
    Command,
    Content,
    Envelope,
    MemberLeft,
    Place,
    PlaceKind,
    Reachability,
    RoomJoined,
    RoomMoved,
    TextChanged,
    TextSaid,
    Unreadable,
)
from bot.conversation.message import Button, Message, Shown, Span
from bot.conversation.opening import open_conversation
from bot.conversation.outbox import Target
from bot.conversation.service import Conversation
from bot.engine.effects import PHRASES
from bot.engine.session import Session
from bot.engine.watching import Watch
from bot.flows.library import Library
from bot.flows.transcript import parse_transcript
from bot.wiring.playing import TRANSCRIPT_SECRET
from storage.sqlite import SqliteStore, open_store
from tests.sealed import KEYS
from tests.telegram.client import client
from tests.telegram.server.api import BotApi
from tests.telegram.server.chats import Message as Sent
from tests.telegram.server.chats import buttons_of
from tests.telegram.server.people import PHOTO, Person, Press
from tests.telegram.server.rooms import Room


def at_once() -> Pace:
    """Return the pace of a time that stands still while a line is played: nothing has to wait."""
    return Pace((0, 1), (0, 1), (0, 1))


async def never(_seconds: float) -> None:
    """Wait for as long as the process lives: presses are answered by what is said, or when everything was."""
    await asyncio.Event().wait()


class Seeing:
    """The platform, with a note of where each message is to be seen: an aside is seen in a chat of somebody's own."""

    single_for = TelegramPlatform.single_for

    def __init__(self, platform: TelegramPlatform, stage: "TelegramStage") -> None:
        self._platform = platform
        self._stage = stage

    async def send(self, target: Target, message: Message, key: str) -> str:
        ref = await self._platform.send(target, message, key)
        self._stage.see(target, ref)
        return ref

    async def retire(self, target: Target, ref: str, chosen: str) -> None:
        await self._platform.retire(target, ref, chosen)

    async def hide(self, target: Target, shown: Sequence[Shown]) -> None:
        await self._platform.hide(target, shown)
        self._stage.views.forget(target)


class Running:
    """One process of the bot: its two halves on Telegram, and the conversation between them."""

    def __init__(self, stage: "TelegramStage", talk: Conversation, inbound: Inbound) -> None:
        self.talk = talk
        self._stage = stage
        self._inbound = inbound
        self._last: Mapping[str, Any] = {}
        self._polling = asyncio.create_task(poll(stage.bot, self._take))

    async def _take(self, updates: Sequence[Mapping[str, Any]]) -> None:
        self._last = updates[-1] if updates else self._last
        await self._inbound.take(updates)

    async def recover(self) -> None:
        await self.talk.recover()

    async def intake(self, envelope: Envelope) -> None:
        raise NotImplementedError(envelope)

    async def next_due(self) -> int | None:
        return await self.talk.next_due()

    async def fire_due(self) -> None:
        await self.talk.fire_due()

    async def standing(self) -> list[Session]:
        return await self.talk.standing()

    async def take_again(self) -> None:
        """Take the last update once more."""
        await self._inbound.take([self._last])
        await self.settle()

    async def settle(self) -> None:
        """Return when everything that people did was taken, and everything that it led to was sent."""
        await self._stage.api.until_taken()
        await self.talk.fire_due()

    async def end(self) -> None:
        self._polling.cancel()
        with suppress(asyncio.CancelledError):
            await self._polling
        await self._inbound.close()


class TelegramStage(TerminalStage):
    """Plays lines as people of Telegram do; what they see is what the double shows."""

    def __init__(
        self,
        api: BotApi,
        clock: VirtualClock,
        bot: Bot,
        store: SqliteStore,
        library: Library,
        watch: Watch | None = None,
    ) -> None:
        super().__init__(views=Views(), clock=clock, open_talk=self._open)
        self.api = api
        self.bot = bot
        self._store = store
        self._library = library
        self._watch = watch
        self._acks = Acks()
        self._humans: dict[str, Person] = {}
        self._zones: dict[str, str] = {}
        self._groups: dict[str, Room] = {}
        self._written: dict[str, Sent] = {}
        self._pressed: list[Press] = []
        self._running: Running | None = None

    async def take(self, actor: Actor, place: Place, content: Content) -> None:
        """Let a person of Telegram do it, and wait until everybody has got what it led to."""
        await self.ready()
        human = self.human(actor)
        room = self._groups.get(place.id) if place.kind is PlaceKind.ROOM else None
        if room is not None and not room.chat.standing(human.account).inside:
            human.join(room)
        match content:
            case Command(name=name, args=args):
                human.write(f"/{name} {args}".rstrip(), room)
            case TextSaid(text=text, message=message):
                self._written[message] = human.write(text, room)
            case TextChanged(text=text, message=message):
                if message in self._written:
                    human.edit(self._written[message], text)
            case Unreadable():
                human.send(PHOTO, room)
            case ChoicePressed(token=token, index=index):
                self._press_on(human, f"v1:{token}:{index}", place, actor)
            case RoomJoined(members=members):
                self._gather(place.id, members)
            case MemberLeft() | Reachability():
                raise NotImplementedError(content)
        await self._settle()

    def human(self, actor: Actor) -> Person:
        """Return the person of Telegram who plays somebody."""
        if actor.id not in self._humans:
            human = self.api.person(actor.name, language=actor.locale or None, started=True)
            self._humans[actor.id] = human
            self._zones[str(human.id)] = actor.zone
        return self._humans[actor.id]

    async def redeliver(self) -> None:
        """Let Telegram bring the last update once more."""
        if self._running is not None:
            await self._running.take_again()

    async def close(self) -> None:
        """End the process."""
        if self._running is not None:
            await self._running.end()

    def see(self, target: Target, ref: str) -> None:
        """Note what a message looks like, where the transcript looks for it."""
        chat, _, ids = ref.partition("/")
        if ids:
            sent = [self.api.world.chats[int(chat)].messages[int(one)] for one in ids.split(",")]
            text, buttons = "".join(one.text for one in sent), sent[-1].buttons
        else:
            text, buttons = self._answer_to(target.account), {}
        keys = tuple(Button(label=label, token=token) for label, token in buttons.items())
        self.views.note(self._named(target), Message(paragraphs=((Span(text=text),),), buttons=keys))

    def _answer_to(self, account: str) -> str:
        """What was said over the room to whoever pressed there last."""
        press = next(one for one in reversed(self._pressed) if str(one.by.id) == account)
        return str((press.answer or {}).get("text", ""))

    def _named(self, target: Target) -> Target:
        """The target by the names of the transcript."""
        people = {str(human.id): name for name, human in self._humans.items()}
        rooms = {str(room.id): name for name, room in self._groups.items()}
        chat = people.get(target.chat) or rooms[target.chat]
        return replace(target, chat=chat, account=people.get(target.account, ""))

    def _press_on(self, human: Person, data: str, place: Place, actor: Actor) -> None:
        room = self._groups[place.id].id if place.kind is PlaceKind.ROOM else human.id
        for chat in dict.fromkeys((room, human.id)):
            for message in reversed(self.api.world.chats[chat].messages.values()):
                label = _label_of(message, data)
                if label is not None:
                    self._pressed.append(human.press(message, label, retired=True))
                    return
        raise AssertionError(actor.id, data)

    def _gather(self, name: str, members: Sequence[Actor]) -> None:
        first, *others = map(self.human, members)
        self._groups[name] = self.api.room("group", name, first, with_bot=False)
        first.add_bot(self._groups[name])
        for one in others:
            one.join(self._groups[name])

    async def _settle(self) -> None:
        if self._running is not None:
            await self._running.settle()

    async def _open(self) -> Running:
        if self._running is not None:
            await self._running.end()
        platform = TelegramPlatform(
            bot=self.bot,
            clock=self.api.clock,
            acks=self._acks,
            phrase=self._phrase,
            moved=self._moved,
            pace=at_once(),
        )
        talk = await open_conversation(
            store=self._store,
            library=self._library,
            clock=self.api.clock,
            secret=TRANSCRIPT_SECRET,
            platforms={PLATFORM: Seeing(platform, self)},
            watch=self._watch,
        )
        me = self.bot.bot
        inbound = Inbound(
            bot=self.bot,
            us=Us(id=me.id, username=self.bot.username),
            clock=self.api.clock,
            acks=self._acks,
            take=self._taking(talk),
            room_moved=talk.room_moved,
            wait=never,
        )
        self._running = Running(self, talk, inbound)
        return self._running

    def _taking(self, talk: Conversation) -> Any:
        async def take(envelope: Envelope) -> None:
            # Telegram knows nobody's time zone; transcripts say it of their people.
            zone = self._zones.get(envelope.actor.id, "")
            await talk.take(replace(envelope, actor=replace(envelope.actor, zone=zone)))

        return take

    async def _moved(self, old: str, new: str) -> None:
        assert self._running is not None
        await self._running.talk.room_moved(f"m:{old}", RoomMoved(platform=PLATFORM, room=old, to=new))

    def _phrase(self, key: str, language: str) -> str:
        return "".join(p for p in self._library.template(PHRASES, key, language).parts if isinstance(p, str))


def _label_of(message: Sent, data: str) -> str | None:
    """The label of that button on a message, be it there still or not."""
    keyboards = [*message.retired, *([message.markup] if message.markup else [])]
    found = {token: label for one in keyboards for label, token in buttons_of(one).items()}
    return found.get(data)


class OnTelegram:
    """A stage on a double of its own, for one transcript."""

    def __init__(self, library: Library, watch: Watch | None = None) -> None:
        self._library = library
        self._watch = watch
        self._clock = VirtualClock(0)
        self.api = BotApi(self._clock)
        self.api.world.privacy = False  # in transcripts, rooms are heard

    async def __aenter__(self) -> TelegramStage:
        await self.api.__aenter__()
        self._bot = client(self.api)
        await self._bot.initialize()
        self._store = await open_store(None, KEYS)
        self._stage = TelegramStage(self.api, self._clock, self._bot, self._store, self._library, self._watch)
        return self._stage

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stage.close()
        await self._bot.shutdown()
        await self._store.close()
        await self.api.__aexit__(kind, error, trace)


async def play_on_telegram(path: Path, library: Library, watch: Watch | None = None) -> str | None:
    """Play a transcript on Telegram; return how it failed."""
    steps = parse_transcript(path.read_text("utf-8"), str(path))
    async with OnTelegram(library, watch) as stage:
        failure = await Player(stage, str(path)).play(steps)
    return None if failure is None else str(failure)
