"""Hot reload: when a file of the flows is saved the page goes on with them, or shows what is wrong with it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from bot.adapters.web.demo import Demo
from bot.adapters.web.panes import Panes
from bot.conversation.menu import chips_of_a_person, chips_of_a_room
from bot.flows.library import Library
from bot.flows.problems import FlowInvalid

LOOKED_AT = ("*.yaml", "*.po")
"""What flows, phrases, records and catalogues are kept in."""

MOST_SHOWN = 8
"""So many problems are shown at once; of more, how many there are."""

FAILED = "The flows could not be loaded; ./run check tells more. The next save is looked at all the same."

_log = logging.getLogger(__name__)

_INTERVAL = 0.25  # seconds from one look to the next


class Saves:
    """Notices that files below some folders were saved, once nothing is being written any more."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = folders
        self._known = self._stamps()
        self._seen = self._known

    def look(self) -> bool:
        """Return whether something is different, and the same as at the last look: half a file is not read."""
        now, before = self._stamps(), self._seen
        self._seen = now
        if now == self._known or now != before:
            return False
        self._known = now
        return True

    async def next(self) -> None:
        """Return when something was saved."""
        while True:
            await asyncio.sleep(_INTERVAL)
            if await asyncio.to_thread(self.look):
                return

    def _stamps(self) -> dict[Path, tuple[int, int]]:
        found: dict[Path, tuple[int, int]] = {}
        for path in (path for folder in self._folders for kind in LOOKED_AT for path in folder.rglob(kind)):
            try:
                stat = path.stat()
            except OSError:  # an editor has just put another file in its place
                continue
            found[path] = (stat.st_mtime_ns, stat.st_size)
        return found


class Reloading:
    """Takes on what was saved. ``load`` returns the flows as they are on disk, or raises FlowInvalid."""

    def __init__(self, demo: Demo, panes: Panes, load: Callable[[], Library]) -> None:
        self._demo = demo
        self._panes = panes
        self._load = load

    async def keep_up(self, saved: Callable[[], Awaitable[None]]) -> None:
        """Load the flows anew each time that ``saved`` returns; never returns itself."""
        while True:
            await saved()
            try:
                await self.reload()
            except Exception as fault:  # noqa: BLE001  # the loop's edge: the next save is looked at all the same
                _log.error("reload_failed fault=%s", type(fault).__qualname__)
                self._panes.tell_problems((FAILED,))

    async def reload(self) -> None:
        """Go on with the flows as they are now; while something is wrong with them, show it and go on as before."""
        try:
            library = await asyncio.to_thread(self._load)
            await self._demo.take_on(library)
        except FlowInvalid as fault:
            self._panes.tell_problems(_told(fault))
        else:
            self._panes.offer(chips_of_a_person(library), chips_of_a_room(library))


def _told(fault: FlowInvalid) -> tuple[str, ...]:
    told = tuple(map(str, fault.problems[:MOST_SHOWN]))
    more = len(fault.problems) - len(told)
    return (*told, f"… and {more} more: ./run check tells them all") if more else told
