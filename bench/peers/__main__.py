"""This engine beside others: ``./run bench peers``.

Prints one JSON object a line. ``--write`` puts the lines into docs/benchmarks.jsonl and makes the tables of
docs/benchmarks.md anew. ``--lock`` makes the locks of the peers anew, with their newest versions.
"""

import argparse
import json
import os
import platform
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench.peers import judging, page, results
from bench.peers.environments import PLACE, CannotInstall, made, make_locks
from bench.peers.measuring import Round, figure, take_rounds
from bench.peers.probing import Lab
from bench.peers.results import DURABLE, MEMORY, Results
from bench.peers.roster import ENGINE, ENTRIES, SISMIC, YARDSTICK, Entry
from bench.peers.workers import ROOT, Failed, Worker, at_work

DATA = ROOT / "docs" / "benchmarks.jsonl"
PAGE = ROOT / "docs" / "benchmarks.md"

AGAINST = {MEMORY: ENGINE, DURABLE: YARDSTICK}


def say(sentence: str) -> None:
    """Tell whoever waits how far it is."""
    sys.stderr.write(f"bench: {sentence}\n")


def pythons(entries: Sequence[Entry], found: Results) -> dict[str, Path]:
    """Return the Python of each entry that can take part; note why another cannot."""
    ready: dict[str, Path] = {}
    environments: dict[str, Path | str] = {"": Path(sys.executable)}
    for entry in entries:
        name = entry.environment
        if name not in environments:
            try:
                environments[name] = made(name)
            except (CannotInstall, OSError) as fault:
                environments[name] = f"could not be installed ({type(fault).__name__})"
        python = environments[name]
        if isinstance(python, str):
            found.absent[entry.key] = python
            continue
        try:
            with at_work(python, entry.adapter) as worker:
                told = worker.order("about", distributions=[entry.library] if entry.library else [])
        except (Failed, OSError) as fault:
            found.absent[entry.key] = (
                f"could not be run ({fault if isinstance(fault, Failed) else type(fault).__name__})"
            )
            continue
        found.versions |= dict.fromkeys([entry.key] if told["versions"] else [], "".join(told["versions"].values()))
        ready[entry.key] = python
    return ready


@contextmanager
def opened(
    entries: Sequence[Entry], ready: Mapping[str, Path], folder: Path | None
) -> Generator[tuple[dict[str, Worker], dict[str, str]]]:
    """Start every entry's process with its bot, with a folder each on a file of its own; and why some cannot."""
    with ExitStack() as stack:
        workers: dict[str, Worker] = {}
        failed: dict[str, str] = {}
        for entry in entries:
            worker = stack.enter_context(at_work(ready[entry.key], entry.adapter))
            path = folder / f"{entry.key}.sqlite" if folder is not None else None
            try:
                worker.order("open", variant=entry.variant, path=path)
            except Failed as fault:
                failed[entry.key] = str(fault)
            else:
                workers[entry.key] = worker
        yield workers, failed


def measure(case: str, entries: Sequence[Entry], ready: Mapping[str, Path], options: argparse.Namespace) -> Results:
    """Measure a case."""
    found = Results()
    durable = case == DURABLE
    taking = [one for one in entries if one.key in ready and (one.durable if durable else one.kind)]
    with (
        tempfile.TemporaryDirectory(dir=PLACE) as folder,
        opened(taking, ready, Path(folder) if durable else None) as (workers, failed),
    ):
        say(f"{case}: {len(workers)} bots, {options.rounds} rounds of {options.seconds} s each")
        taken, gave_up = take_rounds(workers, rounds=options.rounds, seconds=options.seconds, durable=durable)
    found.failed = {(case, key): why for key, why in (failed | gave_up).items()}
    for key, rounds in taken.items():
        against = SISMIC if key == ENGINE else AGAINST[case]
        found.figures[case, key] = _figure(rounds, taken, against)
    return found


def _figure(rounds: Sequence[Round], taken: Mapping[str, Sequence[Round]], against: str) -> results.Figure:
    """Return the figure, beside itself when the other is not there."""
    if against not in taken:
        return figure(rounds, rounds, "")
    return figure(rounds, taken[against], against)


def probe(entry: Entry, python: Path, folder: Path, found: Results) -> None:
    """Make every experiment with one entry."""
    lab = Lab(entry, python, folder)
    experiments = {
        "both": lambda: judging.both([(way, lab.both(way)) for way in entry.ways]),
        "redelivered": lambda: judging.redelivered(lab.redelivered()),
        "killed": lambda: judging.killed(lab.killed()),
        "edited": lambda: judging.edited(lab.edited(), lab.edited(entry.renames) if entry.renames else None),
        "hostile": lambda: judging.hostile(lab.hostile()),
    }
    for name, run in experiments.items():
        try:
            found.findings[name, entry.key] = run()
        except Failed as fault:
            found.failed[name, entry.key] = str(fault)


def run(options: argparse.Namespace) -> Results:
    """Do everything that was asked for."""
    found = Results()
    found.machine = {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "rounds": options.rounds,
    }
    PLACE.mkdir(exist_ok=True)
    entries = [entry for entry in ENTRIES if not options.only or entry.key in options.only]
    ready = pythons(entries, found)
    if not options.no_figures:
        for case in (MEMORY, DURABLE):
            measured = measure(case, entries, ready, options)
            found.figures |= measured.figures
            found.failed |= measured.failed
        found.machine["load"] = round(os.getloadavg()[2], 1)
    if not options.no_probes:
        with tempfile.TemporaryDirectory(dir=PLACE) as folder:
            for entry in entries:
                if entry.probed and entry.key in ready:
                    say(f"probing {entry.title}")
                    probe(entry, ready[entry.key], Path(folder), found)
    return found


def write(found: Results) -> None:
    """Put what was found, and what the bench of the engine finds, into the docs."""
    engine = subprocess.run([sys.executable, "-m", "bench.engine"], capture_output=True, text=True, check=True).stdout
    results.write(DATA, [*map(json.loads, engine.splitlines()), *results.as_lines(found)])
    make_tables()


def make_tables() -> None:
    """Make the tables of the page anew from what was found last."""
    PAGE.write_text(page.rendered(PAGE.read_text("utf-8"), results.read(DATA)), "utf-8")


def main(arguments: Sequence[str]) -> int:
    """Run what the arguments ask for; return the exit code."""
    parser = argparse.ArgumentParser(prog="./run bench peers", description="This engine beside others.")
    known = [entry.key for entry in ENTRIES]
    parser.add_argument("--only", nargs="+", metavar="KEY", choices=known, help=", ".join(known))
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--seconds", type=float, default=0.3, help="of a round, for each")
    parser.add_argument("--no-figures", action="store_true", help="probe only")
    parser.add_argument("--no-probes", action="store_true", help="measure only")
    parser.add_argument("--write", action="store_true", help="put it into docs/benchmarks.md")
    parser.add_argument(
        "--tables", action="store_true", help="make the tables anew from the last run, and nothing else"
    )
    parser.add_argument("--lock", action="store_true", help="make the peers' locks anew, and nothing else")
    options = parser.parse_args(arguments)
    if options.write and (options.only or options.no_figures or options.no_probes):
        parser.error("--write takes the place of everything that is in the docs: leave nothing out")
    if options.lock:
        try:
            make_locks()
        except CannotInstall as fault:
            say(str(fault))
            return 2
        return 0
    if options.tables:
        make_tables()
        return 0
    found = run(options)
    for line in results.as_lines(found):
        sys.stdout.write(json.dumps(line) + "\n")
    if options.write:
        write(found)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
