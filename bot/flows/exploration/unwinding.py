"""Non-interference by unwinding: what somebody does in private makes no difference to what anybody else sees.

For one person after another: states are put into one class where they differ only by what others did in private. Then
in each class every act of that person, every deadline, and whatever gives the same things away has to show the person
the same, and to lead into one class again. Where it does not, somebody could tell two private answers apart.
"""

from collections.abc import Hashable
from dataclasses import dataclass

from bot.flows.exploration.released import Through
from bot.flows.exploration.seen import Seen
from bot.flows.exploration.space import Edge, Space


@dataclass(frozen=True, slots=True)
class Leak:
    """Two ways that differ only in what others did in private, and that a person can tell apart."""

    person: str
    one: int
    other: int
    act: Hashable
    """What was the same in both; None when the states themselves look different."""
    saw: tuple[Seen, Seen]


def find_leaks(space: Space, person: str) -> list[Leak]:
    """Return what the person could find out of what others did in private: at most one leak a class."""
    return _Unwinding(space, person).run()


class _Unwinding:
    def __init__(self, space: Space, person: str) -> None:
        self._space = space
        self._person = person
        self._parent = list(range(len(space.states)))
        self._ways: list[dict[Hashable, tuple[Seen, int, int]]] = [{} for _ in space.states]
        """Of each class: what can happen, what the person sees of it, where it leads, and from which state."""
        self._looks: list[tuple[Seen, int] | None] = [None for _ in space.states]
        self._todo: list[tuple[int, int]] = []
        self._leaks: list[Leak] = []

    def run(self) -> list[Leak]:
        for number, state in enumerate(self._space.states):
            session = state.session
            if self._person in session.members:
                self._looks[number] = (self._space.looks(number, self._person), number)
            for edge in state.edges:
                self._note(number, edge)
            if session.ended:
                # Time passes, and nothing comes of it.
                for entry in (True, False):
                    self._put(number, ("", ("time", entry), ()), ((), number, number))
        for one, other, people in self._space.alike:
            if self._person in people:
                self._todo.append((one, other))
        while self._todo and not self._leaks:
            self._merge(*self._todo.pop())
        return self._leaks

    def _note(self, number: int, edge: Edge) -> None:
        seen = edge.seen.get(self._person, ())
        gave = edge.released.to(self._person)
        if edge.actor not in {"", self._person} and not seen:
            if all(isinstance(one, Through) for one in gave):
                self._todo.append((number, edge.target))
            if not gave:
                return
        who = edge.actor if edge.actor in {"", self._person} else "another"
        act = (who, edge.act if who != "another" else None, gave)
        self._put(number, act, (seen, edge.target, number))

    def _put(self, into: int, act: Hashable, way: tuple[Seen, int, int]) -> None:
        known = self._ways[into].setdefault(act, way)
        if known[0] != way[0]:
            self._leaks.append(Leak(self._person, known[2], way[2], act, (known[0], way[0])))
        elif known[1] != way[1]:
            self._todo.append((known[1], way[1]))

    def _merge(self, one: int, other: int) -> None:
        one, other = self._root(one), self._root(other)
        if one == other:
            return
        if len(self._ways[one]) < len(self._ways[other]):
            one, other = other, one
        self._parent[other] = one
        here, there = self._looks[one], self._looks[other]
        if here is None:
            self._looks[one] = there
        elif there is not None and here[0] != there[0]:
            self._leaks.append(Leak(self._person, here[1], there[1], None, (here[0], there[0])))
        for act, way in self._ways[other].items():
            self._put(one, act, way)
        self._ways[other] = {}

    def _root(self, number: int) -> int:
        while self._parent[number] != number:
            self._parent[number] = self._parent[self._parent[number]]
            number = self._parent[number]
        return number
