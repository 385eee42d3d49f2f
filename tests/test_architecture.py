"""What import-linter cannot say: the engine imports nothing but an allowed part of the standard library."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ENGINE = "bot.engine"

# Pure: no clock, no randomness, no files, no network, no process. datetime is here for its values; the clock
# that it also offers is banned by ruff (TID251).
ALLOWED = frozenset({
    "__future__",
    "abc",
    "ast",
    "bisect",
    "collections",
    "dataclasses",
    "datetime",
    "difflib",
    "enum",
    "functools",
    "hashlib",
    "hmac",
    "itertools",
    "math",
    "operator",
    "re",
    "string",
    "types",
    "typing",
    "unicodedata",
    "zoneinfo",
})  # fmt: skip


def imported_modules(source: str, package: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the absolute name of everything that a module of this package imports."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                yield from ((node.lineno, alias.name) for alias in names)
            case ast.ImportFrom(module=module, level=0):
                yield node.lineno, module or ""
            case ast.ImportFrom(module=module, level=level, names=names):
                parts = package.split(".")
                above = parts[: max(len(parts) - level + 1, 0)]
                if module:
                    yield node.lineno, ".".join([*above, module])
                else:
                    yield from ((node.lineno, ".".join([*above, alias.name])) for alias in names)
            case ast.Call(func=ast.Name(id="__import__")):
                yield node.lineno, "__import__"
            case _:
                pass


def impure_imports(source: str, package: str = ENGINE) -> list[str]:
    """Return `line: module` for each import that the engine may not have."""
    return [
        f"{line}: {name}"
        for line, name in imported_modules(source, package)
        if not (name == ENGINE or name.startswith(f"{ENGINE}.") or name.split(".")[0] in ALLOWED)
    ]


def test_the_engine_imports_only_the_pure_part_of_the_standard_library():
    files = sorted((ROOT / "bot" / "engine").rglob("*.py"))
    assert files, "bot/engine holds no Python: has it moved?"

    found: list[str] = []
    for file in files:
        package = ".".join(file.parent.relative_to(ROOT).parts)
        found += [f"{file.relative_to(ROOT)}:{fault}" for fault in impure_imports(file.read_text("utf-8"), package)]

    assert found == []


@pytest.mark.parametrize(
    ("source", "package", "fault"),
    [
        ("import os", ENGINE, "1: os"),
        ("import re, os.path", ENGINE, "1: os.path"),
        ("import asyncio as re", ENGINE, "1: asyncio"),
        ("from time import time", ENGINE, "1: time"),
        ("from pydantic import BaseModel", ENGINE, "1: pydantic"),
        ("from bot.flows import load", ENGINE, "1: bot.flows"),
        ("from bot import flows", ENGINE, "1: bot"),
        ("from bot.engineering import plan", ENGINE, "1: bot.engineering"),
        ("from .. import flows", ENGINE, "1: bot.flows"),
        ("from ..flows import load", ENGINE, "1: bot.flows"),
        ("from ...flows import load", f"{ENGINE}.guards", "1: bot.flows"),
        ("def late():\n    import random", ENGINE, "2: random"),
        ("os = __import__('os')", ENGINE, "1: __import__"),
    ],
)
def test_an_impure_import_is_found(source: str, package: str, fault: str):
    assert impure_imports(source, package) == [fault]


@pytest.mark.parametrize(
    ("source", "package"),
    [
        ("import ast, re", ENGINE),
        ("from collections.abc import Mapping", ENGINE),
        ("from bot.engine import events", ENGINE),
        ("from bot.engine.events import Pressed", ENGINE),
        ("from . import events", ENGINE),
        ("from .events import Pressed", ENGINE),
        ("from .. import events", f"{ENGINE}.guards"),
        ("text = 'import os'", ENGINE),
    ],
)
def test_a_pure_import_passes(source: str, package: str):
    assert impure_imports(source, package) == []
