"""Guards: typed, total expressions over slots, compiled once at load.

The grammar is a small part of Python's expressions, read by ``ast`` and never by ``eval``. Every expression has a
value for every session: an answer that is missing is ``None``, equals nothing but ``None`` and is false.
"""

import ast
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import Any, Protocol

Data = str | int | bool | tuple[str, ...] | None
"""What a slot or an expression may hold; instants and durations are whole milliseconds."""

LONGEST = 500
"""The most characters that a guard may have, so that compiling one takes bounded time and memory."""

MOST_UNITS = 10_000
"""The most minutes, hours or days that a duration may have."""


class Kind(StrEnum):
    """The type of an expression."""

    TRUTH = "yes or no"
    NAME = "a choice"
    NAMES = "several choices"
    TEXT = "a text"
    NUMBER = "a number"
    DURATION = "a duration"
    INSTANT = "a time"
    CLOCK = "a time of day"
    DATE = "a date"


class Scope(Protocol):
    """What a guard can see: one person's answers, or everybody's when there is no person."""

    now: int

    def value(self, name: str) -> Data:
        """Return the value of a slot or outcome for the person at hand."""
        ...

    def everybody(self, role: str | None) -> "Sequence[Scope]":
        """Return one scope a person, of one role or of the whole flow."""
        ...

    def visits(self, step: str) -> int:
        """Return how often the step was entered."""
        ...


