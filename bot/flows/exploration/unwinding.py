"""Non-interference by unwinding: what somebody does in private makes no difference to what anybody else sees.

For one person after another: states are put into one class where they differ only by what others did in private. Then
in each class every act of that person, every deadline, and whatever gives the same things away has to show the person
the same, and to lead into one class again. Where it does not, somebody could tell two private answers apart.

Some of what others do that person sees. So, as long as those are at it, in each class

* the next thing that they see of somebody has to be the same, whatever that one did in private;
* as much has to be seen of that one's part by the time they are through with it, whatever they answered;
* and whoever leaves a stage unnoticed has still to come to what, by another answer, they would have been seen to do.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.engine.events import Signalled
from bot.flows.exploration.beginnings import given_to
from bot.flows.exploration.observing import NEXT, PART, Act, Observed, Way
from bot.flows.exploration.silences import Silences
from bot.flows.exploration.space import Edge, Space


@dataclass(frozen=True, slots=True)
class Shown:
    """A state, and what can happen there."""

    state: int
    way: Way


@dataclass(frozen=True, slots=True)
class Leak:
    """Two ways that differ only in what others did in private, and that a person can tell apart."""

    person: str
    one: Shown
    other: Shown


def find_leaks(space: Space, person: str, seen: Sequence[Observed]) -> list[Leak]:
    """Return what the person could find out of what others did in private: the first that is found.

    ``seen`` is what they can observe, by state.
    """
    others = dict.fromkeys(edge.actor for state in space.states for edge in state.edges if edge.actor != person)
    # What somebody shows next is compared while they are at it; for the rest it makes no difference that they left.
    for actor in ("", *(other for other in others if other)):
        leaks = _Unwinding(space, person, actor, seen).run()
        if leaks:
            return leaks
    return []


class _Unwinding:
    """``actor`` is whose acts are compared; all else is, when that is nobody."""

    def __init__(self, space: Space, person: str, actor: str, seen: Sequence[Observed]) -> None:
        self._space = space
        self._person = person
        self._actor = actor
        self._seen = seen
        self._begin = len(space.states)
        """The class from which everything begins."""
        self._parent = list(range(len(space.states) + 1))
        self._ways: list[dict[Act, Shown]] = [{} for _ in self._parent]
        """Of each class: what can happen there."""
        self._unnoticed: list[tuple[int, Edge]] = []
        """Where somebody left a stage and the person saw nothing of it."""
        self._todo: list[tuple[int, int]] = []
        self._leaks: list[Leak] = []

    def run(self) -> list[Leak]:
        for begin in self._space.begun:
            act = ("begins", *given_to(self._space.flow, begin.beginning, self._person))
            self._put(self._begin, Shown(begin.state, Way(act, begin.seen.get(self._person, ()), begin.state)))
        for number, found in enumerate(self._seen):
            for way in found.ways:
                if not way.alone and (way.act[0] not in {NEXT, PART} or way.act[1] == self._actor):
                    self._put(number, Shown(number, way))
            for edge in found.hidden:
                self._hide(number, edge)
        for pair in self._space.alike:
            if pair.person == self._person and self._actor not in pair.at_it:
                self._todo.append((pair.one, pair.other))
        while self._todo and not self._leaks:
            self._merge(*self._todo.pop())
        if self._actor and not self._leaks:
            self._look_for_dead_ends()
        elif not self._leaks:
            self._look_for_the_missed()
        return self._leaks

    def _hide(self, number: int, edge: Edge) -> None:
        """What the person sees nothing of leads into the same class."""
        if edge.left and edge.led_on and edge.actor == self._actor:
            self._unnoticed.append((number, edge))
        over = self._space.states[edge.target].session.ended
        if not over and not (edge.given_up and edge.actor == self._actor):
            self._todo.append((number, edge.target))

    def _put(self, into: int, shown: Shown) -> None:
        known = self._ways[into].setdefault(shown.way.act, shown)
        if known.way.seen != shown.way.seen:
            self._leaks.append(Leak(self._person, known, shown))
        elif known.way.target != shown.way.target:
            self._todo.append((known.way.target, shown.way.target))

    def _merge(self, one: int, other: int) -> None:
        one, other = self._root(one), self._root(other)
        if one == other:
            return
        if len(self._ways[one]) < len(self._ways[other]):
            one, other = other, one
        self._parent[other] = one
        for shown in self._ways[other].values():
            self._put(one, shown)
        self._ways[other] = {}

    def _root(self, number: int) -> int:
        while self._parent[number] != number:
            self._parent[number] = self._parent[self._parent[number]]
            number = self._parent[number]
        return number

    # Whoever left a stage unnoticed

    def _look_for_dead_ends(self) -> None:
        """Note where somebody left a stage for good, and by another answer would have been seen to do something."""
        coming = self._coming()
        for number, edge in self._unnoticed:
            act = (NEXT, edge.actor, edge.released.to(self._person))
            known = self._ways[self._root(number)].get(act)
            if known is not None and known.way.seen and edge.target not in coming:
                self._leaks.append(Leak(self._person, known, Shown(number, Way(act, (), edge.target, edge))))

    def _look_for_the_missed(self) -> None:
        """Note where somebody alone left, and that cannot be silence: by silence the person would be shown more."""
        alone = [(number, way) for number, found in enumerate(self._seen) for way in found.ways if way.alone]
        if not alone:
            return
        silences = Silences(self._space, self._person)
        states = enumerate(self._space.states)
        still = [number for number, state in states if not state.session.gone and not silences.of(number)]
        silent = {self._root(number) for number in still}
        for number, way in alone:
            known = self._ways[self._root(number)].get(way.act)
            if known is not None and known.way.seen and self._root(number) not in silent:
                self._leaks.append(Leak(self._person, known, Shown(number, way)))

    def _coming(self) -> set[int]:
        """The states from which something that the actor does is still to be seen, before anything else is."""
        before: dict[int, list[int]] = {}
        todo: list[int] = []
        for number, state in enumerate(self._space.states):
            for edge in state.edges:
                if edge.actor in {"", self._person} or isinstance(edge.event, Signalled):
                    continue
                if not edge.seen.get(self._person):
                    before.setdefault(edge.target, []).append(number)
                elif edge.actor == self._actor:
                    todo.append(number)
        found: set[int] = set()
        while todo:
            number = todo.pop()
            if number not in found:
                found.add(number)
                todo += before.get(number, [])
        return found
