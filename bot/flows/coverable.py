"""What of a flow can be taken: every step, and every way that leads on from it, each where it is written.

A branch stands at its entry in ``next``, a deadline at ``expired``, a choice at its label.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.engine.model import Ask, Each, Flow, Gate, Grant, Keep, Reveal, Review, Stage, Step
from bot.engine.prompts import CHANGE, KEEP, KINDLY, LATER, NEVER, NOT_NOW, OK, SHARE, WAY, YES
from bot.engine.several import SKIP, piecewise
from bot.engine.watching import Took, Way
from bot.flows.flow_compiler import Compiled
from bot.flows.problems import Mark
from bot.flows.ways import always_leaves
from bot.flows.yaml_source import Path_


@dataclass(frozen=True, slots=True)
class Item:
    """A step, or a way on from one: what tells that it was taken, and how it is told that it never was."""

    took: Took
    step: str
    """The step that it belongs to, as its author wrote it; empty for the whole flow."""
    where: Path_
    told: str

    @property
    def is_step(self) -> bool:
        """Whether it is the step itself."""
        return self.took.way is Way.ENTERED


def items_of(one: Compiled) -> tuple[Item, ...]:
    """Return every step of the flow and every way on, in the order of the file."""
    found = [item for step in one.flow.steps.values() for item in _Listing(one, step).items()]
    if one.flow.expired is not None:
        told = f"the lifetime of '{one.flow.id}' never ran out"
        found.append(Item(Took(one.flow.id, "", Way.EXPIRED), "", ("expired",), told))
    return tuple(sorted(found, key=lambda item: _order(mark_of(one, item))))


def mark_of(one: Compiled, item: Item) -> Mark:
    """Return where the item stands in its file."""
    return one.source.mark(item.where, key=item.where in one.source.keys)


def _order(mark: Mark) -> tuple[int, int]:
    return mark.line, mark.column


def _authored(step: str) -> str:
    """The name that the author gave: what a step is compiled to has a colon in it."""
    return step.partition(":")[0]


class _Listing:
    """The items of one step."""

    def __init__(self, one: Compiled, step: Step) -> None:
        self._source = one.source
        self._flow: Flow = one.flow
        self._step = step
        self._name = _authored(step.id)
        self._path = one.places[step.id].path

    def items(self) -> Iterator[Item]:
        """Yield the step, then its ways on."""
        if self._name == self._step.id:
            yield self._item(Way.ENTERED, (), f"step '{self._name}' was never entered")
        if self._step.when is not None and not (self._made() and isinstance(self._step, Grant)):
            told = f"step '{self._name}' was never passed over: 'when' always held"
            yield self._item(Way.PASSED_OVER, ("when",), told)
        yield from self._onward()
        yield from self._choices()
        yield from self._deadline()
        yield from self._others()

    def _item(self, way: Way, where: Path_, told: str, which: int | str = "") -> Item:
        took = Took(self._flow.id, self._step.id, way, which)
        return Item(took, self._name, self._there((*self._path, *where)), told)

    def _made(self) -> bool:
        """Whether the author did not write it as a step of its own."""
        return ":" in self._step.id

    def _there(self, where: Path_) -> Path_:
        """That part of the file, or the step itself."""
        return where if where in self._source.keys or where in self._source.values else self._path

    def _first(self, *keys: str) -> Path_:
        """The first of these keys that the step has."""
        return next(((key,) for key in keys if (*self._path, key) in self._source.keys), ())

    def _to(self, target: str) -> str:
        return f"'{self._name}' never led to '{_authored(target)}'"

    def _onward(self) -> Iterator[Item]:
        step = self._step
        for number, branch in enumerate(step.next):
            if not self._inside(branch.to):
                yield self._item(Way.BRANCH, self._entry(number), self._to(branch.to), number)
        stays = isinstance(step, Ask) and step.stays
        if step.following is not None and not always_leaves(step) and not stays and not self._inside(step.following):
            yield self._item(Way.FOLLOWING, (), self._to(step.following))

    def _inside(self, target: str) -> bool:
        """Whether a way leads to what the same step is also made of."""
        return _authored(target) == self._name and target != self._name

    def _entry(self, number: int) -> Path_:
        entry: Path_ = ("next", number)
        return entry if (*self._path, *entry) in self._source.values else ("next",)

    def _choices(self) -> Iterator[Item]:
        match self._step:
            case Gate():
                yield from self._of_gate(self._step)
            case Grant():
                yield from self._of_grant(self._step)
            case Review():
                yield self._chosen(OK, ("review",), f"'{self._name}' was never found right")
                for index, item in enumerate(self._step.items):
                    if item in self._flow.asks:
                        yield self._chosen(item, ("review", index), self._to(self._flow.asks[item]))
            case Ask():
                yield from self._of_ask(self._step)
            case _:
                pass

    def _chosen(self, choice: str, where: Path_, told: str) -> Item:
        return self._item(Way.CHOSEN, where, told, choice)

    def _of_gate(self, step: Gate) -> Iterator[Item]:
        yield self._chosen(YES, self._first(YES, "gate"), f"'{self._name}' was never passed")
        yield self._chosen(NOT_NOW, self._first(NOT_NOW, "gate"), f"'{self._name}' was never refused")
        if step.later:
            yield self._chosen(LATER, (LATER,), f"'{self._name}' was never left for later")
        if step.kindly and step.told is not None:
            yield self._chosen(KINDLY, (KINDLY,), self._to(step.told))
        if step.never:
            yield self._chosen(NEVER, (NEVER,), f"'{self._name}' was never refused for good")

    def _of_grant(self, step: Grant) -> Iterator[Item]:
        where = self._first("grant", "grant_to")
        yield self._chosen(SHARE, where, f"'{step.item}' was never granted at '{self._name}'")
        kept = self._to(step.kept) if step.kept else f"'{step.item}' was never kept private at '{self._name}'"
        yield self._chosen(KEEP, self._first("kept", "grant", "grant_to"), kept)
        if step.change is not None:
            changed = f"'{step.item}' was never changed at '{self._name}'"
            told = changed if step.change == self._name else self._to(step.change)
            yield self._chosen(CHANGE, self._first("change", "grant", "grant_to"), told)

    def _of_ask(self, step: Ask) -> Iterator[Item]:
        slot = self._flow.slots[step.save]
        if step.optional or (piecewise(step, slot) and min(step.least) == 0):
            where = self._first("skip", "optional", "least")
            yield self._chosen(SKIP, where, f"'{self._name}' was never skipped")
        for way in step.ways:
            yield self._chosen(f"{WAY}{way}", ("ways", way), self._to(way))

    def _deadline(self) -> Iterator[Item]:
        step = self._step
        if not isinstance(step, Stage) or not step.lanes or (step.within is None and step.until is None):
            return
        where = self._first("expired", "within", "until")
        led = self._to(step.expired) if step.expired is not None else f"the deadline of '{self._name}' never came"
        yield self._item(Way.EXPIRED, where, led)

    def _others(self) -> Iterator[Item]:
        match self._step:
            case Reveal(missing=str() as missing) | Keep(missing=str() as missing):
                yield self._item(Way.MISSING, ("missing",), self._to(missing))
            case Each():
                yield self._item(Way.AGAIN, ("each",), f"the loop '{self._name}' never went round again")
                yield self._item(Way.NOTHING, ("each",), f"the loop '{self._name}' never had nothing to go through")
            case Stage():
                for script in self._step.lanes:
                    if script.when is not None:
                        told = f"the lane of '{script.role}' in '{self._name}' was never left out"
                        yield self._item(Way.LEFT_OUT, ("lanes", script.role, "when"), told, script.role)
            case _:
                pass
