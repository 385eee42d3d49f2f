"""Who is told what a step says, and whose values stand in it: by role, as the engine binds and sends it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.engine.guards import OTHERS
from bot.engine.model import (
    EACH,
    EVERYONE,
    PARTNER,
    ROOM,
    Ask,
    Flow,
    Reveal,
    Say,
    Select,
    Slot,
    SlotType,
    Step,
)
from bot.flows.flow_compiler import Compiled
from bot.flows.ways import writes

NOBODY = ""
"""As an owner: of one value for everybody."""

Pair = tuple[str, str]
"""Whose value it is and who reads it: two roles, the partner or the room; the same role twice where it has many."""


@dataclass(frozen=True, slots=True, order=True)
class Shown:
    """A value of one person that a step tells to another; ``named`` is what stands for it in the step."""

    slot: str
    owner: str
    reader: str
    step: str
    named: str


def people_of(flow: Flow) -> list[str]:
    """Return the roles of a flow, and the partner where there is one."""
    return [*flow.roles, PARTNER] if flow.with_pair else list(flow.roles)


def owners_of(compiled: Compiled, slot: Slot) -> list[str]:
    """Return whose values a slot holds: roles, or nobody's. Of what each has, those who write it, if no other can."""
    flow = compiled.flow
    if slot.of == EVERYONE:
        return [NOBODY]
    if slot.of != EACH:
        return [slot.of]
    lanes = {compiled.places[name].lane for name, step in flow.steps.items() if writes(step, slot.name)}
    written = [role for role in flow.roles if role in lanes]
    return written if lanes and lanes <= set(flow.roles) and not slot.given else list(flow.roles)


def differ(flow: Flow, owner: str, reader: str) -> bool:
    """Return whether an owner and a reader can be two people."""
    return owner != reader or (reader in flow.roles and flow.roles[reader].many)


def walkers_of(compiled: Compiled, step: Step) -> list[str | None]:
    """Return the roles that walk a step in a lane of their own; None at the top of a flow for several."""
    lane = compiled.places[step.id].lane
    if lane == EACH or (lane is None and compiled.work.solo):
        return list(compiled.flow.roles)
    return [lane]


def is_outward(step: Step, lane: str | None) -> bool:
    """Return whether a step of that lane, or at the top, says something to others than its own person."""
    return isinstance(step, Say) and step.to != EACH and (lane is None or step.to != lane)


def hearers(compiled: Compiled, step: Step, walker: str | None) -> frozenset[str]:
    """Return who is told what a step says: roles, the partner, the room; ``each`` is whoever walks it."""
    flow = compiled.flow
    roles = frozenset(flow.roles)
    match step:
        case Say(to=audience) if audience == OTHERS:
            return frozenset(role for role in roles if role != walker or flow.roles[role].many)
        case Say(to=audience) | Reveal(to=audience):
            return {EVERYONE: roles, ROOM: roles | {ROOM}}.get(audience, frozenset({audience}))
        case Ask(in_room=True):
            return roles | {EACH, ROOM}
        case _:
            return frozenset({EACH})


def named_in(compiled: Compiled, step: Step) -> frozenset[str]:
    """Return what a step names in what it tells, and the lists whose items it offers."""
    texts = (used.template.names for used in compiled.work.texts.values() if used.key.split(".")[0] == step.id)
    found = {name for names in texts for name in names}
    if isinstance(step, Ask):
        picked = compiled.flow.slots[step.save].over if step.save in compiled.flow.slots else None
        found |= {name for name in (step.suggest_from, picked) if name is not None}
    return frozenset(found)


def shown_by(compiled: Compiled, step: Step, name: str) -> Iterator[Shown]:
    """Yield the values of somebody that a step tells to others by that name, whether or not they may read it."""
    for walker in walkers_of(compiled, step):
        for slot in _slots_named(compiled, name):
            for owner in _whose(compiled, step, slot, walker):
                for reader in sorted(hearers(compiled, step, walker)):
                    if _apart(compiled.flow, slot, (owner, reader), walker):
                        yield Shown(slot.name, owner, _person(reader, walker), step.id, name)


def told_by(compiled: Compiled, step: Step) -> tuple[str, ...]:
    """Return who is told what a step says, whoever walks it."""
    walkers = walkers_of(compiled, step)
    return tuple(sorted({_person(one, walker) for walker in walkers for one in hearers(compiled, step, walker)}))


def list_behind(compiled: Compiled, name: str) -> Slot | None:
    """Return the list whose items a name stands for: a loop's item, an outcome that selects, a list itself."""
    over = compiled.flow.loops.get(name, name)
    found = compiled.flow.slots.get(compiled.work.gone_through(over))
    return found if found is not None and found.type is SlotType.LIST else None


def _person(reader: str, walker: str | None) -> str:
    return walker if reader == EACH and walker is not None else reader


def _slots_named(compiled: Compiled, name: str) -> Iterator[Slot]:
    slot = compiled.flow.slots.get(name)
    if slot is not None:
        yield slot
        if slot.over is not None:
            yield from _behind(compiled, slot.over)
    elif name in compiled.flow.loops or _selects(compiled.flow, name):
        yield from _behind(compiled, name)


def _behind(compiled: Compiled, name: str) -> Iterator[Slot]:
    found = list_behind(compiled, name)
    if found is not None:
        yield found


def _selects(flow: Flow, name: str) -> bool:
    return name in flow.outcomes and isinstance(flow.outcomes[name].value, Select)


def _whose(compiled: Compiled, step: Step, slot: Slot, walker: str | None) -> Iterable[str]:
    """Whose values a slot's name stands for in a step."""
    if slot.type is SlotType.LIST or (isinstance(step, Reveal) and slot.name in step.items):
        return owners_of(compiled, slot)
    if slot.of == EACH:
        return [walker] if walker is not None else []
    return owners_of(compiled, slot)


def _apart(flow: Flow, slot: Slot, pair: Pair, walker: str | None) -> bool:
    """Whether whoever is told it is somebody else than the owner."""
    owner, reader = pair
    if reader != EACH or walker is None:
        return differ(flow, owner, reader)
    return owner != walker or (slot.type is SlotType.LIST and differ(flow, owner, walker))
