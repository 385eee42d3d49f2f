"""python-telegram-bot: a ConversationHandler with a handler a state; the bot's requests go nowhere."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from telegram import Update
from telegram.ext import (
    Application,
    BasePersistence,
    CommandHandler,
    ContextTypes,
    ConversationHandler,
    MessageHandler,
    PersistenceInput,
    filters,
)
from telegram.request import BaseRequest, RequestData

from bench.peers.port import FIRST_QUESTION, LEFT, START, Settings
from bench.peers.rows import Rows

TOKEN = f"42:{'x' * 35}"
NAME = "sides"

SENT = b'{"ok":true,"result":{"message_id":1,"date":1772474400,"chat":{"id":1,"type":"private"}}}'
ME = b'{"ok":true,"result":{"id":42,"is_bot":true,"first_name":"Bot","username":"a_bot"}}'
DONE = b'{"ok":true,"result":true}'


class Nowhere(BaseRequest):
    """The network: it notes what is sent, and answers as Telegram would."""

    def __init__(self, settings: Settings) -> None:
        self.sent: list[str] = []
        self.sends = settings.sends

    @property
    def read_timeout(self) -> float:
        return 1.0

    async def initialize(self) -> None:
        pass

    async def shutdown(self) -> None:
        pass

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *_: object, **__: object
    ) -> tuple[int, bytes]:
        if url.endswith("/getMe"):
            return 200, ME
        if self.sends is not None:
            await self.sends()
        if request_data is not None:
            self.sent.append(request_data.parameters["text"])
        return 200, SENT


class RowPersistence(BasePersistence):
    """Its port for a store, over SQLite rows: the port has conversations and data apart."""

    def __init__(self, path: Path, *, yields: bool) -> None:
        kept = PersistenceInput(bot_data=False, chat_data=False, user_data=True, callback_data=False)
        super().__init__(store_data=kept)
        self.rows = Rows(path)
        self._yields = yields

    async def _save(self, key: str, body: object) -> None:
        if self._yields:
            await asyncio.sleep(0.001)
        self.rows.save(key, json.dumps(body).encode())

    async def get_conversations(self, name: str) -> dict[tuple[int, int], str]:
        kept = self.rows.under(f"{name}:")
        return {(int(person), int(person)): json.loads(state) for person, state in kept.items()}

    async def update_conversation(self, name: str, key: tuple[int, int], new_state: object) -> None:
        await self._save(f"{name}:{key[1]}", new_state)

    async def get_user_data(self) -> dict[int, Any]:
        return {int(person): json.loads(data) for person, data in self.rows.under("data:").items()}

    async def update_user_data(self, user_id: int, data: object) -> None:
        await self._save(f"data:{user_id}", data)

    async def _nothing(self, *_: object, **__: object) -> Any:
        return {}

    get_chat_data = get_bot_data = get_callback_data = _nothing
    update_chat_data = update_bot_data = update_callback_data = _nothing
    drop_chat_data = drop_user_data = _nothing
    refresh_user_data = refresh_chat_data = refresh_bot_data = flush = _nothing


Handle = Callable[[Update, ContextTypes.DEFAULT_TYPE], Coroutine[Any, Any, Any]]


def crossing(across: str, here: str) -> Handle:
    """Return the handler of a side."""

    async def cross(update: Update, context: ContextTypes.DEFAULT_TYPE) -> str:
        number = int(update.message.text)
        side = across if number > 5 else here
        context.user_data["number"] = number
        await update.message.reply_text(f"{number}: you are on the {side}. Which number now?")
        return side

    return cross


async def begin(update: Update, _context: ContextTypes.DEFAULT_TYPE) -> str:
    await update.message.reply_text(FIRST_QUESTION)
    return START


async def no_number(update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
    await update.message.reply_text(f"{update.message.text} is no number.")


def dialogue(right: str, *, persistent: bool) -> ConversationHandler:
    """Return the dialogue: a handler a state, which returns the next one."""
    number = filters.Regex(r"^[0-9]+$")
    return ConversationHandler(
        entry_points=[CommandHandler("start", begin)],
        states={
            START: [MessageHandler(number, crossing(right, LEFT))],
            LEFT: [MessageHandler(number, crossing(right, LEFT))],
            right: [MessageHandler(number, crossing(LEFT, right))],
        },
        fallbacks=[MessageHandler(filters.TEXT, no_number)],
        name=NAME,
        persistent=persistent,
    )


def raw(person: str, text: str, number: int) -> dict[str, Any]:
    """Return an update as it comes from Telegram."""
    chat = {"id": int(person), "type": "private", "first_name": "Alex"}
    author = {"id": int(person), "is_bot": False, "first_name": "Alex"}
    message: dict[str, Any] = {"message_id": number, "date": 1772474400, "chat": chat, "from": author, "text": text}
    if text.startswith("/"):
        message["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text)}]
    return {"update_id": number, "message": message}


class TelegramBot:
    """The bot. A turn is over when its state is saved, for which its own timer would take up to a minute."""

    def __init__(self, settings: Settings) -> None:
        self._network = Nowhere(settings)
        self._persistence = None if settings.path is None else RowPersistence(settings.path, yields=settings.yields)
        builder = Application.builder().token(TOKEN).request(self._network).get_updates_request(self._network)
        if self._persistence is not None:
            builder = builder.persistence(self._persistence)
        self._application = builder.updater(None).build()
        self._handler = dialogue(settings.right, persistent=self._persistence is not None)
        self._application.add_handler(self._handler)

    async def start(self) -> None:
        """Load what is kept."""
        await self._application.initialize()

    async def begin(self, person: str) -> None:
        if not await self.standing(person):
            sends, self._network.sends = self._network.sends, None
            await self.take(self.event(person, "/start", 0))
            self._network.sends = sends

    def event(self, person: str, text: str, number: int) -> Update:
        return Update.de_json(raw(person, text, number), self._application.bot)

    async def take(self, event: Update) -> list[str]:
        before = len(self._network.sent)
        await self._application.process_update(event)
        if self._persistence is not None:
            await self._application.update_persistence()
        return self._network.sent[before:]

    async def both(self, first: Update, second: Update) -> list[str]:
        before = len(self._network.sent)
        await self._application.start()
        for event in (first, second):
            await self._application.update_queue.put(event)
        await self._application.update_queue.join()
        await self._application.update_persistence()
        await self._application.stop()
        return self._network.sent[before:]

    async def standing(self, person: str) -> str:
        if self._persistence is not None:
            return json.loads(self._persistence.rows.load(f"{NAME}:{person}") or b'""')
        found = self._handler.check_update(self.event(person, "1", 0))
        return found[0] if found else ""

    async def close(self) -> None:
        if self._persistence is not None:
            self._persistence.rows.close()


async def open_bot(settings: Settings) -> TelegramBot:
    bot = TelegramBot(settings)
    await bot.start()
    return bot


class Polled(Nowhere):
    """Telegram: it gives one update, and notes whether that was confirmed before its reply went out."""

    early: bool | None = None

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._confirmed = False
        self.answered = asyncio.Event()

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *_: object, **__: object
    ) -> tuple[int, bytes]:
        if url.endswith("/getUpdates"):
            offset = request_data.parameters.get("offset", 0) if request_data is not None else 0
            if not offset:
                return 200, json.dumps({"ok": True, "result": [raw("1", "/start", 7)]}).encode()
            self._confirmed = offset > 7
            await asyncio.sleep(0.01)
            return 200, b'{"ok":true,"result":[]}'
        if url.endswith("/sendMessage"):
            await asyncio.sleep(0.05)  # what a request to Telegram takes
            self.early = self._confirmed
            self.answered.set()
        elif not url.endswith("/getMe"):
            return 200, DONE
        return await super().do_request(url, method, request_data)


async def confirmed_early() -> bool:
    """Return whether its polling confirms an update to Telegram before the reply to it went out."""
    network = Polled(Settings())
    application = Application.builder().token(TOKEN).request(network).get_updates_request(network).build()
    application.add_handler(dialogue("right", persistent=False))
    await application.initialize()
    await application.start()
    await application.updater.start_polling()
    await network.answered.wait()
    early = bool(network.early)
    await application.updater.stop()
    await application.stop()
    await application.shutdown()
    return early


hostile: dict[str, Any] = {}
