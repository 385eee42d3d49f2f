"""Who may read a value in the end, by way of texts that are built of it, other flows and records."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.engine.model import EACH, Call, Compose, Keep, Slot, Start, Step
from bot.flows.audiences import NOBODY, Pair, differ, list_behind, owners_of, people_of
from bot.flows.copies import copied_by, left_out_by
from bot.flows.facts.leading import at
from bot.flows.facts.slot_facts import By, Hop, Reach
from bot.flows.flow_compiler import Compiled
from bot.flows.releases import may_read

Flows = Mapping[str, Compiled]


@dataclass(frozen=True, slots=True)
class _Way:
    """A hop, and which roles of this flow the people of the other one are."""

    hop: Hop
    roles: Mapping[str, str]


def hops(flows: Flows, flow: str, slot: str) -> tuple[Hop, ...]:
    """Return every way by which a slot's value gets elsewhere."""
    return tuple(way.hop for way in _ways(flows, flows[flow], slot))


def sentences_of(compiled: Compiled, slot: str) -> tuple[Hop, ...]:
    """Return the texts of which a slot's value decides the sentences, each once a step."""
    found = (
        Hop(by=By.BUILT, at=at(compiled, step.id), flow="", into=target.name)
        for step in compiled.flow.steps.values()
        for target, read, _ in left_out_by(compiled, step)
        if read.name == slot
    )
    return tuple(dict.fromkeys(found))


def reaches(flows: Flows, flow: str, slot: str) -> tuple[Reach, ...]:
    """Return who may read the value of a slot beside its owner, each once and by the shortest way."""
    found = _reached(flows, (flow, slot), frozenset())
    return tuple(Reach(pair=pair, by=by) for pair, by in sorted(found.items()))


def _reached(flows: Flows, place: tuple[str, str], seen: frozenset[tuple[str, str]]) -> dict[Pair, tuple[Hop, ...]]:
    flow, name = place
    one, slot = flows[flow], flows[flow].flow.slots[name]
    found: dict[Pair, tuple[Hop, ...]] = dict.fromkeys(may_read(one, slot), ())
    for way in _ways(flows, one, name):
        target = (way.hop.flow or flow, way.hop.into)
        there: Mapping[Pair, tuple[Hop, ...]] = {}
        if way.hop.by is By.KEPT:
            there = dict.fromkeys(_kept_for(one, slot, way), ())
        elif target not in seen | {place} and target[0] in flows and target[1] in flows[target[0]].flow.slots:
            there = _here(one, _reached(flows, target, seen | {place}), way.roles)
        for pair, by in there.items():
            if pair not in found or len(by) + 1 < len(found[pair]):
                found[pair] = (way.hop, *by)
    return found


def _here(
    one: Compiled, there: Mapping[Pair, tuple[Hop, ...]], roles: Mapping[str, str]
) -> dict[Pair, tuple[Hop, ...]]:
    """Who that is in this flow, of people in another."""
    found: dict[Pair, tuple[Hop, ...]] = {}
    for (owner, reader), by in there.items():
        pair = (roles.get(owner, owner), roles.get(reader, reader))
        if differ(one.flow, *pair):
            found[pair] = by
    return found


def _kept_for(one: Compiled, slot: Slot, way: _Way) -> Iterator[Pair]:
    """Both read a record of the pair; one's own record only its owner reads."""
    keep = one.flow.steps.get(way.hop.at.step)
    if isinstance(keep, Keep) and keep.pair:
        people = people_of(one.flow)
        owners = owners_of(one, slot)
        yield from ((owner, reader) for owner in owners for reader in people if differ(one.flow, owner, reader))


def _ways(flows: Flows, compiled: Compiled, slot: str) -> Iterator[_Way]:
    same = {role: role for role in people_of(compiled.flow)}
    for step in compiled.flow.steps.values():
        here = at(compiled, step.id)
        for target, by in _copies(compiled, step, slot):
            yield _Way(Hop(by=by, at=here, flow="", into=target), same)
        match step:
            case Start() | Call():
                by = By.STARTED if isinstance(step, Start) else By.CALLED
                for theirs, mine in step.give:
                    if mine == slot:
                        yield _Way(Hop(by=by, at=here, flow=step.flow, into=theirs), _roles(compiled, step))
            case Keep():
                for field, source in step.fields:
                    if _is_of(compiled, source, slot):
                        yield _Way(Hop(by=By.KEPT, at=here, flow="", into=f"{step.kind}.{field}"), same)
            case _:
                pass
    yield from _returned(flows, compiled, slot)


def _returned(flows: Flows, compiled: Compiled, slot: str) -> Iterator[_Way]:
    """The slots of flows which call this one, into which the value comes back."""
    for caller in flows.values():
        for step in caller.flow.steps.values():
            if isinstance(step, Call) and step.flow == compiled.flow.id:
                back = {here: theirs for theirs, here in _roles(caller, step).items()}
                for here, theirs in step.returns:
                    if theirs == slot:
                        hop = Hop(by=By.RETURNED, at=at(caller, step.id), flow=caller.flow.id, into=here)
                        yield _Way(hop, back)


def _copies(compiled: Compiled, step: Step, slot: str) -> Iterator[tuple[str, By]]:
    """The slots of the same flow into which a step copies the value."""
    into = dict.fromkeys(target.name for target, read, *_ in copied_by(compiled, step) if read.name == slot)
    by = By.BUILT if isinstance(step, Compose) else By.SET
    yield from ((name, by) for name in into)


def _roles(compiled: Compiled, step: Start | Call) -> Mapping[str, str]:
    """Which roles of this flow the people of the other one are."""
    alone = next(iter(compiled.flow.roles)) if compiled.work.solo else EACH
    found = {theirs: (alone if here == EACH else here) for theirs, here in step.roles}
    return {**found, NOBODY: NOBODY}


def _is_of(compiled: Compiled, source: str, slot: str) -> bool:
    """Whether what fills a record's field is the slot, an item of it, or what was picked from it."""
    picked = compiled.flow.slots[source].over if source in compiled.flow.slots else None
    behind = list_behind(compiled, picked or source)
    return slot in {source, compiled.flow.loops.get(source)} or (behind is not None and behind.name == slot)
