"""The answers that stand for all answers: one of each kind that a flow could tell apart."""

import re
from collections.abc import Iterable
from datetime import timedelta

from bot.engine.events import Places
from bot.engine.guards import Guard
from bot.engine.local_time import local_date
from bot.engine.model import Ask, Each, Flow, Select, Slot, SlotType, Stage
from bot.flows.exploration.bounds import Bounds
from bot.flows.exploration.liveness import QUOTED, guards_of
from bot.flows.reading import slots_behind

WORDS = "Some words."
"""What is written wherever words are wanted."""

_NUMBER = re.compile(r"\d+")
_COMPARING = re.compile(r"\b(least|greatest|latest|earliest)\(|\bitem\b")
"""What tells answers apart by what others answered, not by their names."""

_UNITS = {"minutes": 60_000, "hours": 3_600_000, "days": 86_400_000}
_LENGTH = re.compile(r"\b(minutes|hours|days)\((\d+)\)")


class Answers:
    """The answers that stand for all, for every question of a flow."""

    def __init__(self, flow: Flow, bounds: Bounds) -> None:
        self._flow = flow
        self._bounds = bounds
        self._guards: dict[str, list[Guard]] = {}
        for guard in _all_guards(flow):
            for slot in slots_behind(flow, guard.reads):
                self._guards.setdefault(slot, []).append(guard)

    def options(self, step: Ask) -> frozenset[str]:
        """Return the options of a question that stand for all of them."""
        slot = self._flow.slots[step.save]
        offered = {choice.value for choice in step.choices}
        known = [str(option.value) for option in slot.options if str(option.value) in offered]
        return frozenset(self._for_all(slot, known, set(step.signals.values())))

    def given(self, slot: Slot) -> list[str | int]:
        """Return the values of a choice that stand for all of its options."""
        kept = self._for_all(slot, [str(option.value) for option in slot.options], set())
        return [option.value for option in slot.options if str(option.value) in kept]

    def typed(self, slot: Slot, now: int, zone: str) -> list[str]:
        """Return what is typed into a question, one text for each kind of answer that there is."""
        if slot.type in {SlotType.NUMBER, SlotType.SCALE}:
            return [str(number) for number in self._numbers(slot)]
        today = local_date(now, zone)
        known = {
            SlotType.TEXT: [WORDS],
            SlotType.LIST: [WORDS],
            SlotType.DATE: [(today + timedelta(days=day)).isoformat() for day in (1, 2)],
            SlotType.DURATION: _lengths(slot),
            SlotType.TIME: ["9:00", "21:30"],
            SlotType.COUNTRY: ["ES", "PE"],
            SlotType.ZONE: ["Europe/Madrid", "America/Lima"],
        }
        return known.get(slot.type, [])[: self._wanted(slot.name)]

    def places(self, slot: Slot, text: str) -> Places:
        """Return what a typed text names, where somebody is asked for a place."""
        if slot.type is SlotType.COUNTRY:
            return Places(country=text)
        return Places(zone=text) if slot.type is SlotType.ZONE else Places()

    def items(self, step: Ask) -> int:
        """Return how many items of a list one person writes at most."""
        slot = self._flow.slots[step.save]
        return min(
            self._bounds.items if self._counted(slot.name) else 1, slot.most if step.most is None else step.most
        )

    def _counted(self, slot: str) -> bool:
        """Whether anything hangs on how many items there are, or on which of them: where not, one stands for all."""
        loops = any(isinstance(step, Each) and step.over == slot for step in self._flow.steps.values())
        selected = any(isinstance(o.value, Select) and o.value.over == slot for o in self._flow.outcomes.values())
        sizes = re.compile(rf"\bsize\(\s*{slot}\b")
        return loops or selected or any(sizes.search(guard.source) for guard in self._guards.get(slot, []))

    def _for_all(self, slot: Slot, values: list[str], meant: set[str]) -> list[str]:
        """Those that something depends on: what an expression names, or a signal means; and some for the others."""
        sources = [guard.source for guard in self._guards.get(slot.name, [])]
        quoted = {first or second for source in sources for first, second in QUOTED.findall(source)}
        named = [value for value in values if value in quoted | meant or self._length_named(slot, value)]
        others = [value for value in values if value not in named]
        return [*named, *others[: self._wanted(slot.name)]]

    def _length_named(self, slot: Slot, value: str) -> bool:
        sources = [guard.source for guard in self._guards.get(slot.name, [])]
        lengths = {str(_UNITS[unit] * int(many)) for source in sources for unit, many in _LENGTH.findall(source)}
        return slot.type is SlotType.DURATION and value in lengths

    def _wanted(self, slot: str) -> int:
        """How many of the answers that no expression names: more than one where they are compared with others."""
        compared = any(_COMPARING.search(guard.source) for guard in self._guards.get(slot, []))
        return self._bounds.options if compared else 1

    def _numbers(self, slot: Slot) -> list[int]:
        """The bounds of a number, and those on both sides of every number that it is compared with."""
        found = {slot.min, slot.max}
        for guard in self._guards.get(slot.name, []):
            for text in _NUMBER.findall(guard.source):
                found |= {int(text) - 1, int(text), int(text) + 1}
        return sorted(number for number in found if slot.min <= number <= slot.max)


def _lengths(slot: Slot) -> list[str]:
    lengths = sorted({max(slot.min, 60_000) // 60_000, min(slot.max, 24 * 3_600_000) // 60_000})
    return [f"{length} minutes" for length in lengths]


def _all_guards(flow: Flow) -> Iterable[Guard]:
    for step in flow.steps.values():
        yield from guards_of(step)
        if isinstance(step, Stage):
            yield from (script.when for script in step.lanes if script.when is not None)
    for outcome in flow.outcomes.values():
        yield from outcome.guards
