"""What an answer decides, and who notices it: expressions that read it, and results that count it."""

from collections.abc import Iterator
from dataclasses import replace

from bot.engine.guards import Guard
from bot.engine.model import (
    EACH,
    READ_BY_ALL,
    Ask,
    Each,
    End,
    Flow,
    Gate,
    Grant,
    Keep,
    Lasts,
    Outcome,
    Review,
    Say,
    Select,
    Slot,
    Stage,
    Start,
    Step,
)
from bot.flows.audiences import told_by, walkers_of
from bot.flows.closing import closed_by
from bot.flows.deciding import Deciding
from bot.flows.facts.flow_facts import OutcomeFacts
from bot.flows.facts.leading import at, words
from bot.flows.facts.slot_facts import Decision
from bot.flows.facts.step_facts import At
from bot.flows.flow_compiler import Compiled
from bot.flows.noticing import Notice, Noticing
from bot.flows.reading import private_behind, stage_guards, weighed_by
from bot.flows.starting import started_by, with_others
from bot.flows.telling import behind, effects_of, tells
from bot.flows.ways import entered, goes_on, reached


def decisions(compiled: Compiled, noticing: Noticing, deciding: Deciding, slot: Slot) -> tuple[Decision, ...]:
    """Return every step at which an expression, other than an outcome's, reads the slot, each once.

    Beside those there are the ends that close and the starts with others that hang on it by way of other answers.
    """
    found: dict[tuple[At, Notice], Decision] = {}
    for step in compiled.flow.steps.values():
        for decided in _decided(compiled, noticing, step, slot):
            before = found.setdefault((decided.at, decided.notice), decided)
            found[decided.at, decided.notice] = replace(
                before, silence=before.silence or decided.silence, begins=before.begins or decided.begins
            )
    read = list(found.values())
    silences, begins = {one.silence for one in read}, {one.begins for one in read}
    hanging = (one for step in compiled.flow.steps.values() for one in _hanging(compiled, deciding, step, slot.name))
    return (*read, *(one for one in hanging if one.silence not in silences or one.begins not in begins))


def _decided(compiled: Compiled, noticing: Noticing, step: Step, slot: Slot) -> Iterator[Decision]:
    here = at(compiled, step.id)
    if isinstance(step, Each) and step.over == slot.name:
        yield Decision(at=here, notice=Notice.AUTHOR, silence=None, begins="")
    for guard, read_in, targets in _guards(compiled, step):
        implied = isinstance(step, Grant) and step.item == slot.name and guard.source.strip() == slot.name
        if slot.name in guard.reads and not implied:
            yield Decision(
                at=here,
                notice=Notice.AUTHOR if compiled.work.solo else _notice(noticing, guard, read_in, slot),
                silence=_silence(compiled, targets),
                begins=_begins(compiled, targets),
            )


def _hanging(compiled: Compiled, deciding: Deciding, step: Step, slot: str) -> Iterator[Decision]:
    here = at(compiled, step.id)
    match step:
        case End(closed=True) if slot in closed_by(compiled, deciding, step):
            yield Decision(at=here, notice=Notice.AUTHOR, silence=here, begins="", reads=False)
        case Start() if compiled.work.solo and with_others(compiled, step):
            if slot in started_by(compiled, deciding, step):
                yield Decision(at=here, notice=Notice.AUTHOR, silence=None, begins=step.flow, reads=False)
        case _:
            pass


def outcomes_of(compiled: Compiled) -> tuple[OutcomeFacts, ...]:
    """Return every outcome of a flow, in its order."""
    return tuple(_outcome(compiled, outcome) for outcome in compiled.flow.outcomes.values())


def outcomes_behind(compiled: Compiled, deciding: Deciding, slot: str) -> tuple[str, ...]:
    """Return the outcomes that hang on a slot which not everybody may read, by way of others and of copies too."""
    return tuple(
        name
        for name in compiled.flow.outcomes
        if slot in private_behind(compiled.flow, [name]) or slot in behind(compiled, deciding, name).slots
    )


