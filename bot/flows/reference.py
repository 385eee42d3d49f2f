"""The reference page of the language, made from the models of schema.py: a section a model, an example a key.

A key that is added there is on the page without a change here. Its example is a flow that has it.
"""

import ast
import inspect
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, get_args, get_type_hints

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from bot.engine.guard_grammar import FUNCTIONS
from bot.flows import schema
from bot.flows.annotations import ALIASES, alias_in_words, in_words
from bot.flows.checks import ACTION_ROLES, ACTION_WORDS
from bot.flows.problem_codes import CODES
from bot.flows.quoting import Example, Key, Occurrence, line_of, occurrences, quote
from bot.flows.schema import KINDS, FlowSource, StepSource, Strict, WaitingSource
from bot.flows.static_reference import EXPRESSIONS, INTRODUCTION, PLACEHOLDERS, STEPS

Model = type[BaseModel]

CANDIDATES = 40
"""Of so many places where a key stands the one is quoted that takes the fewest lines."""


def reference(examples: Sequence[Example]) -> str:
    """Return the page. What is quoted comes from the examples, the earlier ones first."""
    return "\n\n".join(_Page(examples).sections()) + "\n"


def keys() -> list[Key]:
    """Return every key of the language, each under the model that has it."""
    return [Key(model.__name__, name) for model in models() for name in own_fields(model)]


def models() -> list[Model]:
    """Return every model that a flow is made of, in the order of the page."""
    found: dict[Model, None] = {}

    def add(model: Model) -> None:
        if model not in found:
            found[model] = None
            for hint in get_type_hints(model, include_extras=True).values():
                for inner in _models_in(hint):
                    add(inner)

    add(FlowSource)
    flat = [model for model in found if not issubclass(model, StepSource)]
    common = [StepSource, WaitingSource]
    steps = sorted(set(KINDS.values()), key=lambda kind: list(vars(schema).values()).index(kind))
    return [*flat, *common, *steps]


def own_fields(model: Model) -> dict[str, FieldInfo]:
    """Return the fields that the model itself has, without those that it shares with others."""
    named = vars(model).get("__annotations__", {})
    return {name: field for name, field in model.model_fields.items() if name in named}


def documented(model: Model) -> Mapping[str, str]:
    """Return the docstrings below a model's fields, by field."""
    return _docstrings(model.__module__).get(model.__name__, {})


def _models_in(hint: object) -> Iterator[Model]:
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        yield hint
    for inner in get_args(hint):
        yield from _models_in(inner)


@cache
def _docstrings(module: str) -> Mapping[str, Mapping[str, str]]:
    """The docstrings of attributes in that module, by class; those of the module itself by ``''``."""
    tree = ast.parse(inspect.getsource(inspect.sys.modules[module]))
    found = {"": _below(tree.body)}
    found |= {node.name: _below(node.body) for node in tree.body if isinstance(node, ast.ClassDef)}
    return found


def _below(body: Sequence[ast.stmt]) -> dict[str, str]:
    found: dict[str, str] = {}
    for before, after in zip(body, body[1:], strict=False):
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


