"""People of Telegram's double who play transcripts, and the adapter that they talk to."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
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
from bot.conversation.envelope import (
    Actor,
    ChoicePressed,
    Command,
    Content,
    Envelope,
    FormHandedIn,
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
from bot.conversation.message import Button, Message, Span
from bot.conversation.outbox import Target
from bot.conversation.service import Conversation
from bot.engine.effects import PHRASES
from bot.flows.library import Library
from tests.telegram.client import client
from tests.telegram.server.api import BotApi
from tests.telegram.server.chats import Message as Sent
from tests.telegram.server.chats import buttons_of
from tests.telegram.server.people import PHOTO, Person, Press
from tests.telegram.server.rooms import Room
from tests.through.stage import never


def at_once() -> Pace:
    """Return the pace of a time that stands still while a line is played: nothing has to wait."""
    return Pace((0, 1), (0, 1), (0, 1))


class TelegramSide:
    """Telegram, as it is in transcripts."""

    name = PLATFORM

    def __init__(self, api: BotApi, bot: Bot, library: Library) -> None:
        self.api = api
        self.bot = bot
        self._library = library
        self._acks = Acks()
        self._humans: dict[str, Person] = {}
        self._zones: dict[str, str] = {}
        self._groups: dict[str, Room] = {}
        self._written: dict[str, Sent] = {}
        self._pressed: list[Press] = []
        self._last: Mapping[str, Any] = {}
        self._talk: Conversation | None = None
        self._inbound: Inbound | None = None
        self._polling: asyncio.Task[None] | None = None

    # The process of the bot

    async def open(self) -> TelegramPlatform:
        """Begin a new process; return what sends."""
        return TelegramPlatform(
            bot=self.bot,
            clock=self.api.clock,
            acks=self._acks,
            phrase=self._phrase,
            moved=self._moved,
            pace=at_once(),
        )

    async def listen(self, talk: Conversation) -> None:
        """Fetch updates."""
        self._talk = talk
        self._inbound = Inbound(
            bot=self.bot,
            us=Us(id=self.bot.bot.id, username=self.bot.username),
            clock=self.api.clock,
            acks=self._acks,
            take=self._taking(talk),
            room_moved=talk.room_moved,
            wait=never,
        )
        self._polling = asyncio.create_task(poll(self.bot, self._take))

    async def settle(self) -> None:
        """Return when every update was taken."""
        await self.api.until_taken()

    async def redeliver(self) -> None:
        """Let Telegram bring the last update once more."""
        if self._inbound is not None:
            await self._inbound.take([self._last])

    async def end(self) -> None:
        """End the process."""
        if self._polling is not None and self._inbound is not None:
            self._polling.cancel()
            with suppress(asyncio.CancelledError):
                await self._polling
            await self._inbound.close()

    async def _take(self, updates: Sequence[Mapping[str, Any]]) -> None:
        self._last = updates[-1] if updates else self._last
        assert self._inbound is not None
        await self._inbound.take(updates)

    def _taking(self, talk: Conversation) -> Any:
        async def take(envelope: Envelope) -> None:
            # Telegram knows nobody's time zone; transcripts say it of their people.
            zone = self._zones.get(envelope.actor.id, "")
            await talk.take(replace(envelope, actor=replace(envelope.actor, zone=zone)))

        return take

    async def _moved(self, old: str, new: str) -> None:
        assert self._talk is not None
        await self._talk.room_moved(f"m:{old}", RoomMoved(platform=PLATFORM, room=old, to=new))

    def _phrase(self, key: str, language: str) -> str:
        return "".join(p for p in self._library.template(PHRASES, key, language).parts if isinstance(p, str))

    # What people do

    async def act(self, actor: Actor, place: Place, content: Content) -> None:
        """Let a person of Telegram do it."""
        human = self._human(actor)
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
            case FormHandedIn() | MemberLeft() | Reachability():
                raise NotImplementedError(content)

    def _human(self, actor: Actor) -> Person:
        if actor.id not in self._humans:
            human = self.api.person(actor.name, language=actor.locale or None, started=True)
            self._humans[actor.id] = human
            self._zones[str(human.id)] = actor.zone
        return self._humans[actor.id]

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
        first, *others = map(self._human, members)
        self._groups[name] = self.api.room("group", name, first, with_bot=False)
        first.add_bot(self._groups[name])
        for one in others:
            one.join(self._groups[name])

    # What they see

    def seen(self, target: Target, message: Message, ref: str) -> tuple[Target, Message]:
        """Return what a message looks like, where the transcript looks for it: asides may be in somebody's chat."""
        del message
        chat, _, ids = ref.partition("/")
        if ids:
            sent = [self.api.world.chats[int(chat)].messages[int(one)] for one in ids.split(",")]
            text, buttons = "".join(one.text for one in sent), sent[-1].buttons
        else:
            text, buttons = self._answer_to(target.account), {}
        keys = tuple(Button(label=label, token=token) for label, token in buttons.items())
        return self._named(target), Message(paragraphs=((Span(text=text),),), buttons=keys)

    def _answer_to(self, account: str) -> str:
        """What was said over the room to whoever pressed there last."""
        press = next((one for one in reversed(self._pressed) if str(one.by.id) == account), None)
        return str((press.answer or {}).get("text", "")) if press is not None else ""

    def _named(self, target: Target) -> Target:
        """The target by the names of the transcript."""
        people = {str(human.id): name for name, human in self._humans.items()}
        rooms = {str(room.id): name for name, room in self._groups.items()}
        chat = people.get(target.chat) or rooms[target.chat]
        return replace(target, chat=chat, account=people.get(target.account, ""))


def _label_of(message: Sent, data: str) -> str | None:
    """The label of that button on a message, be it there still or not."""
    keyboards = [*message.retired, *([message.markup] if message.markup else [])]
    found = {token: label for one in keyboards for label, token in buttons_of(one).items()}
    return found.get(data)


@asynccontextmanager
async def on_telegram(clock: VirtualClock, library: Library) -> AsyncGenerator[TelegramSide]:
    """Open a double of its own for one transcript."""
    async with BotApi(clock) as api:
        api.world.privacy = False  # in transcripts, rooms are heard
        async with client(api) as bot:
            yield TelegramSide(api, bot, library)
