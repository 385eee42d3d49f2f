"""The facts of a flow, as plain values. Nothing in them is written by hand for one flow."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.flows.facts.slot_facts import SlotFacts
from bot.flows.facts.step_facts import At, Led, Said


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeFacts:
    """A result that is made of private answers, as everybody is told beforehand."""

    name: str
    line: int
    told: str
    made_of: str
    """The expression, as it is written."""
    weighs: tuple[str, ...]
    """The private slots whose answers it counts."""
    picks_from: str
    """The list or slot of which it leaves some out."""
    told_at: tuple[At, ...]
    """The questions that say so."""
    used_at: tuple[tuple[At, tuple[str, ...]], ...]
    """The steps that hang on it or name it, each with the roles that notice it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Who is waited for in a stage; ``when`` is the expression by which somebody has a part in it."""

    role: str
    when: str


class Joins(StrEnum):
    """When a stage goes on."""

    ALL = "all"
    SOME = "some"
    RESULT = "result"
    TIME = "time"
    """It only waits for a moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageFacts:
    """Where the flow waits: for whom, how long, and what silence leads to."""

    at: At
    parts: tuple[Part, ...]
    alone: bool
    """One person alone is in it."""
    joins: Joins
    least: int
    """With SOME: how many have to be through."""
    result: str
    """With RESULT: the expression."""
    deadline: str
    """A length such as ``72h``, or an expression; empty for none."""
    silence: Led | None
    closings: tuple[At, ...]
    """Steps by which somebody's part may end so that it looks like silence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GateFacts:
    """A free yes: what others see of it when there is none."""

    at: At
    of: str
    words: str
    invitation: bool
    later: bool
    never: bool
    kindly: Led | None
    deadline: str
    silence: Led | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepFacts:
    """A record that is kept beyond the flow."""

    at: At
    kind: str
    title: str
    pair: bool
    fields: tuple[tuple[str, str, str], ...]
    """Each field, what it is called, and the slot or outcome that fills it."""
    until: str
    """The expression for an earlier end, or nothing."""
    lasts: int
    latest: bool
    command: str
    recalled_by: tuple[tuple[str, str], ...]
    """The flows, and their slots, that are filled from such a record when they begin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkFacts:
    """Another flow that is started or called."""

    at: At
    flow: str
    call: bool
    roles: tuple[tuple[str, str], ...]
    gives: tuple[tuple[str, str], ...]
    returns: tuple[tuple[str, str], ...]
    lane: str
    """In whose lane, alone; empty at the top."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doing:
    """A step by which the program itself acts, and the slots that it is given for that."""

    at: At
    told: str
    reads: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowFacts:
    """The facts of a flow."""

    flow: str
    path: str
    version: int
    title: str
    about: str
    roles: Mapping[str, bool]
    """By name, whether many people can have it."""
    joins: tuple[str, ...]
    """The roles that are taken with a code."""
    partner: bool
    command: str
    signal: str
    take_back: str
    started_by: tuple[tuple[str, At, bool], ...]
    """Other flows, each with the step, and whether it is called inside of them."""
    reviews: tuple[str, ...]
    lifetime: int
    shown_at_once: bool
    """Its messages are signals: they come at once to everybody in it."""
    goodbye: Led | None
    slots: tuple[SlotFacts, ...]
    outcomes: tuple[OutcomeFacts, ...]
    stages: tuple[StageFacts, ...]
    gates: tuple[GateFacts, ...]
    keeps: tuple[KeepFacts, ...]
    links: tuple[LinkFacts, ...]
    doings: tuple[Doing, ...]
    says: tuple[Said, ...]
    """What is told at the top of the flow, where everybody's part has joined."""
    named: tuple[tuple[str, tuple[str, ...]], ...]
    """Who is named in what is said, and to whom."""
    told_meanwhile: tuple[Said, ...]
    """What somebody's own part tells others at once, while it goes on."""
    nudges: tuple[At, ...]
    """What comes by itself because its reader asked for it, or all agreed to it."""

    def slot(self, name: str) -> SlotFacts:
        """Return what is said of a slot. Raises KeyError."""
        for slot in self.slots:
            if slot.name == name:
                return slot
        raise KeyError(name)
