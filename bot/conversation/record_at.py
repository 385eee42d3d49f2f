"""Where a record is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordAt:
    """The unit whose it is, its kind, and its id."""

    unit: str
    kind: str
    id: str
