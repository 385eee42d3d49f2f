"""What a run came to, as tables and as JSON."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict

from bench.crashtest.loopback import Kind
from bench.crashtest.phases import TOLD
from bench.crashtest.verdict import Verdict

Came = Mapping[Kind, Verdict]
"""What it came to on each kind of platform."""

RESEND, DROP = "resend (prompts, replies)", "drop (nudges)"


def tables(came: Came) -> str:
    """Return the counts as Markdown tables."""
    turns = [
        [kind.name, verdict.killed.total(), *asdict(verdict.turns).values(), verdict.breaks]
        for kind, verdict in came.items()
    ]
    sends = [
        [kind.name, policy, *asdict(sends).values()]
        for kind, verdict in came.items()
        for policy, sends in ((RESEND, verdict.resend), (DROP, verdict.drop))
    ]
    killed = [[kind.name, *(verdict.killed[told] for told in TOLD)] for kind, verdict in came.items()]
    sent = ["platform", "policy", "messages shown", "lost", "doubled", "given up", "out of date", "kept single"]
    return "\n\n".join(
        (
            table(["platform", "kills", "turns taken", "lost", "doubled", "misplaced", "connections broken"], turns),
            table(sent, sends),
            table(["killed while", *TOLD], killed),
        )
    )


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a Markdown table that can be read as it is, too."""
    cells = [list(head), *([f"{one:,}" if isinstance(one, int) else str(one) for one in row] for row in rows)]
    widths = [max(len(row[n]) for row in cells) for n in range(len(head))]

    def line(row: Sequence[str]) -> str:
        return "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"

    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join((line(cells[0]), rule, *map(line, cells[1:])))


def written_into(page: str, mark: str, told: str) -> str:
    """Return the page with this between ``<!-- mark -->`` and the end that follows it."""
    before, begin, rest = page.partition(f"<!-- {mark} -->\n")
    _, end, after = rest.partition("<!-- end -->")
    return f"{before}{begin}{told}\n{end}{after}"


def as_json(came: Came) -> Iterator[str]:
    """Yield the counts, one JSON object a line."""
    for kind, verdict in came.items():
        turns = {"kills": verdict.killed.total(), **asdict(verdict.turns), "killed": dict(verdict.killed)}
        yield json.dumps({"platform": kind.name, "turns": turns, "breaks": verdict.breaks})
        for policy, sends in (("resend", verdict.resend), ("drop", verdict.drop)):
            yield json.dumps({"platform": kind.name, "policy": policy, "sends": asdict(sends)})
