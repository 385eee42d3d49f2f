"""The port of a peer: one dialogue, written with each library as its own documentation writes one.

The dialogue asks for a number, for ever. Above five, the person crosses to the other side (left, right); otherwise
they stay. Every answer is one condition, one advance and one reply with the number in it. Whoever loses one of two
messages, or counts one twice, ends up on the wrong side.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

START, LEFT, RIGHT, EAST = "start", "left", "right", "east"
"""The states. In the edited definition ``east`` is what ``right`` was before."""

FIRST_QUESTION = "Which number?"

HOSTILE_TEXT = "{number.__class__.__mro__} {} %(number)s ${number}"
"""What somebody writes who hopes that words are templates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How a bot is opened."""

    path: Path | None = None
    """The SQLite file that keeps it; None keeps everything in memory."""
    variant: str = ""
    """Another way to write it, which that library's documentation offers too."""
    right: str = RIGHT
    """What the state on the right is called in the definition."""
    yields: bool = False
    """Whether the store lets other tasks run while it works, as one behind a network does."""
    works: Callable[[], None] | None = None
    """Called in the middle of a turn, by a library without tasks: as a callback would that takes its time."""
    sends: Callable[[], Awaitable[None]] | None = None
    """Awaited when a reply is about to go out."""


class Bot(Protocol):
    """A bot that runs. What a turn costs is what ``take`` costs."""

    async def begin(self, person: str) -> None:
        """Bring a person to the first question, or to where they were. A person is named by digits."""
        ...

    def event(self, person: str, text: str, number: int) -> Any:
        """Return what the library takes when this person writes that; ``number`` is the platform's for it."""
        ...

    async def take(self, event: Any) -> list[str]:
        """Take it, and return the replies that went out."""
        ...

    async def both(self, first: Any, second: Any) -> list[str]:
        """Take two that came at the same moment, and return the replies in the order in which they went out."""
        ...

    async def standing(self, person: str) -> str:
        """Return the state in which this person's conversation stands, as it is kept."""
        ...

    async def close(self) -> None:
        """Let go of files."""
        ...


class Adapter(Protocol):
    """What a module of ``adapters`` holds."""

    async def open_bot(self, settings: Settings) -> Bot:
        """Return a bot, as after a start of its process."""
        ...

    hostile: dict[str, Callable[[Path], Awaitable[str]]]
    """Definitions that mean harm, by their kind, each loaded and run once in an empty folder; returns what was said.

    ``code`` makes a folder named ``ran``, if it can. ``endless`` never ends, if it can. A library whose definitions
    are Python code, and so its author's anyway, has neither. ``text`` returns the reply to the hostile text, for a
    bot whose dialogue does not say a wrong answer back.
    """
