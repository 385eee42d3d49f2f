"""Where a flow leads, as facts tell it: steps with their lines, and all that comes before anybody is waited for."""

from bot.engine.model import Call, End, Gate, Grant, Reveal, Say, Stage, Step
from bot.flows.audiences import told_by
from bot.flows.facts.flow_facts import GateFacts, Joins, Part, StageFacts
from bot.flows.facts.step_facts import At, Led, Said
from bot.flows.flow_compiler import Compiled
from bot.flows.ways import around, at_once_after, entered, outermost, reached


def authored(step: str) -> str:
    """Return the name that the author gave: what a step is compiled to has a colon in it."""
    return step.partition(":")[0]


def at(compiled: Compiled, step: str) -> At:
    """Return a step with its line in the file."""
    mark = compiled.source.mark((*compiled.places[step].path, "id"))
    return At(step=authored(step), line=mark.line)


def words(compiled: Compiled, key: str) -> str:
    """Return a text as it is written, in one line; empty for an address that there is not."""
    used = compiled.work.texts.get(key)
    return " ".join(used.template.source.split()) if used is not None else ""


def led(compiled: Compiled, target: str) -> Led:
    """Return where something leads, with all that comes of it at once."""
    flow = compiled.flow
    start = entered(flow, target)
    walked = reached(flow, [start], lambda step: at_once_after(flow, step, ""))
    steps = [flow.steps[name] for name in flow.steps if name in walked]
    return Led(
        to=at(compiled, start),
        says=tuple(said(compiled, step) for step in steps if isinstance(step, Say)),
        shows=tuple(at(compiled, step.id) for step in steps if isinstance(step, Reveal)),
        waits_at=tuple(at(compiled, step.id) for step in steps if isinstance(step, Stage)),
        calls=tuple(step.flow for step in steps if isinstance(step, Call)),
        ends=any(isinstance(step, End) and step.id not in flow.lane_of for step in steps),
    )


def said(compiled: Compiled, step: Say) -> Said:
    """Return a line that somebody is told."""
    return Said(
        at=at(compiled, step.id),
        to=told_by(compiled, step),
        words=words(compiled, f"{step.id}.say"),
        when=step.when.source if step.when is not None else "",
    )


def stages_of(compiled: Compiled) -> tuple[StageFacts, ...]:
    """Return every stage of a flow, in its order."""
    return tuple(_stage(compiled, step) for step in compiled.flow.steps.values() if isinstance(step, Stage))


def is_alone(compiled: Compiled, stage: Stage) -> bool:
    """Return whether one person alone is in a stage."""
    roles = {script.role for script in stage.lanes}
    return len(roles) == 1 and not any(role.many for name, role in compiled.flow.roles.items() if name in roles)


def deadline(compiled: Compiled, stage: Stage) -> str:
    """Return when a stage's time is over, as it is written; nothing when it has no deadline."""
    raw = compiled.source.part(compiled.places[stage.id].path)
    found = [raw[key] for key in ("within", "until", "wait") if key in raw] if isinstance(raw, dict) else []
    return str(found[0]) if found else ""


def _stage(compiled: Compiled, stage: Stage) -> StageFacts:
    flow = compiled.flow
    inside = [step for name, step in flow.steps.items() if stage in around(flow, name)]
    joins = Joins.ALL if stage.join is None else Joins.SOME
    if not stage.lanes:
        joins = Joins.TIME
    elif stage.join_when is not None:
        joins = Joins.RESULT
    return StageFacts(
        at=at(compiled, stage.id),
        parts=tuple(
            Part(role=script.role, when=script.when.source if script.when is not None else "")
            for script in stage.lanes
        ),
        alone=is_alone(compiled, stage),
        joins=joins,
        least=stage.join or 0,
        result=stage.join_when.source if stage.join_when is not None else "",
        deadline=deadline(compiled, stage),
        silence=led(compiled, stage.expired) if stage.expired is not None else None,
        closings=tuple(at(compiled, step.id) for step in inside if closes(step)),
    )


def closes(step: Step) -> bool:
    """Return whether somebody's part may end at a step in a way that others cannot tell from silence."""
    match step:
        case Gate():
            return True
        case Grant(closes=closes) | End(closed=closes):
            return closes
        case _:
            return False


def gates_of(compiled: Compiled) -> tuple[GateFacts, ...]:
    """Return every gate of a flow, in its order."""
    return tuple(_gate(compiled, step) for step in compiled.flow.steps.values() if isinstance(step, Gate))


def _gate(compiled: Compiled, gate: Gate) -> GateFacts:
    stage = outermost(compiled.flow, gate.id)
    return GateFacts(
        at=at(compiled, gate.id),
        of=compiled.places[gate.id].lane or "",
        words=words(compiled, f"{gate.id}.gate"),
        invitation=gate.invitation,
        later=gate.later,
        never=gate.never,
        kindly=led(compiled, gate.told) if gate.told is not None else None,
        deadline=deadline(compiled, stage) if isinstance(stage, Stage) else "",
        silence=led(compiled, stage.expired) if isinstance(stage, Stage) and stage.expired is not None else None,
    )
