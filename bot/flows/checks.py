"""Checks on a compiled flow: every step can be reached and left, every wait ends, no text shows too much."""

from collections.abc import Iterator, Mapping

from bot.engine.model import (
    EACH,
    EVERYONE,
    PARTNER,
    READ_BY_ALL,
    ROOM,
    Ask,
    Call,
    Compose,
    End,
    Flow,
    Gate,
    Grant,
    Reveal,
    Review,
    Say,
    Section,
    SlotClass,
    Stage,
    Start,
    Step,
)
from bot.flows.flow_compiler import Compiled
from bot.flows.problems import Problem, did_you_mean
from bot.flows.yaml_source import Path_

LONGEST_TEXT = 400
"""Characters of our own words in one message (content specification, section 2)."""


def check_flow(compiled: Compiled) -> list[Problem]:
    """Return every problem of one compiled flow."""
    checker = _Checker(compiled)
    checker.run()
    return checker.problems


def check_links(compiled: Mapping[str, Compiled]) -> list[Problem]:
    """Return every problem between flows: calls and starts of flows, roles and slots that are not there."""
    problems: list[Problem] = []
    for one in compiled.values():
        for step in one.flow.steps.values():
            if isinstance(step, Call | Start):
                problems += _link(one, step, compiled)
    return problems + _doubled_commands(compiled)


def _doubled_commands(compiled: Mapping[str, Compiled]) -> list[Problem]:
    problems: list[Problem] = []
    seen: dict[str, str] = {}
    for one in compiled.values():
        command = one.flow.trigger.command if one.flow.trigger else None
        if command is None:
            continue
        if command in seen:
            told = f"/{command} starts '{seen[command]}' already"
            problems.append(one.source.problem(("start", "command"), told, "duplicate-command"))
        seen[command] = one.flow.id
    return problems


def _link(one: Compiled, step: Call | Start, compiled: Mapping[str, Compiled]) -> Iterator[Problem]:
    path = one.places[step.id].path
    field = "call" if isinstance(step, Call) else "start"
    other = compiled.get(step.flow)
    if other is None:
        close = did_you_mean(step.flow, sorted(compiled))
        yield one.source.problem((*path, field), f"unknown flow '{step.flow}'{close}", "unknown-flow")
        return
    mine = [*one.flow.roles, PARTNER]
    for theirs, here in step.roles:
        if theirs not in other.flow.roles:
            close = did_you_mean(theirs, list(other.flow.roles))
            told = f"'{step.flow}' has no role '{theirs}'{close}"
            yield one.source.problem((*path, "roles", theirs), told, "unknown-role", key=True)
        if here not in mine:
            close = did_you_mean(here, mine)
            yield one.source.problem((*path, "roles", theirs), f"unknown role '{here}'{close}", "unknown-role")
    for role in other.flow.roles.values():
        if role.name not in dict(step.roles) and not role.joins:
            told = f"'{step.flow}' needs somebody for its role '{role.name}'"
            yield one.source.problem((*path, "roles"), told, "missing-role", key=True)
    for theirs, here in step.give:
        for flow, name in ((other.flow, theirs), (one.flow, here)):
            if name not in flow.slots:
                close = did_you_mean(name, list(flow.slots))
                told = f"'{flow.id}' has no slot '{name}'{close}"
                yield one.source.problem((*path, "give", theirs), told, "unknown-slot", key=flow is other.flow)


