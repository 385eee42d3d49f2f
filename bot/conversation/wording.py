"""Wording: from addresses and references to the words that one person reads.

It fails closed: a value that its reader may not see any more is not rendered, and the message is dropped.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import assert_never

from bot.conversation import moments
from bot.conversation.message import Span, SpanKind
from bot.conversation.record import Record
from bot.conversation.record_at import RecordAt
from bot.conversation.units import JOIN_CODE, Person
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
from bot.engine.model import READ_BY_ALL, Flow, Slot, SlotType
from bot.engine.recurrence import LAST_OF_ANY_MONTH, Freq, recurrence_of
from bot.engine.sealing import is_granted
from bot.engine.session import ENGLISH, Composed, Session, Words
from bot.engine.template import Placeholder, Template
from bot.flows.languages import best_language
from bot.flows.library import Library


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
    language: str = ENGLISH
    records: Mapping[RecordAt, Record] = field(default_factory=dict[RecordAt, Record])
    """The records that the reader may read."""
    asking: bool = False
    """It is a question, which may be shown once more."""
    revision: str | None = None
    """The revision whose words are shown; without one, that of the session as it is now."""
    composed: Flow | None = None
    """Inside of a composed text: the flow whose sentences it is built of."""

    def flow(self, name: str) -> Flow:
        """Return the flow of that name among those of the revision. Raises LookupError."""
        if self.composed is not None:
            return self.composed
        if self.session is None:
            return self.library.flows[name]
        revision = self.session.revision if self.revision is None else self.revision
        return self.library.pinned(self.session.flow, revision).named(name)

    def template(self, flow: str, key: str) -> Template:
        """Return a sentence by its address: what belongs to no flow is the present one. Raises LookupError."""
        if flow in {PHRASES, RECORDS}:
            return self.library.template(flow, key, self.language)
        return self.flow(flow).template(key, self.language)


def render(text: Text, reading: Reading) -> tuple[Span, ...]:
    """Return the text's spans. Raises NotReadable."""
    return tuple(_spans(text, reading))


def told(argument: Argument, reading: Reading) -> str:
    """Return what an argument says to its reader. Raises NotReadable."""
    return "".join(span.text for span in _argument(argument, reading))


def _spans(text: Text, reading: Reading) -> Iterator[Span]:
    if text.flow == PHRASES and text.key == "day":
        at = text.args["at"]
        yield Span(
            text=_day(local_date(int(at) if isinstance(at, str) else reading.now, reading.zone).isoformat(), reading)
        )
        return
    if text.flow == PHRASES and text.key == "instant":
        at = text.args["at"]
        yield from _instant(int(at) if isinstance(at, str) and at else reading.now, reading)
        return
    link = text.flow == PHRASES and text.key == "room.link"
    for part in reading.template(text.flow, text.key).parts:
        if isinstance(part, Placeholder):
            spans = _argument(text.args[part.name], reading)
            code = part.name == JOIN_CODE and _joins(text, reading)
            yield from (replace(span, kind=SpanKind.JOIN_CODE) for span in spans) if code else spans
        else:
            yield Span(text=part, kind=SpanKind.ROOM_LINK if link else SpanKind.PLAIN)


def _joins(text: Text, reading: Reading) -> bool:
    """Whether what a sentence calls a code is one by which somebody joins."""
    if text.flow == PHRASES:
        return text.key == "pair.again"
    return any(role.joins for role in reading.flow(text.flow).roles.values())


