"""Checks on outcomes: what a private answer does to others is told in the very question that is answered."""

import re
from collections.abc import Iterable

from bot.engine.model import EACH, Ask, Call, Clear, Gate, Grant, Review, SlotClass, Step
from bot.flows.flow_compiler import Compiled
from bot.flows.reading import outcomes_within, private_behind, read_by, stage_guards, weighed_by
from bot.flows.values import copied_by
from bot.flows.ways import around, leads_to, reached, writes

_WORD = re.compile(r"\{\w+\}|\w+(?:['’]\w+)*")
HEARD = re.compile(r"\.(?:ask|say|gate|review|grant|replies\.\w+)$")
"""Found in the addresses of what people are told; labels, reveals and parts of composed texts are not."""


def check_telling(compiled: Compiled) -> None:
    """Note every outcome, and every question that one hangs on, of which people are not told what it does."""
    if not compiled.work.solo:
        checker = _Checker(compiled)
        for outcome in compiled.flow.outcomes:
            checker.told(outcome)


def folded(text: str) -> str:
    """Return the words alone: how they are spaced, written large and set off does not matter."""
    return f" {' '.join(_WORD.findall(text.casefold()))} "


def answered(compiled: Compiled, slots: Iterable[str]) -> set[str]:
    """Return these private slots, and those that steps copy into them."""
    found: set[str] = set()
    todo = list(slots)
    while todo:
        name = todo.pop()
        if name in found:
            continue
        found.add(name)
        for step in compiled.flow.steps.values():
            copied = {read.name for target, read, *_ in copied_by(compiled, step) if target.name == name}
            todo += private_behind(compiled.flow, copied)
    return found


def tells(compiled: Compiled, step: Step, outcome: str) -> bool:
    """Return whether a question says what an outcome does, in the very words of its ``told``."""
    kinds: dict[type[Step], str] = {Ask: "ask", Gate: "gate", Review: "review", Grant: "grant"}
    key = f"{step.id}.{kinds.get(type(step), '')}"
    words = folded(_words(compiled, f"outcomes.{outcome}.told"))
    return key in compiled.work.texts and words in folded(_words(compiled, key))


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
    def __init__(self, compiled: Compiled) -> None:
        self.compiled = compiled
        self.flow = compiled.flow
        self.work = compiled.work

    def told(self, outcome: str) -> None:
        """Note where an outcome is not told, unless it hangs on signals alone."""
        private = answered(self.compiled, private_behind(self.flow, weighed_by(self.flow, outcome)))
        asks = [step for step in self.flow.steps.values() if isinstance(step, Ask) and step.save in private]
        told = [step for step in asks if tells(self.compiled, step, outcome)]
        elsewhere = [slot for slot in sorted(private) if self._untold(slot, [step.save for step in asks], outcome)]
        if elsewhere or (asks and not told):
            of = f" with '{elsewhere[0]}', which comes from elsewhere" if elsewhere else ""
            message = (
                f"nobody is told what '{outcome}' does{of}: say these very words in the question that it hangs on"
            )
            self.work.problem(("outcomes", outcome, "told"), message, "outcome-untold")
            return
        effects = effects_of(self.compiled, outcome)
        for step in asks:
            if step not in told and effects & self._behind(step):
                message = (
                    f"'{outcome}' hangs on this answer too: say here what it does, in the very words of its 'told'"
                )
                self.work.problem((*self.compiled.places[step.id].path, "ask"), message, "outcome-untold")

    def _untold(self, slot: str, asked: Iterable[str], outcome: str) -> bool:
        """Whether a value comes with the start, from a called flow or from a calling one, and no question says so."""
        found = self.flow.slots[slot]
        if found.cls is SlotClass.EPHEMERAL:
            return False  # no outcome hangs on that, as is told elsewhere
        calls = (step for step in self.flow.steps.values() if isinstance(step, Call))
        returned = any(here == slot for step in calls for here, _ in step.returns)
        brought = found.given or returned or not any(writes(step, slot) for step in self.flow.steps.values())
        if not brought or slot in asked:
            return False
        lanes = {EACH, found.of}
        steps = self.flow.steps.values()
        return not any(
            self.compiled.places[step.id].lane in lanes and tells(self.compiled, step, outcome) for step in steps
        )

    def _behind(self, ask: Ask) -> set[str]:
        """Every step that can be come to while what was answered stands."""

        def after(step: Step) -> list[str]:
            if not isinstance(step, Clear) or ask.save not in step.slots:
                return leads_to(self.flow, step)
            return [step.following] if step.when is not None and step.following is not None else []

        return reached(self.flow, [ask.id, *(place.id for place in around(self.flow, ask.id))], after)
