"""Where steps lead: the graph that the checks walk, and what is said on it before anybody is waited for."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache

from bot.engine.model import (
    EACH,
    READ_BY_ALL,
    Ask,
    Assign,
    Call,
    Compose,
    Do,
    Each,
    End,
    Flow,
    Gate,
    Grant,
    Hold,
    Keep,
    Reveal,
    Review,
    Say,
    Section,
    Stage,
    Start,
    Step,
)
from bot.flows.compiling import stage_of


def always_leaves(step: Step) -> bool:
    """Return whether a step never goes on to what follows it: it ends, or one of its branches always holds."""
    return isinstance(step, End) or any(branch.guard is None for branch in step.next)


def entered(flow: Flow, step: str) -> str:
    """Return what is entered in order to come to a step: its stage, if it waits at the top."""
    return stage_of(step) if stage_of(step) in flow.steps else step


def goes_on(step: Step) -> list[str]:
    """Return where a step leads when all is done that it does."""
    found = [branch.to for branch in step.next]
    if step.following is not None and (step.when is not None or not always_leaves(step)):
        found.append(step.following)
    return found


def onward(flow: Flow, step: Step) -> list[str]:
    """Return where a step leads when it is done: at the end of its lane, where its stage leads."""
    if isinstance(step, End):
        found: list[str] = []
        ends = not step.closed
    else:
        found = goes_on(step)
        ends = step.following is None and (step.when is not None or not always_leaves(step))
    place = next(around(flow, step.id), None)
    if not ends or place is None:
        return found
    return found + (goes_on(place) if isinstance(place, Stage) else onward(flow, place))


def leads_to(flow: Flow, step: Step) -> list[str]:
    """Return every step that can come after one, in whichever way."""
    found = goes_on(step)
    match step:
        case Stage():
            found += [script.first for script in step.lanes]
            found += [step.expired] if step.expired else []
        case Section() | Each():
            found.append(step.first)
        case Ask():
            found += [entered(flow, way) for way in step.ways]
        case Gate():
            found += [entered(flow, step.told)] if step.told else []
        case Grant():
            found += [entered(flow, name) for name in (step.change, step.kept) if name]
        case Review():
            found += [entered(flow, flow.asks[item]) for item in step.items if item in flow.asks]
        case Reveal() | Keep():
            found += [step.missing] if step.missing else []
        case _:
            pass
    return found


def further(flow: Flow, step: Step) -> list[str]:
    """Return every step that can come after one: behind the last one of a lane, those after its stage too."""
    return leads_to(flow, step) + (onward(flow, step) if step.id in flow.lane_of else [])


def reached(flow: Flow, starts: Iterable[str], after: Callable[[Step], Iterable[str]]) -> set[str]:
    """Return every step that can be come to from some, these included; ``after`` says where a step leads."""
    seen: set[str] = set()
    todo = list(starts)
    while todo:
        name = todo.pop()
        if name not in seen and name in flow.steps:
            seen.add(name)
            todo += after(flow.steps[name])
    return seen


def around(flow: Flow, name: str) -> Iterator[Step]:
    """Yield the section and the stage that a step stands in, innermost first."""
    inside = flow.steps.get(flow.lane_of.get(name, ""))
    while inside is not None:
        yield inside
        inside = flow.steps.get(flow.lane_of.get(inside.id, ""))


def outermost(flow: Flow, name: str) -> Step | None:
    """Return the stage that a step stands in, past the sections and loops in between."""
    found = list(around(flow, name))
    return found[-1] if found else None


def roles_of(step: Step) -> set[str]:
    """Return the roles that walk a stage's lanes."""
    return {script.role for script in step.lanes} if isinstance(step, Stage) else set()


def told_to_others(flow: Flow, start: str, person: str | None, *, unshown: str) -> str | None:
    """Return a step by which others notice something after ``start``, before anybody is waited for.

    ``person`` is the role that only hears it; ``unshown`` a slot of which nothing is granted.
    """
    walked = reached(flow, [start], lambda step: at_once_after(flow, step, unshown))
    return next((name for name in flow.steps if name in walked and _noticed(flow.steps[name], person, unshown)), None)


