"""Where somebody can come to who has not said yes: to showing a text as it then is, or at a gate."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from bot.engine.model import EACH, EVERYONE, PARTNER, Ask, Each, Flow, Gate, Grant, Review, Section, Stage, Step
from bot.flows.ways import around, entered, further, goes_on, onward, outermost, reached, writes

Lanes = Mapping[str, str | None]
"""Each step's lane: a role, ``each``, or None at the top."""


def before_granted(
    flow: Flow, lanes: Lanes, slot: str, author: str, readers: frozenset[str] | None = None
) -> set[str]:
    """Return every step that can be come to while the author's text, as it then is, is not granted to the readers.

    ``author`` is a role; the readers are everybody else, unless they are named. The stage in which somebody writes
    is not left by the way on before they are through.
    """
    return _Ungranted(flow, lanes, slot, author, readers).reached()


def before_yes(flow: Flow, gate: Gate, role: str) -> set[str]:
    """Return every step that can come about while a role has not said yes at a gate.

    What is passed over whenever the gate is, by the same count of visits of the same stage, does not.
    """

    def refused(step: Step) -> list[str] | None:
        if step.id != gate.id:
            return None
        passed = onward(flow, gate) if gate.when is not None else []
        return [*passed, *([entered(flow, gate.told)] if gate.told is not None else [])]

    starts = [flow.first, *([flow.expired] if flow.expired is not None else [])]
    return walked(flow, starts, role, refused) - {
        step.id for step in flow.steps.values() if _as_often(flow, gate, step)
    }


def _as_often(flow: Flow, gate: Gate, step: Step) -> bool:
    """Whether a step of the gate's stage is passed over whenever the gate is: nothing in a stage changes a count."""
    same = gate.when is not None and step.when is not None and step.when.source == gate.when.source
    counts_alone = gate.when is not None and not gate.when.reads
    return same and counts_alone and outermost(flow, step.id) is outermost(flow, gate.id) is not None


def walked(flow: Flow, starts: Iterable[str], author: str, without: Callable[[Step], list[str] | None]) -> set[str]:
    """Return every step that can be come to from some; ``without`` says where a step leads without the author's yes.

    Of a step that asks for no such yes it returns None.
    """

    def after(step: Step) -> list[str]:
        found = without(step)
        if found is not None:
            return found
        match step:
            case Stage():
                firsts = [script.first for script in step.lanes if script.role == author]
                return firsts + _left_early(flow, step, author) + (goes_on(step) if step.when is not None else [])
            case Section():
                return [step.first, *(onward(flow, step) if step.when is not None else [])]
            case Each():
                return [step.first, *onward(flow, step)]
            case _:
                return further(flow, step)

    return reached(flow, starts, after)


def _left_early(flow: Flow, stage: Stage, author: str) -> list[str]:
    """Where a stage leads while somebody is not through: by deadline, the others' jumps, or how it joins."""
    scripts = [script for script in stage.lanes if script.role == author]
    found = [stage.expired] if stage.expired else []
    waited_for = bool(scripts) and all(script.when is None for script in scripts)
    if not waited_for or stage.only_missing or stage.join is not None or stage.join_when is not None:
        found += goes_on(stage)
    inside = [step for step in flow.steps.values() if stage in around(flow, step.id)]
    return found + [target for step in inside for target in _jumps(flow, step)]


def _jumps(flow: Flow, step: Step) -> Iterator[str]:
    """Where somebody's choice leads out of the stage, whoever else is not through."""
    names: list[str | None] = []
    match step:
        case Gate():
            names = [step.told]
        case Grant():
            names = [step.kept, step.change]
        case Review():
            names = [flow.asks.get(item) for item in step.items]
        case _:
            pass
    for name in names:
        target = entered(flow, name) if name is not None else ""
        if target and target not in flow.lane_of:
            yield target


class _Ungranted:
    """Where a text can be come to that its author has not granted."""

    def __init__(self, flow: Flow, lanes: Lanes, slot: str, author: str, readers: frozenset[str] | None) -> None:
        self.flow = flow
        self.lanes = lanes
        self.slot = slot
        self.author = author
        self.readers = readers or frozenset(role for role in flow.roles if role != author) or frozenset({PARTNER})

    def reached(self) -> set[str]:
        """Return every step that can be come to from where the text is written, or from the start if it comes so."""
        found = self.flow.slots[self.slot]
        starts = [self.flow.first] if found.given else []
        for step in self.flow.steps.values():
            if writes(step, self.slot) and self._mine(step.id):
                starts += [] if self._granted_by_answering(step) else onward(self.flow, step)
                for place in around(self.flow, step.id):
                    starts += _left_early(self.flow, place, self.author) if isinstance(place, Stage) else []
        return walked(self.flow, starts, self.author, self._without)

    def _mine(self, step: str) -> bool:
        return self.lanes.get(step) in {None, EACH, self.author}

    def _without(self, step: Step) -> list[str] | None:
        match step:
            case Ask() if self._granted_by_answering(step):
                return [
                    *(entered(self.flow, way) for way in step.ways),
                    *(onward(self.flow, step) if step.optional else []),
                ]
            case Grant() if step.item == self.slot and self._covers(step.to):
                return self._not_granted(step)
            case _:
                return None

    def _covers(self, audience: str | None) -> bool:
        """Whether everybody else gets to read what is granted to that audience."""
        return audience == EVERYONE or (audience is not None and frozenset({audience}) == self.readers)

    def _granted_by_answering(self, step: Step) -> bool:
        return isinstance(step, Ask) and step.save == self.slot and self._covers(step.shown_to)

    def _not_granted(self, grant: Grant) -> list[str]:
        """The ways on from a grant but for [Share]: kept private, changed first, or passed over."""
        found = [entered(self.flow, name) for name in (grant.change, grant.kept) if name]
        silent = grant.kept is None and not grant.closes
        # Where there is no text, there is nothing that would have to be granted.
        passed = grant.when is not None and grant.when.source.strip() != self.slot
        return found + (onward(self.flow, grant) if silent or passed else [])
