"""Faults as conversations: the run that shows one, in the form of the transcripts that can be played."""

from collections.abc import Iterator, Mapping

from bot.engine.effects import PHRASES, Choice, Text
from bot.engine.events import (
    Begun,
    ChoicePicked,
    Event,
    Frozen,
    Joined,
    RecordEnded,
    ShownAgain,
    Signalled,
    TextEdited,
    TextTyped,
    Thawed,
    TimerDue,
)
from bot.engine.faults import EngineFault
from bot.engine.machine import advance
from bot.engine.model import PARTNER, Flow
from bot.engine.session import Session
from bot.engine.standing import prompts_of
from bot.engine.template import Template
from bot.flows.exploration.beginnings import NOW
from bot.flows.exploration.exploring import Fault, Turned
from bot.flows.exploration.ids import FIRST_ENTRY

_PAIR = 2

_PAIRING = """\
{one}> /pair
{one}> [Yes, gladly]
{one}> [My own idea]
{one}< Your code is {{code}}
{other}> /pair {{code}}
{other}> [Pair]
{other}> [My own idea]
"""


def chat_of(fault: Fault, flow: Flow, phrases: Mapping[str, Template]) -> str:
    """Return the run of a fault as a transcript; of what somebody can find out, both runs."""
    told = [f"# {fault.told}", *_told_beginning(fault, flow)]
    first = [*_start(fault, flow), *_Run(fault, flow, phrases).lines(fault.run)]
    if not fault.person:
        return "\n".join([*told, *first, ""])
    other = [*_start(fault, flow), *_Run(fault, flow, phrases).lines(fault.beside)]
    why = f"# {fault.person} has to see the same in both of these, wherever the same comes to them."
    return "\n".join([*told, why, "", "# One:", *first, "", "# The other:", *(f"# {line}" for line in other), ""])


def _told_beginning(fault: Fault, flow: Flow) -> Iterator[str]:
    if fault.beginning.told:
        yield f"# It begins with {fault.beginning.told}."
    if flow.trigger is None:
        yield "# No command starts this flow: another flow does, which has to be gone through before."


def _start(fault: Fault, flow: Flow) -> Iterator[str]:
    session = fault.beginning.session
    people = list(session.members)
    yield "@start 2026-03-02T18:00Z"
    yield from (f"@{person} tz=UTC" for person in people)
    room = f"{people[0]}@room" if session.place is not None else people[0]
    if session.place is not None:
        yield f"@room room: {' '.join(people)}"
    if len(session.people) == _PAIR or PARTNER in session.frames[0].roles:
        yield from _PAIRING.format(one=people[0], other=people[1]).splitlines()
    trigger = flow.trigger
    if trigger is not None:
        yield f"{room}> /{trigger.command or trigger.signal}"


class _Run:
    """Takes the turns once more, to see what each choice is called."""

    def __init__(self, fault: Fault, flow: Flow, phrases: Mapping[str, Template]) -> None:
        self._flow = flow
        self._phrases = phrases
        self._now = NOW
        self._begun = fault.beginning

    def lines(self, run: tuple[Turned, ...]) -> Iterator[str]:
        """Yield a line a turn, with what comes in between: the clock, and opening what waits."""
        session: Session | None = advance(self._flow, self._begun.session, self._begun.begun, NOW).session
        last = next(iter(self._begun.session.members))
        for turn in run:
            if turn.at > self._now:
                yield f"+{-(-(turn.at - self._now) // 60_000)}m"
                self._now = turn.at
            if turn.actor and turn.actor != last and not isinstance(turn.event, Joined):
                yield f"{turn.actor}> /open"
            last = turn.actor or last
            yield self._line(session, turn)
            session = self._after(session, turn)

    def _line(self, session: Session | None, turn: Turned) -> str:
        match turn.event:
            case ChoicePicked() as picked:
                line = f"{turn.actor}> [{self._label(session, picked)}]"
            case TextTyped() | TextEdited():
                line = f"{turn.actor}> {turn.event.text}"
            case Signalled():
                line = f"{turn.actor}> /{turn.event.signal.value}"
            case Joined():
                line = f"{turn.actor or turn.event.person}> /pair {{code}}"
            case ShownAgain():
                line = f"{turn.actor}> /open"
            case Frozen() | Thawed():
                line = f"# {'a pause begins' if isinstance(turn.event, Frozen) else 'the pause is over'}"
            case TimerDue():
                line = "# time runs out" if turn.event.entry else "# the whole conversation's time runs out"
            case RecordEnded():
                line = "# the record that it is about is ended"
            case Begun():
                line = "# it begins"
        return line

    def _label(self, session: Session | None, picked: ChoicePicked) -> str:
        prompts = prompts_of(self._flow, session, picked.person, self._now) if session is not None else []
        choices = [choice for prompt in prompts for choice in prompt.choices]
        found = next((choice for choice in choices if choice.value == picked.choice), None)
        return self._text(found) if found is not None else picked.choice

    def _text(self, choice: Choice) -> str:
        label: Text = choice.label
        if label.flow == PHRASES:
            found = self._phrases.get(label.key)
            number = label.args.get("number")
            return str(number) if isinstance(number, str) else found.literal if found is not None else choice.value
        return self._flow.named(label.flow).texts[label.key].literal

    def _after(self, session: Session | None, turn: Turned) -> Session | None:
        """The session after a turn; None once it cannot be followed any more."""
        if session is None:
            return None
        event = _refenced(self._flow, session, turn.event, self._now)
        try:
            return advance(self._flow, session, event, self._now).session
        except EngineFault:
            return None


def _refenced(flow: Flow, session: Session, event: Event, now: int) -> Event:
    """The event with the fences of this very session, whose entries may be others."""
    match event:
        case ChoicePicked():
            prompts = prompts_of(flow, session, event.person, now)
            fits = (p.fence for p in prompts if any(choice.value == event.choice for choice in p.choices))
            fence = next(fits, None)
            entry = fence.entry if fence is not None else event.entry
            return ChoicePicked(person=event.person, lane=event.lane, entry=entry, choice=event.choice)
        case TimerDue() if event.entry and event.entry >= FIRST_ENTRY:
            return TimerDue(entry=session.top.entry)
        case _:
            return event
