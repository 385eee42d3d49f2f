"""What is to happen at which moment of the real time."""

import heapq
import itertools
import time
from collections.abc import Callable


class Plans:
    """Things to do, each at its moment."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Callable[[], None]]] = []
        self._count = itertools.count()

    def at(self, moment: float, what: Callable[[], None]) -> None:
        """Do something at that moment."""
        heapq.heappush(self._heap, (moment, next(self._count), what))

    def after(self, seconds: float, what: Callable[[], None]) -> None:
        """Do something in so many seconds."""
        self.at(self.now() + seconds, what)

    def now(self) -> float:
        """Return the present moment."""
        return time.perf_counter()

    @property
    def wait(self) -> float:
        """How many seconds from now the next one is; a moment when there is none."""
        return self._heap[0][0] - self.now() if self._heap else 0.01

    def next_due(self) -> Callable[[], None] | None:
        """Take the next one whose moment has come, if any."""
        return heapq.heappop(self._heap)[2] if self._heap and self._heap[0][0] <= self.now() else None
