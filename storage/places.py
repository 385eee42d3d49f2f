"""The tables whose bodies are sealed, and what each body is sealed for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from storage.sealing import Place

STORE = ""
"""The unit of what belongs to no unit: the store's own key seals it."""


def of_unit(unit: str, version: int) -> Place:
    """Return where a unit's body belongs."""
    return Place("unit", unit, unit, version)


def of_session(session: str, unit: str, version: int) -> Place:
    """Return where a session's body belongs; the version is that of its unit when it was written."""
    return Place("session", session, unit, version)


def of_prompt(token: str, unit: str) -> Place:
    """Return where a prompt's body belongs."""
    return Place("prompt", token, unit)


def of_invite(digest: str) -> Place:
    """Return where an invite's body belongs."""
    return Place("invite", digest, STORE)


def of_message(row: str, unit: str) -> Place:
    """Return where the body of a row of the outbox belongs."""
    return Place("outbox", row, unit)


def of_record(unit: str, kind: str, record: str, version: int) -> Place:
    """Return where a record's body belongs; the version is that of its unit when it was written."""
    return Place("record", f"{kind}/{record}", unit, version)


@dataclass(frozen=True, slots=True)
class SealedTable:
    """A table with bodies: the columns that tell its rows apart, and the others that a body is sealed for."""

    name: str
    keys: tuple[str, ...]
    others: tuple[str, ...]
    place: Callable[..., Place]
    """Takes the keys, and then the others."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns from which the place of a body is made."""
        return (*self.keys, *self.others)

    def place_of(self, row: Sequence[Any]) -> Place:
        """Return the place of the body of a row, which begins with those columns."""
        return self.place(*row[: len(self.columns)])


TABLES = (
    SealedTable("unit", ("id",), ("version",), of_unit),
    SealedTable("session", ("id",), ("unit", "version"), of_session),
    SealedTable("prompt", ("token",), ("unit",), of_prompt),
    SealedTable("invite", ("digest",), (), of_invite),
    SealedTable("outbox", ("id",), ("unit",), of_message),
    SealedTable("record", ("unit", "kind", "id"), ("version",), of_record),
)
