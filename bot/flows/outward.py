"""What others see of somebody's lane, at once or by what everybody can read: none of it hangs on a private answer."""

from bot.engine.model import EACH, READ_BY_ALL, Ask, Assign, Each, End, Gate, Grant, Say, Section, Start, Step
from bot.flows.flow_compiler import Compiled
from bot.flows.ways import entered, reached


def others_notice(compiled: Compiled, step: Step) -> bool:
    """Return whether others see that a step comes: it speaks to them, or asks for or sets what they can read.

    A gate that can be refused kindly tells them so.
    """
    match step:
        case Say():
            found = step.to not in {EACH, compiled.places[step.id].lane}
        case Assign():
            found = any(_is_public(compiled, name) for name, _ in step.values)
        case Ask():
            found = step.in_room or _is_public(compiled, step.save)
        case Gate():
            found = step.kindly
        case _:
            found = False
    return found


def _is_public(compiled: Compiled, slot: str) -> bool:
    return slot in compiled.flow.slots and compiled.flow.slots[slot].cls in READ_BY_ALL


class Outward:
    """Notes what others would see in somebody's lane because of a private answer."""

    def __init__(self, compiled: Compiled) -> None:
        self._compiled = compiled
        self._flow = compiled.flow

    def nothing_after(self, guarded: str, private: str, *, beside: str | None = None) -> None:
        """Note what others see behind a step to which a private answer leads.

        ``beside`` is the question whose answer leads elsewhere: what comes on both ways hangs on neither.
        """
        seen: set[str] = set()
        todo = [guarded]
        while todo:
            name = todo.pop()
            step = self._flow.steps.get(name)
            if name in seen or step is None or name not in self._flow.lane_of:
                continue
            seen.add(name)
            todo += self._leads_to(step)
            hangs = beside is not None or name != guarded or step.when is not None
            if hangs and (beside is None or not self._comes_anyway(beside, name)):
                self._see(step, private, "whether")

    def nothing_counted(self, loop: Each) -> None:
        """Note what others see in a loop: how many items it has is private, unless an outcome selects them."""
        slot = self._flow.slots.get(loop.over)
        for name, step in self._flow.steps.items() if slot is not None and slot.cls not in READ_BY_ALL else ():
            if self._flow.lane_of.get(name) == loop.id:
                self._see(step, loop.over, "how often")

    def _see(self, step: Step, private: str, what: str) -> None:
        if isinstance(step, Start):
            self._compiled.work.started[step.id] = private
        if others_notice(self._compiled, step):
            told = f"others see this, and {what} it comes hangs on '{private}', which is private"
            self._compiled.work.problem((*self._compiled.places[step.id].path, "id"), told, "private-guard")

    def _comes_anyway(self, start: str, wanted: str) -> bool:
        """Whether no way from a step to the end of its lane goes past another."""
        ways = reached(self._flow, [start], lambda step: [] if step.id == wanted else self._leads_to(step))
        ends = (self._flow.steps[name] for name in ways if name != wanted)
        return not any(isinstance(step, End) or not self._leads_to(step) for step in ends)

    def _leads_to(self, step: Step) -> list[str]:
        return leads_in_lane(self._compiled, step)


def leads_in_lane(compiled: Compiled, step: Step) -> list[str]:
    """Return where a step of a lane leads within it, by each answer."""
    flow = compiled.flow
    found = list(step.ways) if isinstance(step, Ask) else []
    found += [branch.to for branch in step.next] + ([step.following] if step.following else [])
    inside = flow.steps.get(flow.lane_of.get(step.id, ""))
    if step.following is None and isinstance(inside, Section | Each):
        found += leads_in_lane(compiled, inside)
    if isinstance(step, Grant) and step.kept is not None and entered(flow, step.kept) in flow.lane_of:
        found.append(step.kept)
    return found + ([step.first] if isinstance(step, Section | Each) else [])
