"""What a page of facts says of an author's yes: to what, when it takes effect, how it is taken back, and of a no."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.flows.audiences import Pair
from bot.flows.facts.flow_facts import FlowFacts
from bot.flows.facts.markup import capital, listed
from bot.flows.facts.slot_facts import FirstYes, From, Late, Refusal, ReleaseFacts, SlotFacts
from bot.flows.facts.step_facts import At
from bot.flows.facts.voice import Voice
from bot.flows.releases import Yes


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Yeses of one kind to the same thing, said at several steps."""

    one: ReleaseFacts
    pairs: tuple[Pair, ...]
    at: tuple[At, ...]
    stages: tuple[At, ...]
    first: tuple[FirstYes, ...]
    shown: tuple[At, ...]
    brought_by: tuple[str, ...]
    """The flows in which it was said."""


class Consent:
    """Speaks of the yeses of one flow."""

    def __init__(self, facts: FlowFacts, voice: Voice) -> None:
        self._facts = facts
        self._voice = voice

    def groups(self, slot: SlotFacts) -> list[Group]:
        """Return the yeses by which others read a slot's text; those of one kind together."""
        found: dict[tuple[object, ...], list[ReleaseFacts]] = {}
        for one in slot.releases:
            alike = (one.yes, one.at_once, one.back, one.late, one.refusal, one.kept, one.stage is None)
            found.setdefault(alike, []).append(one)
        brought = tuple(dict.fromkeys(source.what for source in slot.sources if source.by is From.STARTED))
        return [_together(several, brought) for several in found.values()]

    def full(self, group: Group) -> Iterator[str]:
        """Yield all that is to be said of it."""
        readers = capital(self._voice.readers(group.pairs))
        says_so = ", where the question says who will read it" if group.one.yes is Yes.ANSWERED else ""
        yield f"**{readers}** may read it only after its author's yes: {self.yes(group)}{says_so}."
        yield f"{capital(self.shown(group))}. {self._taking_back(group)}{self._late(group)}{self._refusal(group)}"

    def yes(self, group: Group) -> str:
        """Return to what its author says yes."""
        at = self._voice.steps(group.at, "or")
        match group.one.yes:
            case Yes.ASKED:
                return f"a yes to the exact words at {at}"
            case Yes.ANSWERED:
                return f"answering {at}"
            case Yes.BROUGHT:
                flows = listed([self._voice.flow(one) for one in group.brought_by], "or")
                return f"a yes in {flows or 'the flow that begins this one'}"

    def shown(self, group: Group) -> str:
        """Return when it is shown."""
        if not group.shown:
            return "shown in the flow that it is given to"
        at = self._voice.steps(group.shown, "or")
        if group.one.at_once:
            return "shown right after" if group.shown == group.at else f"shown right after, at {at}"
        through = f" when {self._all} through {self._voice.steps(group.stages, 'or')}" if group.stages else ""
        first = [f"after {self._voice.person(one.of)}'s own yes at {self._voice.step(one.at)}" for one in group.first]
        late = ", or when its time is over" if group.one.late is Late.MAY_BE_SHOWN else ""
        return f"shown at {at}{through}{late}{', ' if first else ''}{listed(first)}"

    @property
    def _all(self) -> str:
        return "both are" if self._voice.everyone == "both" else "all are"

    def _taking_back(self, group: Group) -> str:
        if not group.shown:
            return "How it is taken back until it is read is told there."
        if group.one.at_once:
            return "What was shown cannot be taken back."
        command = f" or /{self._facts.take_back}" if self._facts.take_back and self._is_starters(group) else ""
        ways = f"Back or Stop{command}" if group.one.back else f"Stop{command}"
        return f"Until then {ways} takes the yes back; what was shown cannot be taken back."

    def _is_starters(self, group: Group) -> bool:
        return {owner for owner, _ in group.pairs} == {next(iter(self._facts.roles))}

    def _late(self, group: Group) -> str:
        match group.one.late:
            case Late.NO_DEADLINE:
                return ""
            case Late.NOT_SHOWN:
                return " If time runs out before, it is not shown."
            case Late.MAY_BE_SHOWN:
                return " If time runs out before, it is shown then, or not, by where that leads."

    def _refusal(self, group: Group) -> str:
        match group.one.refusal:
            case Refusal.SILENCE:
                return f" [Keep private] looks like silence to {self._voice.others}."
            case Refusal.GOES_ON:
                return " With [Keep private] it goes on, and this is not shown."
            case Refusal.ELSEWHERE:
                kept = self._voice.step(group.one.kept) if group.one.kept is not None else ""
                return f" [Keep private] leads to {kept}; nothing that comes at once tells {self._voice.others}."
            case Refusal.SKIP:
                return " The question can be skipped."
            case Refusal.NONE:
                return ""


def _together(several: list[ReleaseFacts], brought: tuple[str, ...]) -> Group:
    return Group(
        one=several[0],
        pairs=tuple(sorted({pair for one in several for pair in one.pairs})),
        at=tuple(one.at for one in several if one.at is not None),
        stages=tuple(dict.fromkeys(one.stage for one in several if one.stage is not None)),
        first=tuple(dict.fromkeys(first for one in several for first in one.first)),
        shown=tuple(dict.fromkeys(at for one in several for at in one.shown)),
        brought_by=brought,
    )
