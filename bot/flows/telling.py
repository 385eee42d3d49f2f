"""Checks on outcomes: what a private answer does to others is told in the very question that is answered."""

import re
from collections.abc import Callable

from bot.engine.model import EACH, Ask, Call, Clear, Gate, Grant, Review, SlotClass, SlotType, Stage, Step
from bot.flows.deciding import Deciding
from bot.flows.flow_compiler import Compiled
from bot.flows.grants import walked
from bot.flows.origins import Origins, origins_of
from bot.flows.reading import outcomes_within, private_behind, read_by, selected_from, stage_guards, weighed_by
from bot.flows.unasked import looks_answered, told_unasked
from bot.flows.ways import around, goes_on, leads_to, onward, reached, writes

FEWEST = 3
"""The words that ``told`` has at least: fewer stand in many a question by chance."""

_WORD = re.compile(r"\{\w+\}|\w+(?:['’]\w+)*")
HEARD = re.compile(r"\.(?:ask|say|gate|review|grant|replies\.\w+)$")
"""Found in the addresses of what people are told; labels, reveals and parts of composed texts are not."""


def check_telling(compiled: Compiled, deciding: Deciding) -> None:
    """Note every outcome, and every question that one hangs on, of which people are not told what it does."""
    if not compiled.work.solo:
        checker = _Checker(compiled, deciding)
        for outcome in compiled.flow.outcomes:
            checker.told(outcome)


def folded(text: str) -> str:
    """Return the words alone: how they are spaced, written large and set off does not matter."""
    return f" {' '.join(_WORD.findall(text.casefold()))} "


def behind(compiled: Compiled, deciding: Deciding, outcome: str) -> Origins:
    """Return all that an outcome hangs on."""
    effects = effects_of(compiled, outcome)

    def matters(ask: Ask) -> bool:
        unasked = not looks_answered(compiled, ask)
        return unasked and bool(told_unasked(compiled.flow, ask, effects))

    return origins_of(compiled, deciding, weighed(compiled, outcome), effects, matters)


def weighed(compiled: Compiled, outcome: str) -> list[str]:
    """Return the private slots that an outcome weighs, and those that it selects options from.

    Of a list there are only the items that were shown by then.
    """
    flow = compiled.flow
    picked = {over for over in selected_from(flow, outcome) if flow.slots[over].type is not SlotType.LIST}
    return private_behind(flow, weighed_by(flow, outcome) | picked)


def tells(compiled: Compiled, step: Step, outcome: str) -> bool:
    """Return whether a question says what an outcome does, in the very words of its ``told``."""
    return says(compiled, step, f"outcomes.{outcome}.told")


def says(compiled: Compiled, step: Step, told: str) -> bool:
    """Return whether a question says the very words of the text at an address."""
    kinds: dict[type[Step], str] = {Ask: "ask", Gate: "gate", Review: "review", Grant: "grant"}
    key = f"{step.id}.{kinds.get(type(step), '')}"
    if isinstance(step, Grant) and key not in compiled.work.texts:
        key = f"{step.change}.ask"  # a question whose answer is granted at once says it itself
    return key in compiled.work.texts and contains(compiled, key, told)


def contains(compiled: Compiled, key: str, told: str) -> bool:
    """Return whether one text has the very words of another."""
    return folded(_words(compiled, told)) in folded(_words(compiled, key))


def says_too_little(compiled: Compiled, told: str) -> bool:
    """Return whether so few words may stand in a question by chance."""
    words = " ".join(part for part in compiled.work.texts[told].template.parts if isinstance(part, str))
    return len(_WORD.findall(words)) < FEWEST


def effects_of(compiled: Compiled, outcome: str) -> set[str]:
    """Return the steps that read an outcome, by way of others too, or name it."""
    flow = compiled.flow
    names = {name for name in flow.outcomes if outcome in outcomes_within(flow, name)}
    found: set[str] = set()
    for step in flow.steps.values():
        reads = read_by(flow, step).union(*(guard.reads for guard in stage_guards(step)))
        if names & reads:
            found.add(step.id)
    named = (used.key for used in compiled.work.texts.values() if names & set(used.template.names))
    return found | {key.split(".")[0] for key in named}


