"""Single steps: from a step as written to the step that the engine runs, its place in the order aside."""

import re
from dataclasses import replace
from functools import singledispatch
from typing import assert_never

from bot.engine.guards import Guard, Kind
from bot.engine.model import (
    EACH,
    EVERYONE,
    ITEMIZED,
    READ_BY_ALL,
    RELEASABLE,
    ROOM,
    Ask,
    Assign,
    Call,
    Clear,
    Compose,
    ComposePart,
    Do,
    Each,
    End,
    Gate,
    Grant,
    Hold,
    Keep,
    Lasts,
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
from bot.engine.prompts import KINDLY, LATER, NEVER, NOT_NOW, YES
from bot.flows.ask_builder import build_ask, check_releasable
from bot.flows.compiling import CLOSED, LONGEST_TEXT, SELF, Compiling, Place, kind_of_slot, milliseconds
from bot.flows.problems import did_you_mean
from bot.flows.schema import (
    AskSource,
    CallSource,
    ClearSource,
    ComposeSource,
    DoSource,
    EachSource,
    EndSource,
    FreezeSource,
    GateSource,
    GrantSource,
    KeepSource,
    LastsSource,
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
    return build_ask(source, work, place)


@build.register
def _(source: EachSource, work: Compiling, place: Place) -> Each:
    ((name, over),) = source.each.items()
    where: Path_ = (*place.path, "each", name)
    slot = work.slots.get(work.gone_through(over))
    if slot is None:
        close = did_you_mean(over, [*work.slots, *work.selects])
        work.problem(where, f"unknown list '{over}'{close}", "unknown-slot")
    elif slot.type not in {SlotType.LIST, SlotType.CHOICES}:
        work.problem(where, f"'{over}' is neither a list nor a slot of several choices", "wrong-type")
    elif source.others and slot.type is not SlotType.LIST:
        told = "only of a list there are items that others wrote"
        work.problem((*place.path, "others"), told, "misplaced-key", key=True)
    if name in {*work.slots, *work.known_roles} or work.loops[name] != over:
        told = f"'{name}' means something already: choose another name"
        work.problem(where, told, "duplicate-name", key=True)
    return Each(id=source.id, first=source.steps[0].id, name=name, over=over, others=source.others)


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
        if slot is not None and slot.per is not None:
            told = f"'{item}' has one value an item: Back leads through them once more"
            work.problem(where, told, "no-item")
    work.text(f"{source.id}.review", source.ask, (*place.path, "ask"))
    return Review(id=source.id, items=tuple(source.review))


@build.register
def _(source: GrantSource, work: Compiling, place: Place) -> Grant:
    path = place.path
    work.slot(source.grant, (*path, "grant"))
    check_releasable(work, source.grant, (*path, "grant"), place)
    work.audience_of_grant(source.to, (*path, "to"))
    work.text(f"{source.id}.grant", source.ask, (*path, "ask"))
    change = work.target(source.change, (*path, "change"))
    closes = source.kept == CLOSED
    kept = None if closes else work.target(source.kept, (*path, "kept"))
    return Grant(id=source.id, item=source.grant, to=source.to, change=change, kept=kept, closes=closes)


@build.register
def _(source: SaySource, work: Compiling, place: Place) -> Say:
    work.audience(source.to, (*place.path, "to"), place.lane)
    said = say(source.id, source.say, source.to, work, place, neutral=source.neutral)
    return replace(said, nudge=source.nudge)


def say(name: str, words: str, to: str, work: Compiling, place: Place, *, neutral: bool) -> Say:
    """Return a step that says something; what needs no [Open] holds nothing that only its reader should see."""
    key = work.text(f"{name}.say", words, (*place.path, "say"))
    to = EACH if to == SELF else to
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
    if slot is not None and (slot.per is not None or slot.type in ITEMIZED):
        told = f"'{name}' belongs to the items of a list: a text is built of single answers"
        work.problem(where, told, "bad-placeholder")
    elif slot is not None and not work.owns(place, slot) and slot.of != EVERYONE:
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
        value = work.guard(expression, where, place.lane, want, place.items)
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
        if slot is not None and slot.cls in RELEASABLE and slot.type is not SlotType.LIST:
            told = f"'{name}' is a {slot.cls}: a grant may be bound to it, so it cannot be cleared"
            work.problem(where, told, "clears-draft")
    return Clear(id=source.id, slots=tuple(source.clear))


def _check_set(work: Compiling, slot: Slot, expression: str, where: Path_, place: Place) -> None:
    if slot.type in ITEMIZED:
        told = f"'{slot.name}' is written or picked by people: nothing sets it"
        work.problem(where, told, "wrong-type", key=True)
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
    work.audience(source.to, (*place.path, "to"), place.lane)
    if source.to == ROOM:
        told = "people's words are shown in their own chats, never in a room: name a role, or all"
        work.problem((*place.path, "to"), told, "room-text")
    if source.say is not None:
        work.text(f"{source.id}.reveal", source.say, (*place.path, "say"))
    missing = work.target(source.missing, (*place.path, "missing"))
    to = place.lane or EVERYONE if source.to == SELF else source.to
    return Reveal(id=source.id, items=tuple(items), to=to, missing=missing, silent=source.say is None)


@build.register
def _(source: KeepSource, work: Compiling, place: Place) -> Keep:
    kind = work.record(source.keep, (*place.path, "keep"))
    until = None
    if source.until is not None:
        until = work.guard(source.until, (*place.path, "until"), place.lane, {Kind.INSTANT}, items=place.items)
    return Keep(
        id=source.id,
        kind=source.keep,
        pair=kind is not None and kind.pair,
        fields=tuple(source.fields.items()),
        lasts=kind.lasts if kind is not None else 0,
        key=kind.key if kind is not None else (),
        latest=kind is not None and kind.latest,
        until=until,
        missing=work.target(source.missing, (*place.path, "missing")),
    )


@build.register
def _(source: LastsSource, work: Compiling, place: Place) -> Lasts:
    until = work.guard(source.lasts_until, (*place.path, "lasts_until"), place.lane, {Kind.INSTANT})
    return Lasts(id=source.id, until=until)


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
    if source.told is not None:
        work.label(f"{source.id}.told", source.told, (*place.path, "told"), most=LONGEST_TEXT)
        if not work.solo:
            told = "with several people, no private answer starts anything for others: leave this out"
            work.problem((*place.path, "told"), told, "misplaced-key", key=True)
    here = {SELF: place.lane} if place.lane is not None else {}
    roles = tuple((role, here.get(taken_by) or taken_by) for role, taken_by in source.roles.items())
    gives = tuple(source.give.items())
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
    if source.drafts is not None and place.lane is not None:
        work.problem((*place.path, "drafts"), "a lane keeps no drafts: say it where the flow ends", "misplaced-step")
    return End(id=source.id, closed=closed, drafts_kept=source.drafts is not None)
