"""By whose yes a text comes to be read by others: what grants it, to whom, and what shows it then."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from bot.engine.model import EACH, EVERYONE, READ_BY_ALL, RELEASABLE, Ask, Flow, Grant, Reveal, Slot
from bot.flows.audiences import Pair, differ, owners_of, people_of, walkers_of
from bot.flows.flow_compiler import Compiled


class Yes(StrEnum):
    """How an author says that somebody may read a text."""

    ASKED = "asked"
    """A step shows the exact words, and asks."""
    ANSWERED = "answered"
    """The question says who will read the answer: to answer is the yes."""
    BROUGHT = "brought"
    """It was said in the flow that has started this one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One way in which a text is granted; ``step`` is empty for a grant that comes with the start."""

    slot: str
    yes: Yes
    step: str
    to: str
    """A role, the partner, or everybody."""


def releases_of(flow: Flow, slot: str) -> Iterator[Release]:
    """Yield every way in which a slot's text is granted to somebody."""
    found = flow.slots.get(slot)
    if found is not None and found.granted:
        yield Release(slot=slot, yes=Yes.BROUGHT, step="", to=EVERYONE)
    for step in flow.steps.values():
        if isinstance(step, Grant) and step.item == slot:
            yield Release(slot=slot, yes=Yes.ASKED, step=step.id, to=step.to)
        if isinstance(step, Ask) and step.save == slot and step.shown_to is not None:
            yield Release(slot=slot, yes=Yes.ANSWERED, step=step.id, to=step.shown_to)


def reveals_of(flow: Flow, slot: str) -> list[Reveal]:
    """Return the steps that show a slot's text once it is granted."""
    return [step for step in flow.steps.values() if isinstance(step, Reveal) and slot in step.items]


def released_to(compiled: Compiled, release: Release) -> frozenset[Pair]:
    """Return whose text a release lets whom read."""
    flow = compiled.flow
    slot = flow.slots[release.slot]
    owners = set(owners_of(compiled, slot))
    if release.step:
        walkers = {walker for walker in walkers_of(compiled, flow.steps[release.step]) if walker is not None}
        owners &= walkers | ({slot.of} if slot.of != EACH else set[str]())
    readers = list(flow.roles) if release.to == EVERYONE else [release.to]
    return frozenset((one, reader) for one in owners for reader in readers if differ(flow, one, reader))


def may_read(compiled: Compiled, slot: Slot) -> frozenset[Pair]:
    """Return who may ever read whose value of a slot, beside its owner, by the labels that the engine enforces."""
    flow = compiled.flow
    if slot.cls in READ_BY_ALL:
        owners, people = owners_of(compiled, slot), people_of(flow)
        return frozenset((one, reader) for one in owners for reader in people if differ(flow, one, reader))
    if slot.cls not in RELEASABLE or not reveals_of(flow, slot.name):
        return frozenset()
    return frozenset[Pair]().union(*(released_to(compiled, one) for one in releases_of(flow, slot.name)))