def _words(compiled: Compiled, key: str) -> str:
    parts = compiled.work.texts[key].template.parts
    return "".join(part if isinstance(part, str) else f"{{{part.name}}}" for part in parts)


class _Checker:
    def __init__(self, compiled: Compiled, deciding: Deciding) -> None:
        self.compiled = compiled
        self.flow = compiled.flow
        self.work = compiled.work
        self.deciding = deciding

    def told(self, outcome: str) -> None:
        """Note where an outcome is not told, unless it hangs on signals alone."""
        where = ("outcomes", outcome, "told")
        if says_too_little(self.compiled, ".".join(where)):
            told = f"this says too little to be told: say in {FEWEST} words or more what '{outcome}' does"
            self.work.problem(where, told, "outcome-untold")
            return
        found = behind(self.compiled, self.deciding, outcome)
        effects = effects_of(self.compiled, outcome)
        questions = [self.flow.steps[name] for name in found.questions]
        told = [step for step in questions if tells(self.compiled, step, outcome)]
        asked = {slot for question in found.questions for slot in found.held(question)}
        elsewhere = [slot for slot in sorted(found.slots) if self._untold(slot, outcome, effects)]
        unknown = found.counts or any(slot not in asked and not self._brought(slot) for slot in found.slots)
        if elsewhere or unknown or (questions and not told):
            of = f" with '{elsewhere[0]}', which comes from elsewhere" if elsewhere else ""
            message = (
                f"nobody is told what '{outcome}' does{of}: say these very words in the question that it hangs on"
            )
            self.work.problem(where, message, "outcome-untold")
            return
        for step in questions:
            if step not in told and effects & self._behind(step, found):
                message = (
                    f"'{outcome}' hangs on this answer too: say here what it does, in the very words of its 'told'"
                )
                self.work.problem((*self.compiled.places[step.id].path, "ask"), message, "outcome-untold")

    def _brought(self, slot: str) -> bool:
        """Whether a value comes with the start, from a called flow or from a calling one."""
        found = self.flow.slots[slot]
        steps = self.flow.steps.values()
        returned = any(isinstance(step, Call) and slot in dict(step.returns) for step in steps)
        return found.given or returned or not any(writes(step, slot) for step in steps)

    def _untold(self, slot: str, outcome: str, effects: set[str]) -> bool:
        """Whether a value comes from elsewhere, and no question says what it does before any of these effects."""
        found = self.flow.slots[slot]
        if found.cls is SlotClass.EPHEMERAL or not self._brought(slot):
            return False  # no outcome hangs on what is never kept, as is told elsewhere
        starts = [self.flow.first, *([self.flow.expired] if self.flow.expired is not None else [])]
        owners = [found.of] if found.of in self.flow.roles else list(self.flow.roles)
        return any(effects & walked(self.flow, starts, owner, self._untold_way(owner, outcome)) for owner in owners)

    def _untold_way(self, owner: str, outcome: str) -> Callable[[Step], list[str] | None]:
        """Where a step leads while somebody has not been told what an outcome does."""

        def tells_owner(step: Step) -> bool:
            lane = self.compiled.places[step.id].lane
            return lane in {EACH, owner} and tells(self.compiled, step, outcome)

        def without(step: Step) -> list[str] | None:
            firsts = [script for script in step.lanes if script.role == owner] if isinstance(step, Stage) else []
            if firsts and all(script.when is None and self._at_once(script.first, tells_owner) for script in firsts):
                return goes_on(step) if step.when is not None else []
            if not tells_owner(step):
                return None
            return onward(self.flow, step) if step.when is not None else []

        return without

    def _at_once(self, first: str, tells_owner: Callable[[Step], bool]) -> bool:
        """Whether a lane begins with a question that tells it: who has not answered it was told too."""
        step = self.flow.steps[first]
        return step.when is None and tells_owner(step)

    def _behind(self, question: Step, found: Origins) -> set[str]:
        """Every step that can be come to while what was answered stands, or a copy of it."""
        held = found.held(question.id)

        def after(step: Step) -> list[str]:
            if not isinstance(step, Clear) or not held <= set(step.slots):
                return leads_to(self.flow, step)
            return [step.following] if step.when is not None and step.following is not None else []

        return reached(self.flow, [question.id, *(place.id for place in around(self.flow, question.id))], after)
