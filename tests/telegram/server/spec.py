"""The judge: whether a call or an answer is what the Bot API's description says."""

import functools
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NoReturn, cast

Json = dict[str, Any]

TABLE: Final = Path(__file__).parents[1] / "specs" / "bot-api.json"
ARRAY: Final = "Array of "
FILE: Final = "InputFile"


class NotInSpec(Exception):
    """A call or an answer is not what the description says; the message names every place."""


def out_of_spec(words: str) -> NoReturn:
    """Say what is not as described."""
    raise NotInSpec(words)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with a call."""

    name: str
    data: bytes


class Spec:
    """The Bot API's methods, types and fields."""

    def __init__(self, table: Json) -> None:
        self.version: str = table["version"]
        self.types: Json = table["types"]
        self._methods: Json = table["methods"]
        self._by_folded = {name.lower(): name for name in self._methods}

    def method(self, name: str) -> str | None:
        """Return a method's right name, or None: Telegram does not mind upper and lower case."""
        return self._by_folded.get(name.lower())

    def read_call(self, method: str, given: Mapping[str, object]) -> Json:
        """Return a call's parameters with their types, or raise NotInSpec."""
        fields: Json = self._methods[method]["fields"]
        found = [f"{method}: unknown parameter '{name}'" for name in given if name not in fields]
        found += [f"{method}.{n} is missing" for n, f in fields.items() if f.get("required") and n not in given]
        params: Json = {}
        for name, value in given.items():
            if name in fields:
                kinds: list[str] = fields[name]["types"]
                params[name] = from_text(kinds, value) if isinstance(value, str) else value
                found += self._of_any(kinds, params[name], f"{method}.{name}")
        if found:
            raise NotInSpec("; ".join(found))
        return params

    def judge_answer(self, method: str, result: object) -> None:
        """Raise NotInSpec unless `result` is what the method returns."""
        if found := self._of_any(self._methods[method]["returns"], result, method):
            raise NotInSpec("; ".join(found))

    def judge(self, kind: str, value: object) -> None:
        """Raise NotInSpec unless `value` is of the kind: a type's name, or an Array of it."""
        if found := self._of(kind, value, kind):
            raise NotInSpec("; ".join(found))

    def _of_any(self, kinds: list[str], value: object, at: str) -> list[str]:
        each = [self._of(kind, value, at) for kind in kinds]
        return min(each, key=len)

    def _of(self, kind: str, value: object, at: str) -> list[str]:
        if subtypes := self.types.get(kind, {}).get("subtypes"):
            return self._of_any(subtypes, value, at)
        if not fits(kind, value):
            return [f"{at}: {kind} is wanted"]
        if kind.startswith(ARRAY):
            items = enumerate(cast("list[object]", value))
            return [problem for i, one in items for problem in self._of(kind.removeprefix(ARRAY), one, f"{at}[{i}]")]
        if kind in self.types and kind != FILE:
            return self._of_fields(self.types[kind]["fields"], cast("Json", value), at)
        return []

    def _of_fields(self, fields: Json, value: Json, at: str) -> list[str]:
        found = [f"{at}.{name} is missing" for name, f in fields.items() if f.get("required") and name not in value]
        for name, inner in value.items():
            if name not in fields:
                found.append(f"{at}: unknown field '{name}'")
            elif inner not in fields[name].get("values", [inner]):
                found.append(f"{at}.{name} cannot be {inner!r}")
            else:
                found += self._of_any(fields[name]["types"], inner, f"{at}.{name}")
        return found


def fits(kind: str, value: object) -> bool:
    """Return whether a value is of a kind, whatever is in it."""
    match kind:
        case "Integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "Float":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "String":
            return isinstance(value, str)
        case "Boolean":
            return isinstance(value, bool)
        case "InputFile":
            return isinstance(value, Upload | str)
        case _:
            return isinstance(value, list if kind.startswith(ARRAY) else dict)


def from_text(kinds: list[str], text: str) -> object:
    """Return what a form's text stands for; the text itself where it stands for nothing of these kinds."""
    if "Integer" in kinds and re.fullmatch(r"-?[0-9]{1,19}", text):
        return int(text)
    if "String" in kinds or FILE in kinds:
        return text
    if "Boolean" in kinds and text.lower() in {"true", "false"}:
        return text.lower() == "true"
    try:
        return json.loads(text)
    except ValueError:
        return text


@functools.cache
def bot_api() -> Spec:
    """Return the Bot API as it is in the repository."""
    return Spec(json.loads(TABLE.read_text("utf-8")))
