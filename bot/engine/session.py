"""The state of a running flow, as frozen values that can be stored between any two turns."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

ENGLISH = "en"
"""The language in which flows are written: every other one is a translation, and falls back to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposedPart:
    """One sentence of a composed text: its address, and copies of the answers in it."""

    key: str
    args: Mapping[str, str | int | tuple[str, ...]] = field(default_factory=dict[str, str | int | tuple[str, ...]])


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """A text built of a person's own answers. It holds copies, so that it never changes after a grant."""

    flow: str
    """The flow whose sentences it is built of: it may be handed to another."""
    parts: tuple[ComposedPart, ...]
    language: str = ENGLISH
    """Its author's, in which it stays whoever reads it: what is shown is exactly what was granted."""
    revision: str = ""
    """The revision of that flow: the sentences stay as they were when it was built."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """What a session knows of somebody in it: their key for sealing grants, their language and their clock."""

    seal: str
    language: str = ENGLISH
    zone: str = ""
    """An IANA name, empty when they never told one."""
    session_only: bool = False
    """Nothing that they write is kept beyond the session."""


Words = str | int | tuple[str, ...] | Composed
"""The data of an answer: text, an option's name, milliseconds, several options' names, or a composed text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """An answer. ``rev`` grows with every change, so that a grant is bound to one wording."""

    data: Words
    rev: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A value that comes with the start of a session. Its author stays its author; empty is nobody in particular."""

    data: Words
    author: str = ""
    shown_to: tuple[str, ...] = ()
    """Whom its author has agreed to show it to, exactly as it is."""
    type: str = ""
    """The type of the slot that it comes from; empty when the host itself gives it."""
    cls: str = ""
    """The class of that slot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemGrant:
    """Recorded consent: this person shows this exact value to these people.

    ``seal`` is an HMAC over the value under the author's key: it binds the grant to the wording without holding it.
    """

    author: str
    item: str
    rev: int
    seal: str
    audience: tuple[str, ...]
    at: int
    revoked: bool = False
    revealed: bool = False
    """It was shown: from then on its audience can read it wherever it is named."""
    left: bool = False
    """Its author has left since: until the stage ends a question may show it once more, as if they were silent."""
    erased: bool = False
    """Its author wants it erased as well: it goes when the stage ends, and is none of their drafts."""


