"""Bringing a running session along to another revision of its flow: all of it, or not at all.

Positions are names of steps, never numbers. Whatever the session stands at and holds has its place in the new
revision, or the session stays where it is and this says why. Nobody gets to read more by it: values keep their
class, their owner and their grants. What was agreed to stays agreed: a yes that was given, and an answer that was
given after being told how it steers, hold for the very words they were given to.
"""

from collections.abc import Collection, Mapping, Set
from dataclasses import replace

from bot.engine.crossing import Crossing, Halt, Reason, Stays, calls_in, plan_for
from bot.engine.model import READ_BY_ALL, Flow, Keep, Stage
from bot.engine.session import Frame, ItemGrant, Lane, Session, key_parts, value_key


def stays_anyway(old: Flow, new: Flow | None) -> Stays | None:
    """Return why no session of ``old`` can come along, whatever it holds; None when it depends on the session."""
    if new is None:
        return Stays(reason=Reason.FLOW_GONE, flow=old.id)
    try:
        for flow in (old, *old.calls.values()):
            if flow.id == new.id or flow.id in new.calls:
                plan_for(flow, new.named(flow.id))
    except Halt as halt:
        return halt.why
    return None


def bring_along(session: Session, old: Flow, new: Flow | None, on_their_way: Collection[str] = ()) -> Session | Stays:
    """Return the session on the new revision, or why it stays on the old one.

    ``on_their_way`` are the values that messages show which are not sent, or not opened, yet.
    """
    stays = stays_anyway(old, new)
    if stays is not None or new is None:
        return stays or Stays(reason=Reason.FLOW_GONE, flow=old.id)
    try:
        return _brought(session, old, new, on_their_way)
    except Halt as halt:
        return halt.why


def _brought(session: Session, old: Flow, new: Flow, on_their_way: Collection[str]) -> Session:
    crossings: dict[str, Crossing] = {}
    for frame in session.frames:
        if frame.flow != new.id and frame.flow not in new.calls:
            raise Halt(Reason.FLOW_GONE, frame.flow)
        crossings[str(frame.no)] = Crossing(old.named(frame.flow), new.named(frame.flow))
    for frame in session.frames:
        _hold_to_the_terms(crossings[str(frame.no)], frame, session)
    moved = _keys(session, crossings | _returned(session, old, new))
    for key in on_their_way:
        if moved.get(key, key) != key:
            number, name, _, _ = key_parts(key)
            raise crossings[number].halt(Reason.ON_ITS_WAY, name)
    values = {target: session.values[key] for key, target in moved.items() if target is not None}
    for frame in session.frames:
        held = {slot for number, slot, _, _ in map(key_parts, values) if number == str(frame.no)}
        _hold_to_what_was_told(crossings[str(frame.no)], held)
        _hold_to_what_was_kept(crossings[str(frame.no)], held)
    return replace(
        session,
        revision=new.revision,
        frames=tuple(_frame(crossings[str(frame.no)], frame) for frame in session.frames),
        values=values,
        grants=_grants(session.grants, moved, crossings),
        answered=tuple(replace(a, key=target) for a in session.answered if (target := moved.get(a.key)) is not None),
    )


# What is held


def _returned(session: Session, old: Flow, new: Flow) -> dict[str, Crossing]:
    """The crossings of called flows that have returned: what somebody wrote there is still theirs."""
    found: dict[str, Crossing] = {}
    written = {key_parts(key)[0] for key in session.values}
    for number, flow in session.returned.items():
        if number in written and flow not in new.calls and flow != new.id:
            raise Halt(Reason.FLOW_GONE, flow)
        if number in written:
            found[number] = Crossing(old.named(flow), new.named(flow))
    return found


def _keys(session: Session, crossings: Mapping[str, Crossing]) -> dict[str, str | None]:
    """Each value's address with its new one."""
    found: dict[str, str | None] = {}
    for key, value in session.values.items():
        number, name, owner, item = key_parts(key)
        crossing = crossings.get(number)
        slot = crossing.slot(name, value.data) if crossing is not None else name
        target = value_key(int(number), slot, owner, item) if slot is not None else None
        if crossing is not None and target is not None and target in found.values():
            raise crossing.halt(Reason.SLOT_OTHER, name)
        found[key] = target
    return found


