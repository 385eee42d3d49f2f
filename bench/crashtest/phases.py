"""What the worker is at, byte by byte in a file that both processes have mapped: it can be read after the kill."""

import mmap
from enum import IntEnum
from pathlib import Path

_SIZE = 3
_READY, _WORK, _SENDS = range(_SIZE)


class Work(IntEnum):
    """What the open transaction is for."""

    NONE = 0
    LOOKING = 1
    TURNS = 2
    CLAIMING = 3
    COMMITTING = 4


TOLD = ("starting", "in a batch", "committing", "claiming", "sending", "idle")
"""What a worker can be at, in one word or two."""


class Phases:
    """The worker writes it, and the driver reads it."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(bytes(_SIZE))
        with path.open("r+b") as file:
            self._bytes = mmap.mmap(file.fileno(), _SIZE)

    def begin(self) -> None:
        """A worker starts."""
        self._bytes[:] = bytes(_SIZE)

    def ready(self) -> None:
        """It has gone on where the file stood."""
        self._bytes[_READY] = 1

    def work(self, work: Work) -> None:
        """Its transaction is about that."""
        self._bytes[_WORK] = work

    def sends(self, by: int) -> None:
        """So many more messages are on their way."""
        self._bytes[_SENDS] += by

    def told(self) -> str:
        """Return in one word what the worker was at."""
        match Work(self._bytes[_WORK]):
            case Work.COMMITTING:
                return "committing"
            case Work.TURNS:
                return "in a batch"
            case Work.CLAIMING:
                return "claiming"
            case _ if self._bytes[_SENDS]:
                return "sending"
            case _ if not self._bytes[_READY]:
                return "starting"
            case Work.LOOKING | Work.NONE:
                return "idle"

    def close(self) -> None:
        """Let go of the file."""
        self._bytes.close()
