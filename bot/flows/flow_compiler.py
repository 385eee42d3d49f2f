"""From a file's data to a flow that the engine runs, or every reason why not."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from keyword import iskeyword
from typing import Any, cast

from bot.engine.answers import TEXT_MAX
from bot.engine.effects import PHRASES
from bot.engine.model import (
    EACH,
    EVERYONE,
    PARTNER,
    READ_BY_ALL,
    ROOM,
    Branch,
    Flow,
    Outcome,
    Role,
    Slot,
    SlotClass,
    SlotOption,
    SlotType,
    Step,
    Trigger,
)
from bot.engine.prompts import SKIP
from bot.flows.compiling import DAY, Compiling, Place, milliseconds, stage_of, stored_option
from bot.flows.problems import FlowInvalid, Problem, did_you_mean
from bot.flows.schema import (
    CallSource,
    FlowSource,
    LaneSource,
    LanesSource,
    RoleSource,
    SlotSource,
    StepSource,
    VolatileSource,
    WaitingSource,
    WaitSource,
)
from bot.flows.shape import shape_of
from bot.flows.step_compiler import StepCompiler
from bot.flows.yaml_source import Path_, Source

_COUNTED = (WaitingSource, LanesSource, WaitSource, CallSource)
"""The steps whose visits the engine counts."""

RESERVED_FLOWS = frozenset({PHRASES})
RESERVED = frozenset({EACH, EVERYONE, ROOM, PARTNER, "now"})
"""Names that mean something already."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """A flow with what the checks need of its file."""

    flow: Flow
    source: Source
    work: Compiling
    places: Mapping[str, Place]
    written: FlowSource


def compile_flow(source: Source, actions: frozenset[str]) -> Compiled:
    """Return the flow. Raises FlowInvalid with every problem of shape, name and expression."""
    compiled, problems = read_flow(source, actions)
    problems += compiled.work.problems if compiled is not None else []
    if compiled is None or problems:
        raise FlowInvalid(problems)
    return compiled


def read_flow(source: Source, actions: frozenset[str]) -> tuple[Compiled | None, list[Problem]]:
    """Return the flow as far as it can be made out, and every problem of shape; the others are in its ``work``."""
    shape = shape_of(source)
    told = [fault.problem for fault in shape.faults]
    if shape.written is None:
        return None, told
    return _compiled(source, shape.written, actions, shape.broken), told


def _compiled(source: Source, written: FlowSource, actions: frozenset[str], broken: frozenset[Path_]) -> Compiled:
    roles = {name: _role(name, shape) for name, shape in written.roles.items()}
    solo = next(iter(roles)) if len(roles) == 1 and not next(iter(roles.values())).many else EACH
    slots = {name: _slot(name, shape, solo) for name, shape in written.slots.items()}
    ids = [step.id for step in _all_steps(written.steps)]
    work = Compiling(
        written.flow,
        source,
        roles,
        slots,
        ids,
        list(written.outcomes),
        actions,
        counted=[step.id for step in written.steps if isinstance(step, _COUNTED)],
        partner=written.partner,
        broken=broken,
    )
    _check_names(work)
    _check_slots(work, written)
    outcomes = {
        name: Outcome(
            name=name,
            value=(guard := work.guard(shape.when, ("outcomes", name, "when"), None)),
            sources=tuple(sorted(guard.reads)),
        )
        for name, shape in written.outcomes.items()
    }
    _slot_texts(work, written)
    for name, shape in written.outcomes.items():
        work.label(f"outcomes.{name}.told", shape.told, ("outcomes", name, "told"))
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
        trigger=_trigger(work, written),
        with_pair=written.partner,
        signal=written.signal,
        lifetime=milliseconds(written.lifetime),
        expired=_resolved(expired, steps) if expired is not None else None,
        title=written.title,
        about=written.about,
    )
    return Compiled(flow, source, work, compiler.places, written)


def _slot_texts(work: Compiling, written: FlowSource) -> None:
    for name, slot in written.slots.items():
        work.label(f"slots.{name}.name", slot.name or name.replace("_", " ").capitalize(), ("slots", name, "name"))
        for value, label in slot.options.items():
            work.label(f"slots.{name}.options.{value}", label, ("slots", name, "options", value))


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


def _slot(name: str, shape: SlotSource, default_of: str) -> Slot:
    kind = SlotType(shape.type)
    options = tuple(
        SlotOption(value=stored_option(value, kind), key=f"slots.{name}.options.{value}") for value in shape.options
    )
    return Slot(
        name=name,
        type=kind,
        cls=SlotClass(shape.cls),
        of=shape.of or default_of,
        options=options,
        min=_least(shape),
        max=_most(shape),
        within=milliseconds(shape.within) // DAY if shape.within else None,
        given=shape.given,
    )


_MOST = {"text": 500, "number": 1_000_000, "scale": 10, "duration": 366 * DAY}


def _least(shape: SlotSource) -> int:
    if isinstance(shape.min, str):
        return milliseconds(shape.min)
    return shape.min if shape.min is not None else 0


def _most(shape: SlotSource) -> int:
    if isinstance(shape.max, str):
        return milliseconds(shape.max)
    return shape.max if shape.max is not None else _MOST.get(shape.type, 500)


def _check_names(work: Compiling) -> None:
    """Names that a guard, an audience or an address could not tell apart."""
    if work.flow in RESERVED_FLOWS:
        work.problem(("flow",), f"'{work.flow}' means something already: choose another name", "reserved-name")
    for part, names in (("roles", work.roles), ("slots", work.slots), ("outcomes", work.outcomes)):
        for name in names:
            if name in RESERVED or iskeyword(name):
                told = f"'{name}' means something already: choose another name"
                work.problem((part, name), told, "reserved-name", key=True)
    for part, names, others, what in (
        ("slots", work.slots, work.roles, "role"),
        ("outcomes", work.outcomes, [*work.roles, *work.slots], "role or slot"),
    ):
        for name in names:
            if name in others:
                work.problem((part, name), f"'{name}' is a {what} already", "duplicate-name", key=True)


def _check_slots(work: Compiling, written: FlowSource) -> None:
    for name, shape in written.slots.items():
        role = work.roles.get(shape.of or "")
        if role is not None and role.many and not work.solo:
            told = f"'{role.name}' may be many people: say of: each"
            work.problem(("slots", name, "of"), told, "many-owners")
        if shape.of == EVERYONE and SlotClass(shape.cls) not in READ_BY_ALL:
            told = f"one value for everybody has no author, so it cannot be {shape.cls}: say class: signal"
            work.problem(("slots", name, "class"), told, "no-author")
        if shape.of is not None and shape.of not in {EACH, "all", *work.roles}:
            close = did_you_mean(shape.of, [EACH, "all", *work.roles])
            work.problem(("slots", name, "of"), f"unknown role '{shape.of}'{close}", "unknown-role")
        if shape.type in {"choice", "choices"} and not shape.options:
            work.problem(("slots", name), f"'{name}' is a choice and has no options", "no-options", key=True)
        _check_bounds(work, name, shape)
        for value in shape.options:
            if value == SKIP:
                told = "'skip' is what optional: true offers; as an answer of its own, name it otherwise"
                work.problem(("slots", name, "options", value), told, "reserved-name", key=True)
            if shape.type == "duration" and isinstance(stored_option(value, SlotType.DURATION), str):
                message = f"'{value}' is no duration, such as 20m, 1h or 2d"
                work.problem(("slots", name, "options", value), message, "bad-duration", key=True)


def _check_bounds(work: Compiling, name: str, shape: SlotSource) -> None:
    """A bound fits its type: characters, numbers or lengths of time."""
    where = ("slots", name)
    if shape.within is not None and shape.type != "date":
        work.problem((*where, "within"), "only a date is within something", "misplaced-key", key=True)
    for key, bound in (("min", shape.min), ("max", shape.max)):
        if bound is None or (shape.type == "duration" and isinstance(bound, str)):
            continue
        fits = shape.type in {"number", "scale"} or (shape.type == "text" and key == "max")
        if isinstance(bound, str) or not fits:
            told = f"'{key}' does not fit a {shape.type}"
            work.problem((*where, key), told, "misplaced-key", key=True)
        elif shape.type == "text" and bound > TEXT_MAX:
            work.problem((*where, key), f"a text has at most {TEXT_MAX} characters", "wrong-type")
    if _least(shape) > _most(shape):
        work.problem((*where, "min"), "the least is more than the most", "wrong-type", key=True)


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
    return Trigger(command=start.command, signal=start.signal, argument=start.argument)


def _all_steps(steps: list[Any]) -> Iterator[StepSource]:
    for step in steps:
        yield step
        if isinstance(step, VolatileSource):
            yield from _all_steps(step.volatile)
        if isinstance(step, LanesSource):
            lanes = step.lanes if isinstance(step.lanes, dict) else {"": step.lanes}
            for lane in lanes.values():
                yield from _all_steps(lane.steps if isinstance(lane, LaneSource) else lane)
