"""The outcomes of a flow: what private values come to for everybody, and what is wrong with how it is said."""

from bot.engine.guards import Guard, Kind
from bot.engine.model import Case, Outcome, Select, SlotType
from bot.flows.compiling import Compiling
from bot.flows.problems import did_you_mean
from bot.flows.schema import CaseSource, OutcomeSource
from bot.flows.yaml_source import Path_

_TOLD = frozenset({Kind.NUMBER, Kind.DURATION, Kind.INSTANT, Kind.CLOCK, Kind.DATE})
"""What a value may be that texts can name."""


def kind_of_outcome(work: Compiling, shape: OutcomeSource) -> Kind:
    """Return what the outcome comes to, as far as its keys tell: a guard names it before it is compiled."""
    if shape.cases is not None:
        return Kind.NAME
    if shape.select is not None:
        slot = work.slots.get(shape.select)
        return Kind.NAMES if slot is not None and slot.type is SlotType.CHOICES else Kind.ITEMS
    return Kind.TRUTH


def outcome_of(work: Compiling, name: str, shape: OutcomeSource) -> Outcome:
    """Return the outcome; every fault is noted."""
    where: Path_ = ("outcomes", name)
    ways = [key for key in ("when", "value", "cases", "select") if getattr(shape, key) is not None]
    if len(ways) != 1:
        told = "an outcome is one of: when (it holds or not), is (a value), cases, or select with where"
        work.problem(where, told, "bad-outcome", key=True)
        return _nothing(name)
    if (shape.where is not None) != (shape.select is not None):
        told = "'select' and 'where' go together: what is gone through, and which of it is kept"
        work.problem((*where, "where" if shape.where is not None else "select"), told, "missing-key", key=True)
        return _nothing(name)
    if shape.select is not None and shape.where is not None:
        return _select(work, name, shape.select, shape.where)
    if shape.cases is not None:
        return Outcome(name=name, kind=Kind.NAME, value=_cases(work, (*where, "cases"), shape.cases))
    if shape.value is not None:
        guard = work.guard(shape.value, (*where, "is"), None, set(_TOLD))
        return Outcome(name=name, kind=guard.kind, value=guard)
    guard = work.guard(shape.when or "", (*where, "when"), None)
    return Outcome(name=name, kind=Kind.TRUTH, value=guard)


def _nothing(name: str) -> Outcome:
    return Outcome(name=name, kind=Kind.TRUTH, value=Guard("", Kind.TRUTH, frozenset(), lambda _: None))


def _select(work: Compiling, name: str, over: str, where: str) -> Outcome:
    path: Path_ = ("outcomes", name)
    slot = work.slots.get(over)
    if slot is None:
        work.problem(
            (*path, "select"), f"unknown slot '{over}'{did_you_mean(over, list(work.slots))}", "unknown-slot"
        )
    elif slot.type not in {SlotType.LIST, SlotType.CHOICES}:
        work.problem((*path, "select"), f"'{over}' is neither a list nor a slot of several choices", "wrong-type")
    guard = work.guard(where, (*path, "where"), None, {Kind.TRUTH}, items=over)
    return Outcome(name=name, kind=work.outcomes[name], value=Select(over=over, where=guard))


def _cases(work: Compiling, path: Path_, written: list[CaseSource]) -> tuple[Case, ...]:
    for index, case in enumerate(written):
        where: Path_ = (*path, index)
        last = index == len(written) - 1
        if (case.when is None) == (case.otherwise is None) or (case.result is None) != (case.when is None):
            work.problem(where, "a case is {when: GUARD, is: RESULT}, and the last one {else: RESULT}", "bad-branch")
        elif last and case.otherwise is None:
            work.problem(where, "the last case is an else: {else: RESULT}", "missing-else")
        elif not last and case.otherwise is not None:
            work.problem(where, "nothing after an else is ever reached", "unreachable-branch")
    return tuple(
        Case(
            guard=work.guard(case.when, (*path, index, "when"), None) if case.when is not None else None,
            result=case.result or case.otherwise or "",
        )
        for index, case in enumerate(written)
    )


def results_of(shape: OutcomeSource) -> tuple[str, ...]:
    """Return the results that an outcome of several cases may come to."""
    found = [case.result or case.otherwise for case in shape.cases or ()]
    return tuple(dict.fromkeys(one for one in found if one is not None))
