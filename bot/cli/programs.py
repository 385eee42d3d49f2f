"""Programs of the folders ``bench`` and ``tests``, which commands start."""

import runpy
import sys
from collections.abc import Sequence
from pathlib import Path

from bot.wiring.dialogues import DIALOGUES

BENCHES, TESTS = DIALOGUES.parent / "bench", DIALOGUES.parent / "tests"


def run_program(path: Path, args: Sequence[str]) -> None:
    """Run a program with these arguments; it ends this process."""
    sys.argv = [str(path), *args]
    runpy.run_path(str(path), run_name="__main__")
