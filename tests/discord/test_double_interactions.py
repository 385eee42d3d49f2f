"""The double: interactions, which want an answer in three seconds, and can be answered for fifteen minutes."""

from typing import Any

import pytest

from tests.discord.asking import WRITE, ask, code_of, send
from tests.discord.server.interactions import Interaction
from tests.discord.server.server import DiscordServer
from tests.discord.server.spec import Json

COMMAND: Json = {"name": "pause", "description": "Pause.", "type": 1, "integration_types": [0, 1]}
BUTTONS: Json = {
    "components": [{"type": 1, "components": [{"type": 2, "style": 1, "label": "Yes", "custom_id": "v1:1"}]}]
}
FORM: Json = {
    "title": "Say it",
    "custom_id": "f",
    "components": [{"type": 1, "components": [{"type": 4, "custom_id": "a", "label": "What", "style": 1}]}],
}


async def set_commands(server: DiscordServer, *commands: Json) -> tuple[int, Any, Any]:
    path = f"/applications/{server.world.me.id}/commands"
    return await ask(server, "PUT", path, list(commands))


def callback(act: Interaction) -> str:
    return f"/interactions/{act.id}/{act.token}/callback"


def hook(server: DiscordServer, act: Interaction, rest: str = "") -> str:
    return f"/webhooks/{server.world.me.id}/{act.token}{rest}"


async def used(server: DiscordServer) -> Interaction:
    await set_commands(server, COMMAND)
    return server.person("Alex").command("pause")


async def test_an_answer_after_three_seconds_is_too_late_and_the_person_sees_that(server: DiscordServer) -> None:
    act = await used(server)
    server.advance(3.1)
    assert await code_of(server, "POST", callback(act), {"type": 5}) == 10062
    assert act.failed


async def test_an_interaction_is_answered_once(server: DiscordServer) -> None:
    act = await used(server)
    assert (await ask(server, "POST", callback(act), {"type": 5}))[0] == 204
    assert await code_of(server, "POST", callback(act), {"type": 5}) == 40060
    assert not act.failed


async def test_an_answer_with_another_token_is_for_nothing_that_is_known(server: DiscordServer) -> None:
    act = await used(server)
    assert await code_of(server, "POST", f"/interactions/{act.id}/other/callback", {"type": 5}) == 10062
    assert await code_of(server, "POST", f"/webhooks/{server.world.me.id}/other", {"content": "a"}) == 10015


async def test_nothing_follows_before_the_first_answer_or_after_fifteen_minutes(server: DiscordServer) -> None:
    act = await used(server)
    assert await code_of(server, "POST", hook(server, act), {"content": "a"}) == 10015
    await ask(server, "POST", callback(act), {"type": 5})
    server.advance(15 * 60)
    assert (await ask(server, "POST", hook(server, act), {"content": "a"}))[0] == 200
    server.advance(1)
    assert await code_of(server, "POST", hook(server, act), {"content": "b"}) == 50027


async def test_what_follows_a_deferral_takes_its_place_and_is_seen_by_whom_that_was_for(
    server: DiscordServer,
) -> None:
    act = await used(server)
    await ask(server, "POST", callback(act), {"type": 5, "data": {"flags": 64}})
    assert [one.loading for one in act.ephemeral] == [True]
    await ask(server, "POST", hook(server, act), {"content": "for all?"})
    assert [(one.content, one.loading) for one in act.ephemeral] == [("for all?", False)]
    await ask(server, "POST", hook(server, act), {"content": "for all"})
    assert [one.content for one in act.followups if not one.ephemeral] == ["for all"]


async def test_answers_can_be_read_changed_and_deleted(server: DiscordServer) -> None:
    act = await used(server)
    await ask(server, "POST", callback(act), {"type": 4, "data": {"content": "a", "flags": 64}})
    own = hook(server, act, "/messages/@original")
    assert (await ask(server, "PATCH", own, {"content": "b"}))[1]["content"] == "b"
    assert (await ask(server, "GET", own))[1]["content"] == "b"
    assert (await ask(server, "DELETE", own))[0] == 204
    assert await code_of(server, "PATCH", own, {"content": "c"}) == 10008
    assert await code_of(server, "PATCH", hook(server, act, "/messages/1"), {"content": "c"}) == 10008


async def test_a_press_can_be_answered_without_words_and_a_command_cannot(server: DiscordServer) -> None:
    alex = server.person("Alex")
    alex.write("hello")
    await send(server, alex.dm.id, **BUTTONS)
    press = alex.press(alex.from_bot[-1], "Yes")
    assert (await ask(server, "POST", callback(press), {"type": 6}))[0] == 204
    assert await code_of(server, "POST", callback(await used(server)), {"type": 6}) == 50035


async def test_a_form_is_a_first_answer_and_for_whoever_asked(server: DiscordServer) -> None:
    act = await used(server)
    assert (await ask(server, "POST", callback(act), {"type": 9, "data": FORM}))[0] == 204
    assert act.modal == FORM
    with pytest.raises(AssertionError, match="no form"):
        server.person("Sam").submit(act, {"What": "a"})


