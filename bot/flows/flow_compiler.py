"""From a file's data to a flow that the engine runs, or every reason why not."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bot.engine.model import EACH, Branch, Flow, Outcome, Role, Slot, SlotClass, SlotOption, SlotType, Step, Trigger
from bot.flows.compiling import Compiling, Place, milliseconds, stage_of
from bot.flows.problems import FlowInvalid, Problem, did_you_mean
from bot.flows.schema import (
    KINDS,
    FlowSource,
    LaneSource,
    LanesSource,
    RoleSource,
    SlotSource,
    StepSource,
    VolatileSource,
    kind_of,
)
from bot.flows.step_compiler import StepCompiler
from bot.flows.yaml_source import Path_, Source


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
    written = _shape(source)
    roles = {name: _role(name, shape) for name, shape in written.roles.items()}
    solo = next(iter(roles)) if len(roles) == 1 and not next(iter(roles.values())).many else EACH
    slots = {name: _slot(name, shape, solo) for name, shape in written.slots.items()}
    ids = [step.id for step in _all_steps(written.steps)]
    work = Compiling(written.flow, source, roles, slots, ids, list(written.outcomes), actions)
    _check_slots(work, written)
    outcomes = {
        name: Outcome(
            name=name,
            value=(guard := work.guard(shape.when, ("outcomes", name, "when"), None)),
            sources=tuple(sorted(guard.reads)),
        )
        for name, shape in written.outcomes.items()
    }
    for name, slot in written.slots.items():
        work.text(f"slots.{name}.name", slot.name or name.replace("_", " ").capitalize(), ("slots", name, "name"))
        for value, label in slot.options.items():
            work.text(f"slots.{name}.options.{value}", label, ("slots", name, "options", value))
    for name, shape in written.outcomes.items():
        work.text(f"outcomes.{name}.told", shape.told, ("outcomes", name, "told"))
    compiler = StepCompiler(work)
    compiler.top(cast("list[StepSource]", written.steps))
    expired = written.expired
    if expired is not None and expired not in ids:
        work.problem(("expired",), f"unknown step '{expired}'{did_you_mean(expired, ids)}", "unknown-step")
    trigger = _trigger(work, written)
    if work.problems:
        raise FlowInvalid(work.problems)
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
        trigger=trigger,
        with_pair=written.partner,
        signal=written.signal,
        lifetime=milliseconds(written.lifetime),
        expired=_resolved(expired, steps) if expired is not None else None,
        title=written.title,
        about=written.about,
    )
    return Compiled(flow, source, work, compiler.places, written)


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
        SlotOption(value=_option(value, kind), key=f"slots.{name}.options.{value}") for value in shape.options
    )
    return Slot(
        name=name,
        type=kind,
        cls=SlotClass(shape.cls),
        of=shape.of or default_of,
        options=options,
        max=shape.max,
        given=shape.given,
    )


def _option(value: str, kind: SlotType) -> str | int:
    if kind is SlotType.DURATION and value[:-1].isdecimal() and value[-1:] in {"m", "h", "d", "w"}:
        return milliseconds(value)
    return value


def _check_slots(work: Compiling, written: FlowSource) -> None:
    for name, shape in written.slots.items():
        if shape.of is not None and shape.of not in {EACH, "all", *work.roles}:
            close = did_you_mean(shape.of, [EACH, "all", *work.roles])
            work.problem(("slots", name, "of"), f"unknown role '{shape.of}'{close}", "unknown-role")
        if shape.type in {"choice", "choices"} and not shape.options:
            work.problem(("slots", name), f"'{name}' is a choice and has no options", "no-options", key=True)
        for value in shape.options:
            if shape.type == "duration" and isinstance(_option(value, SlotType.DURATION), str):
                message = f"'{value}' is no duration, such as 20m, 1h or 2d"
                work.problem(("slots", name, "options", value), message, "bad-duration", key=True)
        if name in work.roles:
            work.problem(("slots", name), f"'{name}' is a role already", "duplicate-name", key=True)


def _trigger(work: Compiling, written: FlowSource) -> Trigger | None:
    start = written.start
    if start is None:
        return None
    if start.argument is not None and start.argument not in work.slots:
        close = did_you_mean(start.argument, list(work.slots))
        work.problem(("start", "argument"), f"unknown slot '{start.argument}'{close}", "unknown-slot")
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


# Shape


def _shape(source: Source) -> FlowSource:
    try:
        return FlowSource.model_validate(source.data)
    except ValidationError as fault:
        problems = [problem for error in fault.errors() for problem in _told(source, error)]
        raise FlowInvalid(problems) from None


def _told(source: Source, error: ErrorDetails) -> list[Problem]:
    where = _in_file(source, error["loc"])
    kind, context = error["type"], error.get("ctx", {})
    match kind:
        case "unknown_keys":
            return [
                source.problem(
                    (*where, key),
                    f"unknown key '{key}'{did_you_mean(key, context['known'])}",
                    "unknown-key",
                    key=True,
                )
                for key in context["unknown"]
            ]
        case "missing":
            key = str(error["loc"][-1])
            return [source.problem(where, f"'{key}' is missing here", "missing-key", key=True)]
        case "union_tag_not_found":
            kinds = ", ".join(KINDS)
            return [source.problem(where, f"a step has one of these keys: {kinds}", "no-kind")]
        case "union_tag_invalid":
            message = f"a '{context['tag'].strip(chr(39))}' step cannot stand here"
            return [source.problem(where, message, "misplaced-step")]
        case _:
            return [source.problem(where, _plain(error), "wrong-type")]


_PLAIN = {
    "string_type": "text is wanted here: put it in quotes",
    "list_type": "a list is wanted here",
    "too_short": "this cannot be empty",
    "string_too_short": "this cannot be empty",
    "too_long": "at most {max_length} here",
    "string_too_long": "at most {max_length} characters here",
    "literal_error": "this is one of {expected}",
    "model_type": "a mapping of keys to values is wanted here",
    "dict_type": "a mapping of keys to values is wanted here",
    "model_attributes_type": "a mapping of keys to values is wanted here",
}


def _plain(error: ErrorDetails) -> str:
    context = error.get("ctx", {})
    if error["type"] == "string_pattern_mismatch":
        if context["pattern"].endswith("[mhdw]$"):
            return "a duration is wanted here, such as 20m, 24h, 7d or 2w"
        return "a name is wanted here: small letters, digits and _, beginning with a letter"
    message = error["msg"]
    return _PLAIN.get(error["type"], message[0].lower() + message[1:]).format_map(context)


def _in_file(source: Source, loc: tuple[int | str, ...]) -> Path_:
    """The part of the file that an error is about: its place without the names of union members.

    Behind a step's index comes its kind, which is also the name of one of its keys: that one is left out.
    """
    path: list[int | str] = []
    data: object = source.data
    kind_may_come = False
    for part in loc:
        inside = _inside(data, part)
        if kind_may_come and part == kind_of(data):
            kind_may_come = False
        elif inside is not None:
            path.append(part)
            data = inside[0]
            kind_may_come = isinstance(part, int)
    return tuple(path)


def _inside(data: object, part: int | str) -> tuple[object] | None:
    """What stands in a list or a mapping under that part, or None when nothing does."""
    if isinstance(data, dict) and part in data:
        return (cast("dict[object, object]", data)[part],)
    if isinstance(data, list) and isinstance(part, int) and part < len(cast("list[object]", data)):
        return (cast("list[object]", data)[part],)
    return None
