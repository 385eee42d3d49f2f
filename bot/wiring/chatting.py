"""A chat in the terminal, from a person or a pipe."""

import asyncio
from contextlib import suppress
from typing import TextIO

from bot.adapters.clocks import SystemClock, VirtualClock
from bot.adapters.terminal.chat import keep_time, printed, read_lines
from bot.conversation.message import Message
from bot.flows.library import Library
from bot.wiring.data_folder import Keeping
from bot.wiring.terminal_room import TerminalRoom


class SettableSystemClock(SystemClock):
    """The machine's clock, where moving is refused by doing nothing: real time cannot be hurried."""

    def set(self, instant: int) -> None:
        """Do nothing."""


async def chat_in_terminal(
    flows: Library, keeping: Keeping, source: TextIO, out: TextIO, *, virtual: bool
) -> list[str]:
    """Carry out lines from ``source``, print what everyone receives to ``out``; return what was wrong."""

    def told(view: str, message: Message) -> None:
        out.write(printed(view, message) + "\n")
        out.flush()

    started = SystemClock().now()
    room = TerminalRoom(
        flows=flows,
        keeping=keeping,
        clock=VirtualClock(0) if virtual else SettableSystemClock(),
        told=told,
        event_prefix=f"{started}-" if keeping.database is not None else "",
    )
    ticking: asyncio.Task[None] | None = None
    try:
        await room.stage.ready()
        ticking = asyncio.create_task(keep_time(room.clock, room.stage.ready)) if not virtual else None
        return await read_lines(room.stage, source)
    finally:
        if ticking is not None:
            ticking.cancel()
            with suppress(asyncio.CancelledError):  # it may be in the middle of something
                await ticking
        await room.close()
