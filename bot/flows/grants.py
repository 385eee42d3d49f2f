"""Where a text can be come to that its author has not granted: the ways from where it is written, by one person."""

from collections.abc import Iterator, Mapping

from bot.engine.model import EACH, EVERYONE, PARTNER, Ask, Each, Flow, Gate, Grant, Review, Section, Stage, Step
from bot.flows.ways import around, entered, goes_on, leads_to, onward, reached, writes

Lanes = Mapping[str, str | None]
"""Each step's lane: a role, ``each``, or None at the top."""


def before_granted(
    flow: Flow, lanes: Lanes, slot: str, author: str, readers: frozenset[str] | None = None
) -> set[str]:
    """Return every step that can be come to while the author's text, as it then is, is not granted to the readers.

    ``author`` is a role; the readers are everybody else, unless they are named. The stage in which somebody writes
    is not left by the way on before they are through.
    """
    return _Walk(flow, lanes, slot, author, readers).reached()


class _Walk:
    def __init__(self, flow: Flow, lanes: Lanes, slot: str, author: str, readers: frozenset[str] | None) -> None:
        self.flow = flow
        self.lanes = lanes
        self.slot = slot
        self.author = author
        self.readers = readers or frozenset(role for role in flow.roles if role != author) or frozenset({PARTNER})

    def reached(self) -> set[str]:
        found = self.flow.slots[self.slot]
        starts = [self.flow.first] if found.given else []
        for step in self.flow.steps.values():
            if writes(step, self.slot) and self._mine(step.id):
                starts += [] if self._granted_by_answering(step) else onward(self.flow, step)
                for place in around(self.flow, step.id):
                    starts += self._left_early(place) if isinstance(place, Stage) else []
        return reached(self.flow, starts, self._after)

    def _mine(self, step: str) -> bool:
        return self.lanes.get(step) in {None, EACH, self.author}

    def _after(self, step: Step) -> list[str]:
        match step:
            case Ask() if self._granted_by_answering(step):
                return [
                    *(entered(self.flow, way) for way in step.ways),
                    *(onward(self.flow, step) if step.optional else []),
                ]
            case Grant() if step.item == self.slot and self._covers(step.to):
                return self._not_granted(step)
            case Stage():
                firsts = [script.first for script in step.lanes if script.role == self.author]
                return firsts + self._left_early(step) + (goes_on(step) if step.when is not None else [])
            case Section():
                return [step.first, *(onward(self.flow, step) if step.when is not None else [])]
            case Each():
                return [step.first, *onward(self.flow, step)]
            case _:
                inside = step.id in self.flow.lane_of
                return leads_to(self.flow, step) + (onward(self.flow, step) if inside else [])

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

    def _left_early(self, stage: Stage) -> list[str]:
        """Where a stage leads while the author is not through: by deadline, the others' jumps, or how it joins."""
        scripts = [script for script in stage.lanes if script.role == self.author]
        found = [stage.expired] if stage.expired else []
        waited_for = bool(scripts) and all(script.when is None for script in scripts)
        if not waited_for or stage.only_missing or stage.join is not None or stage.join_when is not None:
            found += goes_on(stage)
        inside = [step for step in self.flow.steps.values() if stage in around(self.flow, step.id)]
        return found + [target for step in inside for target in self._jumps(step)]

    def _jumps(self, step: Step) -> Iterator[str]:
        names: list[str | None] = []
        match step:
            case Gate():
                names = [step.told]
            case Grant():
                names = [step.kept, step.change]
            case Review():
                names = [self.flow.asks.get(item) for item in step.items]
            case _:
                pass
        for name in names:
            target = entered(self.flow, name) if name is not None else ""
            if target and target not in self.flow.lane_of:
                yield target
