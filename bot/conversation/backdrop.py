"""What rows of the outbox are worded from: the sessions, people, rooms and records they speak of, loaded together.

Loaded in the transaction that claims the rows, so that what ended a moment before is not shown any more.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from bot.conversation.message import Shown
from bot.conversation.outbox import OutboxRow, RowKind, Target, TargetKind
from bot.conversation.ports import RecordsAt, Transaction
from bot.conversation.record import Record, readers_of
from bot.conversation.record_at import RecordAt
from bot.conversation.units import Person, Room, Unit
from bot.conversation.wording import Reading, language_of, shared_language
from bot.engine.effects import Argument, Computed, HiddenWords, Listing, NameRef, RecordRef, Text, ValueRef
from bot.engine.session import ENGLISH, Session
from bot.flows.library import Library


@dataclass(frozen=True, slots=True, kw_only=True)
class Backdrop:
    """Everything by its id."""

    sessions: Mapping[str, Session]
    units: Mapping[str, Unit]
    records: Mapping[RecordsAt, Sequence[Record]]
    refs: Mapping[str, tuple[Target, str]]
    """Where prompts were sent, by token."""
    shown: Mapping[str, Sequence[Shown]]
    """What the chats that are to be hidden may still show."""
    now: int

    def session(self, row: OutboxRow) -> Session | None:
        """Return the session that a row belongs to."""
        return self.sessions.get(row.session)

    def person(self, person: str) -> Person | None:
        """Return somebody who is known."""
        unit = self.units.get(person)
        return unit if isinstance(unit, Person) else None

    def reading(self, row: OutboxRow, library: Library) -> Reading:
        """Return what the row's reader reads by."""
        session = self.session(row)
        records = self._records(row)
        reader = self.person(row.recipient)
        if reader is not None:
            zone, language = reader.zone, language_of(library, reader)
        elif row.target.kind is TargetKind.ROOM:
            zone, language = self._in_room(_room_of(row, session), library)
        else:
            zone, language = "", row.language or ENGLISH
        return Reading(
            library=library,
            reader=row.recipient,
            zone=zone,
            session=session,
            names={key: unit.name for key, unit in self.units.items() if isinstance(unit, Person)},
            now=self.now,
            records=records,
            language=language,
            asking=row.fence is not None,
            revision=row.revisions[0] if row.revisions else None,
        )

    def _records(self, row: OutboxRow) -> dict[RecordAt, Record]:
        """The records that a row shows, without those that its reader may not read, or not any more."""
        found: dict[RecordAt, Record] = {}
        for key in _records_of(row):
            unit = self.units.get(key[0])
            for record in self.records.get(key, ()) if unit is not None else ():
                if unit is not None and row.recipient in readers_of(record, unit, self.now):
                    found[record.place] = record
        return found

    def record(self, row: OutboxRow, place: RecordAt) -> Record | None:
        """Return a record that the row's reader may read."""
        return self._records(row).get(place)

    def _in_room(self, place: str, library: Library) -> tuple[str, str]:
        """The zone of a room, and the language that everybody known in it shares."""
        room = self.units.get(place)
        if not isinstance(room, Room):
            return "", ENGLISH
        members = [person for member in room.members if (person := self.person(member)) is not None]
        return room.zone, shared_language(library, members)


async def load_backdrop(tx: Transaction, rows: Sequence[OutboxRow], now: int) -> Backdrop:
    """Return what these rows are worded from: a statement a table, however many they are."""
    sessions = await tx.load_sessions(_named(row.session for row in rows))
    keys = list(dict.fromkeys(key for row in rows for key in _records_of(row)))
    records = await tx.load_records(keys) if keys else {}
    retired = _named(row.token for row in rows if row.kind is RowKind.RETIRE)
    wanted = [row.recipient for row in rows]
    wanted += [person for row in rows for text in _texts(row) for person in _people_in(text)]
    wanted += [unit for unit, _ in keys]
    wanted += [
        value.author
        for those in records.values()
        for record in those
        for values in record.values.values()
        for value in values
    ]
    wanted += [_room_of(row, sessions.get(row.session)) for row in rows if row.target.kind is TargetKind.ROOM]
    hidden = list(dict.fromkeys(row.target for row in rows if row.kind is RowKind.HIDE))
    units = await tx.units(_named(wanted))
    members = [member for unit in units.values() if isinstance(unit, Room) for member in unit.members]
    missing = [member for member in _named(members) if member not in units]
    return Backdrop(
        sessions=sessions,
        units=units | await tx.units(missing),
        records=records,
        refs=await tx.message_refs(retired) if retired else {},
        shown=await tx.shown(hidden) if hidden else {},
        now=now,
    )


def _named(names: Iterable[str]) -> list[str]:
    return [name for name in dict.fromkeys(names) if name]


def _room_of(row: OutboxRow, session: Session | None) -> str:
    return (session.place or "") if session is not None else row.unit


def _texts(row: OutboxRow) -> Iterable[Text]:
    yield from row.paragraphs
    for choice in row.choices:
        yield choice.label
    if row.chosen is not None:
        yield row.chosen


def _records_of(row: OutboxRow) -> Iterable[RecordsAt]:
    refs = [(ref.unit, ref.kind) for text in row.paragraphs for ref in _records_in(text)]
    return dict.fromkeys(refs if row.record is None else [*refs, (row.record.unit, row.record.kind)])


def _records_in(text: Text) -> Iterable[RecordRef]:
    for argument in text.args.values():
        if isinstance(argument, RecordRef):
            yield argument
        elif isinstance(argument, Text):
            yield from _records_in(argument)


def _people_in(text: Text) -> Iterable[str]:
    for argument in text.args.values():
        yield from _named_by(argument)


def _named_by(argument: Argument) -> Iterable[str]:
    match argument:
        case NameRef():
            yield argument.person
        case Text():
            yield from _people_in(argument)
        case Listing():
            for one in argument.items:
                yield from _named_by(one)
        case ValueRef() | HiddenWords() | RecordRef() | Computed() | str():
            pass
        case _:
            assert_never(argument)
