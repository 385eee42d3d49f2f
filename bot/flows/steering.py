"""Checks on what private answers steer: nobody sees it by what comes to them, or whether it comes.

What a private answer does to others is said beforehand, as an outcome (rule 9).
"""

from collections.abc import Mapping

from bot.engine.model import (
    EACH,
    READ_BY_ALL,
    Ask,
    Assign,
    Each,
    Outcome,
    Reveal,
    Stage,
    Step,
)
from bot.flows.flow_compiler import Compiled
from bot.flows.kept import check_kept
from bot.flows.noticing import Notice, Noticing
from bot.flows.outward import Outward
from bot.flows.own_steps import check_own_steps
from bot.flows.reading import private_behind, read_by, ways_of
from bot.flows.ways import (
    around,
    outermost,
    writes,
)
from bot.flows.yaml_source import Path_


def check_steering(compiled: Compiled, noticing: Noticing) -> None:
    """Note every place where what somebody answered in private would steer what others see."""
    _Checker(compiled, noticing).run()


class _Checker:
    def __init__(self, compiled: Compiled, noticing: Noticing) -> None:
        self.compiled = compiled
        self.flow = compiled.flow
        self.work = compiled.work
        self.noticing = noticing
        self.outward = Outward(compiled)
        self.own: dict[str, str] = {}
        """The steps that come only if their one person has answered something, each with that."""

    def run(self) -> None:
        if not self.work.solo:
            self._guards()
            check_own_steps(self.compiled, ((self.flow.steps[name], slot) for name, slot in self.own.items()))
            self._outward()
            self._oracles()
            self._lanes()
            check_kept(self.compiled)

    def _guards(self) -> None:
        """At the top, and in somebody else's lane, private values steer through an outcome only (rule 9)."""
        for guard, where, lane in self.work.guards:
            if where[:1] == ("outcomes",):
                for count in sorted(guard.counts & self.noticing.counts.keys()):
                    told = f"'visits({count})' is private, and no answer: no question can say what it does"
                    self.work.problem(where, told, "private-guard")
                continue
            for name in self.noticing.private(guard):
                notice = self.noticing.notice(guard, lane, name)
                if notice is Notice.EVERYBODY:
                    self._steers(name, where)
                elif notice is Notice.AUTHOR and (lane is None or self.noticing.owner(name) not in {EACH, lane}):
                    self.own |= {step.id: name for step in self.noticing.holders(guard)}

    def _steers(self, name: str, where: Path_) -> None:
        told = f"'{name}' is private: only an outcome may let it steer what others see"
        self.work.problem(where, told, "private-guard")

    def _oracles(self) -> None:
        """In a lane nobody reads an outcome while others, or they themselves, can still answer what it hangs on."""
        named: dict[str, set[str]] = {}
        for used in self.work.texts.values():
            named.setdefault(used.key.split(".")[0], set()).update(used.template.names)
        for name, step in self.flow.steps.items():
            stage = outermost(self.flow, name)
            lane = self.compiled.places[name].lane
            if stage is None or lane is None:
                continue
            outcomes = (read_by(self.flow, step) | named.get(name, set())) & set(self.flow.outcomes)
            asked = self._answered_in(stage, lane)
            live = [
                (one, slot) for one in sorted(outcomes) for slot in private_behind(self.flow, [one]) if slot in asked
            ]
            if live:
                outcome, slot = live[0]
                self._oracle(outcome, slot, (*self.compiled.places[name].path, "id"))
        for stage in self.flow.steps.values():
            until = stage.until.reads & set(self.flow.outcomes) if isinstance(stage, Stage) and stage.until else ()
            asked = self._answered_in(stage, EACH)
            live = [
                (one, slot) for one in sorted(until) for slot in private_behind(self.flow, [one]) if slot in asked
            ]
            for outcome, slot in live[:1]:
                self._oracle(outcome, slot, (*self.compiled.places[stage.id].path, "until"))

    def _oracle(self, outcome: str, slot: str, where: Path_) -> None:
        told = f"'{outcome}' hangs on '{slot}', which this stage asks for: read it in a later stage"
        self.work.problem(where, told, "private-guard")

    def _answered_in(self, stage: Step, lane: str) -> set[str]:
        """The slots that are written in a stage, but for what belongs to the one role of a lane."""
        inside = [step for name, step in self.flow.steps.items() if stage in around(self.flow, name)]
        return {
            slot.name
            for slot in self.flow.slots.values()
            if (lane == EACH or slot.of != lane) and any(writes(step, slot.name) for step in inside)
        }

    def _lanes(self) -> None:
        """Who has a lane at all, others see by whether the stage waits, unless an outcome alone ends it."""
        for stage in self.flow.steps.values():
            if not isinstance(stage, Stage) or _ends_by_outcome(stage, self.flow.outcomes):
                continue
            for script in stage.lanes:
                private = self.noticing.private(script.when) if script.when is not None else []
                own = [name for name in private if self.noticing.owner(name) in {EACH, script.role}]
                if own:
                    told = f"whether this stage waits, which others see, hangs on '{own[0]}', which is private"
                    where = (*self.compiled.places[stage.id].path, "lanes", script.role, "when")
                    self.work.problem(where, told, "private-guard")

    def _outward(self) -> None:
        """In a lane, nothing that others can see hangs on what its person answered in private."""
        for name, step in self.flow.steps.items():
            if name not in self.flow.lane_of:
                continue
            private = [slot for guard in ways_of(step) for slot in self.noticing.private(guard)]
            if isinstance(step, Assign):
                for slot, value in step.values:
                    if (
                        slot in self.flow.slots
                        and self.flow.slots[slot].cls in READ_BY_ALL
                        and self.noticing.private(value)
                    ):
                        self._steers(self.noticing.private(value)[0], (*self.compiled.places[name].path, "set", slot))
            if private:
                self.outward.nothing_after(name, private[0])
            for way in step.ways if isinstance(step, Ask) else ():
                self.outward.nothing_after(way, way, beside=name)
            if isinstance(step, Each):
                self.outward.nothing_counted(step)
            if isinstance(step, Reveal):
                self.outward.nothing_after(name, name)  # whether somebody has read it by now


def _ends_by_outcome(stage: Stage, outcomes: Mapping[str, Outcome]) -> bool:
    reads = stage.join_when.reads if stage.join_when is not None else frozenset[str]()
    return bool(reads) and reads <= set(outcomes)
