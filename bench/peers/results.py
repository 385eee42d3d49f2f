"""What a run found, as lines of JSON, and back."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.peers.judging import Finding
from bench.peers.measuring import Figure

BENCH = "peers"

MEMORY, DURABLE = "memory", "durable"

Line = dict[str, Any]


@dataclass(slots=True)
class Results:
    """Everything that a run found; keys are those of the roster's entries."""

    machine: Line = field(default_factory=dict[str, Any])
    versions: dict[str, str] = field(default_factory=dict[str, str])
    absent: dict[str, str] = field(default_factory=dict[str, str])
    """Why a peer could not take part."""
    figures: dict[tuple[str, str], Figure] = field(default_factory=dict[tuple[str, str], Figure])
    """By case and key."""
    failed: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    """By case or probe, and key: the class of the error that ended it."""
    findings: dict[tuple[str, str], Finding] = field(default_factory=dict[tuple[str, str], Finding])
    """By probe and key."""


def as_lines(found: Results) -> Iterator[Line]:
    """Yield the lines that hold it."""
    yield {"bench": BENCH, "case": "machine", **found.machine}
    for key, version in found.versions.items():
        yield {"bench": BENCH, "case": "version", "peer": key, "version": version}
    for key, why in found.absent.items():
        yield {"bench": BENCH, "case": "absent", "peer": key, "why": why}
    for (case, key), one in found.figures.items():
        yield {
            "bench": BENCH,
            "case": case,
            "peer": key,
            "value": round(one.rate, 1),
            "unit": "turns/s",
            "against": one.against,
            "ratio": round(one.ratio, 3),
            "p50_ms": round(one.p50 * 1000, 4),
            "p99_ms": round(one.p99 * 1000, 4),
            "low": round(one.low, 1),
            "high": round(one.high, 1),
        }
    for (case, key), why in found.failed.items():
        yield {"bench": BENCH, "case": "failed", "of": case, "peer": key, "why": why}
    for (probe, key), finding in found.findings.items():
        yield {
            "bench": BENCH,
            "case": "probe",
            "probe": probe,
            "peer": key,
            "word": finding.word,
            "told": finding.told,
        }


def from_lines(lines: Iterable[Mapping[str, Any]]) -> Results:
    """Return what the lines of this bench hold; those of others are passed over."""
    found = Results()
    for line in lines:
        if line["bench"] != BENCH:
            continue
        match line["case"]:
            case "machine":
                found.machine = {name: value for name, value in line.items() if name not in {"bench", "case"}}
            case "version":
                found.versions[line["peer"]] = line["version"]
            case "absent":
                found.absent[line["peer"]] = line["why"]
            case "failed":
                found.failed[line["of"], line["peer"]] = line["why"]
            case "probe":
                finding = Finding(probe=line["probe"], word=line["word"], told=line["told"])
                found.findings[line["probe"], line["peer"]] = finding
            case case:
                found.figures[case, line["peer"]] = Figure(
                    rate=line["value"],
                    low=line["low"],
                    high=line["high"],
                    p50=line["p50_ms"] / 1000,
                    p99=line["p99_ms"] / 1000,
                    against=line["against"],
                    ratio=line["ratio"],
                )
    return found


def read(path: Path) -> list[Line]:
    """Return the lines of a file."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def write(path: Path, lines: Iterable[Mapping[str, Any]]) -> None:
    """Write lines to a file."""
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
