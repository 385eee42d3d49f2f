"""Telegram's double, with people on it."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from random import Random
from typing import TYPE_CHECKING

from bench.crashtest.loopback import Kind
from bench.crashtest.outer_worker import Quick
from bench.crashtest.people import Person
from bench.crashtest.telegram_side import KEY_HEADER
from bench.crashtest.town import Account
from bot.adapters.telegram.limits import PLATFORM
from bot.conversation.envelope import ChoicePressed, Command, Content, TextSaid
from tests.telegram.server.api import BotApi
from tests.telegram.server.chats import Message, data_of
from tests.telegram.server.people import Person as Human
from tests.telegram.server.wire import Lost, Reply, Request

if TYPE_CHECKING:
    from bench.crashtest.outer_episode import OuterEpisode

TELEGRAM = Kind(name="telegram", redelivers=True, single_for=0)
"""The Bot API itself, as its double has it."""


class Watching(BotApi):
    """The double, which is seen taking each message."""

    def __init__(self, stage: "TelegramStage", around: "OuterEpisode", clock: Quick) -> None:
        super().__init__(clock)
        self._stage = stage
        self._around = around

    async def handle(self, request: Request) -> Reply | Lost:
        """Answer a request, and tell of messages that take effect: whoever sent one may be killed before it knows."""
        before = len(self.calls)
        reply = await super().handle(request)
        for call in self.calls[before:]:
            if call.method == "sendMessage" and call.headers is request.headers and call.answer and call.ok:
                sent = call.answer["result"]
                message = self.world.chats[sent["chat"]["id"]].messages[sent["message_id"]]
                self._stage.note(message)
                name = self._around.names[str(message.chat.id)]
                self._around.shown(call.headers.get(KEY_HEADER, ""), name, message.text, message.buttons)
        if request.target.endswith("/sendMessage"):
            await self._around.handed_over()
        return reply


class TelegramStage:
    """The double and its people."""

    platform = PLATFORM
    kind = TELEGRAM
    warm = "bench.crashtest.telegram_warm"
    greets = False

    def __init__(self) -> None:
        self._api: Watching
        self._humans: dict[str, Human] = {}
        self._buttons: dict[str, Message] = {}
        """By what a button carries: the message that it stood under."""

    @asynccontextmanager
    async def opened(self, around: "OuterEpisode", clock: Quick) -> AsyncGenerator[tuple[str, Mapping[str, str]]]:
        """Open it."""
        self._api = Watching(self, around, clock)
        async with self._api as api:
            where = {"api": api.base_url.removesuffix("/bot"), "token": api.token}
            yield "bench.crashtest.telegram_side:telegram_side", where

    def enter(self, name: str) -> Account:
        """Let somebody come."""
        human = self._humans[name] = self._api.person(name, started=True)
        return Account(str(human.id), str(human.id))

    async def until_heard(self) -> None:
        """It comes whenever somebody is there."""

    def does(self, name: str, content: Content) -> None:
        """Let somebody do something."""
        human = self._humans[name]
        match content:
            case Command(name=command):
                human.write(f"/{command}")
            case TextSaid(text=text):
                human.write(text)
            case ChoicePressed(token=token, index=index):
                message = self._buttons[f"v1:{token}:{index}"]
                human.press(message, _label(message, f"v1:{token}:{index}"), retired=True)
            case _:
                raise NotImplementedError

    def note(self, message: Message) -> None:
        """Note what can be pressed."""
        self._buttons |= dict.fromkeys(message.buttons.values(), message)

    def after_a_kill(self) -> None:
        """Updates wait."""

    def meanwhile(self, chance: Random, people: Mapping[str, Person]) -> bool:
        """Nothing breaks by itself: updates are fetched."""
        del chance, people
        return False

    def brought(self) -> list[str]:
        """Return the names of the events that have to be settled."""
        return [f"{PLATFORM}:u:{one.id}" for one in self._api.world.queue.made]


def _label(message: Message, data: str) -> str:
    """The label of the button that carries this, be it there still or not."""
    keyboards = [*message.retired, *([message.markup] if message.markup else [])]
    labels = [button["text"] for one in keyboards for row in one["inline_keyboard"] for button in row]
    return next(label for label in labels for one in keyboards if data_of(one, label) == data)
