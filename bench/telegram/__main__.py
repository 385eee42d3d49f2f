"""The bot on Telegram, against the double of its Bot API on this computer: ``./run bench telegram``.

Prints one JSON object a line, and ends with 1 when something is not as it is to be: what a message costs beside a
bare bot that echoes, how long others wait while one chat is stuck, how soon a pause is heard behind a backlog, and
what comes of hostile updates.
"""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import structlog

from bench.crashtest.report import written_into
from bench.platforms.costing import cost_line
from bench.platforms.lines import Line, no_log, print_line, told
from bench.telegram.crowd import MEMORY, delays, median_of, pause_over
from bench.telegram.storm import storm
from bench.telegram.working import cost_of, serve_echo, serve_ours
from bot.wiring.dialogues import library_of

PARTS = ("cost", "stuck", "pause", "hostile")

STUCK, PAUSE = 1.2, 1.0
"""The most that each may come to: times the quiet median, seconds."""

PAGE = Path(__file__).parents[2] / "docs" / "telegram.md"


async def cost(rounds: int) -> AsyncIterator[Line]:
    """Measure what a message costs."""
    yield await cost_line(rounds, partial(cost_of, serve_ours, "/echo"), partial(cost_of, serve_echo, "hello"))


async def stuck(people: int) -> AsyncIterator[Line]:
    """Measure how long others wait while one chat is stuck."""
    await delays(people // 10, "none")  # whatever is slow the first time
    before = await delays(people, "none")
    wrong = {name: await delays(people, name) for name in ("429", "time-out")}
    quiet = median_of([*before, *await delays(people, "none")])
    for name, waits in wrong.items():
        ratio = median_of(waits) / quiet
        yield {
            "case": f"one of {people:,} chats is stuck: {name}",
            "quiet_ms": quiet,
            "median_ms": median_of(waits),
            "ratio": round(ratio, 2),
            "holds": ratio <= STUCK,
        }


async def pause(nudges: int) -> AsyncIterator[Line]:
    """Measure how soon a pause is heard."""
    seconds, sent = await pause_over(nudges)
    left = nudges - sent
    yield {
        "case": f"a pause behind {left:,} nudges",
        "heard_after_ms": round(seconds * 1_000, 1),
        "holds": seconds < PAUSE and left > nudges // 2,
    }


async def hostile(updates: int, seed: str) -> AsyncIterator[Line]:
    """See what comes of hostile updates."""
    with TemporaryDirectory(dir=MEMORY) as folder:
        async with storm(Path(folder) / "storm.sqlite", library_of(None).offered(), seed) as one:
            await one.blow(updates)
        came = one.came
    yield {
        "case": f"{came.updates:,} hostile updates",
        "taken": came.taken,
        "no_updates": came.unread,
        "messages": came.messages,
        "refused": came.refused.total(),
        "others_answered": came.answered,
        "wrong": came.wrong,
        "holds": not came.wrong,
    }


async def measured(options: argparse.Namespace) -> list[Line]:
    """Measure what is asked for, and print it; return it."""
    runs = {
        "cost": lambda: cost(options.rounds),
        "stuck": lambda: stuck(options.people),
        "pause": lambda: pause(options.nudges),
        "hostile": lambda: hostile(options.updates, options.seed),
    }
    lines: list[Line] = []
    for part in options.parts or PARTS:
        async for line in runs[part]():
            print_line("telegram", line)
            lines.append(line)
    return lines


def main(arguments: Sequence[str]) -> int:
    """Run what the arguments ask for; return the exit code."""
    parser = argparse.ArgumentParser(prog="./run bench telegram", description="The bot on the double of Telegram.")
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--rounds", type=int, default=3, help="of what a message costs")
    parser.add_argument("--people", type=int, default=500, help="who write while somebody's chat is stuck")
    parser.add_argument("--nudges", type=int, default=1_000, help="that wait when a pause is called")
    parser.add_argument("--updates", type=int, default=100_000, help="that are hostile")
    parser.add_argument("--seed", default="1", help="what is in them")
    parser.add_argument("--write", action="store_true", help="put the table into docs/telegram.md")
    options = parser.parse_args(arguments)
    structlog.configure(processors=[no_log])
    lines = asyncio.run(measured(options))
    if options.write:
        PAGE.write_text(written_into(PAGE.read_text("utf-8"), "telegram", told(lines)), "utf-8")
    return int(not all(line["holds"] for line in lines))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
