"""Values made of other values: texts built out of a person's own answers, and expressions."""

from bot.engine.faults import FlowBroken
from bot.engine.model import READ_BY_ALL, Assign, Compose
from bot.engine.move import Move
from bot.engine.scope import TurnScope, holds
from bot.engine.session import Composed, ComposedPart


def assign(move: Move, step: Assign, person: str | None, lane: str | None = None) -> None:
    """Set slots to the values of their expressions; a missing value leaves the slot as it was."""
    for name, expression in step.values:
        slot = move.flow.slots[name]
        reader = None if slot.cls in READ_BY_ALL else person
        data = expression.evaluate(TurnScope(move, person, reader=reader))
        owner = move.owner(slot, person)
        if data is not None and owner is not None:
            move.write(slot, owner, str(data) if isinstance(data, bool) else data, lane=lane)


def compose(move: Move, step: Compose, person: str, lane: str | None = None) -> None:
    """Build the text out of copies of the person's own answers; raises FlowBroken on anybody else's."""
    parts: list[ComposedPart] = []
    for part in step.parts:
        if holds(move, part.when, person):
            args = {name: _own_data(move, name, person) for name in move.flow.texts[part.key].names}
            parts.append(ComposedPart(key=part.key, args=args))
    built = Composed(
        flow=move.flow.id,
        revision=move.flow.revision,
        parts=tuple(parts),
        language=move.member(person).language,
    )
    move.write(move.flow.slots[step.slot], person, built, lane=lane)


def _own_data(move: Move, name: str, person: str) -> str | int | tuple[str, ...]:
    slot = move.flow.slots[name]
    owner = move.owner(slot, person)
    value = move.read(slot, owner)
    if owner not in {person, ""} or (value is not None and isinstance(value.data, Composed)):
        message = f"'{name}' is not this person's own plain answer"
        raise FlowBroken(message)
    return "" if value is None or isinstance(value.data, Composed) else value.data
