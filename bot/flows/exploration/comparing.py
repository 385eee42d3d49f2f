"""What the expressions of a flow compare: answers with bounds, with the clock, with counts and with other answers."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import replace

from bot.engine.guards import Guard, Kind
from bot.engine.model import Assign, Call, Compose, Each, Flow, Keep, Lasts, Select, SlotType, Stage, Step
from bot.engine.spoken import DAY, HOUR, MINUTE, read_clock
from bot.flows.exploration.relations import BEGINS, NOW, SCALES, TODAY, Compared, Relation, Sum, Term, Var
from bot.flows.reading import stage_guards, ways_of

_HANDED = 2
"""By way of how many slots what is put into one can come to be compared."""

_UNITS = {"minutes": MINUTE, "hours": HOUR, "days": DAY}
_QUANTIFIERS = {"all", "any", "none", "count"}
_EXTREMES = {"greatest", "least", "latest", "earliest"}


def compared_in(flow: Flow) -> Compared:
    """Return what the expressions of a flow compare, and those of the flows that it calls."""
    found = Compared()
    for name in (flow.id, *flow.calls):
        _Reader(flow, flow.named(name), found).read()
    for _ in range(_HANDED):
        found.relations += [one for relation in found.relations for one in _put_in(relation, found.assigned)]
        found.relations = list(dict.fromkeys(found.relations))
    return found


def _put_in(relation: Relation, assigned: Mapping[Var, list[Sum]]) -> Iterator[Relation]:
    """What a comparison comes to by way of what was put into one of its slots."""
    terms = relation.sum.terms
    for at, term in enumerate(terms):
        sign = 1 if term.factor > 0 else -1
        for value in assigned.get(term.var, ()):
            put = (
                replace(one, factor=sign * one.factor, grain=max(one.grain, term.grain), somebody=term.somebody)
                for one in value.terms
            )
            found = Sum((*terms[:at], *put, *terms[at + 1 :]), relation.sum.offset + sign * value.offset)
            yield replace(relation, sum=found)


def _deciding(step: Step) -> Iterator[Guard]:
    """The expressions of a step that are true or not."""
    yield from ways_of(step)
    match step:
        case Stage():
            yield from (guard for guard in stage_guards(step) if guard is not step.until)
        case Compose():
            yield from (part.when for part in step.parts if part.when is not None)
        case _:
            pass


class _Reader:
    """Reads the expressions of one flow; ``whole`` is the one that all is called from."""

    def __init__(self, whole: Flow, flow: Flow, found: Compared) -> None:
        self._whole = whole
        self._flow = flow
        self._found = found
        self._place = ""
        """The step, or the outcome, that is read."""
        self._items: Var | None = None
        """The slot whose options are gone through, where one is at hand."""

    def read(self) -> None:
        for step in self._flow.steps.values():
            self._place = step.id
            self._items = self._gone_through(step)
            self._step(step)
        for outcome in self._flow.outcomes.values():
            self._place = outcome.name
            self._items = self._options_of(outcome.value.over) if isinstance(outcome.value, Select) else None
            for guard in outcome.guards:
                self._value(guard)

    def _gone_through(self, step: Step) -> Var | None:
        around = (self._flow.steps[name] for name in (step.id, *self._flow.around(step.id)))
        over = next((one.over for one in around if isinstance(one, Each)), None)
        return self._options_of(over) if over is not None else None

    def _options_of(self, over: str) -> Var | None:
        """The slot of several choices that is gone through, itself or by an outcome that selects from it."""
        outcome = self._flow.outcomes.get(over)
        if outcome is not None:
            return self._options_of(outcome.value.over) if isinstance(outcome.value, Select) else None
        slot = self._flow.slots.get(over)
        return (self._flow.id, over) if slot is not None and slot.type is not SlotType.LIST else None

    # Steps

    def _step(self, step: Step) -> None:
        for guard in _deciding(step):
            self._truth(_tree(guard))
        match step:
            case Assign():
                for slot, value in step.values:
                    self._hand(_tree(value), (self._flow.id, slot))
            case Stage() if step.until is not None:
                due = self._value(step.until)
                for later in {0, step.within or 0}:
                    self._relate(due.minus(Sum((Term(NOW, 1),), later)) if due is not None else None, ">")
            case Keep() | Lasts() if step.until is not None:
                self._value(step.until)
            case Call():
                for theirs, mine in step.give:
                    self._hand(ast.Name(mine), (step.flow, theirs))
                for mine, theirs in step.returns:
                    self._hand_back((step.flow, theirs), (self._flow.id, mine))
            case _:
                pass

    def _value(self, guard: Guard) -> Sum | None:
        """What an expression comes to counts as it is; of yes or no, what it compares."""
        tree = _tree(guard)
        found = self._sum(tree) if guard.kind is not Kind.TRUTH else None
        if found is None:
            self._truth(tree)
        else:
            self._found.valued |= {term.var for term in found.terms}
        return found

    def _hand(self, node: ast.expr, to: Var) -> None:
        """A value goes into another slot, of this flow or of one that it calls."""
        found, var = self._sum(node), self._choice(node)
        if found is not None:
            self._put(found, to)
        elif var is not None:
            self._found.handed.append((var, to))
        elif isinstance(node, ast.Constant):
            self._found.named[to].add(str(node.value))
        else:
            self._truth(node)

    def _hand_back(self, theirs: Var, mine: Var) -> None:
        slot = self._whole.named(theirs[0]).slots.get(theirs[1])
        if slot is not None and slot.type in SCALES:
            self._put(Sum((Term(theirs, SCALES[slot.type]),)), mine)
        else:
            self._found.handed.append((theirs, mine))

    def _put(self, value: Sum, to: Var) -> None:
        self._found.handed += [(term.var, to) for term in value.terms]
        # It holds the time at which it was put there: what passes from then on is looked at where it is compared.
        begins = sum(term.factor * BEGINS for term in value.terms if term.var == NOW)
        rest = tuple(term for term in value.terms if term.var not in {NOW, TODAY})
        self._found.assigned[to].append(Sum(rest, value.offset + begins))

    # Expressions

    def _truth(self, node: ast.expr) -> None:
        match node:
            case ast.BoolOp(values=parts):
                for part in parts:
                    self._truth(part)
            case ast.UnaryOp(operand=part):
                self._truth(part)
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                self._compare(left, op, right)
            case ast.Call(func=ast.Name(id=name), args=[part, *_]) if name in _QUANTIFIERS and name != "count":
                self._truth(part)
            case _:
                found = self._sum(node)
                # A number is as good as no where it is nought.
                self._relate(found if found is not None and not found.dated else None, "==")

    def _compare(self, left: ast.expr, op: ast.cmpop, right: ast.expr) -> None:
        if isinstance(op, ast.In | ast.NotIn):
            for one in right.elts if isinstance(right, ast.Tuple | ast.List) else [right]:
                self._compare(left, ast.Eq(), one)
            return
        first, second = self._sum(left), self._sum(right)
        if first is not None and second is not None:
            self._relate(first.minus(second), _OPS[type(op)])
            return
        one, other = self._choice(left), self._choice(right)
        if one is not None and other is not None:
            self._found.alike.append((one, other))
        for var, node in ((one, right), (other, left)):
            if var is not None and isinstance(node, ast.Constant):
                self._found.named[var].add(str(node.value))
            elif var is None and not isinstance(node, ast.Constant | ast.Name):
                self._truth(node)

    def _relate(self, found: Sum | None, op: str) -> None:
        read = {term.var for term in found.terms} if found is not None else set[Var]()
        if found is None or not read - {NOW, TODAY}:
            return
        slots = frozenset(name for flow, name in read if flow == self._flow.id)
        self._found.relations.append(Relation(found, op, (self._flow.id, self._place), slots))

    def _choice(self, node: ast.expr) -> Var | None:
        """The slot of choices that is named, or gone through."""
        if not isinstance(node, ast.Name):
            return None
        if node.id == "item":
            return self._items
        return (self._flow.id, node.id) if node.id in self._flow.slots else None

    def _sum(self, node: ast.expr) -> Sum | None:
        """What has an order, as a sum; None for anything else."""
        match node:
            case ast.Constant(value=bool() | str()):
                found = None
            case ast.Constant(value=int(number)):
                found = Sum(offset=number)
            case ast.Name(id="now"):
                found = Sum((Term(NOW, 1),))
            case ast.Name(id="today"):
                found = Sum((Term(TODAY, DAY),), dated=True)
            case ast.Name(id=name):
                found = self._named(name)
            case ast.BinOp(left=left, right=right):
                first, second = self._sum(left), self._sum(right)
                found = first.plus(second) if first is not None and second is not None else None
            case ast.Call(func=ast.Name(id=name), args=args):
                found = self._called(node, name, args)
            case _:
                found = None
        return found

    def _named(self, name: str) -> Sum | None:
        slot, outcome = self._flow.slots.get(name), self._flow.outcomes.get(name)
        if slot is not None and slot.type in SCALES:
            return Sum((Term((self._flow.id, name), SCALES[slot.type]),), dated=slot.type is SlotType.DATE)
        return self._sum(_tree(outcome.value)) if outcome is not None and isinstance(outcome.value, Guard) else None

    def _called(self, node: ast.expr, name: str, args: list[ast.expr]) -> Sum | None:
        count: Var = (self._flow.id, ast.unparse(node))
        match name, args:
            case unit, [ast.Constant(value=int(many))] if unit in _UNITS:
                return Sum(offset=many * _UNITS[unit])
            case extreme, [named] if extreme in _EXTREMES:
                one = self._sum(named)
                terms = tuple(replace(term, somebody=True) for term in one.terms) if one is not None else ()
                return replace(one, terms=terms) if one is not None else None
            case "on", [day, clock]:
                return self._on(day, clock)
            case "size", [ast.Name(id=over)]:
                self._found.sizes[count] = (self._flow.id, self._gone_over(over))
            case "count", [condition, *_]:
                self._truth(condition)
                self._found.people.add(count)
            case "visits", _:
                pass
            case _:
                return None
        return Sum((Term(count, 1),))

    def _gone_over(self, name: str) -> str:
        """The list, or the choices, that an outcome selects from."""
        outcome = self._flow.outcomes.get(name)
        return self._gone_over(outcome.value.over) if outcome and isinstance(outcome.value, Select) else name

    def _on(self, day: ast.expr, clock: ast.expr) -> Sum | None:
        date = self._sum(day)
        match clock:
            case ast.Constant(value=str(written)):
                at = Sum(offset=(read_clock(written) or 0) * MINUTE)
            case _:
                at = self._sum(clock)
        return Sum(date.terms, date.offset).plus(at) if date is not None and at is not None else None


_OPS: dict[type[ast.cmpop], str] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "==",
}


def _tree(guard: Guard) -> ast.expr:
    return ast.parse(guard.source, mode="eval").body
