"""When what is kept comes by itself: from what a record says to its schedule, wherever its person is."""

from dataclasses import replace
from hashlib import blake2b

from bot.conversation.record import Record
from bot.conversation.scene import Scene
from bot.conversation.units import Person, Unit
from bot.engine.recurrence import Freq, recurrence_of
from bot.flows.record_kinds import Comes, RecordKind
from bot.nudges.schedule import SPREAD, at_day, begin, rezoned


def scheduled(scene: Scene, kind: RecordKind, record: Record) -> Record:
    """Return a record with the schedule that it asks for, if its kind comes by itself."""
    rule = recurrence_of(str(value_in(record, kind.comes.at))) if kind.comes is not None else None
    if kind.comes is None or rule is None:
        return record
    zone = zone_of_record(kind.comes, record, scene.ledger.unit(record.unit))
    jitter = jitter_of(kind.comes, record.id)
    schedule = begin(rule, until=record.until, now=scene.now, zone=zone, jitter=jitter)
    if schedule.day is None and rule.freq is Freq.ONCE:  # its time came while it was being agreed to
        schedule = at_day(schedule, rule.start, zone, jitter)
    return replace(record, schedule=schedule)


def rezone(scene: Scene, person: Person) -> None:
    """Move what comes to somebody to where they are now."""
    for kind in scene.library.records.kinds.values():
        if kind.comes is None or kind.pair:
            continue
        for record in scene.ledger.records(person.id, kind.name):
            if record.schedule is not None and record.stands(scene.now):
                jitter = jitter_of(kind.comes, record.id)
                moved = rezoned(record.schedule, person.zone, jitter)
                scene.ledger.put_record(replace(record, schedule=moved))


def jitter_of(comes: Comes, record: str) -> int:
    """Return by how many milliseconds it comes later than at its minute, which nobody chose."""
    if comes.manner.chosen:
        return 0
    return int.from_bytes(blake2b(record.encode(), digest_size=4).digest()) % SPREAD


def zone_of_record(comes: Comes, record: Record, unit: Unit) -> str:
    """Return by whose time it comes: that of where its person is, or the one that two have agreed to."""
    if isinstance(unit, Person):
        return unit.zone
    return str(value_in(record, comes.zone)) if comes.zone is not None else ""


def value_in(record: Record, field: str) -> object:
    """Return the one value of a record's field; empty when there is none."""
    values = record.values.get(field, ())
    return values[0].data if values else ""
