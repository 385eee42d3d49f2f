"""Starting a peer's process and giving it orders."""

import json
import os
import select
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

ROOT = Path(__file__).resolve().parents[2]

PATIENCE = 120.0
"""Seconds after which a peer that does not answer is given up."""


class Failed(Exception):
    """The peer could not do it; the text is the class of its error."""


class Died(Failed):
    """The peer's process ended instead of answering."""


class Hung(Failed):
    """The peer did not answer in time."""


class Worker:
    """A peer's process, idle until it gets an order. Open it with ``at_work``."""

    def __init__(self, python: Path, adapter: str) -> None:
        command = [str(python), "-m", "bench.peers.worker", adapter]
        settings = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1"}
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, env=settings)
        self._unread = b""

    def order(self, do: str, patience: float = PATIENCE, **details: object) -> dict[str, Any]:
        """Have something done and return the answer. Raises Failed."""
        stdin = self._process.stdin
        if stdin is None or stdin.closed:
            raise Died(Died.__name__)
        line = json.dumps({"do": do, **details}, default=str) + "\n"
        try:
            stdin.write(line.encode())
            stdin.flush()
        except BrokenPipeError:
            raise Died(Died.__name__) from None
        answer = cast("dict[str, Any]", json.loads(self._line(patience)))
        if "error" in answer:
            raise Failed(answer["error"])
        return answer

    def _line(self, patience: float) -> bytes:
        if self._process.stdout is None:
            raise Died(Died.__name__)
        out = self._process.stdout.fileno()
        while b"\n" not in self._unread:
            ready, _, _ = select.select([out], [], [], patience)
            if not ready:
                self.kill()
                raise Hung(Hung.__name__)
            got = os.read(out, 65536)
            if not got:
                raise Died(Died.__name__)
            self._unread += got
        line, _, self._unread = self._unread.partition(b"\n")
        return line

    def kill(self) -> None:
        """End the process at once."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()


@contextmanager
def at_work(python: Path, adapter: str) -> Generator[Worker]:
    """Start a peer's process; it ends with the block."""
    worker = Worker(python, adapter)
    try:
        yield worker
    finally:
        worker.kill()
