"""People of Discord's double who play transcripts, and the adapter that they talk to."""

import re
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

import discord

from bot.adapters.clocks import VirtualClock
from bot.adapters.discord.limits import PLATFORM
from bot.adapters.discord.listening import quiet_client
from bot.adapters.discord.platform import DiscordPlatform
from bot.conversation.envelope import (
    Actor,
    ChoicePressed,
    Command,
    Content,
    Envelope,
    FormHandedIn,
    MemberLeft,
    OutOfReach,
    Place,
    PlaceKind,
    Reachability,
    RoomJoined,
    TextChanged,
    TextSaid,
    Unreadable,
)
from bot.conversation.forms import Form
from bot.conversation.message import Button, Message, Span, SpanKind
from bot.conversation.outbox import Target
from bot.conversation.service import Conversation
from bot.flows.library import Library
from tests.discord.client import pointed_at
from tests.discord.process import Process
from tests.discord.server.messages import BUTTON, components_in
from tests.discord.server.messages import Message as Sent
from tests.discord.server.people import Person
from tests.discord.server.places import Place as Channel
from tests.discord.server.server import DiscordServer
from tests.discord.server.spec import Json
from tests.through.stage import never

LOCALES = {"es": "es-ES", "en": "en-US", "": "en-US"}
INSTANT = re.compile(r"<t:\d+:[tD]>| \(<t:\d+:t>\)")
TOLD = frozenset({SpanKind.TIME, SpanKind.DAY})


class Told:
    """The conversation, told what transcripts say of everybody and Discord does not.

    It knows nobody's time zone, and tells a language with presses and commands alone.
    """

    def __init__(self, talk: Conversation, people: Mapping[str, Actor]) -> None:
        self._talk = talk
        self._people = people

    async def take(self, envelope: Envelope) -> None:
        said = self._people[envelope.actor.id]
        actor = replace(envelope.actor, zone=said.zone, locale=envelope.actor.locale or said.locale)
        await self._talk.take(replace(envelope, actor=actor))

    async def out_of_reach(self, event_id: str, lost: OutOfReach) -> None:
        await self._talk.out_of_reach(event_id, lost)

    def form(self, name: str) -> Form | None:
        return self._talk.form(name)


