"""chatsky: a script with a node a side. Contexts are kept by its own stores, in memory or through SQLAlchemy."""

import asyncio
import json
from pathlib import Path
from typing import Any

from chatsky import RESPONSE, TRANSITIONS, BaseCondition, BaseResponse, Context, Message, Pipeline
from chatsky import Transition as Tr
from chatsky.context_storages import MemoryContextStorage, context_storage_factory
from chatsky.messengers.common import MessengerInterface

from bench.peers.port import FIRST_QUESTION, LEFT, START, Settings
from bench.peers.rows import Rows

FLOW = "sides"


class Crosses(BaseCondition):
    """Whether the answer leads across."""

    async def call(self, ctx: Context) -> bool:
        text = ctx.last_request.text
        return text.isdecimal() and int(text) > 5


class Stays(BaseCondition):
    """Whether the answer is a number at all; it comes after the other condition."""

    async def call(self, ctx: Context) -> bool:
        return ctx.last_request.text.isdecimal()


class Told(BaseResponse):
    """The reply on a side."""

    side: str

    async def call(self, ctx: Context) -> str:
        number = int(ctx.last_request.text)
        ctx.misc["number"] = number
        return f"{number}: you are on the {self.side}. Which number now?"


class NoNumber(BaseResponse):
    """The reply to what is no number."""

    async def call(self, ctx: Context) -> str:
        return f"{ctx.last_request.text} is no number."


def script(right: str) -> dict[str, Any]:
    """Return the script."""
    to_the_right = [Tr(dst=right, cnd=Crosses()), Tr(dst=LEFT, cnd=Stays())]
    to_the_left = [Tr(dst=LEFT, cnd=Crosses()), Tr(dst=right, cnd=Stays())]
    nodes = {
        START: {RESPONSE: FIRST_QUESTION, TRANSITIONS: to_the_right},
        LEFT: {RESPONSE: Told(side=LEFT), TRANSITIONS: to_the_right},
        right: {RESPONSE: Told(side=right), TRANSITIONS: to_the_left},
        "no_number": {RESPONSE: NoNumber(), TRANSITIONS: to_the_right},
    }
    return {FLOW: nodes}


class Nowhere(MessengerInterface):
    """Its port for a messenger, which sends nowhere."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.sent: list[str] = []
        self._sends = settings.sends
        self._run: Any = None

    async def connect(self, pipeline_runner: Any) -> None:
        self._run = pipeline_runner

    async def receive(self, request: Message, person: str) -> None:
        """Take a message and send the reply."""
        context = await self._run(request, person)
        if self._sends is not None:
            await self._sends()
        self.sent.append(context.last_response.text)


Event = tuple[Message, str]


class ChatskyBot:
    """The bot."""

    def __init__(self, settings: Settings) -> None:
        self._storage = MemoryContextStorage()
        if settings.path is not None:
            Rows(settings.path).close()  # a log written ahead, as the others have; full synchronising is the default
            self._storage = context_storage_factory(f"sqlite+aiosqlite:///{settings.path}")
        self._network = Nowhere(settings)
        self._pipeline = Pipeline(
            script=script(settings.right),
            start_label=(FLOW, START),
            fallback_label=(FLOW, "no_number"),
            messenger_interface=self._network,
            context_storage=self._storage,
        )

    async def start(self) -> None:
        """Connect as its ``run`` does, which wants an event loop of its own."""
        await self._storage.connect()
        await self._network.connect(self._pipeline._run_pipeline)

    async def begin(self, person: str) -> None:
        pass

    def event(self, person: str, text: str, number: int) -> Event:
        return Message(text), person

    async def take(self, event: Event) -> list[str]:
        before = len(self._network.sent)
        await self._network.receive(*event)
        return self._network.sent[before:]

    async def both(self, first: Event, second: Event) -> list[str]:
        before = len(self._network.sent)
        await asyncio.gather(self._network.receive(*first), self._network.receive(*second))
        return self._network.sent[before:]

    async def standing(self, person: str) -> str:
        context = await Context.connected(self._storage, (FLOW, START), person)
        return context.last_label.node_name

    async def close(self) -> None:
        if not isinstance(self._storage, MemoryContextStorage):
            await self._storage.engine.dispose()


async def open_bot(settings: Settings) -> ChatskyBot:
    bot = ChatskyBot(settings)
    await bot.start()
    return bot


def loaded(folder: Path, condition: dict[str, Any]) -> str:
    """Load a pipeline from a file in which that stands as a condition, and return what became of it."""
    way = {"chatsky.Transition": {"dst": LEFT, "cnd": condition}}
    node = {"TRANSITIONS": [way], "RESPONSE": FIRST_QUESTION}
    written = {"script": {FLOW: {LEFT: node}}, "start_label": [FLOW, LEFT]}
    path = folder / "pipeline.json"
    path.write_text(json.dumps(written), "utf-8")
    Pipeline.from_file(path)
    return "the pipeline was loaded"


async def code(folder: Path) -> str:
    return loaded(folder, {"external:os.mkdir": str(folder / "ran")})


async def endless(folder: Path) -> str:
    return loaded(folder, {"external:time.sleep": 1_000_000})


hostile = {"code": code, "endless": endless}
