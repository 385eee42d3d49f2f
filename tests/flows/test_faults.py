"""Wrong files: each says in its first lines what is told about it and where; nothing else may be told."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.flows.library import load_flows
from bot.flows.problem_codes import CODES
from tests.flows.declared import kinds
from tests.flows.faulty import FAULTS, RECORD_FAULTS, expected_of, place_of, problems_of

ROOT = Path(__file__).parents[2]
FILES = [*sorted(FAULTS.glob("*.yaml")), *sorted(RECORD_FAULTS.glob("*.yaml"))]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_wrong_flow_is_refused_with_exactly_its_problems_and_their_places(path: Path) -> None:
    expected = expected_of(path)
    assert expected, "the file says in its first lines what is told about it: # expect: 12:7 unknown-key"
    told = problems_of(path)
    assert sorted(map(place_of, told)) == sorted(place for place, _ in expected), "\n".join(map(str, told))
    for place, part in expected:
        here = [problem.message for problem in told if place_of(problem) == place]
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
    names = ("plain_solo", "hearing", "card", "nudging", "of_each", "ruling", "reviewing", "resting", "speaking")
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
    shown = {code for path in [*FILES, *catalogues, *records] for (_, _, code), _ in expected_of(path)}
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
