"""The double: what is said of the bot, each by language."""

import pytest
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    MenuButtonCommands,
    MenuButtonDefault,
    MenuButtonWebApp,
    WebAppInfo,
)
from telegram.error import BadRequest

from tests.telegram.server.api import BotApi

HELP = BotCommand("help", "What I can do")
AYUDA = BotCommand("help", "Lo que hago")
PAUSE = BotCommand("pause", "Pause")


async def test_the_bot_knows_itself(api: BotApi, bot: Bot) -> None:
    me = await bot.get_me()
    assert (me.id, me.username, me.is_bot) == (api.world.bot.id, "breathing_room_bot", True)
    assert (me.can_join_groups, me.can_read_all_group_messages) == (True, False)


async def test_commands_are_kept_apart_by_scope_and_language(api: BotApi, bot: Bot) -> None:
    alex = api.person("Alex", started=True)
    private, own = BotCommandScopeAllPrivateChats(), BotCommandScopeChat(alex.id)
    await bot.set_my_commands([HELP])
    await bot.set_my_commands([AYUDA], language_code="es")
    await bot.set_my_commands([HELP, PAUSE], scope=private)
    await bot.set_my_commands([PAUSE], scope=own, language_code="es")
    assert await bot.get_my_commands() == (HELP,)
    assert await bot.get_my_commands(language_code="es") == (AYUDA,)
    assert await bot.get_my_commands(scope=private) == (HELP, PAUSE)
    assert await bot.get_my_commands(scope=private, language_code="es") == ()
    assert await bot.get_my_commands(scope=own, language_code="es") == (PAUSE,)
    await bot.delete_my_commands(language_code="es")
    assert await bot.get_my_commands(language_code="es") == ()
    assert await bot.get_my_commands() == (HELP,)
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.set_my_commands([HELP], scope=BotCommandScopeChat(12))


@pytest.mark.parametrize(
    ("commands", "language", "words"),
    [
        ([BotCommand("Help", "Upper case")], "", "bot_command_invalid"),
        ([BotCommand("/help", "A slash")], "", "bot_command_invalid"),
        ([BotCommand("x" * 33, "Long")], "", "bot_command_invalid"),
        ([BotCommand("help", "x" * 257)], "", "bot_command_description_invalid"),
        ([BotCommand("help", " ")], "", "bot_command_description_invalid"),
        ([BotCommand(f"help{n}", "Many") for n in range(101)], "", "bot_commands_too_much"),
        ([HELP], "es-PE", "lang_code_invalid"),
    ],
)
async def test_commands_are_within_telegrams_limits(
    bot: Bot, commands: list[BotCommand], language: str, words: str
) -> None:
    with pytest.raises(BadRequest, match=f"(?i){words}"):
        await bot.set_my_commands(commands, language_code=language)


async def test_texts_are_kept_by_language_and_fall_back(bot: Bot) -> None:
    assert (await bot.get_my_name()).name == "Breathing Room"
    await bot.set_my_name("Room")
    await bot.set_my_description("Gives room")
    await bot.set_my_description("Da espacio", language_code="es")
    await bot.set_my_short_description("Room")
    assert (await bot.get_my_name(language_code="es")).name == "Room"
    assert (await bot.get_my_description()).description == "Gives room"
    assert (await bot.get_my_description("es")).description == "Da espacio"
    assert (await bot.get_my_description("fr")).description == "Gives room"
    assert (await bot.get_my_short_description()).short_description == "Room"
    await bot.set_my_description("", language_code="es")
    assert (await bot.get_my_description("es")).description == "Gives room"


async def test_texts_have_limits(bot: Bot) -> None:
    for call in (
        bot.set_my_name("x" * 65),
        bot.set_my_description("x" * 513),
        bot.set_my_short_description("x" * 121),
    ):
        with pytest.raises(BadRequest, match=r"(?i)bot_\w+_too_long"):
            await call


async def test_the_menu_button_is_one_for_all_or_somebodys_own(api: BotApi, bot: Bot) -> None:
    alex = api.person("Alex", started=True)
    assert isinstance(await bot.get_chat_menu_button(), MenuButtonCommands)
    await bot.set_chat_menu_button(menu_button=MenuButtonDefault())
    await bot.set_chat_menu_button(alex.id, MenuButtonWebApp("Open", WebAppInfo("https://example.org/")))
    assert isinstance(await bot.get_chat_menu_button(), MenuButtonDefault)
    assert isinstance(await bot.get_chat_menu_button(alex.id), MenuButtonWebApp)
