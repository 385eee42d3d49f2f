"""aiogram: a dispatcher with a handler a state; the bot's session is one that sends nowhere.

States are named by ``StateFilter``: a bare state, or a filter over text (``F``), is run in a thread of its own, which
takes longer than everything else.
"""

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiogram import Bot, Dispatcher, Router
from aiogram.client.session.base import BaseSession
from aiogram.filters import CommandStart, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.fsm.storage.base import BaseStorage, StorageKey
from aiogram.fsm.storage.memory import DisabledEventIsolation, MemoryStorage, SimpleEventIsolation
from aiogram.methods import GetMe, GetUpdates, TelegramMethod
from aiogram.types import Chat, Message, Update, User

from bench.peers.port import FIRST_QUESTION, LEFT, START, Settings
from bench.peers.rows import Rows

ISOLATED, BARE = "isolated", "bare"
"""With its lock a conversation; with states themselves as filters."""

NOW = datetime(2026, 3, 2, 18, tzinfo=UTC)
TOKEN = f"42:{'x' * 35}"


class Nowhere(BaseSession):
    """The network: it notes what is sent, and answers as Telegram would."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.sent: list[str] = []
        self._sends = settings.sends

    async def make_request(self, bot: Bot, method: TelegramMethod, *args: object, **kwargs: object) -> Any:
        if self._sends is not None:
            await self._sends()
        self.sent.append(method.text)
        return Message(message_id=1, date=NOW, chat=Chat(id=1, type="private"))

    async def stream_content(self, *args: object, **kwargs: object) -> Any:
        # aiogram wants it of every session: it is for downloading files, and there are none here
        raise NotImplementedError

    async def close(self) -> None:
        pass


class RowStorage(BaseStorage):
    """Its port for a store, over SQLite rows: the port has state and data apart."""

    def __init__(self, path: Path, *, yields: bool) -> None:
        self._rows = Rows(path)
        self._yields = yields

    async def _load(self, what: str, key: StorageKey) -> Any:
        if self._yields:
            await asyncio.sleep(0.001)
        kept = self._rows.load(f"{what}:{key.user_id}")
        return None if kept is None else json.loads(kept)

    async def _save(self, what: str, key: StorageKey, body: object) -> None:
        if self._yields:
            await asyncio.sleep(0.001)
        self._rows.save(f"{what}:{key.user_id}", json.dumps(body).encode())

    async def set_state(self, key: StorageKey, state: State | str | None = None) -> None:
        await self._save("state", key, getattr(state, "state", state))

    async def get_state(self, key: StorageKey) -> str | None:
        return await self._load("state", key)

    async def set_data(self, key: StorageKey, data: Mapping[str, Any]) -> None:
        await self._save("data", key, dict(data))

    async def get_data(self, key: StorageKey) -> dict[str, Any]:
        return await self._load("data", key) or {}

    async def close(self) -> None:
        self._rows.close()


def sides_of(right: str) -> type[StatesGroup]:
    """Return the states."""
    return type("Sides", (StatesGroup,), {START: State(), LEFT: State(), right: State()})


def bare(state: State) -> State:
    """Return the state itself as a filter."""
    return state


def dialogue(right: str, variant: str = "") -> Router:
    """Return the dialogue: a handler a state."""
    router = Router()
    sides = sides_of(right)
    within = bare if variant == BARE else StateFilter
    on_the_left, on_the_right = getattr(sides, LEFT), getattr(sides, right)

    async def cross(message: Message, state: FSMContext, across: State, here: State) -> None:
        if not message.text.isdecimal():
            await message.answer(f"{message.text} is no number.")
            return
        number = int(message.text)
        side = across if number > 5 else here
        await state.update_data(number=number)
        await state.set_state(side)
        name = LEFT if side is on_the_left else right
        await message.answer(f"{number}: you are on the {name}. Which number now?")

    @router.message(CommandStart())
    async def begin(message: Message, state: FSMContext) -> None:
        await state.set_state(sides.start)
        await message.answer(FIRST_QUESTION)

    @router.message(within(sides.start))
    async def from_the_start(message: Message, state: FSMContext) -> None:
        await cross(message, state, on_the_right, on_the_left)

    @router.message(within(on_the_left))
    async def from_the_left(message: Message, state: FSMContext) -> None:
        await cross(message, state, on_the_right, on_the_left)

    @router.message(within(on_the_right))
    async def from_the_right(message: Message, state: FSMContext) -> None:
        await cross(message, state, on_the_left, on_the_right)

    return router


def raw(person: str, text: str, number: int) -> dict[str, Any]:
    """Return an update as it comes from Telegram."""
    chat = {"id": int(person), "type": "private"}
    author = {"id": int(person), "is_bot": False, "first_name": "Alex"}
    message = {"message_id": number, "date": 1772474400, "chat": chat, "from": author, "text": text}
    return {"update_id": number, "message": message}


class AiogramBot:
    """The bot."""

    def __init__(self, settings: Settings) -> None:
        self._session = Nowhere(settings)
        self._bot = Bot(TOKEN, session=self._session)
        storage = MemoryStorage() if settings.path is None else RowStorage(settings.path, yields=settings.yields)
        isolation = SimpleEventIsolation() if settings.variant == ISOLATED else DisabledEventIsolation()
        self._dispatcher = Dispatcher(storage=storage, events_isolation=isolation)
        self._dispatcher.include_router(dialogue(settings.right, settings.variant))

    def _context(self, person: str) -> FSMContext:
        return self._dispatcher.fsm.get_context(self._bot, chat_id=int(person), user_id=int(person))

    async def begin(self, person: str) -> None:
        if await self._context(person).get_state() is None:
            await self._context(person).set_state(f"Sides:{START}")

    def event(self, person: str, text: str, number: int) -> Update:
        return Update.model_validate(raw(person, text, number), context={"bot": self._bot})

    async def take(self, event: Update) -> list[str]:
        before = len(self._session.sent)
        await self._dispatcher.feed_update(self._bot, event)
        return self._session.sent[before:]

    async def both(self, first: Update, second: Update) -> list[str]:
        before = len(self._session.sent)
        await asyncio.gather(*(self._dispatcher.feed_update(self._bot, event) for event in (first, second)))
        return self._session.sent[before:]

    async def standing(self, person: str) -> str:
        state = await self._context(person).get_state()
        return (state or "").rpartition(":")[2]

    async def close(self) -> None:
        await self._dispatcher.storage.close()


async def open_bot(settings: Settings) -> AiogramBot:
    return AiogramBot(settings)


class Polled(Nowhere):
    """Telegram: it gives one update, and notes whether that was confirmed before its reply went out."""

    early: bool | None = None

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._confirmed = False
        self.answered = asyncio.Event()

    async def make_request(self, bot: Bot, method: TelegramMethod, *args: object, **kwargs: object) -> Any:
        if isinstance(method, GetMe):
            return User(id=42, is_bot=True, first_name="Bot", username="a_bot")
        if isinstance(method, GetUpdates):
            if method.offset is None:
                return [Update.model_validate(raw("1", "/start", 7), context={"bot": bot})]
            self._confirmed = method.offset > 7
            await asyncio.sleep(3600)
        await asyncio.sleep(0.05)  # what a request to Telegram takes
        self.early = self._confirmed
        self.answered.set()
        return await super().make_request(bot, method, *args, **kwargs)


async def confirmed_early() -> bool:
    """Return whether its polling confirms an update to Telegram before the reply to it went out."""
    session = Polled(Settings())
    dispatcher = Dispatcher()
    dispatcher.include_router(dialogue("right"))
    polling = asyncio.create_task(dispatcher.start_polling(Bot(TOKEN, session=session), handle_signals=False))
    await session.answered.wait()
    polling.cancel()
    await asyncio.gather(polling, return_exceptions=True)
    return bool(session.early)


hostile: dict[str, Any] = {}
