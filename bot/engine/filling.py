"""A form that was filled in: the questions of a row, answered in their order, as if each answer had been typed."""

from collections.abc import Collection, Mapping, Sequence

from bot.engine.answering import answer_choice, answer_text
from bot.engine.effects import Effect, PromptFence, Retire, Send
from bot.engine.events import FormFilled, TextTyped
from bot.engine.lanes import set_right, show
from bot.engine.move import Move
from bot.engine.prompts import PHASE_HELD, prompt_for
from bot.engine.session import Lane, LaneStatus
from bot.engine.several import SKIP
from bot.engine.stages import settle

LONGEST_BACK = 3_500
"""Characters of words that are given back: shown with a sentence, they fit a message."""


def words_of(answers: Sequence[str]) -> str:
    """Return what was written into a form, to be given back; empty when that is nothing."""
    return "\n\n".join(answer for answer in answers if answer.strip())[:LONGEST_BACK]


def fill(move: Move, event: FormFilled) -> None:
    """Answer one question after the other. Words that answer none are given back to whoever wrote them."""
    lane = _waiting(move, event)
    resting = move.session.frozen_at is not None
    if lane is None or lane.entry != event.entry or resting:
        if resting:
            move.reply(event.person, "frozen.resting")
        _give_back(move, event.person, event.answers)
        if lane is not None and not resting and not set_right(move, lane):
            show(move, lane)
        return
    before, unused = len(move.effects), list[str]()
    for step, answer in zip(move.flow.forms.get(lane.step or "", ()), event.answers, strict=False):
        if not _answered(move, event, step, answer):
            unused.append(answer)
    told = _as_seen_at_the_end(move.effects[before:])
    del move.effects[before:]
    _give_back(move, event.person, unused)
    move.effects += told


def _waiting(move: Move, event: FormFilled) -> Lane | None:
    lane = move.lanes.get(event.lane)
    there = lane is not None and lane.person == event.person and lane.status is LaneStatus.WAITING
    return lane if there and not move.session.ended else None


def _answered(move: Move, event: FormFilled, step: str, answer: str) -> bool:
    """Answer a question if it is the one that waits; return whether it was answered."""
    lane = _waiting(move, event)
    if lane is None or lane.step != step or lane.phase == PHASE_HELD:
        return False
    if answer.strip():
        answer_text(move, lane, TextTyped(person=event.person, text=answer))
    elif any(choice.value == SKIP for choice in prompt_for(move, lane).choices):
        answer_choice(move, lane, SKIP)
    settle(move)
    now = _waiting(move, event)
    return now is None or now.step != step


def _give_back(move: Move, person: str, answers: Sequence[str]) -> None:
    words = words_of(answers)
    if words:
        move.reply(person, "form.unused", words=words)


def _as_seen_at_the_end(effects: Sequence[Effect]) -> list[Effect]:
    """Leave out the questions that were asked and answered in between, and all but the last showing of one."""
    shown = {effect.fence: effect for effect in effects if isinstance(effect, Send) and effect.fence is not None}
    answered = shown.keys() & {effect.fence for effect in effects if isinstance(effect, Retire)}
    return [one for one in effects if not _is_passing(one, shown, answered)]


def _is_passing(effect: Effect, shown: Mapping[PromptFence, Send], answered: Collection[PromptFence]) -> bool:
    if isinstance(effect, Retire):
        return effect.fence in answered
    if not isinstance(effect, Send) or effect.fence is None:
        return False
    return effect.fence in answered or shown[effect.fence] is not effect
