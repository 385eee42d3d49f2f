"""People talk, and whoever works for them is killed, again and again: ``./run crashtest``.

Real processes over a real file are killed with SIGKILL, at any moment. A platform that stays counts what it shows,
and in the end what is stored is held to what people did. Ends with 1 when a promise was not kept.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from bench.crashtest.discord_stage import DiscordStage
from bench.crashtest.episode import Episode, Plan
from bench.crashtest.living import warm_up
from bench.crashtest.loopback import KINDS, NAME, Kind
from bench.crashtest.outer_episode import OuterEpisode, Stage
from bench.crashtest.promises import broken
from bench.crashtest.report import Came, as_json, tables, written_into
from bench.crashtest.telegram_stage import TelegramStage
from bench.crashtest.verdict import Verdict, judge
from bench.crashtest.worker import DATABASE

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reliability.md"

STAGES: Mapping[str, type[TelegramStage] | type[DiscordStage]] = {
    stage.kind.name: stage for stage in (TelegramStage, DiscordStage)
}
"""Platforms on whose doubles it is played, by their names."""

AN_EPISODE = 50
"""The most kills of one file; then another one is begun."""

MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108  # every folder in it has a name of its own
"""Where the files are, unless told otherwise: a kill leaves what was written with the system, synced or not."""


def play(kind: Kind, kills: int, seed: str, *, folder: Path | None = None, breaking: str = "") -> Verdict:
    """Return what so many kills come to. ``breaking`` names a function that breaks the product first."""
    came = Verdict()
    for number, some in enumerate(_shares(kills)):
        with tempfile.TemporaryDirectory(dir=folder or MEMORY) as made:
            plan = Plan(folder=Path(made), kind=kind, seed=f"{seed} {number}", kills=some, broken=breaking)
            seen = Episode(plan).play()
            brought = [f"{NAME}:{event}" for event in seen.platform.acknowledged]
            themselves = {name: name for name in seen.people}
            came.add(asyncio.run(judge(plan.database, seen, brought=brought, accounts=themselves)))
    return came


def play_on(
    stage: Callable[[], Stage], kills: int, seed: str, *, folder: Path | None = None, breaking: str = ""
) -> Verdict:
    """Return what so many kills come to of a process with the adapter and the real client, on the double."""
    came = Verdict()
    for number, some in enumerate(_shares(kills)):
        with tempfile.TemporaryDirectory(dir=folder or MEMORY) as made:
            episode = OuterEpisode(stage(), Path(made), f"{seed} {number}", some, breaking)
            came.add(asyncio.run(_judged(episode, Path(made) / DATABASE)))
    return came


async def _judged(episode: OuterEpisode, database: Path) -> Verdict:
    seen = await episode.play()
    return await judge(database, seen, brought=episode.brought(), accounts=episode.names)


def _shares(kills: int) -> list[int]:
    return [min(AN_EPISODE, kills - begun) for begun in range(0, kills, AN_EPISODE)]


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="./run crashtest", description="Kills, and what is lost or doubled by them."
    )
    parser.add_argument("--kills", type=int, default=200, metavar="N", help="in all; half of them on each platform")
    parser.add_argument("--seed", default="1", metavar="S", help="what people do and when is killed; 1 without it")
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")
    parser.add_argument(
        "--through",
        choices=sorted(STAGES),
        help="the adapter and the real client, all kills on that platform's double",
    )
    parser.add_argument(
        "--folder", type=Path, help="where the files are made; else in memory, if there is such a place"
    )
    parser.add_argument("--break", dest="breaking", default="", metavar="MODULE:NAME", help="break the product first")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/reliability.md")
    options = parser.parse_args(arguments)
    if options.kills < len(KINDS):
        parser.error(f"--kills is {len(KINDS)} or more: each platform has its part")
    return options


def _play(kills: int, seed: str, through: str | None, *, folder: Path | None, breaking: str) -> Came:
    if through:
        stage = STAGES[through]
        warm_up(stage.warm)
        return {stage.kind: play_on(stage, kills, seed, folder=folder, breaking=breaking)}
    warm_up()
    shares = {kind: kills // len(KINDS) + (number < kills % len(KINDS)) for number, kind in enumerate(KINDS)}
    return {kind: play(kind, share, seed, folder=folder, breaking=breaking) for kind, share in shares.items()}


def main(arguments: Sequence[str]) -> int:
    """Run what the arguments ask for; return the exit code."""
    options = _options(arguments)
    begun = time.perf_counter()
    came = _play(options.kills, options.seed, options.through, folder=options.folder, breaking=options.breaking)
    seconds = round(time.perf_counter() - begun)
    problems = [told for kind, verdict in came.items() for told in broken(kind, verdict)]
    if options.json:
        sys.stdout.writelines(f"{line}\n" for line in as_json(came))
    else:
        sys.stdout.write(f"{tables(came)}\n")
    told = {"kills": options.kills, "seed": options.seed, "seconds": seconds, "broken": problems}
    sys.stderr.write(json.dumps(told) + "\n" if options.json else _told(problems, options.kills, seconds))
    if options.write:
        mark = f"kills on {options.through}" if options.through else "kills"
        PAGE.write_text(written_into(PAGE.read_text("utf-8"), mark, tables(came)), "utf-8")
    return int(bool(problems))


def _told(problems: Sequence[str], kills: int, seconds: int) -> str:
    if not problems:
        return f"every promise was kept: {kills} kills in {seconds} s\n"
    return "".join(f"{problem}\n" for problem in problems)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
