"""What of a turn belongs to the part of whoever took it: what came before its stage was left, and how far it led on.

Whoever waits for others may see when they are through. So a part has to show the others the same until it is
through, whatever was answered in it; how long it took is its person's own.
"""

from collections.abc import Iterable
from itertools import takewhile

from bot.engine.effects import Effect, Retire
from bot.engine.events import ChoicePicked, Event, TextTyped
from bot.engine.model import Flow, Gate, Grant, Review, Step
from bot.engine.prompts import KEEP, OK, SHARE, WAY, YES
from bot.engine.session import LaneStatus, Session


def before_leaving(before: Session, actor: str, effects: Iterable[Effect]) -> tuple[Effect, ...]:
    """Return what came of a turn that left its stage until it did: then the stage's buttons are taken away."""
    return tuple(takewhile(lambda effect: not _leaves(before, actor, effect), effects))


def _leaves(before: Session, actor: str, effect: Effect) -> bool:
    if not isinstance(effect, Retire):
        return False
    person = effect.fence.lane.partition(":")[2]
    if not person:
        return effect.fence.entry == before.top.entry
    return person != actor and effect.fence.lane in before.top.lanes


def led_on(flow: Flow, before: Session, event: Event) -> bool:
    """Return whether somebody answered, so that their part goes on: they neither refused nor went back."""
    if not isinstance(event, ChoicePicked | TextTyped) or before.top.back_to is not None:
        return False
    if isinstance(event, TextTyped):
        return True
    match asked(flow, before, event.person):
        case Gate():
            found = event.choice == YES
        case Review():
            found = event.choice == OK
        case Grant():
            found = event.choice in {SHARE, KEEP}
        case _:
            found = True
    return found


def is_through(flow: Flow, before: Session, event: Event, after: Session, *, left: bool) -> bool:
    """Return whether a turn was the last of its person's part in the stage."""
    person = getattr(event, "person", "")
    if left:
        turned_off = isinstance(event, ChoicePicked) and (event.choice.startswith(WAY) or event.choice == KEEP)
        return led_on(flow, before, event) and not turned_off
    return not _is_done(before, person) and _is_done(after, person)


def has_given_up(after: Session, person: str, *, left: bool) -> bool:
    """Return whether somebody's part will never be done: they have left, or refused."""
    closed = any(lane.person == person and lane.status is LaneStatus.CLOSED for lane in after.top.lanes.values())
    return person in after.gone or (closed and not left)


def _is_done(session: Session, person: str) -> bool:
    own = [lane.status for lane in session.top.lanes.values() if lane.person == person]
    return bool(own) and all(status is LaneStatus.DONE for status in own)


def asked(flow: Flow, session: Session, person: str) -> Step | None:
    """Return the step at which somebody is asked something."""
    here = flow.named(session.top.flow)
    for lane in session.top.lanes.values():
        inside = session.hidden.get(lane.key)
        step = here.steps.get((inside.lane if inside is not None else lane).step or "")
        if lane.person == person and lane.status is LaneStatus.WAITING and step is not None:
            return step
    return None
