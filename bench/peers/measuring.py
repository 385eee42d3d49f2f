"""Taking turns in rounds, everyone in each of them, so that a change of the machine's speed meets all alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from bench.peers.workers import Failed, Worker


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What one peer did in one round."""

    rate: float
    """Turns a second: of one core's time in memory, of the clock on disk."""
    p50: float
    """Seconds."""
    p99: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What all rounds say together. The ratio is the median of the ratios within the rounds."""

    rate: float
    low: float
    high: float
    p50: float
    p99: float
    against: str
    ratio: float


def as_round(answer: Mapping[str, Any], *, durable: bool) -> Round:
    """Return what a peer's process told about a round."""
    return Round(rate=answer["turns"] / answer["wall" if durable else "cpu"], p50=answer["p50"], p99=answer["p99"])


def figure(rounds: Sequence[Round], others: Sequence[Round], against: str) -> Figure:
    """Return what the rounds say, beside the same rounds of another."""
    rates = [one.rate for one in rounds]
    return Figure(
        rate=median(rates),
        low=min(rates),
        high=max(rates),
        p50=median(one.p50 for one in rounds),
        p99=median(one.p99 for one in rounds),
        against=against,
        ratio=median(one.rate / other.rate for one, other in zip(rounds, others, strict=True)),
    )


def take_rounds(
    workers: Mapping[str, Worker], *, rounds: int, seconds: float, durable: bool
) -> tuple[dict[str, list[Round]], dict[str, str]]:
    """Let everyone take turns in each round, after one for warming up; who fails is told by the class of the error.

    Each round begins with another, so that nobody always comes after the same one.
    """
    found: dict[str, list[Round]] = {key: [] for key in workers}
    failed: dict[str, str] = {}
    keys = list(workers)
    for number in range(rounds + 1):
        first = number % len(keys) if keys else 0
        for key in keys[first:] + keys[:first]:
            if key in failed:
                continue
            try:
                answer = workers[key].order("measure", seconds=seconds if number else seconds / 4)
            except Failed as fault:
                failed[key] = str(fault)
                continue
            if number:
                found[key].append(as_round(answer, durable=durable))
    return {key: taken for key, taken in found.items() if key not in failed}, failed
