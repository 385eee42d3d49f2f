"""Decisions: passing or refusing a gate, confirming a review, granting or keeping private."""

from dataclasses import replace

from bot.engine.asking import go_on
from bot.engine.binding import bind
from bot.engine.effects import Act, Choice
from bot.engine.granting import grant
from bot.engine.lanes import close, retire, show, wait_at, walk
from bot.engine.model import Gate, Grant, Review, Stage
from bot.engine.move import Move
from bot.engine.prompts import CHANGE, KEEP, KINDLY, LATER, NEVER, OK, PHASE_WHICH, SHARE, YES
from bot.engine.session import Lane

NEVER_ASK = "never_ask"
"""The host action of a refusal that is meant for good."""


def pass_or_refuse(move: Move, lane: Lane, step: Gate, chosen: Choice) -> None:
    """Carry out what was chosen at a gate."""
    retire(move, lane, chosen.label)
    if chosen.value == YES:
        # What lies before a passed gate cannot be undone; the yes itself can, until the others have answered.
        move.lanes[lane.key] = lane = replace(lane, trail=())
        go_on(move, lane, step)
    elif chosen.value == LATER:
        move.reply(lane.person, "gate.later")
    elif chosen.value == KINDLY:
        close(move, lane)
        move.jump = step.told
    else:
        refuse(move, lane, step)
        if chosen.value == NEVER:
            move.effects.append(Act(action=NEVER_ASK, roles={"refuser": (lane.person,)}, values={}))


def refuse(move: Move, lane: Lane, step: Gate) -> None:
    """Close the refuser's lane with a private word; for everyone else the stage stays open."""
    close(move, lane)
    if step.refused is not None:
        move.send(lane.person, [bind(move, step.refused, lane.person, lane.item)])
    else:
        move.reply(lane.person, "gate.refused")


def review(move: Move, lane: Lane, step: Review, chosen: Choice) -> None:
    """Carry out what was chosen at a review."""
    if lane.phase != PHASE_WHICH and chosen.value == OK:
        retire(move, lane, chosen.label)
        go_on(move, lane, step)
        return
    retire(move, lane, chosen.label)
    if lane.phase != PHASE_WHICH:
        lane = replace(lane, phase=PHASE_WHICH, entry=move.session.next_entry())
        move.lanes[lane.key] = lane
        show(move, lane)
        return
    change(move, lane, move.flow.asks[chosen.value], step.id)


def change(move: Move, lane: Lane, ask: str, back_to: str) -> None:
    """Ask a step again and come back: inside the lane if it stands there, else by way of its stage.

    A section that does not hold both is gone through anew. Nobody else is thrown out of a stage: where
    others have a part in either of the two, what was asked about is only shown once more.
    """
    here, there = move.flow.around(back_to), move.flow.around(ask)
    if here[-1] == there[-1]:
        move.lanes[lane.key] = lane = replace(lane, back_to=back_to, phase="")
        walk(move, lane, next(step for step in (ask, *there) if move.flow.lane_of[step] in here))
    elif all(_of_one(move, lane.person, stage) for stage in (here[-1], there[-1])):
        move.frame.back_to = here[-1]
        move.jump = there[-1]
    else:
        wait_at(move, lane, move.flow.steps[back_to])


def _of_one(move: Move, person: str, name: str) -> bool:
    """Whether a stage is one person's alone, those who have left it included."""
    stage = move.flow.steps[name]
    scripts = stage.lanes if isinstance(stage, Stage) else ()
    return {one for script in scripts for one in move.frame.roles.get(script.role, ())} == {person}


def grant_or_keep(move: Move, lane: Lane, step: Grant, chosen: Choice) -> None:
    """Carry out what was chosen when consent was asked for."""
    retire(move, lane, chosen.label)
    if chosen.value == CHANGE and step.change is not None:
        change(move, lane, step.change, step.id)
        return
    if chosen.value == KEEP:
        _kept(move, lane, step)
        return
    if chosen.value == SHARE:
        grant(move, lane.person, move.flow.slots[step.item], step.to)
        move.session.answered = ()
    # Behind a grant nothing is undone; the grant itself can be, until it is revealed.
    move.lanes[lane.key] = lane = replace(lane, trail=())
    go_on(move, lane, step)


def _kept(move: Move, lane: Lane, step: Grant) -> None:
    if step.closes:
        close(move, lane)
        move.reply(lane.person, "kept.private")
    elif step.kept is None:
        go_on(move, lane, step)
    elif move.flow.lane_of.get(step.kept) == move.frame.stage:
        walk(move, lane, step.kept)
    else:
        move.jump = step.kept
