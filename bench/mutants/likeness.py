"""What a mutant changes for people: whether anybody can tell it from the flow that ships, and who.

Both are gone through, and then walked side by side: from the same beginnings, by the same acts and deadlines. What
counts is what people see, in words, and what waits for them.
"""

from collections import deque
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import cast

from bot.engine.effects import (
    Computed,
    DraftsErased,
    DraftsKept,
    FreezeOthers,
    LetStand,
    Listing,
    Parked,
    SaidAgain,
    ThawOthers,
    ValueRef,
)
from bot.engine.events import TimerDue
from bot.engine.model import Flow, SlotType
from bot.flows.exploration.beginnings import NOW, Beginning, begun
from bot.flows.exploration.seen import NOTHING, Seen
from bot.flows.exploration.space import Edge, Space, State
from bot.flows.exploration.stood import stood_in

_OF_ONES_OWN = frozenset(effect.__name__ for effect in (DraftsErased, DraftsKept, Parked, SaidAgain))
"""Effects that hand somebody their own words, or speak of nothing else."""

_FREEZES = (FreezeOthers.__name__,)
_FREEZING = frozenset({_FREEZES, (ThawOthers.__name__,)})
"""What freezes, or lets go, whatever runs beside: nobody sees it but by that."""

_VALUE = (ValueRef.__name__,)
_OF_OPTIONS = frozenset({_VALUE, (Listing.__name__,), (Computed.__name__,)})

_ANSWERS = frozenset({"picks", "types"})

_WAITING = 3
"""How much of what somebody can find out is what waits for them, and for how long. The rest nobody is shown."""

_ADDRESS = 3
"""A text is told by its flow, its address there and what it names."""


class Likeness(StrEnum):
    """Who can tell two flows apart."""

    NOBODY = "nobody"
    OWN = "only whose answer it is"
    OTHERS = "others"