class GuardInvalid(ValueError):
    """An expression that cannot be used; ``offset`` is the character it is about."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


@dataclass(frozen=True, slots=True)
class SlotKind:
    """What a guard may know of a slot: its kind, its options, and whether each person has one."""

    kind: Kind
    options: tuple[str, ...] = ()
    each: bool = False


@dataclass(frozen=True, slots=True)
class Names:
    """What a guard may name. ``person`` says whether it is read for one person (in a lane) or for everybody."""

    slots: Mapping[str, SlotKind]
    roles: Sequence[str]
    steps: Sequence[str]
    person: bool


@dataclass(frozen=True, slots=True)
class Guard:
    """A compiled expression. ``reads`` names every slot and outcome it looks at, ``counts`` the steps it counts."""

    source: str
    kind: Kind
    reads: frozenset[str]
    evaluate: Callable[[Scope], Data]
    counts: frozenset[str] = frozenset()

    def holds(self, scope: Scope) -> bool:
        """Return whether the expression is true; an answer that is missing is not."""
        return bool(self.evaluate(scope))


_Run = Callable[[Scope], Data]
_QUANTIFIERS: Mapping[str, Callable[[list[bool]], Data]] = {
    "all": all,
    "any": any,
    "none": lambda found: not any(found),
    "count": sum,
}
_UNITS = {"minutes": 60_000, "hours": 3_600_000, "days": 86_400_000}
_ORDERED = {Kind.NUMBER, Kind.DURATION, Kind.INSTANT, Kind.CLOCK, Kind.DATE}


_TEXT = re.compile(r"'[^']*'|\"[^\"]*\"")
_ODD = re.compile(r"[^\x20-\x7e]|\\|(?<![A-Za-z0-9_])[0-9]+[A-Za-z_.]")
"""Refused outside of quotes: other alphabets, which Python folds into ours, backslashes, numbers such as 0x1f."""


def compile_guard(source: str, names: Names) -> Guard:
    """Return the compiled expression. Raises GuardInvalid with the place of the fault."""
    if len(source) > LONGEST:
        message = f"a guard has at most {LONGEST} characters"
        raise GuardInvalid(message, 0)
    odd = _ODD.search(_TEXT.sub(lambda text: "'" * len(text.group()), source)) or re.search(r"\\", source)
    if odd:
        message = f"'{odd.group()}' cannot stand in an expression, such as: answer == 'yes'"
        raise GuardInvalid(message, odd.start())
    try:
        tree = ast.parse(source, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as fault:
        offset = max(0, (getattr(fault, "offset", None) or 1) - 1)
        message = "this is not an expression, such as: answer == 'yes'"
        raise GuardInvalid(message, min(offset, len(source))) from None
    compiler = _Compiler(names)
    try:
        run, kind = compiler.expression(tree.body, person=names.person)
    except GuardInvalid as fault:
        # ast counts bytes; a text in quotes may hold wider characters.
        characters = len(source.encode()[: fault.offset].decode(errors="ignore"))
        raise GuardInvalid(str(fault), characters) from None
    return Guard(source, kind, frozenset(compiler.reads), run, frozenset(compiler.counts))


class _Compiler:
    def __init__(self, names: Names) -> None:
        self.names = names
        self.reads: set[str] = set()
        self.counts: set[str] = set()

    def expression(self, node: ast.expr, *, person: bool) -> tuple[_Run, Kind]:
        match node:
            case ast.BoolOp() | ast.UnaryOp(op=ast.Not()) | ast.Compare():
                return self._truth(node, person=person), Kind.TRUTH
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return self._add(node, left, right, person=person)
            case ast.Call():
                return self._call(node, person=person)
            case ast.Name(id=name):
                return self._name(node, name, person=person)
            case ast.Constant(value=value) if isinstance(value, bool | int | str):
                return (lambda _: value), _kind_of(value)
            case _:
                message = "only comparisons, and, or, not, in, + and the listed functions are allowed here"
                raise GuardInvalid(message, node.col_offset)

    def _truth(self, node: ast.BoolOp | ast.UnaryOp | ast.Compare, *, person: bool) -> _Run:
        if isinstance(node, ast.Compare):
            return self._compare(node, person=person)
        if isinstance(node, ast.UnaryOp):
            run, _ = self.expression(node.operand, person=person)
            return lambda scope: not run(scope)
        runs = [self.expression(value, person=person)[0] for value in node.values]
        return _both(runs) if isinstance(node.op, ast.And) else _either(runs)

    def _name(self, node: ast.expr, name: str, *, person: bool) -> tuple[_Run, Kind]:
        if name == "now":
            return (lambda scope: scope.now), Kind.INSTANT
        slot = self.names.slots.get(name)
        if slot is None:
            message = f"unknown name '{name}'{_did_you_mean(name, [*self.names.slots, 'now'])}"
            raise GuardInvalid(message, node.col_offset)
        if slot.each and not person:
            message = f"'{name}' has one value a person here: write all(...), any(...), none(...) or count(...)"
            raise GuardInvalid(message, node.col_offset)
        self.reads.add(name)
        return (lambda scope: scope.value(name)), slot.kind

    def _compare(self, node: ast.Compare, *, person: bool) -> _Run:
        if len(node.ops) != 1:
            message = "compare two things at a time; join comparisons by 'and'"
            raise GuardInvalid(message, node.col_offset)
        (op,), (right,) = node.ops, node.comparators
        if isinstance(op, ast.In | ast.NotIn):
            return self._contains(node, right, negated=isinstance(op, ast.NotIn), person=person)
        left_run, left_kind = self.expression(node.left, person=person)
        right_run, right_kind = self.expression(right, person=person)
        self._check_kinds(node, left_kind, right_kind)
        self._check_options(node.left, right)
        self._check_options(right, node.left)
        return _comparison(node, op, left_run, right_run, left_kind)

    def _check_kinds(self, node: ast.Compare, left: Kind, right: Kind) -> None:
        if Kind.TEXT in {left, right}:
            message = "what people write cannot be compared; ask only whether it is there"
            raise GuardInvalid(message, node.col_offset)
        if left != right:
            message = f"{left} cannot be compared with {right}"
            raise GuardInvalid(message, node.col_offset)

    def _check_options(self, node: ast.expr, other: ast.expr) -> None:
        if not (isinstance(node, ast.Name) and isinstance(other, ast.Constant)):
            return
        slot = self.names.slots.get(node.id)
        if slot is None or not slot.options or not isinstance(other.value, str):
            return
        if other.value not in slot.options:
            close = _did_you_mean(other.value, slot.options)
            message = f"'{other.value}' is not an option of '{node.id}'{close}"
            raise GuardInvalid(message, other.col_offset)

    def _contains(self, node: ast.Compare, right: ast.expr, *, negated: bool, person: bool) -> _Run:
        run, left = self.expression(node.left, person=person)
        if isinstance(right, ast.Tuple | ast.List):
            items: list[_Run] = []
            for item in right.elts:
                item_run, kind = self.expression(item, person=person)
                self._check_kinds(node, left, kind)
                self._check_options(node.left, item)
                items.append(item_run)
            return lambda scope: (run(scope) in [item(scope) for item in items]) != negated
        many, kind = self.expression(right, person=person)
        if kind is not Kind.NAMES or left is not Kind.NAME:
            message = (
                "after 'in' comes a slot of several choices, or a list such as ['a', 'b']; before it, one choice"
            )
            raise GuardInvalid(message, node.col_offset if kind is Kind.NAMES else right.col_offset)
        self._check_options(right, node.left)
        return lambda scope: (run(scope) in _members(many(scope))) != negated

    def _add(self, node: ast.expr, left: ast.expr, right: ast.expr, *, person: bool) -> tuple[_Run, Kind]:
        first, first_kind = self.expression(left, person=person)
        second, second_kind = self.expression(right, person=person)
        if second_kind is not Kind.DURATION or first_kind not in {Kind.INSTANT, Kind.DURATION}:
            message = "only a time or a duration plus a duration can be added, such as: now + minutes(20)"
            raise GuardInvalid(message, node.col_offset)
        return (lambda scope: _sum(first(scope), second(scope))), first_kind

    def _call(self, node: ast.Call, *, person: bool) -> tuple[_Run, Kind]:
        known = [*_QUANTIFIERS, *_UNITS, "visits"]
        if not isinstance(node.func, ast.Name) or node.keywords:
            message = f"only these are called, with plain arguments: {', '.join(known)}"
            raise GuardInvalid(message, node.col_offset)
        name = node.func.id
        if name not in known:
            message = f"unknown function '{name}'{_did_you_mean(name, known)}"
            raise GuardInvalid(message, node.col_offset)
        if name in _UNITS:
            return self._duration(node, _UNITS[name]), Kind.DURATION
        if name == "visits":
            return self._visits(node), Kind.NUMBER
        match node.args:
            case [condition] if not person:
                role = None
            case [condition, named] if not person:
                role = self._role(named)
            case _:
                message = f"{name}(...) takes a condition, and a role after it if it is not for everyone"
                raise GuardInvalid(message + ("; it is not for a lane" if person else ""), node.col_offset)
        run, _ = self.expression(condition, person=True)
        fold = _QUANTIFIERS[name]
        kind = Kind.NUMBER if name == "count" else Kind.TRUTH
        return (lambda scope: fold([bool(run(one)) for one in scope.everybody(role)])), kind

    def _role(self, node: ast.expr) -> str:
        if isinstance(node, ast.Name) and node.id in self.names.roles:
            return node.id
        close = f" '{node.id}'{_did_you_mean(node.id, self.names.roles)}" if isinstance(node, ast.Name) else ""
        message = f"unknown role{close}"
        raise GuardInvalid(message, node.col_offset)

    def _duration(self, node: ast.Call, unit: int) -> _Run:
        match node.args:
            case [ast.Constant(value=int(amount))] if not isinstance(amount, bool) and 0 < amount <= MOST_UNITS:
                return lambda _: amount * unit
            case _:
                message = f"a duration takes one whole number from 1 to {MOST_UNITS}, such as: minutes(20)"
                raise GuardInvalid(message, node.col_offset)

    def _visits(self, node: ast.Call) -> _Run:
        match node.args:
            case [ast.Name(id=step)] if step in self.names.steps:
                self.counts.add(step)
                return lambda scope: scope.visits(step)
            case [ast.Name(id=name)]:
                message = f"'{name}' is no step that waits{_did_you_mean(name, self.names.steps)}"
                raise GuardInvalid(message, node.args[0].col_offset)
            case _:
                message = "visits(...) takes the name of a step that waits"
                raise GuardInvalid(message, node.col_offset)


def _both(runs: list[_Run]) -> _Run:
    return lambda scope: all(run(scope) for run in runs)


def _either(runs: list[_Run]) -> _Run:
    return lambda scope: any(run(scope) for run in runs)


def _comparison(node: ast.Compare, op: ast.cmpop, left: _Run, right: _Run, kind: Kind) -> _Run:
    match op:
        case ast.Eq():
            return lambda scope: left(scope) == right(scope)
        case ast.NotEq():
            return lambda scope: left(scope) != right(scope)
        case _ if kind not in _ORDERED:
            message = f"{kind} has no order; use == or !="
            raise GuardInvalid(message, node.col_offset)
        case ast.Lt():
            return lambda scope: _ordered(left(scope), right(scope), lambda a, b: a < b)
        case ast.LtE():
            return lambda scope: _ordered(left(scope), right(scope), lambda a, b: a <= b)
        case ast.Gt():
            return lambda scope: _ordered(left(scope), right(scope), lambda a, b: a > b)
        case ast.GtE():
            return lambda scope: _ordered(left(scope), right(scope), lambda a, b: a >= b)
        case _:
            message = "use ==, !=, <, <=, >, >= or in"
            raise GuardInvalid(message, node.col_offset)


def _ordered(left: Data, right: Data, test: Callable[[Any, Any], bool]) -> bool:
    # Dates are ISO 8601 texts, whose order is that of time.
    for kind in (int, str):
        if isinstance(left, kind) and isinstance(right, kind):
            return test(left, right)
    return False


def _sum(left: Data, right: Data) -> Data:
    return left + right if isinstance(left, int) and isinstance(right, int) else None


def _members(data: Data) -> tuple[str, ...]:
    return data if isinstance(data, tuple) else ()


def _kind_of(value: str | float) -> Kind:
    if isinstance(value, bool):
        return Kind.TRUTH
    return Kind.NAME if isinstance(value, str) else Kind.NUMBER


def _did_you_mean(name: str, known: Sequence[str]) -> str:
    close = get_close_matches(name, known, n=1)
    return f", did you mean '{close[0]}'?" if close else ""
