"""The shape of the file of records: every key that an author may write is a field here, with its docstring."""

from typing import Annotated, Literal

from pydantic import Field

from bot.flows.schema import Duration, Label, Name, OptionName, Strict, Words


class FieldSource(Strict):
    """A value that a record holds."""

    type: Literal[
        "text",
        "list",
        "choice",
        "choices",
        "number",
        "scale",
        "time",
        "date",
        "duration",
        "instant",
        "recurrence",
        "country",
        "time zone",
    ]
    """What it holds, of the same types as slots."""
    of: Literal["each", "all"] | None = None
    """In a pair's record: ``each`` (one value a person, each its author's; so it is without this) or ``all`` (one
    value for both, nobody's words)."""
    name: Label | None = None
    """What it is called where it is listed."""
    options: dict[OptionName, Label] = Field(default={}, max_length=5)
    """What a choice can be, each with its label; all that a slot which fills the field may offer."""


class ViewSource(Strict):
    """How the records of a kind are shown in a reader's own chat, on request only."""

    command: Name | None = None
    """The command that shows them. What comes by itself needs none: /checkins shows it."""
    row: Words | Annotated[list[Words], Field(min_length=1, max_length=6)]
    """What is said of one record; a field's placeholder is its value, or one line a person. Of several parts, one
    that names a field which the record does not hold is left out."""
    empty: Words | None = None
    """What the command says when there is none."""


class ComesSource(Strict):
    """When the records of a kind come by themselves, to those whose they are."""

    at: Name
    """The field, a recurrence, that says when: in a person's own record by the time where they are."""
    zone: Name | None = None
    """In a pair's record: the field, a time zone, by whose time it comes to both."""
    say: Words
    """What it says. Unless its reader chose otherwise, that is behind a neutral line with an [Open]."""
    shown: Name | None = None
    """A choice with the options ``yes`` and ``no``: whether its reader wants the words on their lock screen."""
    starts: Name | None = None
    """A choice of flows for one person, by their names: [Open] starts the one that was picked."""
    fresh: Duration
    """So long after its time it still means something; later it is left out."""
    chosen: bool = False
    """Its reader chose the very time: no caps, no quiet hours."""
    counts: bool = True
    """It counts for the caps of one a day and three a week. Only a daily pulse does not."""
    repeat: Duration | None = None
    """It comes once more after so long, if nobody answers."""
    tires: Literal["halves", "asks", "never"] = "halves"
    """What becomes of it when it is not answered, again and again: it comes half as often and then no more, it asks
    once whether to go on, or it goes on."""


class RecordSource(Strict):
    """A kind of record: something kept beyond the session in which it was made."""

    of: Literal["me", "pair"]
    """Whose it is, and who can read it: ``me`` (one person's own) or ``pair`` (both)."""
    title: Annotated[str, Field(min_length=1, max_length=60)]
    """What people see it called."""
    key: list[Name] = Field(default=[], max_length=3)
    """Fields that tell one record from another, such as ``[topic]``; each is a choice."""
    latest: bool = False
    """A new record takes the place of the earlier one with the same key."""
    lasts: Duration
    """The longest that a record stands: everything has an end. A ``keep`` may say an earlier one."""
    fields: dict[Name, FieldSource] = Field(min_length=1)
    """What it holds."""
    view: ViewSource | None = None
    """How it is shown. Without it, only flows read it."""
    comes: ComesSource | None = None
    """When it comes by itself. /checkins lists it then, and moves, skips and stops it."""
