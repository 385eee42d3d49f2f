"""JSON Schema for editors, made from the models: what may be written where, each key with what it is for.

An editor that reads it (by a ``# yaml-language-server: $schema=…`` comment, for one) offers the keys that fit, shows
their docstrings, and marks a wrong one at its own place. So that it knows which of several shapes is meant, they are
told apart as the loader does it: a step by the first of its kinds' keys, anything else by what kind of data it is.
"""

import inspect
import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

from pydantic import TypeAdapter
from pydantic.json_schema import models_json_schema

from bot.flows.record_schema import RecordSource
from bot.flows.schema import KINDS, FlowSource, Name, StepSource
from bot.flows.vocabulary import Model, about, models, owner_of

Schema = dict[str, Any]
"""A part of a schema: plain data, as JSON has it."""

FLOW_FILE, RECORDS_FILE = "flow.json", "records.json"
"""The names of the two schemas, in a folder ``schema`` beside ``flows``."""

DIALECT = "http://json-schema.org/draft-07/schema#"
"""The dialect that every editor knows."""

_REF = "#/definitions/"
_SHARED = tuple(StepSource.model_fields)
_DROPPED = frozenset({"title", "default"})
"""pydantic's titles repeat the key; a default would be filled in by editors, where leaving the key out says it."""


def flow_schema() -> Schema:
    """Return the schema of a flow file."""
    return _whole("A flow", {"$ref": _REF + FlowSource.__name__})


def records_schema() -> Schema:
    """Return the schema of the file of records."""
    kinds = TypeAdapter(dict[Name, RecordSource]).json_schema(ref_template=_REF + "{model}")
    kinds.pop("$defs")
    return _whole("Kinds of record", _told_apart(_closed(_plain(kinds))))


def _whole(title: str, root: Schema) -> Schema:
    made: Schema = {"$schema": DIALECT, "title": title, **root, "definitions": _definitions()}
    return _without_the_unused(made)


def _definitions() -> Schema:
    wanted = [(model, "validation") for model in models()]
    _, found = models_json_schema(cast("Any", wanted), ref_template=_REF + "{model}")
    shapes = cast("dict[str, Schema]", found["$defs"])
    named = {model.__name__: model for model in models()}
    made = {name: _definition(named[name], shape) for name, shape in sorted(shapes.items()) if name in named}
    places = {"AnyStep": _kinds_in(shapes["FlowSource"]), "LaneStep": _kinds_in(shapes["LaneSource"])}
    return {**made, **{name: _step(kinds) for name, kinds in places.items()}}


def _definition(model: Model, shape: Schema) -> Schema:
    plain = _told_apart(_closed(_plain(shape)))
    for name, field in model.model_fields.items():
        key = field.alias or name
        part = plain["properties"][key]
        said = _words(about(owner_of(model, name), name))
        plain["properties"][key] = {**said, **({"allOf": [part]} if "$ref" in part else part)}
    return {"title": _title(model), **_words(inspect.getdoc(model) or ""), **plain}


def _title(model: Model) -> str:
    """What editors call it where they offer to write all the keys that it must have."""
    kind = next((kind for kind, shape in KINDS.items() if shape is model), None)
    return f"{kind} …" if kind is not None else f"a {model.__name__.removesuffix('Source').lower()}"


def _words(text: str) -> Schema:
    """A docstring, plain and as Markdown."""
    folded = re.sub(r"(?<!\n)\n(?![\n* ])", " ", text).replace("``", "`")
    plain = folded.replace("`", "'")
    return {"description": plain} if plain == folded else {"description": plain, "markdownDescription": folded}


def _plain(part: Any) -> Any:  # JSON is any data
    """What pydantic made, without what only says what is left out: titles, defaults and nothing at all."""
    if isinstance(part, list):
        return [_plain(one) for one in cast("list[Any]", part)]
    if not isinstance(part, dict):
        return part
    found = cast("Schema", part)
    options = [one for one in found.get("anyOf", []) if one != {"type": "null"}]
    if "anyOf" in found and len(options) == 1:
        return _plain({key: value for key, value in found.items() if key != "anyOf"} | options[0])
    if "oneOf" in found and _is_steps(found):
        return {"$ref": _REF + _place(found)}
    kept = {key: value for key, value in found.items() if key not in _DROPPED or _is_named(found)}
    if options:
        kept["anyOf"] = options
    return {key: _plain(value) for key, value in kept.items()}


