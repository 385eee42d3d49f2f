"""The ids of a list's items, chosen so that they do not hang on when the items were written.

Items are shown in the order of their seals, which is as good as random and hangs on their ids. With the same ids the
same items stand in the same order however a session came to them: it is not gone through in every order by chance.
"""

from dataclasses import replace

from bot.engine.events import Event, TextTyped
from bot.engine.model import Ask, Flow, SlotType
from bot.engine.session import LaneStatus, Session, key_parts

FIRST_ENTRY = 1_000_000
"""Where the entries of an explored session begin: above all chosen ids, each of which is the number of one item."""


def numbered(flow: Flow, session: Session, event: Event) -> Session:
    """Return the session so that an item which the event adds gets the id that is chosen for it."""
    if not isinstance(event, TextTyped):
        return session
    here = flow.named(session.top.flow)
    lanes = (lane for lane in session.top.lanes.values() if lane.person == event.person)
    lane = next((lane for lane in lanes if lane.status is LaneStatus.WAITING), None)
    step = here.steps.get(lane.step or "") if lane is not None else None
    if not isinstance(step, Ask) or here.slots[step.save].type is not SlotType.LIST:
        return session
    at = list(here.slots).index(step.save) * 100 + list(session.members).index(event.person) * 10
    own = f"{session.top.no}.{step.save}.{event.person}#"
    taken = {int(key_parts(key)[3]) for key in session.values if key.startswith(own)}
    free = next(number for number in range(at + 1, FIRST_ENTRY) if number not in taken)
    return replace(session, entries=free - 1)


def renumbered(before: Session, after: Session) -> Session:
    """Return the session after such a turn with its entries beyond all chosen ids again."""
    return after if after.entries >= before.entries else replace(after, entries=before.entries + 100)
