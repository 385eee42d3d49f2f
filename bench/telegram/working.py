"""What a message costs: the processor's time of a process that serves Telegram, beside a bare bot that echoes."""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from telegram import Update
from telegram.ext import Application, ContextTypes, MessageHandler, filters

from bench.platforms.costing import MESSAGES, PEOPLE, Serve, at_work, cost, work
from bench.telegram.crowd import MEMORY, Timed
from bench.telegram.whole import at_once, opened, serving
from bot.adapters.clocks import SystemClock
from bot.wiring.dialogues import library_of
from tests.telegram.client import client
from tests.telegram.server.api import BotApi

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

FLOWS = Path(__file__).parent / "flows"


class Pointed(BotApi):
    """A double that is somewhere else: only its address is known here."""

    def __init__(self, url: str) -> None:
        super().__init__(SystemClock())
        self._url = url

    @property
    def base_url(self) -> str:
        """Where it is."""
        return self._url


def serve_ours(url: str, pipe: "Connection[float, None]") -> None:
    """Serve with the product, until this process is killed."""

    async def run() -> None:
        async with client(Pointed(url), read_timeout=15.0) as bot:
            with TemporaryDirectory(dir=MEMORY) as folder:
                file, flows = Path(folder) / "ours.sqlite", library_of(FLOWS)
                async with opened(file, bot, SystemClock(), flows, at_once()) as whole, serving(whole):
                    await asyncio.Event().wait()

    work(pipe, run)


def serve_echo(url: str, pipe: "Connection[float, None]") -> None:
    """Serve with a bare bot of the library, until this process is killed."""

    async def echo(update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        if update.message is not None and update.message.text is not None:
            await update.message.reply_text(update.message.text)

    async def run() -> None:
        bot = client(Pointed(url), read_timeout=15.0)
        application = Application.builder().bot(bot).build()
        application.add_handler(MessageHandler(filters.TEXT, echo))
        async with application:
            await application.start()
            if application.updater is not None:
                await application.updater.start_polling()
            await asyncio.Event().wait()

    work(pipe, run)


async def cost_of(serve: Serve, begins: str) -> tuple[float, float]:
    """Return the milliseconds of processor's time that a message costs, and how many messages a second there were."""
    async with Timed() as api:
        people = [api.person(f"P{number}", started=True) for number in range(PEOPLE)]
        async with at_work(serve, api.base_url) as serving:
            for person in people:
                person.write(begins)
            await api.bell.until(lambda: all(person.from_bot for person in people))
            return await cost(serving, lambda number: _talk(api, number))


async def _talk(api: BotApi, number: int) -> None:
    person = api.people[number]
    for said in range(MESSAGES // PEOPLE):
        seen = len(person.from_bot)
        person.write(f"This is what I say, number {said}.")
        await api.bell.until(lambda before=seen: len(person.from_bot) > before)
