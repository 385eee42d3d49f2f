"""The bounds of an exploration: what stands for everything that people could answer. They are printed."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How much is gone through."""

    items: int = 2
    """The most items of a list that one person writes, unless an expression counts more."""
    options: int = 2
    """How many answers, of those that no expression tells apart, are tried where it matters which of them it is."""
    waits: int = 3
    """How many deadlines come between an answer and what holds it to the clock."""
    people: int = 3
    """How many people have a role that many can have, unless an expression counts more."""
    back: int = 1
    """How much of the way that somebody has come tells one state from another: Back leads that far as it came."""
    states: int = 200_000
    """More than these, and the exploration has failed: it proves nothing."""
    deadline: int = 50
    """How many deadlines may come, one after the other, until a flow is over in which everybody is silent."""

    def told(self) -> str:
        """Return the bounds as a line."""
        return (
            f"a text stands for every text; at most {self.items} items of a list a person, or as many as are "
            f"counted; of answers that no expression tells apart one, or {self.options} where it matters which; "
            f"{self.waits} deadlines between an answer and the clock; "
            f"{self.people} people where there may be many, or as many as are counted; Back: {self.back} step"
        )
