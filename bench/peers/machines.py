"""What is the same for libraries that know only events and states: parsing, saving, and two threads."""

import threading
from abc import ABC, abstractmethod
from typing import Generic, TypeVar

from bench.peers.port import Settings
from bench.peers.rows import Rows

Machine = TypeVar("Machine")
Event = tuple[str, str]

APART = 0.005
"""Seconds between two messages: the second comes while the first one's turn is under way."""


class MachineBot(ABC, Generic[Machine]):
    """A machine a person, kept in memory; after each turn its state is saved, and then the replies go out."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.machines: dict[str, Machine] = {}
        self._rows = Rows(settings.path) if settings.path is not None else None

    @abstractmethod
    def new(self, kept: bytes | None) -> Machine:
        """Return a machine, as it was kept or at its first question."""

    @abstractmethod
    def answer(self, machine: Machine, number: int) -> list[str]:
        """Give the number to the machine, and return its replies."""

    @abstractmethod
    def kept(self, machine: Machine) -> bytes:
        """Return what has to be kept of it."""

    @abstractmethod
    def state(self, machine: Machine) -> str:
        """Return the state that it is in."""

    async def begin(self, person: str) -> None:
        """Make the person's machine."""
        self.machines[person] = self.new(self._rows.load(person) if self._rows is not None else None)

    def event(self, person: str, text: str, number: int) -> Event:
        """Return the words; such a library knows no message."""
        del number
        return person, text

    async def take(self, event: Event) -> list[str]:
        """Take a message."""
        replies = self._take(event)
        if self.settings.sends is not None:
            await self.settings.sends()
        return replies

    def _take(self, event: Event) -> list[str]:
        person, text = event
        if not text.isdecimal():
            return [f"{text} is no number."]
        machine = self.machines[person]
        replies = self.answer(machine, int(text))
        if self._rows is not None:
            self._rows.save(person, self.kept(machine))
        return replies

    async def both(self, first: Event, second: Event) -> list[str]:
        """Take both, each in a thread of its own; an error is told by its class."""
        out: list[str] = []

        def run(event: Event) -> None:
            try:
                out.extend(self._take(event))
            except Exception as fault:  # noqa: BLE001  # what it raises is what the probe wants to know
                out.append(type(fault).__name__)

        threads = [threading.Thread(target=run, args=(event,)) for event in (first, second)]
        threads[0].start()
        threads[0].join(APART)
        threads[1].start()
        for thread in threads:
            thread.join()
        return out

    async def standing(self, person: str) -> str:
        """Return the person's state."""
        return self.state(self.machines[person])

    async def close(self) -> None:
        """Close the file."""
        if self._rows is not None:
            self._rows.close()
