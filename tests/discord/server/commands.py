"""The bot's commands, as Discord takes them (Discord API docs, Application Commands)."""

import re
from typing import Final

import discord

from tests.discord.server.ids import Ids
from tests.discord.server.refusals import refuse_form
from tests.discord.server.spec import Json

NAME: Final = re.compile(r"[-_'\w]{1,32}")
LOCALES: Final = frozenset(one.value for one in discord.Locale)
MOST: Final = 100


def judged_commands(wanted: list[Json], application: str, ids: Ids) -> list[Json]:
    """Return the commands as they are kept, or refuse them."""
    if len(wanted) > MOST:
        refuse_form("at most 100 commands")
    names = [one["name"] for one in wanted]
    if len(names) != len(set(names)):
        refuse_form("name: must be unique")
    for one in wanted:
        _judge(one)
        if not 1 <= len(one.get("description") or "") <= 100:  # Discord's limit
            refuse_form("description: 1-100 characters")
    return [
        {
            "id": str(ids.next()),
            "application_id": application,
            "version": str(ids.next()),
            "default_member_permissions": None,
            "dm_permission": True,
            "nsfw": False,
            **{key: value for key, value in one.items() if value not in (None, [])},
            "type": one.get("type") or 1,
        }
        for one in wanted
    ]


def _judge(one: Json) -> None:
    names: Json = one.get("name_localizations") or {}
    descriptions: Json = one.get("description_localizations") or {}
    for name in (str(one["name"]), *map(str, names.values())):
        if not NAME.fullmatch(name) or name != name.lower():
            refuse_form(f"name: {name!r} is no name of a command")
    if not names.keys() | descriptions.keys() <= LOCALES:
        refuse_form("localizations: a locale that Discord does not have")
    options: list[Json] = one.get("options") or []
    required = [bool(option.get("required")) for option in options]
    if required != sorted(required, reverse=True):
        refuse_form("options: the required ones come first")
    for option in options:
        _judge(option)
