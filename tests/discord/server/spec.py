"""The judge: whether a call or an answer is what Discord's description of its API says."""

import functools
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NoReturn, cast

Json = dict[str, Any]
Check = Callable[[Any, str], list[str]]

TABLE: Final = Path(__file__).parents[1] / "specs" / "discord-api.json"
REF: Final = "#/components/schemas/"
TYPES: Final[dict[str, tuple[type, ...]]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
    "null": (type(None),),
}


class NotInSpec(Exception):
    """A call or an answer is not what the description says; the message names every place."""


def out_of_spec(words: str) -> NoReturn:
    """Say what is not as described."""
    raise NotInSpec(words)


@dataclass(frozen=True, slots=True)
class Operation:
    """A call that the description knows: its verb and path, and what stood in the path's places."""

    verb: str
    path: str
    where: dict[str, str]


class Spec:
    """The API's operations and schemas, each made into a check when it is first used."""

    def __init__(self, table: Json) -> None:
        self.version: str = table["version"]
        self._operations: Json = table["operations"]
        self.schemas: Json = table["schemas"]
        """What is described, by its name."""
        self._checks: dict[str, Check] = {}
        self._bodies: dict[tuple[str, str, str], Check | None] = {}
        self._paths = [(path, _pattern(path)) for path in sorted(self._operations, key=lambda path: path.count("{"))]

    def operation(self, verb: str, path: str) -> Operation | None:
        """Return what a call means, or None when there is no such thing. Names go before places."""
        for template, pattern in self._paths:
            found = pattern.fullmatch(path)
            if found is not None and verb in self._operations[template]:
                return Operation(verb, template, found.groupdict())
        return None

    def read_query(self, operation: Operation, given: Mapping[str, str]) -> Json:
        """Return a call's query with its types, or raise NotInSpec."""
        known: Json = self._operations[operation.path][operation.verb]["query"]
        found = [f"{operation.path}: unknown parameter '{name}'" for name in given if name not in known]
        read: Json = {}
        for name, text in given.items():
            if name in known:
                read[name] = _from_text(known[name], text)
                found += self._compiled(known[name])(read[name], f"{operation.path}?{name}")
        _raise(found)
        return read

    def judge_body(self, operation: Operation, body: object) -> None:
        """Raise NotInSpec unless a call's body is what is described; None is no body."""
        check = self._check_of(operation, "body", self._operations[operation.path][operation.verb]["body"])
        if check is None:
            _raise([] if body is None else [f"{operation.verb} {operation.path} takes no body"])
        else:
            _raise(check(body, f"{operation.verb} {operation.path}"))

    def judge_answer(self, operation: Operation, status: int, answer: object) -> None:
        """Raise NotInSpec unless an answer is what is described."""
        answers: Json = self._operations[operation.path][operation.verb]["answers"]
        at = f"answer {status} to {operation.verb} {operation.path}"
        if str(status) not in answers:
            out_of_spec(f"{at} is not described")
        check = self._check_of(operation, str(status), answers[str(status)])
        if check is None:
            _raise([] if answer is None else [f"{at} has no body"])
        else:
            _raise(check(answer, at))

    def judge(self, schema: str, value: object) -> None:
        """Raise NotInSpec unless a value is what the schema of that name describes."""
        _raise(self._named(schema)(value, schema))

    def _check_of(self, operation: Operation, part: str, schema: Json | None) -> Check | None:
        key = (operation.verb, operation.path, part)
        if key not in self._bodies:
            self._bodies[key] = None if schema is None else self._compiled(schema)
        return self._bodies[key]

    def _named(self, name: str) -> Check:
        if name not in self._checks:
            self._checks[name] = self._compiled(self.schemas[name])
        return self._checks[name]

    def _later(self, name: str) -> Check:
        """A schema by its name, looked up when it is asked: it may be inside of itself."""

        def check(value: Any, at: str) -> list[str]:
            return self._named(name)(value, at)

        return check

    def _compiled(self, schema: Json) -> Check:
        if "$ref" in schema:
            return self._later(str(schema["$ref"]).removeprefix(REF))
        checks = [*_of_value(schema)]
        choices = [schema[key] for key in ("oneOf", "anyOf") if key in schema]
        checks += [_any_of([self._compiled(one) for one in some]) for some in choices]
        checks += [self._compiled(one) for one in schema.get("allOf", ())]
        if "items" in schema:
            checks.append(_each(self._compiled(schema["items"])))
        if "properties" in schema or "additionalProperties" in schema:
            checks.append(self._fields(schema))
        return checks[0] if len(checks) == 1 else _all_of(checks)

    def _fields(self, schema: Json) -> Check:
        fields = {name: self._compiled(one) for name, one in schema.get("properties", {}).items()}
        required = tuple(cast("list[str]", schema.get("required", [])))
        others: Any = schema.get("additionalProperties", False)
        other = self._compiled(cast("Json", others)) if isinstance(others, dict) else None

        def check(value: Any, at: str) -> list[str]:
            if not isinstance(value, dict):
                return []
            given = cast("Json", value)
            found = [f"{at}.{name} is missing" for name in required if name not in given]
            for name, one in given.items():
                if name in fields:
                    found += fields[name](one, f"{at}.{name}")
                elif other is not None:
                    found += other(one, f"{at}.{name}")
                elif others is not True:
                    found.append(f"{at}: unknown field '{name}'")
            return found

        return check


