"""The reference page of the language, made from its models: a section a model, an example a key.

A key that is added to schema.py is on the page without a change here. Its example is a flow that has it.
"""

import inspect
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from bot.engine.guard_grammar import FUNCTIONS
from bot.flows import schema
from bot.flows.annotations import ALIASES, in_words, spaced
from bot.flows.checks import ACTION_ROLES, ACTION_WORDS
from bot.flows.problem_codes import CODES
from bot.flows.quoting import Example, Occurrence, line_of, occurrences, quote
from bot.flows.record_schema import RecordSource
from bot.flows.reference_prose import ACTIONS, EXPRESSIONS, INTRODUCTION, PLACEHOLDERS, PRIVACY, PROBLEMS, STEPS
from bot.flows.schema import KINDS, FlowSource, StepSource, WaitingSource
from bot.flows.vocabulary import Key, Model, about, docstrings, hints_of, inside, models, models_in, own_fields

CANDIDATES = 40
"""Of so many places where a key stands the one is quoted that takes the fewest lines."""

_TITLES: Mapping[Model, str] = {
    FlowSource: "## A flow",
    RecordSource: "## A kind of record",
    StepSource: "### Every step",
    WaitingSource: "### A step that waits",
}


def reference(examples: Sequence[Example]) -> str:
    """Return the page. What is quoted comes from the files that were made for it, where they have the key."""
    return "\n\n".join(_Page(examples).parts()) + "\n"


class _Page:
    def __init__(self, examples: Sequence[Example]) -> None:
        self.found: dict[Key, list[tuple[Example, Occurrence]]] = {}
        for example in examples:
            for one in occurrences(example):
                self.found.setdefault(one.key, []).append((example, one))

    def parts(self) -> Iterator[str]:
        yield INTRODUCTION
        yield from self.tree(FlowSource)
        yield STEPS
        for model in (StepSource, WaitingSource, *(model for model in models() if model in KINDS.values())):
            yield from self.tree(model)
        yield from self.tree(RecordSource)
        yield from _values()
        yield from _tables()

    def tree(self, model: Model) -> Iterator[str]:
        """The section of a model, and those of what it holds, steps aside."""
        yield f"{_heading(model)}\n\n{_prose(inspect.getdoc(model) or '')}{_standing(model)}"
        for name, field in own_fields(model).items():
            yield self.key(model, name, field)
        for inner, (outer, _) in inside().items():
            if outer is model:
                yield from self.tree(inner)

    def key(self, model: Model, name: str, field: FieldInfo) -> str:
        hint = hints_of(model)[name]
        below = [inner for inner in models_in(hint) if inside().get(inner) == (model, name)]
        links = "".join(f" ([keys](#{_anchor(_heading(inner))}))" for inner in below)
        told = f"**`{field.alias or name}`** · {in_words(hint, field.metadata)}{links} · {_default(field)}  \n"
        told += _prose(about(model, name))
        places = self.found.get(Key(model.__name__, name), [])
        found = [one for one in places if one[0].made] or places
        return f"{told}\n\n{_quoted(found[:CANDIDATES])}" if found else told


def _quoted(found: Sequence[tuple[Example, Occurrence]]) -> str:
    example, place = min(found, key=lambda one: quote(*one).count("\n"))
    file = example.link.rpartition("/")[2]
    # What ships changes for its own reasons: the page stays as it is while only its lines move.
    line = line_of(example, place) if example.made else 0
    where = f"[{file}, line {line}]({example.link}#L{line})" if line else f"[{file}]({example.link})"
    return f"```yaml\n{quote(example, place)}\n```\n\n{where}"


def _heading(model: Model) -> str:
    kind = next((f"### {kind}" for kind, shape in KINDS.items() if shape is model), None)
    if kind is not None or model in _TITLES:
        return kind or _TITLES[model]
    outer, name = inside()[model]
    key = outer.model_fields[name].alias or name
    return f"{'###' if outer in {FlowSource, RecordSource} else '####'} Inside of `{key}`"


def _standing(model: Model) -> str:
    """Where a step can stand, and which keys it has besides its own."""
    if model not in KINDS.values():
        return ""
    top, lane = (model in set(models_in(alias)) for alias in (schema.AnyStep, schema.LaneStep))
    where = "At the top and in lanes" if top and lane else "At the top only" if top else "In lanes only"
    waits = issubclass(model, WaitingSource)
    shared = "a [step that waits](#a-step-that-waits)" if waits else "[every step](#every-step)"
    return f" {where}. It has the keys of {shared}, and:"


def _values() -> Iterator[str]:
    yield "## Values"
    told = docstrings(schema.__name__)[""]
    for alias in ALIASES:
        if alias in told and not alias.endswith("Step"):
            yield f"### {spaced(alias).capitalize()}\n\n{_prose(told[alias])}"
    yield PLACEHOLDERS


def _tables() -> Iterator[str]:
    yield EXPRESSIONS
    yield _table(("function", "what it gives"), ((f"`{f.usage}`", _prose(f.about)) for f in FUNCTIONS.values()))
    yield PRIVACY
    yield ACTIONS
    roles = {name: ", ".join(f"`{role}`" for role in found) for name, found in ACTION_ROLES.items()}
    yield _table(
        ("action", "what it does", "roles"), ((f"`{name}`", ACTION_WORDS[name], roles[name]) for name in roles)
    )
    yield PROBLEMS
    yield _table(("code", "what it means"), ((f"`{code}`", told) for code, told in CODES.items()))


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
    """Docstrings have doubled backquotes."""
    return text.replace("``", "`")


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
