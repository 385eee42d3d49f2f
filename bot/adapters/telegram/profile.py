"""The bot's menus and what it says of itself, by language and scope: compared, and set where they changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import structlog
from telegram import Bot, BotCommand, BotCommandScope, BotCommandScopeAllGroupChats, BotCommandScopeAllPrivateChats

from bot.conversation.menu import Entry

COMMANDS = 100
"""Of a menu (Bot API, setMyCommands)."""

LONGEST_COMMAND, LONGEST_ABOUT = 32, 256
"""Characters (Bot API, BotCommand)."""

LONGEST_DESCRIPTION, LONGEST_SHORT = 512, 120
"""Characters (Bot API, setMyDescription and setMyShortDescription)."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What the bot offers and says of itself in one language."""

    person: Sequence[Entry]
    room: Sequence[Entry]
    description: str
    short: str


async def bring_up_to_date(bot: Bot, profiles: Mapping[str, Profile], usual: str) -> int:
    """Set what differs from what Telegram has, and return how many calls that took.

    ``profiles`` is by language; that of ``usual`` is also for everybody whose language has none.
    """
    changed = 0
    for language, profile in {"": profiles[usual], **profiles}.items():
        for scope, entries in (
            (BotCommandScopeAllPrivateChats(), profile.person),
            (BotCommandScopeAllGroupChats(), profile.room),
        ):
            changed += await _set_commands(bot, scope, language, entries)
        changed += await _set_description(bot, language, profile)
    if changed:
        _log.info("profile_changed", calls=changed)
    return changed


async def _set_commands(bot: Bot, scope: BotCommandScope, language: str, entries: Sequence[Entry]) -> int:
    commands = [
        BotCommand(entry.command, entry.about[:LONGEST_ABOUT])
        for entry in entries[:COMMANDS]
        if len(entry.command) <= LONGEST_COMMAND
    ]
    there = await bot.get_my_commands(scope=scope, language_code=language or None)
    if list(there) == commands:
        return 0
    await bot.set_my_commands(commands, scope=scope, language_code=language or None)
    return 1


async def _set_description(bot: Bot, language: str, profile: Profile) -> int:
    changed = 0
    code = language or None
    description, short = profile.description[:LONGEST_DESCRIPTION], profile.short[:LONGEST_SHORT]
    if (await bot.get_my_description(language_code=code)).description != description:
        await bot.set_my_description(description, language_code=code)
        changed += 1
    if (await bot.get_my_short_description(language_code=code)).short_description != short:
        await bot.set_my_short_description(short, language_code=code)
        changed += 1
    return changed