def _guards(compiled: Compiled, step: Step) -> Iterator[tuple[Guard, str | None, list[str]]]:
    """Every expression of a step, the role in whose lane it is read, and where it leads."""
    lane = compiled.places[step.id].lane
    if step.when is not None:
        yield step.when, lane, [step.id]
    for branch in step.next:
        if branch.guard is not None:
            yield branch.guard, lane, [branch.to]
    if isinstance(step, Stage):
        scripts = {id(script.when): script.role for script in step.lanes if script.when is not None}
        for guard in stage_guards(step):
            yield guard, scripts.get(id(guard)), []
    match step:
        case Keep(until=Guard() as until) | Lasts(until=until):
            yield until, lane, []
        case _:
            pass


def _notice(noticing: Noticing, guard: Guard, lane: str | None, slot: Slot) -> Notice:
    if slot.cls not in READ_BY_ALL:
        return noticing.notice(guard, lane, slot.name)
    own = lane is not None and slot.of in {EACH, lane} and slot.name not in guard.of_all
    return Notice.AUTHOR if own else Notice.EVERYBODY


def _silence(compiled: Compiled, targets: list[str]) -> At | None:
    """Where somebody's part ends so that it looks like silence, before they are asked anything more."""
    flow = compiled.flow
    walked = _at_once(flow, targets)
    return next((at(compiled, name) for name in flow.steps if name in walked and _is_closed(flow.steps[name])), None)


def _begins(compiled: Compiled, targets: list[str]) -> str:
    """Which flow with others begins at once."""
    flow = compiled.flow
    walked = _at_once(flow, targets)
    starts = (step for name, step in flow.steps.items() if name in walked and isinstance(step, Start))
    return next((step.flow for step in starts if compiled.work.solo and len(step.roles) > 1), "")


def _is_closed(step: Step) -> bool:
    return isinstance(step, End) and step.closed


def _at_once(flow: Flow, targets: list[str]) -> set[str]:
    def after(step: Step) -> list[str]:
        return [] if isinstance(step, Ask | Gate | Review | Grant | Stage) else goes_on(step)

    return reached(flow, [entered(flow, target) for target in targets], after)


def _outcome(compiled: Compiled, outcome: Outcome) -> OutcomeFacts:
    flow = compiled.flow
    effects = effects_of(compiled, outcome.name)
    return OutcomeFacts(
        name=outcome.name,
        line=compiled.source.mark(("outcomes", outcome.name), key=True).line,
        told=words(compiled, f"outcomes.{outcome.name}.told"),
        made_of=_written(outcome),
        weighs=tuple(private_behind(flow, weighed_by(flow, outcome.name))),
        picks_from=outcome.value.over if isinstance(outcome.value, Select) else "",
        told_at=tuple(at(compiled, step.id) for step in _telling(compiled, outcome)),
        used_at=tuple(
            (at(compiled, name), _seen_by(compiled, flow.steps[name])) for name in flow.steps if name in effects
        ),
    )


def _telling(compiled: Compiled, outcome: Outcome) -> Iterator[Step]:
    """The questions that say what an outcome does, of those that it hangs on; and other steps that say it."""
    flow = compiled.flow
    found = behind(compiled, Deciding(compiled), outcome.name)
    for step in flow.steps.values():
        asks = not isinstance(step, Ask) or step.id in found.questions
        if asks and tells(compiled, step, outcome.name):
            yield step


def _written(outcome: Outcome) -> str:
    match outcome.value:
        case Guard(source=source):
            return source
        case Select(over=over, where=where):
            return f"those of {over} for which {where.source}"
        case cases:
            told = (
                f"{case.result} if {case.guard.source}" if case.guard else f"else {case.result}" for case in cases
            )
            return ", ".join(told)


def _seen_by(compiled: Compiled, step: Step) -> tuple[str, ...]:
    """Who sees what a step does that hangs on an outcome."""
    if compiled.places[step.id].lane is None or isinstance(step, Say):
        return told_by(compiled, step) if isinstance(step, Say) else tuple(compiled.flow.roles)
    return tuple(sorted(walker for walker in walkers_of(compiled, step) if walker is not None))