def _argument(argument: Argument, reading: Reading) -> Iterator[Span]:
    match argument:
        case Text():
            yield from _spans(argument, reading)
        case NameRef():
            name = reading.names.get(argument.person)
            yield Span(text=name or _said("value.partner", reading), kind=SpanKind.OWN_WORDS)
        case HiddenWords():
            slot = reading.flow(argument.flow).slots[argument.slot]
            yield from _words(argument.data, slot, argument.flow, reading)
        case ValueRef():
            yield from _value(argument, reading)
        case Listing():
            yield from _listing(argument, reading)
        case Computed():
            yield from _told(SlotType(argument.type), argument.data, reading)
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
    if listing.lines or any(isinstance(one, ValueRef) for one in listing.items):
        for number, spans in enumerate(found, 1):
            mark = f"{number}. " if listing.numbered else "– "
            yield Span(text=mark if number == 1 else f"\n{mark}")
            yield from spans
    else:
        labels = ["".join(span.text for span in spans) for spans in found]
        yield Span(text=moments.listed(labels, reading.language))


def _value(ref: ValueRef, reading: Reading) -> Iterator[Span]:
    session = reading.session
    value = session.values.get(ref.key) if session is not None else None
    slot = reading.flow(ref.flow).slots[ref.slot]
    if session is None or value is None:
        raise NotReadable(ref.slot)
    if ref.owner != reading.reader and slot.cls not in READ_BY_ALL:
        granted = any(
            is_granted(grant, session.members[ref.owner].seal, session.id, value)
            for grant in session.grants
            if grant.item == ref.key and grant.author == ref.owner and reading.reader in grant.audience
            if grant.revealed and not grant.revoked and (reading.asking or not grant.left)
        )
        if not granted or value.rev != ref.rev:
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
            yield from _told(slot.type, data if isinstance(data, int) else str(data), reading)


def _told(kind: SlotType, data: int | str, reading: Reading) -> Iterator[Span]:
    """What an answer of that kind is called in the reader's language."""
    told = str(data)
    match kind, data:
        case SlotType.INSTANT, int():
            yield from _instant(data, reading)
            return
        case SlotType.TIME, int():
            told = moments.clock(data, reading.language)
        case SlotType.DATE, str():
            told = _day(data, reading)
        case SlotType.RECURRENCE, str():
            told = _recurrence(data, reading)
        case SlotType.DURATION, int():
            told = moments.length(data, reading.language)
        case SlotType.COUNTRY, str():
            told = moments.country(data, reading.language)
        case SlotType.ZONE, str():
            told = moments.city(data, reading.language)
        case _:
            pass
    yield Span(text=told)


def _composed(data: Composed, reading: Reading) -> Iterator[Span]:
    """A composed text stays in its author's language, and in the sentences of its time, whoever reads it."""
    flow = reading.library.pinned(data.flow, data.revision)
    inside = replace(reading, language=data.language, composed=flow)
    for index, part in enumerate(data.parts):
        if index:
            yield Span(text="\n")
        for piece in flow.template(part.key, data.language).parts:
            if isinstance(piece, Placeholder):
                source = flow.slots[piece.name]
                yield from _words(part.args[piece.name], source, data.flow, inside)
            else:
                yield Span(text=piece)


def _chosen(data: str | int | tuple[str, ...], slot: Slot, flow: str, reading: Reading) -> Iterator[Span]:
    keys = {str(option.value): option.key for option in slot.options}
    chosen = [_label(one, keys, flow, reading) for one in (data if isinstance(data, tuple) else (data,))]
    yield Span(text=moments.listed(chosen, reading.language))


def _label(value: str | int, keys: Mapping[str, str], flow: str, reading: Reading) -> str:
    key = keys.get(str(value))
    if key is not None:
        return "".join(span.text for span in render(Text(flow=flow, key=key), reading))
    return moments.length(value, reading.language) if isinstance(value, int) else value


