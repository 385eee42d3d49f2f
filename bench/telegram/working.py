"""What a message costs: the processor's time of a process that serves Telegram, beside a bare bot that echoes."""

import asyncio
import logging
import multiprocessing
import threading
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, cast

import structlog
from telegram import Update
from telegram.ext import Application, ContextTypes, MessageHandler, filters

from bench.telegram.crowd import MEMORY, Timed
from bench.telegram.whole import at_once, opened, serving
from bot.adapters.clocks import SystemClock
from bot.wiring.dialogues import library_of
from tests.telegram.client import client
from tests.telegram.server.api import BotApi

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

FLOWS = Path(__file__).parent / "flows"

PEOPLE, MESSAGES = 50, 2_000
"""How many write at a time, each again when they were answered, and how many messages that comes to."""

_context = multiprocessing.get_context("spawn")


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

    structlog.configure(processors=[_silence])
    _run(pipe, run)


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

    _run(pipe, run)


def _silence(_logger: object, _method: str, _event: object) -> str:
    raise structlog.DropEvent


def _run(pipe: "Connection[float, None]", run: Callable[[], Coroutine[None, None, None]]) -> None:
    """Run, and tell the processor's time of this process whenever it is asked for."""
    logging.disable()

    def tell() -> None:
        while True:
            pipe.recv()
            pipe.send(time.process_time())

    threading.Thread(target=tell, daemon=True).start()
    asyncio.run(run())


async def cost_of(serve: Callable[[str, "Connection[float, None]"], None], begins: str) -> tuple[float, float]:
    """Return the milliseconds of processor's time that a message costs, and how many messages a second there were."""
    async with Timed() as api:
        people = [api.person(f"P{number}", started=True) for number in range(PEOPLE)]
        ours, theirs = _context.Pipe()
        process = _context.Process(target=serve, args=(api.base_url, theirs), daemon=True)
        process.start()
        pipe = cast("Connection[None, float]", ours)
        try:
            for person in people:
                person.write(begins)
            await api.bell.until(lambda: all(person.from_bot for person in people))
            await asyncio.sleep(0.5)
            before, began = await _asked(pipe), time.perf_counter()
            await asyncio.gather(*(_talk(api, number) for number in range(PEOPLE)))
            spent, took = await _asked(pipe) - before, time.perf_counter() - began
        finally:
            process.kill()
            process.join()
    return spent / MESSAGES * 1_000, MESSAGES / took


async def _asked(pipe: "Connection[None, float]") -> float:
    pipe.send(None)
    return await asyncio.to_thread(pipe.recv)


async def _talk(api: BotApi, number: int) -> None:
    person = api.people[number]
    for said in range(MESSAGES // PEOPLE):
        seen = len(person.from_bot)
        person.write(f"This is what I say, number {said}.")
        await api.bell.until(lambda before=seen: len(person.from_bot) > before)
