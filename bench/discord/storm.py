"""A storm of hostile events, while two people who have nothing to do with it go on talking."""

import asyncio
import json
import re
from collections import Counter
from collections.abc import AsyncGenerator, MutableMapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any, cast

import structlog

from bench.discord.hostile import RECENT, SECRET, Hostile, Known
from bot.adapters.discord.limits import PLATFORM
from tests.discord.client import pointed_at
from tests.discord.server.interactions import Interaction
from tests.discord.server.messages import STRING_SELECT, Message, components_in
from tests.discord.server.people import Person
from tests.discord.server.server import Call, DiscordServer
from tests.discord.server.spec import Json
from tests.discord.waits import Waits
from tests.discord.whole import Whole, whole

AT_ONCE = 50
"""Events that are told together."""

APART = 60.0
"""Seconds between two of these."""

LOOKED = 40
"""After so many of these, it is looked whether two others are still answered."""

EXPECTED = {
    ("event_not_read", ""),
    ("handler_failed", "AttributeError"),
    ("handler_failed", "TypeError"),
    ("interaction_failed", "AttributeError"),
    ("interaction_failed", "TypeError"),
}
"""What the log may say aloud, of which faults (of any): such an event is left out.

What an event lacks the client leaves unset, and what is of another type it leaves as it is.
"""

LONG = 10 * 60_000
"""Milliseconds after which it is looked whether an interaction was acknowledged."""

OPENED = 9
"""The kind of answer that opens a form."""

ANSWER = "/interactions/{interaction_id}/{interaction_token}/callback"
MARK = re.compile(SECRET + r"-(\d+)\.")


@dataclass(slots=True)
class Came:
    """What a storm came to."""

    events: int = 0
    taken: int = 0
    """Events that were something for the bot, and are settled."""
    unread: int = 0
    """Events that are none, as Discord describes them."""
    messages: int = 0
    refused: Counter[int] = field(default_factory=Counter[int])
    """Calls of the bot that were refused, by the code: hostile events name what is not there."""
    unanswered: int = 0
    """Interactions that could have been acknowledged, and were not: their people saw them fail."""
    answered: int = 0
    """How often two others were answered in the midst of it."""
    wrong: list[str] = field(default_factory=list[str])


