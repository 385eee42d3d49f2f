"""What still matters of a session, from where it stands: the answers that a later step could read.

Two sessions that differ in nothing else go on alike. So an answer that nothing reads any more is left out of what
tells them apart, and of one that is only shown, or granted, it counts that it is there.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.engine.guards import Guard
from bot.engine.model import (
    READ_BY_ALL,
    Ask,
    Assign,
    Call,
    Clear,
    Compose,
    Each,
    End,
    Flow,
    Grant,
    Keep,
    Lasts,
    Reveal,
    Review,
    Section,
    Slot,
    SlotType,
    Stage,
    Start,
    Step,
)
from bot.engine.several import SKIP
from bot.flows.reading import slots_behind, stage_guards, ways_of
from bot.flows.ways import goes_on, leads_to, reached, writes


@dataclass(frozen=True, slots=True)
class Live:
    """The slots whose values matter, those of which it matters whether they are there, and the visits counted."""

    values: frozenset[str]
    present: frozenset[str]
    granted: frozenset[str]
    """Those that are only revealed or kept: without a grant they could as well not be there."""
    visits: frozenset[str]
    options: Mapping[str, frozenset[str]]
    """Of several choices that are only asked about any more: those that are asked for by name."""
    outcomes: tuple[str, ...]
    """Those that are settled: of what they weigh nothing changes any more, so that what they come to is enough."""


QUOTED = re.compile(r"'([^']*)'|\"([^\"]*)\"")
"""What an expression names."""

_ITEM = re.compile(r"\bitem\b|\bsize\(")
_PLAIN = frozenset(SlotType) - {SlotType.CHOICES, SlotType.LIST, SlotType.TEXT}
"""Types of which a new answer takes the place of the old one, and that no grant is of."""

NOTHING = Live(frozenset(), frozenset(), frozenset(), frozenset(), {}, ())


class Liveness:
    """What matters of a flow's sessions, by the stage or the call that they stand in."""

    def __init__(self, flow: Flow, compared: frozenset[str] = frozenset()) -> None:
        """``compared`` are slots of several choices that are compared with others by what was picked."""
        self._flow = flow
        self._compared = compared
        self._known: dict[str, Live] = {}
        self._anew: dict[str, frozenset[str]] = {}

    def at(self, stage: str | None) -> Live:
        """Return what matters where a session stands; nothing when it is over."""
        if stage is None:
            return NOTHING
        if stage not in self._known:
            self._known[stage] = self._from([stage], [])
        return self._known[stage]

    def after(self, stage: Stage) -> Live:
        """Return what matters of what was answered in a stage, once its lanes have joined."""
        name = f"{stage.id}:after"
        if name not in self._known:
            leading = [branch.guard for branch in stage.next if branch.guard is not None]
            self._known[name] = self._from(goes_on(stage), leading, settle=False)
        return self._known[name]

    def given_up(self, stage: Stage) -> Live:
        """Return what matters of the answers of somebody who will never be done with the stage."""
        name = f"{stage.id}:given up"
        if name not in self._known:
            leading = [branch.guard for branch in stage.next if branch.guard is not None]
            leading += [guard for guard in (stage.join_when, stage.until) if guard is not None]
            on = [stage.expired] if stage.expired is not None and stage.join is None else goes_on(stage)
            self._known[name] = self._from(on, leading if stage.expired is None or stage.join_when else [])
        return self._known[name]

    def overwritten(self, stage: Stage, step: str) -> frozenset[str]:
        """Return the slots that somebody at that step of a lane answers anew before anything reads them."""
        name = f"{stage.id}:{step}"
        if name not in self._anew:
            self._anew[name] = self._answered_anew(stage, step)
        return self._anew[name]

    def _answered_anew(self, stage: Stage, step: str) -> frozenset[str]:
        flow = self._flow
        inside = [one for name, one in flow.steps.items() if stage.id in flow.around(name)]
        if flow.lane_of.get(step) != stage.id:
            return frozenset()
        read = {name for one in (*inside, stage) for guard in guards_of(one) for name in guard.reads}
        read = slots_behind(flow, read.union(*(_valued(flow, one) | _named(flow, one) for one in inside)))
        read |= self.given_up(stage).values | self.given_up(stage).present
        lane = {one.id for one in inside if flow.lane_of.get(one.id) == stage.id}
        found: set[str] = set()
        for ask in inside:
            if not isinstance(ask, Ask) or ask.save in read or not _is_plain(flow.slots[ask.save]):
                continue
            past = reached(flow, [step], lambda one, slot=ask.save: _in_lane(flow, one, lane, slot))
            if not any(_may_end(flow.steps[name], lane, ask.save) for name in past):
                found.add(ask.save)
        return frozenset(found)

    def _from(self, starts: list[str], leading: list[Guard], *, settle: bool = True) -> Live:
        """What matters from these steps on, and for the guards that lead to them."""
        flow = self._flow
        starts = [*starts, *([flow.expired] if flow.expired is not None else [])]
        steps = [flow.steps[name] for name in reached(flow, starts, lambda step: leads_to(flow, step))]
        guards = [*leading, *(guard for step in steps if not isinstance(step, Assign) for guard in guards_of(step))]
        assigned = [one for step in steps if isinstance(step, Assign) for one in step.values]
        read = {name for guard in guards for name in guard.reads}.union(*(_valued(flow, step) for step in steps))
        while more := [value for slot, value in assigned if slot in read and not value.reads <= read]:
            read = read.union(*(value.reads for value in more))
        written = {name for step in steps for name in flow.slots if writes(step, name) or _forgets(step, name)}
        outcomes = read & set(flow.outcomes) if settle else set[str]()
        settled = {name for name in outcomes if not slots_behind(flow, [name]) & written}
        weighed = slots_behind(flow, read - settled)
        words = {name for name in weighed if flow.slots[name].type is SlotType.TEXT}
        shown = {name for step in steps for name in _shown(flow, step)} & set(flow.slots)
        guards += [guard for name in read & set(flow.outcomes) for guard in flow.outcomes[name].guards]
        guards += [value for slot, value in assigned if slot in read]
        counted = {name for guard in guards for name in guard.counts}
        counted |= {step.name for step in steps if isinstance(step, Stage) and _counts(flow, step)}
        weighed -= {name for name in weighed if self._is_forgotten(name, starts, leading)}
        values = weighed - words
        released = {name for step in steps for name in _released(step)} & set(flow.slots)
        return Live(
            frozenset(values),
            frozenset((shown | words) - values),
            frozenset(released - shown - words - values),
            frozenset(counted),
            self._by_name(values, starts, leading),
            tuple(sorted(settled)),
        )

    def _until_forgotten(self, slot: str, starts: list[str]) -> list[Step]:
        """The steps that can be come to before the slot is cleared."""
        flow = self._flow
        kept = reached(flow, starts, lambda step: () if _forgets(step, slot) else leads_to(flow, step))
        return [flow.steps[name] for name in kept]

    def _is_forgotten(self, slot: str, starts: list[str], leading: list[Guard]) -> bool:
        """Whether the slot is cleared on every way to a step that reads it."""
        if not any(_forgets(step, slot) for step in self._flow.steps.values()):
            return False
        steps = self._until_forgotten(slot, starts)
        guards = [*leading, *(guard for step in steps for guard in guards_of(step))]
        read = {name for guard in guards for name in guard.reads}
        return slot not in slots_behind(self._flow, read.union(*(_valued(self._flow, step) for step in steps)))

    def _by_name(self, values: set[str], starts: list[str], leading: list[Guard]) -> dict[str, frozenset[str]]:
        """Of slots of several choices: those choices that an expression names, if it does no more with them."""
        found: dict[str, frozenset[str]] = {}
        for slot in values:
            if self._flow.slots[slot].type is not SlotType.CHOICES:
                continue
            steps = self._until_forgotten(slot, starts)
            guards = [*leading, *(guard for step in steps for guard in guards_of(step))]
            outcomes = [
                self._flow.outcomes[name] for guard in guards for name in guard.reads & set(self._flow.outcomes)
            ]
            guards += [guard for outcome in outcomes for guard in outcome.guards]
            sources = [guard.source for guard in guards if slot in guard.reads]
            weighed = slot in self._compared or any(_ITEM.search(source) for source in sources)
            if not weighed and not any(slot in _valued(self._flow, step) for step in steps):
                quoted = (first or second for source in sources for first, second in QUOTED.findall(source))
                found[slot] = frozenset(quoted)
        return found


