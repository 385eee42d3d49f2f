"""The whole turn: from an envelope to a reply that is handed over and noted, over a real file."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Self

from bench.engine import FLOW, flow_and_library
from bench.store.syncs import Counted
from bot.adapters.clocks import SystemClock
from bot.conversation.envelope import Actor, ChoicePressed, Command, Content, Envelope, Place, PlaceKind
from bot.conversation.message import Message, Shown
from bot.conversation.opening import open_conversation
from bot.conversation.outbox import Target
from bot.conversation.service import Conversation
from bot.wiring.dialogues import library_of
from storage.master_keys import MasterKeys
from storage.sqlite import SqliteStore, open_store

NAME = "bench"
KEYS = MasterKeys.made()

STARTED = FLOW.replace(b"lifetime: 1d", b"lifetime: 1d\nstart: {command: ping}")


class Screens:
    """A platform that keeps the newest buttons of everybody's screen."""

    has_forms = False
    single_for = 0

    def __init__(self) -> None:
        self.newest: dict[str, str] = {}

    async def send(self, target: Target, message: Message, key: str) -> str:
        """Keep its buttons."""
        if message.buttons:
            self.newest[target.chat] = message.buttons[0].token
        return key

    async def retire(self, target: Target, ref: str, chosen: str) -> None:
        """Nothing to do: pressing an old button would say so."""

    async def hide(self, target: Target, shown: Sequence[Shown]) -> None:
        """Nothing to do."""


class Whole:
    """The product over a file, with a flow that asks for ever."""

    def __init__(self, store: SqliteStore, counted: Counted, talk: Conversation, screens: Screens) -> None:
        self._store = store
        self.counted = counted
        self._talk = talk
        self._screens = screens
        self._events = 0

    @classmethod
    async def made(cls, path: Path) -> Self:
        """Return it, over a file that may be there already."""
        _, alone = flow_and_library(STARTED)
        library = replace(library_of(None), flows=alone.flows)
        store, screens = await open_store(path, KEYS), Screens()
        counted = Counted(store)
        talk = await open_conversation(
            store=counted,
            library=library,
            clock=SystemClock(),
            secret=b"a benchmark's secret",
            platforms={NAME: screens},
        )
        return cls(store, counted, talk, screens)

    async def begin(self, person: str) -> None:
        """Begin the conversation with somebody."""
        await self._bring(person, Command(name="ping"))

    async def take(self, person: str) -> None:
        """Let somebody press the newest button, and wait until the reply is out."""
        token, index = self._screens.newest[person].split(":")[1:]
        await self._bring(person, ChoicePressed(token=token, index=int(index)))

    async def _bring(self, person: str, content: Content) -> None:
        self._events += 1
        await self._talk.intake(
            Envelope(
                platform=NAME,
                event_id=f"{person}-{self._events}",
                actor=Actor(id=person, name="Alex", locale="en", zone="UTC"),
                place=Place(kind=PlaceKind.DM, id=person),
                at=SystemClock().now(),
                content=content,
            )
        )

    async def close(self) -> None:
        """Close the file."""
        await self._store.close()
