"""What comes by itself: whether it is shown to those whose it is, and what they do with it (N1 to N3)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from bot.conversation.delivery import RECENT
from bot.conversation.envelope import ScheduleCame
from bot.conversation.keeping import end_reviews
from bot.conversation.outbox import MessageClass
from bot.conversation.record import DAY, Record, readers_of
from bot.conversation.record_at import RecordAt
from bot.conversation.scene import PromptAbout, Scene, phrase_choice
from bot.conversation.scheduling import jitter_of, value_in, zone_of_record
from bot.conversation.seats import has_question
from bot.conversation.starting import start_by_command
from bot.conversation.units import Pair, Person, PromptKind, SentPrompt, SetAside, Unit
from bot.conversation.views import end_for_both
from bot.engine.effects import PHRASES, RECORDS, Argument, RecordRef, Text
from bot.engine.local_time import instant_of, local_date
from bot.flows.record_kinds import Comes, RecordKind
from bot.nudges.caps import lately
from bot.nudges.policy import Came, Receiver, come
from bot.nudges.schedule import Passed, Schedule, Why, answered, begin, skipped, snoozed

OPEN, OK, STOP, MUTE, KEEP_ON = "open", "good", "stop", "mute", "keep_on"
SOON, IN_AN_HOUR, TOMORROW = "in_15_minutes", "in_an_hour", "tomorrow"

SNOOZES = {SOON: 15 * 60_000, IN_AN_HOUR: 60 * 60_000}

PASSED_KEPT = 10
"""Of the times that did not come, so many are known."""

AFTER_THE_LAST = 7 * DAY
"""So long what comes no more can still be answered."""


# When it is due


def schedule_came(scene: Scene, came: ScheduleCame) -> None:
    """Show what is due to those whose it is, or say why not; and set when it is due next."""
    found = (one for one in scene.ledger.records(came.unit, came.kind) if one.id == came.record)
    record = next(found, None)
    kind = scene.library.records.kinds.get(came.kind)
    if record is None or record.schedule is None:
        return
    unit = scene.ledger.unit(came.unit)
    if kind is None or kind.comes is None or not readers_of(record, unit, scene.now):
        scene.ledger.put_record(replace(record, schedule=None))
        return
    if record.puts_off is not None and isinstance(unit, Person):
        _bring_back(scene, unit, kind, record, record.puts_off)
        return
    comes = kind.comes
    receiver = _receiver(scene, comes, record, unit)
    became = come(record.schedule, comes.manner, receiver, scene.now, jitter_of(comes, record.id))
    after = _with_passed(replace(record, schedule=became.schedule), became.passed)
    if became.schedule.next_due is None and isinstance(unit, Person):
        after = replace(after, until=min(after.until, scene.now + AFTER_THE_LAST))
    scene.ledger.put_record(after)
    if became.shown:
        for member in unit.members if isinstance(unit, Pair) else (unit.id,):
            _show(scene, scene.ledger.person(member), kind, record, became)


def _bring_back(scene: Scene, person: Person, kind: RecordKind, mine: Record, place: RecordAt) -> None:
    """Show one of two what they put off, as long as the two still have it, and not while they pause."""
    found = found_for(scene, person, place)
    if found is None or kind.comes is None or mine.schedule is None:
        scene.ledger.forget_record(mine)
        return
    pair = scene.ledger.unit(place.unit)
    receiver = replace(_receiver(scene, kind.comes, mine, person), paused=isinstance(pair, Pair) and bool(pair.pause))
    became = come(mine.schedule, kind.comes.manner, receiver, scene.now)
    if became.schedule.next_due is None:
        scene.ledger.forget_record(mine)
    else:
        scene.ledger.put_record(replace(mine, schedule=became.schedule))
    if became.shown:
        _show(scene, person, kind, found[1], became)


def _receiver(scene: Scene, comes: Comes, record: Record, unit: Unit) -> Receiver:
    if not isinstance(unit, Person):
        paused = isinstance(unit, Pair) and bool(unit.pause)
        return Receiver(zone=zone_of_record(comes, record, unit), paused=paused)
    talking = has_question(scene, unit) and scene.now - unit.seen_at < RECENT
    return Receiver(
        zone=unit.zone,
        quiet=unit.quiet_hours,
        nudged=unit.nudged,
        reachable=bool(unit.chat) and not unit.unreachable,
        busy_until=unit.seen_at + RECENT if talking else 0,
    )


def _show(scene: Scene, person: Person, kind: RecordKind, record: Record, came: Came) -> None:
    comes = kind.comes
    if comes is None or person.sets_aside(record.id, scene.now) or not person.chat:
        return
    chosen = comes.manner.chosen or came.asked_for
    if not chosen and comes.manner.counts:
        scene.ledger.put(replace(person, nudged=(*lately(person.nudged, scene.now), scene.now)))
    plainly = comes.shown is not None and value_in(record, comes.shown) == "yes"
    paragraphs = words_of(scene, kind, record) if plainly else (Text(flow=PHRASES, key="note.waiting"),)
    choices = (OK if plainly else OPEN, SOON, IN_AN_HOUR, TOMORROW, MUTE if kind.pair else STOP)
    if came.asks:
        paragraphs = (*paragraphs, Text(flow=PHRASES, key="nudge.asks"))
        choices = (*(() if plainly else (OPEN,)), KEEP_ON, STOP)
    scene.say(
        person,
        paragraphs,
        choices=tuple(phrase_choice(one, f"choice.{one}") for one in choices),
        prompt=PromptAbout(kind=PromptKind.NUDGE, record=record.place),
        cls=MessageClass.REMINDER if chosen else MessageClass.NUDGE,
    )


def words_of(scene: Scene, kind: RecordKind, record: Record) -> tuple[Text, ...]:
    """Return what a record says when it comes."""
    key = f"{kind.name}.comes"
    names = dict.fromkeys(scene.library.template(RECORDS, key).names)
    args: dict[str, Argument] = {
        name: RecordRef(unit=record.unit, kind=kind.name, record=record.id, field=name) for name in names
    }
    return (Text(flow=RECORDS, key=key, args=args),)


# What whom it is for does with it


def found_for(scene: Scene, person: Person, place: RecordAt | None) -> tuple[RecordKind, Record, Schedule] | None:
    """Return what comes by itself at a place, while it stands and is the person's, or that of both."""
    kind = scene.library.records.kinds.get(place.kind) if place is not None else None
    if place is None or kind is None or kind.comes is None or not scene.ledger.has_unit(place.unit):
        return None
    for record in scene.ledger.records(place.unit, place.kind):
        readers = readers_of(record, scene.ledger.unit(place.unit), scene.now)
        if record.id == place.id and record.schedule is not None and person.id in readers:
            return kind, record, record.schedule
    return None


