"""``chat``: lines from a person or a pipe in, what everyone receives out."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TextIO

from bot.adapters.clocks import Dues
from bot.adapters.terminal.player import Player
from bot.adapters.terminal.stage import TerminalStage
from bot.conversation.message import Message
from bot.conversation.ports import Clock
from bot.flows.transcript import parse_line

LONGEST_SLEEP = 1.0
"""Seconds after which the chat looks at its deadlines again, whatever they were before."""

MORE_WITHIN = 0.05
"""Seconds in which the rest of a pasted or piped message is there: nobody who types waits for it."""


def printed(view: str, message: Message) -> str:
    """Return a message as the terminal prints it: choices in brackets, more lines behind a bar."""
    first, *more = message.text.split("\n")
    lines = [f"{view}< {first}", *(f"| {line}" for line in more)]
    if message.buttons:
        lines[-1] += "  " + " ".join(f"[{button.label}]" for button in message.buttons)
    return "\n".join(lines)


async def read_lines(stage: TerminalStage, source: TextIO) -> list[str]:
    """Carry out every line until the source ends, and return what was wrong with any.

    Expectations (``alex< …``) are held against what was received, so that a transcript can be fed as it is.
    """
    player = Player(stage, "line")
    problems: list[str] = []
    number = 0
    pending = ""
    while True:
        reading = asyncio.ensure_future(asyncio.to_thread(source.readline))
        if pending and not (await asyncio.wait([reading], timeout=MORE_WITHIN))[0]:
            problems += await _carry_out(player, pending, number)
            pending = ""
        line = await reading
        number += 1
        if line.startswith("| ") and pending:
            pending += "\n" + line.rstrip("\n")[2:]
            continue
        if pending:
            problems += await _carry_out(player, pending, number - 1)
        pending = line.rstrip("\n")
        if not line:
            return problems


async def _carry_out(player: Player, line: str, number: int) -> list[str]:
    try:
        step = parse_line(line, number)
    except ValueError as fault:
        return [f"line:{number}: {fault}"]
    failure = await player.step(step) if step is not None else None
    return [] if failure is None else [str(failure)]


async def keep_time(clock: Clock, ready: Callable[[], Awaitable[Dues]]) -> None:
    """Fire what falls due while people type, on the machine's clock."""
    while True:
        dues = await ready()
        due = await dues.next_due()
        wait = LONGEST_SLEEP if due is None else max(0.05, (due - clock.now()) / 1000)
        # New deadlines appear while people type, so it never sleeps long.
        await asyncio.sleep(min(wait, LONGEST_SLEEP))
        await dues.fire_due()