class DiscordSide:
    """Discord, as it is in transcripts."""

    name = PLATFORM

    def __init__(self, server: DiscordServer, client: discord.Client, library: Library) -> None:
        self.server = server
        self._client = client
        self._library = library
        self._people: dict[str, Person] = {}
        self._said: dict[str, Actor] = {}
        self._rooms: dict[str, Channel] = {}
        self._written: dict[str, Sent] = {}
        self._process: Process | None = None

    # The process of the bot

    async def open(self) -> DiscordPlatform:
        """Begin a new process; return what sends."""
        self._process = Process(self.server, self._client, self._library, never)
        return self._process.platform

    async def listen(self, talk: Conversation) -> None:
        """Listen to the gateway."""
        if self._process is not None:
            await self._process.listen(Told(talk, self._said), talk.partners)

    async def settle(self) -> None:
        """Return when everything that was told was dealt with."""
        if self._process is not None:
            await self._process.settle()

    async def redeliver(self) -> None:
        """Let Discord tell the last event once more."""
        self.server.gateway.duplicate_last()

    async def end(self) -> None:
        """End the process."""
        if self._process is not None:
            await self._process.end()

    # What people do

    async def act(self, actor: Actor, place: Place, content: Content) -> None:
        """Let a person of Discord do it."""
        person = self._person(actor)
        room = self._rooms.get(place.id) if place.kind is PlaceKind.ROOM else None
        self._come_in(person, room)
        match content:
            case Command(name=name, args=args):
                self._command(person, name, args, room)
            case TextSaid(text=text, message=message):
                self._written[message] = person.write(text, room, mention_bot=room is not None)
            case TextChanged(text=text, message=message):
                if message in self._written:
                    person.edit(self._written[message], text)
            case Unreadable():
                person.send_picture(room)
            case ChoicePressed(token=token, index=index):
                self._press_on(person, f"v1:{token}:{index}", room)
            case RoomJoined(members=members):
                self._gather(place.id, members)
            case FormHandedIn() | MemberLeft() | Reachability():
                raise NotImplementedError(content)

    def _person(self, actor: Actor) -> Person:
        if actor.id not in self._people:
            self._people[actor.id] = self.server.person(actor.name, locale=LOCALES.get(actor.locale, actor.locale))
        self._said[str(self._people[actor.id].id)] = actor
        return self._people[actor.id]

    def _come_in(self, person: Person, room: Channel | None) -> None:
        guild = room.channel.guild if room is not None else None
        if guild is not None and not guild.has(person.account):
            guild.members[person.account.id] = person.account

    def _command(self, person: Person, name: str, args: str, room: Channel | None) -> None:
        """Use a command that Discord shows; what it does not show is written, and in a room the bot is named."""
        known = person.offered(name)
        options: list[Json] = known.get("options", []) if known is not None else []
        private = known is not None and 2 not in known["contexts"] and room is not None
        if known is None or private or (args and not options):
            person.write(f"/{name} {args}".rstrip(), room, mention_bot=room is not None)
        else:
            person.command(name, {options[0]["name"]: args} if args else None, room)

    def _press_on(self, person: Person, data: str, room: Channel | None) -> None:
        for message in reversed(self.server.world.messages.values()):
            if message.channel in {person.dm, room.channel if room is not None else None}:
                label = _label_of(message, data)
                if label is not None and (not message.ephemeral or self._sees(person, message)):
                    person.press(message, label, retired=True)
                    return
        raise AssertionError(person.account.username, data)

    def _sees(self, person: Person, message: Sent) -> bool:
        return self.server.world.interactions[message.interaction or 0].by is person.account

    def _gather(self, name: str, members: Sequence[Actor]) -> None:
        people = [self._person(one) for one in members]
        self._rooms[name] = self.server.guild(name, *people).channel(name)
        # Nobody tells the bot who is there: it knows of those who have had to do with it.
        for one in people:
            one.write("hello", self._rooms[name], mention_bot=True)

    # What they see

    def seen(self, target: Target, message: Message, ref: str) -> tuple[Target, Message]:
        """Return what a message looks like, where the transcript looks for it."""
        _, _, ids = ref.partition("/")
        sent = [self.server.world.messages[int(one)] for one in ids.split(",") if one]
        text = "".join(_as_read(one.content) for one in sent)
        for span in (span for spans in message.paragraphs for span in spans if span.kind in TOLD):
            text = INSTANT.sub(lambda _, told=span.text: told, text, count=1)
        text = INSTANT.sub("", text)
        keys = tuple(Button(label=label, token=token) for label, token in (sent[-1].buttons if sent else {}).items())
        return self._named(target), Message(paragraphs=((Span(text=text),),), buttons=keys)

    def _named(self, target: Target) -> Target:
        """The target by the names of the transcript."""
        people = {str(person.id): name for name, person in self._people.items()}
        chats = {str(person.dm.id): name for name, person in self._people.items()}
        rooms = {str(room.id): name for name, room in self._rooms.items()}
        chat = chats.get(target.chat) or rooms[target.chat]
        return replace(target, chat=chat, account=people.get(target.account, ""))


def _label_of(message: Sent, data: str) -> str | None:
    """The label of that button on a message, be it there still or not."""
    for components in (*message.retired, message.components):
        for one in components_in(components):
            if one["type"] == BUTTON and one["custom_id"] == data:
                return str(one["label"])
    return None


def _as_read(content: str) -> str:
    """What people read: marks are not seen."""
    return re.sub(r"\\(.)", r"\1", re.sub(r"`([^`\\]*)`", r"\1", content))


@asynccontextmanager
async def on_discord(clock: VirtualClock, library: Library) -> AsyncGenerator[DiscordSide]:
    """Open a double of its own for one transcript."""
    async with DiscordServer(clock) as server:
        with pointed_at(server):
            async with quiet_client() as client:
                await client.login(server.token)
                yield DiscordSide(server, client, library)
