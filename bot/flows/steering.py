"""Checks on what private answers steer: nobody sees it by what comes to them, or whether it comes.

What a private answer does to others is said beforehand, as an outcome (rule 9).
"""

from collections.abc import Mapping
from functools import cache, partial

from bot.engine.model import (
    EACH,
    READ_BY_ALL,
    Ask,
    Assign,
    Each,
    End,
    Grant,
    Outcome,
    Reveal,
    Say,
    Section,
    Stage,
    Step,
)
from bot.flows.flow_compiler import Compiled
from bot.flows.noticing import Notice, Noticing
from bot.flows.reading import private_behind, read_by, ways_of
from bot.flows.ways import (
    around,
    at_once_after,
    entered,
    goes_on,
    leads_to,
    onward,
    outermost,
    reached,
    roles_of,
    told_to_others,
    writes,
)
from bot.flows.yaml_source import Path_


def check_steering(compiled: Compiled) -> None:
    """Note every place where what somebody answered in private would steer what others see."""
    _Checker(compiled).run()


class _Checker:
    def __init__(self, compiled: Compiled) -> None:
        self.compiled = compiled
        self.flow = compiled.flow
        self.work = compiled.work
        self.noticing = Noticing(compiled)
        self.told_to_others = cache(partial(told_to_others, self.flow))

    def run(self) -> None:
        if not self.work.solo:
            self._guards()
            self._outward()
            self._oracles()
            self._lanes()
            self._kept()

    def _guards(self) -> None:
        """At the top, and in somebody else's lane, private values steer through an outcome only (rule 9)."""
        for guard, where, lane in self.work.guards:
            if where[:1] == ("outcomes",):
                continue
            for name in self.noticing.private(guard):
                if self.noticing.notice(guard, lane, name) is Notice.EVERYBODY:
                    self._steers(name, where)

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
                told = f"'{outcome}' hangs on '{slot}', which this stage asks for: read it in a later stage"
                self.work.problem((*self.compiled.places[name].path, "id"), told, "private-guard")

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

    def _kept(self) -> None:
        """That somebody keeps something private, others do not notice."""
        for name, step in self.flow.steps.items():
            if not isinstance(step, Grant) or step.kept is None:
                continue
            lane = self.compiled.places[name].lane
            kept = entered(self.flow, step.kept)
            *_, stage = (step, *around(self.flow, name))
            others = lane == EACH or roles_of(stage) != {lane}
            noticed = self.told_to_others(kept, lane, unshown=step.item) or self._asks_others(step, kept, lane)
            if noticed is None and kept not in self.flow.lane_of and others:
                told = "this would end the stage for the others too: lead to a step of this lane, or say closed"
                self.work.problem((*self.compiled.places[name].path, "kept"), told, "private-guard")
            elif noticed is not None:
                step_id = noticed.split(":")[0]
                told = f"others would notice at once, by '{step_id}', that '{step.item}' was kept private"
                self.work.problem((*self.compiled.places[name].path, "kept"), told, "private-guard")
            elif kept in self.flow.lane_of:
                self._nothing_outward_after(kept, step.item, beside=name)

    def _asks_others(self, grant: Grant, kept: str, lane: str | None) -> str | None:
        """A stage in which others are asked something at once, and which does not come when it is shared."""

        def shared(step: Step) -> list[str]:
            granted = isinstance(step, Reveal) and step.items == (grant.item,)
            return goes_on(step) if granted else leads_to(self.flow, step)

        at_once = reached(self.flow, [kept], lambda step: at_once_after(self.flow, step, grant.item))
        anyway = reached(self.flow, onward(self.flow, grant), shared)
        found = (name for name in self.flow.steps if name in at_once - anyway)
        return next((name for name in found if roles_of(self.flow.steps[name]) - {lane}), None)

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
                self._nothing_outward_after(name, private[0])
            for way in step.ways if isinstance(step, Ask) else ():
                self._nothing_outward_after(way, way, beside=name)
            if isinstance(step, Each):
                self._nothing_counted(step)
            if isinstance(step, Reveal):
                self._nothing_outward_after(name, name)  # whether somebody has read it by now

    def _nothing_counted(self, loop: Each) -> None:
        """How many items somebody goes through is private, unless an outcome selects them."""
        slot = self.flow.slots.get(loop.over)
        for name, step in self.flow.steps.items() if slot is not None and slot.cls not in READ_BY_ALL else ():
            if self.flow.lane_of.get(name) == loop.id and self._is_outward(step):
                told = f"others see this, and how often it comes hangs on '{loop.over}', which is private"
                self.work.problem((*self.compiled.places[name].path, "id"), told, "private-guard")

    def _nothing_outward_after(self, guarded: str, private: str, *, beside: str | None = None) -> None:
        """``beside`` is the question whose answer leads elsewhere: what comes on both ways hangs on neither."""
        seen: set[str] = set()
        todo = [guarded]
        while todo:
            name = todo.pop()
            step = self.flow.steps.get(name)
            if name in seen or step is None or name not in self.flow.lane_of:
                continue
            seen.add(name)
            todo += self._leads_to(step)
            hangs = beside is not None or name != guarded or step.when is not None
            if hangs and self._is_outward(step) and not (beside is not None and self._comes_anyway(beside, name)):
                told = f"others see this, and whether it comes hangs on '{private}', which is private"
                self.work.problem((*self.compiled.places[name].path, "id"), told, "private-guard")

    def _comes_anyway(self, start: str, wanted: str) -> bool:
        """Whether no way from a step to the end of its lane goes past another."""
        ways = reached(self.flow, [start], lambda step: [] if step.id == wanted else self._leads_to(step))
        ends = (self.flow.steps[name] for name in ways if name != wanted)
        return not any(isinstance(step, End) or not self._leads_to(step) for step in ends)

    def _leads_to(self, step: Step) -> list[str]:
        found = list(step.ways) if isinstance(step, Ask) else []
        found += [branch.to for branch in step.next] + ([step.following] if step.following else [])
        inside = self.flow.steps.get(self.flow.lane_of.get(step.id, ""))
        if step.following is None and isinstance(inside, Section | Each):
            found += self._leads_to(inside)
        if isinstance(step, Grant) and step.kept is not None and entered(self.flow, step.kept) in self.flow.lane_of:
            found.append(step.kept)
        return found + ([step.first] if isinstance(step, Section | Each) else [])

    def _is_outward(self, step: Step) -> bool:
        if isinstance(step, Say):
            return step.to not in {EACH, self.compiled.places[step.id].lane}
        if isinstance(step, Assign):
            slots = [self.flow.slots[name] for name, _ in step.values if name in self.flow.slots]
            return any(slot.cls in READ_BY_ALL for slot in slots)
        return isinstance(step, Ask) and (step.in_room or self._asks_signal(step))

    def _asks_signal(self, step: Ask) -> bool:
        slot = self.flow.slots.get(step.save)
        return slot is not None and slot.cls in READ_BY_ALL


def _ends_by_outcome(stage: Stage, outcomes: Mapping[str, Outcome]) -> bool:
    reads = stage.join_when.reads if stage.join_when is not None else frozenset[str]()
    return bool(reads) and reads <= set(outcomes)
