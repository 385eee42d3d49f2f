"""The double: what is not as Discord's description says makes a test fail."""

import json
from typing import Any

import aiohttp
import discord
import pytest

from tests.discord.asking import WRITE, ask, code_of
from tests.discord.client import plain_client, pointed_at
from tests.discord.server.calls import CALLS
from tests.discord.server.server import DiscordServer
from tests.discord.server.spec import Json, NotInSpec, Spec, discord_api
from tests.discord.server.world import World
from tests.discord.specs.condense import OPERATIONS, condensed

BUTTON: Json = {"type": 2, "style": 1, "label": "Yes", "custom_id": "1"}


def wrong_user(_world: World, _where: Json, _query: Json, _body: Json) -> tuple[int, object]:
    return 200, {"id": "1", "username": 3}


def broken(_world: World, _where: Json, _query: Json, _body: Json) -> tuple[int, object]:
    raise ZeroDivisionError


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"content": "a", "colour": "red"}, "unknown field 'colour'"),
        ({"content": 5}, "content: string or null is wanted"),
        ({"content": "a", "nonce": "x" * 26}, "nonce: integer is wanted"),
        ({"content": "a", "components": [{"type": 1, "components": [{"type": 2, "style": 1}] * 6}]}, "components"),
        (
            {"content": "a", "components": [{"type": 1, "components": [{**BUTTON, "label": "x" * 81}]}]},
            "label is out of its limits",
        ),
        (
            {"content": "a", "components": [{"type": 1, "components": [{**BUTTON, "custom_id": "x" * 101}]}]},
            "custom_id is out of its limits",
        ),
    ],
)
async def test_a_call_outside_the_description_is_refused_and_fails_the_test(
    server: DiscordServer, body: Json, words: str
) -> None:
    assert await code_of(server, "POST", WRITE.format(server.person("Alex").dm.id), body) == 50035
    with pytest.raises(AssertionError):
        server.judge()
    (found,) = server.forgive()
    assert words in found


async def test_what_was_wrong_fails_the_test_at_its_end() -> None:
    server = DiscordServer()
    await server.__aenter__()
    await ask(server, "GET", "/users/@me?colour=red")
    with pytest.raises(AssertionError, match="unknown parameter 'colour'"):
        await server.__aexit__(None, None, None)
    server.forgive()


async def test_a_wrong_answer_and_an_error_of_the_double_fail_the_test(
    server: DiscordServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(CALLS, ("GET", "/users/@me"), wrong_user)
    await ask(server, "GET", "/users/@me")
    assert "username: string is wanted" in server.forgive()[0]
    monkeypatch.setitem(CALLS, ("GET", "/users/@me"), broken)
    assert (await ask(server, "GET", "/users/@me"))[0] == 500
    assert server.forgive() == ["the double failed: ZeroDivisionError()"]


async def test_a_call_that_is_none_is_not_found(server: DiscordServer) -> None:
    for verb, path in (("GET", "/kisses"), ("PUT", "/users/@me"), ("GET", "")):
        assert (await ask(server, verb, path))[0] == 404


async def test_a_body_is_json_and_says_so(server: DiscordServer) -> None:
    alex = server.person("Alex")
    assert await code_of(server, "POST", WRITE.format(alex.dm.id), b"[1") == 50109
    url, headers = server.api_url + WRITE.format(alex.dm.id), {"Authorization": f"Bot {server.token}"}
    async with (
        aiohttp.ClientSession() as plain,
        plain.post(url, data=b'{"content": "a"}', headers={**headers, "Content-Type": "text/plain"}) as answer,
    ):
        assert answer.status == 400
    assert "Content-Type must be application/json" in server.forgive()[0]


async def test_a_wrong_token_is_told_to_the_client(server: DiscordServer) -> None:
    assert (await ask(server, "GET", "/users/@me", token="other"))[0] == 401  # noqa: S106  # made up
    async with plain_client() as client:
        with pytest.raises(discord.LoginFailure):
            await client.login("other")


async def test_the_real_client_stays_within_the_description() -> None:
    async with DiscordServer() as server:
        alex = server.person("Alex")
        alex.write("hello")
        with pointed_at(server):
            async with plain_client() as client:
                await client.login(server.token)
                channel = await client.create_dm(discord.Object(alex.id))  # pyright: ignore[reportArgumentType]
                message = await channel.send("hello", nonce="1", silent=True)
                await message.edit(content="bye")
                assert [one.content async for one in channel.history()] == ["bye", "hello"]
                await message.delete()
                assert (await client.fetch_user(alex.id)).name == "alex"


def user(**more: object) -> dict[str, Any]:
    """A user as it is told."""
    nothing = dict.fromkeys(("avatar", "global_name", "primary_guild"))
    known = {"id": "1", "username": "a", "discriminator": "0", "public_flags": 0, "flags": 0, **nothing}
    return {**known, **more}


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"username": 5}, "username: string is wanted"),
        ({"id": "x"}, "id is out of its limits"),
        ({"public_flags": True}, "public_flags: integer is wanted"),
        ({"age": 3}, "unknown field 'age'"),
    ],
)
def test_the_judge_names_what_is_wrong(more: Json, words: str) -> None:
    discord_api().judge("UserResponse", user())
    with pytest.raises(NotInSpec) as refused:
        discord_api().judge("UserResponse", user(**more))
    assert words in str(refused.value)


def test_the_judge_names_what_is_missing() -> None:
    with pytest.raises(NotInSpec, match=r"UserResponse\.id is missing"):
        discord_api().judge("UserResponse", {name: one for name, one in user().items() if name != "id"})


def test_every_call_of_the_double_is_described_and_every_described_one_is_there() -> None:
    by_the_server = {("GET", "/gateway"), ("GET", "/gateway/bot")}
    assert CALLS.keys() | by_the_server == set(OPERATIONS)


def test_the_table_is_condensed_from_a_description_with_words() -> None:
    yes: Json = {"type": "object", "description": "Yes.", "properties": {"on": {"type": "boolean", "title": "On"}}}
    operation: Json = {
        "responses": {"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Yes"}}}}}
    }
    paths: Json = {}
    for verb, path in OPERATIONS:
        paths.setdefault(path, {})[verb.lower()] = operation
    description: Json = {
        "info": {"version": "0"},
        "paths": paths,
        "components": {"schemas": {"Yes": yes, "Unused": {"type": "string"}}},
    }
    table = condensed(description)
    assert table["schemas"].keys() == {"Yes"}
    assert "Yes." not in json.dumps(table)
    spec = Spec(table)
    found = spec.operation("GET", "/users/@me")
    assert found is not None
    spec.judge_answer(found, 200, {"on": True})
    with pytest.raises(NotInSpec, match="on: boolean is wanted"):
        spec.judge_answer(found, 200, {"on": 1})


def test_the_table_says_which_version_it_is() -> None:
    assert discord_api().version == "10"
