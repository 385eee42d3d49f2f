"""What is somebody's own, to take along: their words, what was shown to them and still is, and records (P9).

What they may read is decided as for every message: nothing private of anybody else is in it, and nothing of which the
grant has ended.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from bot.conversation.ports import Transaction
from bot.conversation.record import Record, readers_of
from bot.conversation.units import Person, Unit
from bot.conversation.wording import NotReadable, Reading, language_of, told
from bot.engine.effects import RecordRef, Text, ValueRef
from bot.engine.model import Flow
from bot.engine.session import Session, key_parts
from bot.flows.library import Library, RevisionLost


async def export_of(tx: Transaction, library: Library, person: str, now: int) -> dict[str, Any]:
    """Return everything as plain data; instants are in UTC. Raises KeyError for somebody who is not known."""
    known = (await tx.units([person]))[person]
    if not isinstance(known, Person):
        raise KeyError(person)
    near = tuple(dict.fromkeys((person, *known.pairs, *known.rooms, *known.elsewhere)))
    units = await tx.units(near)
    sessions = await tx.sessions_in(near)
    records = [
        record
        for record in await tx.records_in(near)
        if record.unit in units and person in readers_of(record, units[record.unit], now) and record.puts_off is None
    ]
    reading = Reading(
        library=library,
        reader=person,
        zone=known.zone,
        session=None,
        names=await _names(tx, units.values(), sessions),
        now=now,
        language=language_of(library, known),
        records={record.place: record for record in records},
    )
    return {
        "exported": _instant(now),
        "person": {"id": known.id, "name": known.name, "language": reading.language, "zone": known.zone},
        "conversations": [found for session in sessions if (found := _session(session, reading))],
        "records": [_record(record, reading) for record in records],
    }


async def _names(tx: Transaction, units: Iterable[Unit], sessions: Iterable[Session]) -> Mapping[str, str]:
    people = {name for session in sessions for name in session.members}
    people |= {member for unit in units if not isinstance(unit, Person) for member in unit.members}
    found = await tx.units(sorted(people))
    return {name: unit.name for name, unit in found.items() if isinstance(unit, Person)}


def _session(session: Session, reading: Reading) -> dict[str, Any]:
    """What somebody wrote in a session, and what others showed them there; nothing, if there is neither."""
    try:
        flow = reading.library.pinned(session.flow, session.revision)
    except RevisionLost:
        return {}
    inside = replace(reading, session=session)
    own: list[dict[str, str]] = []
    shown: list[dict[str, str]] = []
    for key, value in session.values.items():
        number, name, owner, _ = key_parts(key)
        here = flow.named(session.flows[number])
        ref = ValueRef(flow=here.id, slot=name, key=key, owner=owner, rev=value.rev)
        try:
            words = told(ref, inside)
        except NotReadable:
            continue
        what = _name_of(here, name, inside)
        if owner == reading.reader:
            own.append({"what": what, "words": words})
        elif owner:
            shown.append({"what": what, "words": words, "from": reading.names.get(owner, "")})
    title = told(Text(flow=flow.id, key="title"), inside)
    lanes = [lane for frame in session.frames for lane in frame.lanes.values() if lane.person == reading.reader]
    own += [{"what": title, "words": lane.held} for lane in lanes if lane.held]
    return {"about": title, "ended": session.ended, "yours": own, "shown to you": shown} if own or shown else {}


def _name_of(flow: Flow, slot: str, reading: Reading) -> str:
    """What a slot is called: what a person who wrote in it is told, or else its own name."""
    key = f"slots.{slot}.name"
    return told(Text(flow=flow.id, key=key), reading) if key in flow.texts else slot


def _record(record: Record, reading: Reading) -> dict[str, Any]:
    fields: dict[str, list[dict[str, str]]] = {}
    for name, kept in record.values.items():
        for nth, value in enumerate(kept):
            ref = RecordRef(unit=record.unit, kind=record.kind, record=record.id, field=name, nth=nth)
            line = {"words": told(ref, reading), "from": reading.names.get(value.author, "")}
            fields.setdefault(name, []).append(line)
    return {"kind": record.kind, "kept": _instant(record.at), "ends": _instant(record.over), "fields": fields}


def _instant(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).isoformat()
