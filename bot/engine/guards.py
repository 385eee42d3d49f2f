"""Guards: typed, total expressions over slots, compiled once at load (see ``guard_grammar``).

Every expression has a value for every session: an answer that is missing is ``None``, equals nothing but ``None``
and is false.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

Data = str | int | bool | tuple[str, ...] | None
"""What a slot or an expression may hold.

Instants and durations are whole milliseconds, times of day minutes after midnight, dates ISO 8601 texts; the items
of a list are their ids.
"""


OTHERS = "others"
"""In one person's guard, as the role of a quantifier: everybody but that person."""


class Kind(StrEnum):
    """The type of an expression."""

    TRUTH = "yes or no"
    NAME = "a choice"
    NAMES = "several choices"
    TEXT = "a text"
    NUMBER = "a number"
    DURATION = "a duration"
    INSTANT = "a time"
    CLOCK = "a time of day"
    DATE = "a date"
    ITEM = "an item of a list"
    ITEMS = "a list"


class Scope(Protocol):
    """What a guard can see: one person's answers, or everybody's when there is no person."""

    @property
    def now(self) -> int:
        """The present instant, in epoch milliseconds."""
        ...

    @property
    def zone(self) -> str:
        """The zone of the person at hand, or of whoever started the flow."""
        ...

    def value(self, name: str) -> Data:
        """Return the value of a slot or outcome for the person, and the item, at hand."""
        ...

    def everybody(self, role: str | None) -> "Sequence[Scope]":
        """Return one scope a person, of one role or of the whole flow."""
        ...

    def visits(self, step: str) -> int:
        """Return how often the step was entered."""
        ...


@dataclass(frozen=True, slots=True)
class SlotKind:
    """What a guard may know of a slot: its kind, its options, and whether each person has one."""

    kind: Kind
    options: tuple[str, ...] = ()
    each: bool = False
    per: str | None = None
    """It has one value an item of that list, or an option of that slot."""


@dataclass(frozen=True, slots=True)
class Names:
    """What a guard may name. ``person`` says whether it is read for one person (in a lane) or for everybody."""

    slots: Mapping[str, SlotKind]
    roles: Sequence[str]
    steps: Sequence[str]
    person: bool
    items: str | None = None
    """The list, or the slot of several choices, that is gone through: ``item`` is the one at hand."""
    alone: bool = False
    """The flow is for one person: ``zone_known`` is about theirs."""


@dataclass(frozen=True, slots=True)
class Guard:
    """A compiled expression. ``reads`` names every slot and outcome it looks at, ``counts`` the steps it counts."""

    source: str
    kind: Kind
    reads: frozenset[str]
    evaluate: Callable[[Scope], Data]
    counts: frozenset[str] = frozenset()
    of_all: frozenset[str] = field(default_factory=frozenset[str])
    """What it reads of everybody, in a quantifier such as ``any(...)``, even where it is one person's guard."""
    moving: bool = False
    """It reads the clock: what it comes to moves on with time."""

    def holds(self, scope: Scope) -> bool:
        """Return whether the expression is true; an answer that is missing is not."""
        return bool(self.evaluate(scope))
