"""Checks between flows: what one calls or starts is there, fits, and comes to an end."""

from collections.abc import Iterable, Iterator, Mapping

from bot.engine.model import (
    EACH,
    EVERYONE,
    READ_BY_ALL,
    RELEASABLE,
    Ask,
    Call,
    Grant,
    Keep,
    Say,
    Slot,
    SlotClass,
    SlotType,
    Start,
)
from bot.flows.callees import reaches_others, with_callees
from bot.flows.flow_compiler import Compiled
from bot.flows.grants import before_granted
from bot.flows.problems import Problem, did_you_mean
from bot.flows.record_kinds import Records
from bot.flows.starting import with_others
from bot.flows.yaml_source import Path_

_Flows = Mapping[str, Compiled]

_TWO = 2


def check_links(compiled: _Flows, *, whole: bool) -> None:
    """Note every problem between flows. Unless it is ``whole``, a flow that is not there may be in a broken file."""
    for one in compiled.values():
        for step in one.flow.steps.values():
            if isinstance(step, Call | Start):
                _link(one, step, compiled, whole=whole)
    _endless_calls(compiled)
    _doubled_triggers(compiled)


def check_view_commands(compiled: _Flows, records: Records) -> None:
    """Note every flow that is started by a command which shows records."""
    shows = {kind.command: kind.name for kind in records.kinds.values() if kind.command is not None}
    for one in compiled.values():
        for command, where in _commands(one):
            if command in shows:
                told = f"/{command} shows the records of '{shows[command]}' already"
                one.work.problem(where, told, "duplicate-command")


def check_starts_of_records(compiled: _Flows, records: Records) -> Iterator[Problem]:
    """Tell of every option that a record would start as a flow, and that is none which a command starts."""
    known = [one.flow.id for one in compiled.values() if one.flow.trigger is not None and one.flow.trigger.command]
    for kind in records.kinds.values():
        field = kind.fields.get(kind.comes.starts or "") if kind.comes is not None else None
        for option in field.options if field is not None and records.source is not None else ():
            name = str(option.value)
            if name not in known and records.source is not None:
                where: Path_ = (kind.name, "fields", field.name if field is not None else "", "options", name)
                told = f"no flow '{name}' is started by a command{did_you_mean(name, known)}"
                yield records.source.problem(where, told, "unknown-flow", key=True)


def _commands(one: Compiled) -> Iterator[tuple[str, Path_]]:
    """The commands that a flow answers to, and where each is named."""
    if one.flow.trigger is not None and one.flow.trigger.command is not None:
        yield one.flow.trigger.command, ("start", "command")
    if one.flow.take_back is not None:
        yield one.flow.take_back, ("take_back",)


def _doubled_triggers(compiled: _Flows) -> None:
    """No two flows answer to the same command, or to the same signal."""
    commands: dict[str, str] = {}
    signals: dict[str, str] = {}
    for one in compiled.values():
        for name, where in _commands(one):
            if name in commands:
                one.work.problem(where, f"/{name} belongs to '{commands[name]}' already", "duplicate-command")
            commands.setdefault(name, one.flow.id)
        signal = one.flow.trigger.signal if one.flow.trigger is not None else None
        if signal is None:
            continue
        if signal in signals:
            told = f"The signal '{signal}' starts '{signals[signal]}' already"
            one.work.problem(("start", "signal"), told, "duplicate-signal")
        signals.setdefault(signal, one.flow.id)


def _link(one: Compiled, step: Call | Start, compiled: _Flows, *, whole: bool) -> None:
    path = one.places[step.id].path
    other = compiled.get(step.flow)
    if other is None:
        if whole:
            close = did_you_mean(step.flow, sorted(compiled))
            field = "call" if isinstance(step, Call) else "start"
            one.work.problem((*path, field), f"unknown flow '{step.flow}'{close}", "unknown-flow")
        return
    for theirs, here in step.roles:
        if theirs not in other.flow.roles:
            close = did_you_mean(theirs, list(other.flow.roles))
            told = f"'{step.flow}' has no role '{theirs}'{close}"
            one.work.problem((*path, "roles", theirs), told, "unknown-role", key=True)
        if here != EACH:
            one.work.role(here, (*path, "roles", theirs))
    for role in other.flow.roles.values():
        if role.name not in dict(step.roles) and not role.joins:
            told = f"'{step.flow}' needs somebody for its role '{role.name}'"
            one.work.problem((*path, "roles"), told, "missing-role", key=True)
    _for_two(one, step, other, compiled)
    _begun_in_private(one, step, other, compiled)
    _nudged(one, step, other, compiled)
    _reviewed(one, step, other)
    for theirs, here in step.give:
        _passed(one, (*path, "give", theirs), (one, here), (other, theirs), key_is=other)
        _authored(one, (*path, "give", theirs), (one, here), (other, theirs), step)
        if isinstance(step, Start) and theirs in other.flow.slots and not other.flow.slots[theirs].given:
            told = f"'{theirs}' of '{step.flow}' cannot come with the start: add given: true to that slot"
            one.work.problem((*path, "give", theirs), told, "not-given", key=True)
        if theirs in other.flow.slots and other.flow.slots[theirs].granted:
            _brings_a_grant(one, step, theirs, here)
    for here, theirs in step.returns if isinstance(step, Call) else ():
        _passed(one, (*path, "returns", here), (other, theirs), (one, here), key_is=one)
        _authored(one, (*path, "returns", here), (one, here), (other, theirs), step)


