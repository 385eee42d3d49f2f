"""What a turn gives away by design: grants, signals, and outcomes that were explained before anybody answered.

Two runs in which equal things are given away look the same to everybody else, whatever was done in private (P3).
"""

from collections.abc import Hashable
from dataclasses import dataclass

from bot.engine.effects import StartFlow
from bot.engine.events import ChoicePicked, Event, TextTyped, TimerDue
from bot.engine.guards import Data
from bot.engine.machine import Turn
from bot.engine.model import READ_BY_ALL, Ask, Flow, Gate
from bot.engine.prompts import KINDLY
from bot.engine.session import Session
from bot.flows.exploration.key import Names


@dataclass(frozen=True, slots=True)
class Through:
    """That a stage was gone through. Where somebody else sees nothing of it, that gives nothing away."""

    flow: str
    stage: str


@dataclass(frozen=True, slots=True)
class Released:
    """What one turn gives away, to everybody or to an audience."""

    to_all: tuple[Hashable, ...]
    to_some: tuple[tuple[Hashable, tuple[str, ...]], ...]
    """What is given away to some: what was granted or shown to them, what an outcome came to that they are told."""

    def to(self, person: str) -> tuple[Hashable, ...]:
        """Return what is given away to one person."""
        return (*self.to_all, *(name for name, audience in self.to_some if person in audience))


def released(flow: Flow, before: Session, event: Event, turn: Turn, now: int) -> Released:
    """Return what the turn gives away."""
    after = turn.session
    names = Names(flow, after)
    left = after.ended or (after.top.no, after.top.entry) != (before.top.no, before.top.entry)
    found: list[Hashable] = list(_signals(flow, before, after, event, names, now))
    if left:
        found += sorted(
            (name, _plain(data, names)) for (name, reader), data in turn.weighed.items() if reader is None
        )
        found += [] if isinstance(event, TimerDue) else [Through(before.top.flow, before.top.stage or "")]
    if len(flow.roles) == 1:
        # Alone, somebody chooses what they begin with another.
        found += [("starts", effect.flow) for effect in turn.effects if isinstance(effect, StartFlow)]
    told = [((name, _plain(data, names)), (reader,)) for (name, reader), data in turn.weighed.items() if reader]
    return Released(tuple(found), (*told, *_shown(before, after, names), *(_granted(after, names) if left else ())))


def _plain(data: Data, names: Names) -> str:
    return str(tuple(map(names.item, data))) if isinstance(data, tuple) else str(data)


def _signals(flow: Flow, before: Session, after: Session, event: Event, names: Names, now: int) -> list[Hashable]:
    """What the event itself says to all: the answer to a question that everybody may read, or a kind no."""
    if not isinstance(event, ChoicePicked | TextTyped):
        return []
    here = flow.named(before.top.flow)
    asked = {lane.step or "" for lane in before.top.lanes.values() if lane.person == event.person}
    found: list[Hashable] = []
    for step in (here.steps[name] for name in asked if name in here.steps):
        if isinstance(step, Gate) and isinstance(event, ChoicePicked) and event.choice == KINDLY:
            found.append(("kindly", step.id))
        if isinstance(step, Ask) and here.slots[step.save].cls in READ_BY_ALL:
            mine = f"{before.top.no}.{step.save}."
            for key, value in after.values.items():
                if key.startswith(mine) and before.values.get(key) != value:
                    found.append((names.of(key), names.data(key, value, now)))
    return found


def _shown(before: Session, after: Session, names: Names) -> tuple[tuple[str, tuple[str, ...]], ...]:
    known = {(grant.item, grant.seal) for grant in before.grants if grant.revealed}
    new = [grant for grant in after.grants if grant.revealed and (grant.item, grant.seal) not in known]
    return tuple(sorted((names.of(grant.item), (grant.author, *grant.audience)) for grant in new))


def _granted(after: Session, names: Names) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What was granted by the time a stage is left: its author has chosen that it is seen."""
    standing = [grant for grant in after.grants if not grant.revealed]
    return tuple(sorted((f"granted {names.of(grant.item)}", grant.audience) for grant in standing))
