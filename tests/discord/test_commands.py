"""The menu of commands: in every language, within what Discord takes, and set only when it differs."""

from collections.abc import AsyncIterator

import discord
import pytest

from bot.adapters.discord.calls import Calls
from bot.adapters.discord.commands import GUILD, OWN_CHAT, PRIVATE_CHANNEL, Menus, bring_up_to_date, payload_of
from bot.adapters.discord.listening import quiet_client
from bot.conversation.menu import Entry, Option, menu_of_a_person, menu_of_a_room
from bot.engine.session import ENGLISH
from tests.conversation.world import shipped
from tests.discord.server.server import DiscordServer
from tests.discord.server.spec import Json

COMMANDS = "/applications/{application_id}/commands"


def shipped_menus() -> dict[str, Menus]:
    library = shipped()
    return {
        language: Menus(person=menu_of_a_person(library, language), room=menu_of_a_room(library, language))
        for language in library.languages
    }


def shipped_commands() -> dict[str, Json]:
    return {one["name"]: one for one in payload_of(shipped_menus(), ENGLISH)}


@pytest.fixture
async def client(server: DiscordServer) -> AsyncIterator[discord.Client]:
    async with quiet_client() as one:
        await one.login(server.token)
        yield one


async def test_commands_are_set_once_and_not_again_until_they_change(
    server: DiscordServer, client: discord.Client
) -> None:
    wanted = payload_of(shipped_menus(), ENGLISH)
    assert await bring_up_to_date(client, Calls(), wanted)
    assert not await bring_up_to_date(client, Calls(), wanted)
    assert not await bring_up_to_date(client, Calls(), list(reversed(wanted)))
    wanted[0]["description"] = "Something else"
    assert await bring_up_to_date(client, Calls(), wanted)
    assert len(server.calls_of("PUT", COMMANDS)) == 2


@pytest.mark.parametrize("part", ["name_localizations", "description_localizations", "options", "contexts"])
async def test_every_part_of_a_command_counts(client: discord.Client, part: str) -> None:
    wanted = payload_of(shipped_menus(), ENGLISH)
    await bring_up_to_date(client, Calls(), wanted)
    (pair,) = (one for one in wanted if one["name"] == "pair")
    pair[part] = {"fr": "autre"} if part.endswith("localizations") else [0] if part == "contexts" else []
    assert await bring_up_to_date(client, Calls(), wanted)


async def test_people_find_them_in_their_language_and_are_understood(
    server: DiscordServer, client: discord.Client
) -> None:
    await bring_up_to_date(client, Calls(), payload_of(shipped_menus(), ENGLISH))
    eva = server.person("Eva", locale="es-ES")
    assert eva.offered("ayuda") == eva.offered("help")
    assert eva.offered("ayuda") is not None
    assert server.person("Bob").offered("ayuda") is None


def test_a_command_with_something_to_say_has_a_typed_option() -> None:
    commands = shipped_commands()
    (code,) = commands["pair"]["options"]
    assert (code["type"], code["name"], code["required"]) == (3, "code", False)
    assert code["name_localizations"]["es-ES"] == "código"
    assert commands["pause"]["options"][0]["description"].startswith("How long")
    assert commands["help"]["options"] == []


def test_what_is_for_a_room_can_be_used_in_a_couples_own_chat_and_the_rest_cannot() -> None:
    commands = shipped_commands()
    assert commands["pause"]["contexts"] == [GUILD, OWN_CHAT, PRIVATE_CHANNEL]
    assert commands["agreements"]["contexts"] == [GUILD, OWN_CHAT]
    assert all(one["integration_types"] == [0, 1] for one in commands.values())


def test_both_kinds_of_spanish_are_spanish() -> None:
    names = shipped_commands()["help"]["name_localizations"]
    assert {locale for locale, name in names.items() if name == "ayuda"} == {"es-ES", "es-419"}


def test_a_word_that_cannot_be_a_name_leaves_the_command_its_own() -> None:
    entry = Entry("help", "About", word="Help me, please!")
    other = {"en": Menus(person=(Entry("help", "About"),), room=()), "es": Menus(person=(entry,), room=())}
    (command,) = payload_of(other, "en")
    assert command["name_localizations"] == {}


def test_what_is_too_long_is_cut() -> None:
    long = Entry("help", "A" * 200, Option("name", "B" * 200))
    (command,) = payload_of({"en": Menus(person=(long,), room=())}, "en")
    assert len(command["description"]) == 100
    assert len(command["options"][0]["description"]) == 100
