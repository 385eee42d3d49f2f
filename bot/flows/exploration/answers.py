"""The answers that stand for all answers: one of each kind that a flow could tell apart."""

from datetime import date, timedelta

from bot.engine.events import Places
from bot.engine.local_time import local_date
from bot.engine.model import WRITTEN, Ask, Each, Flow, Select, Slot, SlotType
from bot.engine.spoken import DAY, HOUR, MINUTE
from bot.flows.exploration.bounds import Bounds
from bot.flows.exploration.classes import Classes
from bot.flows.exploration.relations import SCALES

WORDS = "Some words."

SOME_TIME = "every Friday 21:30"
"""What is written wherever words are wanted."""

_PLACES = {SlotType.COUNTRY: ("ES", "PE", "DE"), SlotType.ZONE: ("Europe/Madrid", "America/Lima", "Asia/Tokyo")}


class Answers:
    """The answers that stand for all, for every question of a flow; ``classes`` are of all that it is part of."""

    def __init__(self, flow: Flow, bounds: Bounds, classes: Classes) -> None:
        self._flow = flow
        self._bounds = bounds
        self._classes = classes

    def options(self, step: Ask) -> frozenset[str]:
        """Return the options of a question that stand for all of them."""
        slot = self._flow.slots[step.save]
        offered = {choice.value for choice in step.choices}
        return frozenset(self._for_all(slot, offered, set(step.signals.values())))

    def given(self, slot: Slot) -> list[str | int]:
        """Return the values of a choice that stand for all of its options."""
        kept = self._for_all(slot, {str(option.value) for option in slot.options}, set())
        return [option.value for option in slot.options if str(option.value) in kept]

    def values(self, slot: Slot) -> list[int]:
        """Return the values that stand for all of a slot that has an order; of dates, how many days ahead."""
        return self._classes.values(self._flow.id, slot)

    def typed(self, slot: Slot, now: int, zone: str) -> list[str]:
        """Return what is typed into a question, one text for each kind of answer that there is."""
        if slot.type in WRITTEN:
            return [WORDS]
        if slot.type is SlotType.RECURRENCE:
            return [SOME_TIME]
        if slot.type in SCALES:
            return [_written(slot, value, local_date(now, zone)) for value in self.values(slot)]
        return self._places(slot) if slot.type in _PLACES else []

    def places(self, slot: Slot, text: str) -> Places:
        """Return what a typed text names, where somebody is asked for a place."""
        if slot.type is SlotType.COUNTRY:
            return Places(country=text)
        return Places(zone=text) if slot.type is SlotType.ZONE else Places()

    def items(self, step: Ask) -> int:
        """Return how many items of a list one person writes at most."""
        slot = self._flow.slots[step.save]
        return min(self.written(slot), slot.most if step.most is None else step.most)

    def written(self, slot: Slot) -> int:
        """Return how many items of a list one person writes at most, whichever question asks for them."""
        counted = self._classes.items(self._flow.id, slot)
        wanted = self._bounds.items if counted or self._gone_through(slot.name) else 1
        return min(max(wanted, counted), slot.most)

    def told(self, slot: Slot) -> str:
        """Return in a few words which answers stand for all of a slot."""
        if slot.type is SlotType.LIST:
            most = self.written(slot)
            return "one item a person" if most == 1 else f"up to {most} items a person"
        if slot.options and slot.type is not SlotType.DURATION:
            return ", ".join(map(str, self.given(slot)))
        if slot.type is SlotType.RECURRENCE:
            return SOME_TIME
        values = self.given(slot) if slot.options else self.values(slot) if slot.type in SCALES else []
        if values:
            return ", ".join(_told(slot, value) for value in values if isinstance(value, int))
        return ", ".join(self._places(slot)) if slot.type in _PLACES else "some words"

    def _places(self, slot: Slot) -> list[str]:
        named = sorted(self._classes.named(self._flow.id, slot))
        others = [place for place in _PLACES[slot.type] if place not in named]
        return [*named, *others[: self._classes.others(self._flow.id, slot)]]

    def _gone_through(self, slot: str) -> bool:
        """Whether anything hangs on which items of a list there are: where not, one stands for all."""
        loops = any(isinstance(step, Each) and step.over == slot for step in self._flow.steps.values())
        values = (outcome.value for outcome in self._flow.outcomes.values())
        return loops or any(isinstance(value, Select) and value.over == slot for value in values)

    def _for_all(self, slot: Slot, offered: set[str], meant: set[str]) -> list[str]:
        """Those that something depends on: what an expression names, or a signal means; and some for the others."""
        if slot.type in SCALES:
            return [value for value in map(str, self.values(slot)) if value in offered]
        values = [value for value in self._classes.shared(self._flow.id, slot) if value in offered]
        named = self._classes.named(self._flow.id, slot) | meant
        others = [value for value in values if value not in named]
        kept = {*named, *others[: self._classes.others(self._flow.id, slot)]}
        return [value for value in values if value in kept]


def _written(slot: Slot, value: int, today: date) -> str:
    """What is typed for a value."""
    match slot.type:
        case SlotType.DATE:
            found = (today + timedelta(days=value)).isoformat()
        case SlotType.DURATION:
            found = f"{value // MINUTE} minutes"
        case SlotType.TIME:
            found = f"{value // 60}:{value % 60:02}"
        case _:
            found = str(value)
    return found


def _told(slot: Slot, value: int) -> str:
    """A value in a few characters."""
    match slot.type:
        case SlotType.DATE:
            found = {-1: "yesterday", 0: "today", 1: "tomorrow"}.get(value, f"in {value} days")
        case SlotType.DURATION:
            units = ((DAY, "d"), (HOUR, "h"), (MINUTE, "m"))
            found = next((f"{value // unit}{name}" for unit, name in units if value % unit == 0), f"{value} ms")
        case SlotType.TIME:
            found = f"{value // 60}:{value % 60:02}"
        case SlotType.INSTANT:
            found = f"{value // HOUR:02}:{value // MINUTE % 60:02} of the first day"
        case _:
            found = str(value)
    return found
