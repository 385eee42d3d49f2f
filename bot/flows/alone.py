"""Checks on a flow for one person: what they answer in private steers nothing that leaves the flow.

It leaves by what is said to the partner or into a room, and by what everybody can read, which another flow may take.
What somebody grants they have chosen to be seen; what they start for two, if the question says so. What it starts or
calls for that person alone is held to the same between the flows, and so is when it leaves.
"""

from collections.abc import Iterable

from bot.engine.model import (
    EVERYONE,
    PARTNER,
    READ_BY_ALL,
    ROOM,
    Ask,
    Assign,
    Call,
    Clear,
    Hold,
    Reveal,
    Say,
    Start,
    Step,
)
from bot.flows.deciding import Deciding
from bot.flows.flow_compiler import Compiled
from bot.flows.starting import check_start, with_others
from bot.flows.ways import writes


def said_outside(step: Step) -> bool:
    """Return whether somebody beside the one person of a flow is shown what the step says."""
    return (isinstance(step, Say) and step.to in {PARTNER, ROOM}) or (isinstance(step, Ask) and step.in_room)


def reaches_outside(step: Step) -> bool:
    """Return whether somebody else notices that the step comes: a word, a text that is shown, a pause."""
    shown = isinstance(step, Reveal) and step.to in {PARTNER, EVERYONE, ROOM}
    return shown or said_outside(step) or isinstance(step, Hold)


def leaves(compiled: Compiled, step: Step) -> bool:
    """Return whether anything of a flow for one person leaves it at a step, now or by way of a flow that calls it."""
    cleared = step.slots if isinstance(step, Clear) else ()
    written = (name for name in compiled.flow.slots if name in cleared or writes(step, name))
    return reaches_outside(step) or any(is_public(compiled, name) for name in written)


def is_public(compiled: Compiled, slot: str) -> bool:
    """Return whether everybody may read a slot."""
    return slot in compiled.flow.slots and compiled.flow.slots[slot].cls in READ_BY_ALL


def check_alone(compiled: Compiled, deciding: Deciding) -> None:
    """Note every step by which a flow for one person would pass on what was answered in private."""
    outward = [step for step in compiled.flow.steps.values() if leaves(compiled, step)]
    begun = [step for step in compiled.flow.steps.values() if isinstance(step, Call | Start)]
    if compiled.work.solo and (outward or begun):
        _check(compiled, deciding, outward, begun)


def _check(compiled: Compiled, deciding: Deciding, outward: Iterable[Step], begun: Iterable[Call | Start]) -> None:
    for step in outward:
        path = compiled.places[step.id].path
        for slot, value in step.values if isinstance(step, Assign) else ():
            for private in deciding.private([value])[:1] if is_public(compiled, slot) else ():
                _tell(compiled, private, (*path, "set", slot))
        # Where there is no text, there is nothing to show.
        nothing = step.items if isinstance(step, Reveal) else ()
        for private in [name for name in deciding.steering(step) if name not in nothing][:1]:
            _tell(compiled, private, (*path, "id"))
    for step in begun:
        steering = deciding.steering(step)
        if steering:
            compiled.work.started[step.id] = steering[0]
        if isinstance(step, Start) and with_others(compiled, step):
            check_start(compiled, deciding, step, steering)


def _tell(compiled: Compiled, private: str, where: Iterable[str | int]) -> None:
    told = f"this leaves the flow, and it hangs on '{private}', which is private: ask for that as a signal"
    compiled.work.problem(tuple(where), told, "private-guard")