def _of_value(schema: Json) -> list[Check]:
    """What a schema says of a value by itself: its kind, and its limits."""
    checks: list[Check] = []
    if "type" in schema:
        names = schema["type"]
        checks.append(_of_types(cast("list[str]", names) if isinstance(names, list) else [str(names)]))
    if "enum" in schema:
        checks.append(_one_of(schema["enum"]))
    if "const" in schema:
        checks.append(_one_of([schema["const"]]))
    limits = {key: schema[key] for key in _LIMITS if key in schema}
    if limits:
        checks.append(_within(limits))
    return checks


def _of_types(names: list[str]) -> Check:
    kinds = tuple(kind for name in names for kind in TYPES[name])
    wanted = " or ".join(names)

    def check(value: Any, at: str) -> list[str]:
        right = isinstance(value, kinds) and (not isinstance(value, bool) or bool in kinds)
        return [] if right else [f"{at}: {wanted} is wanted"]

    return check


def _one_of(values: list[Any]) -> Check:
    return lambda value, at: [] if value in values else [f"{at} cannot be {value!r}"]


_LIMITS: Final = ("minLength", "maxLength", "minItems", "maxItems", "minimum", "maximum", "pattern", "maxProperties")


def _within(limits: Json) -> Check:
    pattern = re.compile(limits["pattern"]) if "pattern" in limits else None

    def check(value: Any, at: str) -> list[str]:
        if isinstance(value, str):
            right = limits.get("minLength", 0) <= len(value) <= limits.get("maxLength", len(value))
            right = right and (pattern is None or pattern.search(value) is not None)
        elif isinstance(value, list):
            size = len(cast("list[Any]", value))
            right = limits.get("minItems", 0) <= size <= limits.get("maxItems", size)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            right = limits.get("minimum", value) <= value <= limits.get("maximum", value)
        else:
            right = True
        return [] if right else [f"{at} is out of its limits"]

    return check


def _each(check: Check) -> Check:
    def every(value: Any, at: str) -> list[str]:
        items = cast("list[Any]", value) if isinstance(value, list) else []
        return [words for number, one in enumerate(items) for words in check(one, f"{at}[{number}]")]

    return every


def _all_of(checks: list[Check]) -> Check:
    return lambda value, at: [words for check in checks for words in check(value, at)]


def _any_of(checks: list[Check]) -> Check:
    def one(value: Any, at: str) -> list[str]:
        best: list[str] | None = None
        for check in checks:
            found = check(value, at)
            if not found:
                return []
            best = found if best is None or _likelier(found, best, at) else best
        return best or []

    return one


def _likelier(found: list[str], best: list[str], at: str) -> bool:
    """Whether a complaint is of a choice that comes nearer: it is not about the kind, and shorter."""
    return (f"{at}.type cannot" in " ".join(found), len(found)) < (f"{at}.type cannot" in " ".join(best), len(best))


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", path)
    return re.compile("".join(f"(?P<{part}>[^/]+)" if odd % 2 else re.escape(part) for odd, part in enumerate(parts)))


def _from_text(schema: Json, text: str) -> object:
    kinds = schema.get("type", "string")
    if "integer" in kinds and re.fullmatch(r"-?\d+", text):
        return int(text)
    if "boolean" in kinds and text in {"true", "false", "1", "0", "True", "False"}:
        return text in {"true", "1", "True"}
    return text


def _raise(found: list[str]) -> None:
    if found:
        raise NotInSpec("; ".join(found))


@functools.cache
def discord_api() -> Spec:
    """Return the judge, made once."""
    return Spec(json.loads(TABLE.read_text("utf-8")))
