"""The grammar of guards: a small part of Python's expressions, read by ``ast`` and never by ``eval``.

What is allowed is typed and total: no loop, no attribute, no call but of the functions listed in FUNCTIONS.
"""

import ast
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from bot.engine.guard_values import added, extreme, instant_at, members, ordered
from bot.engine.guards import OTHERS, Data, Guard, Kind, Names, Scope
from bot.engine.local_time import local_date
from bot.engine.spoken import read_clock

LONGEST = 500
"""The most characters that a guard may have, so that compiling one takes bounded time and memory."""

MOST_UNITS = 10_000
"""The most minutes, hours or days that a duration may have."""


class GuardInvalid(ValueError):
    """An expression that cannot be used; ``offset`` is the character it is about."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the grammar, for the reference page: how it is written, and what it is."""

    usage: str
    about: str


FUNCTIONS: Mapping[str, Function] = {
    "all": Function(
        "all(CONDITION)", "Whether it holds for everybody, or for a role named after it, or for ``others``."
    ),
    "any": Function("any(CONDITION)", "Whether it holds for at least one person."),
    "none": Function("none(CONDITION)", "Whether it holds for nobody."),
    "count": Function("count(CONDITION)", "For how many people it holds."),
    "size": Function("size(LIST)", "How many items a list has, or how many choices were picked."),
    "visits": Function("visits(STEP)", "How often a step that waits was entered, this time included."),
    "greatest": Function("greatest(SLOT)", "The greatest number or the longest duration among everybody's answers."),
    "least": Function("least(SLOT)", "The least number or the shortest duration among everybody's answers."),
    "latest": Function("latest(SLOT)", "The latest date or time among everybody's answers."),
    "earliest": Function("earliest(SLOT)", "The earliest date or time among everybody's answers."),
    "minutes": Function("minutes(20)", "A duration."),
    "hours": Function("hours(24)", "A duration."),
    "days": Function("days(7)", "A duration."),
    "on": Function("on(DATE, '09:00')", "That time of a date as an instant, where the person lives."),
}
"""Every function that a guard may call."""


