"""Non-interference by unwinding: what somebody does in private makes no difference to what anybody else sees.

For one person after another: states are put into one class where they differ only by what others did in private. Then
in each class every act of that person, every deadline, and whatever gives the same things away has to show the person
the same, and to lead into one class again. Where it does not, somebody could tell two private answers apart.

Some of what others do that person sees. So in each class

* the next thing that they see of somebody has to be the same, whatever that one did in private;
* as much has to be seen of that one's part by the time they are through with it, whatever they answered;
* and whoever leaves a stage unnoticed has still to come to what, by another answer, they would have been seen to do.
"""

from collections.abc import Hashable
from dataclasses import dataclass

from bot.engine.events import Signalled
from bot.flows.exploration.beginnings import given_to
from bot.flows.exploration.seen import Seen
from bot.flows.exploration.space import Edge, Space

THROUGH: Seen = ("through with it",)
"""In the place of what is seen of somebody's part: they were through, and nothing was seen of it."""

LOOKS = ("looks it up",)

_Way = tuple[Seen, int, int]
"""What the person sees, where it leads, and from which state."""


@dataclass(frozen=True, slots=True)
class Leak:
    """Two ways that differ only in what others did in private, and that a person can tell apart."""

    person: str
    one: int
    other: int
    act: Hashable
    """What was the same in both."""
    saw: tuple[Seen, Seen]


def find_leaks(space: Space, person: str) -> list[Leak]:
    """Return what the person could find out of what others did in private: at most one leak a class."""
    return _Unwinding(space, person).run()


class _Unwinding:
    def __init__(self, space: Space, person: str) -> None:
        self._space = space
        self._person = person
        self._begin = len(space.states)
        """The class from which everything begins."""
        self._parent = list(range(len(space.states) + 1))
        self._ways: list[dict[Hashable, _Way]] = [{} for _ in self._parent]
        """Of each class: what can happen, what the person sees of it, where it leads, and from which state."""
        self._unnoticed: list[tuple[int, Edge]] = []
        """Where somebody left a stage and the person saw nothing of it."""
        self._todo: list[tuple[int, int]] = []
        self._leaks: list[Leak] = []

    def run(self) -> list[Leak]:
        for begin in self._space.begun:
            act = ("begins", given_to(self._space.flow, begin.beginning, self._person))
            self._put(self._begin, act, (begin.seen.get(self._person, ()), begin.state, begin.state))
        for number, state in enumerate(self._space.states):
            if self._person in state.session.members:
                self._put(number, LOOKS, (self._space.looks(number, self._person), number, number))
            for edge in state.edges:
                self._note(number, edge)
            if state.session.ended:
                self._note_silence(number, number)
        for one, other, people in self._space.alike:
            if self._person in people:
                self._todo.append((one, other))
        while self._todo and not self._leaks:
            self._merge(*self._todo.pop())
        if not self._leaks:
            self._look_for_dead_ends()
        return self._leaks

    def _note(self, number: int, edge: Edge) -> None:
        seen = edge.seen.get(self._person, ())
        gave = edge.released.to(self._person)
        if edge.actor in {"", self._person}:
            # Whoever is the last of a stage sees that the others were through.
            last = bool(edge.actor) and edge.left
            gave += edge.released.read if edge.actor else ()
            self._put(number, (edge.actor, edge.act, gave, last), (seen, edge.target, number))
            return
        self._note_part(number, edge)
        if not seen and edge.left and edge.led_on and self._can_notice(number, edge.target):
            seen = ("noticed",)
        if seen:
            gave += edge.released.weighed
            self._put(number, ("somebody", seen, gave), (seen, edge.target, number))
        if seen or edge.released.at_once(self._person):
            self._put(number, ("next", edge.actor, gave), (seen, edge.target, number))
            return
        if edge.left and edge.led_on:
            self._unnoticed.append((number, edge))
        if self._space.states[edge.target].session.ended:
            # However it came to that, it is over in the same way: what was before is not the same for that.
            self._note_silence(number, edge.target)
        else:
            self._todo.append((number, edge.target))

    def _note_silence(self, number: int, over: int) -> None:
        """Time passes, and nothing comes of it."""
        for entry in (True, False):
            self._put(number, ("", ("time", entry), (), False), ((), over, number))

    def _can_notice(self, number: int, target: int) -> bool:
        """Whether the person, looking up where they are, finds that a stage is over of which they heard nothing."""
        if self._person not in self._space.states[target].session.members:
            return False
        return self._space.looks(number, self._person) != self._space.looks(target, self._person)

    def _note_part(self, number: int, edge: Edge) -> None:
        """What is seen of somebody's part until they are through; where it leads is said by ``next``."""
        part = edge.part.get(self._person, ())
        if (not part and not edge.through) or (edge.left and not edge.led_on):
            return
        top = self._space.states[number].session.top
        gave = (*edge.released.answering(self._person), *(edge.released.weighed if part else ()))
        act = ("part", edge.actor, top.flow, top.stage, gave)
        self._put(number, act, (part or THROUGH, number, number))

    def _put(self, into: int, act: Hashable, way: _Way) -> None:
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
        for act, way in self._ways[other].items():
            self._put(one, act, way)
        self._ways[other] = {}

    def _root(self, number: int) -> int:
        while self._parent[number] != number:
            self._parent[number] = self._parent[self._parent[number]]
            number = self._parent[number]
        return number

    # Whoever left a stage unnoticed

    def _look_for_dead_ends(self) -> None:
        """Note where somebody left a stage for good, and by another answer would have been seen to do something."""
        coming: dict[str, set[int]] = {}
        for number, edge in self._unnoticed:
            known = self._ways[self._root(number)].get(("next", edge.actor, edge.released.to(self._person)))
            if known is None or not known[0]:
                continue
            if edge.actor not in coming:
                coming[edge.actor] = self._coming(edge.actor)
            if edge.target not in coming[edge.actor]:
                self._leaks.append(Leak(self._person, known[2], edge.target, ("next", edge.actor), (known[0], ())))

    def _coming(self, actor: str) -> set[int]:
        """The states from which something that somebody does is still to be seen, before anything else is."""
        before: dict[int, list[int]] = {}
        todo: list[int] = []
        for number, state in enumerate(self._space.states):
            for edge in state.edges:
                if edge.actor in {"", self._person} or isinstance(edge.event, Signalled):
                    continue
                if not edge.seen.get(self._person):
                    before.setdefault(edge.target, []).append(number)
                elif edge.actor == actor:
                    todo.append(number)
        found: set[int] = set()
        while todo:
            number = todo.pop()
            if number not in found:
                found.add(number)
                todo += before.get(number, [])
        return found
