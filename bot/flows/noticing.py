"""Who notices what an expression decides: its author alone, everybody who has read the text already, or all."""

from collections.abc import Iterator
from enum import StrEnum
from functools import cache, partial

from bot.engine.guards import Guard
from bot.engine.model import EACH, EVERYONE, READ_BY_ALL, Say, Stage, Step
from bot.flows.flow_compiler import Compiled
from bot.flows.reading import ways_of
from bot.flows.releases import releases_of
from bot.flows.ways import before_shown, private_counts, roles_of, shows

TWO = 2


class Notice(StrEnum):
    """Who can notice, by what comes of it, what an expression has read."""

    AUTHOR = "author"
    """Only whose answer it is: what it decides is theirs alone."""
    READERS = "readers"
    """Everybody, of a text that they were shown before, and only whether there is one."""
    EVERYBODY = "everybody"


class Noticing:
    """What the expressions of one flow read that not everybody may, and who notices it."""

    def __init__(self, compiled: Compiled) -> None:
        self._flow = compiled.flow
        self.counts = private_counts(self._flow, {name: place.lane for name, place in compiled.places.items()})
        """The steps whose visits tell of a private choice, each with the role whose it is."""
        self._before_shown = cache(partial(before_shown, self._flow))
        self._holders: dict[int, list[Step]] = {}
        for step in self._flow.steps.values():
            for guard in steered_by(step):
                self._holders.setdefault(id(guard), []).append(step)

    def private(self, guard: Guard) -> list[str]:
        """Return what a guard reads that not everybody may: slots, and how often somebody changed their mind."""
        slots = [self._flow.slots[name] for name in sorted(guard.reads) if name in self._flow.slots]
        counts = [f"visits({name})" for name in sorted(guard.counts) if name in self.counts]
        return [slot.name for slot in slots if slot.cls not in READ_BY_ALL] + counts

    def owner(self, private: str) -> str:
        """Return whose private value or count that is."""
        counted = private.removeprefix("visits(").removesuffix(")")
        return self._flow.slots[private].of if private in self._flow.slots else self.counts[counted]

    def notice(self, guard: Guard, lane: str | None, private: str) -> Notice:
        """Return who notices what a guard reads: one in that role's lane, or at the top."""
        if lane is not None and self.owner(private) in {EACH, lane} and private not in guard.of_all:
            return Notice.AUTHOR
        is_slot = private in self._flow.slots
        if is_slot and guard.source.replace("not ", "").strip() != private:
            return Notice.EVERYBODY
        holders = self.holders(guard)
        before = self._before_shown(private) if is_slot else set[str]()
        shown = is_slot and self._all_may_read(private)
        if holders and shown and all(self._was_shown(step, guard, private, before) for step in holders):
            return Notice.READERS
        if holders and all(self._owners_own(step, guard, private) for step in holders):
            return Notice.AUTHOR
        return Notice.EVERYBODY

    def holders(self, guard: Guard) -> list[Step]:
        """Return the steps that a guard steers."""
        return self._holders.get(id(guard), [])

    def _all_may_read(self, slot: str) -> bool:
        """Whether everybody reads what is shown of a text: of more than two people, each has to be granted it."""
        crowd = len(self._flow.roles) > TWO or any(role.many for role in self._flow.roles.values())
        return not crowd or all(one.to == EVERYONE for one in releases_of(self._flow, slot))

    def _was_shown(self, step: Step, guard: Guard, slot: str, before: set[str]) -> bool:
        return step.id not in before or (guard is not step.when and shows(self._flow, step, slot))

    def _owners_own(self, step: Step, guard: Guard, private: str) -> bool:
        """Whether only the owner sees what the guard decides: a step of theirs, or the ways on until one waits."""
        owner = self.owner(private)
        theirs = roles_of(step) == {owner} or (isinstance(step, Say) and step.to == owner)
        return theirs and guard is step.when


def steered_by(step: Step) -> Iterator[Guard]:
    """Yield every guard that decides whether a step comes, and what comes after it."""
    yield from ways_of(step)
    if isinstance(step, Stage):
        yield from (guard for guard in (step.join_when, *(script.when for script in step.lanes)) if guard is not None)
