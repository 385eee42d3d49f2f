"""What every state of a flow has to keep, whatever led to it (apart from what others can tell: see ``unwinding``)."""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, replace

from bot.engine.effects import Send
from bot.engine.events import (
    ChoicePicked,
    Event,
    Frozen,
    ShownAgain,
    Signal,
    Signalled,
    TextTyped,
    Thawed,
    TimerDue,
)
from bot.engine.faults import EngineFault
from bot.engine.machine import Turn, advance
from bot.engine.session import Session
from bot.flows.exploration.answers import WORDS
from bot.flows.exploration.space import Space

OTHER_SIGNALS = (Signal.BACK, Signal.SKIP, Signal.NOT_NOW, Signal.STOP)
"""What somebody can always do, wherever they are. [Pause] is the host's, by Frozen; [Hide] touches no session."""


A_PAUSE, A_YEAR = 3_600_000, 365 * 86_400_000
"""How long a pause lasts that is tried, and how late a deadline is that is tried in it: past every other."""


@dataclass(frozen=True, slots=True)
class Breach:
    """A state that does not keep a promise."""

    state: int
    promise: str
    """Which one, in a sentence."""
    actor: str = ""
    event: Event | None = None


def find_breaches(space: Space) -> list[Breach]:
    """Return every promise that some state does not keep, each with the first such state."""
    found: dict[str, Breach] = {}
    for breach in (*_unending(space), *_held(space)):
        found.setdefault(breach.promise, breach)
    return list(found.values())


def _unending(space: Space) -> Iterator[Breach]:
    """Everybody silent, every session ends, and deadlines alone lead there."""
    ends: set[int] = {number for number, state in enumerate(space.states) if state.session.ended}
    for number in range(len(space.states)):
        way: list[int] = []
        at = number
        while at not in ends and at not in way and len(way) <= space.bounds.deadline:
            way.append(at)
            onward = _when_time_passes(space, at)
            if onward is None:
                break
            at = onward
        if at in ends:
            ends |= set(way)
        elif space.was_expanded(at, ""):
            yield Breach(number, "With everybody silent the session never ends.")


def _when_time_passes(space: Space, number: int) -> int | None:
    timed = [edge for edge in space.states[number].edges if isinstance(edge.event, TimerDue)]
    first = next((edge for edge in timed if isinstance(edge.event, TimerDue) and edge.event.entry), None)
    onward = first if first is not None else next(iter(timed), None)
    return None if onward is None else onward.target


def _held(space: Space) -> Iterator[Breach]:
    """Signals, pauses, crashes and repeated events, tried once wherever somebody can stand."""
    tried: set[Hashable] = set()
    for number, state in enumerate(space.states):
        place = _place(state.session)
        if state.session.ended or place in tried:
            continue
        tried.add(place)
        yield from _one(space, number, state.session, state.now)


def _place(session: Session) -> Hashable:
    lanes = tuple((lane.key, lane.status, lane.step, lane.phase) for lane in session.top.lanes.values())
    inside = tuple((key, one.lane.step) for key, one in session.hidden.items())
    return (tuple((frame.flow, frame.stage) for frame in session.frames), lanes, inside, session.gone)


def _one(space: Space, number: int, session: Session, now: int) -> Iterator[Breach]:
    for person in session.people:
        for signal in OTHER_SIGNALS:
            yield from _answered(space, number, session, Signalled(person=person, signal=signal), now)
        yield from _answered(space, number, session, ShownAgain(person=person), now)
        old = ChoicePicked(person=person, lane=f"none:{person}", entry=-1, choice="none")
        yield from _answered(space, number, session, old, now)
        yield from _let_go(space, number, session, person, now)
    yield from _paused(space, number, session, now)
    if session.hidden:
        yield from _crashed(space, number, session, now)


def _turn(space: Space, session: Session, event: Event, now: int) -> Turn | EngineFault:
    try:
        return advance(space.flow, session, event, now)
    except EngineFault as fault:
        return fault


def _answered(
    space: Space, number: int, session: Session, event: Event, now: int, when: str = ""
) -> Iterator[Breach]:
    """Whatever somebody does is answered, in their own chat, in the same turn; ``when`` says in which plight."""
    turn = _turn(space, session, event, now)
    person = getattr(event, "person", "")
    if isinstance(turn, EngineFault):
        yield Breach(number, f"The engine refuses a turn: {turn}", person, event)
    elif not any(isinstance(effect, Send) and effect.to == person for effect in turn.effects):
        told = f"{when}{_told(event)} has no answer."
        yield Breach(number, told[0].upper() + told[1:], person, event)


def _told(event: Event) -> str:
    """What somebody does, in a few words."""
    match event:
        case Signalled():
            told = f"'{event.signal.value.replace('_', ' ')}'"
        case ShownAgain():
            told = "asking where one is"
        case ChoicePicked():
            told = "a button of an earlier moment"
        case _:
            told = "what is typed"
    return told


def _let_go(space: Space, number: int, session: Session, person: str, now: int, when: str = "") -> Iterator[Breach]:
    """Stop is the last turn in which somebody has a part."""
    stop = Signalled(person=person, signal=Signal.STOP)
    stopped = _turn(space, session, stop, now)
    if isinstance(stopped, Turn) and person not in stopped.session.gone and not stopped.session.ended:
        yield Breach(number, f"{when}'stop' does not let somebody go at once.", person, stop)


def _paused(space: Space, number: int, session: Session, now: int) -> Iterator[Breach]:
    """A pause that is over at once leaves everything as it was; nothing goes on while it lasts."""
    frozen = _turn(space, session, Frozen(), now)
    if isinstance(frozen, EngineFault):
        yield Breach(number, f"The engine refuses a turn: {frozen}", "", Frozen())
        return
    for person in session.people:
        typed = TextTyped(person=person, text=WORDS)
        yield from _answered(space, number, frozen.session, typed, now, "During a pause, ")
    if any(_runs_out(space, frozen.session, entry, now) for entry in (session.top.entry, 0)):
        yield Breach(number, "A deadline comes during a pause.")
    thawed = _turn(space, frozen.session, Thawed(), now)
    same = isinstance(thawed, Turn) and space.keys.of(thawed.session, now) == space.keys.of(session, now)
    if not same and not session.hidden:
        yield Breach(number, "After a pause it does not go on where it was.")
    later = _turn(space, frozen.session, Thawed(), now + A_PAUSE)
    if isinstance(later, Turn) and _left(later.session, now + A_PAUSE) != _left(session, now):
        yield Breach(number, "A deadline does not stand still during a pause.")


def _runs_out(space: Space, session: Session, entry: int, now: int) -> bool:
    """Whether anything comes of a deadline: of the stage's, or of the lifetime, whose entry is 0."""
    due = _turn(space, session, TimerDue(entry=entry), now + A_YEAR)
    return isinstance(due, Turn) and due.session != session


def _left(session: Session, now: int) -> tuple[int | None, int]:
    """How much time is left, of the stage and of all."""
    return None if session.top.due is None else session.top.due - now, session.expires_at - now


def _crashed(space: Space, number: int, session: Session, now: int) -> Iterator[Breach]:
    """When the memory of a volatile section is lost, everybody in it is still answered, and can leave."""
    lost = replace(session, hidden={})
    after = "After a crash in a volatile section, "
    for person in session.people:
        yield from _answered(space, number, lost, ShownAgain(person=person), now, after)
        yield from _answered(space, number, lost, Signalled(person=person, signal=Signal.STOP), now, after)
        yield from _let_go(space, number, lost, person, now, after)
