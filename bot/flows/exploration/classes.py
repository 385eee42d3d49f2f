"""The kinds of answers that the expressions of a flow tell apart, and which answers stand for each.

Every comparison parts the values of what it compares: those that it holds for from those that it does not. Between
two such borders one value stands for all; two, where it matters which of them it is. What is compared with another
answer, or with a count, is parted by each value that stands for that one.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from fractions import Fraction
from itertools import pairwise, product
from math import ceil, floor, prod

from bot.engine.answers import DAYS_AHEAD
from bot.engine.model import READ_BY_ALL, Flow, Slot, SlotType
from bot.engine.spoken import DAY, HOUR, MINUTE
from bot.flows.exploration.bounds import Bounds
from bot.flows.exploration.comparing import compared_in
from bot.flows.exploration.passing import passing
from bot.flows.exploration.relations import BEGINS, NOW, TODAY, Relation, Term, Var

_ROUNDS = 2
"""How often what stands for one answer parts the others that it is compared with."""

_COMBINED = 400
"""More values of others than these, taken together, and a comparison is not parted by all of them."""

_COUNTED = (0, 1, 2, 3)
"""The counts that part what they are compared with, before that parts them."""

_FOREVER = 10_000 * DAY

_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "=="}


class Classes:
    """The kinds of answers of a flow, and of the flows that it calls."""

    def __init__(self, flow: Flow, bounds: Bounds) -> None:
        self._flow = flow
        self._bounds = bounds
        self._compared = compared_in(flow)
        self._handed = self._by_source()
        self._valued = self._reach(self._compared.valued)
        self._borders: dict[Var, set[int]] = defaultdict(set)
        self.untried: set[str] = set()
        """Comparisons of so many answers with each other that not all of those were tried."""
        self._clocks: dict[tuple[Var, frozenset[str]], list[int]] = {}
        self._part()

    def values(self, flow: str, slot: Slot) -> list[int]:
        """Return the values that stand for all of a slot that has an order; of dates, how many days ahead."""
        return self._standing((flow, slot.name))

    def named(self, flow: str, slot: Slot) -> set[str]:
        """Return the options of a slot that are asked for by name, of itself or of what it is compared with."""
        return {name for var in self._cluster((flow, slot.name)) for name in self._compared.named.get(var, ())}

    def shared(self, flow: str, slot: Slot) -> list[str]:
        """Return all options of a slot, those first that what it is compared with has too."""
        others = [self._slot(var) for var in self._cluster((flow, slot.name))]
        offered = [{str(option.value) for option in other.options} for other in others if other is not None]
        own = [str(option.value) for option in slot.options]
        return sorted(own, key=lambda value: -sum(value in options for options in offered))

    def others(self, flow: str, slot: Slot) -> int:
        """Return how many options of those that no expression names stand for them."""
        cluster = self._cluster((flow, slot.name))
        met = {var for pair in self._compared.alike for var in pair if var in cluster}
        wanted = max(self._bounds.options, len(met)) if met else 1
        return max(wanted, self._counted_of((flow, slot.name)))

    def weighed(self, flow: str) -> frozenset[str]:
        """Return the slots of a flow that are compared with others, or handed on."""
        pairs = (*self._compared.alike, *self._compared.handed)
        return frozenset(name for pair in pairs for of, name in pair if of == flow)

    def items(self, flow: str, slot: Slot) -> int:
        """Return how many items of a list an expression counts up to."""
        return self._counted_of((flow, slot.name))

    def counts(self, flow: str) -> Mapping[str, int]:
        """Return how far what a flow counts is counted, by how the count is written."""
        counted = {term.var for one in self._compared.relations for term in one.sum.terms}
        return {
            name: max(self._borders[of, name], default=0)
            for of, name in sorted(counted)
            if of == flow and self._slot((of, name)) is None
        }

    def people(self) -> int:
        """Return how many people an expression counts up to."""
        return max((max(self._borders[var], default=0) for var in self._compared.people), default=0)

    def visits(self, flow: str, step: str) -> int:
        """Return the number of visits from which on no expression tells one more apart.

        The second is always told from the first: of a list, the first may ask for more items.
        """
        return max(2, max(self._borders.get((flow, f"visits({step})"), ()), default=0))

    # Borders

    def _part(self) -> None:
        """Part the values of everything that is compared: first by bounds alone, then by what stands for others."""
        for _ in range(_ROUNDS + 1):
            compared = {term.var for one in self._compared.relations for term in one.sum.terms}
            stands = {var: self._standing(var) for var in compared - {NOW, TODAY}}
            for relation in self._compared.relations:
                now = self._clock(relation)
                today = list(dict.fromkeys(at // DAY for at in now))
                self._part_by(relation, {**stands, NOW: now, TODAY: today})

    def _part_by(self, relation: Relation, stands: Mapping[Var, list[int]]) -> None:
        terms = relation.sum.terms
        for at, term in enumerate(terms):
            if term.var in {NOW, TODAY}:
                continue
            others = [*terms[:at], *terms[at + 1 :]]
            ways = [stands[other.var] for other in others]
            if prod(map(len, ways)) > _COMBINED:
                ways = [values[:2] for values in ways]
                self.untried.add(" and ".join(sorted({other.var[1] for other in terms})))
            for values in product(*ways):
                rest = sum(map(_worth, others, values)) + relation.sum.offset
                self._borders[term.var].update(_borders(term, rest, relation.op))

    def _clock(self, relation: Relation) -> list[int]:
        """The times at which an answer can be held to the clock, by the day on which it was given."""
        known = self._clocks.get((relation.place, relation.reads))
        if known is None:
            name, place = relation.place
            ahead = passing(self._flow.named(name), place, relation.reads, self._bounds.waits)
            known = [BEGINS + passed for passed in ahead]
            self._clocks[relation.place, relation.reads] = known
        return known

    def _standing(self, var: Var) -> list[int]:
        """The values that stand for all of something that is compared."""
        slot = self._slot(var)
        if slot is None:
            counted = {count for border in self._borders[var] for count in (border - 1, border)}
            return sorted(count for count in counted.union(_COUNTED) if count >= 0)
        wanted = self._bounds.options if var in self._valued and slot.cls not in READ_BY_ALL else 1
        least, most = _range(slot)
        borders = sorted({least, *(border for border in self._borders[var] if least < border <= most), most + 1})
        found = [self._of_class(slot, begin, end, wanted) for begin, end in pairwise(borders)]
        return [value for values in found for value in values]

    def _of_class(self, slot: Slot, begin: int, end: int, wanted: int) -> list[int]:
        """The values, from one border to the next, that stand for all in between."""
        if slot.options:
            values = [option.value for option in slot.options if isinstance(option.value, int)]
            return [value for value in values if begin <= value < end][:wanted]
        step = MINUTE if slot.type is SlotType.DURATION else 1
        first = -(-begin // step) * step
        usual = (value for value in _usual(slot) if begin <= value < end)
        found = (value for value in (*usual, first, first + step) if value < end)
        return sorted(list(dict.fromkeys(found))[:wanted])

    def _slot(self, var: Var) -> Slot | None:
        return self._flow.named(var[0]).slots.get(var[1])

    def _counted_of(self, slot: Var) -> int:
        sizes = [count for count, of in self._compared.sizes.items() if of == slot]
        return max((max(self._borders[count], default=0) for count in sizes), default=0)

    # What belongs together

    def _by_source(self) -> Mapping[Var, set[Var]]:
        found: dict[Var, set[Var]] = defaultdict(set)
        for source, to in self._compared.handed:
            found[to].add(source)
        return found

    def _reach(self, start: Iterable[Var]) -> set[Var]:
        """These, and what is handed on to them."""
        found: set[Var] = set()
        todo = list(start)
        while todo:
            var = todo.pop()
            if var not in found:
                found.add(var)
                todo += self._handed.get(var, ())
        return found

    def _cluster(self, start: Var) -> set[Var]:
        """Everything whose names are compared with each other, or handed on."""
        found: set[Var] = set()
        todo = [start]
        while todo:
            var = todo.pop()
            if var not in found:
                found.add(var)
                pairs = (*self._compared.alike, *self._compared.handed)
                todo += [other for pair in pairs if var in pair for other in pair]
        return found


def _worth(term: Term, value: int) -> int:
    return term.factor * (value // term.grain * term.grain)


def _borders(term: Term, rest: int, op: str) -> Iterable[int]:
    """Where something has to begin anew, so that its comparison comes out otherwise from there on."""
    at = Fraction(-rest, term.factor * term.grain)
    op = op if term.factor > 0 else _MIRRORED[op]
    match op:
        case ">=" | "<":
            found = [ceil(at)]
        case ">" | "<=":
            found = [floor(at) + 1]
        case _:
            found = [at.numerator, at.numerator + 1] if at.denominator == 1 else []
    return (border * term.grain for border in found)


def _range(slot: Slot) -> tuple[int, int]:
    """The least and the greatest value that a slot can hold."""
    match slot.type:
        case SlotType.DURATION:
            found = max(slot.min, MINUTE), slot.max
        case SlotType.TIME:
            found = 0, DAY // MINUTE - 1
        case SlotType.DATE:
            # One that was chosen before can be past when it comes with the start.
            found = -1 if slot.given else 0, DAYS_AHEAD if slot.within is None else slot.within
        case SlotType.INSTANT:
            found = -DAY, _FOREVER
        case _:
            found = slot.min, slot.max
    return found


def _usual(slot: Slot) -> Iterable[int]:
    """The values that are taken before others where they stand for a kind of answer."""
    least, most = _range(slot)
    match slot.type:
        case SlotType.DURATION:
            found = (least, min(most, DAY))
        case SlotType.TIME:
            found = (9 * 60, 21 * 60 + 30)
        case SlotType.DATE:
            found = (1, 2)
        case SlotType.INSTANT:
            found = (BEGINS + HOUR, BEGINS + 2 * HOUR, BEGINS - HOUR)
        case _:
            found = (least, most)
    return found
