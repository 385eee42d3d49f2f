"""Single steps: from a step as written to the step that the engine runs, its place in the order aside."""

import re
from functools import singledispatch
from typing import assert_never

from bot.engine.effects import PHRASES, Choice, Text
from bot.engine.guards import Guard, Kind
from bot.engine.model import (
    EACH,
    EVERYONE,
    READ_BY_ALL,
    RELEASABLE,
    ROOM,
    TYPED,
    Ask,
    Assign,
    Call,
    Clear,
    Compose,
    ComposePart,
    Do,
    End,
    Gate,
    Grant,
    Hold,
    Reveal,
    Review,
    Say,
    Section,
    Slot,
    SlotType,
    Stage,
    Start,
    Step,
)
from bot.engine.prompts import KINDLY, LATER, NEVER, NOT_NOW, SKIP, YES
from bot.flows.compiling import CLOSED, Compiling, Place, kind_of_slot, milliseconds, stored_option
from bot.flows.problems import did_you_mean
from bot.flows.schema import (
    AskSource,
    CallSource,
    ClearSource,
    ComposeSource,
    DoSource,
    EndSource,
    FreezeSource,
    GateSource,
    GrantSource,
    PartSource,
    RevealSource,
    ReviewSource,
    SaySource,
    SetSource,
    StartSource,
    StepSource,
    ThawSource,
    VolatileSource,
    WaitSource,
)
from bot.flows.yaml_source import Path_


@singledispatch
def build(source: StepSource, work: Compiling, place: Place) -> Step:
    """Return the step without its ``when`` and its ways on; every fault is noted in ``work``."""
    message = f"no way to compile {type(source).__name__} at {place.path} of {work.source.path}"
    raise TypeError(message)


@build.register
def _(source: AskSource, work: Compiling, place: Place) -> Ask:
    path = place.path
    work.text(f"{source.id}.ask", source.ask, (*path, "ask"))
    work.slot(source.save, (*path, "save"))
    _check_answers(source, work, place)
    slot = work.slots.get(source.save)
    return Ask(
        id=source.id,
        save=source.save,
        optional=source.optional,
        in_room=source.place == ROOM,
        choices=_choices(source, work, path),
        stays=source.stays,
        replies={
            _stored(value, slot): work.text(f"{source.id}.replies.{value}", words, (*path, "replies", value))
            for value, words in source.replies.items()
        },
        signals={str(signal): _stored(value, slot) for signal, value in source.signals.items()},
    )


def _stored(option: str, slot: Slot | None) -> str:
    """An option as written, in the words in which a choice comes back."""
    return str(stored_option(option, slot.type)) if slot is not None else option


def _choices(source: AskSource, work: Compiling, path: Path_) -> tuple[Choice, ...]:
    """The offered options of the slot, then the suggestions, then [Skip]."""
    slot = work.slots.get(source.save)
    offered = {_stored(value, slot) for value in source.offer}
    choices = [
        Choice(value=str(option.value), label=Text(flow=work.flow, key=option.key))
        for option in (slot.options if slot is not None else ())
        if not source.offer or str(option.value) in offered
    ]
    for index, words in enumerate(source.suggest):
        key = work.label(f"{source.id}.suggest.{index}", words, (*path, "suggest", index))
        choices.append(Choice(value=f"={key}", label=Text(flow=work.flow, key=key)))
    if source.optional:
        choices.append(Choice(value=SKIP, label=Text(flow=PHRASES, key=f"choice.{SKIP}")))
    return tuple(choices)