_Run = Callable[[Scope], Data]
_QUANTIFIERS: Mapping[str, Callable[[list[bool]], Data]] = {
    "all": all,
    "any": any,
    "none": lambda found: not any(found),
    "count": sum,
}
_EXTREMES: Mapping[str, tuple[Callable[[list[Any]], Data], frozenset[Kind]]] = {
    "greatest": (max, frozenset({Kind.NUMBER, Kind.DURATION})),
    "least": (min, frozenset({Kind.NUMBER, Kind.DURATION})),
    "latest": (max, frozenset({Kind.DATE, Kind.INSTANT, Kind.CLOCK})),
    "earliest": (min, frozenset({Kind.DATE, Kind.INSTANT, Kind.CLOCK})),
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
    return Guard(
        source,
        kind,
        frozenset(compiler.reads),
        run,
        frozenset(compiler.counts),
        frozenset(compiler.of_all),
        moving=compiler.moving,
    )


class _Compiler:
    def __init__(self, names: Names) -> None:
        self.names = names
        self.reads: set[str] = set()
        self.counts: set[str] = set()
        self.of_all: set[str] = set()
        self.folding = False
        self.moving = False

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
        self.moving = self.moving or name in {"now", "today"}
        if name == "now":
            return (lambda scope: scope.now), Kind.INSTANT
        if name == "today":
            return (lambda scope: local_date(scope.now, scope.zone).isoformat()), Kind.DATE
        if name == "zone_known" and self.names.alone:
            return (lambda scope: bool(scope.zone)), Kind.TRUTH
        if name == "item" and self.names.items is not None:
            return (lambda scope: scope.value("item")), self._item_kind(self.names.items)
        slot = self.names.slots.get(name)
        if slot is None:
            message = f"unknown name '{name}'{_did_you_mean(name, [*self.names.slots, 'now', 'today'])}"
            raise GuardInvalid(message, node.col_offset)
        if slot.each and not person and slot.kind is not Kind.ITEMS:
            message = f"'{name}' has one value a person here: write all(...), any(...), none(...) or count(...)"
            raise GuardInvalid(message, node.col_offset)
        if slot.per is not None and slot.per != self.names.items:
            message = f"'{name}' has one value an item of '{slot.per}': ask for it where each of them is gone through"
            raise GuardInvalid(message, node.col_offset)
        self.reads.add(name)
        if self.folding:
            self.of_all.add(name)
        return (lambda scope: scope.value(name)), slot.kind

    def _item_kind(self, name: str) -> Kind:
        gone_through = self.names.slots.get(name)
        return Kind.NAME if gone_through is not None and gone_through.kind is Kind.NAMES else Kind.ITEM

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
        if Kind.ITEMS in {left, right}:
            message = "a list has no value of its own; ask for its size(...)"
            raise GuardInvalid(message, node.col_offset)
        if Kind.TEXT in {left, right}:
            message = "what people write cannot be compared; ask only whether it is there"
            raise GuardInvalid(message, node.col_offset)
        if left != right:
            message = f"{left} cannot be compared with {right}"
            raise GuardInvalid(message, node.col_offset)

    def _check_options(self, node: ast.expr, other: ast.expr) -> None:
        if not (isinstance(node, ast.Name) and isinstance(other, ast.Constant)):
            return
        slot = self.names.slots.get((self.names.items or "") if node.id == "item" else node.id)
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
        return lambda scope: (run(scope) in members(many(scope))) != negated

    def _add(self, node: ast.expr, left: ast.expr, right: ast.expr, *, person: bool) -> tuple[_Run, Kind]:
        first, first_kind = self.expression(left, person=person)
        second, second_kind = self.expression(right, person=person)
        if second_kind is not Kind.DURATION or first_kind not in {Kind.INSTANT, Kind.DURATION, Kind.DATE}:
            message = "only a time, a date or a duration plus a duration can be added, such as: now + minutes(20)"
            raise GuardInvalid(message, node.col_offset)
        return (lambda scope: added(first(scope), second(scope))), first_kind

    def _call(self, node: ast.Call, *, person: bool) -> tuple[_Run, Kind]:
        known = list(FUNCTIONS)
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
        if name == "size":
            return self._size(node, person=person), Kind.NUMBER
        if name == "on":
            return self._on(node, person=person), Kind.INSTANT
        if name in _EXTREMES:
            return self._extreme(node, name)
        return self._quantifier(node, name, person=person), Kind.NUMBER if name == "count" else Kind.TRUTH

    def _quantifier(self, node: ast.Call, name: str, *, person: bool) -> _Run:
        match node.args:
            case [condition] if not self.folding:
                role = None
            case [condition, ast.Name(id=role)] if not self.folding and person and role == OTHERS:
                pass
            case [condition, named] if not self.folding:
                role = self._role(named)
            case _:
                message = f"{name}(...) takes a condition, and a role after it if it is not for everyone"
                raise GuardInvalid(
                    message + ("; it cannot stand in another" if self.folding else ""), node.col_offset
                )
        run = self._of_everybody(condition)[0]
        fold = _QUANTIFIERS[name]
        return lambda scope: fold([bool(run(one)) for one in scope.everybody(role)])

    def _of_everybody(self, node: ast.expr) -> tuple[_Run, Kind]:
        self.folding = True
        found = self.expression(node, person=True)
        self.folding = False
        return found

    def _extreme(self, node: ast.Call, name: str) -> tuple[_Run, Kind]:
        fold, kinds = _EXTREMES[name]
        match node.args:
            case [ast.Name() as named] if not self.folding:
                run, kind = self._of_everybody(named)
            case _:
                message = f"{name}(...) takes the name of one slot that everybody answers"
                raise GuardInvalid(message, node.col_offset)
        if kind not in kinds:
            message = f"{name}(...) is of {' or '.join(sorted(kinds))}, and this is {kind}"
            raise GuardInvalid(message, node.args[0].col_offset)
        return (lambda scope: extreme(fold, [run(one) for one in scope.everybody(None)])), kind

    def _size(self, node: ast.Call, *, person: bool) -> _Run:
        match node.args:
            case [ast.Name() as named]:
                run, kind = self.expression(named, person=person)
            case _:
                message = "size(...) takes the name of a list, or of a slot of several choices"
                raise GuardInvalid(message, node.col_offset)
        if kind not in {Kind.ITEMS, Kind.NAMES}:
            message = f"size(...) is of a list or of several choices, and this is {kind}"
            raise GuardInvalid(message, node.args[0].col_offset)
        return lambda scope: len(members(run(scope)))

    def _on(self, node: ast.Call, *, person: bool) -> _Run:
        match node.args:
            case [day, ast.Constant(value=str(written)) as clock]:
                minutes = read_clock(written)
                if minutes is None:
                    message = f"'{written}' is no time of day, such as '09:00'"
                    raise GuardInvalid(message, clock.col_offset)
                at, at_kind = _constant(minutes), Kind.CLOCK
            case [day, clock]:
                at, at_kind = self.expression(clock, person=person)
            case _:
                message = "on(...) takes a date and a time of day, such as: on(day, '09:00')"
                raise GuardInvalid(message, node.col_offset)
        run, kind = self.expression(day, person=person)
        if kind is not Kind.DATE or at_kind is not Kind.CLOCK:
            message = "on(...) takes a date and a time of day, such as: on(day, '09:00')"
            raise GuardInvalid(message, node.col_offset)
        return lambda scope: instant_at(run(scope), at(scope), scope.zone)

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


def _constant(data: Data) -> _Run:
    return lambda _: data


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
            return lambda scope: ordered(left(scope), right(scope), lambda a, b: a < b)
        case ast.LtE():
            return lambda scope: ordered(left(scope), right(scope), lambda a, b: a <= b)
        case ast.Gt():
            return lambda scope: ordered(left(scope), right(scope), lambda a, b: a > b)
        case ast.GtE():
            return lambda scope: ordered(left(scope), right(scope), lambda a, b: a >= b)
        case _:
            message = "use ==, !=, <, <=, >, >= or in"
            raise GuardInvalid(message, node.col_offset)


def _kind_of(value: str | float) -> Kind:
    if isinstance(value, bool):
        return Kind.TRUTH
    return Kind.NAME if isinstance(value, str) else Kind.NUMBER


def _did_you_mean(name: str, known: Sequence[str]) -> str:
    close = get_close_matches(name, known, n=1)
    return f", did you mean '{close[0]}'?" if close else ""
