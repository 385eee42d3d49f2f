"""Signals: stop, not now, back, skip, resume. They are tried before the waiting step and always have an answer."""

from typing import assert_never

from bot.engine.answering import answer_choice
from bot.engine.deciding import refuse
from bot.engine.drafts import drafts_of, words_of
from bot.engine.effects import Choice, DraftsErased, DraftsKept, Parked, PromptFence, Retire
from bot.engine.events import ChoicePicked, Signal, Signalled
from bot.engine.granting import erase, withdraw
from bot.engine.lanes import again, close, retire, return_in, set_right, wait_at
from bot.engine.model import Ask, Gate
from bot.engine.move import Move, Offer, phrase
from bot.engine.prompts import NOT_NOW, prompt_for, waiting_lane
from bot.engine.session import Lane, LaneStatus
from bot.engine.several import SKIP, drop_last
from bot.engine.stages import back, finish
from bot.engine.watching import Way

_DRAFTS = "drafts:"
KEEP, ERASE = "keep", "erase"


def signalled(move: Move, event: Signalled) -> None:
    """Carry out a signal. While frozen, only what is a person's own goes on."""
    lane = waiting_lane(move, event.person)
    resting = move.session.frozen_at is not None
    match event.signal:
        case Signal.STOP:
            _stop(move, event.person)
        case Signal.NOT_NOW:
            _not_now(move, event.person, lane, resting=resting)
        case _ if resting:
            move.reply(event.person, "frozen.resting")
        case Signal.BACK:
            _back(move, event.person, lane)
        case Signal.SKIP:
            _skip(move, event.person, lane)
        case Signal.RESUME:
            _resume(move, event.person)
        case _:
            assert_never(event.signal)


def _back(move: Move, person: str, lane: Lane | None) -> None:
    if lane is None:
        _take_back(move, person)
    elif set_right(move, lane) or _took_item_back(move, lane):
        return
    elif lane.trail:
        retire(move, lane)
        return_in(move, lane)
    elif not back(move):
        again(move, lane, phrase("back.first"))


def _took_item_back(move: Move, lane: Lane) -> bool:
    """Take the last item of a list back that is still being written."""
    step = move.flow.steps.get(lane.step or "")
    if step is None or not drop_last(move, step, lane):
        return False
    retire(move, lane)
    wait_at(move, lane, step)
    return True


def _take_back(move: Move, person: str) -> None:
    """Reopen a lane that is through while the others' are not: nobody else has seen anything of it yet."""
    done = [lane for lane in move.lanes.values() if lane.person == person and lane.status is LaneStatus.DONE]
    lane = next((lane for lane in done if lane.trail), None)
    if lane is None:
        move.reply(person, "nothing.waits")
    else:
        return_in(move, lane)


def _skip(move: Move, person: str, lane: Lane | None) -> None:
    if lane is None:
        move.reply(person, "nothing.waits")
        return
    if set_right(move, lane):
        return
    if any(choice.value == SKIP for choice in prompt_for(move, lane).choices):
        answer_choice(move, lane, SKIP)
    else:
        again(move, lane, phrase("skip.no"))


def _resume(move: Move, person: str) -> None:
    for lane in list(move.lanes.values()):
        step = move.flow.steps.get(lane.step or "")
        if lane.person == person and isinstance(step, Ask) and Signal.RESUME in step.signals:
            answer_choice(move, lane, step.signals[Signal.RESUME])
            return
    move.reply(person, "nothing.waits")


def _not_now(move: Move, person: str, lane: Lane | None, *, resting: bool) -> None:
    step = move.flow.steps.get(lane.step or "") if lane is not None else None
    if lane is not None and isinstance(step, Gate) and not resting:
        move.took(step.id, Way.CHOSEN, NOT_NOW)
        retire(move, lane)
        refuse(move, lane, step)
        return
    if lane is not None and isinstance(step, Ask) and Signal.NOT_NOW in step.signals and not resting:
        answer_choice(move, lane, step.signals[Signal.NOT_NOW])
        return
    move.reply(person, "not_now")
    move.effects.append(Parked(person=person))


def _stop(move: Move, person: str) -> None:
    """End it for this person, at once: alone, the session ends; with others, they become an empty role."""
    for lane in list(move.lanes.values()):
        if lane.person == person:
            if lane.status is LaneStatus.WAITING and lane.step is not None:
                retire(move, lane)
            close(move, lane)
    session = move.session
    session.gone = (*session.gone, person)
    withdraw(move, person)
    session.answered = ()
    if move.member(person).session_only:
        _forget(move, person)
        move.reply(person, "stopped.empty")
    elif drafts_of(move, person):
        move.session.deciding = (*move.session.deciding, person)
        move.effects.append(DraftsKept(person=person))
        _ask_drafts(move, person)
    else:
        move.reply(person, "stopped.empty")
    if _everybody_left(move):
        finish(move)


def _everybody_left(move: Move) -> bool:
    """Whether nobody of the whole session is there any more, and it can end at once.

    What two of them leave goes on to its deadlines, as if both were silent: neither can tell by when it ends.
    """
    if move.all_alone is None and not move.root.signal:
        return False
    holders = (move.frames[0].roles.get(role, ()) for role in move.root.roles)
    return all(person in move.session.gone for people in holders for person in people)


def _ask_drafts(move: Move, person: str) -> None:
    fence = PromptFence(lane=_DRAFTS + person, entry=move.session.entries)
    choices = tuple(Choice(value=value, label=phrase(f"choice.{value}")) for value in (KEEP, ERASE))
    move.send(person, [phrase("stopped.drafts")], offer=Offer(choices=choices, fence=fence))


def _forget(move: Move, person: str) -> None:
    for key in words_of(move, person):
        erase(move, key)


def decides_drafts(event: ChoicePicked) -> bool:
    """Return whether the choice answers what happens to a stopped person's drafts."""
    return event.lane.startswith(_DRAFTS)


def decide_drafts(move: Move, event: ChoicePicked) -> None:
    """Keep or erase the drafts of somebody who stopped. Until they say, drafts are kept: time erases nothing."""
    if event.lane != _DRAFTS + event.person or event.person not in move.session.deciding:
        move.reply(event.person, "stale")
        return
    deciding = tuple(person for person in move.session.deciding if person != event.person)
    move.session.deciding = deciding
    move.effects.append(Retire(fence=PromptFence(lane=event.lane, entry=event.entry)))
    if event.choice == ERASE:
        _forget(move, event.person)
        move.effects.append(DraftsErased(person=event.person))
        move.reply(event.person, "drafts.erased")
    else:
        move.reply(event.person, "drafts.kept")