def _is_named(found: Schema) -> bool:
    """Whether these are the properties of something, of which one may itself be called a title."""
    return all(isinstance(value, dict) for value in found.values())


def _is_steps(found: Schema) -> bool:
    kinds = {f"{_REF}{kind.__name__}" for kind in KINDS.values()}
    return {one.get("$ref") for one in found["oneOf"]} <= kinds


def _place(found: Schema) -> str:
    return "AnyStep" if {"$ref": _REF + KINDS["call"].__name__} in found["oneOf"] else "LaneStep"


def _kinds_in(shape: Schema) -> list[str]:
    """The kinds of step that may stand in a model's ``steps``, in the order in which they are told apart."""
    steps = shape["properties"]["steps"]
    there = {one["$ref"].removeprefix(_REF) for one in steps["items"]["oneOf"]}
    return [kind for kind, model in KINDS.items() if model.__name__ in there]


def _step(kinds: Sequence[str]) -> Schema:
    """A step: of the first kind whose key it has. As long as it has none, all of them are offered."""
    made = _of_no_kind(kinds)
    for kind in reversed(kinds):
        made = {"if": {"required": [kind]}, "then": {"$ref": _REF + KINDS[kind].__name__}, "else": made}
    return {"type": "object", **made}


def _of_no_kind(kinds: Sequence[str]) -> Schema:
    shared = {name: {"$ref": f"{_REF}{StepSource.__name__}/properties/{name}"} for name in _SHARED}
    first = {kind: _words(inspect.getdoc(KINDS[kind]) or "") for kind in kinds}
    others = {field.alias or name for kind in kinds for name, field in KINDS[kind].model_fields.items()}
    later = "|".join(sorted(others - set(first) - set(shared)))
    return {
        "properties": {**shared, **first},
        # Known keys of a step that has no kind yet: not offered, and no fault of theirs.
        "patternProperties": {f"^({later})$": {}},
        "additionalProperties": False,
        "anyOf": [{"required": [kind]} for kind in kinds],
    }


def _closed(part: Any) -> Any:
    """The same, where a mapping takes no keys but those that are named, or fit a pattern."""
    if isinstance(part, list):
        return [_closed(one) for one in cast("list[Any]", part)]
    if not isinstance(part, dict):
        return part
    found = {key: _closed(value) for key, value in cast("Schema", part).items()}
    if found.get("type") == "object" and ("properties" in found or "patternProperties" in found):
        found.setdefault("additionalProperties", False)
    return found


def _told_apart(part: Any) -> Any:
    """The same, where of several shapes the one is meant whose kind of data is there."""
    if isinstance(part, list):
        return [_told_apart(one) for one in cast("list[Any]", part)]
    if not isinstance(part, dict):
        return part
    found = {key: _told_apart(value) for key, value in cast("Schema", part).items()}
    options = found.get("anyOf", [])
    types = [one.get("type", "object" if "$ref" in one else None) for one in options]
    if not set(types) & {"object", "array"}:
        return found
    made: Schema = options[-1]
    for kind, option in reversed(list(zip(types[:-1], options[:-1], strict=True))):
        made = {"if": {"type": kind}, "then": option, "else": made}
    rest = {key: value for key, value in found.items() if key != "anyOf"}
    return {**rest, "type": types, **made}


def _without_the_unused(whole: Schema) -> Schema:
    """The schema with only those definitions that it needs."""
    definitions = cast("Mapping[str, Schema]", whole["definitions"])
    needed: set[str] = set()
    todo = _referred({key: part for key, part in whole.items() if key != "definitions"})
    while todo:
        name = todo.pop()
        if name not in needed:
            needed.add(name)
            todo |= _referred(definitions[name])
    return {**whole, "definitions": {name: part for name, part in definitions.items() if name in needed}}


def _referred(part: Any) -> set[str]:
    if isinstance(part, list):
        return set[str]().union(*(_referred(one) for one in cast("list[Any]", part)))
    if not isinstance(part, dict):
        return set()
    found = cast("Schema", part)
    own = {found["$ref"].removeprefix(_REF).partition("/")[0]} if isinstance(found.get("$ref"), str) else set[str]()
    return own.union(*(_referred(value) for value in found.values()))
