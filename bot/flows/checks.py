"""Checks on a compiled flow: every step can be reached and left, every wait ends, nobody walks in a foreign lane."""

from collections.abc import Iterator, Mapping

from bot.engine.model import (
    EVERYONE,
    RELEASABLE,
    ROOM,
    WRITTEN,
    Ask,
    Call,
    Do,
    End,
    Gate,
    Grant,
    Reveal,
    Review,
    SlotType,
    Stage,
    Step,
)
from bot.flows.compiling import LONGEST_TEXT, Place, stage_of
from bot.flows.flow_compiler import Compiled, outcome_place
from bot.flows.reading import outcomes_within
from bot.flows.releases import releases_of
from bot.flows.ways import always_leaves, around, further, leads_to, outermost, reached, roles_of
from bot.flows.yaml_source import Path_

_LOST_WAYS = frozenset(
    {"bad-branch", "duplicate-step", "misplaced-target", "missing-else", "unknown-step", "unreachable-branch"}
)
"""Problems after which a step that nothing leads to is no news."""


ACTION_ROLES: Mapping[str, tuple[str, ...]] = {
    "count_code": (),
    "form_pair": ("inviter", "invitee"),
    "set_zone": (),
}
"""What ``do`` may name, the host actions that the conversation layer carries out: each with the roles it needs."""

ACTION_WORDS: Mapping[str, str] = {
    "count_code": "Counts a pairing code that was given out; only so many are given out a day.",
    "form_pair": "Makes a pair of these two.",
    "set_zone": "Keeps the slot `city` as where somebody lives: times are told and meant by it from now on.",
}
"""What each of them does, for the reference page."""

ACTIONS = frozenset(ACTION_ROLES)
"""What ``do`` may name."""


def check_flow(compiled: Compiled) -> None:
    """Note every problem of one compiled flow's structure."""
    _Checker(compiled).run()


