"""botbuilder-dialogs: a waterfall dialog a side, over conversation state; the adapter is its own for tests."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import jsonpickle
from botbuilder.core import (
    ActivityHandler,
    ConversationState,
    MemoryStorage,
    MessageFactory,
    Storage,
    TurnContext,
)
from botbuilder.core.adapters import TestAdapter
from botbuilder.dialogs import DialogSet, DialogTurnResult, DialogTurnStatus, WaterfallDialog, WaterfallStepContext
from botbuilder.dialogs.dialog import Dialog
from botbuilder.dialogs.prompts import NumberPrompt, PromptOptions, TextPrompt
from botbuilder.schema import Activity, ChannelAccount, ConversationAccount, ResourceResponse

from bench.peers.port import FIRST_QUESTION, LEFT, START, Settings
from bench.peers.rows import Rows

PROMPT = "number"

TEXT = "text"
"""With its prompt for text instead of the one for numbers, which understands 'seven' too."""


class RowStorage(Storage):
    """Its port for a store, over SQLite rows, with the codec of its own memory of objects."""

    def __init__(self, path: Path, *, yields: bool) -> None:
        self._rows = Rows(path)
        self._yields = yields

    async def read(self, keys: list[str]) -> dict[str, Any]:
        if self._yields:
            await asyncio.sleep(0.001)
        found = {key: self._rows.load(key) for key in keys}
        return {key: jsonpickle.decode(body) for key, body in found.items() if body is not None}

    async def write(self, changes: dict[str, Any]) -> None:
        if self._yields:
            await asyncio.sleep(0.001)
        for key, change in changes.items():
            self._rows.save(key, jsonpickle.encode(change).encode())

    async def delete(self, keys: list[str]) -> None:
        # botbuilder wants it of every storage: it is for deleting a state, and none is deleted here
        raise NotImplementedError

    def close(self) -> None:
        """Close the file."""
        self._rows.close()


def side_dialog(name: str, across: str, here: str) -> Dialog:
    """Return the dialog of a side: it asks, and gives way to the dialog of the side that the answer leads to."""

    async def ask(step: WaterfallStepContext) -> DialogTurnResult:
        number = step.options
        question = FIRST_QUESTION if name == START else f"{number}: you are on the {name}. Which number now?"
        return await step.prompt(PROMPT, PromptOptions(prompt=MessageFactory.text(question)))

    async def go_on(step: WaterfallStepContext) -> DialogTurnResult:
        number = int(step.result)
        return await step.replace_dialog(across if number > 5 else here, number)

    return WaterfallDialog(name, [ask, go_on])


async def is_number(prompt: Any) -> bool:
    """Say to the person what is no number; the prompt asks again."""
    if prompt.recognized.succeeded and str(prompt.recognized.value).isdecimal():
        return True
    await prompt.context.send_activity(f"{prompt.context.activity.text} is no number.")
    return False


class Sides(ActivityHandler):
    """The bot: it goes on with the dialog that waits, and then saves what changed."""

    def __init__(self, state: ConversationState, settings: Settings) -> None:
        self._state = state
        self._dialogs = DialogSet(state.create_property("dialogs"))
        prompt = TextPrompt if settings.variant == TEXT else NumberPrompt
        self._dialogs.add(prompt(PROMPT, is_number))
        right = settings.right
        for name, across, here in ((START, right, LEFT), (LEFT, right, LEFT), (right, LEFT, right)):
            self._dialogs.add(side_dialog(name, across, here))

    async def on_turn(self, turn_context: TurnContext) -> None:
        await super().on_turn(turn_context)
        await self._state.save_changes(turn_context)

    async def on_message_activity(self, turn_context: TurnContext) -> None:
        context = await self._dialogs.create_context(turn_context)
        result = await context.continue_dialog()
        if result.status == DialogTurnStatus.Empty:
            await context.begin_dialog(START)


class Nowhere(TestAdapter):
    """Its adapter for tests, which sends nowhere."""

    sends: Callable[[], Awaitable[None]] | None = None

    async def send_activities(self, context: TurnContext, activities: Sequence[Activity]) -> list[ResourceResponse]:
        if self.sends is not None:
            await self.sends()
        return await super().send_activities(context, activities)


Event = tuple[str, Activity]


class BotbuilderBot:
    """The bot, with an adapter a conversation."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        path = settings.path
        self._storage = MemoryStorage() if path is None else RowStorage(path, yields=settings.yields)
        self._bot = Sides(ConversationState(self._storage), settings)
        self._adapters: dict[str, Nowhere] = {}

    async def begin(self, person: str) -> None:
        template = Activity(
            channel_id="test",
            service_url="",
            from_property=ChannelAccount(id=person, name="Alex"),
            recipient=ChannelAccount(id="bot", name="Bot"),
            conversation=ConversationAccount(id=person),
        )
        adapter = Nowhere(template_or_conversation=template)
        self._adapters[person] = adapter
        if not await self.standing(person):
            await self.take(self.event(person, "hello", 0))
        adapter.sends = self._settings.sends

    def event(self, person: str, text: str, number: int) -> Event:
        return person, Activity(type="message", text=text, id=str(number))

    async def take(self, event: Event) -> list[str]:
        person, activity = event
        adapter = self._adapters[person]
        before = len(adapter.activity_buffer)
        await adapter.process_activity(activity, self._bot.on_turn)
        return [sent.text for sent in adapter.activity_buffer[before:]]

    async def both(self, first: Event, second: Event) -> list[str]:
        adapter = self._adapters[first[0]]
        before = len(adapter.activity_buffer)
        await asyncio.gather(*(adapter.process_activity(one, self._bot.on_turn) for _, one in (first, second)))
        return [sent.text for sent in adapter.activity_buffer[before:]]

    async def standing(self, person: str) -> str:
        key = f"test/conversations/{person}"
        kept = (await self._storage.read([key])).get(key, {})
        stack = kept["dialogs"].dialog_stack if "dialogs" in kept else []
        return next((dialog.id for dialog in stack if dialog.id != PROMPT), "")

    async def close(self) -> None:
        if isinstance(self._storage, RowStorage):
            self._storage.close()


async def open_bot(settings: Settings) -> BotbuilderBot:
    return BotbuilderBot(settings)


hostile: dict[str, Any] = {}