def at_once_after(flow: Flow, step: Step, unshown: str) -> list[str]:
    """Return where a step leads before anybody is waited for; of ``unshown`` nothing is granted."""
    match step:
        case Stage() | Call():
            return goes_on(step) if step.when is not None else []
        case Ask() | Gate() | Review() | Grant():
            return [step.following] if step.when is not None and step.following is not None else []
        case Reveal(missing=str() as missing) if set(step.items) == {unshown}:
            return [missing, *(goes_on(step) if step.when is not None else [])]
        case _:
            return leads_to(flow, step)


def _noticed(step: Step, person: str | None, unshown: str) -> bool:
    match step:
        case Say():
            return step.to != EACH and (step.to != person or person == EACH)
        case Reveal():
            return not step.silent and step.to != person and set(step.items) != {unshown}
        case Start():
            return any(here not in {person, EACH} for _, here in step.roles)
        case Do() | Hold():
            return True
        case Keep():
            return step.pair
        case _:
            return False


def before_shown(flow: Flow, slot: str) -> set[str]:
    """Return every step that can be come to while the slot's text, as it then is, was not yet shown by a grant."""

    def after(step: Step) -> list[str]:
        if not isinstance(step, Reveal) or not shows(flow, step, slot) or step.when is not None:
            return leads_to(flow, step)
        return [step.missing] if step.missing is not None else []

    starts = [flow.first, *([flow.expired] if flow.expired else [])]
    for step in flow.steps.values():
        if writes(step, slot):
            starts += leads_to(flow, step)
            for place in around(flow, step.id):
                starts += leads_to(flow, place)
    return reached(flow, starts, after)


def shows(flow: Flow, step: Step, slot: str) -> bool:
    """Return whether the slot's text was shown, if there is one, when the flow goes on from the step."""
    if not isinstance(step, Reveal) or slot not in step.items:
        return False
    return not kept_silently(flow, slot) or (step.missing is not None and len(step.items) == 1)


def kept_silently(flow: Flow, slot: str) -> bool:
    """Return whether a grant of the slot can be refused, or passed over, and the flow goes on as if it was given."""
    grants = [step for step in flow.steps.values() if isinstance(step, Grant) and step.item == slot]
    # Where there is no text, there is nothing that would have to be granted.
    passed = any(step.when is not None and step.when.source.strip() != slot for step in grants)
    return passed or any(step.kept is None and not step.closes for step in grants)


def private_counts(flow: Flow, lanes: Mapping[str, str | None]) -> dict[str, str]:
    """Return the steps of one role whose visits tell of a private choice of theirs, each with that role.

    They are entered by [Change], [Keep private] or a review, or lie on the way back from there; or they come only if
    something private is there.
    """
    found: dict[str, str] = {}
    for step in flow.steps.values():
        hangs = step.when is not None and any(
            slot in flow.slots and flow.slots[slot].cls not in READ_BY_ALL for slot in step.when.reads
        )
        if isinstance(step, Stage) and hangs and len(roles_of(step)) == 1:
            found[step.name] = next(iter(roles_of(step)))

    @cache
    def behind_of(name: str) -> set[str]:
        return reached(flow, [name], lambda one: leads_to(flow, one))

    for step in flow.steps.values():
        lane = lanes.get(step.id)
        *_, stage = (step, *around(flow, step.id))
        for target, kept in _chosen_in_private(flow, step):
            if target == stage.id:
                continue  # its lane goes back, and the stage is not entered again
            anyway = reached(flow, goes_on(stage), lambda one: leads_to(flow, one))
            for name in behind_of(target):
                other = flow.steps[name]
                round_trip = stage.id in behind_of(name)
                counted = round_trip or (name == target and not (kept and name in anyway))
                if isinstance(other, Stage) and roles_of(other) == {lane} and lane is not None and counted:
                    found[other.name] = lane
    return found


def _chosen_in_private(flow: Flow, step: Step) -> Iterator[tuple[str, bool]]:
    """Where private choices lead, and whether the choice was to keep something."""
    if isinstance(step, Grant):
        yield from ((entered(flow, name), name == step.kept) for name in (step.change, step.kept) if name)
    if isinstance(step, Review):
        yield from ((entered(flow, flow.asks[item]), False) for item in step.items if item in flow.asks)


def writes(step: Step, slot: str) -> bool:
    """Return whether the step gives the slot a value."""
    match step:
        case Ask():
            return step.save == slot
        case Compose():
            return step.slot == slot
        case Assign():
            return any(name == slot for name, _ in step.values)
        case Call():
            return any(here == slot for here, _ in step.returns)
        case _:
            return False
