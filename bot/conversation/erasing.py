"""Erasing a person: what they wrote goes at once, what was joint ends, and the others' own words stay theirs."""

from dataclasses import replace

from bot.conversation.outbox import MessageClass, OutboxRow, RowKind, Target, TargetKind
from bot.conversation.ports import Damaged, Erased
from bot.conversation.record import KEPT_AFTER, Record
from bot.conversation.scene import Scene
from bot.conversation.units import Pair, Person
from bot.conversation.wording import language_of
from bot.engine.effects import PHRASES, Text
from bot.engine.events import Dissolved
from bot.engine.session import Session, key_parts


class NotErased(Exception):
    """Somebody could not be erased."""

    def __str__(self) -> str:
        """Return what to do."""
        return "they could not be erased, and are all there still: see what was logged, restore a backup, try again"


def part_from_others(scene: Scene, person: Person) -> None:
    """End every session that the person has a part in, as the first step of erasing them."""
    for unit in (person.id, *_near(scene, person)):
        for session in scene.ledger.sessions_of(unit):
            if person.id in session.members and person.id not in session.gone:
                scene.later(session, Dissolved())


def erase(scene: Scene, person: Person) -> None:
    """Take the person out of everything that others keep, and erase what is theirs alone.

    The last message tells them; nothing refers to them any more.
    """
    near = _near(scene, person)
    for unit in near:
        for session in [*scene.ledger.sessions_of(unit), *scene.ledger.sessions]:
            if session.unit == unit and person.id in session.members:
                scene.ledger.put_session(without(session, person.id))
    for pair in map(scene.ledger.pair, person.pairs):
        _end_records(scene, pair, person.id)
        _leave_pair(scene, pair, person.id)
    for room in map(scene.ledger.room, person.rooms):
        members = tuple(member for member in room.members if member != person.id)
        scene.ledger.put(replace(room, members=members))
    target = Target(platform=person.platform, kind=TargetKind.DM, chat=person.chat)
    if person.chat:
        _say_goodbye(scene, person, target)
    scene.ledger.erase(Erased(unit=person.id, chat=target.key if person.chat else "", near=near))


def _near(scene: Scene, person: Person) -> tuple[str, ...]:
    """The units beside their own in which they have, or had, a part."""
    return tuple(unit for unit in (*person.pairs, *person.rooms, *person.elsewhere) if scene.ledger.has_unit(unit))


def without(session: Session, person: str) -> Session:
    """Return the session without anything that the person wrote or agreed to."""
    return replace(
        session,
        values={key: value for key, value in session.values.items() if key_parts(key)[2] != person},
        grants=tuple(grant for grant in session.grants if grant.author != person),
        members={name: member for name, member in session.members.items() if name != person},
        answered=tuple(answer for answer in session.answered if answer.person != person),
        deciding=tuple(name for name in session.deciding if name != person),
    )


def _end_records(scene: Scene, pair: Pair, person: str) -> None:
    """What the two have kept together ends. The other's part of it stays with them for a while, as their own."""
    for kind in scene.library.records.kinds:
        for record in _readable(scene, pair.id, kind):
            for other in pair.members:
                if other != person and record.stands(scene.now) and (own := _of(record, other)) is not None:
                    until = scene.now + KEPT_AFTER
                    theirs = replace(own, unit=other, id=scene.ids.id(), until=until, shared=(), schedule=None)
                    scene.ledger.put_record(theirs)
            scene.ledger.forget_record(record)


def _readable(scene: Scene, unit: str, kind: str) -> list[Record]:
    """The records of a kind; none, when one is damaged: without a key nothing in it opens for anybody, anyway."""
    try:
        return scene.ledger.records(unit, kind)
    except Damaged:
        return []


def _of(record: Record, author: str) -> Record | None:
    """The record with what one person wrote in it alone, if that is anything."""
    values = {name: tuple(one for one in kept if one.author == author) for name, kept in record.values.items()}
    values = {name: kept for name, kept in values.items() if kept}
    return replace(record, values=values) if values else None


def _leave_pair(scene: Scene, pair: Pair, person: str) -> None:
    others = tuple(member for member in pair.members if member != person)
    if not others:
        scene.ledger.erase(Erased(unit=pair.id))
        return
    scene.ledger.put(
        replace(
            pair,
            members=others,
            active=False,
            quiet=tuple(member for member in pair.quiet if member != person),
            consents=tuple(consent for consent in pair.consents if consent.person != person),
            invited=tuple(invited for invited in pair.invited if invited.inviter != person),
            pause="",
        )
    )


def _say_goodbye(scene: Scene, person: Person, target: Target) -> None:
    """Tell them, by a message that belongs to nobody: it is sent when nothing is known of them any more."""
    scene.ledger.outbox.append(
        OutboxRow(
            id=scene.ids.id(),
            kind=RowKind.MESSAGE,
            cls=MessageClass.REPLY,
            target=target,
            unit="",
            session="",
            recipient="",
            language=language_of(scene.library, person),
            paragraphs=(Text(flow=PHRASES, key="erased.all"),),
            queued_at=scene.now,
        )
    )
