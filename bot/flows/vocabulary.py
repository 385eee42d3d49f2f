"""The language as its models have it: every model, every key, what each is for. Read from schema.py as it stands."""

import ast
import inspect
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import get_args, get_type_hints

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from bot.flows.record_schema import RecordSource
from bot.flows.schema import KINDS, FlowSource, StepSource, WaitingSource

Model = type[BaseModel]

ROOTS: Sequence[Model] = (FlowSource, RecordSource)
"""What files are made of: flows, and kinds of record."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key: the model that has it, and the model's own name for it."""

    model: str
    name: str


@cache
def models() -> tuple[Model, ...]:
    """Return every model that files are made of, each once: what they hold, then steps as they are written down."""
    found: dict[Model, None] = {}

    def add(model: Model) -> None:
        if model not in found:
            found[model] = None
            for hint in hints_of(model).values():
                for inner in models_in(hint):
                    add(inner)

    for root in ROOTS:
        add(root)
    module = vars(sys.modules[FlowSource.__module__])
    written = list(module.values())
    steps = sorted(set(KINDS.values()), key=written.index)
    return (*(model for model in found if not issubclass(model, StepSource)), StepSource, WaitingSource, *steps)


def keys() -> list[Key]:
    """Return every key of the language, each once, under the model that has it."""
    return [Key(model.__name__, name) for model in models() for name in own_fields(model)]


@cache
def inside() -> Mapping[Model, tuple[Model, str]]:
    """Return the key in which each model stands that is neither a file nor a step."""
    found: dict[Model, tuple[Model, str]] = {}
    for model in models():
        for name in own_fields(model):
            for inner in models_in(hints_of(model)[name]):
                if not issubclass(inner, StepSource):
                    found.setdefault(inner, (model, name))
    return found


@cache
def hints_of(model: Model) -> Mapping[str, object]:
    """Return the annotations of a model's fields."""
    return get_type_hints(model, include_extras=True)


def models_in(hint: object) -> Iterator[Model]:
    """Yield the models that an annotation names."""
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        yield hint
    for inner in get_args(hint):
        yield from models_in(inner)


def own_fields(model: Model) -> dict[str, FieldInfo]:
    """Return the fields that the model itself has, without those that it shares with others."""
    named = vars(model).get("__annotations__", {})
    return {name: field for name, field in model.model_fields.items() if name in named}


def owner_of(model: Model, name: str) -> Model:
    """Return the model that has a field which this one shares."""
    return next(kind for kind in model.__mro__ if name in vars(kind).get("__annotations__", {}))


def about(model: Model, name: str) -> str:
    """Return the docstring below one of the model's own fields."""
    return docstrings(model.__module__).get(model.__name__, {}).get(name, "")


@cache
def docstrings(module: str) -> Mapping[str, Mapping[str, str]]:
    """Return the docstrings below attributes in that module, by class; those of the module itself under ``''``."""
    tree = ast.parse(inspect.getsource(sys.modules[module]))
    found = {"": _below(tree.body)}
    return found | {node.name: _below(node.body) for node in tree.body if isinstance(node, ast.ClassDef)}


def _below(body: Sequence[ast.stmt]) -> dict[str, str]:
    found: dict[str, str] = {}
    for before, after in pairwise(body):
        name = _assigned(before)
        if name is not None and isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
            found[name] = inspect.cleandoc(str(after.value.value))
    return found


def _assigned(node: ast.stmt) -> str | None:
    match node:
        case ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]):
            return name
        case _:
            return None
