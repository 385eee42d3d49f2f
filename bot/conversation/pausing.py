"""Pause and resume: which units a pause covers, freezing their sessions within the event, thawing them."""

from collections.abc import Iterable
from dataclasses import replace

from bot.conversation.keeping import Drawn
from bot.conversation.scene import PromptAbout, Scene
from bot.conversation.starting import begin, other_of
from bot.conversation.units import Pair, Person, PromptKind, Room, Seat
from bot.engine.effects import PHRASES, Choice, NameRef, Text
from bot.engine.events import Frozen, Joined, Signal, Signalled, Thawed
from bot.engine.model import Flow
from bot.engine.session import Given, Session
from bot.engine.spoken import read_length

SHORTEST, LONGEST = 20 * 60_000, 24 * 3_600_000
"""R5: a pause is 20 minutes to 24 hours."""

TWO = 2


def pair_of_room(scene: Scene, room: Room) -> Pair | None:
    """Return the pair whose own room this is: exactly its two members are in it."""
    if (room.count, len(room.members)) != (TWO, TWO):
        return None
    first = scene.ledger.person(room.members[0])
    pairs = [scene.ledger.pair(pair) for pair in first.pairs]
    return next((pair for pair in pairs if pair.active and set(pair.members) == set(room.members)), None)


def pause_room(scene: Scene, person: Person, room: Room, flow: Flow, args: str) -> None:
    """Call a pause in a room."""
    pair = pair_of_room(scene, room)
    running = _holder(scene, room) or (_holder(scene, pair) if pair is not None else None)
    if running is not None:
        _already(scene, person, running)
        return
    if room.off:
        scene.reply(person, "room.is_off")
        return
    length = _length(args, room.longest or LONGEST)
    _begin(scene, person, flow, unit=room.id, place=room.id, people=room.members, pair=pair, length=length)


def pause_chat(scene: Scene, person: Person, flow: Flow, args: str) -> None:
    """Call a pause from a private chat: for what is in front, else for the only pair or room there is."""
    places = _places(scene, person)
    front = person.front.unit if person.front is not None else ""
    chosen = next((unit for unit in places if unit == front or _covers(scene, unit, front)), None)
    if chosen is None and len(places) == 1:
        chosen = places[0]
    if chosen is not None:
        pause_unit(scene, person, chosen, flow, args)
    elif places:
        choices = tuple(Choice(value=unit, label=_label(scene, person, unit)) for unit in places)
        question = (Text(flow=PHRASES, key="pause.which"),)
        scene.say(person, question, choices=choices, prompt=PromptAbout(kind=PromptKind.PAUSE))
    else:
        scene.reply(person, "pause.nothing")


def pause_unit(scene: Scene, person: Person, unit_id: str, flow: Flow, args: str = "") -> None:
    """Call a pause for a pair or a room by its id; one that is not there any more has nothing to pause."""
    if not scene.ledger.has_unit(unit_id):
        scene.reply(person, "pause.nothing")
        return
    unit = scene.ledger.unit(unit_id)
    if isinstance(unit, Room):
        pause_room(scene, person, unit, flow, args)
        return
    if not isinstance(unit, Pair):
        scene.reply(person, "pause.nothing")
        return
    running = _holder(scene, unit)
    if running is not None:
        _already(scene, person, running)
        return
    _begin(scene, person, flow, unit=unit.id, place=None, people=unit.members, pair=unit, length=_length(args))


def _begin(
    scene: Scene,
    person: Person,
    flow: Flow,
    *,
    unit: str,
    place: str | None,
    people: tuple[str, ...],
    pair: Pair | None,
    length: int | None,
) -> None:
    given = {"pair_room": Given(data="yes" if pair is not None else "no")}
    argument = flow.trigger.argument if flow.trigger is not None else None
    if length is not None and argument is not None:
        given[argument] = Given(data=length)
    present = tuple(dict.fromkeys((*people, person.id)))
    roles = {"caller": (person.id,), "people": present}
    # The rule that the two of them keep counts in their own room too.
    home = pair.id if pair is not None else None
    begin(scene, flow, unit=unit, place=place, starter=person.id, roles=roles, given=given, drawn=Drawn(pair=home))


def _length(wish: str, most: int = LONGEST) -> int | None:
    """The length that is asked for, within what a pause may last; None when none is."""
    length = read_length(wish)
    return None if length is None else min(max(length, SHORTEST), most)


def _places(scene: Scene, person: Person) -> list[str]:
    """The pairs and rooms of a person; a pair's own room stands for the pair."""
    rooms = [room for room in map(scene.ledger.room, person.rooms) if not room.gone]
    covered = {pair.id for room in rooms if (pair := pair_of_room(scene, room)) is not None}
    pairs = [pair.id for pair in map(scene.ledger.pair, person.pairs) if pair.active and pair.id not in covered]
    return [*(room.id for room in rooms), *pairs]


