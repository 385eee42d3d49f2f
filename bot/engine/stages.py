"""Stages: entering and leaving them, joining their lanes, keeping their deadlines, calls and returns."""

from bot.engine.drafts import drafts_of, keep_held
from bot.engine.effects import (
    IN_ROOM,
    DraftsKept,
    PromptFence,
    Retire,
    ThawOthers,
)
from bot.engine.faults import FlowBroken
from bot.engine.granting import end_withdrawn, take_all_back, take_back
from bot.engine.keeping import keep
from bot.engine.lanes import LONGEST_TRAIL, keep_done, lasting, missing, next_step, open_lane
from bot.engine.model import (
    Ask,
    Call,
    End,
    Hold,
    Keep,
    LaneScript,
    Reveal,
    Review,
    Say,
    Stage,
    Step,
)
from bot.engine.move import Move
from bot.engine.performing import perform
from bot.engine.prompts import prompt_for
from bot.engine.scope import TurnScope, holds
from bot.engine.session import Frame, LaneStatus, value_key
from bot.engine.showing import reveal
from bot.engine.watching import Way


def go(move: Move, target: str | None) -> None:
    """Run top-level steps from ``target`` until a stage waits or the session ends."""
    while target is not None and not move.session.ended:
        step = move.step(target)
        if step.when is not None and not step.when.holds(TurnScope(move, None, reader=_seen_by(move, step))):
            move.took(step.id, Way.PASSED_OVER)
            target = step.following
            continue
        move.took(step.id, Way.ENTERED)
        if isinstance(step, Stage):
            enter(move, step)
            if not _joined(move, step):
                return
            target = leave(move, step)
        elif isinstance(step, End):
            if step.drafts_kept:
                take_all_back(move)
            target = _end_frame(move)
        else:
            target = _pass(move, step)
    if not move.session.ended and move.frame.stage is None:
        _end_frame_and_go(move)


def _seen_by(move: Move, step: Step) -> str | None:
    """The only person who is shown a step at the top of a flow; None when there are more of them, or nobody."""
    match step:
        case Stage():
            people = tuple(dict.fromkeys(person for one in step.lanes for person in move.holders(one.role)))
        case Say() if step.to in move.flow.roles:
            people = move.holders(step.to)
        case _:
            people = ()
    return people[0] if len(people) == 1 else None


def settle(move: Move) -> None:
    """After an event: follow a jump, or go on when the stage's lanes join; keep its deadline up to date."""
    while not move.session.ended:
        stage = current_stage(move)
        if move.jump is not None:
            target, move.jump = move.jump, None
            _clear(move, stage)
            if move.alone is None:
                move.session.answered = ()
            go(move, move.flow.lane_of.get(target, target))
            continue
        if _given_up_alone(move):
            finish(move)
            return
        if stage is None or not _joined(move, stage):
            _refresh_deadline(move, stage)
            return
        go(move, leave(move, stage))


def _given_up_alone(move: Move) -> bool:
    """Whether the only person there is has closed their lane: nobody else can tell, so nothing has to wait."""
    if len(move.lanes) != 1:
        return False
    (lane,) = move.lanes.values()
    return lane.status is LaneStatus.CLOSED and move.all_alone == lane.person


def current_stage(move: Move) -> Stage | None:
    """Return the stage that the running frame stands in."""
    if move.frame.stage is None:
        return None
    step = move.flow.steps.get(move.frame.stage)
    if isinstance(step, Stage):
        return step
    message = f"flow '{move.flow.id}' has no stage '{move.frame.stage}'"
    raise FlowBroken(message)


def enter(move: Move, stage: Stage) -> None:
    """Enter a stage: note its visit, open its lanes, set its deadline."""
    frame = move.frame
    visits = dict(frame.visits)
    visits[stage.name] = visits.get(stage.name, 0) + 1
    frame.stage, frame.entry, frame.due, frame.visits = stage.id, move.session.next_entry(), None, visits
    frame.said = None
    move.lanes = {}
    move.hidden = {}
    done = frame.done.get(stage.name, ()) if stage.only_missing else ()
    for script in stage.lanes:
        for person in move.members(script.role):
            if done and f"{script.role}:{person}" in done:
                keep_done(move, script.role, person)
            elif holds(move, script.when, person):
                open_lane(move, script.role, person, script.first)
            else:
                move.took(stage.id, Way.LEFT_OUT, script.role)
        _show_in_room(move, script)
    _refresh_deadline(move, stage)


