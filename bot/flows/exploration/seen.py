"""What each person sees of a turn: messages, edits, retired buttons, what is started, kept or paused.

Values are told by their address, not by their words: whoever may read one reads the same words in every run in which
their author wrote, and granted, the same.
"""

from collections.abc import Hashable, Iterable
from typing import assert_never

from bot.engine.effects import (
    IN_ROOM,
    Act,
    DraftsErased,
    DraftsKept,
    Effect,
    FreezeOthers,
    KeepRecord,
    LetStand,
    Parked,
    Retire,
    SaidAgain,
    Send,
    StartFlow,
    ThawOthers,
)
from bot.engine.model import Ask, Flow
from bot.engine.session import Session
from bot.engine.standing import deadline, prompts_of, takes_part
from bot.flows.exploration.key import Names
from bot.flows.exploration.told import Told

Seen = tuple[Hashable, ...]

NOTHING: Seen = ((), False, None)
"""What can be found out when all is over: nothing waits for anybody."""


class View:
    """Tells what people see of the turns and the states of one flow's sessions."""

    def __init__(self, flow: Flow) -> None:
        self._flow = flow
        self._newest: Names | None = None

    def _names(self, session: Session) -> Names:
        """The names of what a session holds; one and the same is often looked at several times in a row."""
        if self._newest is None or self._newest.session is not session:
            self._newest = Names(self._flow, session)
        return self._newest

    def of_turn(self, before: Session, after: Session, effects: Iterable[Effect], now: int) -> dict[str, Seen]:
        """Return what each person sees of a turn, in order; who sees nothing is left out."""
        names = self._names(after)
        found: dict[str, list[Hashable]] = {}
        everyone = _everyone(after)
        for effect in effects:
            told = Told(names, now).effect(effect)
            for person in _audience(self._flow, before, after, effect, everyone):
                found.setdefault(person, []).append(told)
        return {person: tuple(seen) for person, seen in found.items()}

    def of_state(self, session: Session, person: str, now: int, *, exactly: bool) -> Seen:
        """Return what a person can find out where a session stands: what waits for them, and until when.

        ``exactly`` with what outcomes come to; without, sessions of one state are told in the same way.
        """
        if person in session.gone:
            return (person in session.deciding,)
        if session.ended:
            return NOTHING
        told = Told(self._names(session), now, exactly=exactly)
        prompts = tuple(told.prompt(prompt) for prompt in prompts_of(self._flow, session, person, now))
        part = takes_part(self._flow, session, person)
        due = deadline(session) if part else None
        # When it is over is not seen before it is; the deadline of a stage is seen when it comes.
        return (prompts, part, due[0] - now if due is not None and due[1] else None)


def _everyone(session: Session) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys((*(p for people in session.frames[0].roles.values() for p in people), *session.members))
    )


def _audience(
    flow: Flow, before: Session, after: Session, effect: Effect, everyone: tuple[str, ...]
) -> tuple[str, ...]:
    """Who sees an effect."""
    match effect:
        case Send():
            seen_by = everyone if effect.to == IN_ROOM else (effect.to,)
        case Retire():
            seen_by = _owners(flow, before, after, effect, everyone)
        case StartFlow() | Act():
            seen_by = tuple(dict.fromkeys(person for people in effect.roles.values() for person in people))
        case KeepRecord():
            seen_by = (effect.owner,) if effect.owner else everyone
        case Parked() | DraftsKept() | DraftsErased() | SaidAgain():
            seen_by = (effect.person,)
        case LetStand() | FreezeOthers() | ThawOthers():
            seen_by = everyone
        case _:
            assert_never(effect)
    return seen_by


def _owners(
    flow: Flow, before: Session, after: Session, effect: Retire, everyone: tuple[str, ...]
) -> tuple[str, ...]:
    """Whose buttons go: of a question in the room, everybody's."""
    role, _, person = effect.fence.lane.partition(":")
    if person:
        return (person,)
    here = flow.named(before.top.flow)
    stage = before.top.stage
    asked = (step for name, step in here.steps.items() if here.lane_of.get(name) == stage and isinstance(step, Ask))
    in_room = any(step.in_room for step in asked) and after.place is not None and role in here.roles
    return everyone if in_room else ()
