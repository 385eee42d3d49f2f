"""From plain data to the shape of a flow, or every way in which it has another shape.

A fault inside of one step does not hide the others: what is wrong is left out, and the rest is looked at.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bot.flows.problems import MOST_PROBLEMS, did_you_mean, shortened
from bot.flows.schema import KINDS, FlowSource, StepSource, kind_of
from bot.flows.yaml_source import Fault, Path_, Plain, Source

_ASIDE = frozenset({"about", "lifetime", "migrate", "start"})
"""Keys of a flow that nothing else in it depends on."""

_ASIDE_IN_SLOT = frozenset({"name", "max", "given"})

_KIND_ERRORS: Mapping[str, Callable[[object], bool]] = {
    "bool_type": lambda data: isinstance(data, bool),
    "string_type": lambda data: isinstance(data, str),
    "literal_error": lambda data: isinstance(data, str),
    "list_type": lambda data: isinstance(data, list),
    "dict_type": lambda data: isinstance(data, dict),
    "model_type": lambda data: isinstance(data, dict),
}
"""Errors that say which kind of data is wanted, each with what is of that kind."""

_PLAIN = {
    "string_type": "text is wanted here: put it in quotes",
    "bool_type": "true or false is wanted here",
    "int_type": "a whole number is wanted here",
    "list_type": "a list is wanted here",
    "dict_type": "a mapping of keys to values is wanted here",
    "model_type": "a mapping of keys to values is wanted here",
    "literal_error": "this is one of {expected}",
    "too_short": "this cannot be empty",
    "string_too_short": "this cannot be empty",
    "too_long": "at most {max_length} here",
    "string_too_long": "at most {max_length} characters here",
    "greater_than_equal": "at least {ge} here",
    "less_than_equal": "at most {le} here",
}


@dataclass(frozen=True, slots=True)
class Shape:
    """A flow as written, without what is wrong; None when too much is wrong to go on."""

    written: FlowSource | None
    faults: tuple[Fault, ...]

    @property
    def broken(self) -> frozenset[Path_]:
        """The steps and slots with a fault inside: what is missing in them may be the fault's echo."""
        return frozenset(fault.where[:2] for fault in self.faults)


def shape_of(source: Source) -> Shape:
    """Return the flow's shape, and every fault of it."""
    written, errors = _validated(source.data)
    wrong = wrong_shapes(source, errors)
    faults = first_each_place([*source.faults, *wrong])
    if not all(map(_stays_inside, faults)):
        written = None
    elif wrong:
        written, _ = _validated(_without(source.data, {fault.where for fault in wrong}))
    return Shape(written, tuple(faults))


def wrong_shapes(source: Source, errors: Iterable[ErrorDetails]) -> list[Fault]:
    """Return what pydantic told about a file's data, in plain words and each at its place."""
    placed = [(error, _in_file(source.data, error["loc"])) for error in errors]
    return [fault for error, where in _without_echoes(placed, source) for fault in _told(source, error, where)]


def _validated(data: Plain) -> tuple[FlowSource | None, list[ErrorDetails]]:
    try:
        return FlowSource.model_validate(data), []
    except ValidationError as fault:
        return None, fault.errors(include_url=False)[:MOST_PROBLEMS]


def first_each_place(faults: Iterable[Fault]) -> list[Fault]:
    """Return each place's first fault: what is told about it later is an echo."""
    found: dict[tuple[int, int], Fault] = {}
    for fault in faults:
        found.setdefault((fault.problem.line, fault.problem.column), fault)
    return list(found.values())


def _stays_inside(fault: Fault) -> bool:
    """Whether nothing outside of the step or slot changes its meaning by the fault."""
    match fault.where:
        case ("steps", _, _, *_, last):
            return last != "id"
        case ("steps", _, inside):
            return inside != "id"
        case ("slots", _, inside):
            return inside in _ASIDE_IN_SLOT or fault.problem.code == "unknown-key"
        case (first, *_):
            return first in _ASIDE and fault.problem.code != "duplicate-key"
        case _:
            return False


def _without(data: Plain, paths: set[Path_]) -> Plain:
    """Return a copy without those parts; of a list, all of it is left out, so that the others keep their places."""
    cut = {path[: max(n for n, part in enumerate(path, 1) if isinstance(part, str))] for path in paths}
    return _copied(data, (), cut)


