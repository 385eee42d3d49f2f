"""The store, alone and in the whole turn, beside the same statements in plain sqlite3: ``./run bench store``.

Prints one JSON object a line. What is compared is measured in turn, in the same run, round by round; a figure is the
median of the rounds, and so is a ratio.
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.store import page
from bench.store.alone import Alone
from bench.store.filling import fill
from bench.store.raw import Raw
from bench.store.whole import KEYS, Whole

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"

AT_ONCE = (128, 16, 1)
SECONDS = 1.5
"""How long each measures in a round."""


@dataclass(slots=True)
class Rounds:
    """What the rounds gave for one case."""

    rates: list[float] = field(default_factory=list[float])
    waits: list[float] = field(default_factory=list[float])
    """How long each conversation waited for its turn, in milliseconds."""
    commits: int = 0
    """How many commits made something durable."""


def raw_rate(raw: Raw, people: Sequence[str], *, together: bool) -> float:
    """Return turns a second, in batches of all of them or a transaction each."""
    begun, turns = time.perf_counter(), 0
    while time.perf_counter() - begun < SECONDS:
        for batch in [people] if together else [[one] for one in people]:
            raw.take(batch)
        turns += len(people)
    return turns / (time.perf_counter() - begun)


async def alone_rate(store: Alone, people: Sequence[str]) -> float:
    """Return turns a second in batches of all of them. To make up what is written is not counted."""
    spent, turns = 0.0, 0
    while spent < SECONDS:
        prepared = store.prepared(people)
        begun = time.perf_counter()
        await store.take(prepared)
        spent += time.perf_counter() - begun
        turns += len(people)
    return turns / spent


async def whole_rate(take: Callable[[str], Awaitable[None]], people: Sequence[str], waits: list[float]) -> float:
    """Return turns a second of conversations at the same time, each of which waits for its reply."""
    begun = time.perf_counter()

    async def talk(person: str) -> int:
        turns = 0
        while time.perf_counter() - begun < SECONDS:
            asked = time.perf_counter()
            await take(person)
            waits.append((time.perf_counter() - asked) * 1000)
            turns += 1
        return turns

    turns = sum(await asyncio.gather(*(talk(person) for person in people)))
    return turns / (time.perf_counter() - begun)


def line(case: str, rounds: Rounds, against: str, beside: Rounds, **more: object) -> str:
    """Return what is printed of a case."""
    ratios = [one / other for one, other in zip(rounds.rates, beside.rates, strict=True)]
    waits = sorted(rounds.waits)
    found: dict[str, object] = {
        "bench": "store",
        "case": case,
        "value": round(statistics.median(rounds.rates), 1),
        "unit": "turns/s",
        "against": against,
        "ratio": round(statistics.median(ratios), 3),
    }
    if waits:
        found |= {"p50_ms": round(waits[len(waits) // 2], 2), "p99_ms": round(waits[len(waits) * 99 // 100], 2)}
    return json.dumps(found | more)


async def measured(folder: Path, rounds: int, pairs: int) -> list[str]:
    """Measure everything, and return the lines."""
    people = [f"p{number}" for number in range(max(AT_ONCE))]
    raw, alone = Raw(folder / "raw.sqlite", people), await Alone.made(folder / "alone.sqlite", people)
    file = folder / "whole.sqlite"
    if pairs:
        await fill(file, pairs, KEYS)
    whole = await Whole.made(file)
    for person in people:
        await whole.begin(person)
    found: dict[str, Rounds] = {}

    def note(case: str, rate: float) -> None:
        found.setdefault(case, Rounds()).rates.append(rate)

    for _ in range(rounds):
        note("raw one by one", raw_rate(raw, people, together=False))
        for many in AT_ONCE:
            some = people[:many]
            note(f"raw-{many}", raw_rate(raw, some, together=True))
            note(f"store-{many}", await alone_rate(alone, some))
            waits = found.setdefault(f"turn-{many}", Rounds()).waits
            before = whole.counted.commits
            note(f"turn-{many}", await whole_rate(whole.take, some, waits))
            found[f"turn-{many}"].commits += whole.counted.commits - before
    raw.close()
    await alone.close()
    await whole.close()
    lines: list[str] = []
    for many in AT_ONCE:
        beside = found[f"raw-{many}"]
        against = f"raw sqlite3 in batches of {many}"
        lines.append(line(f"store-{many}", found[f"store-{many}"], against, beside))
        per_turn = found[f"turn-{many}"].commits / len(found[f"turn-{many}"].waits)
        lines.append(line(f"turn-{many}", found[f"turn-{many}"], against, beside, syncs_a_turn=round(per_turn, 3)))
    lines.append(
        line("turn-128", found["turn-128"], "raw sqlite3 with a transaction a turn", found["raw one by one"])
    )
    return lines


def main(arguments: Sequence[str]) -> int:
    """Measure what the arguments ask for."""
    parser = argparse.ArgumentParser(prog="./run bench store", description="The store, and the whole turn.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--pairs", type=int, default=0, help="so many pairs are in the file already, such as 1000000")
    parser.add_argument("--folder", type=Path, help="where the files are made; else in the system's temporary folder")
    parser.add_argument("--write", action="store_true", help="put it into docs/benchmarks.md")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        lines = asyncio.run(measured(Path(folder), options.rounds, options.pairs))
    for one in lines:
        sys.stdout.write(f"{one}\n")
    if options.write:
        PAGE.write_text(page.rendered(PAGE.read_text("utf-8"), options.pairs, map(json.loads, lines)), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
