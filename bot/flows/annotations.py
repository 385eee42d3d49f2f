"""What a key may hold, in words, from the annotations of the language's models."""

from collections.abc import Iterable, Mapping
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from bot.flows import schema

ALIASES: Mapping[str, object] = {
    name: value for name, value in vars(schema).items() if get_origin(value) is Annotated and name[0].isupper()
}
"""The schema's own names for kinds of value."""

_STEP, _STEPS = ("AnyStep", "LaneStep"), "LaneSteps"
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
    if alias is not None and alias != _STEPS:
        return alias_in_words(alias, many=many)
    arguments = get_args(hint)
    match get_origin(hint):
        case None:
            return _named(hint, many=many)
        case origin if origin is Annotated:
            return _limited(arguments[0], arguments[1:], many=many)
        case origin if origin in {Union, UnionType}:
            told = _either([_told(one, many=many) for one in arguments if one is not NoneType])
        case origin if origin is Literal:
            told = _listed([f"`{value}`" if isinstance(value, str) else f"`{value}`".lower() for value in arguments])
        case origin if origin is list:
            told = f"{'lists' if many else 'a list'} of {_told(arguments[0], many=True)}"
        case _:
            key, value = arguments
            told = f"{'mappings' if many else 'a mapping'} of {_told(key, many=True)} to {_told(value, many=True)}"
    return told


def alias_in_words(alias: str, *, many: bool = False) -> str:
    """Return what a kind of value is called on the page, with a link to what it is."""
    if alias in _STEP:
        return "steps" if many else "a step"
    plain = spaced(alias)
    noun = f"{plain}s" if many and not plain.endswith("s") else plain
    shown = f"[{noun}](#{plain.replace(' ', '-')})"
    if noun.endswith("s"):
        return shown
    return f"an {shown}" if plain[0] in "aeiou" else f"a {shown}"


def spaced(alias: str) -> str:
    """Return a name such as ``OptionName`` as words."""
    return "".join(f" {char.lower()}" if char.isupper() else char for char in alias).strip()


def _named(hint: object, *, many: bool) -> str:
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return "mappings" if many else "a mapping"
    return _PLAIN[hint][many]


def _either(kinds: list[str]) -> str:
    return (", or " if any(" or " in kind for kind in kinds) else " or ").join(dict.fromkeys(kinds))


def _listed(values: list[str]) -> str:
    *others, last = values
    return f"{', '.join(others)} or {last}" if others else last


def _bounds(limits: Iterable[object]) -> str:
    """The bounds among an annotation's limits, each of which has one attribute that says which one it is."""
    plain = [one for limit in limits for one in (limit.metadata if isinstance(limit, FieldInfo) else [limit])]
    least = _first(plain, "ge", "min_length")
    most = _first(plain, "le", "max_length")
    if least == 1 and _first(plain, "min_length") is not None:
        least = None  # that it is not empty goes without saying
    if least is None:
        return f"at most {most:,}" if most is not None else ""
    return f"{least:,} to {most:,}" if most is not None else f"at least {least:,}"


def _first(limits: Iterable[object], *names: str) -> Any:
    found = (getattr(limit, name, None) for limit in limits for name in names)
    return next((one for one in found if one is not None), None)
