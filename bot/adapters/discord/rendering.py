"""A message as Discord shows it: Markdown in parts that each fit, the choices as components under the last one."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, assert_never

import discord
from discord.ui import Button as Key
from discord.ui import Select, View

from bot.adapters.discord.forms import carried_by
from bot.adapters.discord.limits import ABREAST, LABEL, OPTION, OPTIONS, ROWS, TEXT, cost, shortened
from bot.adapters.splitting import split
from bot.conversation.message import Button, FormButton, Message, Span, SpanKind

ROW = 50
"""Characters of labels that stand side by side: about what a narrow screen shows whole."""

NOTHING = "-"
"""What the button carries that shows a choice that was made: it cannot be pressed."""

SELECT = "s"
"""What a select carries in place of a choice's number: its options carry those."""


def parts_of(message: Message, install_link: str) -> list[str]:
    """Return the text in parts of at most 2,000 characters each; ``install_link`` brings the bot into a server."""
    spans = [_as_shown(span) for one in _paragraphs(message, install_link) for span in one]
    return ["".join(map(_marked, part)) for part in split(spans, TEXT, cost)]


def plain_parts_of(message: Message) -> list[str]:
    """Return the text without any marks, for when those are not taken."""
    return ["".join(span.text for span in part) for part in split([Span(text=message.text)], TEXT, cost)]


def view_of(buttons: Sequence[Button], form: FormButton | None = None) -> View | None:
    """Return the choices as components: buttons, or selects when there are more than fit; None without any.

    What opens a form comes last, if there is room for it.

    Nothing listens to them: what is pressed is told by the token that they carry.
    """
    carried = carried_by(form) if form is not None else None
    items = list(_keys(buttons) if len(buttons) <= ROWS * ABREAST else _selects(buttons))
    last = max((item.row or 0 for item in items), default=-1) + 1
    if form is not None and carried is not None and last < ROWS:
        items.append(Key(label=shortened(form.label, LABEL), custom_id=carried, row=last))
    return _still(items) if items else None


def chosen_view(chosen: str) -> View | None:
    """Return what stands under a message whose choices were taken away: the one that was chosen, if any."""
    if not chosen:
        return None
    return _still([Key(label=shortened(f"✓ {chosen}", LABEL), custom_id=NOTHING, disabled=True)])


def _still(items: Iterator[Any] | Sequence[Any]) -> View:
    """A view that the library does not keep: stopped before it is sent."""
    view = View(timeout=None)
    for item in items:
        view.add_item(item)
    view.stop()
    return view


def _keys(buttons: Sequence[Button]) -> Iterator[Key[View]]:
    for row, some in enumerate(_rows(buttons)):
        for button in some:
            yield Key(label=shortened(button.label, LABEL), custom_id=button.token, row=row)


def _rows(buttons: Sequence[Button]) -> list[list[Button]]:
    """Short labels side by side, long ones alone, as long as there are rows for that."""
    rows: list[list[Button]] = []
    for button in buttons:
        row = rows[-1] if rows else []
        if row and len(row) < ABREAST and sum(len(one.label) for one in (*row, button)) <= ROW:
            row.append(button)
        else:
            rows.append([button])
    if len(rows) > ROWS:
        rows = [list(buttons[start : start + ABREAST]) for start in range(0, len(buttons), ABREAST)]
    return rows


def _selects(buttons: Sequence[Button]) -> Iterator[Select[View]]:
    for row, start in enumerate(range(0, min(len(buttons), ROWS * OPTIONS), OPTIONS)):
        some = buttons[start : start + OPTIONS]
        prefix = some[0].token.rpartition(":")[0]
        yield Select(
            custom_id=f"{prefix}:{SELECT}{row}",
            placeholder=shortened(f"{some[0].label} – {some[-1].label}", OPTION),
            options=[
                discord.SelectOption(label=shortened(one.label, OPTION), value=one.token.rpartition(":")[2])
                for one in some
            ],
            row=row,
        )


def _paragraphs(message: Message, install_link: str) -> Iterator[tuple[Span, ...]]:
    for number, spans in enumerate(message.paragraphs):
        yield (Span(text="\n\n"),) if number else ()
        yield tuple(
            replace(span, text=install_link) if span.kind is SpanKind.ROOM_LINK and install_link else span
            for span in spans
        )


def _as_shown(span: Span) -> Span:
    """Instants as Discord tells them, to each in their own time."""
    match span.kind:
        case SpanKind.TIME:
            return replace(span, text=f"<t:{span.at // 1000}:t>")
        case SpanKind.DAY:
            return replace(span, text=f"<t:{span.at // 1000}:D>")
        case SpanKind.LENGTH:
            return replace(span, text=f"{span.text} (<t:{span.at // 1000}:t>)")
        case SpanKind.PLAIN | SpanKind.OWN_WORDS | SpanKind.ROOM_LINK | SpanKind.JOIN_CODE:
            return span
        case _:
            assert_never(span.kind)


def _marked(span: Span) -> str:
    match span.kind:
        case SpanKind.PLAIN | SpanKind.OWN_WORDS:
            return escaped(span.text)
        case SpanKind.TIME | SpanKind.DAY | SpanKind.LENGTH | SpanKind.ROOM_LINK:
            return span.text
        case SpanKind.JOIN_CODE:
            return f"`{span.text}`"
        case _:
            assert_never(span.kind)


_ANYWHERE = re.compile(r"[\\*_~`|<>\[\]]|https?://[^\s<]+")
_AT_LINE_START = re.compile(r"^(\s*)(#{1,3}(?=\s)|-#(?=\s)|[-+](?=\s)|\d+\.(?=\s))", re.MULTILINE)


def escaped(text: str) -> str:
    """Return a text so that Discord shows it as it is: no Markdown, no mention, no time; addresses stay whole."""
    inside = _ANYWHERE.sub(lambda found: found[0] if len(found[0]) > 1 else f"\\{found[0]}", text)
    return _AT_LINE_START.sub(_behind_a_backslash, inside)


def _behind_a_backslash(found: re.Match[str]) -> str:
    mark = found[2]
    number = mark.removesuffix(".")
    return f"{found[1]}{number}\\." if mark.endswith(".") and number else f"{found[1]}\\{mark}"
