"""A run once more: the lines of a transcript that play it, and what its last turn tells whom."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bot.engine.effects import IN_ROOM, PHRASES, Choice, Effect, Send, Text
from bot.engine.events import (
    Begun,
    ChoicePicked,
    Dissolved,
    Event,
    FormFilled,
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
from bot.engine.model import Flow
from bot.engine.session import Session
from bot.engine.standing import prompts_of
from bot.engine.template import Template
from bot.flows.exploration.beginnings import NOW, begun, not_begun
from bot.flows.exploration.faults import Run, Turned
from bot.flows.exploration.seen import Seen, View
from bot.flows.exploration.space import taken

A_MINUTE = 60_000

Phrases = Mapping[str, Template]


_COMES = {
    Begun: "# it begins",
    RecordEnded: "# the record that it is about is ended",
    Dissolved: "# those who are in it are not together any more",
}
"""What comes by itself, as a line."""


@dataclass(slots=True)
class Played:
    """How a run is played."""

    lines: list[str] = field(default_factory=list[str])
    effects: tuple[Effect, ...] = ()
    """What came of the last turn."""
    seen: Mapping[str, Seen] = field(default_factory=dict[str, Seen])
    """What each person saw of that, whether or not it is a message."""
    minutes: int = 0
    """How long it takes."""


def replay(flow: Flow, run: Run, phrases: Phrases, names: Mapping[str, str] | None = None) -> Played:
    """Return how a run is played, whoever is called otherwise there under the other name."""
    return _Replay(flow, run, phrases, names or {}).played()


def told(flow: Flow, effects: tuple[Effect, ...], person: str, phrases: Phrases) -> list[str]:
    """Return what somebody is told, a part of each sentence: the longest without what is filled in."""
    sent = [effect for effect in effects if isinstance(effect, Send) and effect.to in {person, IN_ROOM}]
    texts = [_template(flow, text, phrases) for effect in sent for text in effect.paragraphs]
    parts = [max(_pieces(template), key=len, default="") for template in texts if template is not None]
    return list(dict.fromkeys(part for part in parts if part))


def _pieces(template: Template) -> Iterator[str]:
    yield from (" ".join(part.split()) for part in template.parts if isinstance(part, str))


def _template(flow: Flow, text: Text, phrases: Phrases) -> Template | None:
    return phrases.get(text.key) if text.flow == PHRASES else flow.named(text.flow).texts.get(text.key)


class _Replay:
    """Takes the turns once more, to see what each choice is called."""

    def __init__(self, flow: Flow, run: Run, phrases: Phrases, names: Mapping[str, str]) -> None:
        self._flow = flow
        self._run = run
        self._phrases = phrases
        self._names = names
        self._now = NOW
        self._offered: dict[str, list[str]] = {}
        """By person: a choice of each message that offered some."""

    def played(self) -> Played:
        found = Played()
        session: Session | None = None
        try:
            first = begun(self._flow, self._run.beginning)
        except EngineFault:
            return found
        session, found.effects = first.session, first.effects
        view = View(self._flow)
        found.seen = view.of_turn(not_begun(self._run.beginning), session, found.effects, NOW)
        last = next(iter(session.members))
        for turn in self._run.turns:
            self._note(found.effects)
            passed = self._passes(session, turn)
            found.minutes += passed
            found.lines += [f"+{passed}m"] if passed else []
            last = "" if passed else last
            if turn.actor and turn.actor != last and not isinstance(turn.event, Joined | ShownAgain):
                found.lines.append(f"{self._name(turn.actor)}> /open")
            last = turn.actor
            found.lines.append(self._line(session, turn))
            before = session
            session, found.effects = self._after(session, turn)
            found.seen = {}
            if before is not None and session is not None:
                found.seen = view.of_turn(before, session, found.effects, self._now)
        return found

    def _name(self, person: str) -> str:
        return self._names.get(person, person)

    def _passes(self, session: Session | None, turn: Turned) -> int:
        """How many minutes pass before a turn."""
        if isinstance(turn.event, TimerDue) and not turn.event.entry and session is not None:
            return -(-self._flow.lifetime // A_MINUTE)
        ahead = max(turn.at - self._now, 0)
        self._now += ahead
        return -(-ahead // A_MINUTE)

    def _note(self, effects: tuple[Effect, ...]) -> None:
        for effect in effects:
            if isinstance(effect, Send) and effect.choices:
                self._offered.setdefault(effect.to, []).append(self._text(effect.choices[0]))

    def _line(self, session: Session | None, turn: Turned) -> str:
        name = self._name(turn.actor)
        match turn.event:
            case ChoicePicked() as picked if picked.entry < 0:
                line = self._old_button(name, turn.actor)
            case ChoicePicked() as picked:
                line = f"{name}> [{self._label(session, picked)}]"
            case TextTyped() | TextEdited():
                line = f"{name}> {turn.event.text}"
            case FormFilled():
                line = f"# {name} fills in a form"
            case Signalled():
                line = f"{name}> /{turn.event.signal.value}"
            case Joined():
                line = f"{self._name(turn.event.person)}> /pair {{code}}"
            case ShownAgain():
                line = f"{name}> /open"
            case Frozen() | Thawed():
                line = f"# {'a pause begins' if isinstance(turn.event, Frozen) else 'the pause is over'}"
            case TimerDue():
                line = "# time runs out" if turn.event.entry else "# the whole conversation's time runs out"
            case Begun() | RecordEnded() | Dissolved():
                line = _COMES[type(turn.event)]
        return line

    def _old_button(self, name: str, person: str) -> str:
        """The last message but one, if there is one, is an earlier moment's."""
        offered = self._offered.get(person, [])
        return f"{name}> [{offered[-2]}]@2" if len(offered) > 1 else f"# {name} presses a button of an earlier moment"

    def _label(self, session: Session | None, picked: ChoicePicked) -> str:
        prompts = prompts_of(self._flow, session, picked.person, self._now) if session is not None else []
        choices = [choice for prompt in prompts for choice in prompt.choices]
        found = next((choice for choice in choices if choice.value == picked.choice), None)
        standing = self._phrases.get(f"choice.{picked.choice}")
        if found is not None:
            return self._text(found)
        return standing.literal if standing is not None else picked.choice

    def _text(self, choice: Choice) -> str:
        found = _template(self._flow, choice.label, self._phrases)
        number = choice.label.args.get("number")
        if isinstance(number, str):
            return number
        return found.literal if found is not None else choice.value

    def _after(self, session: Session | None, turn: Turned) -> tuple[Session | None, tuple[Effect, ...]]:
        """The session after a turn, and what came of it; None once it cannot be followed any more."""
        if session is None:
            return None, ()
        event = _refenced(self._flow, session, turn.event, self._now)
        try:
            _, done, after = taken(self._flow, session, event, self._now)
        except EngineFault:
            return None, ()
        return after, done.effects


def _refenced(flow: Flow, session: Session, event: Event, now: int) -> Event:
    """The event with the fences of this very session, whose entries may be others."""
    match event:
        case ChoicePicked() if event.entry >= 0:
            prompts = prompts_of(flow, session, event.person, now)
            fits = (p.fence for p in prompts if any(choice.value == event.choice for choice in p.choices))
            fence = next(fits, None)
            entry = fence.entry if fence is not None else event.entry
            return ChoicePicked(person=event.person, lane=event.lane, entry=entry, choice=event.choice)
        case TimerDue() if event.entry:
            return TimerDue(entry=session.top.entry)
        case _:
            return event
