"""Small flows, written in the test that needs them and driven without a store."""

from collections.abc import Mapping
from textwrap import dedent

from bot.engine.effects import Choice, Computed, Listing, Retire, SaidAgain, Send, Text
from bot.engine.events import Begun, ChoicePicked, Event, Recalled, Signal, Signalled, TextTyped
from bot.engine.machine import Turn, advance, new_session
from bot.engine.model import Flow
from bot.engine.move import Move
from bot.engine.prompts import prompt_for, waiting_lane
from bot.engine.session import Given, Member, Session
from bot.engine.template import Placeholder
from bot.flows.flow_compiler import compile_flow
from bot.flows.library import ACTIONS
from bot.flows.record_kinds import NO_RECORDS, Records
from bot.flows.yaml_source import parse_source


def flow_of(yaml: str, records: Records = NO_RECORDS) -> Flow:
    """Compile a flow without the checks, so that the engine can be held to its own rules."""
    return compile_flow(parse_source(dedent(yaml).encode(), "test.yaml"), ACTIONS, records).flow


class Rehearsal:
    """One session and the last turn's effects. Time moves only by ``now``."""

    left: set[str]
    """For a test to note what it expects."""

    def __init__(
        self,
        flow: Flow,
        given: Mapping[str, Given] | None = None,
        recalled: tuple[Recalled, ...] = (),
        **roles: tuple[str, ...],
    ) -> None:
        self.flow = flow
        self.now = 1_000_000
        people = {person for members in roles.values() for person in members}
        self.session = new_session(
            flow,
            session_id="s1",
            unit="u1",
            place=None,
            starter=next(iter(roles.values()))[0],
            roles=roles,
            members={person: Member(seal=f"key of {person}") for person in people},
            now=self.now,
        )
        self.turn: Turn
        self.happen(Begun(given=given or {}, recalled=recalled))

    def happen(self, event: Event) -> Turn:
        """Take a turn. What is said again after a pause is said at once, as the host does it."""
        self.turn = advance(self.flow, self.session, event, self.now)
        self.session = self.turn.session
        for again in [effect for effect in self.turn.effects if isinstance(effect, SaidAgain)]:
            before = self.turn.effects
            more = self.happen(TextTyped(person=again.person, text=again.text))
            self.turn = Turn(session=more.session, effects=(*before, *more.effects))
        return self.turn

    def types(self, person: str, text: str, message: str = "") -> Turn:
        """A person types."""
        return self.happen(TextTyped(person=person, text=text, message=message))

    def picks(self, person: str, choice: str) -> Turn:
        """A person presses a choice of what waits for them."""
        lane = waiting_lane(Move(self.flow, self.session, self.now, person), person)
        assert lane is not None
        return self.happen(ChoicePicked(person=person, lane=lane.key, entry=lane.entry, choice=choice))

    def signals(self, person: str, signal: Signal) -> Turn:
        """A person sends a signal."""
        return self.happen(Signalled(person=person, signal=signal))

    def heard(self, person: str) -> list[str]:
        """What the last turn says to the person, their own and others' values filled in."""
        return [
            "\n".join(told(text, self.flow, self.session) for text in send.paragraphs) for send in self.sent(person)
        ]

    def sent(self, person: str) -> list[Send]:
        """What the last turn sends to the person."""
        return [effect for effect in self.turn.effects if isinstance(effect, Send) and effect.to == person]

    def offered(self, person: str) -> tuple[Choice, ...]:
        """What the person can press where they are."""
        move = Move(self.flow, self.session, self.now, person)
        lane = waiting_lane(move, person)
        return prompt_for(move, lane).choices if lane is not None else ()

    def retired(self) -> int:
        """How many prompts the last turn retires."""
        return sum(isinstance(effect, Retire) for effect in self.turn.effects)

    @property
    def stage(self) -> str | None:
        """Where the session stands."""
        return self.session.top.stage


def told(text: Text, flow: Flow, session: Session) -> str:
    """A text with its values, or its address for a standing phrase."""
    flows = {flow.id: flow, **flow.calls}
    if text.flow not in flows:
        inner = [told(arg, flow, session) for arg in text.args.values() if isinstance(arg, Text)]
        values = [_shown(arg, flow, session) for arg in text.args.values() if not isinstance(arg, Text)]
        return " ".join([f"<{text.key}>", *inner, *values])
    parts = [
        part if isinstance(part, str) else _filled(text, part, flow, session)
        for part in flows[text.flow].texts[text.key].parts
    ]
    return "".join(parts)


def _filled(text: Text, part: Placeholder, flow: Flow, session: Session) -> str:
    argument = text.args[part.name]
    return told(argument, flow, session) if isinstance(argument, Text) else _shown(argument, flow, session)


def _shown(argument: object, flow: Flow, session: Session) -> str:
    if isinstance(argument, Listing):
        items = (
            told(one, flow, session) if isinstance(one, Text) else _shown(one, flow, session)
            for one in argument.items
        )
        return " | ".join(items)
    if isinstance(argument, Computed):
        return str(argument.data)
    key = getattr(argument, "key", None)
    if isinstance(key, str) and key in session.values:
        return str(session.values[key].data)
    return str(getattr(argument, "person", argument))
