"""A message as Telegram shows it: HTML in parts that each fit, the choices under the last one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import assert_never

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.adapters.telegram.limits import TEXT, units
from bot.conversation.message import Button, Message, Span, SpanKind

ROW = 30
"""Characters of labels that stand side by side: about what a narrow screen shows whole."""

ABREAST = 4
"""The most buttons of a row; eight are allowed."""

NOTHING = "-"
"""What the button carries that shows a choice that was made: pressing it does nothing."""


@dataclass(frozen=True, slots=True)
class Part:
    """One message of Telegram, as HTML, and as it is if the HTML should not be taken."""

    html: str
    plain: str


def parts_of(message: Message, username: str) -> list[Part]:
    """Return the text in parts of at most 4,096 UTF-16 units each; ``username`` is the bot's own, for its links."""
    spans = [span for one in _paragraphs(message, username) for span in one]
    return [Part(_html(some), "".join(span.text for span in some)) for some in _split(spans)]


def keyboard_of(buttons: Sequence[Button]) -> InlineKeyboardMarkup | None:
    """Return the choices in rows: short ones side by side, each long one in a row of its own; None without any."""
    rows: list[list[Button]] = []
    for button in buttons:
        row = rows[-1] if rows else []
        if row and len(row) < ABREAST and sum(units(one.label) for one in (*row, button)) <= ROW:
            row.append(button)
        else:
            rows.append([button])
    if not rows:
        return None
    keys = [[InlineKeyboardButton(one.label, callback_data=one.token) for one in row] for row in rows]
    return InlineKeyboardMarkup(keys)


def chosen_keyboard(chosen: str) -> InlineKeyboardMarkup | None:
    """Return what stands under a message whose choices were taken away: the one that was chosen, if any."""
    return InlineKeyboardMarkup([[InlineKeyboardButton(f"✓ {chosen}", callback_data=NOTHING)]]) if chosen else None


def link_of(username: str, code: str = "") -> str:
    """Return the link that opens the chat with the bot, carrying a code (Bot API: 1-64 of ``A-Za-z0-9_-``)."""
    return f"https://t.me/{username}?start={code}" if code else f"https://t.me/{username}"


def link_into_a_room(username: str) -> str:
    """Return the link by which somebody picks a group that the bot is to come into."""
    return f"https://t.me/{username}?startgroup=room"


def _paragraphs(message: Message, username: str) -> Iterator[tuple[Span, ...]]:
    """The paragraphs, set apart; under a code by which somebody joins, the link that carries it."""
    for number, spans in enumerate(message.paragraphs):
        yield (Span(text="\n\n"),) if number else ()
        yield tuple(
            replace(span, text=link_into_a_room(username)) if span.kind is SpanKind.ROOM_LINK else span
            for span in spans
        )
        for span in spans:
            if span.kind is SpanKind.JOIN_CODE:
                yield (Span(text=f"\n{link_of(username, span.text)}"),)


def _html(spans: Sequence[Span]) -> str:
    return "".join(map(_marked, spans))


def _marked(span: Span) -> str:
    text = escape(span.text, quote=False)
    match span.kind:
        case SpanKind.PLAIN | SpanKind.OWN_WORDS | SpanKind.ROOM_LINK | SpanKind.DAY | SpanKind.LENGTH:
            return text
        case SpanKind.JOIN_CODE:
            return f"<code>{text}</code>"
        case SpanKind.TIME:
            return f'<tg-time unix="{span.at // 1000}">{text}</tg-time>'
        case _:
            assert_never(span.kind)


def _split(spans: Sequence[Span]) -> Iterator[list[Span]]:
    """Parts that fit, each cut where a paragraph, a line or a word ends, whatever comes first from behind."""
    left = [span for span in spans if span.text]
    while left:
        text = "".join(span.text for span in left)
        cut = _cut(text)
        part, left = _cut_spans(left, cut)
        part, left = _trimmed(part, from_end=True), _trimmed(left, from_end=False)
        if part:
            yield part


def _cut(text: str) -> int:
    """Where to end a part: as many characters as fit, or fewer, so that it ends where something ends."""
    if units(text) <= TEXT:
        return len(text)
    fits = _fitting(text)
    for end in ("\n\n", "\n", " "):
        found = text.rfind(end, TEXT // 4, fits + 1)
        if found > 0:
            return found
    while fits > 1 and _is_inside(text, fits):
        fits -= 1
    return fits


def _fitting(text: str) -> int:
    """How many characters fit: one beyond the basic plane counts twice, and is never cut in two."""
    length = 0
    for number, char in enumerate(text):
        length += 2 if char > "\uffff" else 1
        if length > TEXT:
            return number
    return len(text)


def _is_inside(text: str, cut: int) -> bool:
    """Whether what stands on both sides of a cut is one sign: joined, a variant or a tone of it, or half a flag."""
    char = text[cut]
    if char in "\u200d\ufe0e\ufe0f" or "\u0300" <= char <= "\u036f" or "\U0001f3fb" <= char <= "\U0001f3ff":
        return True
    flags = cut - len(text[:cut].rstrip(_FLAGS))
    return text[cut - 1] == "\u200d" or (char in _FLAGS and flags % 2 == 1)


_FLAGS = "".join(map(chr, range(0x1F1E6, 0x1F200)))
"""Letters of which two are a flag."""


def _cut_spans(spans: Sequence[Span], length: int) -> tuple[list[Span], list[Span]]:
    before: list[Span] = []
    for number, span in enumerate(spans):
        if len(span.text) > length:
            rest = [replace(span, text=span.text[length:]), *spans[number + 1 :]]
            return ([*before, replace(span, text=span.text[:length])] if length else before), rest
        before.append(span)
        length -= len(span.text)
    return before, []


def _trimmed(spans: Sequence[Span], *, from_end: bool) -> list[Span]:
    """Spans without the spaces and empty lines at one end, which Telegram would take away."""
    left = list(spans)
    while left:
        at = -1 if from_end else 0
        text = left[at].text.rstrip() if from_end else left[at].text.lstrip()
        if text:
            left[at] = replace(left[at], text=text)
            break
        left.pop(at)
    return left
