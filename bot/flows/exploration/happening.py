"""What can happen to a session next: what its people can do, and the deadlines that can come."""

import re
from collections.abc import Hashable, Iterator
from datetime import date

from bot.engine.effects import Choice
from bot.engine.events import (
    ChoicePicked,
    Event,
    Joined,
    RecordEnded,
    Signal,
    Signalled,
    TextTyped,
    TimerDue,
)
from bot.engine.local_time import local_date
from bot.engine.model import Ask, Flow, Gate, SlotType
from bot.engine.prompts import ITEM, SUGGESTED, Prompt
from bot.engine.session import Lane, LaneStatus, Member, Session
from bot.engine.several import ANEW, DONE, SKIP
from bot.engine.standing import deadline, prompts_of, takes
from bot.flows.exploration.answers import Answers
from bot.flows.exploration.bounds import Bounds
from bot.flows.exploration.classes import Classes
from bot.flows.exploration.key import Names

DRAFTS = "drafts:"

_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


class Happening:
    """Says what can happen in the sessions of one flow."""

    def __init__(self, flow: Flow, bounds: Bounds, classes: Classes) -> None:
        self._flow = flow
        self._answers = {name: Answers(flow.named(name), bounds, classes) for name in (flow.id, *flow.calls)}

    def of(self, session: Session, actor: str, now: int) -> Iterator[tuple[Event, int]]:
        """Yield what somebody can do next, or what comes by itself when it is nobody, each with its instant."""
        if not actor:
            yield from self._time(session, now) if not session.ended else ()
            return
        if not session.ended and actor in session.people:
            yield from ((event, now) for event in self._of(session, actor, now))
        for choice in ("keep", "erase") if actor in session.deciding else ():
            yield ChoicePicked(person=actor, lane=DRAFTS + actor, entry=0, choice=choice), now

    def act(self, session: Session, event: Event, at: int) -> Hashable:
        """Return an event as whoever does it knows it, without ids and instants."""
        names = Names(self._flow, session)
        match event:
            case ChoicePicked():
                choice = event.choice
                return ("picks", event.lane, choice[0] + names.item(choice[1:]) if choice[:1] == ITEM else choice)
            case TextTyped():
                day = _day(event.text)
                return ("types", event.text if day is None else (day - local_date(at, "")).days)
            case Signalled():
                return ("signals", event.signal.value)
            case TimerDue():
                return ("time", bool(event.entry))
            case _:
                return (type(event).__name__,)

    def _of(self, session: Session, person: str, now: int) -> Iterator[Event]:
        prompts = prompts_of(self._flow, session, person, now)
        flow = self._flow.named(session.top.flow)
        for prompt in prompts:
            lane = _lane_of(session, prompt, person)
            step = flow.steps[lane.step or ""]
            picked = self._picks(prompt, step if isinstance(step, Ask) else None, session)
            for choice in picked:
                yield ChoicePicked(
                    person=person, lane=prompt.fence.lane, entry=prompt.fence.entry, choice=choice.value
                )
            if isinstance(step, Ask) and prompt.typed and not self._enough(session, step, lane):
                slot = flow.slots[step.save]
                answers = self._answers[flow.id]
                for text in answers.typed(slot, now, session.members[person].zone):
                    yield TextTyped(person=person, text=text, places=answers.places(slot, text))
            if isinstance(step, Gate) and not any(choice.value == "not_now" for choice in prompt.choices):
                yield Signalled(person=person, signal=Signal.NOT_NOW)
        own = [lane for lane in session.top.lanes.values() if lane.person == person]
        if session.top.trail or any(lane.trail or _may_drop(flow, session, lane) for lane in own):
            yield Signalled(person=person, signal=Signal.BACK)
        yield Signalled(person=person, signal=Signal.STOP)

    def _picks(self, prompt: Prompt, step: Ask | None, session: Session) -> list[Choice]:
        if step is None or step.id not in self._flow.named(session.top.flow).steps:
            return list(prompt.choices)
        answers = self._answers[session.top.flow]
        wanted = answers.options(step)
        options = {str(o.value) for o in self._flow.named(session.top.flow).slots[step.save].options}
        found: list[Choice] = []
        for choice in prompt.choices:
            value = choice.value
            typed_too = value.startswith(SUGGESTED) or (value.startswith(ITEM) and step.suggest_from is not None)
            if value in {DONE, ANEW, SKIP} or (value not in options and not typed_too) or value in wanted:
                found.append(choice)
        return found

    def _enough(self, session: Session, step: Ask, lane: Lane) -> bool:
        slot = self._flow.named(session.top.flow).slots[step.save]
        if slot.type is not SlotType.LIST:
            return False
        own = f"{session.top.no}.{slot.name}.{lane.person}#"
        return sum(key.startswith(own) for key in session.values) >= self._answers[session.top.flow].items(step)

    def _time(self, session: Session, now: int) -> Iterator[tuple[Event, int]]:
        """What comes by itself: somebody takes a vacant role, a deadline, the end of the record that it is about."""
        for role in self._flow.roles.values():
            if role.joins and takes(self._flow, session, role.name):
                yield Joined(person=role.name, role=role.name, member=Member(seal=f"key of {role.name}")), now
        if self._flow.reviews:
            yield RecordEnded(), now
        due = deadline(session)
        if due is not None and due[1]:
            yield TimerDue(entry=due[1]), max(now, due[0])
        if due is not None:
            yield TimerDue(entry=0), now


def _lane_of(session: Session, prompt: Prompt, person: str) -> Lane:
    lanes = session.top.lanes
    key = prompt.fence.lane
    lane = lanes[key + person] if key.endswith(":") else lanes[key]
    inside = session.hidden.get(lane.key)
    return inside.lane if inside is not None else lane


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if _ISO_DATE.fullmatch(text) else None


def _may_drop(flow: Flow, session: Session, lane: Lane) -> bool:
    """Whether Back takes an item of a list back that is still being written."""
    step = flow.steps.get(lane.step or "") if lane.status is LaneStatus.WAITING else None
    if not isinstance(step, Ask) or flow.slots[step.save].type is not SlotType.LIST:
        return False
    own = f"{session.top.no}.{step.save}.{lane.person}#"
    return any(key.startswith(own) for key in session.values)
