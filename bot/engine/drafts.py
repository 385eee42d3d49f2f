"""A person's own unreleased words in a session: what they are asked about when they stop, and what is kept."""

from collections.abc import Iterator

from bot.engine.answers import clean_text
from bot.engine.model import READ_BY_ALL, RELEASABLE, WRITTEN, Ask, Slot, SlotType
from bot.engine.move import Move
from bot.engine.session import Lane, key_parts
from bot.engine.several import enough


def drafts_of(move: Move, person: str) -> list[str]:
    """Return the addresses of the person's own words that a grant could release and none has.

    Whether something granted was read is not told: an author's drafts are the same either way.
    """
    return [key for key, slot in _unreleased(move, person) if slot.cls in RELEASABLE]


def words_of(move: Move, person: str) -> list[str]:
    """Return the addresses of everything that the person has written for themselves: their drafts, and the rest."""
    written = (key for key, slot in _unreleased(move, person) if slot.type in WRITTEN and slot.cls not in READ_BY_ALL)
    return list(dict.fromkeys((*drafts_of(move, person), *written)))


def _unreleased(move: Move, person: str) -> Iterator[tuple[str, Slot]]:
    own = [grant for grant in move.session.grants if grant.author == person]
    released = {grant.item for grant in own if grant.erased or not (grant.revoked or grant.left)}
    flows = {**move.session.returned, **{str(frame.no): frame.flow for frame in move.frames}}
    for key in move.values:
        number, name, owner, _ = key_parts(key)
        if owner != person or key in released or number not in flows:
            continue
        slot = move.flow_named(flows[number]).slots.get(name)
        if slot is not None:
            yield key, slot


def keep_held(move: Move, lane: Lane) -> None:
    """Keep what was typed during a pause, and never used, as its author's draft: the lane does not go on.

    It becomes the answer to the question at hand where that takes words which could be shown to others and there is
    none yet, and is granted to nobody. Elsewhere, and in a volatile section, it is let go.
    """
    step = move.flow.steps.get(lane.step or "")
    if lane.held is None or lane.key in move.hidden or not isinstance(step, Ask):
        return
    slot = move.flow.slots[step.save]
    words = clean_text(lane.held)
    if slot.type not in WRITTEN or slot.cls not in RELEASABLE or move.owner(slot, lane.person) != lane.person:
        return
    if slot.type is SlotType.LIST and words and not enough(move, step, slot, lane):
        move.add_item(slot, lane.person, words)
    elif slot.type is SlotType.TEXT and words and move.read(slot, lane.person, lane.item) is None:
        move.write(slot, lane.person, words, item=lane.item)
