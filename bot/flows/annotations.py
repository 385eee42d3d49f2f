"""What a key may hold, in words, from the annotations of the models in schema.py."""

from collections.abc import Iterable, Mapping
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Le, MaxLen, MinLen
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from bot.flows import schema

ALIASES: Mapping[str, object] = {
    name: value for name, value in vars(schema).items() if get_origin(value) is Annotated and name[0].isupper()
}
"""The schema's own names for kinds of value."""

_STEPS = ("AnyStep", "LaneStep")
_PLAIN: Mapping[object, tuple[str, str]] = {
    str: ("text", "texts"),
    int: ("a whole number", "whole numbers"),
    bool: ("`true` or `false`", "`true` or `false`"),
}


def in_words(hint: object, limits: Iterable[object] = ()) -> str:
    """Return what an annotation allows, such as ``a name or a list of names``. ``limits`` are told with it."""
    return _told(hint) if get_origin(hint) is Annotated else _limited(hint, limits, many=False)


def _limited(hint: object, limits: Iterable[object], *, many: bool) -> str:
    told, bounds = _told(hint, many=many), _bounds(limits)
    unit = " characters" if hint is str else ""
    return f"{told} ({bounds}{unit})" if bounds else told


def _told(hint: object, *, many: bool = False) -> str:
    alias = next((name for name, value in ALIASES.items() if value is hint), None)
    if alias in _STEPS:
        return "steps" if many else "a step"
    if alias is not None and alias != "LaneSteps":
        return alias_in_words(alias, many=many)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _limited(arguments[0], arguments[1:], many=many)
    if origin in {Union, UnionType}:
        kinds = list(dict.fromkeys(_told(one, many=many) for one in arguments if one is not NoneType))
        return (", or " if any(" or " in kind for kind in kinds) else " or ").join(kinds)
    if origin is Literal:
        return _listed([f"`{value}`" if isinstance(value, str) else f"`{str(value).lower()}`" for value in arguments])
    if origin is list:
        return f"{'lists' if many else 'a list'} of {_told(arguments[0], many=True)}"
    if origin is dict:
        key, value = arguments
        return f"{'mappings' if many else 'a mapping'} of {_told(key, many=True)} to {_told(value, many=True)}"
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return "mappings" if many else "a mapping"
    return _PLAIN[hint][many]


def alias_in_words(alias: str, *, many: bool = False) -> str:
    """Return what a kind of value is called on the page, with a link to what it is."""
    plain = "".join(f" {char.lower()}" if char.isupper() else char for char in alias).strip()
    noun = f"{plain}s" if many and not plain.endswith("s") else plain
    shown = f"[{noun}](#{plain.replace(' ', '-')})"
    if noun.endswith("s"):
        return shown
    return f"an {shown}" if plain[0] in "aeiou" else f"a {shown}"


def _listed(values: list[str]) -> str:
    *others, last = values
    return f"{', '.join(others)} or {last}" if others else last


def _bounds(limits: Iterable[object]) -> str:
    least: Any = None
    most: Any = None
    sized = False
    for limit in limits:
        for one in limit.metadata if isinstance(limit, FieldInfo) else [limit]:
            match one:
                case Ge(ge=bound):
                    least = bound
                case Le(le=bound):
                    most = bound
                case MinLen(min_length=bound):
                    least, sized = bound, True
                case MaxLen(max_length=bound):
                    most, sized = bound, True
                case _:
                    pass
    if sized and least == 1:
        least = None  # that it is not empty goes without saying
    if least is None and most is None:
        return ""
    if least is None:
        return f"at most {most:,}"
    return f"at least {least:,}" if most is None else f"{least:,} to {most:,}"
