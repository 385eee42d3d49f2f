"""Questions that not everybody is asked: whether others can tell by an outcome that somebody was not."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import replace

from bot.engine.guards import Guard
from bot.engine.model import Ask, Call, Case, Flow, Outcome, Stage, Step
from bot.flows.copies import copied_by
from bot.flows.expressions import is_same, option_of, options_named, parsed, parts_of
from bot.flows.flow_compiler import Compiled
from bot.flows.reading import slots_behind
from bot.flows.ways import further, onward, outermost, reached


def looks_answered(compiled: Compiled, ask: Ask) -> bool:
    """Return whether not being asked looks like one of the answers, or like silence, whatever reads them."""
    flow = compiled.flow
    if ask.optional or min(ask.least) == 0 or _ends_its_stage(flow, ask):
        return True
    copied = {read.name for step in flow.steps.values() for _, read, *_ in copied_by(compiled, step)}
    given = {here for step in flow.steps.values() if isinstance(step, Call) for _, here in step.give}
    if ask.save in copied | given:
        return False
    named: set[str] = set()
    for guard, *_ in compiled.work.guards:
        found = options_named(guard, ask.save) if ask.save in guard.reads else set[str]()
        if found is None:
            return False
        named |= found
    slot = flow.slots[ask.save]
    offered = {choice.value for choice in ask.choices} & {str(option.value) for option in slot.options}
    return bool(offered - named)


def _ends_its_stage(flow: Flow, ask: Ask) -> bool:
    """Whether its stage waits for nothing but this answer: whoever is not asked is like who says nothing."""
    stage = outermost(flow, ask.id)
    ends = stage.join_when if isinstance(stage, Stage) else None
    return ends is not None and slots_behind(flow, ends.reads) == {ask.save}


def told_unasked(flow: Flow, ask: Ask, effects: Iterable[str]) -> set[str]:
    """Return those of some steps that can come though not everybody was asked a question.

    The others come only where an outcome says of everybody what the question's own ``when`` says of one.
    """
    found = set(effects)
    asked = parsed(f"all({ask.when.source})") if ask.when is not None else None
    if asked is None:
        return found
    said = {name for name, outcome in flow.outcomes.items() if is_same(outcome.value, asked)}
    results = {(name, result) for name, outcome in flow.outcomes.items() for result in _results(outcome, asked)}

    def holds(guard: Guard | None) -> bool:
        parts = parts_of(guard.source) if guard is not None else ()
        return any((isinstance(part, ast.Name) and part.id in said) or option_of(part) in results for part in parts)

    def after(step: Step) -> list[str]:
        if holds(step.when):
            return onward(flow, Step(id=step.id, when=step.when, following=step.following))
        return further(flow, replace(step, next=tuple(branch for branch in step.next if not holds(branch.guard))))

    walked = reached(flow, [flow.first], after)
    return {name for name in found if name in walked and not holds(flow.steps[name].when)}


def _results(outcome: Outcome, wanted: ast.expr) -> Iterator[str]:
    """The results of an outcome that come of one expression alone."""
    cases: tuple[Case, ...] = outcome.value if isinstance(outcome.value, tuple) else ()
    results = [case.result for case in cases]
    yield from (case.result for case in cases if is_same(case.guard, wanted) and results.count(case.result) == 1)
