"""What expressions and texts read: the slots behind outcomes, and those that not everybody may read."""

from collections.abc import Iterable, Iterator

from bot.engine.guards import Guard
from bot.engine.model import READ_BY_ALL, Ask, Assign, Compose, Each, Flow, Keep, Lasts, Select, Stage, Step


def slots_behind(flow: Flow, names: Iterable[str]) -> set[str]:
    """Return the slots that these slots, items and outcomes hang on, by way of others too."""
    seen: set[str] = set()
    todo = list(names)
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen.add(name)
        if name in flow.outcomes:
            todo += flow.outcomes[name].reads
        elif name in flow.loops:
            todo.append(flow.loops[name])
    return seen & set(flow.slots)


def outcomes_within(flow: Flow, outcome: str) -> set[str]:
    """Return an outcome and those that it is made of."""
    seen: set[str] = set()
    todo = [outcome]
    while todo:
        name = todo.pop()
        if name in flow.outcomes and name not in seen:
            seen.add(name)
            todo += flow.outcomes[name].reads
    return seen


def selected_from(flow: Flow, outcome: str) -> set[str]:
    """Return the lists and choices that an outcome selects from, by way of others too."""
    values = (flow.outcomes[name].value for name in outcomes_within(flow, outcome))
    return {value.over for value in values if isinstance(value, Select)} & set(flow.slots)


def weighed_by(flow: Flow, outcome: str) -> set[str]:
    """Return the slots that an outcome weighs; not the list that it selects from, whose items are shown by grants."""
    guards = (guard for name in outcomes_within(flow, outcome) for guard in flow.outcomes[name].guards)
    return {read for guard in guards for read in guard.reads} & set(flow.slots)


def private_behind(flow: Flow, names: Iterable[str]) -> list[str]:
    """Return those of the slots behind these names that not everybody may read."""
    return [name for name in sorted(slots_behind(flow, names)) if flow.slots[name].cls not in READ_BY_ALL]


def ways_of(step: Step) -> Iterator[Guard]:
    """Yield the guards that decide whether a step comes, and where it leads."""
    if step.when is not None:
        yield step.when
    for branch in step.next:
        if branch.guard is not None:
            yield branch.guard


def stage_guards(step: Step) -> Iterator[Guard]:
    """Yield the guards that decide who is in a stage, and when it is over."""
    if isinstance(step, Stage):
        guards = (step.join_when, step.until, *(script.when for script in step.lanes))
        yield from (guard for guard in guards if guard is not None)


def read_by(flow: Flow, step: Step) -> set[str]:
    """Return the slots and outcomes that a step reads when it is come to, those in its texts left out."""
    guards = list(ways_of(step))
    names: set[str] = set()
    match step:
        case Assign():
            guards += [value for _, value in step.values]
        case Compose():
            guards += [part.when for part in step.parts if part.when is not None]
        case Keep():
            guards += [step.until] if step.until is not None else []
            names |= {source for _, source in step.fields}
        case Lasts():
            guards.append(step.until)
        case Each():
            names.add(step.over)
        case Ask():
            picked = flow.slots[step.save].over if step.save in flow.slots else None
            names |= {name for name in (step.suggest_from, picked) if name is not None}
        case _:
            pass
    return names.union(*(guard.reads for guard in guards))
