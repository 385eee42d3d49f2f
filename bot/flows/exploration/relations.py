"""Comparisons as sums that are held to nought, and all else that a flow does with the answers that it compares."""

from collections import defaultdict
from dataclasses import dataclass, field, replace

from bot.engine.model import SlotType
from bot.engine.spoken import DAY, HOUR, MINUTE

Var = tuple[str, str]
"""What can be compared: a flow, and its slot or its count as it is written, such as ``visits(again)``."""

BEGINS = 18 * HOUR
"""The time of day at which every exploration begins."""

NOW: Var = ("", "now")
TODAY: Var = ("", "today")

SCALES = {
    SlotType.NUMBER: 1,
    SlotType.SCALE: 1,
    SlotType.DURATION: 1,
    SlotType.INSTANT: 1,
    SlotType.TIME: MINUTE,
    SlotType.DATE: DAY,
}
"""Types that have an order, with what one of theirs is in a comparison: of times and lengths, milliseconds."""


@dataclass(frozen=True, slots=True)
class Term:
    """A part of a sum: so many times a value, of which only whole ``grain`` count."""

    var: Var
    factor: int
    grain: int = 1
    somebody: bool = False
    """It is one of everybody's answers, such as the greatest: each time it may be another person's."""


@dataclass(frozen=True, slots=True)
class Sum:
    """What an expression with an order comes to: its terms, and a number."""

    terms: tuple[Term, ...] = ()
    offset: int = 0
    dated: bool = False
    """It is a date: of what is added to it whole days count."""

    def minus(self, other: "Sum") -> "Sum":
        """Return the difference of two."""
        back = (replace(term, factor=-term.factor) for term in other.terms)
        found: list[Term] = []
        for term in (*self.terms, *back):
            # What one person answered, and the clock, is the same on both sides.
            same = next((one for one in found if replace(one, factor=term.factor) == term), None)
            if same is None or term.somebody:
                found.append(term)
            else:
                found[found.index(same)] = replace(same, factor=same.factor + term.factor)
        return Sum(tuple(term for term in found if term.factor), self.offset - other.offset)

    def plus(self, length: "Sum") -> "Sum":
        """Return it, so much later."""
        if not self.dated:
            return Sum((*self.terms, *length.terms), self.offset + length.offset)
        whole = tuple(replace(term, grain=DAY) for term in length.terms)
        return Sum((*self.terms, *whole), self.offset + length.offset // DAY * DAY, dated=True)


@dataclass(frozen=True, slots=True)
class Relation:
    """A sum that is compared with nought, by one of ``< <= > >= ==``."""

    sum: Sum
    op: str
    place: Var
    """Where: the step, or the outcome."""
    reads: frozenset[str]
    """The slots that are read there."""


@dataclass(slots=True)
class Compared:
    """What all expressions of a flow, and of those that it calls, compare."""

    relations: list[Relation] = field(default_factory=list[Relation])
    named: dict[Var, set[str]] = field(default_factory=lambda: defaultdict[Var, set[str]](set))
    """Of choices: what they are compared with by name."""
    alike: list[tuple[Var, Var]] = field(default_factory=list[tuple[Var, Var]])
    """Choices that are compared with each other, or each with the items of a loop."""
    handed: list[tuple[Var, Var]] = field(default_factory=list[tuple[Var, Var]])
    """What is handed on: from where, and to where."""
    valued: set[Var] = field(default_factory=set[Var])
    """What is not only compared: a deadline, or an outcome, is as much as it is."""
    sizes: dict[Var, Var] = field(default_factory=dict[Var, Var])
    """By a count of items or of picks: the slot whose they are."""
    people: set[Var] = field(default_factory=set[Var])
    """The counts of people."""
    assigned: dict[Var, list[Sum]] = field(default_factory=lambda: defaultdict[Var, list[Sum]](list))
    """What is put into slots that have an order."""
