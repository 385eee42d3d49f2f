"""Showing what is kept, in its reader's own chat and on their own request only (P11), and ending it at once (R3)."""

from collections.abc import Iterator
from dataclasses import replace

from bot.conversation.delivery import leave_for
from bot.conversation.keeping import end_reviews, standing
from bot.conversation.outbox import MessageClass
from bot.conversation.record import Record, readers_of
from bot.conversation.record_at import RecordAt
from bot.conversation.scene import PromptAbout, Scene, phrase_choice
from bot.conversation.starting import other_of
from bot.conversation.units import Pair, Parcel, Person, PromptKind, Seat, SentPrompt
from bot.engine.effects import PHRASES, RECORDS, Argument, NameRef, RecordRef, Send, Text
from bot.flows.record_kinds import RecordKind
from bot.nudges.quiet_hours import next_open_time

MOST_AT_ONCE = 5
"""The most records that are shown at once; a choice shows older ones."""

END, LEAVE = "end", "leave"


def show(scene: Scene, person: Person, kind: RecordKind, start: int = 0) -> None:
    """Show a person the records of a kind that they can read, the newest first."""
    records = _readable(scene, person, kind)[start:]
    if not records:
        scene.say(person, (Text(flow=RECORDS, key=f"{kind.name}.empty"),))
    for record in records[:MOST_AT_ONCE]:
        _row(scene, person, kind, record)
    if len(records) > MOST_AT_ONCE:
        more = str(start + MOST_AT_ONCE)
        scene.say(
            person,
            (Text(flow=PHRASES, key="record.older"),),
            choices=(phrase_choice(more, "choice.more"),),
            prompt=PromptAbout(kind=PromptKind.MORE, flow=kind.name),
        )


def show_older(scene: Scene, person: Person, kind_name: str, start: int) -> None:
    """Show the records of a kind that come after so many newer ones."""
    kind = scene.library.records.kinds.get(kind_name)
    if kind is None:
        scene.reply(person, "record.gone")
    else:
        show(scene, person, kind, start)


def _readable(scene: Scene, person: Person, kind: RecordKind) -> list[Record]:
    pairs = [pair.id for pair in map(scene.ledger.pair, person.pairs) if pair.active] if kind.pair else []
    # Of what was kept with somebody who was erased since, one's own part is one's own.
    units = [*pairs, person.id]
    there = (record for unit in units for record in standing(scene, unit, kind.name))
    return [record for record in there if record.puts_off is None]


def _row(scene: Scene, person: Person, kind: RecordKind, record: Record) -> None:
    dates = {"kept": _day(record.at), "ends": _day(record.until)}
    scene.say(
        person,
        (
            *about_pair(scene, person, record),
            Text(flow=RECORDS, key=f"{kind.name}.title"),
            *parts_of(scene, kind, record),
            Text(flow=PHRASES, key="record.dates", args=dates),
        ),
        choices=(phrase_choice(END, "choice.remove" if record.unit == person.id else "choice.end"),),
        prompt=PromptAbout(kind=PromptKind.END, record=record.place),
    )


def parts_of(scene: Scene, kind: RecordKind, record: Record) -> Iterator[Text]:
    """What is said of a record; of several parts, one that names a field which it does not hold is left out."""
    for key in kind.rows:
        names = dict.fromkeys(scene.library.template(RECORDS, key).names)
        if len(kind.rows) > 1 and any(not record.values.get(name) for name in names):
            continue
        args: dict[str, Argument] = {
            name: RecordRef(unit=record.unit, kind=kind.name, record=record.id, field=name) for name in names
        }
        yield Text(flow=RECORDS, key=key, args=args)


def _day(at: int) -> Text:
    return Text(flow=PHRASES, key="day", args={"at": str(at)})


def about_pair(scene: Scene, person: Person, record: Record) -> tuple[Text, ...]:
    """Say with whom it is kept, to a person who is in more than one pair."""
    pairs = [pair for pair in map(scene.ledger.pair, person.pairs) if pair.active]
    mine = next((pair for pair in pairs if pair.id == record.unit), None)
    if mine is None or len(pairs) <= 1:
        return ()
    return (Text(flow=PHRASES, key="note.about", args={"name": NameRef(person=other_of(mine, person.id))}),)


# Ending


def ask_end(scene: Scene, person: Person, prompt: SentPrompt) -> None:
    """Ask once whether a record is to end; nothing asks for a reason."""
    found = _found(scene, person, prompt.record)
    if found is None:
        scene.reply(person, "record.gone")
        return
    kind, record = found
    key, label = ("record.sure_own", "choice.remove") if record.unit == person.id else ("record.sure", "choice.end")
    scene.say(
        person,
        (Text(flow=PHRASES, key=key, args={"title": Text(flow=RECORDS, key=f"{kind.name}.title")}),),
        choices=(phrase_choice(END, label), phrase_choice(LEAVE, "choice.leave")),
        prompt=PromptAbout(kind=PromptKind.END_SURE, record=record.place),
    )


def end(scene: Scene, person: Person, prompt: SentPrompt, choice: str) -> None:
    """End a pair's record for both, or remove one's own, at once: by either alone, and in a pause too."""
    found = _found(scene, person, prompt.record)
    if found is None:
        scene.reply(person, "record.gone")
    elif choice != END:
        scene.reply(person, "record.stays")
    elif found[1].unit == person.id:
        scene.ledger.forget_record(found[1])
        end_reviews(scene, found[1])
        scene.reply(person, "record.removed")
    else:
        end_for_both(scene, person, *found)


def _found(scene: Scene, person: Person, place: RecordAt | None) -> tuple[RecordKind, Record] | None:
    """The record, while it stands and the person is one of those whose it is."""
    kind = scene.library.records.kinds.get(place.kind) if place is not None else None
    if place is None or kind is None:
        return None
    unit = scene.ledger.unit(place.unit)
    for record in standing(scene, place.unit, place.kind):
        whose = isinstance(unit, Pair) or unit.id == person.id
        if record.id == place.id and whose and person.id in readers_of(record, unit, scene.now):
            return kind, record
    return None


def end_for_both(scene: Scene, person: Person, kind: RecordKind, record: Record) -> None:
    """End a pair's record at once, by either of the two; the other is told so, behind an [Open]."""
    scene.ledger.put_record(replace(record, ended_at=scene.now))
    end_reviews(scene, record)
    said = Text(flow=PHRASES, key="record.ended", args={"title": Text(flow=RECORDS, key=f"{kind.name}.title")})
    scene.say(person, (said,))
    pair = scene.ledger.pair(record.unit)
    other = scene.ledger.person(other_of(pair, person.id))
    # It is behind an [Open], and nobody waits for it: it comes by day.
    seat = Seat(unit=pair.id, session=f"record:{record.id}")
    note = Send(to=other.id, paragraphs=(*about_pair(scene, other, record), said))
    leave_for(scene, other, Parcel(seat=seat, send=note), MessageClass.SESSION, next_open_time(scene.now, other.zone))
