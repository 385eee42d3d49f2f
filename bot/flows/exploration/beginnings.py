"""The ways in which a flow can begin: who has which role, and what comes with the start."""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import product

from bot.engine.events import Begun, Recalled
from bot.engine.local_time import local_date
from bot.engine.machine import Turn, advance, new_session
from bot.engine.model import EACH, EVERYONE, PARTNER, READ_BY_ALL, ROOM, Ask, Flow, Say, Slot, SlotType, Start
from bot.engine.session import Given, Member, Session
from bot.flows.exploration.answers import WORDS, Answers
from bot.flows.exploration.bounds import Bounds
from bot.flows.exploration.classes import Classes
from bot.flows.exploration.ids import FIRST_ENTRY
from bot.flows.exploration.liveness import Liveness
from bot.flows.exploration.relations import BEGINS, SCALES

NOW = 1_772_474_400_000
"""2026-03-02T18:00Z: as good as any other."""

A_RECURRENCE = "2026-03-06T21:30 FREQ=WEEKLY;BYDAY=FR"
"""What no expression tells from any other."""

PEOPLE = ("ann", "bob", "cid", "dan", "eve", "fay")


@dataclass(frozen=True, slots=True)
class Beginning:
    """One way to begin; ``told`` says which."""

    session: Session
    begun: Begun
    told: str


def beginnings(flow: Flow, bounds: Bounds, starters: Iterable[Start] = ()) -> Iterator[Beginning]:
    """Yield every way to begin; ``starters`` are the steps of other flows that start this one."""
    always, ever = _given_by(flow, starters)
    classes = Classes(flow, bounds)
    roles = _roles(flow, bounds, classes.people())
    place = "room" if _speaks_in_rooms(flow) else None
    people = list(dict.fromkeys(p for members in roles.values() for p in members))
    answers = Answers(flow, bounds, classes)
    given = [
        (slot, [*([] if slot.name in always else [None]), *_given(slot, roles, people, answers)])
        for slot in flow.slots.values()
        if slot.given and (slot.name in ever or not slot.recalls)
    ]
    recalled = list(_records(flow, roles, people, answers))
    starter = next(iter(roles.values()))[0]
    for values in product(*(ways for _, ways in given)):
        for records in recalled:
            chosen = {slot.name: value for (slot, _), value in zip(given, values, strict=True) if value is not None}
            session = new_session(
                flow,
                session_id="s",
                unit="u",
                place=place,
                starter=starter,
                roles=roles,
                members={person: Member(seal=f"key of {person}") for person in people},
                now=NOW,
            )
            told = ", ".join([f"{name} = {value.data}" for name, value in chosen.items()])
            yield Beginning(session, Begun(given=chosen, recalled=records), told)


def begun(flow: Flow, beginning: Beginning) -> Turn:
    """Return the turn in which the session begins. Raises EngineFault."""
    return advance(flow, not_begun(beginning), beginning.begun, NOW)


def not_begun(beginning: Beginning) -> Session:
    """Return the session that is about to begin."""
    return replace(beginning.session, entries=FIRST_ENTRY)


def given_to(flow: Flow, beginning: Beginning, person: str) -> tuple[Hashable, ...]:
    """Return what one person may know of what came with the start: their own, what they were granted, signals."""
    starter = beginning.session.starter
    roles = beginning.session.frames[0].roles
    found: list[Hashable] = []
    for name, value in beginning.begun.given.items():
        slot = flow.slots[name]
        owner = starter if slot.of == EACH else "" if slot.of == EVERYONE else roles[slot.of][0]
        if slot.cls in READ_BY_ALL or person == owner:
            found.append((name, str(value.data)))
        elif slot.granted and person in value.shown_to:
            found.append((name, True))
    recalled = (
        (one.slot, one.author, str(one.data))
        for one in beginning.begun.recalled
        if flow.slots[one.slot].cls in READ_BY_ALL or person == one.author
    )
    return (*found, *recalled)


def _roles(flow: Flow, bounds: Bounds, counted: int) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    free = iter(PEOPLE)
    for name, role in flow.roles.items():
        if role.joins:
            continue
        found[name] = PEOPLE[: max(bounds.people, counted)] if role.many else (next(free),)
    if flow.with_pair:
        found[PARTNER] = (next(free),)
    return found


def _speaks_in_rooms(flow: Flow) -> bool:
    steps = [step for one in (flow, *flow.calls.values()) for step in one.steps.values()]
    return any((isinstance(s, Ask) and s.in_room) or (isinstance(s, Say) and s.to == ROOM) for s in steps)


def starters_of(flows: Iterable[Flow], name: str) -> list[Start]:
    """Return the steps that start a flow."""
    steps = (step for flow in flows for step in flow.steps.values())
    return [step for step in steps if isinstance(step, Start) and step.flow == name]


def _given_by(flow: Flow, starters: Iterable[Start]) -> tuple[frozenset[str], frozenset[str]]:
    """The slots that come with every start, and those that come with some; with none, a flow is begun by hand."""
    found = [frozenset(theirs for theirs, _ in step.give) for step in starters]
    named = flow.trigger.argument if flow.trigger is not None else None
    always = found[0].intersection(*found) if found else frozenset[str]()
    return always, frozenset[str]([named] if named is not None else []).union(*found)


def _given(slot: Slot, roles: Mapping[str, tuple[str, ...]], people: list[str], answers: Answers) -> list[Given]:
    """Every kind of value that can come with the start."""
    author = "" if slot.of in {EVERYONE, EACH} else roles[slot.of][0]
    others = tuple(person for person in people if person != author) if slot.granted else ()
    return [Given(data=data, author=author, shown_to=others) for data in _data(slot, answers)]


def _records(
    flow: Flow, roles: Mapping[str, tuple[str, ...]], people: list[str], answers: Answers
) -> Iterator[tuple[Recalled, ...]]:
    """Yield what can be drawn from records: nothing, or all of one, with every difference that steers something."""
    if not flow.reviews:
        yield ()
    kinds = dict.fromkeys(slot.recalls[0] for slot in flow.slots.values() if slot.recalls)
    for kind in kinds:
        slots = [slot for slot in flow.slots.values() if slot.recalls and slot.recalls[0] == kind]
        for chosen in product(*(_recalled(flow, slot, roles, people, answers) for slot in slots)):
            yield tuple(one for values in chosen for one in values)


def _recalled(
    flow: Flow, slot: Slot, roles: Mapping[str, tuple[str, ...]], people: list[str], answers: Answers
) -> list[tuple[Recalled, ...]]:
    if slot.type is not SlotType.LIST:
        owner = "" if slot.of in {EVERYONE, EACH} else roles[slot.of][0]
        return [(Recalled(slot=slot.name, data=data, author=owner),) for data in _data(slot, answers)]
    each = tuple(Recalled(slot=slot.name, data=WORDS, author=person) for person in people)
    return [(), each[:1], each] if slot.name in Liveness(flow).at(flow.first).values else [each]


def _data(slot: Slot, answers: Answers) -> list[str | int]:
    if slot.options:
        return answers.given(slot)
    values = answers.values(slot) if slot.type in SCALES else []
    match slot.type:
        case SlotType.DATE:
            return [(local_date(NOW, "") + timedelta(days=value)).isoformat() for value in values]
        case SlotType.INSTANT:
            return [NOW - BEGINS + value for value in values]
        case SlotType.RECURRENCE:
            return [A_RECURRENCE]
        case SlotType.TEXT:
            return [WORDS]
        case _:
            return [*values]
