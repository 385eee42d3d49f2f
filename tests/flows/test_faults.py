"""Wrong files: each says in its first lines what is told about it and where; nothing else may be told.

``# expect: LINE:COLUMN CODE`` and, behind it, a part of the message. ``# beside: NAME`` loads a flow of the folder
``beside`` along with it.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.flows.library import load_flows
from bot.flows.problem_codes import CODES
from bot.flows.problems import FlowInvalid, Problem
from bot.flows.records import load_records
from tests.flows.declared import kinds

ROOT = Path(__file__).parents[2]
FAULTS = Path(__file__).parent / "faults"
RECORD_FAULTS = Path(__file__).parent / "record_faults"
FILES = [*sorted(FAULTS.glob("*.yaml")), *sorted(RECORD_FAULTS.glob("*.yaml"))]

_EXPECT = re.compile(r"^# expect: (\d+):(\d+) ([a-z0-9-]+)(?: (.*))?$", re.MULTILINE)
_BESIDE = re.compile(r"^# beside: (\w+)$", re.MULTILINE)


def problems_of(path: Path) -> list[Problem]:
    with pytest.raises(FlowInvalid) as caught:
        _load(path)
    return [problem for problem in caught.value.problems if Path(problem.path).name == path.name]


def _load(path: Path) -> None:
    if path.parent == RECORD_FAULTS:
        load_records(path)
    beside = [FAULTS / "beside" / f"{name}.yaml" for name in _BESIDE.findall(path.read_text("utf-8"))]
    load_flows([*beside, path], kinds())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_wrong_flow_is_refused_with_exactly_its_problems_and_their_places(path: Path) -> None:
    expected = _EXPECT.findall(path.read_text("utf-8"))
    assert expected, "the file says in its first lines what is told about it: # expect: 12:7 unknown-key"
    told = problems_of(path)
    places = sorted((problem.line, problem.column, problem.code) for problem in told)
    assert places == sorted((int(line), int(column), code) for line, column, code, _ in expected), "\n".join(
        map(str, told)
    )
    for line, column, code, part in expected:
        here = [p.message for p in told if (p.line, p.column, p.code) == (int(line), int(column), code)]
        assert any(part in message for message in here), here


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_problem_is_told_with_its_line_and_a_caret(path: Path) -> None:
    for problem in problems_of(path):
        first, *shown = str(problem).split("\n")
        assert first == f"{problem.path}:{problem.line}:{problem.column}: {problem.message} [{problem.code}]"
        assert len(shown) == 2
        assert shown[1].strip(" \t") == "^"


def test_the_flows_that_stand_beside_the_wrong_ones_are_right() -> None:
    beside = FAULTS / "beside"
    names = ("plain_solo", "hearing", "card", "nudging", "of_each", "ruling", "reviewing")
    assert set(load_flows([beside / f"{name}.yaml" for name in names], kinds())) == set(names)


ELSEWHERE = {
    "bad-line",
    "duplicate-signal",
    "lost-revision",
    "migrated-otherwise",
    "no-flows",
    "not-utf8",
    "stale-template",
    "too-large",
    "too-many-steps",
    "unreadable",
}
"""Told about files that are too odd, or too long, to stand among these; each has a test of its own."""


def test_every_problem_has_a_file_that_shows_it() -> None:
    """A new check comes with a file here."""
    assert len(FILES) >= 50
    catalogues = sorted((FAULTS.parent / "catalogues" / "faults").glob("*.po"))
    records = sorted((FAULTS.parent / "record_faults").glob("*.yaml"))
    told = [_EXPECT.findall(path.read_text("utf-8")) for path in [*FILES, *catalogues, *records]]
    shown = {code for found in told for _, _, code, _ in found}
    assert shown | ELSEWHERE == CODES.keys()
    assert shown & ELSEWHERE == set()


def codes_in(tree: ast.AST) -> Iterator[str]:
    """Every text that is written out in code and looks like a problem's code."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if re.fullmatch("[a-z0-9]+(-[a-z0-9]+)+", node.value):
                yield node.value
        elif isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in TELLS:
            yield from (
                arg.value
                for arg in [*node.args, *(keyword.value for keyword in node.keywords)]
                if isinstance(arg, ast.Constant) and isinstance(arg.value, str) and arg.value.isalpha()
            )


TELLS = {"problem", "_problem", "problem_at", "_note"}
"""What notes a problem."""

NO_CODES = {"utf-8"}


def test_every_problem_has_a_line_on_the_reference_page() -> None:
    """Each code that is told has its line in bot/flows/problem_codes.py, and each line a code that is told."""
    modules = (path for path in sorted((ROOT / "bot" / "flows").glob("*.py")) if path.stem != "problem_codes")
    used = {code for path in modules for code in codes_in(ast.parse(path.read_text("utf-8")))}
    assert used - NO_CODES == CODES.keys()