def _covers(scene: Scene, unit: str, front: str) -> bool:
    found = scene.ledger.unit(unit)
    pair = pair_of_room(scene, found) if isinstance(found, Room) else None
    return pair is not None and pair.id == front


def _label(scene: Scene, person: Person, unit: str) -> Text:
    found = scene.ledger.unit(unit)
    if isinstance(found, Pair):
        other = NameRef(person=other_of(found, person.id))
        return Text(flow=PHRASES, key="names.one", args={"name": other})
    name = (found.name or found.place) if isinstance(found, Room) else ""
    return Text(flow=PHRASES, key="pause.room", args={"place": name})


def _holder(scene: Scene, unit: Pair | Room) -> Session | None:
    """The session that holds this unit's freeze, in whichever unit it lives."""
    if not unit.pause:
        return None
    home, _, session = unit.pause.partition("/")
    return scene.ledger.readable_session(Seat(unit=home, session=session))


def _already(scene: Scene, person: Person, running: Session) -> None:
    until = next((key for key in running.values if key.endswith(".back_at.")), None)
    ref = str(running.values[until].data) if until is not None else ""
    scene.reply(person, "pause.already", until=Text(flow=PHRASES, key="instant", args={"at": ref}))


def freeze(scene: Scene, holder: Session) -> None:
    """Freeze everything between people that the holder's room, or pair, holds; nothing anywhere else."""
    mark = f"{holder.unit}/{holder.id}"
    for unit in _covered(scene, holder):
        if not unit.pause:
            scene.ledger.put(replace(unit, pause=mark))
        for session in scene.ledger.sessions_of(unit.id):
            if session.id != holder.id and session.frozen_at is None:
                scene.later(session, Frozen())


def thaw(scene: Scene, holder: Session) -> None:
    """Lift the holder's freeze, and no other, from wherever it lies: who is in a room may have changed meanwhile."""
    _lift(scene, holder.unit, holder.id, (*holder.people, *holder.gone))


def thaw_without(scene: Scene, home: str, session: str) -> None:
    """Lift the freeze of a session that cannot be read, when its time has come: every pause ends."""
    unit = scene.ledger.unit(home)
    _lift(scene, home, session, () if isinstance(unit, Person) else unit.members)


def _lift(scene: Scene, home: str, holder: str, held: Iterable[str]) -> None:
    people = [scene.ledger.person(person) for person in dict.fromkeys(held)]
    near = dict.fromkeys([home, *(unit for person in people for unit in (*person.pairs, *person.rooms))])
    for unit in map(scene.ledger.unit, near):
        if isinstance(unit, Person) or unit.pause != f"{home}/{holder}":
            continue
        scene.ledger.put(replace(unit, pause=""))
        for session in scene.ledger.sessions_of(unit.id):
            if session.id != holder and session.frozen_at is not None:
                scene.later(session, Thawed())


def _covered(scene: Scene, holder: Session) -> list[Pair | Room]:
    unit = scene.ledger.unit(holder.unit)
    if isinstance(unit, Room):
        pair = pair_of_room(scene, unit)
        return [unit, *([pair] if pair is not None else [])]
    if not isinstance(unit, Pair):
        return []
    members = [scene.ledger.person(member) for member in unit.members]
    rooms = {room for person in members for room in person.rooms}
    own = [scene.ledger.room(room) for room in sorted(rooms)]
    return [unit, *(room for room in own if pair_of_room(scene, room) == unit)]


def resume(scene: Scene, person: Person, unit: Pair | Room | None) -> None:
    """Tell the pause that somebody is ready: the room's, else the one in front, else the first there is."""
    units = [unit] if unit is not None else [scene.ledger.unit(u) for u in _places(scene, person)]
    holders = [holder for one in units if isinstance(one, Pair | Room) and (holder := _holder(scene, one))]
    front = person.front.session if person.front is not None else ""
    holder = next((h for h in holders if h.id == front), holders[0] if holders else None)
    if holder is None:
        scene.reply(person, "resume.none")
        return
    if person.id not in holder.people:
        if is_for_two(holder):
            scene.reply(person, "pause.for_two")
            return
        scene.later(holder, Joined(person=person.id, role="people", member=scene.member(person.id)))
    scene.later(holder, Signalled(person=person.id, signal=Signal.RESUME))


def is_for_two(pause: Session) -> bool:
    """Return whether this is the pause of a pair's own room, in which nobody else takes part."""
    return any(key.split(".")[1] == "pair_room" and value.data == "yes" for key, value in pause.values.items())
