"""A person's own unreleased words in a session: what they are asked about when they stop, and what is kept."""

from bot.engine.model import SlotClass
from bot.engine.move import Move
from bot.engine.session import key_parts


def drafts_of(move: Move, person: str) -> list[str]:
    """Return the addresses of the person's drafts that no grant has released.

    Whether something granted was read is not told: an author's drafts are the same either way.
    """
    own = [grant for grant in move.session.grants if grant.author == person]
    released = {grant.item for grant in own if grant.erased or not (grant.revoked or grant.left)}
    found: list[str] = []
    for key in move.values:
        number, name, owner, _ = key_parts(key)
        frame = next((frame for frame in move.frames if str(frame.no) == number), None)
        slot = move.flow_named(frame.flow).slots.get(name) if frame is not None else None
        draft = slot is not None and slot.cls is SlotClass.DRAFT
        if owner == person and draft and key not in released:
            found.append(key)
    return found
