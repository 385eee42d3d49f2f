"""Faults as conversations: the runs that show one, in the form of the transcripts that can be played."""

from collections.abc import Hashable, Iterator, Mapping
from typing import cast

from bot.engine.model import PARTNER, Flow, SlotType
from bot.flows.exploration.beginnings import Beginning
from bot.flows.exploration.faults import Fault, Run
from bot.flows.exploration.replaying import A_MINUTE, Phrases, Played, replay, told
from bot.flows.exploration.seen import Seen
from bot.flows.exploration.ways_in import WayIn, way_in

_PAIR = 2

_NOTICED = {
    "StartFlow": "the flow '{name}' begins",
    "KeepRecord": "a record is kept, '{name}'",
    "LetStand": "the record lasts otherwise",
    "Act": "'{name}' is done",
    "Retire": "buttons are taken away",
    "FreezeOthers": "what runs beside it is paused",
    "ThawOthers": "what runs beside it goes on",
    "Send": "a message comes",
}
"""Effects in words; ``name`` is what each is of."""

_PAIRING = """\
{one}> /pair
{one}> [Yes, gladly]
{one}> [My own idea]
{one}< Your code is {{code}}
{other}> /pair {{code}}
{other}> [Pair]
{other}> [My own idea]
"""


def chats_of(fault: Fault, flow: Flow, flows: Mapping[str, Flow], phrases: Phrases) -> tuple[str, ...]:
    """Return the run of a fault as a transcript; of what somebody can find out, both runs, each by itself."""
    writer = _Writer(flow, flows, phrases)
    one = replay(flow, fault.run, phrases)
    if fault.beside is None:
        return (_chat([f"# {fault.told}", *writer.before(fault.run), *one.lines]),)
    other = replay(flow, fault.beside, phrases)
    both = ((fault.run, one, other), (fault.beside, other, one))
    head = [f"# {fault.told}", f"# This is one of two conversations in which {fault.person} has to see the same."]
    return tuple(
        _chat([*head, *writer.before(run), *played.lines, *writer.shown(fault, played, beside)])
        for run, played, beside in both
    )


def _chat(lines: list[str]) -> str:
    return "\n".join([*lines, ""])


class _Writer:
    """Writes what stands before and behind the turns of a run."""

    def __init__(self, flow: Flow, flows: Mapping[str, Flow], phrases: Phrases) -> None:
        self._flow = flow
        self._flows = flows
        self._phrases = phrases

    def before(self, run: Run) -> Iterator[str]:
        """Yield who is there, and how they come to the beginning of a run."""
        beginning = run.beginning
        way = None
        if self._flow.trigger is None:
            way = way_in(self._flow, beginning, self._flows, self._phrases)
            if way is None:
                yield "# No command starts this flow: another flow does, which has to be gone through before."
        if beginning.told and way is None:
            yield f"# It begins with {beginning.told}."
        yield from _recorded(self._flow, beginning)
        if way is None:
            yield from _start(self._flow, beginning, {})
        else:
            yield from self._through(way)

    def _through(self, way: WayIn) -> Iterator[str]:
        """The flow that starts this one, from its own beginning up to that."""
        yield f"# {way.flow.id} starts this flow."
        yield from _start(way.flow, way.run.beginning, way.names)
        yield from replay(way.flow, way.run, self._phrases, way.names).lines
        yield f"# {self._flow.id} begins."

    def shown(self, fault: Fault, played: Played, beside: Played) -> Iterator[str]:
        """Yield what the person of a fault is told at the end of one run and not of the other, and what they miss."""
        person = fault.person
        if beside.minutes > played.minutes:
            yield f"+{beside.minutes - played.minutes}m"
        here = told(self._flow, played.effects, person, self._phrases)
        there = told(self._flow, beside.effects, person, self._phrases)
        other_order = here != there and set(here) == set(there)
        yield f"{person}> /open"
        yield from (f"{person}< {part}" for part in here if part not in there or other_order)
        yield from (f"{person}<! {part}" for part in there if part not in here)
        if here == there:
            apart = _apart(played.seen.get(person, ()), beside.seen.get(person, ()))
            yield f"# What {person} receives is the same; what they can notice is not: {apart}."


def _recorded(flow: Flow, beginning: Beginning) -> Iterator[str]:
    """The records that have to be there before."""
    for one in beginning.begun.recalled:
        kind, name = flow.slots[one.slot].recalls or ("", "")
        whose = f" of {one.author}" if one.author else ""
        yield f"# A record has to be there before, which no line makes: '{kind}'{whose}, whose {name} is {one.data}."


def _apart(here: Seen, there: Seen) -> str:
    """What somebody sees in one run and not in the other, where no line of a transcript can tell it."""
    only = [_in_words(one) for one in here if one not in there], [_in_words(one) for one in there if one not in here]
    more = [f"here {one}" for one in only[0] if one not in only[1]]
    more += [f"in the other {one}" for one in only[1] if one not in only[0]]
    more += [f"{one}, with something else in it" for one in only[0] if one in only[1]]
    return ", ".join(dict.fromkeys(more)) or "what waits for them, or until when"


def _in_words(seen: Hashable) -> str:
    parts = [str(part) for part in cast("tuple[Hashable, ...]", seen)] if isinstance(seen, tuple) else []
    kind, name, *_ = (*parts, "", "")
    return _NOTICED.get(kind, "something else comes").format(name=name)


def _start(flow: Flow, beginning: Beginning, names: Mapping[str, str]) -> Iterator[str]:
    session = beginning.session
    people = [names.get(person, person) for person in session.members]
    in_room = session.place is not None and flow.signal
    yield "@start 2026-03-02T18:00Z"
    yield from (f"@{person} tz=UTC" for person in people)
    if in_room:
        yield f"@room room: {' '.join(people)}"
    if len(session.people) == _PAIR or PARTNER in session.frames[0].roles:
        yield from _PAIRING.format(one=people[0], other=people[1]).splitlines()
    elif len(session.people) > _PAIR and not in_room:
        yield "# No line brings so many people together outside of a room: this cannot be played."
    trigger = flow.trigger
    if trigger is not None:
        where = f"{people[0]}@room" if in_room else people[0]
        yield f"{where}> /{trigger.command or trigger.signal}{_argument(flow, beginning)}"


def _argument(flow: Flow, beginning: Beginning) -> str:
    """What is written behind the command, if it is with that that a flow begins."""
    name = flow.trigger.argument if flow.trigger is not None else None
    given = beginning.begun.given.get(name) if name is not None else None
    if given is None or name is None:
        return ""
    length = flow.slots[name].type is SlotType.DURATION and isinstance(given.data, int)
    return f" {given.data // A_MINUTE}m" if length and isinstance(given.data, int) else f" {given.data}"
