"""What a guard sees of a session during a turn.

What a guard reads is told by what comes of it. So whoever it decides for has to be allowed to read each value: the
person of a lane, or everybody at the top of a flow. Only an outcome may weigh what they may not read.
"""

from types import EllipsisType

from bot.engine.effects import ValueRef
from bot.engine.faults import PrivacyBreach
from bot.engine.guards import OTHERS, Data, Guard
from bot.engine.model import READ_BY_ALL, Outcome, Select, Slot, SlotType
from bot.engine.move import Move
from bot.engine.session import Composed


class TurnScope:
    """A guard's view of a move: one person's answers, or everybody's; ``item`` is the one at hand.

    ``reader`` is whom it decides for, if that is not the person: somebody else, or None, which is everybody there.
    """

    __slots__ = ("_item", "_move", "_person", "now", "reader", "weighing")

    def __init__(
        self,
        move: Move,
        person: str | None,
        item: str = "",
        *,
        reader: str | EllipsisType | None = ...,
        weighing: bool = False,
    ) -> None:
        self._move = move
        self._person = person
        self._item = item
        self.reader = person if isinstance(reader, EllipsisType) else reader
        self.weighing = weighing
        """It is part of an outcome, which may weigh what nobody else may read."""
        self.now = move.now

    @property
    def zone(self) -> str:
        """The zone of the person at hand; else of whoever started the flow."""
        person = self._person or self._move.session.starter
        members = self._move.session.members
        return members[person].zone if person in members else ""

    def value(self, name: str) -> Data:
        """Return the slot's or outcome's value for the person and the item at hand; ``item`` is that item.

        Raises PrivacyBreach for what those may not read whom the guard decides for.
        """
        move = self._move
        slot = move.flow.slots.get(name)
        if slot is None:
            if name in move.flow.outcomes:
                outcome = move.flow.outcomes[name]
                return result(move, outcome) if self.weighing else weigh(move, outcome, self.reader)
            return self._item if name == "item" else self._is_there(name)
        if slot.type is SlotType.LIST:
            refs = [ref for ref in move.items(slot) if self._person in {None, ref.owner}]
            for ref in refs:
                self._check(slot, ref.owner, ref)
            return tuple(ref.item for ref in refs)
        owner = move.owner(slot, self._person)
        found = move.read(slot, owner, self._item)
        if found is None or owner is None:
            return None
        if owner != self.reader:
            self._check(slot, owner, move.ref(slot, owner, self._item))
        return "composed" if isinstance(found.data, Composed) else found.data

    def _is_there(self, role: str) -> bool:
        """Whether somebody has the role and has not left: whoever the guard decides for comes to know it."""
        there = bool(self._move.members(role))
        self._move.weighed[role, self.reader] = there
        return there

    def _check(self, slot: Slot, owner: str, ref: ValueRef | None) -> None:
        if self.weighing or slot.cls in READ_BY_ALL:
            return
        move = self._move
        readers = (self.reader,) if self.reader is not None else move.everyone()
        for reader in readers:
            if owner != reader and (ref is None or not move.readable(ref, reader)):
                message = f"a guard of flow '{move.flow.id}' would let '{slot.name}' steer what another person sees"
                raise PrivacyBreach(message)

    def everybody(self, role: str | None) -> "list[TurnScope]":
        """Return one scope a person; ``others`` are all but the one at hand. Who left counts as never answering."""
        move = self._move
        if role == OTHERS:
            return [one for one in self.everybody(None) if one.person != self.person]
        return [
            TurnScope(move, person, self._item, reader=self.reader, weighing=self.weighing)
            for person in move.holders(role)
        ]

    @property
    def person(self) -> str | None:
        """The person at hand."""
        return self._person

    def visits(self, step: str) -> int:
        """Return how often the step was entered in this frame."""
        return self._move.frame.visits.get(step, 0)


def weigh(move: Move, outcome: Outcome, reader: str | None) -> Data:
    """Return what the outcome comes to, and note that the reader, or everybody, comes to know it."""
    found = result(move, outcome)
    move.weighed[outcome.name, reader] = found
    return found


def result(move: Move, outcome: Outcome) -> Data:
    """Return what the outcome comes to, by the answers as they are now, whoever may read them."""
    match outcome.value:
        case Guard() as guard:
            return guard.evaluate(TurnScope(move, None, weighing=True))
        case Select(over=over, where=where):
            items = gone_through(move, over)
            return tuple(item for item in items if where.holds(TurnScope(move, None, item, weighing=True)))
        case cases:
            everybody = TurnScope(move, None, weighing=True)
            return next((c.result for c in cases if c.guard is None or c.guard.holds(everybody)), None)


def gone_through(move: Move, over: str) -> tuple[str, ...]:
    """Return the options of a slot, or the items of a list that everybody can read."""
    slot = move.flow.slots[over]
    if slot.type is SlotType.LIST:
        people, left = move.everyone(), bool(move.session.gone)
        # With somebody who has left, what is still its author's alone is no more everybody's than with them there.
        shown = (ref for ref in move.items(slot) if not left or slot.cls in READ_BY_ALL or move.revealed(ref))
        return tuple(ref.item for ref in shown if all(move.readable(ref, person) for person in people))
    return tuple(str(option.value) for option in slot.options)


def holds(move: Move, guard: Guard | None, person: str | None, item: str = "") -> bool:
    """Return whether a guard holds for that person; no guard always does."""
    return guard is None or guard.holds(TurnScope(move, person, item))