def join_late(move: Move, role: str, person: str) -> None:
    """Open the lane of somebody who took a role while its stage is running."""
    stage = current_stage(move)
    for script in stage.lanes if stage is not None else ():
        fits = holds(move, script.when, person)
        if script.role == role and fits and f"{role}:{person}" not in move.lanes:
            open_lane(move, role, person, script.first)


def _show_in_room(move: Move, script: LaneScript) -> None:
    """A question in the room stands there once; its buttons work for everyone who has the role, or takes it."""
    step = move.flow.steps[script.first]
    if not isinstance(step, Ask) or not step.in_room:
        return
    lane = next((one for one in move.lanes.values() if one.role == script.role), None)
    if lane is None or lane.step != script.first:
        return
    prompt = prompt_for(move, lane)
    if prompt.room:
        move.send(IN_ROOM, prompt.paragraphs, offer=prompt.offer)


def _joined(move: Move, stage: Stage) -> bool:
    if stage.join_when is not None:
        return holds(move, stage.join_when, None)
    if not stage.lanes:
        return False
    if stage.join is not None:
        return sum(lane.status is LaneStatus.DONE for lane in move.lanes.values()) >= stage.join
    for lane in move.lanes.values():
        if lane.status is not LaneStatus.DONE:
            return False
    return not any(_never_done(move, script) for script in stage.lanes)


def _never_done(move: Move, script: LaneScript) -> bool:
    """Whether a role of the stage is vacant, or somebody of it has left: then not everybody can be done."""
    holders = move.frame.roles.get(script.role, ())
    if not holders:
        return move.flow.roles[script.role].joins
    if not move.session.gone:
        return False
    gone = [person for person in holders if person in move.session.gone]
    # Where no lane would have opened, leaving holds nothing up.
    return any(f"{script.role}:{person}" in move.lanes or holds(move, script.when, person) for person in gone)


def leave(move: Move, stage: Stage) -> str | None:
    """Leave a stage whose lanes have joined, and return where it leads."""
    only = next(iter(move.lanes.values())) if len(move.lanes) == 1 else None
    if only is not None and move.alone != only.person:
        only = None
    barrier = only is None or not _can_be_gone_through_again(move, stage)
    trail = () if barrier else (*move.frame.trail, stage.id)[-LONGEST_TRAIL:]
    target = _way_on(move, stage, only.person if only else None)
    _clear(move, stage)
    move.frame.trail = trail
    if barrier:
        move.session.answered = ()
    return target


def _way_on(move: Move, stage: Stage, person: str | None) -> str | None:
    """Where a stage leads that is through: back to the one that asked for a change, else on."""
    back_to = move.frame.back_to
    if back_to is None or back_to == stage.id:
        return next_step(move, stage, person, reader=person)
    move.frame.back_to = None
    return back_to


def _can_be_gone_through_again(move: Move, stage: Stage) -> bool:
    first = move.flow.steps[stage.lanes[0].first]
    inside = move.flow.steps.items() if first.following is not None or first.next else ()
    lasts = (stage.id in move.flow.around(name) and lasting(move, step, move.alone) for name, step in inside)
    return isinstance(first, Ask | Review) and not any(lasts)


def expire(move: Move, stage: Stage) -> None:
    """The stage's deadline came."""
    move.took(stage.id, Way.EXPIRED)
    lapse(move, stage)
    _clear(move, stage)
    move.frame.trail, move.frame.back_to, move.session.answered = (), None, ()
    go(move, stage.expired if stage.expired is not None else next_step(move, stage, None))


def lapse(move: Move, stage: Stage | None) -> None:
    """End the grants given by answering in a stage that did not go on: the words are their author's again."""
    for name, step in move.flow.steps.items() if stage is not None else ():
        if isinstance(step, Ask) and step.shown_to is not None and _stands_in(move, name, stage):
            for person in move.everyone():
                take_back(move, person, move.flow.slots[step.save])


def _stands_in(move: Move, name: str, stage: Stage | None) -> bool:
    return stage is not None and stage.id in move.flow.around(name)


def back(move: Move) -> bool:
    """Return to the stage before, when the way there was one person's alone; False when there is none."""
    if not move.frame.trail:
        return False
    *rest, previous = move.frame.trail
    _clear(move, current_stage(move))
    move.frame.trail, move.frame.back_to = tuple(rest), None
    go(move, previous)
    return True