def _check_answers(source: AskSource, work: Compiling, place: Place) -> None:
    path = place.path
    for key in ("reveal", "kept"):
        if getattr(source, key) is not None and source.grant_to is None:
            told = f"'{key}' belongs to 'grant_to': say to whom the answer would be shown"
            work.problem((*path, key), told, "misplaced-key", key=True)
    slot = work.slots.get(source.save)
    if slot is None or ("slots", slot.name) in work.broken:
        return
    if not work.owns(place, slot) and slot.of != EVERYONE:
        told = f"'{slot.name}' belongs to {slot.of}: nobody answers in somebody else's place"
        work.problem((*path, "save"), told, "wrong-author")
    if slot.type is SlotType.TEXT and slot.cls in READ_BY_ALL:
        told = f"what people write reaches others by a grant only, so '{slot.name}' cannot be {slot.cls}: say draft"
        work.problem((*path, "save"), told, "text-for-all")
    if slot.type not in TYPED and not slot.options:
        work.problem((*path, "save"), f"'{source.save}' has no options to ask for", "no-options")
    if slot.type is not SlotType.TEXT and source.suggest:
        told = f"'{source.save}' is no text: its options are what can be pressed"
        work.problem((*path, "suggest"), told, "misplaced-key", key=True)
    if source.place == ROOM and slot.type in TYPED and not slot.options:
        told = "free text is written in people's own chats, never in a room"
        work.problem((*path, "in"), told, "room-text")
    written = [option.key.rsplit(".", 1)[-1] for option in slot.options]
    named: list[tuple[str, Path_]] = [(value, (*path, "replies", value)) for value in source.replies]
    named += [(value, (*path, "signals", signal)) for signal, value in source.signals.items()]
    named += [(value, (*path, "offer", index)) for index, value in enumerate(source.offer)]
    for value, where in named:
        if value not in written:
            told = f"'{value}' is no option of '{source.save}'{did_you_mean(value, written)}"
            work.problem(where, told, "unknown-option", key=where[-2] == "replies")


@build.register
def _(source: GateSource, work: Compiling, place: Place) -> Gate:
    path = place.path
    work.text(f"{source.id}.gate", source.gate, (*path, "gate"))
    for name in (YES, NOT_NOW, LATER, KINDLY, NEVER):
        label: str | None = getattr(source, name)
        if label is not None:
            work.label(f"{source.id}.{name}", label, (*path, name))
    if (source.kindly is None) != (source.told is None):
        told = "'kindly' and 'told' go together: the choice, and the step that tells the others"
        work.problem((*path, "kindly" if source.kindly is not None else "told"), told, "missing-key", key=True)
    refused = work.text(f"{source.id}.refused", source.refused, (*path, "refused")) if source.refused else None
    return Gate(
        id=source.id,
        kindly=source.kindly is not None,
        told=work.target(source.told, (*path, "told")),
        refused=refused,
        later=source.later is not None,
        never=source.never is not None,
        invitation=source.invitation,
    )


@build.register
def _(source: ReviewSource, work: Compiling, place: Place) -> Review:
    for index, item in enumerate(source.review):
        where: Path_ = (*place.path, "review", index)
        work.slot(item, where)
        slot = work.slots.get(item)
        if slot is not None and not work.owns(place, slot) and slot.of != EVERYONE:
            told = f"'{item}' belongs to {slot.of}: people review what is their own"
            work.problem(where, told, "wrong-author")
    work.text(f"{source.id}.review", source.ask, (*place.path, "ask"))
    return Review(id=source.id, items=tuple(source.review))


def check_releasable(work: Compiling, name: str, where: Path_, place: Place) -> None:
    """Only an author's own drafts can be shown to others."""
    slot = work.slots.get(name)
    if slot is None:
        return
    if slot.cls not in RELEASABLE:
        told = f"'{name}' is {slot.cls}: there is no way to show it to anybody; a draft can be shown"
        work.problem(where, told, "not-releasable")
    elif not work.owns(place, slot):
        told = f"'{name}' belongs to {slot.of}: nobody shows what somebody else wrote"
        work.problem(where, told, "wrong-author")


@build.register
def _(source: GrantSource, work: Compiling, place: Place) -> Grant:
    path = place.path
    work.slot(source.grant, (*path, "grant"))
    check_releasable(work, source.grant, (*path, "grant"), place)
    work.role(source.to, (*path, "to"))
    work.text(f"{source.id}.grant", source.ask, (*path, "ask"))
    change = work.target(source.change, (*path, "change"))
    closes = source.kept == CLOSED
    kept = None if closes else work.target(source.kept, (*path, "kept"))
    return Grant(id=source.id, item=source.grant, to=source.to, change=change, kept=kept, closes=closes)


