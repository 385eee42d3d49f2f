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
from bot.adapters.clocks import VirtualClock
from bot.adapters.telegram.acks import Acks
from bot.adapters.telegram.inbound import Inbound
from bot.adapters.telegram.limits import PLATFORM
from bot.adapters.telegram.pacing import Pace
from bot.adapters.telegram.platform import TelegramPlatform
from bot.adapters.telegram.reading import Us
from bot.conversation.envelope import RoomMoved
from bot.conversation.menu import menu_of_a_person
from bot.conversation.opening import open_conversation
from bot.flows.library import Library
from storage.master_keys import MasterKeys
from storage.sqlite import open_store
from tests.telegram.server.api import EVENING, BotApi

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from bot.conversation.service import Conversation
    from tests.telegram.server.people import Person

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

    def __init__(self, api: BotApi, inbound: Inbound, talk: "Conversation", chance: Random) -> None:
        self.came = Came()
        self._api = api
        self._inbound = inbound
        self._talk = talk
        people = [api.person(name, started=True) for name in ("Kim", "Lou", "Max")]
        people.append(api.person("Nic"))
        rooms = [api.room("group", "Den", *people[:3]), api.room("supergroup", "Hall", *people, forum=True)]
        self._hostile = Hostile(chance, api.spec, people=[one.id for one in people], rooms=[one.id for one in rooms])
        self._ann, self._ben = api.person("Ann"), api.person("Ben")
        self._number = 10_000_000

    async def blow(self, updates: int) -> None:
        """Let so many updates come."""
        await self._pair()
        for number in range(0, updates, AT_ONCE):
            made = [self._next() for _ in range(min(AT_ONCE, updates - number))]
            self.came.updates += len(made)
            await self._take(made)
            if number // AT_ONCE % LOOKED == 0:
                await self._look()
        await self._reach()
        self._api.judge()

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
            await self._inbound.take(updates)
            await self._talk.fire_due()
        except Exception as fault:  # noqa: BLE001  # that is what is looked for
            self.came.wrong.append(f"not taken: {fault!r}")
        for call in self._api.calls:
            if call.answer is not None and not call.ok:
                self.came.refused[str(call.answer["description"])] += 1
            elif call.method == "sendMessage":
                self.came.messages += 1
                rows = call.params.get("reply_markup", {}).get("inline_keyboard", [])
                self._hostile.tokens += [button["callback_data"] for row in rows for button in row]
        self._api.calls.clear()
        self._api.advance(APART)

    # Two who have nothing to do with it

    async def _pair(self) -> None:
        ann, ben = self._ann, self._ben
        await self._says(ann, "/start")
        await self._says(ann, "/pair")
        await self._presses(ann, "Yes, gladly", "My own idea")
        code = ann.from_bot[-1].text.split("?start=")[1].split()[0]
        await self._says(ben, f"/start {code}")
        await self._presses(ben, "Pair", "My own idea")
        if "are paired now" not in ann.from_bot[-1].text:
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
        bot, acks = inside_client(api), Acks()
        await bot.initialize()
        store = await open_store(file, MasterKeys.made())

        async def moved(old: str, new: str) -> None:
            await talk.room_moved(f"m:{old}:{new}", RoomMoved(platform=PLATFORM, room=old, to=new))

        async def at_once(_seconds: float) -> None:
            pass

        platform = TelegramPlatform(
            bot=bot,
            clock=api.clock,
            acks=acks,
            phrase=lambda key, _language: key,
            moved=moved,
            wait=at_once,
            pace=Pace((0, 1), (0, 1), (0, 1)),
        )
        talk = await open_conversation(
            store=store,
            library=library,
            clock=api.clock,
            secret=b"a storm's secret",
            platforms={PLATFORM: platform},
        )
        inbound = Inbound(
            bot=bot,
            us=Us(id=bot.id, username=bot.username),
            clock=api.clock,
            acks=acks,
            take=talk.take,
            room_moved=talk.room_moved,
            wait=at_once,
        )
        one = Storm(api, inbound, talk, Random(seed))  # noqa: S311  # what comes, nothing secret
        one.know([entry.command for entry in menu_of_a_person(library, "en")])
        structlog.configure(processors=[one.note])
        try:
            yield one
            async with store.transaction() as tx:
                names = [f"{PLATFORM}:u:{10_000_001 + n}" for n in range(one.came.updates)]
                for start in range(0, len(names), 500):
                    one.came.taken += len(await tx.settled(names[start : start + 500]))
        finally:
            structlog.reset_defaults()
            await inbound.close()
            await store.close()
            await bot.shutdown()
