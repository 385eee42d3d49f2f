"""What comes by itself when nobody does anything any more, and when: it is the same whatever was answered.

When something comes tells others nothing as long as they do not know since when it was waited for. But they may: so
two answers to one question, behind which everybody is silent, have to show the others the same at the same time.
"""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from bot.engine.events import ChoicePicked, TextTyped, TimerDue
from bot.engine.prompts import KEEP, SHARE
from bot.flows.exploration.observing import Observed
from bot.flows.exploration.seen import Seen
from bot.flows.exploration.space import Edge, Space

Coming = tuple[tuple[int, tuple[Hashable, ...], Seen], ...]
"""What comes for one person by deadlines alone: after how long, what is given away by that, and what they see."""


@dataclass(frozen=True, slots=True)
class Early:
    """Two answers from one state after which something else comes, or at another time."""

    state: int
    person: str
    one: Edge
    other: Edge
    after: int
    """When something comes of the one, and not the same of the other."""


class Silences:
    """What one person is shown while everybody is silent, from any state on."""

    def __init__(self, space: Space, person: str) -> None:
        self._space = space
        self._person = person
        self._known: dict[int, Coming] = {}

    def of(self, number: int) -> Coming:
        """Return what comes from a state on by deadlines; the end of a session's lifetime is none."""
        way: list[tuple[int, Edge]] = []
        at = number
        passed = {number}
        while at not in self._known:
            edge = self._next(at)
            if edge is None or edge.target in passed:
                self._known[at] = ()
                break
            way.append((at, edge))
            at = edge.target
            passed.add(at)
        for source, edge in reversed(way):
            after = edge.at - self._space.states[source].now
            seen = edge.seen.get(self._person, ())
            gave = (*edge.released.to(self._person), *edge.released.weighed)
            later = tuple((after + ahead, given, shown) for ahead, given, shown in self._known[edge.target])
            self._known[source] = ((after, gave, seen), *later) if seen or gave else later
        return self._known[number]

    def way(self, number: int, until: int) -> Iterator[tuple[Edge, int]]:
        """Yield the deadlines that come up to a time, and when."""
        passed, at = 0, number
        while (edge := self._next(at)) is not None and edge.target != at:
            passed += edge.at - self._space.states[at].now
            if passed > until:
                return
            yield edge, passed
            at = edge.target

    def _next(self, number: int) -> Edge | None:
        edges = self._space.states[number].edges
        return next((edge for edge in edges if isinstance(edge.event, TimerDue) and edge.event.entry), None)


def find_early(space: Space, person: str, seen: Sequence[Observed]) -> Early | None:
    """Return the first two answers that the person could tell apart by what comes, and when, if there are such."""
    silences = Silences(space, person)
    for number, observed in enumerate(seen):
        first: dict[Hashable, Edge] = {}
        for edge in _answers(observed, person):
            known = first.setdefault((edge.actor, edge.released.to(person)), edge)
            differ = _differ(silences.of(known.target), silences.of(edge.target))
            if differ is not None:
                after, first_is_early = differ
                one, other = (known, edge) if first_is_early else (edge, known)
                return Early(number, person, one, other, after)
    return None


def _differ(one: Coming, other: Coming) -> tuple[int, bool] | None:
    """When something comes in one of them and not in the other, and whether that is the first; None if never.

    From where something else is given away they need not be the same any more.
    """
    for first, second in zip_longest(one, other):
        if first == second:
            continue
        if first is None or second is None or first[0] != second[0]:
            early = second is None or (first is not None and first[0] < second[0])
            found = first if early else second
            return (found[0], early) if found is not None else None
        return (first[0], True) if first[1] == second[1] else None
    return None


def _answers(observed: Observed, person: str) -> Iterator[Edge]:
    for edge in observed.hidden:
        answered = isinstance(edge.event, ChoicePicked | TextTyped) and edge.led_on and not edge.given_up
        # What was granted is seen, or is not: that is what is decided there.
        granting = isinstance(edge.event, ChoicePicked) and edge.event.choice in {SHARE, KEEP}
        if answered and not granting and edge.actor != person:
            yield edge