class _Checker:
    def __init__(self, compiled: Compiled) -> None:
        self.compiled = compiled
        self.flow: Flow = compiled.flow
        self.problems: list[Problem] = []

    def run(self) -> None:
        self._reachable()
        self._ends()
        self._deadlines()
        self._ephemeral()
        self._placeholders()
        self._guards()
        self._lengths()

    def _problem(self, where: Path_, message: str, code: str, *, key: bool = False) -> None:
        self.problems.append(self.compiled.source.problem(where, message, code, key=key))

    def _path(self, step: str) -> Path_:
        return self.compiled.places[step].path

    # Structure

    def _reachable(self) -> None:
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
        if step.following is not None and (step.when is not None or not _always_leaves(step)):
            found.append(step.following)
        match step:
            case Stage():
                found += [script.first for script in step.lanes]
                found += [step.expired] if step.expired else []
            case Section():
                found.append(step.first)
            case Gate():
                found += [self._stage(step.told)] if step.told else []
            case Grant():
                found += [self._stage(name) for name in (step.change, step.kept) if name]
            case Review():
                found += [self._stage(self.flow.asks[item]) for item in step.items if item in self.flow.asks]
            case Reveal():
                found += [step.missing] if step.missing else []
            case _:
                pass
        return found

    def _stage(self, step: str) -> str:
        stage = f"{step}:stage"
        return stage if stage in self.flow.steps else step

    def _ends(self) -> None:
        """The last step of the file does not fall off the end: what happens then is said with 'end'."""
        for name, step in self.flow.steps.items():
            top = name not in self.flow.lane_of
            if top and not isinstance(step, End) and step.following is None and not step.next:
                told = f"'{name.split(':')[0]}' is the last step and leads nowhere: add 'next', or an end after it"
                self._problem((*self._path(name), "id"), told, "dead-end")
        for name, step in self.flow.steps.items():
            if isinstance(step, Review):
                for item in step.items:
                    if item not in self.flow.asks:
                        self._problem((*self._path(name), "review"), f"no step asks for '{item}'", "never-asked")

    def _deadlines(self) -> None:
        """With several people, every wait has a deadline: the flow must not hang on somebody's silence."""
        for step in self.flow.steps.values():
            if not isinstance(step, Stage) or step.within is not None or step.until is not None:
                continue
            roles = {script.role for script in step.lanes}
            first = self.flow.steps.get(step.lanes[0].first) if step.lanes else None
            starter = next(iter(self.flow.roles))
            if self.compiled.work.solo or (roles == {starter} and not isinstance(first, Gate)):
                continue
            told = f"'{step.name}' waits for somebody else: give it a deadline, such as within: 72h, and 'expired'"
            self._problem((*self._path(step.id), "id"), told, "missing-deadline")

    def _ephemeral(self) -> None:
        for name, step in self.flow.steps.items():
            if isinstance(step, Ask):
                slot = self.flow.slots[step.save]
                inside = isinstance(self.flow.steps.get(self.flow.lane_of.get(name, "")), Section)
                if slot.cls is SlotClass.EPHEMERAL and not inside:
                    told = f"'{step.save}' is ephemeral: ask for it in a volatile section"
                    self._problem((*self._path(name), "save"), told, "ephemeral-kept")

    # Privacy: the places where one person's words could reach another

    def _placeholders(self) -> None:
        for used in self.compiled.work.texts.values():
            owner = used.key.split(".")[0]
            step = self.flow.steps.get(owner)
            for name in used.template.names:
                if name == PARTNER and self.flow.with_pair:
                    continue
                role = self.flow.roles.get(name)
                if role is not None and not role.many:
                    continue
                if name not in self.flow.slots:
                    known = [*self.flow.slots, *self.flow.roles]
                    self._problem(
                        used.where, f"unknown placeholder '{name}'{did_you_mean(name, known)}", "bad-placeholder"
                    )
                elif step is not None and not self._may_read(step, name):
                    told = f"'{name}' would be shown to somebody who may not read it"
                    self._problem(used.where, told, "private-placeholder")

    def _may_read(self, step: Step, slot_name: str) -> bool:
        slot = self.flow.slots[slot_name]
        if slot.cls in READ_BY_ALL or self.compiled.work.solo or isinstance(step, Compose):
            return True
        lane = self.compiled.places[step.id].lane
        if isinstance(step, Reveal):
            return slot_name in step.items
        if isinstance(step, Ask) and step.in_room:
            return False
        if isinstance(step, Say) and (lane is None or step.to != lane):
            return step.to == slot.of and step.to not in {EVERYONE, ROOM, EACH}
        if lane is not None and slot.of in {EACH, lane}:
            return True
        shown = [s for s in self.flow.steps.values() if isinstance(s, Reveal) and slot_name in s.items]
        return any(reveal.to in {lane, EVERYONE} for reveal in shown)

    def _guards(self) -> None:
        """Private values steer what others see only through an outcome (rule 9)."""
        if self.compiled.work.solo:
            return
        for guard, where, lane in self.compiled.work.guards:
            if where[:1] == ("outcomes",):
                continue
            for name in sorted(guard.reads):
                slot = self.flow.slots.get(name)
                if slot is None or slot.cls in READ_BY_ALL:
                    continue
                own = lane is not None and slot.of in {EACH, lane}
                if not own and not self._only_presence(guard.source, name, where):
                    told = f"'{name}' is private: only an outcome may let it steer what others see"
                    self._problem(where, told, "private-guard")

    def _only_presence(self, source: str, name: str, where: Path_) -> bool:
        """Whether there is a text at all may be asked by a step of its owner (``not card``), or once revealed."""
        asks = source.replace("not ", "").strip() == name
        owner = self.flow.slots[name].of
        step_path = where[:2]
        here = next((s for s, p in self.compiled.places.items() if p.path[:2] == step_path and p.lane), None)
        lane = self.compiled.places[here].lane if here is not None else None
        revealed = any(isinstance(s, Reveal) and name in s.items for s in self.flow.steps.values())
        return asks and (owner == lane or revealed)

    def _lengths(self) -> None:
        for used in self.compiled.work.texts.values():
            own = sum(len(part) for part in used.template.parts if isinstance(part, str))
            if own > LONGEST_TEXT:
                told = f"this has {own} characters; a message has at most {LONGEST_TEXT}"
                self._problem(used.where, told, "text-too-long")


def _always_leaves(step: Step) -> bool:
    """Whether a step never goes on to what follows it: it ends, or one of its branches always holds."""
    return isinstance(step, End) or any(branch.guard is None for branch in step.next)
