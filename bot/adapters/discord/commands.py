"""The bot's commands, by language: compared with those that Discord has, and set where they differ."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import discord
import structlog
from discord.http import Route

from bot.adapters.discord.calls import Calls
from bot.conversation.menu import Entry

LONGEST_ABOUT = 100
"""Characters (Discord API, Application Command Object: description 1-100)."""

_NAME = re.compile(r"[-_\w]{1,32}")
"""What a command may be called (Discord API, Application Command Naming); lower case where there is one."""

CHAT_INPUT, TEXT_OPTION = 1, 3
"""Kinds of command and of option (Discord API)."""

GUILD, OWN_CHAT, PRIVATE_CHANNEL = 0, 1, 2
"""Where a command can be used (Discord API, Interaction Context Types)."""

FOR_SERVERS, FOR_ONESELF = 0, 1
"""For whom the bot can be installed (Discord API, Application Integration Types)."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Menus:
    """What the bot offers in one language."""

    person: Sequence[Entry]
    room: Sequence[Entry]


def room_commands(menus: Menus) -> frozenset[str]:
    """Return the commands that a room is for: any other is answered in somebody's own chat."""
    return frozenset(entry.command for entry in menus.room)


def payload_of(menus: Mapping[str, Menus], usual: str) -> list[dict[str, Any]]:
    """Return the commands as Discord takes them, in the words of ``usual``, with those of other languages beside."""
    for_rooms = room_commands(menus[usual])
    by_language = {language: _by_command(one) for language, one in menus.items()}
    others = {
        locale.value: by_language[language]
        for locale in discord.Locale
        if (language := locale.value.partition("-")[0]) in menus and language != usual
    }
    return [
        {
            "type": CHAT_INPUT,
            **_described(name, entry.about, {locale: _named(name, one.get(name)) for locale, one in others.items()}),
            "options": _options(entry, {locale: one.get(name) for locale, one in others.items()}),
            "integration_types": [FOR_SERVERS, FOR_ONESELF],
            "contexts": [GUILD, OWN_CHAT, PRIVATE_CHANNEL] if name in for_rooms else [GUILD, OWN_CHAT],
        }
        for name, entry in by_language[usual].items()
    ]


async def bring_up_to_date(client: discord.Client, calls: Calls, wanted: Sequence[Mapping[str, Any]]) -> bool:
    """Set the commands if they differ from what Discord has; return whether they did."""
    application = client.application_id
    there = await calls.make(
        client.http.request(
            Route("GET", "/applications/{application_id}/commands", application_id=application),
            params={"with_localizations": "true"},
        )
    )
    found = cast("list[dict[str, Any]]", there)
    if _in_order(map(_compared, found)) == _in_order(map(_compared, wanted)):
        return False
    await calls.make(
        client.http.request(
            Route("PUT", "/applications/{application_id}/commands", application_id=application), json=list(wanted)
        )
    )
    _log.info("commands_set", commands=len(wanted))
    return True


def _by_command(menus: Menus) -> dict[str, Entry]:
    return {entry.command: entry for entry in (*menus.room, *menus.person)}


@dataclass(frozen=True, slots=True)
class _Name:
    name: str
    about: str


def _named(name: str, entry: Entry | None) -> _Name | None:
    """What a command is called in a language: by the word that people type for it, where it may be called so."""
    if entry is None:
        return None
    word = entry.word.lower()
    return _Name(word if _NAME.fullmatch(word) else name, entry.about)


def _options(entry: Entry, others: Mapping[str, Entry | None]) -> list[dict[str, Any]]:
    option = entry.option
    if option is None:
        return []
    named = {
        locale: _Name(one.option.name, one.option.about) if one is not None and one.option is not None else None
        for locale, one in others.items()
    }
    return [{"type": TEXT_OPTION, **_described(option.name, option.about, named), "required": False}]


def _described(name: str, about: str, others: Mapping[str, _Name | None]) -> dict[str, Any]:
    there = {locale: one for locale, one in others.items() if one is not None}
    return {
        "name": name,
        "name_localizations": {locale: one.name for locale, one in there.items() if one.name != name},
        "description": about[:LONGEST_ABOUT],
        "description_localizations": {locale: one.about[:LONGEST_ABOUT] for locale, one in there.items()},
    }


_COMPARED = (
    "name",
    "name_localizations",
    "description",
    "description_localizations",
    "options",
    "integration_types",
    "contexts",
    "type",
    "required",
)


def _compared(command: Mapping[str, Any]) -> dict[str, Any]:
    """What counts of a command; what Discord leaves out, or adds, when it is empty does not."""
    found = {key: command.get(key) for key in _COMPARED}
    found["options"] = [_compared(option) for option in cast("list[dict[str, Any]]", found["options"] or [])]
    return {key: value for key, value in found.items() if value}


def _in_order(commands: Any) -> list[dict[str, Any]]:
    return sorted(commands, key=lambda command: str(command.get("name")))