def _instant(at: int, reading: Reading) -> Iterator[Span]:
    """``at 20:40`` in the reader's zone, with the day when it is another one; without a zone, ``in 20 minutes``."""
    zone = zone_of(reading.zone)
    if zone is None:
        told = moments.length(max(60_000, at - reading.now), reading.language)
        yield from _set_in("time.in", reading, length=Span(text=told, kind=SpanKind.LENGTH, at=at))
        return
    local = datetime.fromtimestamp(at / 1000, UTC).astimezone(zone)
    today = datetime.fromtimestamp(reading.now / 1000, UTC).astimezone(zone).date()
    clock = moments.clock(local.hour * 60 + local.minute, reading.language)
    time = Span(text=clock, kind=SpanKind.TIME, at=at)
    if local.date() == today:
        yield from _set_in("time.at", reading, time=time)
    else:
        day = Span(text=moments.weekday(local.date(), reading.language), kind=SpanKind.DAY, at=at)
        yield from _set_in("time.on", reading, day=day, time=time)


def _set_in(key: str, reading: Reading, **spans: Span) -> Iterator[Span]:
    """Set spans into a standing phrase."""
    for part in reading.template(PHRASES, key).parts:
        yield spans[part.name] if isinstance(part, Placeholder) else Span(text=part)


def _day(iso: str, reading: Reading) -> str:
    """``Friday 12 May``, with the year when it is another one."""
    day = date.fromisoformat(iso)
    parts = {
        "weekday": moments.weekday(day, reading.language),
        "day": str(day.day),
        "month": moments.month(day, reading.language),
    }
    if day.year == datetime.fromtimestamp(reading.now / 1000, UTC).year:
        return _said("date.day", reading, **parts)
    return _said("date.year", reading, **parts, year=str(day.year))


def _recurrence(data: str, reading: Reading) -> str:
    """``every Friday at 21:30``: what can be written so as well."""
    rule = recurrence_of(data)
    if rule is None:
        raise NotReadable(SlotType.RECURRENCE)
    time = moments.clock(rule.minutes, reading.language)
    number = str(rule.interval)
    several = rule.interval > 1
    match rule.freq:
        case Freq.ONCE:
            return _said("recurs.once", reading, day=_day(rule.start.isoformat(), reading), time=time)
        case Freq.DAILY if several:
            return _said("recurs.days", reading, number=number, time=time)
        case Freq.DAILY:
            return _said("recurs.daily", reading, time=time)
        case Freq.WEEKLY:
            names = [moments.weekday_name(day, reading.language) for day in rule.weekdays]
            days = moments.listed(names, reading.language)
            words = {"number": number} if several else {}
            return _said("recurs.weeks" if several else "recurs.weekly", reading, days=days, time=time, **words)
        case Freq.MONTHLY:
            last = rule.monthday == LAST_OF_ANY_MONTH
            words = {"number": number} if several else {}
            day = _said("recurs.last_day" if last else "recurs.day", reading, day=str(rule.monthday))
            return _said("recurs.months" if several else "recurs.monthly", reading, day=day, time=time, **words)
        case _:
            assert_never(rule.freq)


def _said(key: str, reading: Reading, **words: str) -> str:
    """A standing phrase with these words in it."""
    parts = reading.library.template(PHRASES, key, reading.language).parts
    return "".join(words[part.name] if isinstance(part, Placeholder) else part for part in parts)


def language_of(library: Library, person: Person) -> str:
    """Return the language in which the person reads: their own choice, else the nearest to their platform's."""
    return best_language(library.languages, *(code for code in (person.language, person.locale) if code))


def shared_language(library: Library, people: Iterable[Person]) -> str:
    """Return the language that these people share, as far as theirs are known; English when they share none."""
    found = {language_of(library, person) for person in people if person.language or person.locale}
    return found.pop() if len(found) == 1 else ENGLISH


def label_of(
    library: Library,
    label: Text,
    session: Session | None,
    person: Person,
    language: str = "",
    names: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """Return a choice's label as this person reads it, or in that language. Labels hold no values of others."""
    reading = Reading(
        library=library,
        reader=person.id,
        zone=person.zone,
        session=session,
        names=names,
        now=0,
        language=language or language_of(library, person),
    )
    return "".join(span.text for span in render(label, reading))
