"""Preloaded into the process from which the workers are forked: flows are read, and first turns taken, only once."""

import asyncio
import threading
from collections.abc import Sequence

from bench.crashtest.loopback import NAME, REDELIVERING, Loopback
from bench.crashtest.worker import KEYS, SECRET, library
from bot.adapters.clocks import VirtualClock
from bot.conversation.envelope import ChoicePressed, Command, Content, TextSaid
from bot.conversation.message import Message, Shown
from bot.conversation.opening import open_conversation
from bot.conversation.outbox import Target
from storage.sqlite import open_store


class _Nobody:
    """A platform that remembers the newest choice."""

    has_forms = False
    single_for = 0
    newest = ""

    async def send(self, target: Target, message: Message, key: str) -> str:
        del target
        self.newest = message.buttons[0].token if message.buttons else self.newest
        return key

    async def retire(self, target: Target, ref: str, chosen: str) -> None:
        pass

    async def hide(self, target: Target, shown: Sequence[Shown]) -> None:
        pass


async def _talk_once() -> None:
    store, nobody = await open_store(None, KEYS), _Nobody()
    talk = await open_conversation(
        store=store, library=library(), clock=VirtualClock(0), secret=SECRET, platforms={NAME: nobody}
    )
    platform = Loopback(REDELIVERING)

    async def bring(content: Content) -> None:
        await talk.intake(platform.note("somebody", content, 0))

    for content in (Command(name="count"), TextSaid(text="one"), Command(name="wait")):
        await bring(content)
    await bring(ChoicePressed(token=nobody.newest.split(":")[1], index=0))
    await store.close()


asyncio.run(_talk_once())
for thread in threading.enumerate():
    if thread is not threading.main_thread():
        thread.join()  # whoever forks has to be alone
