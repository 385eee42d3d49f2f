"""The bot on Discord, against the double of its API and gateway on this computer: ``./run bench discord``.

Prints one JSON object a line, and ends with 1 when something is not as it is to be: what a message costs beside a
bare bot that echoes, and what comes of hostile events.
"""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from functools import partial
from pathlib import Path

import structlog

from bench.crashtest.report import written_into
from bench.discord.storm import storm
from bench.discord.working import cost_of, serve_echo, serve_ours
from bench.platforms.costing import cost_line
from bench.platforms.lines import Line, no_log, print_line, told

PARTS = ("cost", "hostile")

PAGE = Path(__file__).parents[2] / "docs" / "discord.md"


async def cost(rounds: int) -> AsyncIterator[Line]:
    """Measure what a message costs."""
    yield await cost_line(rounds, partial(cost_of, serve_ours, "/echo"), partial(cost_of, serve_echo, "hello"))


async def hostile(events: int, seed: str) -> AsyncIterator[Line]:
    """See what comes of hostile events."""
    async with storm(seed) as one:
        await one.blow(events)
    came = one.came
    yield {
        "case": f"{came.events:,} hostile events",
        "taken": came.taken,
        "no_events": came.unread,
        "messages": came.messages,
        "refused": came.refused.total(),
        "interactions_failed": came.unanswered,
        "others_answered": came.answered,
        "wrong": came.wrong,
        "holds": not came.wrong and not came.unanswered,
    }


async def measured(options: argparse.Namespace) -> list[Line]:
    """Measure what is asked for, and print it; return it."""
    runs = {"cost": lambda: cost(options.rounds), "hostile": lambda: hostile(options.events, options.seed)}
    lines: list[Line] = []
    for part in options.parts or PARTS:
        async for line in runs[part]():
            print_line("discord", line)
            lines.append(line)
    return lines


def main(arguments: Sequence[str]) -> int:
    """Run what the arguments ask for; return the exit code."""
    parser = argparse.ArgumentParser(prog="./run bench discord", description="The bot on the double of Discord.")
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--rounds", type=int, default=3, help="of what a message costs")
    parser.add_argument("--events", type=int, default=100_000, help="that are hostile")
    parser.add_argument("--seed", default="1", help="what is in them")
    parser.add_argument("--write", action="store_true", help="put the table into docs/discord.md")
    options = parser.parse_args(arguments)
    structlog.configure(processors=[no_log])
    lines = asyncio.run(measured(options))
    if options.write:
        PAGE.write_text(written_into(PAGE.read_text("utf-8"), "discord", told(lines)), "utf-8")
    return int(not all(line["holds"] for line in lines))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
