"""What a turn can tell a watcher: which steps it entered, and by which way it left them.

It is for tools that play flows, such as ``play --coverage``. A watcher changes nothing: with one and without one, a
turn is the same. What it is told names steps, ways and the values of choices, never anybody's own words.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Way(StrEnum):
    """What happened at a step."""

    ENTERED = "entered"
    PASSED_OVER = "passed over"
    """Its ``when`` did not hold."""
    BRANCH = "branch"
    """One of its ``next``, by its number, was the way on."""
    FOLLOWING = "following"
    """It went on to the step that follows."""
    EXPIRED = "expired"
    """The deadline came: a stage's, or with no step's name the whole session's, whose flow says goodbye."""
    MISSING = "missing"
    """There was nothing to show, or to keep."""
    CHOSEN = "chosen"
    """A choice was pressed, or written by its label."""
    AGAIN = "again"
    """A loop went round once more."""
    NOTHING = "nothing"
    """A loop had nothing to go through."""
    LEFT_OUT = "left out"
    """A role's lane was not opened for somebody of that role."""


@dataclass(frozen=True, slots=True)
class Took:
    """One thing that a turn did; ``which`` is the branch's number, the choice's value or the lane's role."""

    flow: str
    step: str
    way: Way
    which: int | str = ""


Watch = Callable[[Took], None]