class _Page:
    def __init__(self, examples: Sequence[Example]) -> None:
        self.places: dict[Key, list[tuple[Example, Occurrence]]] = {}
        for example in examples:
            for one in occurrences(example):
                self.places.setdefault(one.key, []).append((example, one))
        self.inside = _inside()

    def sections(self) -> Iterator[str]:
        yield INTRODUCTION
        flat = [model for model in models() if not issubclass(model, StepSource)]
        for model in flat:
            if self.top(model) not in KINDS.values():
                yield from self.section(model)
        yield STEPS
        for model in (StepSource, WaitingSource):
            yield from self.section(model)
            yield from self.inner(model)
        for model in models():
            if model in KINDS.values():
                yield from self.section(model)
                yield from self.inner(model)
        yield from self.values()
        yield from self.tables()

    def top(self, model: Model) -> Model | None:
        """The step that a model is a part of, if it is one's."""
        outer = self.inside.get(model)
        return outer[0] if outer is not None and issubclass(outer[0], StepSource) else None

    def inner(self, step: Model) -> Iterator[str]:
        for model, (outer, _) in self.inside.items():
            if outer is step:
                yield from self.section(model)

    def section(self, model: Model) -> Iterator[str]:
        yield f"{self.heading(model)}\n\n{_prose(inspect.getdoc(model) or '')}{self.standing(model)}"
        for name, field in own_fields(model).items():
            yield self.key(model, name, field)

    def heading(self, model: Model) -> str:
        if model is FlowSource:
            return "## A flow"
        if model in {StepSource, WaitingSource}:
            return f"### {'Every step' if model is StepSource else 'A step that waits'}"
        kind = next((kind for kind, shape in KINDS.items() if shape is model), None)
        if kind is not None:
            return f"### {kind}"
        outer, name = self.inside[model]
        key = outer.model_fields[name].alias or name
        return f"### {key}" if outer is FlowSource else f"#### Inside of `{key}`"

    def standing(self, model: Model) -> str:
        """Where a step can stand, and which keys it has besides its own."""
        if model not in KINDS.values():
            return ""
        top, lane = model in set(_models_in(schema.AnyStep)), model in set(_models_in(schema.LaneStep))
        told = "At the top and in lanes" if top and lane else "At the top only" if top else "In lanes only"
        shared = (
            "a [step that waits](#a-step-that-waits)"
            if issubclass(model, WaitingSource)
            else "[every step](#every-step)"
        )
        return f" {told}. It has the keys of {shared}, and:"

    def key(self, model: Model, name: str, field: FieldInfo) -> str:
        hint = get_type_hints(model, include_extras=True)[name]
        below = [
            _anchor(self.heading(inner)) for inner in _models_in(hint) if self.inside.get(inner) == (model, name)
        ]
        kind = in_words(hint, field.metadata) + "".join(f" ([keys](#{anchor}))" for anchor in below)
        told = f"**`{field.alias or name}`** · {kind} · {_default(field)}"
        prose = _prose(documented(model).get(name, ""))
        found = self.places.get(Key(model.__name__, name), [])[:CANDIDATES]
        if not found:
            return f"{told}  \n{prose}"
        example, place = min(found, key=lambda one: quote(*one).count("\n"))
        line = line_of(example, place)
        file = example.link.rpartition("/")[2]
        return f"{told}  \n{prose}\n\n```yaml\n{quote(example, place)}\n```\n\n[{file}, line {line}]({example.link}#L{line})"

    def values(self) -> Iterator[str]:
        yield "## Values"
        docs = _docstrings(schema.__name__)[""]
        for alias in ALIASES:
            if alias in docs and not alias.endswith(("Step", "Steps")):
                title = re.sub(r"\[(.*)\].*", r"\1", alias_in_words(alias)).split(" ", 1)[-1].capitalize()
                yield f"### {title}\n\n{_prose(docs[alias])}"
        yield PLACEHOLDERS

    def tables(self) -> Iterator[str]:
        yield EXPRESSIONS
        yield _table(("function", "what it gives"), ((f"`{f.usage}`", _prose(f.about)) for f in FUNCTIONS.values()))
        yield "## Actions\n\nWhat `do` may name, and the roles that a flow has for it."
        roles = {name: ", ".join(f"`{role}`" for role in found) for name, found in ACTION_ROLES.items()}
        yield _table(("action", "what it does", "roles"), ((f"`{n}`", ACTION_WORDS[n], roles[n]) for n in roles))
        yield "## Problems\n\nWhat `./run check` can tell, by the code in brackets at the end of the line."
        yield _table(("code", "what it means"), ((f"`{code}`", told) for code, told in CODES.items()))


def _inside() -> dict[Model, tuple[Model, str]]:
    """The key in which each model stands that is neither a flow nor a step."""
    found: dict[Model, tuple[Model, str]] = {}
    for model in models():
        hints = get_type_hints(model, include_extras=True)
        for name in own_fields(model):
            for inner in _models_in(hints[name]):
                if not issubclass(inner, StepSource) and inner is not Strict:
                    found.setdefault(inner, (model, name))
    return found


def _anchor(heading: str) -> str:
    """The anchor that a heading gets on the page."""
    return re.sub(r"[^a-z0-9 _-]", "", heading.lower()).strip().replace(" ", "-")


def _default(field: FieldInfo) -> str:
    default: Any = field.default
    if default is PydanticUndefined:
        return "required"
    if default is None or default in ("", [], {}):
        return "optional"
    return f"`{str(default).lower() if isinstance(default, bool) else default}` without it"


def _prose(text: str) -> str:
    """Docstrings are written with doubled backquotes and indented lines."""
    return text.replace("``", "`")


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
