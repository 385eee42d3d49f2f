"""What came of a flow when everything that can happen in it was gone through: who was shown what, and where."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from bot.engine.effects import (
    IN_ROOM,
    PHRASES,
    Argument,
    KeepRecord,
    Listing,
    NameRef,
    Send,
    StartFlow,
    Text,
    ValueRef,
)
from bot.engine.events import Event, Signal, Signalled, TimerDue
from bot.engine.machine import Turn, advance
from bot.engine.model import ROOM, Flow
from bot.engine.move import Move, references
from bot.engine.session import ItemGrant, Session, key_parts
from bot.flows.audiences import NOBODY
from bot.flows.exploration.beginnings import NOW, begun
from bot.flows.exploration.bounds import Bounds
from bot.flows.exploration.exploring import explored_space
from bot.flows.exploration.ids import numbered

Roles = Mapping[str, tuple[str, ...]]

Pairs = frozenset[tuple[str, str]]
"""Of one person and another: every role of the one with every role of the other. Somebody may have several."""

Of = tuple[str, str]
"""A flow and a slot of it."""

Seen = tuple[tuple[str, ...], Pairs]
"""What was seen, and of whom by whom."""


@dataclass(slots=True)
class Observed:
    """All that was seen."""

    shown: set[Seen] = field(default_factory=set[Seen])
    """Flow, slot and step: whose value was told to whom."""
    readable: set[Seen] = field(default_factory=set[Seen])
    """Flow and slot: whose value whom the engine would have let read, told or not."""
    named: set[Seen] = field(default_factory=set[Seen])
    """Flow: whose name was told to whom."""
    weighed: set[tuple[str, str, str]] = field(default_factory=set[tuple[str, str, str]])
    """What outcome of a flow came to be known to which role."""
    kept: set[tuple[str, str, str]] = field(default_factory=set[tuple[str, str, str]])
    """The kinds of record, and their fields."""
    started: set[tuple[str, str, str]] = field(default_factory=set[tuple[str, str, str]])
    """The flows that were started, and the slots that were given to them; with no slot, that they were started."""
    waiting: set[Of] = field(default_factory=set[Of])
    """Of what a yes stood after a turn, and nothing of it was shown yet."""
    shown_by_time: set[Of] = field(default_factory=set[Of])
    """What was shown by a deadline."""
    taken_back: set[tuple[Signal, Of]] = field(default_factory=set[tuple[Signal, Of]])
    """Of what a yes was taken back, by which word."""


def observed(flow: Flow, flows: Mapping[str, Flow], bounds: Bounds) -> Observed:
    """Go through a flow, and return what was seen on the way."""
    space, begins = explored_space(flow, flows, bounds)
    found = Observed()
    for beginning in begins.values():
        _look(flow, beginning.session, begun(flow, beginning), NOW, found)
    for state in space.states:
        for edge in state.edges:
            before = state.session
            if isinstance(edge.event, TimerDue) and not edge.event.entry:
                before = replace(before, expires_at=edge.at)
            turn = advance(flow, numbered(flow, before, edge.event), edge.event, edge.at)
            _look(flow, before, turn, edge.at, found)
            _consent(before, turn.session, edge.event, found)
    return found


def _look(flow: Flow, before: Session, turn: Turn, at: int, found: Observed) -> None:
    roles = {frame.flow: frame.roles for frame in (*before.frames, *turn.session.frames)}
    for effect in turn.effects:
        match effect:
            case Send():
                _message(effect, roles, found)
            case KeepRecord():
                found.kept |= {(flow.id, effect.kind, name) for name in effect.values}
            case StartFlow():
                found.started |= {(flow.id, effect.flow, name) for name in ("", *effect.given)}
            case _:
                pass
    for name, reader in turn.weighed:
        for here, holders in roles.items():
            if name in flow.named(here).outcomes:
                people = _roles_of(holders, reader) if reader is not None else list(flow.named(here).roles)
                found.weighed |= {(here, name, role) for role in people}
    _readable(flow, turn.session, at, found)


def _consent(before: Session, after: Session, event: Event, found: Observed) -> None:
    """What became of the yeses that stood."""
    here = {str(frame.no): frame.flow for frame in (*before.frames, *after.frames)}

    def of(grants: Iterable[ItemGrant]) -> set[Of]:
        keys = (key_parts(grant.item) for grant in grants)
        return {(here[number], slot) for number, slot, _, _ in keys if number in here}

    standing = [grant for grant in after.grants if not grant.revealed]
    found.waiting |= of(standing)
    known = {(grant.item, grant.seal) for grant in before.grants if grant.revealed}
    if isinstance(event, TimerDue):
        found.shown_by_time |= of(g for g in after.grants if g.revealed and (g.item, g.seal) not in known)
    if isinstance(event, Signalled):
        left = {grant.item for grant in after.grants}
        gone = of(g for g in before.grants if g.author == event.person and not g.revealed and g.item not in left)
        found.taken_back |= {(event.signal, one) for one in gone}


def _message(send: Send, roles: Mapping[str, Roles], found: Observed) -> None:
    own = [text.key.split(".")[0] for text in send.paragraphs if text.flow in roles]
    for text in send.paragraphs:
        step = text.key.split(".")[0] if text.flow in roles else (own or [""])[0]
        for ref in references(text):
            if isinstance(ref, ValueRef) and (ref.owner != send.to or send.to == IN_ROOM):
                found.shown.add(((ref.flow, ref.slot, step), _pairs(roles[ref.flow], ref.owner, send.to)))
        if text.flow != PHRASES:
            others = (person for person in _names(text.args.values()) if person != send.to)
            found.named |= {((text.flow,), _pairs(roles[text.flow], person, send.to)) for person in others}


def _names(arguments: Iterable[Argument]) -> Iterator[str]:
    for argument in arguments:
        match argument:
            case NameRef(person=person):
                yield person
            case Listing(items=items):
                yield from _names(items)
            case Text(args=args):
                yield from _names(args.values())
            case _:
                pass


def _pairs(roles: Roles, owner: str, to: str) -> Pairs:
    """Whose it is and who is told, by role; everybody in the room is told what is said there."""
    readers = [ROOM] if to == IN_ROOM else _roles_of(roles, to)
    return frozenset((one, reader) for one in (_roles_of(roles, owner) if owner else [NOBODY]) for reader in readers)


def _roles_of(roles: Roles, person: str) -> list[str]:
    return [role for role, people in roles.items() if person in people]


def _readable(flow: Flow, session: Session, now: int, found: Observed) -> None:
    """What the engine's labels let whom read, whether or not anything shows it to them."""
    move = Move(flow, session, now, None)
    frames = {str(frame.no): frame for frame in session.frames}
    for key, value in session.values.items():
        number, slot, owner, _ = key_parts(key)
        if number not in frames:
            continue  # its flow has returned: nothing can name it any more
        here, roles = frames[number].flow, frames[number].roles
        ref = ValueRef(flow=here, slot=slot, key=key, owner=owner, rev=value.rev)
        for reader in session.members:
            if reader != owner and move.readable(ref, reader):
                found.readable.add(((here, slot), _pairs(roles, owner, reader)))
