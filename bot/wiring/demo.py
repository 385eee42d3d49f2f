"""The demo's page, served on this computer."""

import asyncio
import secrets
import sys
import webbrowser
from pathlib import Path

from bot.adapters.web.app import make_app
from bot.adapters.web.cast import DEMO
from bot.adapters.web.panes import Panes
from bot.adapters.web.reloading import Reloading, Saves
from bot.adapters.web.server import HOST, PortTaken, listen, port_of, serve
from bot.conversation.menu import chips_of_a_person, chips_of_a_room
from bot.flows.library import Library
from bot.wiring.data_folder import Keeping
from bot.wiring.demo_stage import demo_stage
from bot.wiring.dialogues import DIALOGUES, library_of


class CannotServe(Exception):
    """The page cannot be served; the text says what to do."""


async def serve_demo(flows: Library, folder: Path | None, keeping: Keeping, port: int, *, open_browser: bool) -> None:
    """Serve the demo's page on this computer until it is interrupted. Raises CannotServe.

    ``folder`` is where the flows are from: what is saved there, or among those that ship, is taken on at once.
    """
    try:
        listener = listen(port)
    except PortTaken as fault:
        raise CannotServe(str(fault)) from None
    panes = Panes(DEMO, start=secrets.token_hex(4))
    panes.offer(chips_of_a_person(flows), chips_of_a_room(flows))
    stage = demo_stage(flows, keeping, panes)
    reloading = Reloading(stage, panes, lambda: library_of(folder))
    saves = Saves([DIALOGUES, *([folder] if folder is not None else [])])

    def ready() -> None:
        _tell_address(f"http://{HOST}:{port_of(listener)}/", open_browser=open_browser)

    with listener:
        await stage.open()
        aside = [asyncio.create_task(stage.tick()), asyncio.create_task(reloading.keep_up(saves.next))]
        try:
            app = make_app(stage, panes, port=port_of(listener))
            await serve(app, listener, on_ready=ready, on_end=panes.feed.close)
        finally:
            for task in aside:
                task.cancel()
            await stage.close()


def _tell_address(address: str, *, open_browser: bool) -> None:
    sys.stdout.write(f"Breathing Room is at {address}  (Ctrl-C stops it)\n")
    sys.stdout.flush()
    if open_browser:
        webbrowser.open(address)
