"""Who holds a store: one process at a time, told by a file beside it.

The lock belongs to the open file, so that the system takes it back however the process ends. SQLite before 3.51.3 can
damage a file that two processes write and checkpoint.
"""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from storage.faults import InUse

HELD = "in-use.lock"


@contextmanager
def holding(folder: Path, what: str) -> Generator[None]:
    """Hold a folder while the block runs; ``what`` tells others what it is held for. Raises InUse."""
    path = folder / HELD
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "r+", encoding="utf-8", errors="replace") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = file.read(200).strip() or "another process"
            message = f"{folder} is in use by {holder}: stop that first, or name another folder"
            raise InUse(message) from None
        file.truncate()
        file.write(f"{what} (process {os.getpid()})\n")
        file.flush()
        yield
        # The file stays: to remove it would let two processes hold two files of that name.
        file.seek(0)
        file.truncate()
