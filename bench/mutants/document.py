"""A flow's file as data: its steps and where they stand, and the same data with parts of it changed."""

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from bot.flows.yaml_source import Path_, Plain

_IN_LANES = ("lanes", "steps", "volatile")


@dataclass(frozen=True, slots=True)
class Drop:
    """Stands for a part that is left out."""


DROP = Drop()

Edit = tuple[Path_, Plain | Drop]
"""A part, and what stands there instead; a new key of a mapping is a part too."""


@dataclass(frozen=True, slots=True)
class Written:
    """A step as it is written."""

    path: Path_
    data: dict[str, Plain]
    beside: tuple[str, ...]
    """The steps of the list that it stands in, itself among them."""

    @property
    def id(self) -> str:
        """Its name."""
        return str(self.data["id"])

    @property
    def at_the_top(self) -> bool:
        """Whether it stands in nobody's lane."""
        return self.path[:1] == ("steps",) and len(self.path) == len(("steps", 0))


def steps_of(flow: dict[str, Plain]) -> list[Written]:
    """Return all steps of a flow, in the order of its file."""
    return list(_steps(flow["steps"], ("steps",)))


def _steps(part: Plain, path: Path_) -> Iterator[Written]:
    """The steps of a list of them, or of lanes by their role."""
    if isinstance(part, dict):
        for key, inner in part.items():
            yield from _steps(inner, (*path, key))
    if not isinstance(part, list):
        return
    steps = [(index, one) for index, one in enumerate(part) if isinstance(one, dict) and "id" in one]
    beside = tuple(str(one["id"]) for _, one in steps)
    for index, one in steps:
        yield Written((*path, index), one, beside)
        for key in _IN_LANES:
            yield from _steps(one.get(key), (*path, index, key))


def changed(data: Plain, edits: Sequence[Edit]) -> Plain:
    """Return the data with those parts changed, in that order.

    Raises LookupError or TypeError where there is no such part.
    """
    whole = copy.deepcopy(data)
    for path, new in edits:
        around: Plain = whole
        for step in path[:-1]:
            around = around[step] if isinstance(around, list) and isinstance(step, int) else _in(around)[str(step)]
        last = path[-1]
        if isinstance(around, list) and isinstance(last, int):
            around[last : last + 1] = [] if isinstance(new, Drop) else [copy.deepcopy(new)]
        elif isinstance(new, Drop):
            del _in(around)[str(last)]
        else:
            _in(around)[str(last)] = copy.deepcopy(new)
    return whole


def _in(part: Plain) -> dict[str, Plain]:
    if not isinstance(part, dict):
        message = f"there is no mapping here: {part!r}"
        raise TypeError(message)
    return cast("dict[str, Plain]", part)
