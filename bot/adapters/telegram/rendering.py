"""A message as Telegram shows it: HTML in parts that each fit, the choices under the last one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import assert_never

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.adapters.splitting import split
from bot.adapters.telegram.limits import TEXT, cost, units
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
    return [Part(_html(some), "".join(span.text for span in some)) for some in split(spans, TEXT, cost)]


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
