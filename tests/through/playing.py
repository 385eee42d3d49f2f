"""``./run play --through PLATFORM``: transcripts, played by people of doubles through the real clients."""

import asyncio
import logging
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import structlog

from bot.wiring.dialogues import library_of
from tests.discord.side import on_discord
from tests.telegram.side import on_telegram
from tests.through.stage import MakeSide, play_through

PLATFORMS: Mapping[str, Sequence[MakeSide]] = {
    "telegram": (on_telegram,),
    "discord": (on_discord,),
    "both": (on_telegram, on_discord),
}
"""On which platforms people are, each on the next of them."""


def main(platform: str, files: Sequence[str]) -> int:
    """Play transcripts; return 1 when one of them does not hold."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    library = library_of(None)
    held = True
    for file in files:
        failure = asyncio.run(play_through(Path(file), library, PLATFORMS[platform]))
        if failure is None:
            sys.stdout.write(f"held  {file}\n")
        else:
            sys.stderr.write(f"{failure}\n")
        held = held and failure is None
    return int(not held)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
