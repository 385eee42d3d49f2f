"""The two shortest runs that one person has to see alike, up to where they do not.

What unwinding finds are two states of one class, and not how a person would come to compare them. So two sessions are
played side by side: what others do in private comes in one of them alone, and whatever the person notices in both.
"""

from collections import deque
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass

from bot.flows.exploration.beginnings import Beginning, given_to
from bot.flows.exploration.observing import LOOKS, NEXT, Observed, Way, observed
from bot.flows.exploration.space import Edge, Space, TooManyStates
from bot.flows.exploration.unwinding import Leak

PAIRS = 20_000
"""So many pairs of states are looked at for one leak."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two runs: how it begins, its turns, and what shows the difference."""

    beginning: Beginning
    turns: tuple[Edge, ...]
    last: Way


Known = frozenset[tuple[str, Hashable]]
"""Who does what in the runs that are known to lead to a leak."""


def witness(space: Space, leak: Leak, known: Iterable[Edge], *, leaving: bool) -> tuple[Side, Side] | None:
    """Return the two runs, or None when none were found; ``space`` is new, and only its beginnings are in it.

    Not ``leaving``, nobody but the person leaves in them. First only what was done in the ``known`` runs is tried,
    then everything.
    """
    acts = frozenset((edge.actor, edge.act) for edge in known)
    for among in (acts, None):
        try:
            found = _Search(space, leak, among, leaving=leaving).run()
        except TooManyStates:
            return None
        if found is not None:
            return found
    return None


class _Search:
    def __init__(self, space: Space, leak: Leak, among: Known | None, *, leaving: bool) -> None:
        self._leaving = leaving
        self._space = space
        self._leak = leak
        self._person = leak.person
        self._among = among
        self._came: dict[tuple[int, int], tuple[tuple[int, int], Edge | None, Edge | None] | None] = {}
        """Each pair of states, by the pair before it and the turns in between."""
        self._begun: dict[tuple[int, int], tuple[Beginning, Beginning]] = {}

    def run(self) -> tuple[Side, Side] | None:
        todo: deque[tuple[int, int]] = deque()
        for one in self._space.begun:
            for other in self._space.begun:
                given = [given_to(self._space.flow, begin.beginning, self._person) for begin in (one, other)]
                pair = (one.state, other.state)
                seen = [begin.seen.get(self._person, ()) for begin in (one, other)]
                if given[0] != given[1] or (pair in self._begun and seen[0] == seen[1]):
                    continue
                self._begun[pair] = (one.beginning, other.beginning)
                self._came[pair] = None
                todo.append(pair)
                if seen[0] != seen[1]:
                    act = ("begins", *given[0])
                    return self._sides(pair, Way(act, seen[0], pair[0]), Way(act, seen[1], pair[1]))
        while todo and len(self._came) < PAIRS:
            pair = todo.popleft()
            differ = self._difference(*pair)
            if differ is not None:
                return self._sides(pair, *differ)
            for onward, one, other in self._onward(*pair):
                if onward not in self._came and onward[::-1] not in self._came:
                    self._came[onward] = (pair, one, other)
                    todo.append(onward)
        return None

    def _expand(self, number: int) -> None:
        for actor in ("", *self._space.states[number].session.members):
            self._space.expand(number, actor)

    def _observed(self, number: int) -> Observed:
        self._expand(number)
        return observed(self._space, number, self._person, leaving=self._leaving)

    def _ways(self, number: int) -> list[Way]:
        meant = self._leak.other.way.alone
        ways = (way for way in self._observed(number).ways if meant or not way.alone)
        return [way for way in ways if self._is_meant(way.edge)]

    def _hidden(self, number: int) -> list[Edge]:
        return [edge for edge in self._observed(number).hidden if self._is_meant(edge)]

    def _is_meant(self, edge: Edge | None) -> bool:
        return edge is None or self._among is None or not edge.actor or (edge.actor, edge.act) in self._among

    def _difference(self, one: int, other: int) -> tuple[Way, Way] | None:
        """What can happen in both, and shows the person something else."""
        there = self._ways(other)
        for way in self._ways(one):
            for beside in there:
                if way.act == beside.act and way.seen != beside.seen:
                    return way, beside
        unseen = self._leak.other.way
        if unseen.edge is not None and unseen.act[0] == NEXT and not unseen.seen:
            for way in self._ways(one):
                for edge in self._hidden(other) if way.act == unseen.act else ():
                    if edge.act == unseen.edge.act and edge.left:
                        return way, Way(unseen.act, (), edge.target, edge)
        return None

    def _onward(self, one: int, other: int) -> Iterator[tuple[tuple[int, int], Edge | None, Edge | None]]:
        for edge in self._hidden(one):
            yield (edge.target, other), edge, None
        for edge in self._hidden(other):
            yield (one, edge.target), None, edge
        there = [way for way in self._ways(other) if way.edge is not None and way.act != LOOKS]
        for way in self._ways(one):
            for beside in there if way.edge is not None else ():
                if way.act == beside.act and (way.target, beside.target) != (one, other):
                    yield (way.target, beside.target), way.edge, beside.edge

    def _sides(self, pair: tuple[int, int], one: Way, other: Way) -> tuple[Side, Side]:
        steps: list[tuple[Edge | None, Edge | None]] = []
        at = pair
        while (came := self._came[at]) is not None:
            at, first, second = came
            steps.insert(0, (first, second))
        here, there = self._begun[at]
        return (
            Side(here, tuple(edge for edge, _ in steps if edge is not None), one),
            Side(there, tuple(edge for _, edge in steps if edge is not None), other),
        )
