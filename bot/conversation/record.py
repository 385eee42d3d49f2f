"""A record: something kept beyond a session, in the unit whose it is. Every value in it has its author."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.conversation.record_at import RecordAt
from bot.conversation.units import Pair, Person, Unit
from bot.engine.effects import KeptValue
from bot.engine.session import Composed
from bot.nudges.schedule import Passed, Schedule

DAY = 86_400_000

KEPT_AFTER = 30 * DAY
"""How long a record is still stored after its end, when nobody is shown it any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """One's own record, shown to somebody else for a while (F13)."""

    to: str
    until: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What a session kept. ``unit`` is the pair or the person whose it is."""

    unit: str
    kind: str
    id: str
    key: tuple[str, ...]
    """What tells it from other records of its kind."""
    values: Mapping[str, tuple[KeptValue, ...]]
    """By field: one value, or one a person."""
    at: int
    until: int
    """When it ends by itself."""
    flow: str
    """The flow that kept it, whose sentences composed texts are built of."""
    revision: str
    ended_at: int | None = None
    """When somebody ended it."""
    shared: tuple[Shared, ...] = ()
    schedule: Schedule | None = None
    """When it comes by itself, if it does."""
    puts_off: RecordAt | None = None
    """What two have, and one of them put off: it brings that back to this one, and holds nothing of it."""
    passed: tuple[Passed, ...] = ()
    """The last few times that it did not come, and why."""

    @property
    def due(self) -> int | None:
        """When to look whether it comes; None when nothing of it comes any more."""
        return self.schedule.next_due if self.schedule is not None and self.ended_at is None else None

    @property
    def place(self) -> RecordAt:
        """Where it is."""
        return RecordAt(unit=self.unit, kind=self.kind, id=self.id)

    @property
    def revisions(self) -> tuple[str, ...]:
        """The revisions whose sentences its composed texts are built of."""
        kept = (value.data for values in self.values.values() for value in values)
        return tuple(sorted({one.revision for one in kept if isinstance(one, Composed) and one.revision}))

    @property
    def over(self) -> int:
        """From when it stands no more."""
        return self.until if self.ended_at is None else min(self.until, self.ended_at)

    def stands(self, now: int) -> bool:
        """Return whether it has not ended."""
        return now < self.over


def readers_of(record: Record, unit: Unit, now: int) -> frozenset[str]:
    """Return who may read the record now: nobody, once it has ended or its pair is none any more."""
    if not record.stands(now):
        return frozenset()
    match unit:
        case Pair():
            return frozenset(unit.members) if unit.active else frozenset()
        case Person():
            return frozenset({unit.id, *(shared.to for shared in record.shared if now < shared.until)})
        case _:
            return frozenset()
