"""Wording: from addresses and references to the words that one person reads.

It fails closed: a value that its reader may not see any more is not rendered, and the message is dropped.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import assert_never

from bot.conversation.message import Span, SpanKind
from bot.conversation.record import Record
from bot.conversation.units import Person, RecordAt
from bot.engine.effects import (
    PHRASES,
    RECORDS,
    Argument,
    Computed,
    HiddenWords,
    Listing,
    NameRef,
    RecordRef,
    Text,
    ValueRef,
)
from bot.engine.local_time import local_date, zone_of
from bot.engine.model import READ_BY_ALL, Slot, SlotType
from bot.engine.session import Composed, Session, Words
from bot.engine.template import Placeholder
from bot.flows.library import Library

LONGEST_IN_MINUTES = 90
"""Beyond these minutes a length of time is told in hours."""

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


class NotReadable(Exception):
    """The message holds something that its reader may not read, or that is gone: drop it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What rendering needs. ``reader`` is empty for a room."""

    library: Library
    reader: str
    zone: str
    session: Session | None
    names: Mapping[str, str]
    now: int
    records: Mapping[RecordAt, Record] = field(default_factory=dict[RecordAt, Record])
    """The records that the reader may read."""


def render(text: Text, reading: Reading) -> tuple[Span, ...]:
    """Return the text's spans. Raises NotReadable."""
    return tuple(_spans(text, reading))


def _spans(text: Text, reading: Reading) -> Iterator[Span]:
    if text.flow == PHRASES and text.key == "day":
        at = text.args["at"]
        yield Span(
            text=_day(local_date(int(at) if isinstance(at, str) else reading.now, reading.zone).isoformat(), reading)
        )
        return
    if text.flow == PHRASES and text.key == "instant":
        at = text.args["at"]
        yield Span(text=_instant(int(at) if isinstance(at, str) and at else reading.now, reading))
        return
    for part in reading.library.template(text.flow, text.key).parts:
        if isinstance(part, Placeholder):
            yield from _argument(text.args[part.name], reading)
        else:
            yield Span(text=part)


def _argument(argument: Argument, reading: Reading) -> Iterator[Span]:
    match argument:
        case Text():
            yield from _spans(argument, reading)
        case NameRef():
            yield Span(text=reading.names.get(argument.person, "your partner"), kind=SpanKind.OWN_WORDS)
        case HiddenWords():
            slot = reading.library.flows[argument.flow].slots[argument.slot]
            yield from _words(argument.data, slot, argument.flow, reading)
        case ValueRef():
            yield from _value(argument, reading)
        case Listing():
            yield from _listing(argument, reading)
        case Computed():
            yield Span(text=_told(SlotType(argument.type), argument.data, reading))
        case RecordRef():
            yield from _kept(argument, reading)
        case str():
            yield Span(text=argument, kind=SpanKind.OWN_WORDS)
        case _:
            assert_never(argument)


def _listing(listing: Listing, reading: Reading) -> Iterator[Span]:
    """People's words as lines of their own, labels in a row. What ended meanwhile is left out."""
    found: list[tuple[Span, ...]] = []
    for one in listing.items:
        try:
            found.append(tuple(_argument(one, reading)))
        except NotReadable:
            continue
    rows = listing.lines or any(isinstance(one, ValueRef) for one in listing.items)
    for number, spans in enumerate(found, 1):
        if rows:
            mark = f"{number}. " if listing.numbered else "– "
            yield Span(text=mark if number == 1 else f"\n{mark}")
        elif number > 1:
            yield Span(text=", ")
        yield from spans


def _value(ref: ValueRef, reading: Reading) -> Iterator[Span]:
    session = reading.session
    value = session.values.get(ref.key) if session is not None else None
    slot = reading.library.flows[ref.flow].slots[ref.slot]
    if session is None or value is None:
        raise NotReadable(ref.slot)
    if ref.owner != reading.reader and slot.cls not in READ_BY_ALL:
        granted = any(
            grant.item == ref.key and grant.rev == value.rev == ref.rev and reading.reader in grant.audience
            for grant in session.grants
            if not grant.revoked
        )
        if not granted:
            raise NotReadable(ref.slot)
    yield from _words(value.data, slot, ref.flow, reading)