def _grants(
    grants: tuple[ItemGrant, ...], moved: Mapping[str, str | None], crossings: Mapping[str, Crossing]
) -> tuple[ItemGrant, ...]:
    """A grant's seal is bound to the address of its item, so what was granted keeps its name."""
    for grant in grants:
        if not grant.revoked and moved.get(grant.item, grant.item) != grant.item:
            number, name, _, _ = key_parts(grant.item)
            raise crossings[number].halt(Reason.GRANTED, name)
    return tuple(grant for grant in grants if moved.get(grant.item, grant.item) == grant.item)


def _hold_to_the_terms(crossing: Crossing, frame: Frame, session: Session) -> None:
    """Whoever was asked for a yes was asked in words that the new revision still has."""
    for step in crossing.other_terms():
        if frame.visits.get(crossing.stage_of(step), 0):
            raise crossing.halt(Reason.TERMS, step)
    running = {one.flow for one in session.frames}
    for call in calls_in(crossing.old):
        here, there = crossing.old.calls.get(call.flow), crossing.new.calls.get(call.flow)
        through = frame.visits.get(call.id, 0) - (call.flow in running)
        if through > 0 and here is not None and there is not None and any(Crossing(here, there).other_terms()):
            raise crossing.halt(Reason.TERMS, call.id)


def _hold_to_what_was_told(crossing: Crossing, held: Set[str]) -> None:
    """What people answered in private steers what others see only in the way that they were told beforehand."""
    for name, outcome in crossing.new.outcomes.items():
        told = f"outcomes.{name}"
        own = _own(crossing.new, outcome.reads) & held
        other = crossing.old.terms.get(told) != crossing.new.terms.get(told)
        # An answer that was given under another name was given to another question.
        if own and (other or own & crossing.renamed_slots()):
            raise crossing.halt(Reason.TOLD, name)


def _hold_to_what_was_kept(crossing: Crossing, held: Set[str]) -> None:
    """Nothing that was answered is kept beyond the session otherwise than it would have been."""
    new, before = crossing.new, set(crossing.old.terms.values())
    for step in new.steps.values():
        if isinstance(step, Keep):
            other = new.terms.get(f"keeps.{step.id}", "") not in before
            sources = [source for _, source in step.fields]
            read = {slot for source in sources for slot in _behind(new, source)}
            own = _own(new, read) & held
            if own and (other or own & crossing.renamed_slots()):
                raise crossing.halt(Reason.KEPT, step.id)


def _behind(flow: Flow, name: str) -> Set[str]:
    """The slots behind a slot, an outcome or the item of a loop."""
    source = flow.loops.get(name, name)
    return flow.outcomes[source].reads if source in flow.outcomes else {source}


def _own(flow: Flow, names: Set[str]) -> Set[str]:
    """Those of these slots that not everybody can read anyway."""
    return {name for name in names if name in flow.slots and flow.slots[name].cls not in READ_BY_ALL}


# Where it stands


def _frame(crossing: Crossing, frame: Frame) -> Frame:
    visits: dict[str, int] = {}
    for step, count in frame.visits.items():
        # Of a step that is gone nothing in the new revision can ask how often it was visited.
        name = crossing.renamed(step)
        visits[name] = visits.get(name, 0) + count
    stage = crossing.stage(frame.stage) if frame.stage is not None else None
    timeless = isinstance(stage, Stage) and stage.within is None and stage.until is None
    return replace(
        frame,
        stage=stage.id if stage is not None else None,
        # A deadline that the new stage does not have would lead on as if everybody had answered.
        due=None if timeless else frame.due,
        said=None if timeless else frame.said,
        lanes={key: _lane(crossing, lane) for key, lane in frame.lanes.items()},
        visits=visits,
        done={crossing.renamed(step): lanes for step, lanes in frame.done.items()},
        trail=tuple(_stage_behind(crossing, name) for name in frame.trail),
        back_to=_stage_behind(crossing, frame.back_to) if frame.back_to is not None else None,
    )


def _stage_behind(crossing: Crossing, name: str) -> str:
    return crossing.stage(name).id


def _lane(crossing: Crossing, lane: Lane) -> Lane:
    return replace(
        lane,
        step=crossing.standing(lane.step, lane.role) if lane.step is not None else None,
        trail=tuple(crossing.lane_step(name, lane.role) for name in lane.trail),
        back_to=crossing.lane_step(lane.back_to, lane.role) if lane.back_to is not None else None,
    )
