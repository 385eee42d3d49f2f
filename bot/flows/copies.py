"""What steps copy from one value into another: words, and which of several sentences there are."""

from collections.abc import Iterable, Iterator

from bot.engine.model import Assign, Compose, Slot, Step
from bot.flows.flow_compiler import Compiled
from bot.flows.yaml_source import Path_


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


def _slots(compiled: Compiled, names: Iterable[str]) -> list[Slot]:
    return [compiled.flow.slots[name] for name in sorted(names) if name in compiled.flow.slots]