class Storm:
    """The bot, whole, with the real client; only the waiting is not."""

    def __init__(self, server: DiscordServer, bot: Whole, chance: Random) -> None:
        self.came = Came()
        self._server = server
        self._bot = bot
        self._people = [server.person(name) for name in ("Kim", "Lou", "Max", "Nic")]
        rooms = [
            server.guild("Home", *self._people[:3]).channel("den"),
            server.guild("Town", *self._people).channel("hall"),
        ]
        rooms.append(rooms[0].thread("ours", self._people[0]))
        self._known = Known([one.id for one in self._people], [one.channel for one in rooms])
        self._hostile = Hostile(chance, server.world, server.spec.schemas, self._known)
        self._ann, self._ben = server.person("Ann"), server.person("Ben")
        self._partner = {one.id: other.id for one, other in zip(self._people[:2], self._people[1::-1], strict=True)}
        self._names: list[str] = []

    async def blow(self, events: int) -> None:
        """Let so many events come."""
        try:
            await self._pair(self._ann, self._ben)
            await self._pair(*self._people[:2])
        except (AssertionError, IndexError) as fault:  # what somebody would press is not there
            self.came.wrong.append(f"two people could not pair: {fault}")
            return
        before = len(asyncio.all_tasks())
        for number in range(0, events, AT_ONCE):
            self._tell(min(AT_ONCE, events - number))
            await self._settle()
            if number // AT_ONCE % LOOKED == 0:
                await self._look()
        await self._reach()
        await self._settle()
        self._forget_interactions(0)
        await self._count()
        if not self._bot.process.listens or self._server.gateway.identified != 1:
            self.came.wrong.append("the client did not stay")
        if len(asyncio.all_tasks()) > before + AT_ONCE:
            self.came.wrong.append(f"{len(asyncio.all_tasks()) - before} tasks are left over")
        self._server.judge()

    def note(self, _logger: object, method: str, event: MutableMapping[str, Any]) -> str:
        """Hear what the product says. Raises DropEvent, always."""
        if method in {"error", "exception", "critical"}:
            told, fault = event["event"], event.get("fault")
            expected = bool({(told, ""), (told, fault)} & EXPECTED)
            self.came.unread += expected
            if not expected:
                self.came.wrong.append(f"{told}: {fault} {event.get('event_id', '')}")
        if SECRET in str(event):
            self.came.wrong.append(f"{event.get('event')} tells what somebody wrote")
        raise structlog.DropEvent

    def _tell(self, number: int) -> None:
        for _ in range(number):
            name, told = self._hostile.event()
            self.came.events += 1
            if isinstance(told, dict):
                self._names.append(f"{PLATFORM}:{name[0].lower()}:{cast('Json', told).get('id')}")
            self._server.gateway.tell(name, json.loads(json.dumps(told)))

    async def _settle(self) -> None:
        try:
            await self._bot.settle()
        except Exception as fault:  # noqa: BLE001  # that is what is looked for
            self.came.wrong.append(f"not taken: {fault!r}")
        for call in self._server.calls:
            self._note_call(call)
        self._server.calls.clear()
        self._note_messages()
        self._server.gateway.forget_told()
        self._forget_interactions(LONG)
        self._server.advance(APART)

    def _forget_interactions(self, age: int) -> None:
        """Look whether those were acknowledged that are of some age."""
        acts = self._server.world.interactions
        for act in [one for one in acts.values() if self._server.clock.now() - one.at >= age]:
            self.came.unanswered += not act.acknowledged
            del acts[act.id]

    def _note_call(self, call: Call) -> None:
        if not call.ok:
            self.came.refused[call.status] += 1
            return
        if call.operation.path == ANSWER:
            self._note_form(self._server.world.interactions[int(call.operation.where["interaction_id"])], call.body)

    def _note_messages(self) -> None:
        """Look at what the bot wrote, or changed, and forget what all wrote."""
        world = self._server.world
        for message in world.messages.values():
            if message.author is world.me:
                self.came.messages += 1
                channel, act = message.channel, world.interactions.get(message.interaction or 0)
                reader = act.by.id if act is not None and message.ephemeral else 0
                self._note_message(message, channel.recipients[0].id if channel.guild is None else reader)
        world.messages.clear()

    def _note_message(self, message: Message, reader: int) -> None:
        """Note what can be pressed now, and look who reads what somebody wrote in their own chat."""
        for mark in MARK.findall(message.content):
            if reader not in {int(mark), self._partner.get(int(mark))}:
                self.came.wrong.append("somebody reads what is not for them")
        if reader in {self._ann.id, self._ben.id}:
            return  # nobody else presses what is theirs
        for one in components_in(message.components):
            pressed: list[Json] = [{"component_type": one["type"], "custom_id": one.get("custom_id")}]
            if one["type"] == STRING_SELECT:
                pressed = [{**pressed[0], "values": [option["value"]]} for option in one["options"]]
            self._known.buttons += [(message.channel, data, message) for data in pressed]
        del self._known.buttons[:-RECENT]

    def _note_form(self, act: Interaction, body: Json) -> None:
        if body["type"] == OPENED and act.message is not None:
            self._known.forms.append((body["data"]["custom_id"], act.message))
            del self._known.forms[:-RECENT]

    async def _count(self) -> None:
        """Count what was taken of it."""
        async with self._bot.store.transaction() as tx:
            for start in range(0, len(self._names), AT_ONCE):
                self.came.taken += len(await tx.settled(self._names[start : start + AT_ONCE]))

    # Two who have nothing to do with it

    async def _pair(self, one: Person, other: Person) -> None:
        await self._says(one, "/pair")
        await self._presses(one, "Yes, gladly")
        await self._presses(one, "My own idea")
        code = one.from_bot[-1].content.split("`")[1]
        await self._says(other, f"/pair {code}")
        await self._presses(other, "Pair")
        await self._presses(other, "My own idea")
        if "are paired now" not in one.from_bot[-1].content:
            self.came.wrong.append("two people could not pair")

    async def _look(self) -> None:
        """Look whether one of them is answered."""
        before = len(self._ann.from_bot)
        await self._says(self._ann, "/help")
        if [one.content.startswith("You can write") for one in self._ann.from_bot[before:]] != [True]:
            self.came.wrong.append("somebody was not answered")
        self.came.answered += 1

    async def _reach(self) -> None:
        """Look whether one of them still reaches the other."""
        before = len(self._ben.from_bot)
        await self._says(self._ann, "/pause 20m")
        if not any(one.content.startswith("Pause is on") for one in self._ben.from_bot[before:]):
            self.came.wrong.append("a pause was not told")

    async def _says(self, person: Person, text: str) -> None:
        person.write(text)
        await self._settle()

    async def _presses(self, person: Person, label: str) -> None:
        person.press(person.from_bot[-1], label)
        await self._settle()


@asynccontextmanager
async def storm(seed: str) -> AsyncGenerator[Storm]:
    """Open the bot, with the real client."""
    async with DiscordServer() as server:
        before = structlog.get_config()
        with pointed_at(server):
            async with whole(server, Waits(server)) as bot:
                one = Storm(server, bot, Random(seed))  # noqa: S311  # what comes, nothing secret
                structlog.configure(processors=[one.note])
                try:
                    yield one
                finally:
                    structlog.configure(**before)
