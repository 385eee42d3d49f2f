"""What a guard sees of a session during a turn."""

from bot.engine.guards import OTHERS, Data, Guard
from bot.engine.model import READ_BY_ALL, Outcome, Select, SlotType
from bot.engine.move import Move
from bot.engine.session import Composed


class TurnScope:
    """A guard's view of a move: one person's answers, or everybody's; ``item`` is the one at hand."""

    __slots__ = ("_item", "_move", "_person", "now")

    def __init__(self, move: Move, person: str | None, item: str = "") -> None:
        self._move = move
        self._person = person
        self._item = item
        self.now = move.now

    @property
    def zone(self) -> str:
        """The zone of the person at hand; else of whoever started the flow."""
        person = self._person or self._move.session.starter
        members = self._move.session.members
        return members[person].zone if person in members else ""

    def value(self, name: str) -> Data:
        """Return the slot's or outcome's value for the person and the item at hand; ``item`` is that item."""
        move = self._move
        slot = move.flow.slots.get(name)
        if slot is None:
            if name in move.flow.outcomes:
                return result(move, move.flow.outcomes[name])
            return self._item if name == "item" else bool(move.members(name))
        if slot.type is SlotType.LIST:
            return tuple(ref.item for ref in move.items(slot) if self._person in {None, ref.owner})
        found = move.read(slot, move.owner(slot, self._person), self._item)
        if found is None:
            return None
        return "composed" if isinstance(found.data, Composed) else found.data

    def everybody(self, role: str | None) -> "list[TurnScope]":
        """Return one scope a person; ``others`` are all but the one at hand. Who left counts as never answering."""
        move = self._move
        if role == OTHERS:
            return [one for one in self.everybody(None) if one.person != self.person]
        roles = [role] if role else list(move.flow.roles)
        people = dict.fromkeys(p for name in roles for p in move.frame.roles.get(name, ()))
        return [TurnScope(move, person, self._item) for person in people]

    @property
    def person(self) -> str | None:
        """The person at hand."""
        return self._person

    def visits(self, step: str) -> int:
        """Return how often the step was entered in this frame."""
        return self._move.frame.visits.get(step, 0)


def result(move: Move, outcome: Outcome) -> Data:
    """Return what the outcome comes to, by the answers as they are now."""
    match outcome.value:
        case Guard() as guard:
            return guard.evaluate(TurnScope(move, None))
        case Select(over=over, where=where):
            return tuple(item for item in gone_through(move, over) if where.holds(TurnScope(move, None, item)))
        case cases:
            everybody = TurnScope(move, None)
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
