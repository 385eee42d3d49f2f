"""By which yes others come to read a text: when that is, how it is taken back, and what a no comes to."""

from bot.engine.model import (
    EACH,
    Ask,
    Each,
    Flow,
    Gate,
    Grant,
    Keep,
    Reveal,
    Review,
    Say,
    Section,
    Stage,
    Start,
    Step,
)
from bot.flows.audiences import named_in, shown_by
from bot.flows.facts.leading import at, is_alone
from bot.flows.facts.slot_facts import FirstYes, Late, Refusal, ReleaseFacts
from bot.flows.facts.step_facts import At
from bot.flows.flow_compiler import Compiled
from bot.flows.grants import before_yes
from bot.flows.releases import Release, Yes, released_to, releases_of, reveals_of
from bot.flows.ways import around, at_once_after, further, onward, outermost, reached


def releases(compiled: Compiled, slot: str) -> tuple[ReleaseFacts, ...]:
    """Return every yes by which others come to read a slot's text, in this flow or in one that it is given to."""
    return tuple(_Releasing(compiled, release).facts() for release in releases_of(compiled.flow, slot))


class _Releasing:
    """One release."""

    def __init__(self, compiled: Compiled, release: Release) -> None:
        self.compiled = compiled
        self.flow: Flow = compiled.flow
        self.release = release
        self.pairs = released_to(compiled, release)
        self.step = self.flow.steps.get(release.step)
        self.behind = onward(self.flow, self.step) if self.step is not None else [self.flow.first]
        self.reveals = {reveal.id for reveal in reveals_of(self.flow, release.slot)}

    def facts(self) -> ReleaseFacts:
        """Return what is to be said of it."""
        stage = outermost(self.flow, self.release.step) if self.step is not None else None
        alone = not isinstance(stage, Stage) or is_alone(self.compiled, stage)
        at_once = reached(self.flow, self.behind, self._at_once)
        refusal, kept = self._refusal()
        return ReleaseFacts(
            yes=self.release.yes,
            at=at(self.compiled, self.release.step) if self.step is not None else None,
            pairs=tuple(sorted(self.pairs)),
            stage=at(self.compiled, stage.id) if isinstance(stage, Stage) and not alone else None,
            first=tuple(self._first()),
            shown=self._shown(),
            at_once=self.step is not None and alone and bool(self.reveals & at_once),
            back=self.step is not None and not alone and self._may_go_back(),
            late=self._late(stage, alone=alone),
            refusal=refusal,
            kept=kept,
        )

    def _at_once(self, step: Step) -> list[str]:
        """Where a step leads before anybody is waited for, at the end of a lane out of its stage."""
        waits = isinstance(step, Ask | Gate | Review | Grant | Section | Each)
        in_lane = step.id in self.flow.lane_of and not waits
        return onward(self.flow, step) if in_lane else at_once_after(self.flow, step, "")

    def _further(self, step: Step) -> list[str]:
        return further(self.flow, step)

    def _shown(self) -> tuple[At, ...]:
        """The steps at which the text is shown first; where a reveal says nothing, those that name it later."""
        found = {name for name in self.reveals if not _silent(self.flow.steps[name])}
        found = found or {name for name, step in self.flow.steps.items() if self._tells(step)}
        return tuple(at(self.compiled, name) for name in self.flow.steps if name in found)

    def _tells(self, step: Step) -> bool:
        names = named_in(self.compiled, step)
        return any(shown.slot == self.release.slot for name in names for shown in shown_by(self.compiled, step, name))

    def _first(self) -> list[FirstYes]:
        """The gates at which a reader has to say yes, after it was granted and before it is shown to them."""
        walked = reached(self.flow, self.behind, self._further)
        gates = [step for name, step in self.flow.steps.items() if isinstance(step, Gate) and name in walked]
        found: list[FirstYes] = []
        for reader in sorted({reader for _, reader in self.pairs} & set(self.flow.roles)):
            own = [gate for gate in gates if self.compiled.places[gate.id].lane in {EACH, reader}]
            needed = [gate for gate in own if not self.reveals & before_yes(self.flow, gate, reader)]
            found += [FirstYes(of=reader, at=at(self.compiled, gate.id)) for gate in needed]
        return found

    def _may_go_back(self) -> bool:
        """Whether nothing behind it in its lane ends the way back, but for that the lanes of others join."""
        stage = outermost(self.flow, self.release.step)
        if stage is None:
            return False
        inside = reached(
            self.flow, self.behind, lambda step: self._further(step) if stage in around(self.flow, step.id) else []
        )
        lane = self.compiled.places[self.release.step].lane
        after = [self.flow.steps[name] for name in inside if stage in around(self.flow, name)]
        return not any(_ends_the_way_back(self.flow, step, lane) for step in after if step is not self.step)

    def _late(self, stage: Step | None, *, alone: bool) -> Late:
        """What becomes of the yes when a deadline comes before the text is shown."""
        lapses = self.release.yes is Yes.ANSWERED
        waits = [stage] if isinstance(stage, Stage) and not alone and not lapses else []
        between = reached(self.flow, self.behind, lambda step: [] if step.id in self.reveals else self._further(step))
        waits += [step for step in (self.flow.steps[name] for name in between) if isinstance(step, Stage)]
        ends = [one.expired for one in waits if one.expired is not None and not (lapses and one is stage)]
        if any(self.reveals & reached(self.flow, [end], self._further) for end in ends):
            return Late.MAY_BE_SHOWN
        own = isinstance(stage, Stage) and not alone and stage.expired is not None
        return Late.NOT_SHOWN if ends or own else Late.NO_DEADLINE

    def _refusal(self) -> tuple[Refusal, At | None]:
        match self.step:
            case Grant(closes=True):
                return Refusal.SILENCE, None
            case Grant(kept=str() as kept):
                return Refusal.ELSEWHERE, at(self.compiled, kept)
            case Grant():
                return Refusal.GOES_ON, None
            case Ask(optional=optional, least=least):
                return (Refusal.SKIP if optional or min(least) == 0 else Refusal.NONE), None
            case _:
                return Refusal.NONE, None


def _silent(step: Step) -> bool:
    return isinstance(step, Reveal) and step.silent


def _ends_the_way_back(flow: Flow, step: Step, lane: str | None) -> bool:
    """Whether nobody goes back to before that step: there the engine forgets the way that was come."""
    match step:
        case Gate() | Grant() | Reveal() | Section() | Start():
            return True
        case Keep():
            return not step.latest
        case Say():
            return step.to not in {EACH, lane} or (step.to in flow.roles and flow.roles[step.to].many)
        case _:
            return False
