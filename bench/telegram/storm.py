"""A storm of hostile updates, while two people who have nothing to do with it go on talking."""

import json
from collections import Counter
from collections.abc import Mapping, MutableMapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any

import structlog

from bench.telegram.hostile import Hostile
from bench.telegram.inside import inside_client
from bench.telegram.whole import Whole, at_once, opened
from bot.adapters.clocks import VirtualClock
from bot.adapters.telegram.limits import PLATFORM
from bot.conversation.menu import menu_of_a_person
from bot.flows.library import Library
from tests.telegram.server.api import EVENING, BotApi

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from tests.telegram.server.people import Person

FIRST = 10_000_000
"""The number behind which its updates begin."""

AT_ONCE = 50
"""Updates that are fetched together."""

APART = 60.0
"""Seconds between two of these."""

LOOKED = 40
"""After so many of these, it is looked whether two others are still answered."""

EXPECTED = {"update_not_read"}
"""What the log may say aloud: such an update is left out."""


@dataclass(slots=True)
class Came:
    """What a storm came to."""

    updates: int = 0
    taken: int = 0
    """Updates that were an event for the bot, and are settled."""
    unread: int = 0
    """Updates that are none, as the Bot API describes them."""
    messages: int = 0
    refused: Counter[str] = field(default_factory=Counter[str])
    """Calls of the bot that were refused, by what was said: hostile updates name chats that are not there."""
    answered: int = 0
    """How often two others were answered in the midst of it."""
    wrong: list[str] = field(default_factory=list[str])


class Storm:
    """The bot, whole but for sockets and the waiting."""

    def __init__(self, api: BotApi, whole: Whole, chance: Random) -> None:
        self.came = Came()
        self._api = api
        self._whole = whole
        people = [api.person(name, started=True) for name in ("Kim", "Lou", "Max")]
        people.append(api.person("Nic"))
        rooms = [api.room("group", "Den", *people[:3]), api.room("supergroup", "Hall", *people, forum=True)]
        self._hostile = Hostile(chance, api.spec, people=[one.id for one in people], rooms=[one.id for one in rooms])
        self._ann, self._ben = api.person("Ann"), api.person("Ben")
        self._hostiles = people[0], people[1]
        self._number = FIRST

    async def blow(self, updates: int) -> None:
        """Let so many updates come."""
        try:
            await self._pair(self._ann, self._ben)
            await self._pair(*self._hostiles)
        except AssertionError as fault:  # what somebody would press is not there
            self.came.wrong.append(f"two people could not pair: {fault}")
            return
        for number in range(0, updates, AT_ONCE):
            made = [self._next() for _ in range(min(AT_ONCE, updates - number))]
            self.came.updates += len(made)
            await self._take(made)
            if number // AT_ONCE % LOOKED == 0:
                await self._look()
        await self._reach()
        self._api.judge()

    async def count(self) -> None:
        """Count what was taken of it."""
        names = [f"{PLATFORM}:u:{FIRST + 1 + number}" for number in range(self.came.updates)]
        async with self._whole.store.transaction() as tx:
            for start in range(0, len(names), AT_ONCE):
                self.came.taken += len(await tx.settled(names[start : start + AT_ONCE]))

    def know(self, commands: Sequence[str]) -> None:
        """Let it use these commands."""
        self._hostile.commands = [f"/{name}" for name in commands]

    def note(self, _logger: object, method: str, event: MutableMapping[str, Any]) -> str:
        """Hear what the product says aloud. Raises DropEvent, always."""
        if method in {"error", "exception", "critical"}:
            self.came.unread += event["event"] == "update_not_read"
            if event["event"] not in EXPECTED:
                self.came.wrong.append(f"{event.get('event')}: {event.get('fault')} {event.get('event_id', '')}")
        raise structlog.DropEvent

    def _next(self) -> Mapping[str, Any]:
        self._number += 1
        return json.loads(json.dumps(self._hostile.update(self._number)))

    async def _take(self, updates: Sequence[Mapping[str, Any]]) -> None:
        try:
            await self._whole.inbound.take(updates)
            await self._whole.talk.fire_due()
        except Exception as fault:  # noqa: BLE001  # that is what is looked for
            self.came.wrong.append(f"not taken: {fault!r}")
        for call in self._api.calls:
            if call.answer is not None and not call.ok:
                self.came.refused[str(call.answer["description"])] += 1
            elif call.method == "sendMessage":
                self.came.messages += 1
                rows = call.params.get("reply_markup", {}).get("inline_keyboard", [])
                chat = call.params["chat_id"]
                self._hostile.buttons += [(chat, button["callback_data"]) for row in rows for button in row]
        self._api.calls.clear()
        self._api.advance(APART)

    # Two who have nothing to do with it

    async def _pair(self, one: "Person", other: "Person") -> None:
        await self._says(one, "/start")
        await self._says(one, "/pair")
        await self._presses(one, "Yes, gladly", "My own idea")
        code = one.from_bot[-1].text.split("?start=")[1].split()[0]
        await self._says(other, f"/start {code}")
        await self._presses(other, "Pair", "My own idea")
        if "are paired now" not in one.from_bot[-1].text:
            self.came.wrong.append("two people could not pair")

    async def _look(self) -> None:
        """Look whether one of them is answered."""
        before = len(self._ann.from_bot)
        await self._says(self._ann, "/help")
        if [one.text.startswith("You can write") for one in self._ann.from_bot[before:]] != [True]:
            self.came.wrong.append("somebody was not answered")
        self.came.answered += 1

    async def _reach(self) -> None:
        """Look whether one of them still reaches the other."""
        before = len(self._ben.from_bot)
        await self._says(self._ann, "/pause 20m")
        if not any(one.text.startswith("Pause is on") for one in self._ben.from_bot[before:]):
            self.came.wrong.append("a pause was not told")

    async def _says(self, person: "Person", text: str) -> None:
        person.write(text) if person.account.started else person.start(text.partition(" ")[2] or None)
        await self._fetch()

    async def _presses(self, person: "Person", *labels: str) -> None:
        for label in labels:
            person.press(person.from_bot[-1], label)
            await self._fetch()

    async def _fetch(self) -> None:
        queue = self._api.world.queue
        waiting = queue.pending
        await self._take([one.body for one in waiting])
        for one in waiting:
            queue.settle(one)


@asynccontextmanager
async def storm(file: "Path", library: Library, seed: str) -> "AsyncGenerator[Storm]":
    """Open the bot over a new file."""
    async with BotApi(VirtualClock(EVENING)) as api:
        bot = inside_client(api)
        await bot.initialize()
        before = structlog.get_config()
        async with opened(file, bot, api.clock, library, at_once()) as whole:
            one = Storm(api, whole, Random(seed))  # noqa: S311  # what comes, nothing secret
            one.know([entry.command for entry in menu_of_a_person(library, "en")])
            structlog.configure(processors=[one.note])
            try:
                yield one
                await one.count()
            finally:
                structlog.configure(**before)
        await bot.shutdown()
