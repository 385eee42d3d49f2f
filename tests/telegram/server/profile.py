"""What is said of the bot: its commands, names, descriptions and the menu button, each by language."""

import json
import re
from typing import Final

from tests.telegram.server.refusals import refuse
from tests.telegram.server.spec import Json
from tests.telegram.server.world import World

COMMAND: Final = re.compile(r"[a-z0-9_]{1,32}")
LANGUAGE: Final = re.compile(r"([a-z]{2})?")
COMMANDS: Final = 100
DESCRIPTION: Final = 256
TEXTS: Final = {"name": 64, "description": 512, "short_description": 120}


def language(call: Json) -> str:
    """Return the language that a call names, or refuse."""
    code: str = call.get("language_code", "")
    if not LANGUAGE.fullmatch(code):
        refuse("LANG_CODE_INVALID")
    return code


def place(world: World, call: Json) -> tuple[str, str]:
    """Return the scope and language that a call names, or refuse."""
    scope: Json = call.get("scope", {"type": "default"})
    if "chat_id" in scope:
        scope = {**scope, "chat_id": world.known_chat(scope["chat_id"]).id}
    return json.dumps(scope, sort_keys=True), language(call)


def set_my_commands(world: World, call: Json) -> bool:
    """Set the commands of a scope in a language."""
    at = place(world, call)
    commands: list[Json] = call["commands"]
    if len(commands) > COMMANDS:
        refuse("BOT_COMMANDS_TOO_MUCH")
    if not all(COMMAND.fullmatch(one["command"]) for one in commands):
        refuse("BOT_COMMAND_INVALID")
    if not all(1 <= len(one["description"].strip()) <= DESCRIPTION for one in commands):
        refuse("BOT_COMMAND_DESCRIPTION_INVALID")
    world.profile.commands[at] = commands
    return True


def get_my_commands(world: World, call: Json) -> list[Json]:
    """Return the commands of exactly this scope and language."""
    return world.profile.commands.get(place(world, call), [])


def delete_my_commands(world: World, call: Json) -> bool:
    """Forget the commands of exactly this scope and language."""
    world.profile.commands.pop(place(world, call), None)
    return True


def set_text(world: World, call: Json, kind: str) -> bool:
    """Set the name, the description or the short description in a language."""
    text: str = call.get(kind, "")
    if len(text) > TEXTS[kind]:
        refuse(f"BOT_{kind.upper()}_TOO_LONG")
    world.profile.texts[kind, language(call)] = text
    return True


def get_text(world: World, call: Json, kind: str) -> Json:
    """Return it in a language, or as it is for all others."""
    texts = world.profile.texts
    default = world.bot.first_name if kind == "name" else ""
    return {kind: texts.get((kind, language(call))) or texts.get((kind, "")) or default}


def set_chat_menu_button(world: World, call: Json) -> bool:
    """Set the button beside the text field, for one person or as it is for all others."""
    button: Json = call.get("menu_button", {"type": "default"})
    if "chat_id" in call:
        world.known_chat(call["chat_id"]).menu_button = button
    else:
        world.profile.menu_button = button
    return True


def get_chat_menu_button(world: World, call: Json) -> Json:
    """Return the button beside the text field."""
    own = world.known_chat(call["chat_id"]).menu_button if "chat_id" in call else None
    return own or world.profile.menu_button
