"""From one revision of a flow to another: where each step and slot of the old one is in the new one, if anywhere."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from bot.engine.model import RELEASABLE, Ask, Call, Each, Flow, Migration, Section, Slot, Stage, Step
from bot.engine.prompts import SUGGESTED
from bot.engine.session import ENGLISH, Composed, Words
from bot.engine.template import Template


class Reason(StrEnum):
    """Why a session stays on its revision."""

    UNDECLARED = "undeclared"
    SAME_VERSION = "same_version"
    FLOW_GONE = "flow_gone"
    CAST = "cast"
    STEP_GONE = "step_gone"
    STEP_OTHER = "step_other"
    TERMS = "terms"
    TOLD = "told"
    KEPT = "kept"
    SLOT_GONE = "slot_gone"
    SLOT_OTHER = "slot_other"
    OPTION_GONE = "option_gone"
    GRANTED = "granted"
    ON_ITS_WAY = "on_its_way"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stays:
    """Why a session stays: the flow, and the step, slot or outcome of it. Never anybody's words."""

    reason: Reason
    flow: str
    name: str = ""


class Halt(Exception):
    """The session cannot come along."""

    def __init__(self, reason: Reason, flow: str, name: str = "") -> None:
        super().__init__(reason)
        self.why = Stays(reason=reason, flow=flow, name=name)


AS_IT_IS = Migration()
"""Nothing has another name."""

_SLOTS = ("save", "item", "suggest_from", "over")
"""What in a step names a slot (or an outcome)."""

_ASPECTS = ("to", "shown_to", "in_room", "flow", "others")
"""What else in a step an answer hangs on."""


def plan_for(old: Flow, new: Flow) -> Migration:
    """Return how sessions of ``old`` come along to ``new``. Raises Halt when nothing was declared."""
    if old.written == new.written:
        return AS_IT_IS
    if old.version not in new.migrations:
        reason = Reason.SAME_VERSION if old.version == new.version else Reason.UNDECLARED
        raise Halt(reason, new.id)
    return new.migrations[old.version]


class Crossing:
    """One flow on both sides. Every method raises Halt for what has no place on the other side."""

    def __init__(self, old: Flow, new: Flow) -> None:
        self.old = old
        self.new = new
        self.plan = plan_for(old, new)
        if _cast(old) != _cast(new):
            raise self.halt(Reason.CAST)

    def halt(self, reason: Reason, name: str = "") -> Halt:
        """Return the refusal for a step, slot or outcome of the old revision."""
        return Halt(reason, self.old.id, name)

    # Steps

    def renamed(self, step: str) -> str:
        """Return the step's name on the other side, whether it is there or not."""
        base, colon, part = step.partition(":")
        return f"{self.plan.steps.get(base, base)}{colon}{part}"

    def step(self, name: str) -> tuple[Step, Step]:
        """Return the step on both sides: of one kind, and about the same thing."""
        before, after = self.old.steps.get(name), self.new.steps.get(self.renamed(name))
        if before is None or after is None:
            raise self.halt(Reason.STEP_GONE, _authored(name))
        if type(before) is not type(after) or not self._about_the_same(before, after):
            raise self.halt(Reason.STEP_OTHER, _authored(name))
        return before, after

    def stage(self, name: str) -> Step:
        """Return the new stage, or call, that a frame stands in: with lanes for the same roles."""
        before, after = self.step(name)
        if isinstance(before, Stage) and isinstance(after, Stage) and _roles(before) != _roles(after):
            raise self.halt(Reason.STEP_OTHER, _authored(name))
        return after

    def lane_step(self, place: str, role: str) -> str:
        """Return the new name of where somebody's lane stands or returns to, in the same lane as before."""
        name, mark, item = place.partition("#")
        _, after = self.step(name)
        stage = _stage_around(self.new, after.id)
        first = [script.first for script in stage.lanes if script.role == role] if stage is not None else []
        if not self._in_the_same(name) or not any(after.id in _walked(self.new, one) for one in first):
            raise self.halt(Reason.STEP_OTHER, _authored(name))
        return f"{after.id}{mark}{item}"

    def standing(self, place: str, role: str) -> str:
        """Return the new name of where somebody is asked now: what can be pressed there goes on meaning the same."""
        found = self.lane_step(place, role)
        before, after = self.step(place.partition("#")[0])
        labels = _labels(self.new, after)
        if any(
            not self._says_the_same(key, labels.get(value, "")) for value, key in _labels(self.old, before).items()
        ):
            raise self.halt(Reason.STEP_OTHER, _authored(before.id))
        return found

    def _says_the_same(self, before: str, after: str) -> bool:
        """Whether a label says the same in every language that both revisions have; one that is gone says nothing."""
        here = {ENGLISH: self.old.texts, **self.old.translations}
        there = {ENGLISH: self.new.texts, **self.new.translations}
        return all(
            here[code][before] == there[code][after]
            for code in here.keys() & there.keys()
            if before in here[code] and after in there[code]
        )

    def _in_the_same(self, name: str) -> bool:
        """Whether a step stands in the same stage as before, and on the way in the same sections and loops."""
        inside = self.old.lane_of.get(name, "")
        if not inside or self.new.lane_of.get(self.renamed(name)) != self.renamed(inside):
            return False
        around, _ = self.step(inside)
        return isinstance(around, Stage) or self._in_the_same(inside)

    def _about_the_same(self, before: Step, after: Step) -> bool:
        """Whether an answer to the one is an answer to the other: old buttons go on meaning what they said."""
        slots = all(self._same_slot(getattr(before, f, None), getattr(after, f, None)) for f in _SLOTS)
        same = all(getattr(before, f, None) == getattr(after, f, None) for f in _ASPECTS)
        return slots and same and _suggested(self.old, before) == _suggested(self.new, after)

    def _same_slot(self, before: str | None, after: str | None) -> bool:
        return after is None if before is None else self.plan.slots.get(before, before) == after

    # Slots

    def slot(self, name: str, data: Words) -> str | None:
        """Return the new name of the slot that holds this value; None when its values are forgotten."""
        before, target = self.old.slots.get(name), self.plan.slots.get(name, name)
        if before is None or (target is None and before.cls in RELEASABLE):
            raise self.halt(Reason.SLOT_GONE, name)
        if target is None:
            return None
        after = self.new.slots.get(target)
        if after is None:
            raise self.halt(Reason.SLOT_GONE, name)
        if not self._same_kind(before, after):
            raise self.halt(Reason.SLOT_OTHER, name)
        kept = {str(option.value) for option in after.options}
        gone = {str(option.value) for option in before.options} - kept
        if gone & set(_names(data)):
            raise self.halt(Reason.OPTION_GONE, name)
        labels = {str(option.value): option.key for option in after.options}
        chosen = {str(option.value): option.key for option in before.options if str(option.value) in _names(data)}
        if any(not self._says_the_same(key, labels[value]) for value, key in chosen.items()):
            raise self.halt(Reason.SLOT_OTHER, name)
        return target

    def _same_kind(self, before: Slot, after: Slot) -> bool:
        """Whether the same people may read it, in the same way, and it means the same."""
        same = all(getattr(before, f) == getattr(after, f) for f in ("type", "cls", "of", "signed"))
        return same and self._same_slot(before.per, after.per) and self._same_slot(before.over, after.over)

    # What was agreed

    def other_terms(self) -> Iterator[str]:
        """Yield the steps at which people say yes to other words than before."""
        for name, words in self.old.terms.items():
            if name in self.old.steps and self.new.terms.get(self.renamed(name), words) != words:
                yield name

    def renamed_slots(self) -> set[str]:
        """Return the new slots that take the values of slots with other names."""
        return {after for before, after in self.plan.slots.items() if after is not None and after != before}

    def stage_of(self, step: str) -> str:
        """Return the name under which the visits of the old stage around a step are counted."""
        stage = _stage_around(self.old, step)
        return stage.name if stage is not None else step


