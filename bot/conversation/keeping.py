"""Keeping what a session asks to keep, and bringing it back when another begins."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import assert_never

from bot.conversation.delivery import deliver
from bot.conversation.ports import Damaged
from bot.conversation.record import Record, readers_of
from bot.conversation.scene import Scene
from bot.conversation.scheduling import scheduled
from bot.conversation.units import Pair, Unit
from bot.engine.effects import PHRASES, KeepRecord, KeptValue, LetStand, Send, Text
from bot.engine.events import Recalled, RecordEnded
from bot.engine.faults import PrivacyBreach
from bot.engine.model import EACH, EVERYONE, Flow, Slot, SlotType
from bot.engine.session import Session
from bot.flows.record_kinds import RecordKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """What records a session draws on: those of a pair that is not its unit, or the very one that it is about."""

    pair: str | None = None
    record: str = ""


_MEASURED = frozenset({SlotType.DURATION, SlotType.NUMBER, SlotType.SCALE})


def keep_or_let_stand(scene: Scene, session: Session, effect: KeepRecord | LetStand) -> None:
    """Store a record for a session, or move the end of the one that it is about."""
    match effect:
        case KeepRecord():
            keep_record(scene, session, effect)
        case LetStand():
            let_stand(scene, session, effect)
        case _:
            assert_never(effect)


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
    if any(scene.ledger.person(author).session_only for author in authors):
        _tell_unkept(scene, session, [effect.owner] if effect.owner else session.people)
        return
    if effect.latest:
        for earlier in scene.ledger.records(unit.id, effect.kind):
            if earlier.key == effect.key and earlier.stands(scene.now):
                scene.ledger.forget_record(earlier)
                end_reviews(scene, earlier, but=session.id)
    kind = scene.library.records.kinds.get(record.kind)
    scene.ledger.put_record(record if kind is None else scheduled(scene, kind, record))
    scene.kept[session.id] = record.place


def _tell_unkept(scene: Scene, session: Session, people: Iterable[str]) -> None:
    """Tell whose record it would have been, and not because of whom it is none."""
    for person in people:
        said = Text(flow=PHRASES, key="record.unkept")
        deliver(scene, session, Send(to=person, paragraphs=(said,), reply=person == scene.actor))


def about(scene: Scene, flow: Flow, starter: Session) -> str:
    """Return the record that a flow which reviews one is about: kept by whoever starts it, or what that is about."""
    kept = scene.kept.get(starter.id)
    if kept is not None and kept.kind in flow.reviews:
        return kept.id
    return starter.record if set(flow.reviews) & set(scene.flow(starter).reviews) else ""


def let_stand(scene: Scene, session: Session, effect: LetStand) -> None:
    """Move the end of the record that a session is about, while it stands."""
    kinds = scene.library.records.kinds
    for kind in (kinds[name] for name in scene.flow(session).reviews if name in kinds):
        for record in standing(scene, session.unit, kind.name):
            if record.id != session.record:
                continue
            if effect.until <= scene.now:
                scene.ledger.put_record(replace(record, ended_at=scene.now))
                end_reviews(scene, record, but=session.id)
            else:
                until = min(effect.until, scene.now + kind.lasts)
                scene.ledger.put_record(replace(record, until=until))


def end_reviews(scene: Scene, record: Record, *, but: str = "") -> None:
    """End what reviews a record, now that it has ended (N5)."""
    for session in scene.ledger.sessions_of(record.unit):
        if session.record == record.id and session.id != but:
            scene.later(session, RecordEnded())


def standing(scene: Scene, unit: str, kind: str) -> list[Record]:
    """Return the unit's records of a kind that stand, the newest first."""
    return [record for record in reversed(scene.ledger.records(unit, kind)) if record.stands(scene.now)]


def recall(scene: Scene, flow: Flow, session: Session, pair: str | None) -> tuple[Recalled, ...]:
    """Return what records give a session that begins: each value for its author, from the newest that stands.

    A session that is about a record gets that one's values and no other's.
    ``pair`` is the pair whose records count, when it is not the session's own unit.
    """
    found: list[Recalled] = []
    for slot in flow.slots.values():
        kind = scene.library.records.kinds.get(slot.recalls[0]) if slot.recalls is not None else None
        if slot.recalls is None or kind is None:
            continue
        for home in _homes(scene, kind, session, pair):
            only = session.record if kind.name in flow.reviews else None
            values = _newest(scene, home, kind, slot.recalls[1], session, only)
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


def _newest(
    scene: Scene, home: Unit, kind: RecordKind, field: str, session: Session, only: str | None
) -> tuple[KeptValue, ...]:
    try:
        there = standing(scene, home.id, kind.name)
    except Damaged:
        return ()  # what begins can do without what was kept
    record = next((one for one in there if only in {None, one.id}), None)
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