def react(scene: Scene, person: Person, prompt: SentPrompt, choice: str) -> None:
    """Carry out what was pressed under something that came by itself."""
    found = found_for(scene, person, prompt.record)
    if found is None:
        scene.reply(person, "record.gone")
        return
    kind, record, schedule = found
    match choice:
        case "open" | "good" | "keep_on":
            if not kind.pair:
                scene.ledger.put_record(replace(record, schedule=answered(schedule)))
            _opened(scene, person, kind, record, choice)
        case "stop":
            stop(scene, person, kind, record)
        case "mute":
            mute(scene, person, record)
        case _:
            _snooze(scene, person, record, schedule, choice)


def _opened(scene: Scene, person: Person, kind: RecordKind, record: Record, choice: str) -> None:
    if choice != OPEN:
        scene.reply(person, "nudge.kept" if choice == KEEP_ON else "nudge.good")
        return
    if start_now(scene, person, kind, record):
        return
    choices = (SOON, IN_AN_HOUR, TOMORROW, MUTE if kind.pair else STOP)
    scene.say(
        person,
        words_of(scene, kind, record),
        choices=tuple(phrase_choice(one, f"choice.{one}") for one in choices),
        prompt=PromptAbout(kind=PromptKind.NUDGE, record=record.place),
    )


