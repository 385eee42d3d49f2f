"""Telling what becomes of running sessions: counts and reasons by step or slot, never anybody's words."""

from collections import Counter
from collections.abc import Mapping, Sequence

from bot.conversation.versions import Fared, Fate
from bot.engine.crossing import Reason, Stays

_WHY: Mapping[Reason, str] = {
    Reason.UNDECLARED: "'{flow}' does not say how this version comes along",
    Reason.SAME_VERSION: "'{flow}' changed and kept its version",
    Reason.FLOW_GONE: "the flow '{flow}' is gone",
    Reason.CAST: "'{flow}' has other roles, or another with_partner, signal or reviews",
    Reason.STEP_GONE: "the step '{name}' of '{flow}' is gone",
    Reason.STEP_OTHER: "the step '{name}' of '{flow}' is another one now",
    Reason.TERMS: "'{name}' of '{flow}' asked for a yes in other words",
    Reason.TOLD: "the outcome '{name}' of '{flow}' was told in other words, or is new",
    Reason.KEPT: "'{name}' of '{flow}' would keep what was answered, otherwise than before",
    Reason.SLOT_GONE: "the slot '{name}' of '{flow}' is gone, and holds something",
    Reason.SLOT_OTHER: "the slot '{name}' of '{flow}' is another one now",
    Reason.OPTION_GONE: "an option of '{name}' of '{flow}' is gone, and was chosen",
    Reason.GRANTED: "'{name}' of '{flow}' was shared under its old name",
    Reason.ON_ITS_WAY: "a message with '{name}' of '{flow}' is not opened yet",
    Reason.DAMAGED: "something of it is damaged: restore a backup",
}


def told_why(why: Stays | None) -> str:
    """Return the reason in words; empty when there is none."""
    return _WHY[why.reason].format(flow=why.flow, name=why.name) if why is not None else ""


def in_order(fared: Sequence[Fared]) -> list[Fared]:
    """Return what is told, by flow, version and fate."""
    fates = list(Fate)
    return sorted(fared, key=lambda f: (f.flow, -f.version, f.revision, fates.index(f.fate), told_why(f.why)))


def table(fared: Sequence[Fared]) -> list[str]:
    """Return the lines of a table, and a last one that sums it up."""
    head = ("flow", "version", "revision", "sessions", "fate", "why")
    rows = [
        (one.flow, str(one.version or "?"), one.revision[:8], str(one.sessions), str(one.fate), told_why(one.why))
        for one in in_order(fared)
    ]
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in (head, *rows)]
    return [*(line.rstrip() for line in (lines if rows else [])), summed_up(fared)]


def summed_up(fared: Sequence[Fared]) -> str:
    """Return one line with the count of each fate."""
    counts: Counter[Fate] = Counter()
    for one in fared:
        counts[one.fate] += one.sessions
    told = ", ".join(f"{counts[fate]} {fate}" for fate in Fate)
    return f"{counts.total()} running sessions: {told}"


def as_data(one: Fared) -> dict[str, str | int]:
    """Return one line of it for a program."""
    reason = {"reason": one.why.reason, "at": one.why.name, "in": one.why.flow} if one.why is not None else {}
    return {
        "flow": one.flow,
        "version": one.version,
        "revision": one.revision,
        "sessions": one.sessions,
        "fate": one.fate,
        **reason,
    }
