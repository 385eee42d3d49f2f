"""Keeping what a session asks to keep, and bringing it back when another begins."""

from bot.conversation.record import Record, readers_of
from bot.conversation.scene import Scene
from bot.conversation.units import Pair, Unit
from bot.engine.effects import KeepRecord, KeptValue
from bot.engine.events import Recalled
from bot.engine.faults import PrivacyBreach
from bot.engine.model import EACH, EVERYONE, Flow, Slot, SlotType
from bot.engine.session import Session
from bot.flows.record_kinds import RecordKind

_MEASURED = frozenset({SlotType.DURATION, SlotType.NUMBER, SlotType.SCALE})


def keep_record(scene: Scene, session: Session, effect: KeepRecord) -> None:
    """Store a record in the unit whose it is. Raises PrivacyBreach unless all who wrote in it are its readers."""
    unit = scene.ledger.unit(effect.owner or session.unit)
    record = Record(
        unit=unit.id,
        kind=effect.kind,
        id=scene.ids.id(),
        key=effect.key,
        values=effect.values,
        at=scene.now,
        until=effect.until,
        flow=session.flow,
        revision=session.revision,
    )
    readers = readers_of(record, unit, scene.now)
    authors = {value.author for values in effect.values.values() for value in values} - {""}
    people = {effect.owner} & set(session.people) if effect.owner else set(session.people)
    if not people or not authors | people <= readers:
        message = f"a record '{effect.kind}' of session {session.id} would be kept where not all of it may be read"
        raise PrivacyBreach(message)
    if effect.latest:
        for earlier in scene.ledger.records(unit.id, effect.kind):
            if earlier.key == effect.key and earlier.stands(scene.now):
                scene.ledger.forget_record(earlier)
    scene.ledger.put_record(record)


def standing(scene: Scene, unit: str, kind: str) -> list[Record]:
    """Return the unit's records of a kind that stand, the newest first."""
    return [record for record in reversed(scene.ledger.records(unit, kind)) if record.stands(scene.now)]


def recall(scene: Scene, flow: Flow, session: Session, pair: str | None) -> tuple[Recalled, ...]:
    """Return what records give a session that begins: each value for its author, from the newest that stands.

    ``pair`` is the pair whose records count, when it is not the session's own unit.
    """
    found: list[Recalled] = []
    for slot in flow.slots.values():
        kind = scene.library.records.kinds.get(slot.recalls[0]) if slot.recalls is not None else None
        if slot.recalls is None or kind is None:
            continue
        for home in _homes(scene, kind, session, pair):
            values = _newest(scene, home, kind, slot.recalls[1], session)
            found += [
                Recalled(slot=slot.name, data=value.data, author=value.author)
                for value in values
                if _owns(slot, value.author, session) and _fits(slot, value)
            ]
    return tuple(found)


def _homes(scene: Scene, kind: RecordKind, session: Session, pair: str | None) -> list[Unit]:
    """The units whose records of this kind everybody in the session may draw on: the pair's, or each one's own."""
    if not kind.pair:
        return [scene.ledger.unit(person) for person in session.people]
    unit = scene.ledger.unit(pair or session.unit)
    return [unit] if isinstance(unit, Pair) and set(session.people) <= set(unit.members) else []


def _newest(scene: Scene, home: Unit, kind: RecordKind, field: str, session: Session) -> tuple[KeptValue, ...]:
    record = next(iter(standing(scene, home.id, kind.name)), None)
    if record is None or not set(session.people) & readers_of(record, home, scene.now):
        return ()
    return record.values.get(field, ())


def _owns(slot: Slot, author: str, session: Session) -> bool:
    """Whether the slot holds a value of this author, in the flow as it begins."""
    if slot.of == EVERYONE:
        return not author
    return author in (session.people if slot.of == EACH else session.top.roles.get(slot.of, ()))


def _fits(slot: Slot, value: KeptValue) -> bool:
    """Whether the slot can hold the value: what was kept earlier may be outside of today's bounds."""
    if slot.type in _MEASURED:
        return isinstance(value.data, int) and slot.min <= value.data <= slot.max
    if slot.type in {SlotType.CHOICE, SlotType.CHOICES}:
        known = {str(option.value) for option in slot.options}
        return set(value.data if isinstance(value.data, tuple) else (str(value.data),)) <= known
    return True
