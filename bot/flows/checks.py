"""Checks on a compiled flow: every step can be reached and left, every wait ends, nobody walks in a foreign lane."""

from collections.abc import Iterator

from bot.engine.model import RELEASABLE, Ask, End, Gate, Grant, Reveal, Review, Section, Stage, Step
from bot.flows.compiling import Place, stage_of
from bot.flows.flow_compiler import Compiled
from bot.flows.yaml_source import Path_

LONGEST_TEXT = 400
"""Characters of our own words in one message (content specification, section 2)."""

_LOST_WAYS = frozenset(
    {"bad-branch", "duplicate-step", "misplaced-target", "missing-else", "unknown-step", "unreachable-branch"}
)
"""Problems after which a step that nothing leads to is no news."""


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
        self._reviews()
        self._grants()
        self._deadlines()
        self._lengths()

    def _problem(self, where: Path_, message: str, code: str, *, key: bool = False) -> None:
        self.work.problem(where, message, code, key=key)

    def _path(self, step: str) -> Path_:
        return self.compiled.places[step].path

    # Targets

    def _targets(self) -> None:
        """A lane leads to steps of its own, the top level to steps at the top: nobody walks into another's lane."""
        for name, step in self.flow.steps.items():
            place = self.compiled.places[name]
            for target, where, jumps in _targets(step, place.path):
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
        seen: set[str] = set()
        todo = [self.flow.first, *([self.flow.expired] if self.flow.expired else [])]
        while todo:
            name = todo.pop()
            if name in seen or name not in self.flow.steps:
                continue
            seen.add(name)
            todo += self._leads_to(self.flow.steps[name])
        for name in self.flow.steps:
            if name not in seen and ":" not in name:
                told = f"nothing leads to the step '{name}'"
                self._problem((*self._path(name), "id"), told, "unreachable-step")

    def _leads_to(self, step: Step) -> list[str]:
        found = [branch.to for branch in step.next]
        if step.following is not None and (step.when is not None or not always_leaves(step)):
            found.append(step.following)
        match step:
            case Stage():
                found += [script.first for script in step.lanes]
                found += [step.expired] if step.expired else []
            case Section():
                found.append(step.first)
            case Gate():
                found += [self._entered(step.told)] if step.told else []
            case Grant():
                found += [self._entered(name) for name in (step.change, step.kept) if name]
            case Review():
                found += [self._entered(self.flow.asks[item]) for item in step.items if item in self.flow.asks]
            case Reveal():
                found += [step.missing] if step.missing else []
            case _:
                pass
        return found

    def _entered(self, step: str) -> str:
        return stage_of(step) if stage_of(step) in self.flow.steps else step

    def _ends(self) -> None:
        """The last step of the file does not fall off the end: what happens then is said with 'end'."""
        for name, step in self.flow.steps.items():
            top = name not in self.flow.lane_of
            leaves = always_leaves(step) and step.when is None
            if top and not isinstance(step, End) and step.following is None and not leaves:
                told = f"'{name.split(':')[0]}' is the last step and leads nowhere: add 'next', or an end after it"
                self._problem((*self._path(name), "id"), told, "dead-end")

    def _reviews(self) -> None:
        for name, step in self.flow.steps.items():
            for index, item in enumerate(step.items if isinstance(step, Review) else ()):
                if item in self.flow.slots and item not in self.flow.asks:
                    self._problem((*self._path(name), "review", index), f"no step asks for '{item}'", "never-asked")
            if isinstance(step, Grant) and step.change is not None and step.change in self.flow.steps:
                asks = self.flow.steps[step.change]
                if not isinstance(asks, Ask) or asks.save != step.item:
                    told = f"'{step.change}' does not ask for '{step.item}', which would be changed there"
                    self._problem((*self._path(name), "change"), told, "never-asked")

    def _grants(self) -> None:
        """What is revealed was granted somewhere before: without a grant it is never shown."""
        granted = {step.item for step in self.flow.steps.values() if isinstance(step, Grant)}
        for name, step in self.flow.steps.items():
            for item in step.items if isinstance(step, Reveal) else ():
                slot = self.flow.slots.get(item)
                if slot is not None and slot.cls in RELEASABLE and item not in granted:
                    told = f"no step asks for a grant of '{item}', so it would never be shown"
                    self._problem((*self._path(name), "reveal"), told, "never-granted")

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

    def _has_gate(self, stage: Stage) -> bool:
        return any(
            isinstance(self.flow.steps.get(name), Gate) for name, at in self.flow.lane_of.items() if at == stage.id
        )

    def _lengths(self) -> None:
        for used in self.work.texts.values():
            own = sum(len(part) for part in used.template.parts if isinstance(part, str))
            if own > LONGEST_TEXT:
                told = f"this has {own} characters; a message has at most {LONGEST_TEXT}"
                self._problem(used.where, told, "text-too-long")


def always_leaves(step: Step) -> bool:
    """Return whether a step never goes on to what follows it: it ends, or one of its branches always holds."""
    return isinstance(step, End) or any(branch.guard is None for branch in step.next)


def _targets(step: Step, path: Path_) -> Iterator[tuple[str, Path_, bool]]:
    """Every step that one leads to by name, its place, and whether it is a jump, out of the lane to the top."""
    for index, branch in enumerate(step.next):
        yield branch.to, (*path, "next", index, "else" if branch.guard is None else "go"), False
    for field, jumps in (("expired", True), ("missing", True), ("told", True), ("kept", True)):
        target: str | None = getattr(step, field, None)
        if target is not None:
            yield target, (*path, field), jumps
