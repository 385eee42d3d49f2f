"""Checks on values: what is never kept stays out of what is, and private words out of drafts."""

from collections.abc import Iterator

from bot.engine.model import (
    RELEASABLE,
    Ask,
    Assign,
    Compose,
    Section,
    Slot,
    SlotClass,
    Step,
)
from bot.flows.copies import copied_by, left_out_by
from bot.flows.deciding import Deciding
from bot.flows.flow_compiler import Compiled, outcome_place
from bot.flows.telling import behind
from bot.flows.yaml_source import Path_


def check_values(compiled: Compiled, deciding: Deciding) -> None:
    """Note every value that would come to be kept, or shown, by being copied."""
    _Checker(compiled, deciding).run()


class _Checker:
    def __init__(self, compiled: Compiled, deciding: Deciding) -> None:
        self.compiled = compiled
        self.flow = compiled.flow
        self.work = compiled.work
        self.deciding = deciding

    def run(self) -> None:
        for name, step in self.flow.steps.items():
            section = self.flow.steps.get(self.flow.lane_of.get(name, ""))
            for slot, where, key in self._written(step):
                if isinstance(section, Section) and slot.name not in section.results and not _ephemeral(slot):
                    told = f"'{slot.name}' is kept: a volatile section writes its results only, so name it there"
                    self.work.problem(where, told, "ephemeral-kept", key=key)
            for slot, source, where, place in copied_by(self.compiled, step):
                self._copy(slot, source, where, place)
            for slot, read, where in left_out_by(self.compiled, step):
                if _ephemeral(read) and not _ephemeral(slot):
                    self._kept(slot, read, where, None)
        self._outcomes()

    # What is copied

    def _written(self, step: Step) -> Iterator[tuple[Slot, Path_, bool]]:
        path = self.compiled.places[step.id].path
        match step:
            case Ask():
                named, key = [(step.save, (*path, "save"))], False
            case Compose():
                named, key = [(step.slot, (*path, "compose"))], False
            case Assign():
                named, key = [(slot, (*path, "set", slot)) for slot, _ in step.values], True
            case _:
                return
        for name, where in named:
            if name in self.flow.slots:
                yield self.flow.slots[name], where, key

    def _copy(self, target: Slot, read: Slot, where: Path_, offset: int | None) -> None:
        if _ephemeral(read) and not _ephemeral(target):
            self._kept(target, read, where, offset)
        elif read.cls is SlotClass.PRIVATE and target.cls in RELEASABLE:
            told = f"'{read.name}' is private, and a grant could show '{target.name}': ask for it as a draft"
            self.work.problem(where, told, "private-released", offset=offset)

    def _kept(self, target: Slot, read: Slot, where: Path_, offset: int | None) -> None:
        told = f"'{read.name}' is never kept, and '{target.name}' is: nothing of the one goes into the other"
        self.work.problem(where, told, "ephemeral-kept", offset=offset)

    # What others see

    def _outcomes(self) -> None:
        """An outcome hangs on what is kept, for others see what it does; so does what it is a copy of."""
        hidden = any(map(_ephemeral, self.flow.slots.values()))
        for name in self.flow.outcomes if hidden else ():
            for slot in sorted(behind(self.compiled, self.deciding, name).slots):
                if _ephemeral(self.flow.slots[slot]):
                    told = f"'{slot}' is never kept: an outcome, which others see, cannot hang on it"
                    self.work.problem(outcome_place(self.compiled, name), told, "ephemeral-outcome")


def _ephemeral(slot: Slot) -> bool:
    return slot.cls is SlotClass.EPHEMERAL