@dataclass(frozen=True, slots=True)
class Walked:
    """A flow that was gone through, from these beginnings."""

    space: Space
    beginnings: tuple[Beginning, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """Who can tell two flows apart, and by what."""

    likeness: Likeness
    by: str = ""


def compare(one: Walked, other: Walked) -> Compared:
    """Return who can tell one flow from the other, and the first thing that they can tell it by."""
    comparing = _Comparing(one, other)
    for told in comparing.differences():
        return Compared(Likeness.OTHERS, told)
    return Compared(Likeness.OWN if comparing.own else Likeness.NOBODY, comparing.own)


@dataclass(frozen=True, slots=True)
class _Pair:
    """A state of each, and whether each holds what runs beside it frozen."""

    one: int
    other: int
    holds: bool
    other_holds: bool


class _Comparing:
    def __init__(self, one: Walked, other: Walked) -> None:
        self._walked = one, other
        self._one, self._other = one.space, other.space
        self._todo: deque[_Pair] = deque()
        self._paired: set[_Pair] = set()
        self._stood_alike = stood_in(one.space).answers == stood_in(other.space).answers
        self._worded: tuple[dict[Hashable, Hashable], ...] = ({}, {})
        self.own = ""
        """What somebody can tell who sees something else of their own answers, or after their own act."""

    def differences(self) -> Iterator[str]:
        """Yield what others can tell the flows apart by."""
        yield from self._begin()
        if self._one.flow.lifetime != self._other.flow.lifetime and any(map(_sees_the_end, self._one.states)):
            yield from self._tell("when it is over", own=len(self._one.flow.roles) == 1)
        while self._todo:
            yield from self._compare(self._todo.popleft())

    def _begin(self) -> Iterator[str]:
        one, other = (walked.beginnings for walked in self._walked)
        if [way.begun for way in one] != [way.begun for way in other]:
            yield "how it can begin"
            return
        for here, there in zip(one, other, strict=True):
            turns = begun(self._one.flow, here), begun(self._other.flow, there)
            first = self._one.view.of_turn(here.session, turns[0].session, turns[0].effects, NOW)
            second = self._other.view.of_turn(there.session, turns[1].session, turns[1].effects, NOW)
            for person in dict.fromkeys((*first, *second)):
                if self._words(first.get(person, ())) != self._words(second.get(person, ()), 1):
                    yield from self._tell(f"what {person} sees first", own=person == here.session.starter)
            states = (self._one.state(turns[0].session, NOW)[0], self._other.state(turns[1].session, NOW)[0])
            self._pair(_Pair(*states, _holds(first, held=False), _holds(second, held=False)))

    def _pair(self, pair: "_Pair") -> None:
        if pair not in self._paired:
            self._paired.add(pair)
            self._todo.append(pair)

    def _compare(self, pair: "_Pair") -> Iterator[str]:
        one, other = pair.one, pair.other
        if pair.holds != pair.other_holds:
            yield "what is frozen beside it"
        session = self._one.states[one].session
        if session.members.keys() != self._other.states[other].session.members.keys():
            yield "who takes part"
            return
        for person in session.members:
            here, there = _waiting(self._one, one, person), _waiting(self._other, other, person)
            if self._words(here) != self._words(there, 1):
                yield from self._tell(f"what waits for {person}", own=len(session.members) == 1)
        if session.ended != self._other.states[other].session.ended:
            yield from self._go_on(pair)
            return
        for actor in ("", *session.members):
            ways, others = self._ways(one, actor), self._ways(other, actor, 1)
            both = self._one.was_expanded(one, actor) and self._other.was_expanded(other, actor)
            if both and any(map(self._counts, ways.keys() ^ others.keys())):
                yield from self._tell(f"what {actor or 'time'} can do", own=len(session.members) == 1)
            for act in ways.keys() & others.keys():
                yield from self._compare_turns(ways[act], others[act])
                first, second = ways[act], others[act]
                holds = _holds(first.seen, held=pair.holds), _holds(second.seen, held=pair.other_holds)
                self._pair(_Pair(first.target, second.target, *holds))

    def _counts(self, act: Hashable) -> bool:
        """Whether it is a difference that only one of them knows this act.

        Where another answer stood for all in one, those are compared that both have. That somebody is asked the same,
        with the same options, is seen by what waits for them.
        """
        (what, *_), _ = cast("tuple[tuple[Hashable, ...], int]", act)
        return self._stood_alike or what not in _ANSWERS

    def _go_on(self, pair: "_Pair") -> Iterator[str]:
        """Where one is over: whatever can come in the other alone, nobody but who acts may see anything of it."""
        over = self._one.states[pair.one].session.ended
        for actor in ("", *self._one.states[pair.one].session.members):
            ways, others = self._ways(pair.one, actor), self._ways(pair.other, actor, 1)
            for act, edge in (others if over else ways).items():
                if act in ways and act in others:
                    yield from self._compare_turns(ways[act], others[act])
                    self._pair(replace(pair, one=ways[act].target, other=others[act].target))
                    continue
                for person in edge.seen:
                    yield from self._tell(f"what {person} sees once one is over", own=person == edge.actor)
                self._pair(replace(pair, other=edge.target) if over else replace(pair, one=edge.target))

    def _compare_turns(self, one: Edge, other: Edge) -> Iterator[str]:
        for person in dict.fromkeys((*one.seen, *other.seen)):
            here, there = self._words(one.seen.get(person, ())), self._words(other.seen.get(person, ()), 1)
            if here == there:
                continue
            told = f"what {person} sees when {one.actor or 'time'} {' '.join(map(str, _parts(one.act)))}"
            yield from self._tell(told, own=person == one.actor or _from_others(here) == _from_others(there))

    def _tell(self, told: str, *, own: bool) -> Iterator[str]:
        """Yield a difference, unless nobody else can tell it than the person whose own it is."""
        if own:
            self.own = self.own or told
        else:
            yield told

    def _ways(self, number: int, actor: str, which: int = 0) -> dict[Hashable, Edge]:
        """What somebody can do, or time, by the act and by how much later it comes."""
        state = (self._one, self._other)[which].states[number]
        edges = [edge for edge in state.edges if edge.actor == actor]
        return {(self._words(edge.act, which), edge.at - state.now): edge for edge in edges}

    def _words(self, told: Hashable, which: int = 0) -> Hashable:
        """What was seen, with every text by its words."""
        known = self._worded[which]
        if told not in known:
            seen = tuple(_noticed(_parts(told)))
            known[told] = _worded(seen if isinstance(told, tuple) else told, (self._one, self._other)[which])
        return known[told]


def _noticed(seen: Seen) -> Iterator[Hashable]:
    """What of it anybody notices: nothing freezes in sight, and to end a record twice is to end it."""
    over = False
    for one in seen:
        match _parts(one):
            case (LetStand.__name__, _) if over:
                continue
            case (LetStand.__name__, int(left)):
                over = left <= 0
            case (name, *_) if (name,) in _FREEZING:
                continue
            case _:
                pass
        yield one


def _worded(told: Hashable, space: Space) -> Hashable:
    if isinstance(told, str):
        role, colon, whose = told.partition(":")
        return whose if colon and any(role in flow.roles for flow in _flows(space)) else told
    if not isinstance(told, tuple):
        return told
    inside = cast("tuple[Hashable, ...]", told)
    parts = tuple(_worded(part, space) for part in inside)
    if parts[:1] in _OF_OPTIONS:
        # What stands there may be an option, which people see by its label.
        slot = str(parts[1]).split(".")[1] if parts[:1] == _VALUE else ""
        return (*parts, _labels(space, slot))
    if len(parts) != _ADDRESS or not isinstance(parts[0], str) or parts[0] not in {space.flow.id, *space.flow.calls}:
        return parts
    found = space.flow.named(parts[0]).texts.get(str(parts[1]))
    return parts if found is None else (found.source, parts[2])


def _labels(space: Space, slot: str) -> Hashable:
    """The labels of a slot's options; without its name, of all slots from which an outcome can select."""
    slots = [(flow, one) for flow in _flows(space) for one in flow.slots.values()]
    named = [
        (flow, one.name) for flow, one in slots if one.name == slot or (not slot and one.type is SlotType.CHOICES)
    ]
    return tuple(
        (key, text.source)
        for flow, name in named
        for key, text in flow.texts.items()
        if key.startswith(f"slots.{name}.options.")
    )


def _flows(space: Space) -> tuple[Flow, ...]:
    return (space.flow, *space.flow.calls.values())


def _sees_the_end(state: State) -> bool:
    """Whether anybody sees something when the lifetime of the session is over."""
    return any(isinstance(edge.event, TimerDue) and not edge.event.entry and edge.seen for edge in state.edges)


def _waiting(space: Space, number: int, person: str) -> Seen:
    """What waits for somebody; of whoever has left and of what is over it is the same: nothing."""
    found = space.looks(number, person)[:_WAITING]
    return () if found in {(False,), NOTHING[:_WAITING]} else found


def _holds(seen: Mapping[str, Seen], *, held: bool) -> bool:
    """Whether what runs beside the flow is frozen after a turn; to freeze it twice is to freeze it."""
    names = [_parts(effect)[:1] for effects in seen.values() for effect in effects]
    last = next((name for name in reversed(names) if name in _FREEZING), None)
    return held if last is None else last == _FREEZES


def _from_others(seen: Hashable) -> Seen:
    return tuple(effect for effect in _parts(seen) if _parts(effect)[:1] not in {(name,) for name in _OF_ONES_OWN})


def _parts(told: Hashable) -> tuple[Hashable, ...]:
    return cast("tuple[Hashable, ...]", told) if isinstance(told, tuple) else (told,)
