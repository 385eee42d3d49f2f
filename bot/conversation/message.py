"""A message as an adapter gets it: spans of text and labelled choices, in the reader's language."""

from dataclasses import dataclass
from enum import StrEnum

from bot.engine.session import ENGLISH


class SpanKind(StrEnum):
    """What a span is, so that each platform can set and escape it in its own way."""

    PLAIN = "plain"
    OWN_WORDS = "words"
    """Something that a person wrote: never markup, never a template."""
    JOIN_CODE = "join_code"
    """A code by which another person joins: to be copied, or carried by a link."""
    ROOM_LINK = "room_link"
    """How to bring the bot into a room, in words: the platform may have a link that does it."""
    TIME = "time"
    """The time of day of an instant, in its reader's zone: the platform may know that better."""
    DAY = "day"
    """The day of an instant, likewise."""
    LENGTH = "length"
    """How long it is until an instant, for somebody whose zone nobody knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A run of text."""

    text: str
    kind: SpanKind = SpanKind.PLAIN
    at: int = 0
    """Of what tells of an instant: epoch milliseconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """A choice: its label, and the token that comes back when it is pressed (at most 64 bytes)."""

    label: str
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FormButton:
    """What opens a form: its label, the token of the message, and the form's name.

    By the name the form is found at once; both together are at most 90 characters of ASCII.
    """

    label: str
    token: str
    form: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A message that a chat may still show: the platform's name for it, and when it was sent (epoch milliseconds)."""

    ref: str
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What one message says. Paragraphs are set apart by the platform."""

    paragraphs: tuple[tuple[Span, ...], ...]
    buttons: tuple[Button, ...] = ()
    form: FormButton | None = None
    """On a platform that has forms: a way to answer at once what would be asked in a row."""
    language: str = ENGLISH
    """The language of our own words in it; a sentence that has no translation is in English all the same."""
    silent: bool = False
    """It is to arrive without a sound, as nobody waits for it."""

    @property
    def text(self) -> str:
        """The whole text, paragraphs one below the other."""
        return "\n\n".join("".join(span.text for span in spans) for spans in self.paragraphs)
