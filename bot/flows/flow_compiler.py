"""From a file's data to a flow that the engine runs, or every reason why not."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from keyword import iskeyword
from typing import Any, cast

from bot.engine.effects import PHRASES, RECORDS
from bot.engine.guards import OTHERS
from bot.engine.model import (
    AUTHOR,
    EACH,
    EVERYONE,
    PARTNER,
    ROOM,
    Branch,
    Flow,
    Outcome,
    Role,
    Step,
    Trigger,
)
from bot.flows.compiling import LONGEST_TEXT, SELF, Compiling, Place, milliseconds, stage_of
from bot.flows.forms import forms_of
from bot.flows.migrations import DROP, migrations_of
from bot.flows.outcomes import kind_of_outcome, outcome_of, results_of
from bot.flows.problems import FlowInvalid, Problem, did_you_mean
from bot.flows.record_kinds import NO_RECORDS, Records
from bot.flows.schema import (
    LONGEST_ABOUT,
    LONGEST_TITLE,
    CallSource,
    EachSource,
    FlowSource,
    LaneSource,
    LanesSource,
    RoleSource,
    StepSource,
    VolatileSource,
    WaitingSource,
    WaitSource,
)
from bot.flows.shape import shape_of
from bot.flows.slots import check_slots, slot_of, slot_texts
from bot.flows.step_compiler import StepCompiler
from bot.flows.yaml_source import Path_, Source

MOST_STEPS = 300
"""The most steps of a flow, those in lanes and sections included: what is checked grows faster than their number."""

_COUNTED = (WaitingSource, LanesSource, WaitSource, CallSource)
"""The steps whose visits the engine counts."""

RESERVED_FLOWS = frozenset({PHRASES, RECORDS})
RESERVED = frozenset({EACH, EVERYONE, ROOM, PARTNER, AUTHOR, OTHERS, SELF, "now", "today", "zone_known", "item"})
"""Names that mean something already."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """A flow with what the checks need of its file."""

    flow: Flow
    source: Source
    work: Compiling
    places: Mapping[str, Place]
    written: FlowSource


def outcome_place(compiled: Compiled, name: str) -> Path_:
    """Return where an outcome says what it comes to."""
    shape = compiled.written.outcomes[name]
    keys = {"when": shape.when, "is": shape.value, "cases": shape.cases, "select": shape.select}
    return ("outcomes", name, next((key for key, said in keys.items() if said is not None), "when"))


def compile_flow(source: Source, actions: frozenset[str], records: Records = NO_RECORDS) -> Compiled:
    """Return the flow. Raises FlowInvalid with every problem of shape, name and expression."""
    compiled, problems = read_flow(source, actions, records)
    problems += compiled.work.problems if compiled is not None else []
    if compiled is None or problems:
        raise FlowInvalid(problems)
    return compiled


def read_flow(
    source: Source, actions: frozenset[str], records: Records = NO_RECORDS
) -> tuple[Compiled | None, list[Problem]]:
    """Return the flow as far as it can be made out, and every problem of shape; the others are in its ``work``."""
    shape = shape_of(source)
    told = [fault.problem for fault in shape.faults]
    if shape.written is None:
        return None, told
    count = sum(1 for _ in _all_steps(shape.written.steps))
    if count > MOST_STEPS:
        many = f"these are {count} steps; a flow has at most {MOST_STEPS}, and can call others"
        return None, [*told, source.problem(("steps",), many, "too-many-steps", key=True)]
    return _compiled(source, shape.written, actions, records, shape.broken), told


def _compiled(
    source: Source, written: FlowSource, actions: frozenset[str], records: Records, broken: frozenset[Path_]
) -> Compiled:
    roles = {name: _role(name, shape) for name, shape in written.roles.items()}
    solo = next(iter(roles)) if len(roles) == 1 and not next(iter(roles.values())).many else EACH
    slots = {name: slot_of(name, shape, solo) for name, shape in written.slots.items()}
    ids = [step.id for step in _all_steps(written.steps)]
    work = Compiling(
        written.flow,
        source,
        roles,
        slots,
        ids,
        {},
        actions,
        counted=[step.id for step in written.steps if isinstance(step, _COUNTED)],
        partner=written.partner,
        records=records,
        broken=broken,
    )
    _foresee(work, written)
    _check_names(work)
    check_slots(work, written)
    if written.take_back is not None and work.solo:
        told = "a flow for one person has nothing to take back: leave this out"
        work.problem(("take_back",), told, "misplaced-key", key=True)
    outcomes = _outcomes(work, written)
    _listed(work, written)
    slot_texts(work, written)
    for name, shape in written.outcomes.items():
        work.label(f"outcomes.{name}.told", shape.told, ("outcomes", name, "told"), most=LONGEST_TEXT)
    compiler = StepCompiler(work)
    compiler.top(cast("list[StepSource]", written.steps))
    expired = work.target(written.expired, ("expired",))
    steps = {name: _resolve(step, compiler.steps) for name, step in compiler.steps.items()}
    flow = Flow(
        id=written.flow,
        version=written.version,
        revision="",
        first=_resolved(written.steps[0].id, steps),
        roles=roles,
        slots=slots,
        steps=steps,
        outcomes=outcomes,
        texts={key: used.template for key, used in work.texts.items()},
        asks=compiler.asks,
        lane_of=compiler.lane_of,
        loops=work.loops,
        trigger=_trigger(work, written),
        with_pair=written.partner,
        reviews=tuple(written.reviews),
        signal=written.signal,
        take_back=written.take_back,
        lifetime=milliseconds(written.lifetime),
        expired=_resolved(expired, steps) if expired is not None else None,
        title=written.title,
        about=written.about,
        migrations=migrations_of(work, written),
    )
    return Compiled(replace(flow, forms=forms_of(flow)), source, work, compiler.places, written)


def _foresee(work: Compiling, written: FlowSource) -> None:
    """Note what expressions and texts may name before any of them is compiled."""
    for name, shape in written.outcomes.items():
        work.outcomes[name] = kind_of_outcome(work, shape)
        work.results[name] = results_of(shape)
        if shape.select is not None:
            work.selects[name] = shape.select
    for step in _all_steps(written.steps):
        if isinstance(step, EachSource):
            work.loops |= step.each


def _outcomes(work: Compiling, written: FlowSource) -> dict[str, Outcome]:
    """Compile the outcomes; those first that come to a value, whose kind others ask for."""
    found: dict[str, Outcome] = {}
    for name in sorted(written.outcomes, key=lambda name: written.outcomes[name].value is None):
        found[name] = outcome_of(work, name, written.outcomes[name])
        work.outcomes[name] = found[name].kind
    return {name: found[name] for name in written.outcomes}


def _listed(work: Compiling, written: FlowSource) -> None:
    """What lists and menus call the flow."""
    work.label("title", written.title, ("title",), most=LONGEST_TITLE)
    if written.about:
        work.label("about", written.about, ("about",), most=LONGEST_ABOUT)


def _resolved(target: str, steps: Mapping[str, Step]) -> str:
    """A target that waits at the top is entered by its stage."""
    return stage_of(target) if stage_of(target) in steps else target


def _resolve(step: Step, steps: Mapping[str, Step]) -> Step:
    branches = tuple(Branch(guard=b.guard, to=_resolved(b.to, steps)) for b in step.next)
    changes: dict[str, Any] = {"next": branches}
    for field in ("expired", "missing"):
        target = getattr(step, field, None)
        if target is not None:
            changes[field] = _resolved(target, steps)
    return replace(step, **changes)


def _role(name: str, shape: str | RoleSource) -> Role:
    return Role(name=name, many=shape == "many", joins=isinstance(shape, RoleSource))


def _check_names(work: Compiling) -> None:
    """Names that a guard, an audience or an address could not tell apart."""
    if work.flow in RESERVED_FLOWS:
        work.problem(("flow",), f"'{work.flow}' means something already: choose another name", "reserved-name")
    for part, names in (("roles", work.roles), ("slots", work.slots), ("outcomes", work.outcomes)):
        for name in names:
            if name in RESERVED or iskeyword(name) or (part == "slots" and name == DROP):
                told = f"'{name}' means something already: choose another name"
                work.problem((part, name), told, "reserved-name", key=True)
    for part, names, others, what in (
        ("slots", work.slots, work.roles, "role"),
        ("outcomes", work.outcomes, [*work.roles, *work.slots, *work.loops], "role, a slot or an item"),
    ):
        for name in names:
            if name in others:
                work.problem((part, name), f"'{name}' is a {what} already", "duplicate-name", key=True)


def _trigger(work: Compiling, written: FlowSource) -> Trigger | None:
    start = written.start
    if start is None:
        return None
    if start.argument is not None and start.argument not in work.slots:
        close = did_you_mean(start.argument, list(work.slots))
        work.problem(("start", "argument"), f"unknown slot '{start.argument}'{close}", "unknown-slot")
    elif start.argument is not None and not work.slots[start.argument].given:
        told = f"'{start.argument}' cannot come with the start: add given: true to the slot"
        work.problem(("start", "argument"), told, "not-given")
    if start.shared and (work.solo or start.command is None):
        told = "only a command of a flow for several people can bring them to one that runs"
        work.problem(("start", "shared"), told, "misplaced-key", key=True)
    return Trigger(command=start.command, signal=start.signal, argument=start.argument, shared=start.shared)


def _all_steps(steps: list[Any]) -> Iterator[StepSource]:
    for step in steps:
        yield step
        if isinstance(step, VolatileSource):
            yield from _all_steps(step.volatile)
        if isinstance(step, EachSource):
            yield from _all_steps(step.steps)
        if isinstance(step, LanesSource):
            lanes = step.lanes if isinstance(step.lanes, dict) else {"": step.lanes}
            for lane in lanes.values():
                yield from _all_steps(lane.steps if isinstance(lane, LaneSource) else lane)