def _for_two(one: Compiled, step: Call | Start, other: Compiled, compiled: _Flows) -> None:
    """A called flow that keeps a pair's record needs the pair: both people of a flow for two, and nobody twice."""
    if not isinstance(step, Call) or not any(map(_keeps_for_pair, with_callees(other, compiled))):
        return
    own = [here for _, here in step.roles if here in one.flow.roles]
    if len(one.flow.roles) != len(other.flow.roles) or len(set(own)) != len(other.flow.roles):
        told = f"'{step.flow}' keeps something for a pair: only a flow for two calls it, with both in it"
        one.work.problem((*one.places[step.id].path, "roles"), told, "not-for-two", key=True)


def _keeps_for_pair(one: Compiled) -> bool:
    return any(isinstance(step, Keep) and step.pair for step in one.flow.steps.values())


def _begun_in_private(one: Compiled, step: Call | Start, other: Compiled, compiled: _Flows) -> None:
    """What a private answer starts for one person alone stays with that person; for somebody else, it is told."""
    private = one.work.started.get(step.id)
    others = one.work.solo and with_others(one, step)
    reaches = isinstance(step, Call) if others else other.work.solo and reaches_others(other, compiled)
    if private is not None and reaches:
        told = f"'{step.flow}' reaches others, and whether it starts hangs on '{private}', which is private"
        field = "call" if isinstance(step, Call) else "start"
        one.work.problem((*one.places[step.id].path, field), told, "private-guard")


def _nudged(one: Compiled, step: Call | Start, other: Compiled, compiled: _Flows) -> None:
    """N1: a flow that nudges is led to from one's own: a flow for one person, or a lane, which starts no other.

    What reviews a record nudges those who said yes to that.
    """
    inside = one.places[step.id].lane is not None
    if inside or other.flow.reviews or not any(map(_nudges, with_callees(other, compiled))):
        return
    if not one.work.solo or any(here not in one.flow.roles for _, here in step.roles):
        told = f"'{step.flow}' nudges the person in it: only that person's own flow leads there"
        field = "call" if isinstance(step, Call) else "start"
        one.work.problem((*one.places[step.id].path, field), told, "nudges-another")


def _reviewed(one: Compiled, step: Call | Start, other: Compiled) -> None:
    """A flow that reviews a record is started by one that has just kept it, or that reviews it too."""
    if not other.flow.reviews:
        return
    path = one.places[step.id].path
    kinds = {keep.kind for keep in one.flow.steps.values() if isinstance(keep, Keep)} | set(one.flow.reviews)
    if isinstance(step, Call):
        told = f"'{step.flow}' reviews a record, for as long as that stands: start it, to run on its own"
        one.work.problem((*path, "call"), told, "no-record")
    elif not kinds & set(other.flow.reviews):
        told = f"'{step.flow}' reviews {' or '.join(other.flow.reviews)}: this flow keeps none"
        one.work.problem((*path, "start"), told, "no-record")
    elif not step.agreed:
        told = f"both have said yes to what '{step.flow}' reviews: add agreed: true"
        one.work.problem((*path, "start"), told, "no-record")


def _nudges(one: Compiled) -> bool:
    return any(isinstance(step, Ask | Say) and step.nudge for step in one.flow.steps.values())


def _brings_a_grant(one: Compiled, step: Call | Start, theirs: str, here: str) -> None:
    """A slot that comes with its author's grant comes from where that grant was given, on every way."""
    slot = one.flow.slots.get(here)
    if slot is None:
        return
    grants = [other for other in one.flow.steps.values() if isinstance(other, Grant) and other.item == here]
    lanes = {name: place.lane for name, place in one.places.items()}
    # Of more than two people, one alone may be the reader: whether that one is, the engine sees.
    for_everybody = len(one.flow.roles) <= _TWO or all(grant.to == EVERYONE for grant in grants)
    passed_by = for_everybody and step.id in before_granted(one.flow, lanes, here, _author(one, slot))
    if not grants or passed_by or isinstance(step, Call):
        told = f"'{theirs}' of '{step.flow}' comes with a grant: ask for one of '{here}' on every way before"
        told = told if isinstance(step, Start) else f"'{theirs}' of '{step.flow}' comes with a grant: start that flow"
        one.work.problem((*one.places[step.id].path, "give", theirs), told, "never-granted", key=True)