class _Checker:
    def __init__(self, compiled: Compiled) -> None:
        self.compiled = compiled
        self.flow = compiled.flow
        self.work = compiled.work

    def run(self) -> None:
        self._targets()
        self._reachable()
        self._ends()
        self._outcomes()
        self._reviews()
        self._grants()
        self._deadlines()
        self._moving_deadlines()
        self._lengths()
        self._actions()
        self._goodbye()
        self._drafts()

    def _problem(self, where: Path_, message: str, code: str, *, key: bool = False) -> None:
        self.work.problem(where, message, code, key=key)

    def _path(self, step: str) -> Path_:
        return self.compiled.places[step].path

    # Targets

    def _targets(self) -> None:
        """A lane leads to steps of its own, the top level to steps at the top: nobody walks into another's lane."""
        for name, step in self.flow.steps.items():
            place = self.compiled.places[name]
            for target, where, jumps in _targets(step, place.path, solo=self.work.solo):
                if target not in self.flow.steps and stage_of(target) not in self.flow.steps:
                    continue
                if self._fits(place, target, jumps=jumps):
                    continue
                told = f"'{target.split(':')[0]}' is a step of a lane, which only that lane can enter"
                if place.inside is not None and not jumps:
                    told = f"'{target.split(':')[0]}' is no step of this lane"
                self._problem(where, told, "misplaced-target")
        if self.flow.expired in self.flow.lane_of:
            told = f"'{self.flow.expired}' is a step of a lane, which only that lane can enter"
            self._problem(("expired",), told, "misplaced-target")

    def _fits(self, place: Place, target: str, *, jumps: bool) -> bool:
        top = target not in self.flow.lane_of or stage_of(target) in self.flow.steps
        if top and (jumps or place.inside is None):
            return True
        there = self.compiled.places.get(target)
        here: Place | None = place
        while there is not None and here is not None and here.inside is not None:
            if (there.inside, there.lane) == (here.inside, here.lane):
                return True
            section = self.compiled.places.get(here.inside)
            here = section if section is not None and section.inside is not None else None
        return False

    # Structure

    def _reachable(self) -> None:
        if self.work.broken or any(problem.code in _LOST_WAYS for problem in self.work.problems):
            return
        starts = [self.flow.first, *([self.flow.expired] if self.flow.expired else [])]
        seen = reached(self.flow, starts, lambda step: leads_to(self.flow, step))
        for name in self.flow.steps:
            if name not in seen and ":" not in name:
                told = f"nothing leads to the step '{name}'"
                self._problem((*self._path(name), "id"), told, "unreachable-step")

    def _ends(self) -> None:
        """The last step of the file does not fall off the end: what happens then is said with 'end'."""
        for name, step in self.flow.steps.items():
            top = name not in self.flow.lane_of
            leaves = always_leaves(step) and step.when is None
            if top and not isinstance(step, End) and step.following is None and not leaves:
                told = f"'{name.split(':')[0]}' is the last step and leads nowhere: add 'next', or an end after it"
                self._problem((*self._path(name), "id"), told, "dead-end")

    def _outcomes(self) -> None:
        """An outcome that hangs on itself has no value."""
        for name, outcome in self.flow.outcomes.items():
            if any(name in outcomes_within(self.flow, other) for other in outcome.reads):
                told = f"'{name}' hangs on itself: an outcome is made of answers"
                self._problem(outcome_place(self.compiled, name), told, "endless-outcome")

    def _reviews(self) -> None:
        for name, step in self.flow.steps.items():
            for index, item in enumerate(step.items if isinstance(step, Review) else ()):
                if item not in self.flow.slots:
                    continue  # told already
                if item not in self.flow.asks:
                    self._problem((*self._path(name), "review", index), f"no step asks for '{item}'", "never-asked")
                elif self.work.owns(self.compiled.places[name], self.flow.slots[item]):
                    self._asked_again(name, self.flow.asks[item], (*self._path(name), "review", index))
            if isinstance(step, Grant) and step.change is not None and step.change in self.flow.steps:
                self._asked_again(name, step.change, (*self._path(name), "change"))
                asks = self.flow.steps[step.change]
                if not isinstance(asks, Ask) or asks.save != step.item:
                    told = f"'{step.change}' does not ask for '{step.item}', which would be changed there"
                    self._problem((*self._path(name), "change"), told, "never-asked")

    def _asked_again(self, name: str, ask: str, where: Path_) -> None:
        """To change an answer of another stage, one goes back to that stage: nobody else may stand in either."""
        here, there = outermost(self.flow, name), outermost(self.flow, ask)
        if here is None or there is None or here is there or self.work.solo:
            return
        lane = self.compiled.places[name].lane
        alone = roles_of(here) == roles_of(there) == {lane} and not self.flow.roles[lane or ""].many
        if not alone:
            told = f"'{ask}' stands in another stage: to change it takes others there too, so ask for it in this one"
            self._problem(where, told, "misplaced-target")

    def _grants(self) -> None:
        """What is revealed was granted somewhere before: without a grant it is never shown."""
        for name, step in self.flow.steps.items():
            for item in step.items if isinstance(step, Reveal) else ():
                slot = self.flow.slots.get(item)
                if slot is not None and slot.cls in RELEASABLE and not any(releases_of(self.flow, item)):
                    told = f"no step asks for a grant of '{item}', so it would never be shown"
                    self._problem((*self._path(name), "reveal"), told, "never-granted")
        for slot in self.flow.slots.values():
            read_by_nobody = slot.cls in RELEASABLE and not any(releases_of(self.flow, slot.name))
            if read_by_nobody and slot.type not in {*WRITTEN, SlotType.ITEM} and slot.per is None:
                # What people write is a draft for their own sake too: it is kept for them when time runs out.
                told = f"no step asks for a grant of '{slot.name}', so nobody else would read it: say private"
                self._problem(("slots", slot.name, "class"), told, "never-granted")

    def _deadlines(self) -> None:
        """With several people, every wait has a deadline: the flow must not hang on somebody's silence."""
        starter = next(iter(self.flow.roles))
        for step in self.flow.steps.values():
            if not isinstance(step, Stage) or not step.lanes:
                continue
            roles = {script.role for script in step.lanes}
            waits_alone = self.work.solo or (roles == {starter} and not self._has_gate(step))
            where = (*self._path(step.id), "id")
            if step.within is None and step.until is None:
                if not waits_alone:
                    told = (
                        f"'{step.name}' waits for somebody else: add a deadline, such as within: 72h, and 'expired'"
                    )
                    self._problem(where, told, "missing-deadline")
            elif step.expired is None:
                told = f"say where the deadline of '{step.name}' leads: add 'expired'. Silence is no answer"
                self._problem(where, told, "missing-expired")

    def _moving_deadlines(self) -> None:
        """A deadline is looked at after every event: one that is counted from now would never come."""
        for step in self.flow.steps.values():
            if isinstance(step, Stage) and step.until is not None and step.until.moving:
                path = (*self._path(step.id), "until" if step.lanes else "wait")
                told = "this is looked at after every event, and would move on each time: set a slot to it first"
                self._problem(path, told, "moving-deadline")

    def _has_gate(self, stage: Stage) -> bool:
        return any(
            isinstance(self.flow.steps.get(name), Gate) for name, at in self.flow.lane_of.items() if at == stage.id
        )

    def _actions(self) -> None:
        """An action that is done to people finds them by their roles."""
        for name, step in self.flow.steps.items():
            needed = ACTION_ROLES.get(step.action, ()) if isinstance(step, Do) else ()
            missing = [role for role in needed if role not in self.flow.roles]
            if missing:
                told = f"this is done to {' and '.join(needed)}, and this flow has no role '{missing[0]}'"
                self._problem((*self._path(name), "do"), told, "missing-role")

    def _goodbye(self) -> None:
        """When the lifetime is over, nobody is waited for any more."""
        starts = [self.flow.expired] if self.flow.expired else []
        walked = reached(self.flow, starts, lambda step: leads_to(self.flow, step))
        waits = [name for name, step in self.flow.steps.items() if name in walked and isinstance(step, Stage | Call)]
        if waits:
            told = f"the lifetime is over then, and '{waits[0].split(':')[0]}' would still wait for somebody"
            self._problem(("expired",), told, "goodbye-waits")

    def _drafts(self) -> None:
        """What is kept where a flow ends does not tell its author whether anybody has read it, unless they saw it."""
        reveals = (step for step in self.flow.steps.values() if isinstance(step, Reveal))
        shows = [step.id for step in reveals if step.silent or step.to not in {ROOM, EVERYONE}]
        # The deadline of the stage may come behind it, too.
        shows += [
            name for shown in shows for place in around(self.flow, shown) for name in leads_to(self.flow, place)
        ]
        walked = reached(self.flow, shows, lambda step: further(self.flow, step))
        for step in self.flow.steps.values():
            if isinstance(step, End) and step.drafts_kept and step.id in walked:
                path = (*self._path(step.id), "drafts")
                told = "words may have been shown by then, and what is kept would tell their author whether they were"
                self._problem(path, told, "private-drafts", key=True)

    def _lengths(self) -> None:
        for used in self.work.texts.values():
            own = len(used.template.literal)
            if own > LONGEST_TEXT:
                told = f"this has {own} characters; a message has at most {LONGEST_TEXT}"
                self._problem(used.where, told, "text-too-long")


def _targets(step: Step, path: Path_, *, solo: bool) -> Iterator[tuple[str, Path_, bool]]:
    """Every step that one leads to by name, its place, and whether it is a jump, out of the lane to the top."""
    for index, branch in enumerate(step.next):
        yield branch.to, (*path, "next", index, "else" if branch.guard is None else "go"), False
    for way in step.ways if isinstance(step, Ask) else ():
        yield way, (*path, "ways", way), solo
    for field, jumps in (
        ("expired", True),
        ("missing", not isinstance(step, Reveal)),
        ("told", True),
        ("kept", True),
    ):
        target: str | None = getattr(step, field, None)
        if target is not None:
            yield target, (*path, field), jumps
