"""Where a value comes from: the questions that decide what it is, and whether it is there at all.

A value that steps copy comes from what they read, and from all that decides whether those steps come. Of a question,
what decides whether it is asked counts too, unless nobody could tell that it was not.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from bot.engine.model import Ask, Assign, Compose, Grant, Step
from bot.flows.copies import copied_by, left_out_by
from bot.flows.deciding import Deciding, passed_over, reached_without, through
from bot.flows.flow_compiler import Compiled
from bot.flows.reading import private_behind
from bot.flows.ways import writes

Matters = Callable[[Ask], bool]
"""Whether somebody could tell that a question was not asked."""


@dataclass(slots=True)
class Origins:
    """What some values hang on."""

    slots: dict[str, None] = field(default_factory=dict[str, None])
    """The private slots, the first ones included."""
    questions: dict[str, None] = field(default_factory=dict[str, None])
    """The steps at which somebody answers, or chooses what to show."""
    counts: dict[str, None] = field(default_factory=dict[str, None])
    """How often somebody changed their mind."""
    into: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    """Of a slot or a question, the slots that hang on it at once."""

    def held(self, name: str) -> set[str]:
        """Return the slots that hang on a slot or a question, by way of others too."""
        found: set[str] = set()
        todo = [*self.into.get(name, ())]
        while todo:
            slot = todo.pop()
            if slot not in found:
                found.add(slot)
                todo += self.into.get(slot, ())
        return found


def origins_of(
    compiled: Compiled, deciding: Deciding, slots: Iterable[str], effects: Iterable[str], matters: Matters
) -> Origins:
    """Return all that these private slots hang on, where one of these effects can come of them."""
    found = Origins()
    seen = _nodes(compiled, effects)
    todo = list(slots)
    while todo:
        slot = todo.pop()
        if slot in found.slots:
            continue
        found.slots[slot] = None
        for step in compiled.flow.steps.values():
            if not writes(step, slot):
                continue
            if isinstance(step, Ask):
                found.questions[step.id] = None
                found.into.setdefault(step.id, set()).add(slot)
            asked = not isinstance(step, Ask) or matters(step)
            behind = deciders(compiled, deciding, step, seen) if asked else ()
            for source in [*_read(compiled, step, slot), *behind]:
                if source in compiled.flow.slots:
                    todo.append(source)
                elif source in compiled.flow.steps:
                    found.questions[source] = None
                else:
                    found.counts[source] = None
                found.into.setdefault(source, set()).add(slot)
    return found


def _read(compiled: Compiled, step: Step, slot: str) -> Iterator[str]:
    """The private slots whose values go into this one at a step."""
    copied = {read.name for target, read, *_ in copied_by(compiled, step) if target.name == slot}
    copied |= {read.name for target, read, _ in left_out_by(compiled, step) if target.name == slot}
    if isinstance(step, Assign):
        copied |= {read for name, value in step.values if name == slot for read in value.reads}
    if isinstance(step, Compose):
        copied |= {read for part in step.parts if part.when is not None for read in part.when.reads}
    yield from private_behind(compiled.flow, copied)


def deciders(compiled: Compiled, deciding: Deciding, step: Step, effects: frozenset[str]) -> list[str]:
    """Return what decides whether a step comes before an effect or not: slots, grants and counts."""
    found: dict[str, None] = {}
    own = deciding.private([step.when] if step.when is not None else [], compiled.places[step.id].lane)
    if own and effects & reached_without(step.id, passed_over(compiled.flow, step), deciding.graph):
        found |= dict.fromkeys(own)
    for node in deciding.steered_by(step.id, effects, shared=False):
        if node in deciding.nodes:
            found |= dict.fromkeys(deciding.nodes[node])
            found |= dict.fromkeys([node] if isinstance(compiled.flow.steps.get(node), Grant) else [])
    return list(found)


def _nodes(compiled: Compiled, steps: Iterable[str]) -> frozenset[str]:
    return frozenset(node for name in steps for node in (name, through(compiled.flow.steps[name])))
