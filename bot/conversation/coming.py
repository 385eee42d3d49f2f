"""What is to come: listed on its reader's own request, in their own time, with what they can do about it."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.conversation.keeping import Drawn, standing
from bot.conversation.nudging import found_for, mute, skip, start_now, stop, unmute
from bot.conversation.record import Record
from bot.conversation.scene import PromptAbout, Scene, phrase_choice
from bot.conversation.starting import begin
from bot.conversation.units import Person, PromptKind, Seat, SentPrompt
from bot.conversation.views import about_pair, parts_of
from bot.engine.effects import PHRASES, RECORDS, Computed, Text
from bot.engine.events import Signal, Signalled
from bot.engine.local_time import local_time
from bot.engine.machine import deadline
from bot.engine.model import Flow, SlotType
from bot.flows.record_kinds import RecordKind
from bot.nudges.schedule import Why

NOW, CHANGE, SKIP, STOP, MUTE, UNMUTE = "now", "change_time", "skip_once", "stop", "mute", "unmute"

MOST = 5
"""So many are listed at once, the next ones first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Coming:
    """One thing that is to come: when, what is said of it, and what its reader can do about it."""

    due: int
    told: tuple[Text, ...]
    offered: tuple[str, ...] = ()
    about: PromptAbout | None = None
    shows: Seat | None = None
    revisions: tuple[str, ...] = ()


def tell_what_comes(scene: Scene, person: Person) -> None:
    """Tell a person what will come to them by itself, and when, the next one first."""
    found = sorted([*_of_records(scene, person), *_of_flows(scene, person)], key=lambda one: one.due)
    if not found:
        scene.reply(person, "coming.none")
    for one in found[:MOST]:
        scene.say(
            person,
            one.told,
            choices=tuple(phrase_choice(name, f"choice.{name}") for name in one.offered),
            prompt=one.about,
            shows=one.shows,
            revisions=one.revisions,
        )
    if len(found) > MOST:
        scene.reply(person, "coming.more")


def _pairs(scene: Scene, person: Person) -> list[str]:
    return [pair.id for pair in map(scene.ledger.pair, person.pairs) if pair.active]


def _of_records(scene: Scene, person: Person) -> Iterator[_Coming]:
    pairs = _pairs(scene, person)
    for kind in scene.library.records.kinds.values():
        for unit in (person.id, *(pairs if kind.pair else ())) if kind.comes is not None else ():
            for record in standing(scene, unit, kind.name):
                found = found_for(scene, person, record.puts_off or record.place)
                if record.due is not None and found is not None:
                    yield _of_record(scene, person, kind, record, found[1])


def _of_record(scene: Scene, person: Person, kind: RecordKind, record: Record, shown: Record) -> _Coming:
    """``shown`` is the record itself, or what two have and this one brings back."""
    due = record.due or 0
    own, silent = record.unit == person.id, person.sets_aside(shown.id, due)
    offered: list[str] = []
    if own and kind.comes is not None and kind.comes.starts is not None:
        offered.append(NOW)
    if own and changing(scene, kind) is not None:
        offered.append(CHANGE)
    if not silent:
        offered.append(SKIP)
    if not own:
        offered.append(UNMUTE if silent else MUTE)
    muted = (Text(flow=PHRASES, key="coming.muted"),) if silent else ()
    title = Text(flow=RECORDS, key=f"{kind.name}.title")
    return _Coming(
        due=due,
        told=(*about_pair(scene, person, shown), title, *parts_of(scene, kind, shown), _next(person, due), *muted),
        offered=(*offered, *(() if record.puts_off is not None else (STOP,))),
        about=PromptAbout(kind=PromptKind.COMING, record=record.place),
    )


def _next(person: Person, due: int) -> Text:
    local = local_time(due, person.zone)
    day = Text(flow=PHRASES, key="day", args={"at": str(due)})
    time = Computed(type=SlotType.TIME, data=local.hour * 60 + local.minute)
    return Text(flow=PHRASES, key="coming.next", args={"day": day, "time": time})


def changing(scene: Scene, kind: RecordKind) -> Flow | None:
    """Return the flow in which somebody changes a record of their own of that kind, if there is one."""
    if kind.pair:
        return None
    flows = scene.library.flows.values()
    return next((flow for flow in flows if kind.name in flow.reviews and len(flow.roles) == 1), None)


def _of_flows(scene: Scene, person: Person) -> Iterator[_Coming]:
    """Flows that go on at a time: a promise of one's own on its day, or a review that two have agreed to.

    What else goes on between two is not told of: when it does could tell one of them of the other.
    """
    for unit in (person.id, *_pairs(scene, person)):
        for session in scene.ledger.sessions_of(unit):
            due = deadline(session)
            if due is None or session.top.lanes or not scene.can_go_on(session):
                continue
            own = unit == person.id
            if own or (scene.flow(session).reviews and person.id in session.people):
                seat = Seat(unit=unit, session=session.id)
                about = PromptAbout(kind=PromptKind.COMING, unit=unit, session=session.id) if own else None
                yield _Coming(
                    due=due[0],
                    told=(Text(flow=session.flow, key="title"), _next(person, due[0])),
                    offered=(STOP,) if own else (),
                    about=about,
                    shows=seat,
                    revisions=session.revisions,
                )


def change_coming(scene: Scene, person: Person, prompt: SentPrompt, choice: str) -> None:
    """Carry out what was pressed under something that is to come."""
    if prompt.session:
        session = scene.ledger.session(prompt.session, prompt.unit)
        if session is None or session.ended:
            scene.reply(person, "record.gone")
        else:
            scene.later(session, Signalled(person=person.id, signal=Signal.STOP))
        return
    found = found_for(scene, person, prompt.record)
    if found is None:
        scene.reply(person, "record.gone")
        return
    kind, record, schedule = found
    match choice:
        case "now":
            skip(scene, person, kind, record, schedule, Why.EARLY)
            start_now(scene, person, kind, record)
        case "change_time":
            _change(scene, person, kind, record)
        case "skip_once":
            skip(scene, person, kind, record, schedule, Why.SKIPPED)
            scene.reply(person, "nudge.skipped")
        case "mute":
            mute(scene, person, record)
        case "unmute":
            unmute(scene, person, record)
        case _:
            stop(scene, person, kind, record)


def _change(scene: Scene, person: Person, kind: RecordKind, record: Record) -> None:
    flow = changing(scene, kind)
    if flow is None:
        scene.reply(person, "record.gone")
        return
    roles = {next(iter(flow.roles)): (person.id,)}
    drawn = Drawn(record=record.id)
    begin(scene, flow, unit=person.id, place=None, starter=person.id, roles=roles, given={}, drawn=drawn)