def calls_in(flow: Flow) -> Iterator[Call]:
    """Yield the steps of a flow that call another."""
    return (step for step in flow.steps.values() if isinstance(step, Call))


def _cast(flow: Flow) -> tuple[object, ...]:
    """Who takes part, how they are spoken to and about what: nobody's part changes while they are in it."""
    return flow.id, dict(flow.roles), flow.with_pair, flow.signal, flow.reviews


def _authored(step: str) -> str:
    """The name that the author gave: what a step is compiled to has a colon in it."""
    return step.partition(":")[0]


def _stage_around(flow: Flow, name: str) -> Stage | None:
    """The stage that a step of a lane stands in, past the sections in between."""
    inside = flow.steps.get(flow.lane_of.get(name, ""))
    while inside is not None and not isinstance(inside, Stage):
        inside = flow.steps.get(flow.lane_of.get(inside.id, ""))
    return inside


def _suggested(flow: Flow, step: Step) -> list[dict[str, Template]]:
    """The words that can be taken on by a press, by language: they are its person's own from then on."""
    choices = step.choices if isinstance(step, Ask) else ()
    keys = [choice.label.key for choice in choices if choice.value.startswith(SUGGESTED)]
    languages = {ENGLISH: flow.texts, **flow.translations}
    return [{code: texts[key] for code, texts in languages.items() if key in texts} for key in keys]


def _labels(flow: Flow, step: Step) -> dict[str, str]:
    """What can be pressed at a question, with the address of the flow's own words for it."""
    choices = step.choices if isinstance(step, Ask) else ()
    return {choice.value: choice.label.key for choice in choices if choice.label.flow == flow.id}


def _roles(stage: Stage) -> set[str]:
    return {script.role for script in stage.lanes}


def _names(data: Words) -> tuple[str, ...]:
    if isinstance(data, Composed):
        return ()
    return tuple(map(str, data)) if isinstance(data, tuple) else (str(data),)


def _walked(flow: Flow, first: str) -> set[str]:
    """The steps of a lane that begins there, those of its sections included."""
    seen: set[str] = set()
    todo = [first]
    while todo:
        step = flow.steps.get(todo.pop())
        if step is None or step.id in seen or step.id not in flow.lane_of:
            continue
        seen.add(step.id)
        ways = [branch.to for branch in step.next]
        ways += step.ways if isinstance(step, Ask) else []
        ways += [way for f in ("following", "kept", "change") if isinstance(way := getattr(step, f, None), str)]
        todo += [*ways, *([step.first] if isinstance(step, Section | Each) else [])]
    return seen
