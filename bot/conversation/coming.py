"""What is to come: listed on its reader's own request, in their own time, with what they can do about it."""

from collections.abc import Iterator

from bot.conversation.keeping import Drawn, standing
from bot.conversation.nudging import found_for, mute, skip, start_now, stop, unmute
from bot.conversation.record import Record
from bot.conversation.scene import PromptAbout, Scene, phrase_choice
from bot.conversation.starting import begin
from bot.conversation.units import Person, PromptKind, SentPrompt
from bot.conversation.views import parts_of
from bot.engine.effects import PHRASES, RECORDS, Choice, Computed, Text
from bot.engine.events import Signal, Signalled
from bot.engine.local_time import local_time
from bot.engine.machine import deadline
from bot.engine.model import Flow, SlotType
from bot.flows.record_kinds import RecordKind
from bot.nudges.schedule import Why

NOW, CHANGE, SKIP, STOP, MUTE, UNMUTE = "now", "change_time", "skip_once", "stop", "mute", "unmute"

MOST = 10
"""So many are listed at once, the next ones first."""


def tell_what_comes(scene: Scene, person: Person) -> None:
    """Tell a person what will come to them by itself, and when, the next one first."""
    rows = [*_of_records(scene, person), *_of_sessions(scene, person)]
    if not rows:
        scene.reply(person, "coming.none")
    for _, paragraphs, choices, prompt in sorted(rows, key=lambda row: row[0])[:MOST]:
        scene.say(person, paragraphs, choices=choices, prompt=prompt)


_Row = tuple[int, tuple[Text, ...], tuple[Choice, ...], PromptAbout]


def _of_records(scene: Scene, person: Person) -> Iterator[_Row]:
    pairs = [pair.id for pair in map(scene.ledger.pair, person.pairs) if pair.active]
    for kind in scene.library.records.kinds.values():
        for unit in (person.id, *(pairs if kind.pair else ())) if kind.comes is not None else ():
            for record in standing(scene, unit, kind.name):
                due = record.due
                if due is not None:
                    yield due, _told(scene, person, kind, record, due), *_offered(scene, person, kind, record)


def _told(scene: Scene, person: Person, kind: RecordKind, record: Record, due: int) -> tuple[Text, ...]:
    title = Text(flow=RECORDS, key=f"{kind.name}.title")
    silent = person.sets_aside(record.id, due)
    muted = (Text(flow=PHRASES, key="coming.muted"),) if silent else ()
    return (title, *parts_of(scene, kind, record), _next(person, due), *muted)


def _next(person: Person, due: int) -> Text:
    local = local_time(due, person.zone)
    day = Text(flow=PHRASES, key="day", args={"at": str(due)})
    time = Computed(type=SlotType.TIME, data=local.hour * 60 + local.minute)
    return Text(flow=PHRASES, key="coming.next", args={"day": day, "time": time})


def _offered(
    scene: Scene, person: Person, kind: RecordKind, record: Record
) -> tuple[tuple[Choice, ...], PromptAbout]:
    own = record.unit == person.id
    offered: list[str] = []
    if own and kind.comes is not None and kind.comes.starts is not None:
        offered.append(NOW)
    if own and changing(scene, kind) is not None:
        offered.append(CHANGE)
    offered.append(SKIP)
    if not own:
        offered.append(UNMUTE if person.sets_aside(record.id, record.due or 0) else MUTE)
    offered.append(STOP)
    choices = tuple(phrase_choice(one, f"choice.{one}") for one in offered)
    return choices, PromptAbout(kind=PromptKind.COMING, record=record.place)


def changing(scene: Scene, kind: RecordKind) -> Flow | None:
    """Return the flow in which somebody changes a record of their own of that kind, if there is one."""
    if kind.pair:
        return None
    flows = scene.library.flows.values()
    return next((flow for flow in flows if kind.name in flow.reviews and len(flow.roles) == 1), None)


def _of_sessions(scene: Scene, person: Person) -> Iterator[_Row]:
    """Flows of one's own that go on at a time: a promise that is asked about on its day, say."""
    for session in scene.ledger.sessions_of(person.id):
        due = deadline(session)
        if due is None or session.top.lanes or not scene.can_go_on(session):
            continue
        title = Text(flow=session.flow, key="title")
        choices = (phrase_choice(STOP, f"choice.{STOP}"),)
        prompt = PromptAbout(kind=PromptKind.COMING, unit=person.id, session=session.id)
        yield due[0], (title, _next(person, due[0])), choices, prompt


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
