"""What was measured: lines of JSON, and a table of them."""

import json
import sys
from collections.abc import Mapping, Sequence

import structlog

from bench.crashtest.report import table

Line = Mapping[str, object]
"""What one case came to: its name, figures, and whether it is as it is to be."""

LEFT_OUT = frozenset({"case", "holds", "wrong"})


def print_line(bench: str, line: Line) -> None:
    """Print a line."""
    sys.stdout.write(json.dumps({"bench": bench, **line}) + "\n")
    sys.stdout.flush()


def told(lines: Sequence[Line]) -> str:
    """Return the lines as a Markdown table."""
    rows = [
        [line["case"], ", ".join(f"{name.replace('_', ' ')} {line[name]}" for name in line if name not in LEFT_OUT)]
        for line in lines
    ]
    return table(["what", "came to"], rows)


def no_log(_logger: object, _method: str, _event: object) -> str:
    """Log nothing: what is measured is printed. Raises DropEvent, always."""
    raise structlog.DropEvent