def _clear(move: Move, stage: Stage | None) -> None:
    """Close the stage's open questions, so that no old button answers a later one."""
    for lane in move.lanes.values():
        if lane.status is LaneStatus.WAITING and lane.step is not None:
            move.effects.append(Retire(fence=PromptFence(lane=lane.key, entry=lane.entry)))
            keep_held(move, lane)
    if stage is not None and stage.only_missing:
        done = tuple(sorted(key for key, lane in move.lanes.items() if lane.status is LaneStatus.DONE))
        move.frame.done = {**move.frame.done, stage.name: done}
    for script in stage.lanes if stage is not None else ():
        move.effects.append(Retire(fence=PromptFence(lane=f"{script.role}:", entry=move.frame.entry)))
    end_withdrawn(move)
    move.lanes = {}
    move.hidden = {}
    move.frame.stage = move.frame.due = None


def _refresh_deadline(move: Move, stage: Stage | None) -> None:
    if stage is None:
        return
    if stage.until is not None:
        due = stage.until.evaluate(TurnScope(move, None))
        if isinstance(due, int) and due != move.frame.said:
            move.frame.due = move.frame.said = due
    elif stage.within is not None and move.frame.due is None:
        move.frame.due = move.now + stage.within


def _pass(move: Move, step: Step) -> str | None:
    """Carry out a step that does not wait, and return where it leads."""
    if move.frame.trail and lasting(move, step, move.alone):
        move.frame.trail = ()
    if isinstance(step, Call):
        return _call(move, step)
    if isinstance(step, Reveal):
        shown = reveal(move, step)
        return missing(move, step) if step.missing is not None and not shown else next_step(move, step, None)
    if isinstance(step, Keep):
        kept = keep(move, step, move.alone)
        return missing(move, step) if step.missing is not None and not kept else next_step(move, step, move.alone)
    perform(move, step)
    return next_step(move, step, move.alone)


def _call(move: Move, step: Call) -> str | None:
    callee = move.flow_named(step.flow)
    roles = {role: move.frame.roles.get(mine, ()) for role, mine in step.roles}
    number = move.session.next_entry()
    for theirs, mine in step.give:
        for owner in ("", *move.everyone()):
            value = move.values.get(value_key(move.frame.no, mine, owner))
            if value is not None:
                move.values[value_key(number, theirs, owner)] = value
    move.frame.visits = {**move.frame.visits, step.id: move.frame.visits.get(step.id, 0) + 1}
    move.frame.stage = step.id
    move.push(Frame(no=number, flow=callee.id, roles=roles))
    return callee.first


def _end_frame(move: Move) -> str | None:
    """End the running flow: the session, or back to the step that called it."""
    if len(move.frames) == 1:
        finish(move)
        return None
    done = move.pop()
    call = move.flow.steps[move.frame.stage or ""]
    if not isinstance(call, Call):
        message = f"flow '{move.flow.id}' did not call '{done.flow}'"
        raise FlowBroken(message)
    for mine, theirs in call.returns:
        for owner in ("", *move.everyone()):
            value = move.values.get(value_key(done.no, theirs, owner))
            if value is not None:
                # A new revision, unless it is the same: what was granted before was not this.
                move.write(move.flow.slots[mine], owner, value.data)
    move.lanes = {}
    move.frame.stage = None
    return next_step(move, call, move.alone)


def _end_frame_and_go(move: Move) -> None:
    go(move, _end_frame(move))


def fade(move: Move) -> None:
    """End the session whose time is over, whatever flow it is in; what it says then is its own flow's to say."""
    goodbye = move.root.expired
    if goodbye is not None:
        stage = current_stage(move)
        lapse(move, stage)
        _clear(move, stage)
        while len(move.frames) > 1:
            move.pop()
        move.frame.stage = None
        move.took("", Way.EXPIRED)
        go(move, goodbye)
    if not move.session.ended:
        finish(move)


def dissolve(move: Move) -> None:
    """End the session for everyone, at once: nothing is shown any more, and what each wrote is their draft."""
    move.session.frozen_at = None
    move.session.grants = ()
    holders = (move.frames[0].roles.get(role, ()) for role in move.root.roles)
    for person in dict.fromkeys(person for people in holders for person in people):
        if person not in move.session.gone:
            move.reply(person, "dissolved")
    finish(move)


def finish(move: Move) -> None:
    """End the session: nothing more happens in it, and a freeze that it holds is lifted."""
    lapse(move, current_stage(move))
    _clear(move, None)
    for person in move.everyone():
        if drafts_of(move, person) and not move.member(person).session_only:
            move.effects.append(DraftsKept(person=person))
    if any(isinstance(step, Hold) for step in move.root.steps.values()):
        move.effects.append(ThawOthers())
    move.session.ended = True
