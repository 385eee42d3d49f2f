"""What a turn gives away by design: grants, signals, and outcomes that were explained before anybody answered.

Two runs in which equal things are given away look the same to everybody else, whatever was done in private (P3).
"""

from collections.abc import Hashable
from dataclasses import dataclass

from bot.engine.effects import StartFlow
from bot.engine.events import ChoicePicked, Event, TextTyped
from bot.engine.guards import Data
from bot.engine.machine import Turn
from bot.engine.model import READ_BY_ALL, Ask, Flow, Gate
from bot.engine.prompts import KINDLY, YES
from bot.engine.session import Session
from bot.flows.exploration.key import Names
from bot.flows.exploration.part import asked

Named = tuple[Hashable, tuple[str, ...]]
"""What is given away, and to whom."""


@dataclass(frozen=True, slots=True)
class Released:
    """What one turn gives away, to everybody or to an audience."""

    said: tuple[Hashable, ...]
    """To all, by answering: signals."""
    leaving: tuple[Hashable, ...]
    """To all, by leaving the stage: what outcomes come to, which flow is started, that gates were passed."""
    told: tuple[Named, ...]
    """What an outcome comes to that somebody is told."""
    granted: tuple[Named, ...]
    """What was granted by the time the stage is left."""
    read: tuple[Hashable, ...]
    """To whoever did it: what of others' words they were shown, and is still granted to them."""
    weighed: tuple[Hashable, ...]
    """What outcomes came to, for whomever they were weighed: given away to whoever sees anything of the turn."""

    def to(self, person: str) -> tuple[Hashable, ...]:
        """Return what is given away to one person."""
        granted = (name for name, audience in self.granted if person in audience)
        return (*self.at_once(person), *granted)

    def at_once(self, person: str) -> tuple[Hashable, ...]:
        """Return what is given away by the turn itself; what is granted is when it is shown, or is not."""
        return (*self.answering(person), *self.leaving)

    def answering(self, person: str) -> tuple[Hashable, ...]:
        """Return what is given away to one person but for what leaving the stage gives away."""
        return (*self.said, *(name for name, audience in self.told if person in audience))


def released(flow: Flow, before: Session, event: Event, turn: Turn, now: int) -> Released:
    """Return what the turn gives away."""
    after = turn.session
    names = Names(flow, after)
    left = after.ended or (after.top.no, after.top.entry) != (before.top.no, before.top.entry)
    weighed = [(name, reader, _plain(data, names)) for (name, reader), data in turn.weighed.items()]
    starts = [("starts", effect.flow) for effect in turn.effects if isinstance(effect, StartFlow)]
    for_all: list[tuple[str, ...]] = []
    if left:
        for_all += sorted((name, data) for name, reader, data in weighed if reader is None)
        for_all += _passed(flow, before, event)
    return Released(
        said=tuple(_signals(flow, before, after, event, names, now)),
        # Alone, somebody chooses what they begin with another.
        leaving=(*for_all, *(starts if len(flow.roles) == 1 else ())),
        told=tuple(((name, data), (reader,)) for name, reader, data in weighed if reader),
        granted=_granted(before, after, names) if left else (),
        read=_read(before, after, names) if turn.session.grants else (),
        weighed=tuple(sorted({(name, data) for name, _, data in weighed})),
    )


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


def _passed(flow: Flow, before: Session, event: Event) -> list[tuple[str, ...]]:
    """A yes by which a stage was gone through: whoever asked for it may find that it was said."""
    yes = isinstance(event, ChoicePicked) and event.choice == YES
    gate = asked(flow, before, event.person) if isinstance(event, ChoicePicked) and yes else None
    return [("passed", gate.id)] if isinstance(gate, Gate) else []


def _granted(before: Session, after: Session, names: Names) -> tuple[Named, ...]:
    """What its author has chosen to show, but for what was shown before; whether it is shown, others have to see."""
    shown = _shown(before)
    standing = [grant for grant in after.grants if (grant.item, grant.seal) not in shown]
    return tuple(sorted((f"granted {names.of(grant.item)}", grant.audience) for grant in standing))


def _read(before: Session, after: Session, names: Names) -> tuple[Hashable, ...]:
    return tuple(sorted(names.of(item) for item, _ in _shown(after) - _shown(before)))


def _shown(session: Session) -> set[tuple[str, str]]:
    return {(grant.item, grant.seal) for grant in session.grants if grant.revealed}
