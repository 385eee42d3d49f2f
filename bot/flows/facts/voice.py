"""How a page of facts speaks of people, steps, and what comes of them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.engine.model import EACH, ROOM
from bot.flows.audiences import NOBODY, Pair
from bot.flows.facts.flow_facts import FlowFacts
from bot.flows.facts.markup import expression, listed, quoted
from bot.flows.facts.step_facts import At, Led, Said

_TWO = 2

_FIRST_TIME = re.compile(r"visits\(\w+\) < 2")


@dataclass(frozen=True, slots=True)
class Links:
    """Where a page leads to: the file of each flow, its page, and what holds in every flow."""

    files: Mapping[str, str]
    pages: Mapping[str, str]
    rules: str


class Voice:
    """Speaks of one flow. Without ``links``, steps are told with their lines."""

    def __init__(self, facts: FlowFacts, links: Links | None) -> None:
        self._facts = facts
        self._files: Mapping[str, str] = links.files if links is not None else {}
        self._pages: Mapping[str, str] = links.pages if links is not None else {}
        self._two = len(facts.roles) == _TWO and not any(facts.roles.values())

    @property
    def alone(self) -> bool:
        """Whether nobody else is in it, and nobody it could be shared with."""
        return self.solo and not self._facts.partner

    @property
    def solo(self) -> bool:
        """Whether one person alone is in it."""
        return len(self._facts.roles) == 1 and not any(self._facts.roles.values())

    @property
    def everyone(self) -> str:
        """Everybody who has a part in it."""
        return "both" if self._two else "everybody in it"

    @property
    def others(self) -> str:
        """Whoever else could come to know something."""
        return "the partner" if self.solo else "the other" if self._two else "the others"

    # Steps

    def step(self, at: At, flow: str = "") -> str:
        """Return a step with its place; ``flow`` is another one that it stands in."""
        home = self._files.get(flow or self._facts.flow)
        return f"`{at.step}` (line {at.line})" if home is None else f"[`{at.step}`]({home}#L{at.line})"

    def steps(self, found: Iterable[At], joined: str = "and", *, most: int = 0) -> str:
        """Return several steps, each once; of more than ``most``, if that is given, the first ones and a number."""
        told = [self.step(one) for one in dict.fromkeys(found)]
        if most and len(told) > most:
            return f"{', '.join(told[: most - 1])} and {len(told) - most + 1} more steps"
        return listed(told, joined)

    def flow(self, name: str) -> str:
        """Return a flow, and where its facts are."""
        page = self._pages.get(name)
        return f"`{name}`" if page is None else f"[`{name}`]({page})"

    # People

    def person(self, role: str) -> str:
        """Return who that is."""
        return {ROOM: "the room", NOBODY: "nobody", EACH: "each person"}.get(role, f"`{role}`")

    def people(self, roles: Sequence[str]) -> str:
        """Return who they are: everybody, if it is."""
        if ROOM in roles:
            return "everybody in the room"
        if set(self._facts.roles) <= set(roles):
            return self.person(roles[0]) if self.solo else self.everyone
        return listed([self.person(role) for role in roles])

    def owner(self, owners: Sequence[str]) -> str:
        """Return whose answer it is, as it stands in a table."""
        if owners == (NOBODY,):
            return "one for all"
        if set(owners) == set(self._facts.roles) and not self.solo:
            return "each person's own"
        many = [owner for owner in owners if self._facts.roles.get(owner)]
        return listed([f"each of {self.person(one)}" if one in many else f"{self.person(one)}'s" for one in owners])

    def readers(self, pairs: Iterable[Pair]) -> str:
        """Return who reads whose."""
        found = {(owner, reader) for owner, reader in pairs if reader != owner or self._facts.roles.get(owner, False)}
        owners = sorted({owner for owner, _ in found})
        if not found:
            return "nobody else"
        if ROOM in {reader for _, reader in found}:
            return "everybody in the room"
        if len(owners) == 1:
            return listed([self.person(reader) for reader in sorted({reader for _, reader in found})])
        if all(self._all_others(owner) <= {r for o, r in found if o == owner} for owner in owners):
            return "the other" if self._two else "everybody else in it"
        return listed([f"{self.person(reader)} (what is {self.person(owner)}'s)" for owner, reader in sorted(found)])

    def _all_others(self, owner: str) -> set[str]:
        return {role for role, many in self._facts.roles.items() if role != owner or many}

    # What comes

    def led(self, led: Led) -> str:
        """Return where something leads, as the end of a sentence; nothing when it only ends."""
        told = [self.said(said) for said in led.says]
        told += [f"what was granted by then is shown ({self.steps(led.shows)})"] if led.shows else []
        told += [f"{self.flow(flow)} follows" for flow in led.calls]
        further = [f"it goes on at {self.steps(led.waits_at, 'or')}"] if led.waits_at else []
        ends = ["it is over"] if led.ends else []
        return listed([*told, " or ".join([*further, *ends])] if further or ends else told, "and", apart=";")

    def said(self, said: Said) -> str:
        """Return who is told what."""
        who = self.people(said.to)
        is_are = "are" if who == "both" else "is"
        when = f", {self.when(said.when)}," if said.when else ""
        return f"{who}{when} {is_are} told {quoted(said.words)}"

    def when(self, source: str) -> str:
        """Return a condition, in words where it only tells the first time from later ones."""
        return "the first time" if _FIRST_TIME.fullmatch(source) else f"if {expression(source)}"
