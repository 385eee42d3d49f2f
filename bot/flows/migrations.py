"""What a flow declares about its older versions: read, checked by itself, and held against an old version itself."""

from collections.abc import Callable, Iterator, Mapping

from bot.engine.model import RELEASABLE, Flow, Migration, Slot
from bot.flows.compiling import Compiling
from bot.flows.problems import Problem, did_you_mean
from bot.flows.schema import FlowSource, MigrateSource
from bot.flows.yaml_source import Path_, Source

DROP = "drop"
"""In place of a slot's new name: what is in it is forgotten."""


def migrations_of(work: Compiling, written: FlowSource) -> Mapping[int, Migration]:
    """Return what is declared, by older version; every fault that the flow alone shows is noted in ``work``."""
    found: dict[int, Migration] = {}
    for number, shape in written.migrate.items():
        where: Path_ = ("migrate", number)
        if int(number) >= written.version:
            told = f"version {number} is not older than this one, which is version {written.version}"
            work.problem(where, told, "bad-migration", key=True)
        _check_names(work, shape, where)
        slots = {name: None if target == DROP else target for name, target in shape.slots.items()}
        found[int(number)] = Migration(steps=dict(shape.steps), slots=slots)
    return found


def _check_names(work: Compiling, shape: MigrateSource, where: Path_) -> None:
    for old, new in shape.steps.items():
        if new not in work.steps:
            told = f"unknown step '{new}'{did_you_mean(new, work.steps)}"
            work.problem((*where, "steps", old), told, "unknown-step")
    seen: set[str] = set()
    for old, new in shape.slots.items():
        place: Path_ = (*where, "slots", old)
        if new == DROP:
            continue
        work.slot(new, place)
        if new in seen:
            work.problem(place, f"two slots cannot both become '{new}': their values would meet", "bad-migration")
        seen.add(new)


Told = Callable[..., Problem]


def check_against(old: Flow, new: Flow, source: Source) -> list[Problem]:
    """Return every problem of bringing sessions of ``old`` along to ``new``, whose file ``source`` is.

    What is held keeps its type, its owner and its class: nobody may get to read more by it.
    """
    plan = new.migrations.get(old.version)
    if plan is None or old.written == new.written:
        return []
    where: Path_ = ("migrate", str(old.version))
    return [*_cast(old, new, source, where), *_steps(old, plan, source, where), *_slots(old, new, source, where)]


def _cast(old: Flow, new: Flow, source: Source, where: Path_) -> Iterator[Problem]:
    kept = (old.with_pair, old.signal, old.reviews) == (new.with_pair, new.signal, new.reviews)
    if not kept or dict(old.roles) != dict(new.roles):
        told = f"version {old.version} has other roles, or another with_partner, signal or reviews: it stays apart"
        yield source.problem(where, told, "migrated-otherwise", key=True)


def _steps(old: Flow, plan: Migration, source: Source, where: Path_) -> Iterator[Problem]:
    known = [name for name in old.steps if ":" not in name]
    for name in plan.steps:
        if name not in known:
            told = f"version {old.version} has no step '{name}'{did_you_mean(name, known)}"
            yield source.problem((*where, "steps", name), told, "unknown-step", key=True)


def _slots(old: Flow, new: Flow, source: Source, where: Path_) -> Iterator[Problem]:
    declared = new.migrations[old.version].slots
    for name in declared:
        if name not in old.slots:
            told = f"version {old.version} has no slot '{name}'{did_you_mean(name, list(old.slots))}"
            yield source.problem((*where, "slots", name), told, "unknown-slot", key=True)
    takers: dict[str, str] = {}
    for name, slot in old.slots.items():
        target = declared.get(name, name)
        place: Path_ = (*where, "slots", name) if name in declared else ("slots", name)
        if target is None and slot.cls in RELEASABLE:
            told = f"'{name}' holds people's own words, which are never thrown away: name the slot that takes them"
            yield source.problem(place, told, "migrated-otherwise")
        elif target is not None and target in new.slots:
            if target in takers:
                told = f"'{takers[target]}' and '{name}' of version {old.version} would meet in '{target}'"
                yield source.problem(place, told, "bad-migration")
            takers[target] = name
            yield from _kept(slot, new.slots[target], old.version, source, place)


def _kept(before: Slot, after: Slot, version: int, source: Source, place: Path_) -> Iterator[Problem]:
    aspects = (("type", before.type, after.type), ("class", before.cls, after.cls), ("of", before.of, after.of))
    for key, was, is_now in aspects:
        if was != is_now:
            here: Path_ = (*place, key) if place[0] == "slots" else place
            told = f"'{after.name}' has {key}: {is_now}; in version {version}, which comes along, it had {was}"
            yield source.problem(here, told, "migrated-otherwise")