class LaneStatus(StrEnum):
    """What a lane is up to."""

    WAITING = "waiting"
    DONE = "done"
    CLOSED = "closed"
    """Refused or left: it will never be done, which nobody else can tell from waiting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One person's private sequence of steps. ``entry`` fences its waiting step: it is new at each entry."""

    role: str
    person: str
    status: LaneStatus = LaneStatus.WAITING
    step: str | None = None
    entry: int = 0
    phase: str = ""
    """Where inside a step that takes more than one answer (a review, a thaw)."""
    trail: tuple[str, ...] = ()
    """The steps that Back returns to, the newest last."""
    back_to: str | None = None
    """The review to return to when the step at hand is answered."""
    held: str | None = None
    """What was typed while the lane was frozen, offered to its author at the thaw."""
    items: tuple[str, ...] = ()
    """What the loop around its step goes through."""
    item: str = ""
    """The one at hand."""

    @property
    def key(self) -> str:
        """The lane's name within its stage."""
        return f"{self.role}:{self.person}"

    # Written out, not by dataclasses.replace, which costs as much as the rest of a turn's walking.

    def waiting_at(self, step: str, entry: int) -> "Lane":
        """Return the lane at a step that waits; a new entry makes its older prompts stale.

        What is offered from a pause belongs to the question at which it was typed.
        """
        here = step == self.step
        return Lane(
            role=self.role,
            person=self.person,
            step=step,
            entry=entry,
            phase=self.phase if here and self.held is not None else "",
            trail=self.trail,
            back_to=self.back_to,
            held=self.held if here else None,
            items=self.items,
            item=self.item,
        )

    def answered(self, trail: tuple[str, ...]) -> "Lane":
        """Return the lane after an answer, with the way that it has come."""
        return Lane(
            role=self.role,
            person=self.person,
            status=self.status,
            step=self.step,
            entry=self.entry,
            trail=trail,
            back_to=self.back_to,
            held=self.held,
            items=self.items,
            item=self.item,
        )

    def through(self) -> "Lane":
        """Return the lane as done."""
        return Lane(
            role=self.role,
            person=self.person,
            status=LaneStatus.DONE,
            entry=self.entry,
            trail=self.trail,
            back_to=self.back_to,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One flow on a session's stack of calls. Values are addressed by ``no``, which is never used twice."""

    no: int
    flow: str
    roles: Mapping[str, tuple[str, ...]]
    stage: str | None = None
    entry: int = 0
    due: int | None = None
    """The stage's deadline, in epoch milliseconds."""
    said: int | None = None
    """What the deadline was when it was last set by an answer: a pause moves the one and not the other."""
    lanes: Mapping[str, Lane] = field(default_factory=dict[str, Lane])
    visits: Mapping[str, int] = field(default_factory=dict[str, int])
    done: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """By stage that is entered again for who is missing: the lanes that were done."""
    trail: tuple[str, ...] = ()
    back_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredBy:
    """Which message gave which value, so that editing the message can change the value."""

    message: str
    key: str
    person: str
    entry: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A running flow. ``values`` and ``lanes`` of a volatile section are in ``hidden`` and are never stored."""

    id: str
    flow: str
    revision: str
    unit: str
    place: str | None
    """The room that it is bound to; None for people's own chats."""
    starter: str
    frames: tuple[Frame, ...]
    values: Mapping[str, Value]
    members: Mapping[str, Member]
    grants: tuple[ItemGrant, ...] = ()
    gone: tuple[str, ...] = ()
    """People who left: empty roles that never answer."""
    deciding: tuple[str, ...] = ()
    """People who stopped and may still say whether their drafts are kept."""
    answered: tuple[AnsweredBy, ...] = ()
    entries: int = 0
    expires_at: int = 0
    frozen_at: int | None = None
    ended: bool = False
    hidden: Mapping[str, "Hidden"] = field(default_factory=dict[str, "Hidden"])
    record: str = ""
    """The record that it is about, in a flow that reviews one."""
    returned: Mapping[str, str] = field(default_factory=dict[str, str])
    """The called flows that have returned, by the number of their frame: what people wrote there stays theirs."""

    @property
    def top(self) -> Frame:
        """The frame that is running."""
        return self.frames[-1]

    @property
    def flows(self) -> Mapping[str, str]:
        """The flow of each frame by its number, of those that have returned too: where values are addressed."""
        return {**self.returned, **{str(frame.no): frame.flow for frame in self.frames}}

    @property
    def revisions(self) -> tuple[str, ...]:
        """Every revision whose words it needs: its own first, then those that its composed texts are built of."""
        composed = (value.data.revision for value in self.values.values() if isinstance(value.data, Composed))
        return tuple(revision for revision in dict.fromkeys((self.revision, *composed)) if revision)

    @property
    def people(self) -> tuple[str, ...]:
        """Everyone with a part in it who has not left, in the order of the roles."""
        roles = self.frames[0].roles
        seen = dict.fromkeys(person for role in roles if role != "partner" for person in roles[role])
        return tuple(person for person in seen if person not in self.gone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden:
    """The inside of an open volatile section: its lane's real place and its answers."""

    lane: Lane
    values: Mapping[str, Value]


def value_key(frame: int, slot: str, owner: str, item: str = "") -> str:
    """Return the address of a value; ``owner`` is empty for a value that belongs to nobody alone.

    ``item`` is the id of an item of a list, or what a value ``per`` item belongs to.
    """
    return f"{frame}.{slot}.{owner}#{item}" if item else f"{frame}.{slot}.{owner}"


def place_of(step: str, item: str) -> str:
    """Return a step, and the item at hand in it, as a trail notes them."""
    return f"{step}#{item}" if item else step


def key_parts(key: str) -> tuple[str, str, str, str]:
    """Return what an address is made of: frame, slot, owner, item."""
    frame, slot, rest = key.split(".", 2)
    owner, _, item = rest.partition("#")
    return frame, slot, owner, item
