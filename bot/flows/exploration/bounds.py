"""The bounds of an exploration: what stands for everything that people could answer. They are printed."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How much is gone through."""

    items: int = 2
    """The most items of a list that one person writes."""
    options: int = 2
    """How many options, of those that no expression tells apart, are picked where which of them matters."""
    people: int = 3
    """How many people have a role that many can have."""
    back: int = 1
    """How much of the way that somebody has come tells one state from another: Back leads that far as it came."""
    states: int = 200_000
    """More than these, and the exploration has failed: it proves nothing."""
    deadline: int = 50
    """How many deadlines may come, one after the other, until a flow is over in which everybody is silent."""

    def told(self) -> str:
        """Return the bounds as a line."""
        return (
            f"a text stands for every text; at most {self.items} items of a list a person; of options that no "
            f"expression tells apart {self.options}; {self.people} people where there may be many; "
            f"Back: {self.back} step"
        )
