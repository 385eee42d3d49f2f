"""From a compiled flow, and those around it, to its facts. Everything is asked of what the load checks ask."""

from collections.abc import Iterator

from bot.engine.model import (
    AUTHOR,
    PARTNER,
    READ_BY_ACTIONS,
    Ask,
    Call,
    Do,
    Gate,
    Hold,
    Keep,
    Reveal,
    Say,
    Start,
)
from bot.flows.audiences import is_outward, named_in, told_by
from bot.flows.checks import ACTION_WORDS
from bot.flows.facts.beginnings import Flows, begun_at
from bot.flows.facts.flow_facts import Doing, FlowFacts, KeepFacts, LinkFacts
from bot.flows.facts.leading import at, gates_of, led, said, stages_of
from bot.flows.facts.slot_finding import SlotFinding
from bot.flows.facts.step_facts import At, Said
from bot.flows.facts.weighing import outcomes_of
from bot.flows.flow_compiler import Compiled
from bot.flows.record_kinds import NO_RECORDS, Records
from bot.flows.releases import may_read

FREEZES = "Everything else that is open between these people rests."
THAWS = "That rest is over."
"""What a freeze and its end come to."""


def facts_of(flows: Flows, name: str, records: Records = NO_RECORDS) -> FlowFacts:
    """Return the facts of a flow; ``flows`` are all that it may start, call or be begun by. Raises KeyError."""
    return _Finding(flows, flows[name], records).facts()


class _Finding:
    def __init__(self, flows: Flows, compiled: Compiled, records: Records) -> None:
        self.flows = flows
        self.compiled = compiled
        self.flow = compiled.flow
        self.records = records

    def facts(self) -> FlowFacts:
        flow, trigger = self.flow, self.flow.trigger
        slots = SlotFinding(self.flows, self.compiled)
        return FlowFacts(
            flow=flow.id,
            path=self.compiled.source.path,
            version=flow.version,
            title=flow.title,
            about=flow.about,
            roles={role.name: role.many for role in flow.roles.values()},
            joins=tuple(role.name for role in flow.roles.values() if role.joins),
            partner=flow.with_pair,
            command=trigger.command or "" if trigger is not None else "",
            signal=trigger.signal or "" if trigger is not None else "",
            take_back=flow.take_back or "",
            started_by=tuple(self._started_by()),
            reviews=flow.reviews,
            lifetime=flow.lifetime,
            shown_at_once=flow.signal,
            goodbye=led(self.compiled, flow.expired) if flow.expired is not None else None,
            slots=tuple(slots.facts(slot) for slot in flow.slots.values()),
            outcomes=outcomes_of(self.compiled),
            stages=stages_of(self.compiled),
            gates=gates_of(self.compiled),
            keeps=tuple(self._keep(step) for step in flow.steps.values() if isinstance(step, Keep)),
            links=tuple(self._link(step) for step in flow.steps.values() if isinstance(step, Start | Call)),
            doings=tuple(self._doings()),
            says=tuple(
                said(self.compiled, step)
                for name, step in flow.steps.items()
                if isinstance(step, Say) and name not in flow.lane_of
            ),
            named=tuple(self._named()),
            told_meanwhile=tuple(self._told_meanwhile()),
            nudges=tuple(self._at(s.id) for s in flow.steps.values() if isinstance(s, Ask | Say) and s.nudge),
        )

    def _at(self, step: str) -> At:
        return at(self.compiled, step)

    def _started_by(self) -> Iterator[tuple[str, At, bool]]:
        for one, step in begun_at(self.flows, self.flow.id):
            yield one.flow.id, at(one, step.id), isinstance(step, Call)

    def _keep(self, step: Keep) -> KeepFacts:
        kind, texts = self.records.kinds.get(step.kind), self.records.texts
        return KeepFacts(
            at=self._at(step.id),
            kind=step.kind,
            title=texts[f"{step.kind}.title"].source if kind is not None else step.kind,
            pair=step.pair,
            fields=tuple(
                (field, texts[f"{step.kind}.fields.{field}.name"].source if kind is not None else field, source)
                for field, source in step.fields
            ),
            until=step.until.source if step.until is not None else "",
            lasts=step.lasts,
            latest=step.latest,
            command=kind.command or "" if kind is not None else "",
            recalled_by=tuple(
                (one.flow.id, slot.name)
                for one in self.flows.values()
                for slot in one.flow.slots.values()
                if slot.recalls is not None and slot.recalls[0] == step.kind
            ),
        )

    def _link(self, step: Start | Call) -> LinkFacts:
        return LinkFacts(
            at=self._at(step.id),
            flow=step.flow,
            call=isinstance(step, Call),
            roles=step.roles,
            gives=step.give,
            returns=step.returns if isinstance(step, Call) else (),
            lane=self.compiled.places[step.id].lane or "",
        )

    def _doings(self) -> Iterator[Doing]:
        given = tuple(slot.name for slot in self.flow.slots.values() if slot.cls in READ_BY_ACTIONS)
        for step in self.flow.steps.values():
            match step:
                case Do():
                    yield Doing(at=self._at(step.id), told=ACTION_WORDS.get(step.action, step.action), reads=given)
                case Hold(thaw=thaw):
                    yield Doing(at=self._at(step.id), told=THAWS if thaw else FREEZES, reads=())
                case Gate(never=True):
                    told = "On request: the same is not asked of this person again."
                    yield Doing(at=self._at(step.id), told=told, reads=())
                case _:
                    pass

    def _told_meanwhile(self) -> Iterator[Said]:
        for name, step in self.flow.steps.items():
            outward = name in self.flow.lane_of and is_outward(step, self.compiled.places[name].lane)
            if outward and isinstance(step, Say):
                yield said(self.compiled, step)

    def _named(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Whose names are told to whom; an author's is that of whoever wrote what is shown."""
        found: dict[str, set[str]] = {}
        for step in self.flow.steps.values():
            for name in named_in(self.compiled, step):
                if name == AUTHOR and isinstance(step, Reveal):
                    found.setdefault(name, set()).update(self._shown_to(step))
                elif name in {*self.flow.roles, PARTNER}:
                    found.setdefault(name, set()).update(told_by(self.compiled, step))
        for name in (*self.flow.roles, PARTNER, AUTHOR):
            to = sorted(found.get(name, set()) - {name})
            if to:
                yield name, tuple(to)

    def _shown_to(self, reveal: Reveal) -> set[str]:
        """Whom a reveal shows something of somebody else."""
        slots = [self.flow.slots[name] for name in reveal.items]
        allowed = {reader for slot in slots for _, reader in may_read(self.compiled, slot)}
        return set(told_by(self.compiled, reveal)) & allowed
