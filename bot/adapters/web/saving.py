"""A journal as a transcript: played, it does the same at the same times, and expects what everybody received.

It is played as on the page, with the ids that the page's events had, so that whatever is drawn by lot comes out the
same: the order of ideas without names, for one. Codes that somebody typed are captured where they were told.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import assert_never

from bot.adapters.web.cast import PLATFORM, Cast
from bot.adapters.web.journal import Hid, Journal, Renewed, Showed, Took
from bot.conversation.envelope import (
    ChoicePressed,
    Command,
    Envelope,
    FormHandedIn,
    MemberLeft,
    PlaceKind,
    Reachability,
    RoomJoined,
    TextChanged,
    TextSaid,
    Unreadable,
)
from bot.conversation.message import Message
from bot.flows.mending import written

_CODE = re.compile(r"\b[A-HJ-NP-Z2-9]{8}\b")
"""A pairing code, such as somebody passes on."""

_UNITS = ((86_400_000, "d"), (3_600_000, "h"), (60_000, "m"))


def transcript_of(journal: Journal) -> str | None:
    """Return the transcript; None when the beginning is not known."""
    if journal.begun_at is None:
        return None
    return "\n".join(_Writing(journal, journal.begun_at).lines()) + "\n"


class _Writing:
    def __init__(self, journal: Journal, begun_at: int) -> None:
        self._journal = journal
        self._at = begun_at
        self._begun_at = begun_at
        self._codes = _codes_passed_on(journal)
        self._offered: list[tuple[str, Message]] = []
        """Every message with choices, and the view that received it, the newest last."""
        self._last_said: dict[str, str] = {}
        self._views: dict[str, None] = {}

    def lines(self) -> Iterator[str]:
        """Yield the lines of the file."""
        yield "# Saved on the page: played, everybody types and presses the same, and gets the same."
        yield f"@start {datetime.fromtimestamp(self._begun_at // 1000, UTC):%Y-%m-%dT%H:%MZ}"
        yield f"@on {PLATFORM}"
        yield from _people(self._journal.cast)
        for one in self._journal.happened:
            match one:
                case Took():
                    yield from self._until(one.envelope.at)
                    yield from self._took(one.envelope)
                case Showed():
                    yield from self._until(one.at)
                    yield from self._showed(one)
                case Hid():
                    self._offered = [(view, message) for view, message in self._offered if view != one.view]
                case Renewed():
                    yield "# From here on with the flows as they were saved then."
                    yield "!crash"
                case _:
                    assert_never(one)
        yield from self._until(self._journal.now)
        for view in self._views:
            yield f"{view}<"

    def _until(self, at: int) -> Iterator[str]:
        """Move the clock, in a line for each unit of time."""
        left = at - self._at
        self._at = max(self._at, at)
        for length, unit in _UNITS:
            count, left = divmod(left, length) if left > 0 else (0, left)
            if count:
                yield f"+{count}{unit}"

    def _took(self, envelope: Envelope) -> Iterator[str]:
        who = envelope.actor.id
        in_room = envelope.place.kind is PlaceKind.ROOM
        where = f"{who}@{envelope.place.id}" if in_room else who
        match envelope.content:
            case RoomJoined(members=members):
                yield f"@room {envelope.place.id}: {' '.join(member.id for member in members)}"
            case Command(name=name, args=args):
                yield from _spoken(where, f"/{name} {self._with_codes(args)}".rstrip())
            case TextSaid(text=text, message=message):
                self._last_said[who] = message
                yield from _spoken(where, _as_text(self._with_codes(text)))
            case TextChanged(text=text, message=message):
                yield from self._changed(where, who, message, text)
            case ChoicePressed(token=token, index=index):
                yield self._pressed(where, who, envelope.place.id if in_room else "", f"{token}:{index}")
            case Unreadable():
                yield f"!photo {who}"
            case FormHandedIn() | MemberLeft() | Reachability():
                pass  # what no page does

    def _changed(self, where: str, who: str, message: str, text: str) -> Iterator[str]:
        if self._last_said.get(who) != message:
            yield f"# {who} changed an earlier message here, which a transcript cannot do."
            return
        first, *more = text.split("\n")
        yield f"!edit {where}: {first}"
        yield from (f"| {line}" for line in more)

    def _pressed(self, where: str, who: str, room: str, token: str) -> str:
        views = {room, f"{who}@{room}"} if room else {who}
        offered = [message for view, message in self._offered if view in views]
        for back, message in enumerate(reversed(offered), 1):
            for button in message.buttons:
                if button.token.endswith(f":{token}"):
                    return f"{where}> [{button.label}]" + (f"@{back}" if back > 1 else "")
        return f"# {where} pressed a choice here that is not shown any more."

    def _showed(self, one: Showed) -> Iterator[str]:
        self._views[one.view] = None
        if one.message.buttons:
            self._offered.append((one.view, one.message))
        labels = " ".join(f"[{button.label}]" for button in one.message.buttons)
        yield from written(one.view, self._with_codes(f"{one.message.text} {labels}".strip()))

    def _with_codes(self, text: str) -> str:
        """The text, with a name in braces for each code that was told and passed on."""
        return _CODE.sub(lambda found: self._codes.get(found.group(), found.group()), text)


def _people(cast: Cast) -> Iterator[str]:
    for person in cast.people:
        zone = f" tz={person.zone}" if person.zone else ""
        language = f" lang={person.locale}" if person.locale != "en" else ""
        yield f"@{person.id}{zone}{language}"


def _codes_passed_on(journal: Journal) -> dict[str, str]:
    """Each code that was told to somebody and typed later, with the name that stands for it."""
    told: set[str] = set()
    passed_on: dict[str, None] = {}
    words: list[str] = []
    for one in journal.happened:
        if isinstance(one, Showed):
            told |= set(_CODE.findall(one.message.text))
        elif isinstance(one, Took):
            words += _typed(one.envelope)
            passed_on |= dict.fromkeys(code for text in _typed(one.envelope) for code in _CODE.findall(text))
    codes = [code for code in passed_on if code in told]
    return {code: f"{{{name}}}" for code, name in zip(codes, _free_names(" ".join(words)), strict=False)}


def _typed(envelope: Envelope) -> list[str]:
    match envelope.content:
        case Command(args=text) | TextSaid(text=text) | TextChanged(text=text):
            return [text]
        case _:
            return []


def _free_names(words: str) -> Iterator[str]:
    """``code``, ``code_2``, … without those that somebody typed in braces."""
    names: Iterable[str] = ("code" if number == 1 else f"code_{number}" for number in range(1, 1000))
    return (name for name in names if f"{{{name}}}" not in words)


def _as_text(text: str) -> str:
    """A text as a transcript has it: no bracket presses anything, and no slash is a command."""
    plain = text.replace("[", "\\[")
    return f" {plain}" if plain.startswith("/") else plain


def _spoken(where: str, text: str) -> Iterator[str]:
    first, *more = text.split("\n")
    yield f"{where}> {first}".rstrip()
    yield from (f"| {line}".rstrip() for line in more)
