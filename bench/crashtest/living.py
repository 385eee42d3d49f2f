"""One worker's life: from its start on a file to its end, which is SIGKILL nearly always."""

import multiprocessing
from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from bench.crashtest.wire import FromWorker, Stop, ToWorker
from bench.crashtest.worker import Job, run

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

_context = multiprocessing.get_context("forkserver")


def warm_up(*more: str) -> None:
    """Let workers find everything loaded, and more: without this, each of them loads it for itself."""
    _context.set_forkserver_preload(["bench.crashtest.warm", *more])


AT_MOST = 60
"""After so many seconds, whoever does nothing is taken for stuck."""


class Ended(Exception):
    """The worker ended by itself, or is stuck: it says which."""

    def __init__(self, told: str = "a worker ended by itself") -> None:
        super().__init__(told)


class Stuck(Ended):
    """The worker does nothing any more."""

    def __init__(self) -> None:
        super().__init__(f"a worker did not get on for {AT_MOST} seconds")


class Life:
    """A worker that runs."""

    def __init__(self, job: Job) -> None:
        ours, theirs = _context.Pipe()
        self._pipe = cast("Connection[ToWorker, FromWorker]", ours)
        self._process: BaseProcess = _context.Process(target=run, args=(theirs, job), daemon=True)
        self._process.start()
        theirs.close()

    def tell(self, what: ToWorker) -> None:
        """Hand something to the worker. Raises Ended."""
        try:
            self._pipe.send(what)
        except ConnectionError:
            raise Ended from None

    def hear(self, within: float) -> FromWorker | None:
        """Return what the worker tells next, or None when it tells nothing for so many seconds. Raises Ended."""
        try:
            return self._pipe.recv() if self._pipe.poll(max(0.0, within)) else None
        except (EOFError, ConnectionError):
            raise Ended from None

    def kill(self) -> list[FromWorker]:
        """Kill it; return what it had told before, and nobody had heard yet."""
        self._process.kill()
        self._process.join()
        left = list(self._left())
        self._pipe.close()
        self._process.close()
        return left

    def end(self) -> None:
        """Let it come to its end, and wait for that. Raises Ended."""
        self.tell(Stop())
        for _ in self._left():
            pass
        self._process.join()
        self._pipe.close()
        self._process.close()

    def _left(self) -> Iterator[FromWorker]:
        try:
            while self._pipe.poll(AT_MOST):
                yield self._pipe.recv()
            raise Stuck
        except (EOFError, ConnectionError):
            return  # what it was in the middle of telling counts as not told