def _kept(ref: RecordRef, reading: Reading) -> Iterator[Span]:
    """A record's field: its one value, or one line for each, under its author's name where there are two."""
    record = reading.records.get(RecordAt(unit=ref.unit, kind=ref.kind, id=ref.record))
    kind = reading.library.records.kinds.get(ref.kind)
    if record is None or kind is None or ref.field not in kind.fields:
        raise NotReadable(ref.field)
    values = record.values.get(ref.field, ())
    if ref.nth is not None:
        yield from _words(values[ref.nth].data, kind.fields[ref.field], RECORDS, reading)
        return
    if not values:
        yield from _spans(Text(flow=PHRASES, key="value.none"), reading)
    for nth, value in enumerate(values):
        if nth:
            yield Span(text="\n")
        one = replace(ref, nth=nth)
        if kind.pair and value.author:
            args = {"name": NameRef(person=value.author), "words": one}
            yield from _spans(Text(flow=PHRASES, key="record.line", args=args), reading)
        else:
            yield from _argument(one, reading)


def _words(data: Words, slot: Slot, flow: str, reading: Reading) -> Iterator[Span]:
    if isinstance(data, Composed):
        yield from _composed(data, reading)
        return
    match slot.type:
        case SlotType.TEXT | SlotType.LIST:
            yield Span(text=str(data), kind=SpanKind.OWN_WORDS)
        case SlotType.CHOICE | SlotType.CHOICES | SlotType.DURATION:
            yield from _chosen(data, slot, flow, reading)
        case _:
            yield Span(text=_told(slot.type, data if isinstance(data, int) else str(data), reading))


def _told(kind: SlotType, data: int | str, reading: Reading) -> str:
    match kind, data:
        case SlotType.TIME, int():
            return _clock(data)
        case SlotType.DATE, str():
            return _day(data, reading)
        case SlotType.INSTANT, int():
            return _instant(data, reading)
        case SlotType.DURATION, int():
            return duration(data)
        case _:
            return str(data)


def _composed(data: Composed, reading: Reading) -> Iterator[Span]:
    for index, part in enumerate(data.parts):
        if index:
            yield Span(text="\n")
        for piece in reading.library.template(data.flow, part.key).parts:
            if isinstance(piece, Placeholder):
                source = reading.library.flows[data.flow].slots[piece.name]
                yield from _words(part.args[piece.name], source, data.flow, reading)
            else:
                yield Span(text=piece)


def _chosen(data: str | int | tuple[str, ...], slot: Slot, flow: str, reading: Reading) -> Iterator[Span]:
    labels = {str(option.value): option.key for option in slot.options}
    for index, one in enumerate(data if isinstance(data, tuple) else (data,)):
        if index:
            yield Span(text=", ")
        key = labels.get(str(one))
        if key is not None:
            yield from _spans(Text(flow=flow, key=key), reading)
        else:
            yield Span(text=duration(one) if isinstance(one, int) else str(one))


def _instant(at: int, reading: Reading) -> str:
    """``at 20:40`` in the reader's zone, with the day when it is another one; without a zone, ``in 20 minutes``."""
    zone = zone_of(reading.zone)
    if zone is None:
        return f"in {duration(max(60_000, at - reading.now))}"
    local = datetime.fromtimestamp(at / 1000, UTC).astimezone(zone)
    today = datetime.fromtimestamp(reading.now / 1000, UTC).astimezone(zone).date()
    clock = f"at {local:%H:%M}"
    return clock if local.date() == today else f"on {_DAYS[local.weekday()]} {clock}"


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _day(iso: str, reading: Reading) -> str:
    """``Friday 12 May``, with the year when it is another one."""
    day = date.fromisoformat(iso)
    year = datetime.fromtimestamp(reading.now / 1000, UTC).year
    told = f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]}"
    return told if day.year == year else f"{told} {day.year}"


def duration(milliseconds: int) -> str:
    """Return a length of time in words, rounded to what people say."""
    minutes = round(milliseconds / 60_000)
    for unit, size in (("week", 10_080), ("day", 1440), ("hour", 60)):
        if minutes >= size and minutes % size == 0:
            return _counted(minutes // size, unit)
    if minutes > LONGEST_IN_MINUTES:
        return _counted(round(minutes / 60), "hour")
    return _counted(minutes, "minute")


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}{'' if number == 1 else 's'}"


def label_of(library: Library, label: Text, session: Session | None, person: Person) -> str:
    """Return a choice's label as this person reads it. Labels hold no values of other people."""
    reading = Reading(library=library, reader=person.id, zone=person.zone, session=session, names={}, now=0)
    return "".join(span.text for span in render(label, reading))
