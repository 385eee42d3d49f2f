"""What stood for all that people can answer in a flow: its bounds, as a reader of the result sees them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.engine.model import Ask, Flow, SlotType
from bot.flows.exploration.answers import Answers
from bot.flows.exploration.beginnings import PEOPLE
from bot.flows.exploration.space import Space


@dataclass(frozen=True, slots=True)
class Stood:
    """What stood for all answers, in a few words each."""

    answers: Mapping[str, str] = field(default_factory=dict[str, str])
    """By slot; one of a flow that is called is named behind it."""
    words: tuple[str, ...] = ()
    """The slots for whose texts one stood."""
    counts: Mapping[str, int] = field(default_factory=dict[str, int])
    """How far was counted what the flow counts."""
    untried: tuple[str, ...] = ()
    """What was not tried in every way in which expressions can tell it apart: so nothing is proven of it."""


def stood_in(space: Space) -> Stood:
    """Return what stood for all answers in a space."""
    answers: dict[str, str] = {}
    words: list[str] = []
    counts: dict[str, int] = {}
    for name in (space.flow.id, *space.flow.calls):
        flow, before = space.flow.named(name), "" if name == space.flow.id else f"{name}."
        known = Answers(flow, space.bounds, space.classes)
        for slot in flow.slots.values():
            if slot.name not in _answered(flow) or slot.type is SlotType.ITEM:
                continue
            if slot.type is SlotType.TEXT:
                words.append(before + slot.name)
            else:
                answers[before + slot.name] = known.told(slot)
        counts |= {before + count: most for count, most in space.classes.counts(name).items()}
    people = space.classes.people()
    untried = [f"the counts of people: there are {len(PEOPLE)} at most"] if people > len(PEOPLE) else []
    return Stood(answers, tuple(words), counts, (*untried, *sorted(space.classes.untried)))


def _answered(flow: Flow) -> set[str]:
    """The slots that people answer, or whose values come with the start."""
    asked = {step.save for step in flow.steps.values() if isinstance(step, Ask)}
    return asked | {slot.name for slot in flow.slots.values() if slot.given}