def _passed(
    one: Compiled, where: Path_, source: tuple[Compiled, str], target: tuple[Compiled, str], *, key_is: Compiled
) -> None:
    """What goes from one flow's slot to another's keeps its type, and never becomes readable to more people."""
    found: list[Slot] = []
    for flow, name in (source, target):
        slot = flow.flow.slots.get(name)
        if slot is None:
            close = did_you_mean(name, list(flow.flow.slots))
            told = f"'{flow.flow.id}' has no slot '{name}'{close}"
            one.work.problem(where, told, "unknown-slot", key=flow is key_is)
        else:
            found.append(slot)
    match found:
        case [given, taken] if {given.type, taken.type} & {SlotType.LIST, SlotType.ITEM} or given.per or taken.per:
            told = f"'{given.name}' belongs to the items of a list, which stay in their flow"
            one.work.problem(where, told, "wrong-type")
        case [given, taken] if given.type is not taken.type:
            told = f"'{given.name}' is a {given.type}, '{taken.name}' a {taken.type}"
            one.work.problem(where, told, "wrong-type")
        case [given, taken] if given.cls is SlotClass.EPHEMERAL and taken.cls is not SlotClass.EPHEMERAL:
            told = f"'{given.name}' is never kept: it cannot be passed on to '{taken.name}', which is"
            one.work.problem(where, told, "ephemeral-kept")
        case [given, taken] if given.cls is SlotClass.PRIVATE and taken.cls in RELEASABLE:
            told = f"'{given.name}' is private, and a grant could show '{taken.name}': ask for it as a draft"
            one.work.problem(where, told, "private-released")
        case [given, taken] if taken.cls in READ_BY_ALL and given.cls not in READ_BY_ALL:
            told = f"'{given.name}' is {given.cls}, and everybody can read '{taken.name}': only a grant may do that"
            one.work.problem(where, told, "private-given")
        case _:
            pass


def _authored(
    one: Compiled, where: Path_, mine: tuple[Compiled, str], theirs: tuple[Compiled, str], step: Call | Start
) -> None:
    """What passes between two flows, either way, stays its author's."""
    here, there = mine[0].flow.slots.get(mine[1]), theirs[0].flow.slots.get(theirs[1])
    if here is None or there is None:
        return
    roles = dict(step.roles)
    owner, other = _author(mine[0], here), _author(theirs[0], there)
    if isinstance(step, Start) and owner == other == EACH:
        told = f"'{here.name}' has one value a person, and only one can come with the start: ask for it over there"
        one.work.problem(where, told, "wrong-author")
        return
    if owner == other or (other == EACH and owner in roles.values()) or other not in {EACH, EVERYONE, *roles}:
        return
    if owner == EVERYONE and theirs[0].work.solo:
        return  # what is nobody's words, such as an agreed day, is one person's own to go on with
    if roles.get(other) != owner and not (owner == EACH and other in roles and isinstance(step, Call)):
        told = f"'{here.name}' belongs to {owner}, and '{there.name}' to {roles.get(other, other)}"
        one.work.problem(where, f"{told}: nothing changes its author", "wrong-author")


def _author(flow: Compiled, slot: Slot) -> str:
    """Return whose value it is: in a flow for one person, that person's."""
    return next(iter(flow.flow.roles)) if flow.work.solo and slot.of == EACH else slot.of


def _endless_calls(compiled: _Flows) -> None:
    """A flow that calls itself, by way of others too, would never come back."""
    calls = {
        name: [step for step in one.flow.steps.values() if isinstance(step, Call) and step.flow in compiled]
        for name, one in compiled.items()
    }
    leads_to = {name: {step.flow for step in steps} for name, steps in calls.items()}
    for name, steps in calls.items():
        for step in steps:
            way = _way(step.flow, name, leads_to)
            if way:
                told = f"'{name}' calls itself: {' → '.join([name, *way])}"
                path = compiled[name].places[step.id].path
                compiled[name].work.problem((*path, "call"), told, "endless-call")


def _way(start: str, goal: str, leads_to: Mapping[str, Iterable[str]]) -> list[str]:
    """The shortest way, both ends included, or nothing."""
    ways = [[start]]
    seen = {start}
    for way in ways:
        if way[-1] == goal:
            return way
        for further in sorted(leads_to[way[-1]]):
            if further not in seen:
                seen.add(further)
                ways.append([*way, further])
    return []
