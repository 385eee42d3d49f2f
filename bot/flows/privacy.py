"""Checks on privacy: no text shows too much, and nothing private steers what somebody else sees.

What is refused here is refused again at run time, by the engine, and there it would end a conversation.
"""

from collections.abc import Iterator

from bot.engine.guards import Guard
from bot.engine.model import (
    EACH,
    EVERYONE,
    READ_BY_ALL,
    ROOM,
    Ask,
    Assign,
    Compose,
    Reveal,
    Say,
    Section,
    SlotClass,
    Step,
)
from bot.flows.compiling import UsedText
from bot.flows.flow_compiler import Compiled
from bot.flows.problems import did_you_mean
from bot.flows.yaml_source import Path_


def check_privacy(compiled: Compiled) -> None:
    """Note every place where one person's words or choices could reach another."""
    _Checker(compiled).run()


class _Checker:
    def __init__(self, compiled: Compiled) -> None:
        self.compiled = compiled
        self.flow = compiled.flow
        self.work = compiled.work
        self.revealed = {name for step in self.flow.steps.values() if isinstance(step, Reveal) for name in step.items}

    def run(self) -> None:
        self._ephemeral()
        for used in self.work.texts.values():
            self._placeholders(used)
        self._outcomes()
        if not self.work.solo:
            self._guards()
            self._outward()

    # What is never kept

    def _ephemeral(self) -> None:
        """Ephemeral values live in volatile sections, and never come out of them."""
        for name, step in self.flow.steps.items():
            path = self.compiled.places[name].path
            inside = isinstance(self.flow.steps.get(self.flow.lane_of.get(name, "")), Section)
            match step:
                case Ask() if not inside and self._is_ephemeral(step.save):
                    told = f"'{step.save}' is ephemeral: ask for it in a volatile section"
                    self.work.problem((*path, "save"), told, "ephemeral-kept")
                case Compose() if not inside and self._is_ephemeral(step.slot):
                    told = f"'{step.slot}' is ephemeral: build it in a volatile section"
                    self.work.problem((*path, "compose"), told, "ephemeral-kept")
                case Assign() if not inside:
                    for slot, _ in step.values:
                        if self._is_ephemeral(slot):
                            told = f"'{slot}' is ephemeral: set it in a volatile section"
                            self.work.problem((*path, "set", slot), told, "ephemeral-kept", key=True)
                case Section():
                    for index, slot in enumerate(step.results):
                        if self._is_ephemeral(slot):
                            told = f"'{slot}' is ephemeral: it cannot be a result, which is kept"
                            self.work.problem((*path, "results", index), told, "ephemeral-kept")
                case _:
                    pass

    def _is_ephemeral(self, slot: str) -> bool:
        return slot in self.flow.slots and self.flow.slots[slot].cls is SlotClass.EPHEMERAL

    # What a text shows

    def _placeholders(self, used: UsedText) -> None:
        step = self.flow.steps.get(used.key.split(".")[0])
        if step is None:
            return  # labels have no placeholders; that was told when they were compiled
        words = "".join(part if isinstance(part, str) else f"{{{part.name}}}" for part in used.template.parts)
        for name in dict.fromkeys(used.template.names):
            place = words.find(f"{{{name}}}")
            role = self.flow.roles.get(name)
            if (role is not None and not role.many) or (role is None and name in self.work.known_roles):
                continue
            if name not in self.flow.slots:
                close = did_you_mean(name, [*self.flow.slots, *self.work.known_roles])
                many = f": '{name}' may be many people" if role is not None else close
                self.work.problem(used.where, f"unknown placeholder '{name}'{many}", "bad-placeholder", offset=place)
            elif not self._may_read(step, name):
                told = f"'{name}' would be shown to somebody who may not read it"
                self.work.problem(used.where, told, "private-placeholder", offset=place)

    def _may_read(self, step: Step, slot_name: str) -> bool:
        slot = self.flow.slots[slot_name]
        if slot.cls in READ_BY_ALL or self.work.solo or isinstance(step, Compose):
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

    # What a guard steers

    def _private(self, guard: Guard) -> list[str]:
        """The slots of which a guard reads what not everybody may."""
        slots = [self.flow.slots[name] for name in sorted(guard.reads) if name in self.flow.slots]
        return [slot.name for slot in slots if slot.cls not in READ_BY_ALL]

    def _guards(self) -> None:
        """At the top, and in somebody else's lane, private values steer through an outcome only (rule 9)."""
        for guard, where, lane in self.work.guards:
            if where[:1] == ("outcomes",):
                continue
            for name in self._private(guard):
                own = lane is not None and self.flow.slots[name].of in {EACH, lane}
                if not own and not self._only_presence(guard.source, name, where):
                    self._steers(name, where)

    def _steers(self, name: str, where: Path_) -> None:
        told = f"'{name}' is private: only an outcome may let it steer what others see"
        self.work.problem(where, told, "private-guard")

    def _only_presence(self, source: str, name: str, where: Path_) -> bool:
        """Whether there is a text at all may be asked by a step of its owner (``not card``), or once revealed."""
        asks = source.replace("not ", "").strip() == name
        owner = self.flow.slots[name].of
        lanes = {place.lane for place in self.compiled.places.values() if place.path == where[:2] and place.lane}
        return asks and (lanes == {owner} or name in self.revealed)

    def _outward(self) -> None:
        """In a lane, nothing that others can see hangs on what its person answered in private."""
        for name, step in self.flow.steps.items():
            if name not in self.flow.lane_of:
                continue
            private = [slot for guard in _guards_of(step) for slot in self._private(guard)]
            if isinstance(step, Assign):
                for slot, value in step.values:
                    if slot in self.flow.slots and self.flow.slots[slot].cls in READ_BY_ALL and self._private(value):
                        self._steers(self._private(value)[0], (*self.compiled.places[name].path, "set", slot))
            if private:
                self._nothing_outward_after(name, private[0])

    def _nothing_outward_after(self, guarded: str, private: str) -> None:
        seen: set[str] = set()
        todo = [guarded]
        while todo:
            name = todo.pop()
            step = self.flow.steps.get(name)
            if name in seen or step is None or name not in self.flow.lane_of:
                continue
            seen.add(name)
            todo += self._leads_to(step)
            itself = name != guarded or step.when is not None
            if itself and self._is_outward(step):
                told = f"others see this, and whether it comes hangs on '{private}', which is private"
                self.work.problem((*self.compiled.places[name].path, "id"), told, "private-guard")

    def _leads_to(self, step: Step) -> list[str]:
        found = [branch.to for branch in step.next] + ([step.following] if step.following else [])
        around = self.flow.steps.get(self.flow.lane_of.get(step.id, ""))
        if step.following is None and isinstance(around, Section):
            found += self._leads_to(around)
        return found + ([step.first] if isinstance(step, Section) else [])

    def _is_outward(self, step: Step) -> bool:
        if isinstance(step, Say):
            return step.to != self.compiled.places[step.id].lane
        if isinstance(step, Assign):
            slots = [self.flow.slots[name] for name, _ in step.values if name in self.flow.slots]
            return any(slot.cls in READ_BY_ALL for slot in slots)
        return isinstance(step, Ask) and (step.in_room or self._asks_signal(step))

    def _asks_signal(self, step: Ask) -> bool:
        slot = self.flow.slots.get(step.save)
        return slot is not None and slot.cls in READ_BY_ALL

    def _outcomes(self) -> None:
        """An outcome that hangs on itself has no value."""
        reads = {name: outcome.value.reads & set(self.flow.outcomes) for name, outcome in self.flow.outcomes.items()}
        for name, first in reads.items():
            seen: set[str] = set()
            todo = list(first)
            while todo:
                other = todo.pop()
                if other not in seen:
                    seen.add(other)
                    todo += reads[other]
            if name in seen:
                told = f"'{name}' hangs on itself: an outcome is made of answers"
                self.work.problem(("outcomes", name, "when"), told, "endless-outcome")


def _guards_of(step: Step) -> Iterator[Guard]:
    if step.when is not None:
        yield step.when
    for branch in step.next:
        if branch.guard is not None:
            yield branch.guard