def guards_of(step: Step) -> Iterator[Guard]:
    """Yield every expression of a step."""
    yield from ways_of(step)
    yield from stage_guards(step)
    match step:
        case Assign():
            yield from (value for _, value in step.values)
        case Compose():
            yield from (part.when for part in step.parts if part.when is not None)
        case Keep():
            yield from (step.until,) if step.until is not None else ()
        case Lasts():
            yield step.until
        case _:
            pass


def _valued(flow: Flow, step: Step) -> set[str]:
    """What a step reads beside its expressions, and does differently by what it is."""
    match step:
        case Ask():
            slot = flow.slots[step.save]
            own = {step.save} if slot.type in {SlotType.CHOICES, SlotType.LIST} else set[str]()
            return own | ({slot.over} if slot.over is not None else set())
        case Each():
            return {step.over}
        case Call():
            return {mine for _, mine in step.give}
        case Section():
            return set(step.results)
        case _:
            return set()


def _shown(flow: Flow, step: Step) -> set[str]:
    """What a step shows to whoever may read it, or asks to grant."""
    if isinstance(step, Reveal | Keep):
        return set()
    own = f"{step.id}."
    names = {name for key, text in flow.texts.items() if key.startswith(own) for name in text.names}
    names = {flow.loops.get(name, name) for name in names}
    match step:
        case Grant():
            names.add(step.item)
        case Review():
            names |= set(step.items)
        case Start():
            names |= {mine for _, mine in step.give}
        case Ask():
            names |= {step.save, *([step.suggest_from] if step.suggest_from is not None else [])}
        case _:
            pass
    return names