def _copied(data: Plain, path: Path_, cut: set[Path_]) -> Plain:
    if isinstance(data, dict):
        return {key: _copied(part, (*path, key), cut) for key, part in data.items() if (*path, key) not in cut}
    if isinstance(data, list):
        return [_copied(part, (*path, index), cut) for index, part in enumerate(data)]
    return data


# Errors and their places


def _in_file(data: Plain, loc: tuple[int | str, ...]) -> Path_:
    """The part of the file that an error is about: its place without the names of union members."""
    path: Path_ = ()
    here: Plain = data
    tag: str | None = None
    for part in loc:
        if tag is not None and part == tag:
            tag = None
        elif isinstance(here, dict) and isinstance(part, str) and part in here:
            here, path, tag = here[part], (*path, part), None
        elif isinstance(here, list) and isinstance(part, int) and part < len(here):
            here, path = here[part], (*path, part)
            tag = kind_of(here)
    return path


Placed = tuple[ErrorDetails, Path_]


def _without_echoes(placed: list[Placed], source: Source) -> list[Placed]:
    """Where one of several shapes is wanted, pydantic tells what each of them lacks: keep what helps."""
    kept: list[Placed] = []
    for error, where in placed:
        if error["type"] not in _KIND_ERRORS:
            kept.append((error, where))
            continue
        others = [(e, w) for e, w in placed if w[: len(where)] == where and e is not error]
        if any(w != where or e["type"] not in _KIND_ERRORS for e, w in others):
            continue
        data = source.part(where)
        fits = [e["type"] for e, _ in others if _KIND_ERRORS[e["type"]](data)]
        if not fits or _KIND_ERRORS[error["type"]](data):
            kept.append((error, where))
    return kept


def _told(source: Source, error: ErrorDetails, where: Path_) -> list[Fault]:
    kind, context = error["type"], error.get("ctx", {})
    match kind:
        case "unknown_keys":
            return [_unknown_key(source, where, key, context["known"]) for key in context["unknown"]]
        case "missing":
            told = f"'{error['loc'][-1]}' is missing here"
            return [Fault(where, source.problem(where, told, "missing-key", key=True))]
        case "union_tag_not_found":
            return [_no_kind(source, where)]
        case "union_tag_invalid":
            told = f"a '{kind_of(source.part(where))}' step cannot stand here"
            return [Fault(where, source.problem(where, told, "misplaced-step"))]
        case _:
            key = error["loc"][-1:] == ("[key]",)
            return [Fault(where, source.problem(where, _plain(error), "wrong-type", key=key))]


def _unknown_key(source: Source, where: Path_, key: str, known: list[str]) -> Fault:
    told = f"unknown key '{shortened(key)}'{did_you_mean(key, known)}"
    return Fault((*where, key), source.problem((*where, key), told, "unknown-key", key=True))


def _no_kind(source: Source, where: Path_) -> Fault:
    """A step without a kind: most often the key that says its kind is mistyped."""
    step = source.part(where)
    for key in step if isinstance(step, dict) else ():
        if key not in StepSource.model_fields and did_you_mean(key, list(KINDS)):
            return Fault(where, _unknown_key(source, where, key, list(KINDS)).problem)
    told = f"a step has one of these keys: {', '.join(KINDS)}"
    return Fault(where, source.problem(where, told, "no-kind"))


def _plain(error: ErrorDetails) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind == "string_pattern_mismatch":
        if context["pattern"].endswith("[mhdw]$"):
            return "a duration is wanted here, such as 20m, 24h, 7d or 2w"
        if "\\." in context["pattern"]:
            return "true is wanted here, or a record's field such as pause_rule.length"
        if context["pattern"].startswith("^[1-9]"):
            return "the number of an older version is wanted here"
        return "a name is wanted here: small letters, digits and _, beginning with a letter"
    if kind not in _PLAIN:
        return error["msg"][0].lower() + error["msg"][1:]
    told = _PLAIN[kind].format_map(context)
    options = re.findall("'([^']*)'", context["expected"]) if kind == "literal_error" else []
    return told + did_you_mean(str(error["input"]), options)
