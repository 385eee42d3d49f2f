"""The facts of one answer: who reads it by which yes, what it decides, where it goes."""

from dataclasses import dataclass
from enum import StrEnum

from bot.engine.model import SlotClass, SlotType
from bot.flows.audiences import Pair
from bot.flows.facts.step_facts import At
from bot.flows.noticing import Notice
from bot.flows.releases import Yes


class Exposure(StrEnum):
    """How far what somebody answers gets, at the most."""

    NEVER_KEPT = "never kept"
    AUTHOR = "its author"
    COUNTED = "its author, and it counts in a result"
    RELEASED = "others, after a yes"
    EVERYBODY = "everybody in it"


# By which yes, and by which ways


class Late(StrEnum):
    """What becomes of a yes when time runs out before the others are through."""

    NO_DEADLINE = "no deadline"
    NOT_SHOWN = "not shown"
    MAY_BE_SHOWN = "may be shown"


class Refusal(StrEnum):
    """What it comes to when an author does not let others read what they wrote."""

    SILENCE = "silence"
    """It looks like silence."""
    GOES_ON = "goes on"
    """It goes on, and is not shown."""
    ELSEWHERE = "elsewhere"
    """It leads to a step of its own, by which nobody notices it at once."""
    SKIP = "skip"
    """Whoever is asked may skip it."""
    NONE = "none"
    """The question has no other answer; to leave it open is silence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstYes:
    """A yes of a reader's own, without which nothing is shown to them."""

    of: str
    at: At


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseFacts:
    """By which yes of its author others come to read a text."""

    yes: Yes
    at: At | None
    """None for a yes that was said in the flow which started this one."""
    pairs: tuple[Pair, ...]
    stage: At | None
    """The stage that everybody has to be through with first, when more than one person is in it."""
    first: tuple[FirstYes, ...]
    shown: tuple[At, ...]
    at_once: bool
    """It is shown as soon as the yes is said."""
    back: bool
    """Until the others are through, Back takes it back."""
    late: Late
    refusal: Refusal
    kept: At | None
    """Where [Keep private] leads, if somewhere of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """A step that tells a value to others; ``named`` is the slot itself, an outcome, or what is gone through."""

    at: At
    pairs: tuple[Pair, ...]
    named: str


class By(StrEnum):
    """How a value gets from one place to another."""

    BUILT = "built"
    """Its words become part of a text."""
    SET = "set"
    """It is copied."""
    STARTED = "started"
    """It is given to a flow that is started."""
    CALLED = "called"
    """It is given to a flow that is called."""
    RETURNED = "returned"
    """It comes back from a called flow."""
    KEPT = "kept"
    """It goes into a record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One such way: where, and into what; ``flow`` is empty for a slot of the same flow and for records."""

    by: By
    at: At
    flow: str
    into: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Who may read a value in the end, and the ways by which it gets there; without any, right here."""

    pair: Pair
    by: tuple[Hop, ...]


# What it decides


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A step that a value decides: where, and who notices it."""

    at: At
    notice: Notice
    silence: At | None
    """By it, its author may end their part so that it looks like silence."""
    begins: str
    """By it, its author may begin that flow with others."""
    reads: bool = True
    """An expression there reads it; otherwise others that hang on it do."""


# Where it comes from


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Where an answer is asked for, and of whom."""

    at: At
    of: str
    words: str
    in_room: bool
    may_skip: bool
    hidden: bool
    """It stands in a section that is never written down."""


class From(StrEnum):
    """Where a value comes from, if nobody is asked for it."""

    SET = "set"
    BUILT = "built"
    RETURNED = "returned"
    RECORD = "record"
    STARTED = "started"
    ARGUMENT = "argument"
    PROGRAM = "program"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One such way; ``what`` is the expression, the record's field, the flow or the command."""

    by: From
    at: At | None
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotFacts:
    """All that is to be said of what somebody answers, or the flow notes."""

    name: str
    line: int
    label: str
    type: SlotType
    cls: SlotClass
    of: str
    owners: tuple[str, ...]
    """Whose values it can hold: roles; of one for all, nobody's."""
    signed: bool
    """Of a list: each item is told with its author's name."""
    exposure: Exposure
    questions: tuple[Question, ...]
    sources: tuple[Source, ...]
    releases: tuple[ReleaseFacts, ...]
    tellings: tuple[Telling, ...]
    reaches: tuple[Reach, ...]
    decisions: tuple[Decision, ...]
    outcomes: tuple[str, ...]
    hops: tuple[Hop, ...]
    sentences_of: tuple[Hop, ...]
    """Texts of which it decides the sentences."""
    forgotten_at: tuple[At, ...]
    draft: bool
    """Where no yes to showing it stands when it is over, it stays with its author as a draft."""
    beside_drafts: bool
    """Its author is shown it once more where they look at such drafts."""