def _is_plain(slot: Slot) -> bool:
    return slot.type in _PLAIN and slot.cls not in READ_BY_ALL


def _named(flow: Flow, step: Step) -> set[str]:
    """What a step shows, but for the slot that it asks for."""
    return _shown(flow, step) - ({step.save} if isinstance(step, Ask) else set())


def _in_lane(flow: Flow, step: Step, lane: set[str], slot: str) -> list[str]:
    """Where a step leads within its lane, if it does not itself ask for the slot."""
    if _answers(step, slot):
        return []
    return [name for name in leads_to(flow, step) if name in lane]


def _may_end(step: Step, lane: set[str], slot: str) -> bool:
    """Whether a lane may end, or go somewhere else, after a step that does not ask for the slot."""
    if _answers(step, slot):
        return False
    onward = goes_on(step)
    return isinstance(step, End) or not onward or any(name not in lane for name in onward)


def _answers(step: Step, slot: str) -> bool:
    """Whether nobody gets past a step without answering for the slot."""
    if not isinstance(step, Ask) or step.save != slot or step.when is not None or step.ways:
        return False
    return not step.optional and not any(choice.value == SKIP for choice in step.choices)


def _released(step: Step) -> set[str]:
    """What a step passes on of what was granted."""
    match step:
        case Reveal():
            return set(step.items)
        case Keep():
            return {source for _, source in step.fields}
        case _:
            return set()


def _forgets(step: Step, slot: str) -> bool:
    return isinstance(step, Clear) and slot in step.slots


def _counts(flow: Flow, stage: Stage) -> bool:
    """Whether a list is asked for in the stage of which later visits want more or fewer items."""
    inside = (step for name, step in flow.steps.items() if stage.id in flow.around(name))
    return any(isinstance(step, Ask) and step.least[0] != step.least[1] for step in inside)
