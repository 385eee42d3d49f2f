"""Forms as Discord's modals. A modal is the first answer to a press or there is none: it is found by name alone."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

import discord
from discord.ui import Label, Modal, TextInput

from bot.adapters.discord.limits import CUSTOM_ID, FIELD_ABOUT, FIELD_LABEL, FORM_TITLE, LONG_ANSWER, shortened
from bot.adapters.well_formed import well_formed
from bot.conversation.envelope import FormHandedIn
from bot.conversation.forms import Form
from bot.conversation.message import FormButton

_OPENS = re.compile(r"v1:(?P<token>[^:]+):f:(?P<form>.+)")
_FILLS = re.compile(r"v1:(?P<token>[^:]+):f")

INPUT = 4
"""The kind of component that is written into (Discord API, Component Types)."""


def carried_by(button: FormButton) -> str | None:
    """Return what the button that opens a form carries, or None when it carries too much."""
    carried = f"v1:{button.token}:f:{button.form}"
    return carried if len(carried) <= CUSTOM_ID else None


def asks_for_form(carried: str) -> tuple[str, str] | None:
    """Return the token and the name of the form that is asked for by what a button carries, if one is."""
    found = _OPENS.fullmatch(carried)
    return (found["token"], found["form"]) if found is not None else None


def modal_of(form: Form, token: str) -> Modal:
    """Return a form as a modal. The library does not keep it: what is handed in is told by the token it carries."""
    modal = Modal(title=shortened(form.title, FORM_TITLE), custom_id=f"v1:{token}:f")
    for number, field in enumerate(form.fields):
        modal.add_item(
            Label(
                text=shortened(field.label, FIELD_LABEL),
                description=field.question if 0 < len(field.question) <= FIELD_ABOUT else None,
                component=TextInput[Modal](
                    custom_id=str(number),
                    style=discord.TextStyle.long if field.most > LONG_ANSWER else discord.TextStyle.short,
                    required=not field.optional,
                    max_length=field.most,
                ),
            )
        )
    modal.stop()
    return modal


def handed_in(data: Mapping[str, Any]) -> FormHandedIn | None:
    """Return what was written into a modal, by the numbers of its fields; None for one that is none of ours."""
    found = _FILLS.fullmatch(well_formed(str(data.get("custom_id", ""))))
    if found is None:
        return None
    written = {
        str(one.get("custom_id")): well_formed(str(one.get("value") or "")) for one in _inputs(data.get("components"))
    }
    count = 1 + max((int(name) for name in written if name.isdecimal()), default=-1)
    return FormHandedIn(token=found["token"], answers=tuple(written.get(str(number), "") for number in range(count)))


def _inputs(components: object) -> Iterator[dict[str, Any]]:
    """What was written into, wherever it stands."""
    for one in cast("list[Any]", components) if isinstance(components, list) else []:
        if isinstance(one, dict):
            held = cast("dict[str, Any]", one)
            if held.get("type") == INPUT:
                yield held
            yield from _inputs(held.get("components"))
            yield from _inputs([held.get("component")])
