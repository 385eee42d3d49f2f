"""Wrong files: what each says in its first lines is told about it, and what is.

``# expect: LINE:COLUMN CODE`` and, behind it, a part of the message. ``# beside: NAME`` loads a flow of the folder
``beside`` along with it.
"""

import re
from pathlib import Path

import pytest

from bot.flows.library import load_flows
from bot.flows.problems import FlowInvalid, Problem
from bot.flows.records import load_records
from tests.flows.declared import kinds

FAULTS = Path(__file__).parent / "faults"
RECORD_FAULTS = Path(__file__).parent / "record_faults"

_EXPECT = re.compile(r"^# expect: (\d+):(\d+) ([a-z0-9-]+)(?: (.*))?$", re.MULTILINE)
_BESIDE = re.compile(r"^# beside: (\w+)$", re.MULTILINE)

Place = tuple[int, int, str]
"""Line, column and code of a problem."""


def expected_of(path: Path) -> list[tuple[Place, str]]:
    """What a file says is told about it: each place, with a part of the message."""
    found = _EXPECT.findall(path.read_text("utf-8"))
    return [((int(line), int(column), code), part) for line, column, code, part in found]


def problems_of(path: Path) -> list[Problem]:
    """What is told about a file, and not about those beside it."""
    with pytest.raises(FlowInvalid) as caught:
        load(path)
    return [problem for problem in caught.value.problems if Path(problem.path).name == path.name]


def place_of(problem: Problem) -> Place:
    return problem.line, problem.column, problem.code


def beside(path: Path) -> list[Path]:
    """The flows that are loaded along with a file."""
    return [FAULTS / "beside" / f"{name}.yaml" for name in _BESIDE.findall(path.read_text("utf-8"))]


def load(path: Path) -> None:
    """Load a file as the product does. Raises FlowInvalid."""
    if path.parent == RECORD_FAULTS:
        load_records(path)
    load_flows([*beside(path), path], kinds())
