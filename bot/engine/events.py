"""What can happen to a session. Every event names its actor or its fence, and carries no platform's data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bot.engine.session import Given, Member, Words


class Signal(StrEnum):
    """Events that are tried before the waiting step."""

    STOP = "stop"
    BACK = "back"
    SKIP = "skip"
    NOT_NOW = "not_now"
    RESUME = "resume"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalled:
    """A value of a record for a slot. Its author stays its author; empty is nobody in particular."""

    slot: str
    data: Words
    author: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """The session starts. ``given`` are values that came with the start, by slot; ``recalled`` come from records."""

    given: Mapping[str, Given] = field(default_factory=dict[str, Given])
    recalled: tuple[Recalled, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """What a text names, if it were an answer to where somebody is: the host knows what people call places."""

    country: str = ""
    """ISO 3166, such as ``ES``; empty when it names none."""
    zone: str = ""
    """IANA, such as ``Europe/Madrid``; empty when it names none."""


NOWHERE = Places()


@dataclass(frozen=True, slots=True, kw_only=True)
class TextTyped:
    """A person wrote something in their own chat. ``message`` names the platform's message for later edits."""

    person: str
    text: str
    message: str = ""
    places: Places = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class FormFilled:
    """A person filled in the form of the prompt that ``lane`` and ``entry`` name: an answer a question, or none."""

    person: str
    lane: str
    entry: int
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextEdited:
    """A person edited an earlier message."""

    person: str
    text: str
    message: str
    places: Places = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoicePicked:
    """A person pressed a choice of the prompt that ``lane`` and ``entry`` name."""

    person: str
    lane: str
    entry: int
    choice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Signalled:
    """A person sent a signal."""

    person: str
    signal: Signal


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerDue:
    """A deadline came. ``entry`` fences it: 0 is the whole session's, else the stage's entry."""

    entry: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """A person took a role."""

    person: str
    role: str
    member: Member


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """A pause began: deadlines stand still from now on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thawed:
    """The pause is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownAgain:
    """A person asks where they are: the waiting step is shown to them once more."""

    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordEnded:
    """The record that the session is about has ended: nothing is left to be asked about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dissolved:
    """Those who are in it are not together any more: it ends for everyone, and everybody's words are their own."""


Event = (
    Begun
    | TextTyped
    | FormFilled
    | TextEdited
    | ChoicePicked
    | Signalled
    | TimerDue
    | Joined
    | Frozen
    | Thawed
    | ShownAgain
    | RecordEnded
    | Dissolved
)
