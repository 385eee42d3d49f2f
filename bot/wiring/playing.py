"""Transcripts: played through the whole stack under a virtual clock, and written anew."""

from pathlib import Path

from bot.adapters.clocks import VirtualClock
from bot.adapters.terminal.player import Player
from bot.adapters.terminal.updating import Updater
from bot.engine.watching import Watch
from bot.flows.library import Library
from bot.flows.mending import mended
from bot.flows.problems import FlowInvalid, problem_at
from bot.flows.source_text import decoded, read_bytes
from bot.flows.transcript import Step, parse_transcript
from bot.wiring.data_folder import nothing_kept
from bot.wiring.terminal_room import TerminalRoom

LARGEST = 4 * 1024 * 1024
"""Bytes; a longer transcript is refused."""

TRANSCRIPT_SECRET = b"transcripts are the same every time"
"""Transcripts draw their ids from this, so that a replay gives the same ones."""


async def play_transcript(path: Path, flows: Library, watch: Watch | None = None) -> tuple[str | None, int]:
    """Play a transcript on a store of its own; return how it failed (None: it held) and how many lines it has.

    ``watch`` is told which ways its sessions take. Raises FlowInvalid for lines that are none, and for a file that
    holds nothing to play.
    """
    steps = _steps(_read(path), path)
    room = _virtual_room(flows, watch)
    try:
        failure = await Player(room.stage, str(path)).play(steps)
    finally:
        await room.close()
    return (None if failure is None else str(failure)), len(steps)


async def update_transcript(path: Path, flows: Library, watch: Watch | None = None) -> tuple[str | None, int]:
    """Play a transcript, and write its expectations anew where they do not hold; return how many those were.

    What only a person can mend is returned as ``play_transcript`` tells it, and then nothing is written. Raises
    FlowInvalid as it does.
    """
    text = _read(path)
    steps = _steps(text, path)
    room = _virtual_room(flows, watch)
    updater = Updater(room.stage, str(path))
    try:
        failure = await updater.play(steps)
    finally:
        await room.close()
    if failure is not None:
        return str(failure), 0
    if updater.mends:
        path.write_bytes(mended(text, updater.mends).encode())
    return None, len(updater.mends)


def _read(path: Path) -> str:
    name = str(path)
    return decoded(read_bytes(path, name, LARGEST, "transcript"), name, LARGEST, "transcript")[0]


def _steps(text: str, path: Path) -> list[Step]:
    """The lines to play, of which there is one at least: to hold, something has to be played."""
    steps = parse_transcript(text, str(path))
    if not steps:
        nothing = "there is nothing to play here: a transcript has lines such as 'alex> /pair'"
        raise FlowInvalid([problem_at(str(path), (), 1, 1, nothing, "bad-line")])
    return steps


def _virtual_room(flows: Library, watch: Watch | None = None) -> TerminalRoom:
    """A terminal for a transcript: nothing is kept, and its time is its own."""
    return TerminalRoom(
        flows=flows,
        keeping=nothing_kept(TRANSCRIPT_SECRET),
        clock=VirtualClock(0),
        told=lambda _view, _message: None,
        watch=watch,
    )
