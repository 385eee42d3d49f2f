"""Discord's double, with people on it: its gateway breaks now and then, and what fails to come is pressed again."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from random import Random
from typing import TYPE_CHECKING

from aiohttp import web

from bench.crashtest.loopback import Kind
from bench.crashtest.outer_worker import SPEED, Quick
from bench.crashtest.people import Person
from bench.crashtest.town import Account
from bot.adapters.discord.limits import NONCE_KEPT, PLATFORM
from bot.conversation.envelope import ChoicePressed, Command, Content, TextSaid
from tests.discord.server.interactions import Interaction
from tests.discord.server.messages import Message
from tests.discord.server.people import Person as Human
from tests.discord.server.server import Call, DiscordServer

if TYPE_CHECKING:
    from bench.crashtest.outer_episode import OuterEpisode

DISCORD = Kind(name="discord", redelivers=False, single_for=NONCE_KEPT)
"""The API and the gateway, as their double has them."""

BREAKS = 0.03
"""How likely the gateway breaks off, each time that is looked."""

FAILS_AFTER = 3_000 * SPEED
"""Milliseconds after which somebody sees that nothing came of a press."""

CREATE = ("POST", "/channels/{channel_id}/messages")


class Watching(DiscordServer):
    """The double, which is seen taking each message."""

    def __init__(self, stage: "DiscordStage", around: "OuterEpisode", clock: Quick) -> None:
        super().__init__(clock, pace=SPEED)
        self._stage = stage
        self._around = around

    async def carry_out(self, call: Call, request: web.Request) -> web.StreamResponse:
        """Let a call take effect, and tell of messages: whoever sent one may be killed before it knows."""
        before = set(self.world.messages)
        response = await super().carry_out(call, request)
        if (call.operation.verb, call.operation.path) == CREATE:
            if call.ok:
                self._tell(call, is_new=int(call.answer["id"]) not in before)
            await self._around.handed_over()
        return response

    def _tell(self, call: Call, *, is_new: bool) -> None:
        message, key = self.world.messages[int(call.answer["id"])], str(call.body["nonce"]).partition(".")[0]
        if not is_new:
            self._around.kept_single(key)
            return
        self._stage.note(message)
        name = self._around.names[str(message.channel.recipients[0].id)]
        self._around.shown(key, name, message.content, message.buttons)


class DiscordStage:
    """The double and its people."""

    platform = PLATFORM
    kind = DISCORD
    warm = "bench.crashtest.discord_warm"
    greets = True

    def __init__(self) -> None:
        self._server: Watching
        self._humans: dict[str, Human] = {}
        self._buttons: dict[str, Message] = {}
        """By what a button carries: the message that it stood under."""
        self._written: list[Message] = []
        self._pressed: list[tuple[str, Interaction]] = []
        self._acts: list[Interaction] = []

    @asynccontextmanager
    async def opened(self, around: "OuterEpisode", clock: Quick) -> AsyncGenerator[tuple[str, Mapping[str, str]]]:
        """Open it."""
        self._server = Watching(self, around, clock)
        async with self._server as server:
            where = {"api": server.api_url, "gateway": server.gateway_url, "token": server.token}
            yield "bench.crashtest.discord_side:discord_side", where

    def enter(self, name: str) -> Account:
        """Let somebody come."""
        human = self._humans[name] = self._server.person(name)
        return Account(str(human.id), str(human.dm.id))

    async def until_heard(self) -> None:
        """Return when the gateway is listened to."""
        await self._server.gateway.await_ready()

    def does(self, name: str, content: Content) -> None:
        """Let somebody do something."""
        human = self._humans[name]
        match content:
            case Command(name=command):
                self._written.append(human.write(f"/{command}"))
            case TextSaid(text=text):
                self._written.append(human.write(text))
            case ChoicePressed(token=token, index=index):
                message, carried = self._buttons[f"v1:{token}:{index}"], f"v1:{token}:{index}"
                act = human.press(message, _label(message, carried), retired=True)
                self._pressed.append((name, act))
                self._acts.append(act)
            case _:
                raise NotImplementedError

    def note(self, message: Message) -> None:
        """Note what can be pressed."""
        self._buttons |= dict.fromkeys(message.buttons.values(), message)

    def after_a_kill(self) -> None:
        """What happens now is told to nobody, and never will be."""
        self._server.gateway.forget_sessions()

    def meanwhile(self, chance: Random, people: Mapping[str, Person]) -> bool:
        """Let people press again what failed, and the gateway break now and then; return whether it did."""
        waiting = [(name, act) for name, act in self._pressed if not act.acknowledged]
        now = self._server.clock.now()
        failed = [(name, act) for name, act in waiting if act.lost or now - act.at > FAILS_AFTER]
        self._pressed = [one for one in waiting if one not in failed]
        for name, _ in failed:
            people[name].presses_again()
        gateway = self._server.gateway
        breaks = bool(gateway.connections) and chance.random() < BREAKS
        if breaks:
            chance.choice((self._drop, gateway.reconnect, gateway.invalidate))()
        return breaks

    def brought(self) -> list[str]:
        """Return the names of the events that have to be settled."""
        texts = [f"{PLATFORM}:m:{one.id}" for one in self._written]
        return [*texts, *(f"{PLATFORM}:i:{one.id}" for one in self._acts if one.acknowledged)]

    def _drop(self) -> None:
        self._dropping = asyncio.ensure_future(self._server.gateway.drop())


def _label(message: Message, carried: str) -> str:
    """The label of the button that carries this, be it there still or not."""
    shown = [*message.retired, message.components]
    return next(
        one["label"]
        for components in shown
        for row in components
        for one in row["components"]
        if one.get("custom_id") == carried
    )
