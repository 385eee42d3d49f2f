"""The tables about the store in docs/benchmarks.md."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

_MARKED = "(<!-- {mark} -->\n).*?(<!-- store-end -->)"
_HEAD = (
    "| case | turns/s | beside | p50, ms | p99, ms | syncs to disk a turn |\n| --- | --- | --- | --- | --- | --- |\n"
)


def mark_of(pairs: int) -> str:
    """Return the mark of the table for a file with so many pairs in it."""
    return "store-full" if pairs else "store-empty"


def rendered(page: str, pairs: int, lines: Iterable[Mapping[str, Any]]) -> str:
    """Return the page with that table made anew from what was measured."""
    body = _HEAD + "".join(f"{_row(line)}\n" for line in lines)
    pattern = re.compile(_MARKED.format(mark=mark_of(pairs)), re.DOTALL)
    return pattern.sub(lambda match: f"{match[1]}{body}{match[2]}", page)


def _row(line: Mapping[str, Any]) -> str:
    cells = [
        line["case"],
        f"{line['value']:,.0f}",
        f"{line['ratio']:.2f} x {line['against']}",
        _cell(line.get("p50_ms"), ".1f"),
        _cell(line.get("p99_ms"), ".1f"),
        _cell(line.get("syncs_a_turn"), ".2f"),
    ]
    return f"| {' | '.join(cells)} |"


def _cell(value: float | None, form: str) -> str:
    return "" if value is None else f"{value:{form}}"
