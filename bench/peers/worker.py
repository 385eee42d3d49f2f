"""A process of its own for one peer, with that peer's Python: it carries out orders and tells what came of them.

Orders come as JSON, one a line, and each gets one line back. It imports nothing but the standard library and the
peer's adapter, so that any environment can run it.
"""

import asyncio
import importlib
import json
import logging
import os
import signal
import sys
import time
import warnings
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, cast

from bench.peers.port import Adapter, Bot, Settings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

TURNS = 100
"""A conversation has so many turns; then another begins. Some peers read a whole conversation at each turn."""

TEXTS = [str(number * 7 % 10) for number in range(TURNS)]

LINGERS = 0.02
"""Seconds that a turn takes in the middle of it, when two messages come at once."""

Answer = dict[str, Any]


async def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


async def _linger() -> None:
    await asyncio.sleep(LINGERS)


def _work() -> None:
    time.sleep(LINGERS)


def _settings(order: Answer) -> Settings:
    sends: Callable[[], Awaitable[None]] | None = None
    if order.get("dies"):
        sends = _die
    elif order.get("lingers"):
        sends = _linger
    return Settings(
        path=Path(order["path"]) if order.get("path") else None,
        variant=order.get("variant", ""),
        right=order.get("right", "right"),
        yields=bool(order.get("lingers")),
        works=_work if order.get("lingers") else None,
        sends=sends,
    )


@dataclass(slots=True)
class Peer:
    """The peer, and its bot once that is open."""

    adapter: Adapter
    bot: Bot | None = None
    people: int = 0

    @property
    def open_bot(self) -> Bot:
        """The bot."""
        if self.bot is None:
            message = "open the bot first"
            raise RuntimeError(message)
        return self.bot

    async def carry_out(self, order: Answer) -> Answer:
        """Do what is ordered."""
        do = getattr(self, f"do_{order['do']}")
        return cast("Answer", await do(order))

    async def do_about(self, order: Answer) -> Answer:
        """Tell the versions of these distributions."""
        return {"versions": {name: version(name) for name in order["distributions"]}}

    async def do_open(self, order: Answer) -> Answer:
        """Open the bot as after a start of the process."""
        self.bot = await self.adapter.open_bot(_settings(order))
        return {"replies": getattr(self.bot, "sent_at_start", [])}

    async def do_begin(self, order: Answer) -> Answer:
        """Bring somebody to their first question, or to where they were."""
        await self.open_bot.begin(order["person"])
        return {"standing": await self.open_bot.standing(order["person"])}

    async def do_take(self, order: Answer) -> Answer:
        """Take a message."""
        replies = await self.open_bot.take(self.open_bot.event(order["person"], order["text"], order["number"]))
        return {"replies": replies, "standing": await self.open_bot.standing(order["person"])}

    async def do_both(self, order: Answer) -> Answer:
        """Take two messages that come at once."""
        events = [self.open_bot.event(order["person"], text, n) for n, text in enumerate(order["texts"], 1)]
        replies = await self.open_bot.both(events[0], events[1])
        return {"replies": replies, "standing": await self.open_bot.standing(order["person"])}

    async def do_close(self, order: Answer) -> Answer:
        """Close the bot."""
        del order
        await self.open_bot.close()
        return {}

    async def do_hostile(self, order: Answer) -> Answer:
        """Load a definition that means harm; without one of that kind there is nothing to tell."""
        run = self.adapter.hostile.get(order["kind"])
        return {"said": None if run is None else await run(Path(order["folder"]))}

    async def do_polled(self, order: Answer) -> Answer:
        """Tell whether its polling confirms a message before the reply; None without polling of its own."""
        del order
        run: Callable[[], Awaitable[bool]] | None = getattr(self.adapter, "confirmed_early", None)
        return {"early": None if run is None else await run()}

    async def do_measure(self, order: Answer) -> Answer:
        """Take whole conversations for so many seconds."""
        bot, durations = self.open_bot, list[float]()
        spent = 0.0
        cpu = time.process_time
        started, busy = time.perf_counter(), 0.0
        while busy < order["seconds"] and time.perf_counter() - started < 4 * order["seconds"]:
            self.people += 1
            person = str(self.people)
            await bot.begin(person)
            events = [bot.event(person, text, number) for number, text in enumerate(TEXTS, 1)]
            before, since = cpu(), time.perf_counter()
            for event in events:
                begun = time.perf_counter()
                await bot.take(event)
                durations.append(time.perf_counter() - begun)
            spent += cpu() - before
            busy += time.perf_counter() - since
        durations.sort()
        count = len(durations)
        return {
            "turns": count,
            "cpu": spent,
            "wall": busy,
            "p50": durations[count // 2],
            "p99": durations[count * 99 // 100],
        }


def main(name: str, orders: TextIO, answers: TextIO) -> None:
    """Carry out orders until there are no more."""
    peer: Peer | None = None
    with asyncio.Runner() as runner:
        for line in orders:
            try:
                peer = peer or Peer(cast("Adapter", importlib.import_module(f"bench.peers.adapters.{name}")))
                answer = runner.run(peer.carry_out(json.loads(line)))
            except Exception as fault:  # noqa: BLE001  # whatever a peer raises is an answer
                answer = {"error": type(fault).__name__}
            answers.write(json.dumps(answer) + "\n")
            answers.flush()


def _hello(name: str) -> None:
    """Keep the way back to whoever gives the orders apart from what a library prints."""
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    main(name, sys.stdin, answers)


if __name__ == "__main__":
    _hello(sys.argv[1])
