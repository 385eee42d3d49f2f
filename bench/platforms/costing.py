"""What a message costs a process that serves a platform: the processor's time, beside a bare bot that echoes."""

import asyncio
import logging
import multiprocessing
import statistics
import threading
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, cast

import structlog

from bench.platforms.lines import Line, no_log

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

PEOPLE, MESSAGES = 50, 2_000
"""How many write at a time, each again when they were answered, and how many messages that comes to."""

MOST = 1.5
"""How many times as much as an echo it may cost."""

Serve = Callable[[str, "Connection[float, None]"], None]
"""What serves until its process is killed: it is given where the platform is, and whom to tell what it spent."""

Cost = Callable[[], Awaitable[tuple[float, float]]]
"""What measures once: the milliseconds of a message, and messages a second."""

_context = multiprocessing.get_context("spawn")


class Serving:
    """A process at work."""

    def __init__(self, pipe: "Connection[None, float]") -> None:
        self._pipe = pipe

    async def spent(self) -> float:
        """Return how many seconds of the processor's time it has taken so far."""
        self._pipe.send(None)
        return await asyncio.to_thread(self._pipe.recv)


@asynccontextmanager
async def at_work(serve: Serve, where: str) -> AsyncGenerator[Serving]:
    """Let a process serve while the block runs."""
    ours, theirs = _context.Pipe()
    process = _context.Process(target=serve, args=(where, theirs), daemon=True)
    process.start()
    try:
        yield Serving(cast("Connection[None, float]", ours))
    finally:
        process.kill()
        process.join()


def work(pipe: "Connection[float, None]", run: Callable[[], Coroutine[None, None, None]]) -> None:
    """Do a process's work, and tell what it spent whenever that is asked for."""
    logging.disable()
    structlog.configure(processors=[no_log])

    def tell() -> None:
        while True:
            pipe.recv()
            pipe.send(time.process_time())

    threading.Thread(target=tell, daemon=True).start()
    asyncio.run(run())


async def cost(serving: Serving, talk: Callable[[int], Awaitable[None]]) -> tuple[float, float]:
    """Return the milliseconds of processor's time that a message costs, and how many messages a second there were.

    ``talk`` lets somebody, by their number, say what is theirs of it.
    """
    await asyncio.sleep(0.5)
    before, began = await serving.spent(), time.perf_counter()
    await asyncio.gather(*(talk(number) for number in range(PEOPLE)))
    spent, took = await serving.spent() - before, time.perf_counter() - began
    return spent / MESSAGES * 1_000, MESSAGES / took


async def cost_line(rounds: int, ours: Cost, echo: Cost) -> Line:
    """Measure both in turn, so often; return how they compare."""
    mine: list[tuple[float, float]] = []
    bare: list[float] = []
    for _ in range(rounds):
        bare.append((await echo())[0])
        mine.append(await ours())
    ratio = statistics.median(spent / least for (spent, _), least in zip(mine, bare, strict=True))
    return {
        "case": "cost of a message",
        "messages": MESSAGES * rounds,
        "ours_ms": round(statistics.median(spent for spent, _ in mine), 2),
        "echo_ms": round(statistics.median(bare), 2),
        "turns_a_second": round(statistics.median(rate for _, rate in mine)),
        "ratio": round(ratio, 2),
        "holds": ratio <= MOST,
    }