def start_now(scene: Scene, person: Person, kind: RecordKind, record: Record) -> bool:
    """Start the flow that it leads to; return whether it leads to one."""
    starts = kind.comes.starts if kind.comes is not None else None
    flow = scene.library.flows.get(str(value_in(record, starts))) if starts is not None else None
    if flow is not None:
        start_by_command(scene, person, flow)
    return flow is not None


def stop(scene: Scene, person: Person, kind: RecordKind, record: Record) -> None:
    """Let it come no more, at once and without a reason: one's own, or by either what both agreed to."""
    if record.unit == person.id:
        scene.ledger.forget_record(record)
        end_reviews(scene, record)
        scene.reply(person, "nudge.stopped")
    else:
        end_for_both(scene, person, kind, record)


def mute(scene: Scene, person: Person, record: Record) -> None:
    """Let it come no more to this person alone: nobody is told."""
    _set_aside(scene, person, record, record.until)
    scene.reply(person, "nudge.muted")


def unmute(scene: Scene, person: Person, record: Record) -> None:
    """Let it come to this person again."""
    _set_aside(scene, person, record, 0)
    scene.reply(person, "nudge.unmuted")


def skip(scene: Scene, person: Person, kind: RecordKind, record: Record, schedule: Schedule, why: Why) -> None:
    """Leave out its next time; what comes to two, for this person alone."""
    if kind.comes is None:
        return
    if kind.pair and record.unit != person.id:
        _set_aside(scene, person, record, schedule.at + 1)
    else:
        left, gone = skipped(schedule, why, person.zone, jitter_of(kind.comes, record.id))
        scene.ledger.put_record(_with_passed(replace(record, schedule=left), (gone,) if gone is not None else ()))


def _set_aside(scene: Scene, person: Person, record: Record, until: int) -> None:
    others = tuple(one for one in person.set_aside if one.record != record.id and scene.now < one.until)
    mine = (SetAside(record=record.id, until=until),) if until > scene.now else ()
    scene.ledger.put(replace(person, set_aside=(*others, *mine)))


def _snooze(scene: Scene, person: Person, record: Record, schedule: Schedule, choice: str) -> None:
    until = scene.now + SNOOZES[choice] if choice in SNOOZES else _tomorrow(scene, person, schedule)
    if record.unit == person.id:
        scene.ledger.put_record(replace(record, schedule=snoozed(schedule, until)))
    else:
        _put_off(scene, person, record, schedule, until)
    scene.reply(person, "nudge.later", time=Text(flow=PHRASES, key="instant", args={"at": str(until)}))


def _tomorrow(scene: Scene, person: Person, schedule: Schedule) -> int:
    day = local_date(scene.now, person.zone) + timedelta(days=1)
    return instant_of(day, schedule.rule.minutes, person.zone)


def _put_off(scene: Scene, person: Person, record: Record, schedule: Schedule, until: int) -> None:
    """What comes to two and is put off by one comes once more to that one: a note of their own says when."""
    over = begin(schedule.rule, until=0, now=scene.now, zone=person.zone)
    mine = replace(
        record,
        unit=person.id,
        id=scene.ids.id(),
        values={},
        at=scene.now,
        until=until + DAY,
        shared=(),
        schedule=snoozed(over, until),
        puts_off=record.place,
        passed=(),
    )
    scene.ledger.put_record(mine)


def _with_passed(record: Record, passed: Sequence[Passed]) -> Record:
    return replace(record, passed=(*record.passed, *passed)[-PASSED_KEPT:]) if passed else record
