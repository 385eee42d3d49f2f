"""Checks on what one person begins with others because of a private answer: its question says that it does.

The words are those that ``told`` of the start has. They stand in the question, or on the button that leads there.
"""

from collections.abc import Iterable, Iterator

from bot.engine.model import Ask, Call, Start
from bot.flows.deciding import Deciding, passed_over
from bot.flows.expressions import option_of, parts_of
from bot.flows.flow_compiler import Compiled
from bot.flows.origins import origins_of
from bot.flows.telling import FEWEST, contains, says, says_too_little
from bot.flows.ways import always_leaves


def with_others(compiled: Compiled, step: Call | Start) -> bool:
    """Return whether somebody else has a role in what a step of a flow for one person calls or starts."""
    return any(here not in compiled.flow.roles for _, here in step.roles)


def started_by(compiled: Compiled, deciding: Deciding, start: Start) -> set[str]:
    """Return the private slots on which it hangs whether one person begins something with others there."""
    slots = [name for name in deciding.steering(start) if name in compiled.flow.slots]
    return set(origins_of(compiled, deciding, slots, [start.id], lambda _: True).slots)


def check_start(compiled: Compiled, deciding: Deciding, start: Start, steering: Iterable[str]) -> None:
    """Note what a start that hangs on these private answers leaves untold."""
    names = list(dict.fromkeys(steering))
    if not names:
        return
    path = compiled.places[start.id].path
    if f"{start.id}.told" not in compiled.work.texts:
        told = (
            f"others see that it starts, and that hangs on '{names[0]}', which is private: add told, and say it there"
        )
        compiled.work.problem((*path, "start"), told, "start-untold")
        return
    if says_too_little(compiled, f"{start.id}.told"):
        told = f"this says too little to be told: say in {FEWEST} words or more what begins"
        compiled.work.problem((*path, "told"), told, "start-untold")
        return
    slots = [name for name in names if name in compiled.flow.slots]
    found = origins_of(compiled, deciding, slots, [start.id], lambda _: True)
    asked = {slot for question in found.questions for slot in found.held(question)}
    unknown = [
        *(name for name in names if name not in slots),
        *found.counts,
        *(s for s in found.slots if s not in asked),
    ]
    if unknown:
        told = f"whether it starts hangs on '{unknown[0]}', which no question here asks for: nobody is told so"
        compiled.work.problem((*path, "start"), told, "start-untold")
    told_on_a_button = {name for name in slots if _on_a_button(compiled, deciding, start, name)}
    for question in (compiled.flow.steps[name] for name in found.questions):
        pressed = isinstance(question, Ask) and question.save in told_on_a_button
        if not pressed and not says(compiled, question, f"{start.id}.told"):
            told = (
                f"what '{start.id}' starts hangs on this answer: say here, or on its button, the words of its 'told'"
            )
            compiled.work.problem((*compiled.places[question.id].path, "ask"), told, "start-untold")


def _on_a_button(compiled: Compiled, deciding: Deciding, start: Start, slot: str) -> bool:
    """Whether a choice leads to a start by those of its options alone whose labels tell it."""
    leads = deciding.leads_to(start.id)
    guards = [start.when.source] if start.when is not None and slot in start.when.reads else []
    for node in deciding.steered_by(start.id):
        if slot not in deciding.nodes.get(node, ()):
            continue
        step = compiled.flow.steps[node.partition(":out")[0]]
        ways = [branch for branch in step.next if branch.to in leads]
        behind: set[str] = set() if always_leaves(step) else set(passed_over(compiled.flow, step))
        if not ways or (step.when is not None and slot in step.when.reads) or behind & leads:
            return False
        guards += [branch.guard.source if branch.guard is not None else "" for branch in ways]
    return bool(guards) and all(any(_told_by(compiled, start, slot, source)) for source in guards)


def _told_by(compiled: Compiled, start: Start, slot: str, source: str) -> Iterator[bool]:
    """Whether an expression holds for options alone whose labels tell it."""
    options = {option.value: option.key for option in compiled.flow.slots[slot].options}
    for part in parts_of(source):
        named = option_of(part)
        if named is not None and named[0] == slot and named[1] in options:
            yield contains(compiled, options[named[1]], f"{start.id}.told")
