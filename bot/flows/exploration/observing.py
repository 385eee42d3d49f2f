"""What one person can observe from a state on: what can happen, what they see of it, and what is hidden from them.

Each thing that can happen is told so that it is the same for the person, whoever did what in private: their own acts
and deadlines by what they are; what others do by who did it, and what it gives away.
"""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field

from bot.engine.events import ChoicePicked, Signal, Signalled
from bot.engine.model import Flow
from bot.flows.exploration.happening import DRAFTS
from bot.flows.exploration.seen import Seen
from bot.flows.exploration.space import Edge, Space

Act = tuple[Hashable, ...]
"""What happens, as it is the same for one person."""

THROUGH: Seen = ("through with it",)
"""In the place of what is seen of somebody's part: they were through, and nothing was seen of it."""

LOOKS: Act = ("looks it up",)
"""What is the same whatever happens: the person looks up where they are."""

NEXT, PART = "next", "part"
"""The next thing that is seen of somebody, and what is seen of their part in a stage."""

SOMEBODY = "somebody"
"""What is seen of somebody, whoever it was."""


@dataclass(frozen=True, slots=True)
class Way:
    """Something that can happen: where the ``act`` is the same, it has to show the same, and to lead to the same."""

    act: Act
    seen: Seen
    target: int
    edge: Edge | None = None
    """The turn, if one is taken: time may also pass while nothing comes of it."""
    alone: bool = False
    """Nothing comes of it because somebody has left who was alone in the flow: nobody waits for them there."""


@dataclass(slots=True)
class Observed:
    """What one person can observe from a state on."""

    ways: list[Way] = field(default_factory=list[Way])
    hidden: list[Edge] = field(default_factory=list[Edge])
    """Turns of others of which they see nothing, and which give nothing away."""


def observed(space: Space, number: int, person: str, *, leaving: bool = True) -> Observed:
    """Return what the person can observe from a state on; not ``leaving``, nobody else leaves."""
    found = Observed()
    session = space.states[number].session
    if person in session.members:
        found.ways.append(Way(LOOKS, space.looks(number, person), number))
    if session.ended and (leaving or not session.gone):
        found.ways += _silence(number, alone=_is_alone(space.flow) and bool(session.gone))
    for edge in space.states[number].edges:
        left = is_leaving(edge) and edge.actor != person
        if left and not leaving:
            continue
        ways = list(_ways(space, number, edge, person))
        found.ways += ways
        if edge.actor not in {"", person} and not any(way.act[0] == NEXT for way in ways):
            found.hidden.append(edge)
            # However it came to an end, it is over in the same way: what was before is not the same for that.
            over = space.states[edge.target].session.ended
            found.ways += _silence(edge.target, edge, alone=_is_alone(space.flow) and left) if over else []
    return found


def is_leaving(edge: Edge) -> bool:
    """Return whether somebody leaves by a turn, or has left and decides about their drafts."""
    if isinstance(edge.event, Signalled):
        return edge.event.signal is Signal.STOP
    return isinstance(edge.event, ChoicePicked) and edge.event.lane.startswith(DRAFTS)


def _is_alone(flow: Flow) -> bool:
    return len(flow.roles) == 1 and not any(role.many for role in flow.roles.values())


def _silence(over: int, edge: Edge | None = None, *, alone: bool) -> list[Way]:
    """Time passes, and nothing comes of it."""
    return [Way(("", ("time", entry), (), False), (), over, edge, alone) for entry in (True, False)]


def _ways(space: Space, number: int, edge: Edge, person: str) -> Iterator[Way]:
    seen = edge.seen.get(person, ())
    gave = edge.released.to(person)
    if edge.actor in {"", person}:
        # Whoever is the last of a stage sees that the others were through.
        last = bool(edge.actor) and edge.left
        read = edge.released.read if edge.actor else ()
        yield Way((edge.actor, edge.act, (*gave, *read), last), seen, edge.target, edge)
        return
    yield from _part(space, number, edge, person)
    if not seen and edge.left and edge.led_on and _can_notice(space, number, edge.target, person):
        seen = ("noticed",)
    if seen:
        gave += edge.released.weighed
    if seen or edge.released.at_once(person):
        yield Way((SOMEBODY, seen, gave), seen, edge.target, edge)
        yield Way((NEXT, edge.actor, gave), seen, edge.target, edge)


def _part(space: Space, number: int, edge: Edge, person: str) -> Iterator[Way]:
    """What is seen of somebody's part until they are through; where it leads is said by ``next``."""
    part = edge.part.get(person, ())
    if (not part and not edge.through) or (edge.left and not edge.led_on):
        return
    top = space.states[number].session.top
    gave = (*edge.released.answering(person), *(edge.released.weighed if part else ()))
    yield Way((PART, edge.actor, top.flow, top.stage, gave), part or THROUGH, number, edge)


def _can_notice(space: Space, number: int, target: int, person: str) -> bool:
    """Whether the person, looking up where they are, finds that a stage is over of which they heard nothing."""
    if person not in space.states[target].session.members:
        return False
    return space.looks(number, person) != space.looks(target, person)