@build.register
def _(source: SaySource, work: Compiling, place: Place) -> Say:
    work.audience(source.to, (*place.path, "to"))
    return say(source.id, source.say, source.to, work, place, neutral=source.neutral)


def say(name: str, words: str, to: str, work: Compiling, place: Place, *, neutral: bool) -> Say:
    """Return a step that says something; what needs no [Open] holds nothing that only its reader should see."""
    key = work.text(f"{name}.say", words, (*place.path, "say"))
    if neutral and work.texts[key].template.names:
        told = "a neutral line can stand on a lock screen: it has no placeholders"
        work.problem((*place.path, "say"), told, "neutral-placeholder")
    return Say(id=name, to=to, neutral=neutral)


@build.register
def _(source: ComposeSource, work: Compiling, place: Place) -> Compose:
    work.slot(source.compose, (*place.path, "compose"))
    slot = work.slots.get(source.compose)
    if slot is not None and (slot.type is not SlotType.TEXT or slot.cls in READ_BY_ALL or not work.owns(place, slot)):
        told = (
            f"'{slot.name}' is no text of the person who writes here: say type: text, class: draft, and whose it is"
        )
        work.problem((*place.path, "compose"), told, "wrong-author")
    if place.lane is None and not work.solo:
        told = "with several people, a text is built in the lane of the one who writes it"
        work.problem(place.path, told, "misplaced-step")
    parts: list[ComposePart] = []
    for index, part in enumerate(source.parts):
        where: Path_ = (*place.path, "parts", index)
        key = f"{source.id}.parts.{index}"
        match part:
            case PartSource():
                guard = work.guard(part.when, (*where, "when"), place.lane)
                parts.append(ComposePart(key=work.text(key, part.text, (*where, "text")), when=guard))
            case str():
                parts.append(ComposePart(key=work.text(key, part, where)))
            case _:
                assert_never(part)
        for name in work.texts[key].template.names:
            _check_own_answer(work, name, work.texts[key].where, place)
    return Compose(id=source.id, slot=source.compose, parts=tuple(parts))


def _check_own_answer(work: Compiling, name: str, where: Path_, place: Place) -> None:
    slot = work.slots.get(name)
    if slot is not None and not work.owns(place, slot) and slot.of != EVERYONE:
        told = f"'{name}' belongs to {slot.of}: a text is built of its author's own answers"
        work.problem(where, told, "private-placeholder")
    elif slot is None and name in work.known_roles:
        told = f"'{name}' is a person: a text is built of its author's own answers"
        work.problem(where, told, "bad-placeholder")


@build.register
def _(source: SetSource, work: Compiling, place: Place) -> Assign:
    values: list[tuple[str, Guard]] = []
    for name, expression in source.set.items():
        where: Path_ = (*place.path, "set", name)
        work.slot(name, where, key=True)
        slot = work.slots.get(name)
        want = {kind_of_slot(slot)} if slot is not None else None
        value = work.guard(expression, where, place.lane, want)
        values.append((name, value))
        if slot is not None and value.kind is kind_of_slot(slot):
            _check_set(work, slot, expression, where, place)
    return Assign(id=source.id, values=tuple(values))


@build.register
def _(source: ClearSource, work: Compiling, place: Place) -> Clear:
    for index, name in enumerate(source.clear):
        where: Path_ = (*place.path, "clear", index)
        work.slot(name, where)
        slot = work.slots.get(name)
        if slot is not None and slot.cls in RELEASABLE:
            told = f"'{name}' is a {slot.cls}: a grant may be bound to it, so it cannot be cleared"
            work.problem(where, told, "clears-draft")
    return Clear(id=source.id, slots=tuple(source.clear))


