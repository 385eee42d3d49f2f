"""``./run play --through telegram``: transcripts, played by people of the double through the real client."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from bot.wiring.dialogues import library_of
from tests.telegram.stage import play_on_telegram


def main(files: Sequence[str]) -> int:
    """Play transcripts; return 1 when one of them does not hold."""
    library = library_of(None)
    held = True
    for file in files:
        failure = asyncio.run(play_on_telegram(Path(file), library))
        if failure is None:
            sys.stdout.write(f"held  {file}\n")
        else:
            sys.stderr.write(f"{failure}\n")
        held = held and failure is None
    return int(not held)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
