"""The tables of docs/benchmarks.md, from the lines of the last run that was written down."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bench.peers.measuring import Figure
from bench.peers.results import DURABLE, MEMORY, Results, from_lines
from bench.peers.roster import ENGINE, ENTRIES, SISMIC, Entry

AIM = 2.5

PROBES = {
    "both": "two at once",
    "redelivered": "delivered twice",
    "killed": "killed before the reply",
    "edited": "definition edited",
    "hostile": "hostile definition",
}


def rendered(page: str, lines: Sequence[Mapping[str, Any]]) -> str:
    """Return the page with its tables made anew. Raises KeyError for a mark that there is no table for."""
    found = from_lines(lines)
    tables = {
        "machine": machine(found),
        "aim": aim(found),
        "engine": engine(lines),
        MEMORY: figures(found, MEMORY),
        DURABLE: figures(found, DURABLE),
        "probes": probes(found),
        "seen": "\n".join(what_was_seen(found)),
    }

    def table(match: re.Match[str]) -> str:
        return f"<!-- {match[1]} -->\n{tables[match[1]]}\n<!-- end -->"

    return re.sub(r"<!-- ([a-z]+) -->\n.*?<!-- end -->", table, page, flags=re.DOTALL)


def machine(found: Results) -> str:
    """Return what the run was made on."""
    told = found.machine
    return (
        f"The figures below were taken on {told['cores']} cores with Python {told['python']} and "
        f"SQLite {told['sqlite']}, in {told['rounds']} rounds, under a mean load of {told['load']} "
        "(1 is one busy core; the bench makes about as much by itself)."
    )


def aim(found: Results) -> str:
    """Return what the aim is, and how far it is reached."""
    one = found.figures.get((MEMORY, ENGINE))
    if one is None or one.against != SISMIC:
        return "This engine beside sismic: not measured."
    reached = (
        "The aim is 2.5 times; it is reached." if one.ratio >= AIM else "The aim is 2.5 times; it is not reached."
    )
    return f"This engine took {one.ratio:.2f} times as many turns a second as sismic. {reached}"


def engine(lines: Sequence[Mapping[str, Any]]) -> str:
    """Return the table of the benches that are no peers."""
    rows = [
        [
            line["bench"],
            line["case"],
            f"{line['value']:,.0f} {line['unit']}",
            f"{line['ratio']:.2f} x {line['against']}",
            milliseconds(line["p50_ms"]),
            milliseconds(line["p99_ms"]),
        ]
        for line in lines
        if "unit" in line and "peer" not in line
    ]
    return _table(["bench", "case", "value", "beside", "p50, ms", "p99, ms"], rows)


def figures(found: Results, case: str) -> str:
    """Return the table of a case."""
    beside = "beside this engine" if case == MEMORY else "beside the yardstick"
    about = "what a turn goes through" if case == MEMORY else "kept as"
    rows: list[list[str]] = []
    for entry in ENTRIES:
        told = entry.kind if case == MEMORY else entry.durable
        if not told:
            continue
        one = found.figures.get((case, entry.key))
        if one is not None and one.against == SISMIC:
            one = replace(one, ratio=1.0)  # its own ratio is told above the table
        cells = _cells(one) if one is not None else [_why(found, case, entry), "", "", "", ""]
        rows.append([_title(found, entry), told, *cells])
    return _table(["", about, "turns/s", "slowest to fastest round", "p50, ms", "p99, ms", beside], rows)


def _cells(one: Figure) -> list[str]:
    spread = f"{one.low:,.0f} to {one.high:,.0f}"
    times = "" if one.against == "" else f"{one.ratio:.2f} x"
    return [f"{one.rate:,.0f}", spread, milliseconds(one.p50 * 1000), milliseconds(one.p99 * 1000), times]


def milliseconds(value: float) -> str:
    """Return it with as many digits as mean something."""
    return f"{value:.3f}" if value < 1 else f"{value:.1f}"


def probes(found: Results) -> str:
    """Return the table of the probes."""
    rows = [
        [_title(found, entry), *(_word(found, probe, entry) for probe in PROBES)] for entry in ENTRIES if entry.probed
    ]
    return _table(["", *PROBES.values()], rows)


def _word(found: Results, probe: str, entry: Entry) -> str:
    finding = found.findings.get((probe, entry.key))
    return finding.word if finding is not None else _why(found, probe, entry)


def what_was_seen(found: Results) -> Iterator[str]:
    """Yield what each probe saw with each peer, and what there is to say beside it."""
    for entry in ENTRIES:
        if not entry.probed:
            continue
        yield f"**{_title(found, entry)}**"
        yield ""
        if entry.key in found.absent:
            yield f"- {_why(found, '', entry)}"
        for probe, title in PROBES.items():
            finding = found.findings.get((probe, entry.key))
            if finding is not None:
                yield f"- *{title}*: {' '.join(filter(None, (finding.told, entry.claims.get(probe, ''))))}"
        yield ""


def _title(found: Results, entry: Entry) -> str:
    return f"{entry.title} {found.versions.get(entry.key, '')}".strip()


def _why(found: Results, case: str, entry: Entry) -> str:
    if entry.key in found.absent:
        return found.absent[entry.key]
    failed = found.failed.get((case, entry.key))
    return f"failed ({failed})" if failed else "not run"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
