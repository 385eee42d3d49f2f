"""Steps as facts tell them, and what comes of them at once."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class At:
    """A step, by the name that its author gave it, and its line in the file."""

    step: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A line that somebody is told."""

    at: At
    to: tuple[str, ...]
    words: str
    when: str
    """The expression that has to hold for it, or nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Led:
    """Where something leads, and all that comes of it before anybody is waited for."""

    to: At
    says: tuple[Said, ...]
    shows: tuple[At, ...]
    """Steps that show what was granted by then."""
    waits_at: tuple[At, ...]
    calls: tuple[str, ...]
    ends: bool