def _check_set(work: Compiling, slot: Slot, expression: str, where: Path_, place: Place) -> None:
    options = [str(option.value) for option in slot.options]
    literal = re.fullmatch(r"\s*(['\"])(.*)\1\s*", expression)
    if literal and options and literal.group(2) not in options:
        told = f"'{literal.group(2)}' is no option of '{slot.name}'{did_you_mean(literal.group(2), options)}"
        work.problem(where, told, "unknown-option")
    if place.lane is None and not work.solo and slot.of == EACH:
        told = f"'{slot.name}' has one value a person: set it in a lane"
        work.problem(where, told, "wrong-author", key=True)
    elif place.lane is not None and not work.owns(place, slot) and slot.of != EVERYONE:
        told = f"'{slot.name}' belongs to {slot.of}: a lane sets what is its own"
        work.problem(where, told, "wrong-author", key=True)


@build.register
def _(source: VolatileSource, work: Compiling, place: Place) -> Section:
    for index, name in enumerate(source.results):
        work.slot(name, (*place.path, "results", index))
    return Section(id=source.id, first=source.volatile[0].id, results=tuple(source.results))


@build.register
def _(source: WaitSource, work: Compiling, place: Place) -> Stage:
    wait = source.wait
    length = milliseconds(wait) if wait[:-1].isdecimal() and wait[-1] in "mhdw" else None
    until = None if length else work.guard(wait, (*place.path, "wait"), place.lane, {Kind.INSTANT})
    return Stage(id=source.id, name=source.id, within=length, until=until)


@build.register
def _(source: RevealSource, work: Compiling, place: Place) -> Reveal:
    items = [source.reveal] if isinstance(source.reveal, str) else source.reveal
    for index, item in enumerate(items):
        where: Path_ = (*place.path, "reveal", *([index] if isinstance(source.reveal, list) else []))
        work.slot(item, where)
        slot = work.slots.get(item)
        if slot is not None and slot.cls not in RELEASABLE:
            told = f"'{item}' is {slot.cls}: there is no way to show it to anybody; a draft can be shown"
            work.problem(where, told, "not-releasable")
    work.audience(source.to, (*place.path, "to"))
    work.text(f"{source.id}.reveal", source.say, (*place.path, "say"))
    missing = work.target(source.missing, (*place.path, "missing"))
    return Reveal(id=source.id, items=tuple(items), to=source.to, missing=missing)


@build.register
def _(source: FreezeSource, work: Compiling, place: Place) -> Hold:
    del work, place
    return Hold(id=source.id)


@build.register
def _(source: ThawSource, work: Compiling, place: Place) -> Hold:
    del work, place
    return Hold(id=source.id, thaw=True)


@build.register
def _(source: CallSource, work: Compiling, place: Place) -> Call:
    del work, place
    return Call(
        id=source.id,
        flow=source.call,
        roles=tuple(source.roles.items()),
        give=tuple(source.give.items()),
        returns=tuple(source.returns.items()),
    )


@build.register
def _(source: StartSource, work: Compiling, place: Place) -> Start:
    del work, place
    roles, gives = tuple(source.roles.items()), tuple(source.give.items())
    return Start(id=source.id, flow=source.start, roles=roles, give=gives, agreed=source.agreed)


@build.register
def _(source: DoSource, work: Compiling, place: Place) -> Do:
    if source.do not in work.actions:
        told = f"unknown action '{source.do}'{did_you_mean(source.do, sorted(work.actions))}"
        work.problem((*place.path, "do"), told, "unknown-action")
    return Do(id=source.id, action=source.do)


@build.register
def _(source: EndSource, work: Compiling, place: Place) -> End:
    closed = source.end == "closed"
    if source.next is not None:
        work.problem((*place.path, "next"), "an end leads nowhere: remove 'next'", "end-goes-on", key=True)
    if closed and place.lane is None:
        work.problem((*place.path, "end"), "only a lane can end closed", "misplaced-step")
    return End(id=source.id, closed=closed)
