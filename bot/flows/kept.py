"""Checks on [Keep private]: nobody else notices it, by what comes then or by what does not."""

from bot.engine.model import EACH, Call, Grant, Reveal, Stage, Step
from bot.flows.flow_compiler import Compiled
from bot.flows.outward import Outward, leads_in_lane
from bot.flows.ways import (
    around,
    at_once_after,
    entered,
    goes_on,
    leads_to,
    onward,
    reached,
    roles_of,
    told_to_others,
)


def check_kept(compiled: Compiled) -> None:
    """Note every grant of which others would notice that it was refused."""
    for step in compiled.flow.steps.values():
        if isinstance(step, Grant) and step.kept is not None:
            _Checker(compiled, step, entered(compiled.flow, step.kept)).run()


class _Checker:
    def __init__(self, compiled: Compiled, grant: Grant, kept: str) -> None:
        self.compiled = compiled
        self.flow = compiled.flow
        self.grant = grant
        self.kept = kept
        self.lane = compiled.places[grant.id].lane
        *_, self.stage = (grant, *around(self.flow, grant.id))

    def run(self) -> None:
        others = self.lane == EACH or roles_of(self.stage) != {self.lane}
        inside = self.kept in self.flow.lane_of
        noticed = told_to_others(self.flow, self.kept, self.lane, unshown=self.grant.item) or self._asks_others()
        if noticed is not None:
            self._tell(
                f"others would notice at once, by '{_name(noticed)}', that '{self.grant.item}' was kept private"
            )
        elif not inside and others:
            self._tell("this would end the stage for the others too: lead to a step of this lane, or say closed")
        elif inside:
            for way in leads_in_lane(self.compiled, self.grant):
                Outward(self.compiled).nothing_after(way, self.grant.item, beside=self.grant.id)
        elif not any(isinstance(self.flow.steps[name], Stage | Call) for name in self._at_once()):
            self._missed()

    def _tell(self, told: str) -> None:
        where = (*self.compiled.places[self.grant.id].path, "kept")
        self.compiled.work.problem(where, told, "private-guard")

    def _at_once(self) -> set[str]:
        """What comes when it is kept, before anybody is waited for."""
        return reached(self.flow, [self.kept], lambda step: at_once_after(self.flow, step, self.grant.item))

    def _asks_others(self) -> str | None:
        """A stage in which others are asked something at once, and which does not come when it is shared."""

        def shared(step: Step) -> list[str]:
            granted = isinstance(step, Reveal) and step.items == (self.grant.item,)
            return goes_on(step) if granted else leads_to(self.flow, step)

        anyway = reached(self.flow, onward(self.flow, self.grant), shared)
        at_once = self._at_once()
        found = (name for name in self.flow.steps if name in at_once - anyway)
        return next((name for name in found if roles_of(self.flow.steps[name]) - {self.lane}), None)

    def _missed(self) -> None:
        """Keeping it ends the flow without a word: nor is there one when nobody answers, or when there is no text."""
        stage = self.stage if isinstance(self.stage, Stage) else None
        expired = stage.expired if stage is not None and stage.expired is not None else self.flow.expired
        passed = stage.following if stage is not None and stage.when is not None else None
        for way, when in ((expired, "nobody answers"), (passed, "there is nothing to show")):
            told = told_to_others(self.flow, way, self.lane, unshown=self.grant.item) if way is not None else None
            if told is not None:
                self._tell(f"others would miss '{_name(told)}', which they are told when {when}: say closed")
                return


def _name(step: str) -> str:
    """The name that the author gave."""
    return step.partition(":")[0]
