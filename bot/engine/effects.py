"""What a turn asks the host to do. Texts are addresses with arguments, filled in when a message is claimed.

People's own words travel as references, so that what was revoked, edited or erased meanwhile cannot be sent.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.engine.session import Given, Value, Words

PHRASES = "phrases"
"""The pseudo-flow of the product's standing sentences."""

RECORDS = "records"
"""The pseudo-flow of what is said about records."""

IN_ROOM = ""
"""The recipient of a message to the session's room."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueRef:
    """A value of a session, by address and revision; ``flow`` and ``slot`` say how to render it."""

    flow: str
    slot: str
    key: str
    owner: str
    rev: int

    @property
    def item(self) -> str:
        """The id of the item that it is, in a list."""
        return self.key.partition("#")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class NameRef:
    """The name by which a person goes."""

    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HiddenWords:
    """A value of a volatile section: rendered from memory, never stored."""

    flow: str
    slot: str
    data: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRef:
    """A field of a record, by address: rendered for whoever may read the record then.

    With ``nth`` it is that one of its values alone.
    """

    unit: str
    kind: str
    record: str
    field: str
    nth: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A sentence by address, with its arguments by placeholder name."""

    flow: str
    key: str
    args: "Mapping[str, Argument]" = field(default_factory=dict[str, "Argument"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Several things: people's words as lines of their own, labels in a row. Empty, it is told as nothing yet."""

    items: "tuple[ValueRef | Text, ...]"
    lines: bool = False
    """Labels, too, are lines of their own."""
    numbered: bool = False
    """Each line begins with its number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Computed:
    """The result of an outcome, for everybody to read; ``type`` is the type of a slot that would hold it."""

    type: str
    data: int | str


Argument = ValueRef | NameRef | HiddenWords | RecordRef | Text | Listing | Computed | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One choice of a prompt. ``value`` comes back in ChoicePicked."""

    value: str
    label: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptFence:
    """Which lane and entry a prompt belongs to; a choice pressed later is checked against it."""

    lane: str
    entry: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FormAt:
    """A form, by the flow and the step of its first question."""

    flow: str
    step: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """A message to one person's own chat, or to the session's room (IN_ROOM)."""

    to: str
    paragraphs: tuple[Text, ...]
    choices: tuple[Choice, ...] = ()
    fence: PromptFence | None = None
    reply: bool = False
    """Answers an event of this very person."""
    invitation: bool = False
    signal: bool = False
    """A room signal: shown at once."""
    neutral: bool = False
    """It says nothing that a lock screen may not show: needs no [Open]."""
    volatile: bool = False
    """Bypasses the outbox and is never written down."""
    typed: bool = False
    """Free text is an answer too."""
    nudge: bool = False
    """It comes by itself, as its reader asked for it earlier."""
    form: FormAt | None = None
    """It can be answered together with the questions that follow it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retire:
    """Takes the choices away from the prompt of that fence, showing the one chosen (if it may be shown)."""

    fence: PromptFence
    chosen: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FreezeOthers:
    """Freezes what the session's place holds between people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThawOthers:
    """Lifts this session's freeze."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StartFlow:
    """Starts another flow with these people in its roles and these values, each with its author."""

    flow: str
    roles: Mapping[str, tuple[str, ...]]
    given: Mapping[str, Given]
    agreed: bool = False
    """Everybody in it has said yes already: it counts as no invitation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """A host action by name, for the people in the session's roles; ``values`` are the signals it may read."""

    action: str
    roles: Mapping[str, tuple[str, ...]]
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parked:
    """A person put their part aside; it waits, no longer in front."""

    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftsKept:
    """A person's unreleased words are kept for them alone."""

    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptValue:
    """A copy of a value, with its author; the author is empty for what is nobody's words."""

    data: Words
    author: str = ""
    rev: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepRecord:
    """Keeps a record: of one person (``owner``), or of the session's pair when that is empty."""

    kind: str
    owner: str
    key: tuple[str, ...]
    latest: bool
    """It takes the place of an earlier one with the same key."""
    values: Mapping[str, tuple[KeptValue, ...]]
    """By field: one value, or those of each person."""
    until: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidAgain:
    """What a person wrote during a pause and uses now: it is taken as if they wrote it anew, labels included."""

    person: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftsErased:
    """A person had their unreleased words of this session erased: nothing of them is kept."""

    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LetStand:
    """Moves the end of the record that the session is about; an end that is not ahead ends it."""

    until: int


Effect = (
    Send
    | Retire
    | FreezeOthers
    | ThawOthers
    | StartFlow
    | Act
    | Parked
    | DraftsKept
    | DraftsErased
    | KeepRecord
    | SaidAgain
    | LetStand
)
