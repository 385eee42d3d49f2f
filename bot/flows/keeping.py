"""Checks on records: what a flow keeps is there, fits, and may be read by whoever can read the record; and back."""

from dataclasses import replace

from bot.engine.model import (
    EACH,
    EVERYONE,
    PARTNER,
    READ_BY_ALL,
    RELEASABLE,
    Ask,
    Each,
    Keep,
    Lasts,
    Outcome,
    Say,
    Slot,
    SlotClass,
    SlotType,
)
from bot.flows.compiling import Place, kind_of_slot
from bot.flows.flow_compiler import Compiled
from bot.flows.grants import before_granted
from bot.flows.problems import did_you_mean
from bot.flows.record_kinds import RecordKind
from bot.flows.yaml_source import Path_

_OF_NO_OUTCOME = frozenset({SlotType.TEXT, SlotType.COUNTRY, SlotType.ZONE, SlotType.RECURRENCE})
"""Types of which an outcome never comes to a value."""

_CHOSEN = frozenset({SlotType.CHOICE, SlotType.CHOICES})

TWO = 2


def check_keeping(compiled: Compiled) -> None:
    """Note every problem of what a flow keeps in records, of what it reads from them, and of its nudges."""
    _Checker(compiled).run()


class _Checker:
    def __init__(self, compiled: Compiled) -> None:
        self.compiled = compiled
        self.flow = compiled.flow
        self.work = compiled.work
        self.lanes = {name: place.lane for name, place in compiled.places.items()}

    def run(self) -> None:
        for name, step in self.flow.steps.items():
            place = self.compiled.places[name]
            if isinstance(step, Ask | Say):
                self._nudge(step, place.path)
            kind = self.work.records.kinds.get(step.kind) if isinstance(step, Keep) else None
            if isinstance(step, Keep) and kind is not None:
                self._keep(step, kind, place)
            if isinstance(step, Lasts) and not self.flow.reviews:
                told = "only a flow that reviews a record says how long that lasts: add reviews: [KIND] to the flow"
                self.work.problem((*place.path, "lasts_until"), told, "misplaced-step", key=True)
        self._reviews()
        for slot in self.flow.slots.values():
            if slot.recalls is not None:
                self._recalled(slot, *slot.recalls)

    # What is kept

    def _keep(self, step: Keep, kind: RecordKind, place: Place) -> None:
        self._place(kind, place)
        for name, source in step.fields:
            where: Path_ = (*place.path, "fields", name)
            field = kind.fields.get(name)
            if field is None:
                told = f"'{kind.name}' has no field '{name}'{did_you_mean(name, list(kind.fields))}"
                self.work.problem(where, told, "unknown-field", key=True)
            self._fill(step, field, source, where)
        for name in kind.key:
            if name not in dict(step.fields):
                told = f"'{name}' tells one '{kind.name}' from another: say what fills it"
                self.work.problem((*place.path, "fields"), told, "missing-key", key=True)

    def _fill(self, step: Keep, field: Slot | None, source: str, where: Path_) -> None:
        slot, outcome = self.flow.slots.get(source), self.flow.outcomes.get(source)
        if source in self.flow.loops:
            self._keep_item(step, field, source, where)
        elif slot is None and outcome is None:
            close = did_you_mean(source, [*self.flow.slots, *self.flow.outcomes])
            self.work.problem(where, f"unknown slot or outcome '{source}'{close}", "unknown-slot")
        elif field is not None and outcome is not None:
            self._keep_outcome(field, outcome, where)
        elif field is not None and slot is not None:
            self._keep_slot(step, field, slot, where)

    def _place(self, kind: RecordKind, place: Place) -> None:
        """A pair's record is kept where both are; what is one person's own, where they are alone."""
        told = ""
        if kind.pair and not self._is_for_two():
            told = f"'{kind.name}' belongs to a pair: it is kept in a flow for two"
        elif kind.pair and place.lane is not None:
            told = f"'{kind.name}' belongs to both: keep it at the top of the flow, when both are through"
        elif not kind.pair and place.lane is None and not self.work.solo:
            told = f"'{kind.name}' is one person's own: with several people, keep it in the lane of that person"
        if told:
            self.work.problem((*place.path, "keep"), told, "misplaced-step")

    def _keep_outcome(self, field: Slot, outcome: Outcome, where: Path_) -> None:
        known = {str(option.value) for option in field.options}
        strange = [result for result in self.work.results.get(outcome.name, ()) if result not in known]
        if kind_of_slot(field) != outcome.kind or field.type in _OF_NO_OUTCOME:
            told = f"'{outcome.name}' is {outcome.kind}, and the field '{field.name}' a {field.type}"
            self.work.problem(where, told, "wrong-type")
        elif strange:
            told = f"'{strange[0]}' of '{outcome.name}' is no option of the field '{field.name}'"
            self.work.problem(where, told, "unknown-option")
        elif field.cls is SlotClass.JOINT and (field.of == EACH) != (field.type is SlotType.LIST):
            self._not_for_each(field, outcome.name, where)

    def _keep_item(self, step: Keep, field: Slot | None, name: str, where: Path_) -> None:
        """The item at hand is kept where the items are gone through, if it is a choice that somebody picked."""
        around = self.flow.steps.get(self.flow.lane_of.get(step.id, ""))
        slot = self.flow.slots.get(self.work.gone_through(self.flow.loops[name]))
        if not isinstance(around, Each) or around.name != name:
            told = f"'{name}' is the item at hand: only the steps of its loop can name it"
            self.work.problem(where, told, "no-item")
        elif field is not None and slot is not None:
            one = replace(slot, type=SlotType.CHOICE if slot.type is SlotType.CHOICES else SlotType.TEXT)
            self._keep_slot(step, field, one, where)

    def _not_for_each(self, field: Slot, name: str, where: Path_) -> None:
        told = f"'{name}' is nobody's own, and '{field.name}' has one value a person: say of: all in records.yaml"
        self.work.problem(where, told, "wrong-author")

    def _keep_slot(self, step: Keep, field: Slot, slot: Slot, where: Path_) -> None:
        if slot.cls is SlotClass.EPHEMERAL:
            told = f"'{slot.name}' is never kept: no record holds it"
            self.work.problem(where, told, "ephemeral-kept")
            return
        items = self.compiled.places[step.id].items
        if slot.per is not None and slot.per != items:
            told = f"'{slot.name}' has one value an item of '{slot.per}': keep it where each of them is gone through"
            self.work.problem(where, told, "no-item")
        elif slot.type is not field.type and (slot.type, field.type) != (SlotType.ITEM, SlotType.TEXT):
            told = f"'{slot.name}' is a {slot.type}, and the field '{field.name}' a {field.type}"
            self.work.problem(where, told, "wrong-type")
        elif unknown := _strange(slot, field):
            told = f"'{unknown}' of '{slot.name}' is no option of the field '{field.name}'"
            self.work.problem(where, told, "unknown-option")
        if field.cls is SlotClass.JOINT:
            self._for_both(step, field, slot, where)
        else:
            self._for_one(step, slot, where)

    def _for_both(self, step: Keep, field: Slot, slot: Slot, where: Path_) -> None:
        if field.of == EACH and slot.of == EVERYONE:
            self._not_for_each(field, slot.name, where)
        elif field.of == EVERYONE and slot.of != EVERYONE:
            told = f"'{slot.name}' has an author, and '{field.name}' is one value for both: say of: each there"
            self.work.problem(where, told, "wrong-author")
        elif slot.cls is SlotClass.PRIVATE:
            told = f"'{slot.name}' is private, and both can read the record: an outcome or a grant may go into it"
            self.work.problem(where, told, "private-kept")
        elif slot.cls in RELEASABLE:
            roles = list(self.flow.roles) if slot.of == EACH else [slot.of]
            if any(step.id in before_granted(self.flow, self.lanes, slot.name, role) for role in roles):
                told = f"'{slot.name}' may not have been granted when this is kept, or not as it is then"
                self.work.problem(where, told, "not-granted")

    def _for_one(self, step: Keep, slot: Slot, where: Path_) -> None:
        place = self.compiled.places[step.id]
        if not self.work.owns(place, slot) and slot.of != EVERYONE and (place.lane is not None or self.work.solo):
            told = f"'{slot.name}' belongs to {slot.of}: one's own record holds one's own answers"
            self.work.problem(where, told, "wrong-author")

    # What is read back

    def _recalled(self, slot: Slot, kind_name: str, field_name: str) -> None:
        where: Path_ = ("slots", slot.name, "given")
        kind = self.work.record(kind_name, where)
        field = kind.fields.get(field_name) if kind is not None else None
        if kind is None:
            return
        if field is None:
            told = f"'{kind.name}' has no field '{field_name}'{did_you_mean(field_name, list(kind.fields))}"
            self.work.problem(where, told, "unknown-field")
        elif kind.key:
            told = f"there is one '{kind.name}' a {' and '.join(kind.key)}: none of them is the one that is meant"
            self.work.problem(where, told, "many-records")
        elif slot.type is not field.type:
            told = f"the field '{field.name}' is a {field.type}, and '{slot.name}' a {slot.type}"
            self.work.problem(where, told, "wrong-type")
        elif unknown := _strange(field, slot):
            told = f"'{unknown}' of the field '{field.name}' is no option of '{slot.name}'"
            self.work.problem(where, told, "unknown-option")
        elif (field.cls is SlotClass.JOINT and field.of == EVERYONE) != (slot.of == EVERYONE):
            told = f"'{field.name}' has one value {'for both' if field.of == EVERYONE else 'a person'}"
            self.work.problem(where, f"{told}, and '{slot.name}' is of: {slot.of}", "wrong-author")
        else:
            self._readers(slot, field, kind, where)

    def _readers(self, slot: Slot, field: Slot, kind: RecordKind, where: Path_) -> None:
        """What comes back is read by nobody who could not read the record."""
        crowd = len(self.flow.roles) > TWO or any(role.many for role in self.flow.roles.values())
        if slot.cls is SlotClass.EPHEMERAL:
            told = f"'{slot.name}' is never kept, and what comes from a record is: say draft or private"
            self.work.problem(where, told, "ephemeral-kept")
        elif slot.cls in READ_BY_ALL and (not kind.pair or (crowd and field.of == EACH)):
            told = f"everybody can read '{slot.name}', and not everybody '{kind.name}': say draft or private"
            self.work.problem(where, told, "private-given")

    # What is reviewed

    def _reviews(self) -> None:
        """A flow that reviews a record of the pair is for the two, and begins when they have both said yes to it."""
        for index, name in enumerate(self.flow.reviews):
            where: Path_ = ("reviews", index)
            kind = self.work.record(name, where)
            if kind is not None and not (self._is_for_two() if kind.pair else self.work.solo):
                told = (
                    f"'{name}' is reviewed by those whose it is: a pair's in a flow for two, one's own in one's own"
                )
                self.work.problem(where, told, "not-for-two")
        if self.flow.reviews and self.flow.trigger is not None:
            told = "a flow that reviews a record begins when one is kept, by 'start': remove this"
            self.work.problem(("start",), told, "misplaced-key", key=True)

    def _is_for_two(self) -> bool:
        return len(self.flow.roles) == TWO and not any(role.many for role in self.flow.roles.values())

    # Nudges

    def _nudge(self, step: Ask | Say, path: Path_) -> None:
        """N1: what comes by itself comes to somebody who asked for it: they alone are in the flow."""
        if not step.nudge:
            return
        where: Path_ = (*path, "nudge")
        told = ""
        agreed = bool(self.flow.reviews)
        if not (self.work.solo or agreed) or (isinstance(step, Say) and step.to == PARTNER):
            told = "only a flow for one person nudges, or one that reviews what all agreed to: nobody reminds another"
        elif isinstance(step, Say) and step.neutral:
            told = "a nudge comes as a neutral line with an [Open]: remove 'neutral'"
        if told:
            self.work.problem(where, told, "misplaced-key", key=True)


def _strange(given: Slot, taken: Slot) -> str:
    """An option that the one may hold, and the other does not know; empty when there is none."""
    known = {option.value for option in taken.options}
    strange = [option.value for option in given.options if option.value not in known]
    return str(strange[0]) if strange and given.type in _CHOSEN else ""