async def test_a_form_is_filled_in_as_it_wants_it_and_not_answered_by_a_form(server: DiscordServer) -> None:
    await set_commands(server, COMMAND)
    alex = server.person("Alex")
    act = alex.command("pause")
    await ask(server, "POST", callback(act), {"type": 9, "data": FORM})
    with pytest.raises(AssertionError, match="wants something else"):
        alex.submit(act, {"What": ""})
    handed_in = alex.submit(act, {"What": "peace"})
    assert handed_in.data["components"][0]["components"][0]["value"] == "peace"
    assert await code_of(server, "POST", callback(handed_in), {"type": 9, "data": FORM}) == 50035


async def test_a_couples_own_chat_is_answered_by_the_interaction_alone_and_five_times(server: DiscordServer) -> None:
    await set_commands(server, COMMAND)
    alex, sam = server.person("Alex"), server.person("Sam")
    ours = server.chat_of(alex, sam)
    with pytest.raises(AssertionError, match="not installed"):
        alex.command("pause", place=ours)
    alex.install()
    act = alex.command("pause", place=ours)
    assert (act.context, act.installed_there) == (2, False)
    assert await code_of(server, "POST", WRITE.format(ours.id), {"content": "a"}) == 50001
    await ask(server, "POST", callback(act), {"type": 4, "data": {"content": "a"}})
    for _ in range(5):
        assert (await ask(server, "POST", hook(server, act), {"content": "a"}))[0] == 200
    assert await code_of(server, "POST", hook(server, act), {"content": "a"}) == 40094


@pytest.mark.parametrize(
    "command",
    [
        COMMAND | {"name": "Pause"},
        COMMAND | {"name": "pause now"},
        COMMAND | {"description": ""},
        COMMAND | {"name_localizations": {"xx": "pausa"}},
        COMMAND | {"name_localizations": {"es-ES": "Pausa"}},
        COMMAND
        | {
            "options": [
                {"type": 3, "name": "a", "description": "A."},
                {"type": 3, "name": "b", "description": "B.", "required": True},
            ]
        },
    ],
)
async def test_commands_that_discord_would_not_take_are_refused(server: DiscordServer, command: Json) -> None:
    status, answer, _ = await set_commands(server, command)
    assert (status, answer["code"]) == (400, 50035)
    assert server.world.commands == []
    server.forgive()


async def test_two_commands_have_two_names(server: DiscordServer) -> None:
    assert (await set_commands(server, COMMAND, COMMAND))[0] == 400


async def test_a_command_is_used_where_it_is_offered_and_as_it_is_typed(server: DiscordServer) -> None:
    option = {"type": 3, "name": "for", "description": "How long.", "required": True}
    await set_commands(
        server, COMMAND | {"options": [option], "contexts": [1], "name_localizations": {"es-ES": "pausa"}}
    )
    alex, luz = server.person("Alex"), server.person("Luz", locale="es-ES")
    den = server.guild("Home", alex).channel("den")
    with pytest.raises(AssertionError, match="cannot be used there"):
        alex.command("pause", {"for": "20m"}, den)
    for options in ({}, {"for": "1", "more": "2"}):
        with pytest.raises(AssertionError, match="takes"):
            alex.command("pause", dict[str, str](options))
    with pytest.raises(AssertionError, match="no command"):
        alex.command("pausa", {"for": "20m"})
    assert luz.command("pausa", {"for": "20m"}).data["name"] == "pause"


async def test_nobody_presses_what_is_not_there(server: DiscordServer) -> None:
    alex, sam = server.person("Alex"), server.person("Sam")
    den = server.guild("Home", alex).channel("den")
    await send(server, den.id, **BUTTONS)
    message = den.from_bot[-1]
    for who, label, why in ((alex, "No", "no 'No'"), (sam, "Yes", "not there")):
        with pytest.raises(AssertionError, match=why):
            who.press(message, label)
    await ask(server, "PATCH", f"{WRITE.format(den.id)}/{message.id}", {"components": []})
    with pytest.raises(AssertionError, match="no 'Yes'"):
        alex.press(message, "Yes")
    assert alex.press(message, "Yes", retired=True).data["custom_id"] == "v1:1"


async def test_what_one_alone_sees_nobody_else_presses(server: DiscordServer) -> None:
    await set_commands(server, COMMAND)
    alex, sam = server.person("Alex"), server.person("Sam")
    den = server.guild("Home", alex, sam).channel("den")
    act = alex.command("pause", place=den)
    await ask(server, "POST", callback(act), {"type": 4, "data": {"content": "a", "flags": 64, **BUTTONS}})
    with pytest.raises(AssertionError, match="nobody more"):
        sam.press(act.ephemeral[0], "Yes")
    assert den.from_bot == []
    alex.press(act.ephemeral[0], "Yes")
