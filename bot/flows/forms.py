"""Forms: questions in a row that are answered in words. Where a platform has forms, all are answered at once."""

from collections.abc import Iterator, Mapping

from bot.engine.model import Ask, Flow, SlotType, Stage

MOST_FIELDS = 5
"""Questions in one form (Discord API, Modal: 1-5 components)."""

LEAST_FIELDS = 2
"""One question alone is no form."""


def forms_of(flow: Flow) -> Mapping[str, tuple[str, ...]]:
    """Return the forms of a flow: by the step that each begins with, the steps of its questions."""
    followers = {step: _after(flow, step) for step in _questions(flow)}
    begun = followers.keys() - {after for after in followers.values() if after is not None}
    found: dict[str, tuple[str, ...]] = {}
    for first in (step for step in followers if step in begun):
        row = _row(first, followers)
        for start in range(0, len(row), MOST_FIELDS):
            some = row[start : start + MOST_FIELDS]
            if len(some) >= LEAST_FIELDS:
                found[some[0]] = some
    return found


def _row(step: str | None, followers: Mapping[str, str | None]) -> tuple[str, ...]:
    row: list[str] = []
    while step is not None and step in followers and step not in row:
        row.append(step)
        step = followers[step]
    return tuple(row)


def _questions(flow: Flow) -> Iterator[str]:
    """The questions that a form can hold: those that are answered in any words."""
    for step in flow.steps.values():
        if isinstance(step, Ask) and _fits(flow, step):
            yield step.id


def _fits(flow: Flow, ask: Ask) -> bool:
    slot = flow.slots.get(ask.save)
    if slot is None or slot.type is not SlotType.TEXT or slot.options:
        return False
    plain = not (ask.in_room or ask.stays or ask.ways or ask.signals or ask.shown_to or ask.suggest_from or ask.nudge)
    return plain and isinstance(flow.steps.get(flow.lane_of.get(ask.id, "")), Stage)


def _after(flow: Flow, question: str) -> str | None:
    """The step that always comes next, if there is one: of the lane, or, of somebody alone, of the next stage."""
    step = flow.steps[question]
    if step.next:
        return None
    if step.following is not None:
        return step.following if flow.steps[step.following].when is None else None
    stage = flow.steps[flow.lane_of[question]]
    after = flow.steps.get(stage.following or "")
    alone = len(flow.roles) == 1 and not any(role.many for role in flow.roles.values())
    if not alone or stage.next or not isinstance(after, Stage) or after.when is not None or len(after.lanes) != 1:
        return None
    (lane,) = after.lanes
    return lane.first if lane.when is None and flow.steps[lane.first].when is None else None
