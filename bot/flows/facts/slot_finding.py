"""The facts of one slot, found by what the load checks ask."""

from collections.abc import Iterator

from bot.engine.model import (
    READ_BY_ALL,
    RELEASABLE,
    WRITTEN,
    Ask,
    Assign,
    Call,
    Clear,
    Compose,
    Section,
    Slot,
    SlotClass,
    Step,
)
from bot.flows.audiences import named_in, owners_of, people_of, shown_by
from bot.flows.deciding import Deciding
from bot.flows.facts.beginnings import Flows, begun_at, in_one_session
from bot.flows.facts.leading import at, words
from bot.flows.facts.reaching import hops, reaches, sentences_of
from bot.flows.facts.releasing import releases
from bot.flows.facts.slot_facts import Exposure, From, Question, Reach, SlotFacts, Source, Telling
from bot.flows.facts.step_facts import At
from bot.flows.facts.weighing import decisions, outcomes_behind
from bot.flows.flow_compiler import Compiled
from bot.flows.noticing import Noticing
from bot.flows.releases import may_read


class SlotFinding:
    """Finds the facts of one flow's slots."""

    def __init__(self, flows: Flows, compiled: Compiled) -> None:
        self.flows = flows
        self.compiled = compiled
        self.flow = compiled.flow
        self.noticing = Noticing(compiled)
        self.deciding = Deciding(compiled)

    def _at(self, step: str) -> At:
        return at(self.compiled, step)

    def facts(self, slot: Slot) -> SlotFacts:
        """Return what is to be said of a slot."""
        reached = reaches(self.flows, self.flow.id, slot.name)
        outcomes = outcomes_behind(self.compiled, self.deciding, slot.name)
        return SlotFacts(
            name=slot.name,
            line=self.compiled.source.mark(("slots", slot.name), key=True).line,
            label=words(self.compiled, f"slots.{slot.name}.name"),
            type=slot.type,
            cls=slot.cls,
            of=slot.of,
            owners=tuple(owners_of(self.compiled, slot)),
            signed=slot.signed,
            exposure=self._exposure(slot, reached, outcomes),
            questions=tuple(self._questions(slot)),
            sources=tuple(self._sources(slot)),
            releases=releases(self.compiled, slot.name),
            tellings=tuple(self._tellings(slot)),
            reaches=reached,
            decisions=decisions(self.compiled, self.noticing, self.deciding, slot),
            outcomes=outcomes,
            hops=hops(self.flows, self.flow.id, slot.name),
            sentences_of=sentences_of(self.compiled, slot.name),
            forgotten_at=tuple(self._at(name) for name, step in self.flow.steps.items() if _forgets(step, slot.name)),
            draft=slot.cls in RELEASABLE and slot.type in WRITTEN,
            beside_drafts=slot.cls is SlotClass.PRIVATE and slot.type in WRITTEN and self._has_drafts(),
        )

    def _has_drafts(self) -> bool:
        """Whether there can be drafts in a session that this flow is a part of."""
        near = in_one_session(self.flows, self.flow.id)
        return any(slot.cls in RELEASABLE for name in near for slot in self.flows[name].flow.slots.values())

    def _questions(self, slot: Slot) -> Iterator[Question]:
        for step in self.flow.steps.values():
            if isinstance(step, Ask) and step.save == slot.name:
                yield Question(
                    at=self._at(step.id),
                    of=self.compiled.places[step.id].lane or "",
                    words=words(self.compiled, f"{step.id}.ask"),
                    in_room=step.in_room,
                    may_skip=step.optional or min(step.least) == 0,
                    hidden=any(isinstance(self.flow.steps[name], Section) for name in self.flow.around(step.id)),
                )

    def _sources(self, slot: Slot) -> Iterator[Source]:
        for step in self.flow.steps.values():
            match step:
                case Assign():
                    set_to = (value.source for name, value in step.values if name == slot.name)
                    yield from (Source(by=From.SET, at=self._at(step.id), what=what) for what in set_to)
                case Compose() if step.slot == slot.name:
                    yield Source(by=From.BUILT, at=self._at(step.id), what="")
                case Call() if slot.name in dict(step.returns):
                    yield Source(by=From.RETURNED, at=self._at(step.id), what=step.flow)
                case _:
                    pass
        if slot.recalls is not None:
            yield Source(by=From.RECORD, at=None, what=".".join(slot.recalls))
        if slot.given:
            yield from self._given(slot)

    def _given(self, slot: Slot) -> Iterator[Source]:
        trigger = self.flow.trigger
        found = [
            Source(by=From.STARTED, at=at(one, step.id), what=one.flow.id)
            for one, step in begun_at(self.flows, self.flow.id)
            if slot.name in dict(step.give)
        ]
        if trigger is not None and trigger.argument == slot.name:
            found.append(Source(by=From.ARGUMENT, at=None, what=trigger.command or ""))
        if not found and slot.recalls is None:
            found.append(Source(by=From.PROGRAM, at=None, what=""))
        yield from found

    def _tellings(self, slot: Slot) -> Iterator[Telling]:
        readers = may_read(self.compiled, slot)
        for step in self.flow.steps.values():
            for name in sorted(named_in(self.compiled, step)):
                shown = (one for one in shown_by(self.compiled, step, name) if one.slot == slot.name)
                told = {(one.owner, one.reader) for one in shown}
                pairs = tuple(sorted(told if slot.cls in READ_BY_ALL else told & readers))
                if pairs:
                    yield Telling(at=self._at(step.id), pairs=pairs, named=name)

    def _exposure(self, slot: Slot, reached: tuple[Reach, ...], outcomes: tuple[str, ...]) -> Exposure:
        several = len(people_of(self.flow)) > 1 or any(role.many for role in self.flow.roles.values())
        if slot.cls is SlotClass.EPHEMERAL:
            return Exposure.NEVER_KEPT
        if slot.cls in READ_BY_ALL:
            return Exposure.EVERYBODY if several else Exposure.AUTHOR
        if reached:
            return Exposure.RELEASED
        return Exposure.COUNTED if outcomes else Exposure.AUTHOR


def _forgets(step: Step, slot: str) -> bool:
    return isinstance(step, Clear) and slot in step.slots
