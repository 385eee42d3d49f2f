"""Checks on values: what is never kept stays out of what is, and private words out of drafts."""

from collections.abc import Iterable, Iterator

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
from bot.flows.flow_compiler import Compiled, outcome_place
from bot.flows.yaml_source import Path_


def check_values(compiled: Compiled) -> None:
    """Note every value that would come to be kept, or shown, by being copied."""
    _Checker(compiled).run()


class _Checker:
    def __init__(self, compiled: Compiled) -> None:
        self.compiled = compiled
        self.flow = compiled.flow
        self.work = compiled.work

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

    def _slots(self, names: Iterable[str]) -> list[Slot]:
        return _slots(self.compiled, names)

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
        """An outcome reads what is kept, for others see what hangs on it."""
        for name, outcome in self.flow.outcomes.items():
            for slot in self._slots(outcome.reads):
                if _ephemeral(slot):
                    told = f"'{slot.name}' is never kept: an outcome, which others see, cannot hang on it"
                    self.work.problem(outcome_place(self.compiled, name), told, "ephemeral-outcome")


def _slots(compiled: Compiled, names: Iterable[str]) -> list[Slot]:
    return [compiled.flow.slots[name] for name in sorted(names) if name in compiled.flow.slots]


def _ephemeral(slot: Slot) -> bool:
    return slot.cls is SlotClass.EPHEMERAL


def copied_by(compiled: Compiled, step: Step) -> Iterator[tuple[Slot, Slot, Path_, int | None]]:
    """Yield what a step writes, out of what, and where that stands."""
    if isinstance(step, Assign):
        for name, value in step.values:
            for target in _slots(compiled, [name]):
                where = (*compiled.places[step.id].path, "set", name)
                yield from ((target, read, where, None) for read in _slots(compiled, value.reads))
    if isinstance(step, Compose):
        for target in _slots(compiled, [step.slot]):
            for used in (compiled.work.texts[part.key] for part in step.parts):
                parts = used.template.parts
                words = "".join(part if isinstance(part, str) else f"{{{part.name}}}" for part in parts)
                for read in _slots(compiled, set(used.template.names)):
                    yield target, read, used.where, words.find(f"{{{read.name}}}")


def left_out_by(compiled: Compiled, step: Step) -> Iterator[tuple[Slot, Slot, Path_]]:
    """Yield the text that a step builds and what decides which of its sentences are left out, with the place."""
    path = compiled.places[step.id].path
    for index, part in enumerate(step.parts if isinstance(step, Compose) else ()):
        for target in _slots(compiled, [step.slot] if isinstance(step, Compose) else []):
            for read in _slots(compiled, part.when.reads if part.when is not None else ()):
                yield target, read, (*path, "parts", index, "when")
