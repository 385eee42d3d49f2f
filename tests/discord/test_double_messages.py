"""The double: what becomes of messages, and what Discord would not take."""

import pytest

from tests.discord.asking import WRITE, ask, code_of, send
from tests.discord.server.faults import Garble, Raw, Reset, Say
from tests.discord.server.refusals import too_many
from tests.discord.server.server import DiscordServer
from tests.discord.server.spec import Json


def button(**more: object) -> Json:
    return {"type": 2, "style": 1, "label": "Yes", "custom_id": "1", **more}


def rows(*of: list[Json]) -> Json:
    return {"content": "a", "components": [{"type": 1, "components": one} for one in of]}


def select(*values: str) -> Json:
    return {"type": 3, "custom_id": "1", "options": [{"label": one, "value": one} for one in values]}


async def test_a_message_with_the_same_nonce_within_five_minutes_is_the_first_one(server: DiscordServer) -> None:
    alex = server.person("Alex")
    alex.write("hello")
    first = await send(server, alex.dm.id, nonce="1", enforce_nonce=True)
    server.advance(4 * 60)
    assert (await send(server, alex.dm.id, nonce="1", enforce_nonce=True))["id"] == first["id"]
    assert (await send(server, alex.dm.id, nonce="1"))["id"] != first["id"]  # unless it is enforced
    other = server.person("Sam")
    other.write("hello")
    assert (await send(server, other.dm.id, nonce="1", enforce_nonce=True))["id"] != first["id"]
    server.advance(5 * 60)
    assert (await send(server, alex.dm.id, nonce="1", enforce_nonce=True))["id"] != first["id"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"content": "x" * 2001}, 50035),
        ({"content": "  "}, 50006),
        (rows([button()], [button()]), 50035),
        (rows(*([button(custom_id=str(n))] for n in range(6))), 50035),
        (rows([button(label=None)]), 50035),
        (rows([select("a"), button(custom_id="2")]), 50035),
        (rows([select("a", "a")]), 50035),
        (rows([select("a") | {"max_values": 2}]), 50035),
    ],
)
async def test_what_discord_would_not_take_is_refused(server: DiscordServer, body: Json, code: int) -> None:
    alex = server.person("Alex")
    alex.write("hello")
    assert await code_of(server, "POST", WRITE.format(alex.dm.id), body) == code
    assert alex.from_bot == []


async def test_who_takes_no_messages_and_who_has_nothing_to_do_with_the_bot_are_told_apart(
    server: DiscordServer,
) -> None:
    alex = server.person("Alex")
    assert await code_of(server, "POST", WRITE.format(alex.dm.id), {"content": "a"}) == 50278
    home = server.guild("Home", alex)
    await send(server, alex.dm.id)
    alex.close_dms()
    assert await code_of(server, "POST", WRITE.format(alex.dm.id), {"content": "a"}) == 50007
    alex.open_dms()
    home.remove_bot()
    assert await code_of(server, "POST", WRITE.format(alex.dm.id), {"content": "a"}) == 50278
    alex.write("hello")
    await send(server, alex.dm.id)


async def test_a_channel_is_written_to_by_whoever_may(server: DiscordServer) -> None:
    alex, sam = server.person("Alex"), server.person("Sam")
    home = server.guild("Home", alex)
    den = home.channel("den")
    await send(server, den.id)
    den.deny(server.world.me, "SEND_MESSAGES")
    assert await code_of(server, "POST", WRITE.format(den.id), {"content": "a"}) == 50013
    den.deny(server.world.me, "VIEW_CHANNEL")
    assert await code_of(server, "POST", WRITE.format(den.id), {"content": "a"}) == 50001
    den.delete()
    assert await code_of(server, "POST", WRITE.format(den.id), {"content": "a"}) == 10003
    ours = server.chat_of(alex, sam)
    assert await code_of(server, "POST", WRITE.format(ours.id), {"content": "a"}) == 50001


async def test_an_archived_thread_is_opened_by_writing_and_a_locked_one_is_not(server: DiscordServer) -> None:
    alex = server.person("Alex")
    thread = server.guild("Home", alex).channel("den").thread("ours", alex)
    first = await send(server, thread.id)
    thread.archive()
    path = f"{WRITE.format(thread.id)}/{first['id']}"
    assert await code_of(server, "PATCH", path, {"content": "b"}) == 50083
    await send(server, thread.id)
    assert (await ask(server, "PATCH", path, {"content": "b"}))[0] == 200
    thread.archive(locked=True)
    assert await code_of(server, "POST", WRITE.format(thread.id), {"content": "a"}) == 50013


async def test_only_what_the_bot_wrote_is_changed_or_deleted_and_what_is_gone_is_not(server: DiscordServer) -> None:
    alex = server.person("Alex")
    own, other = await send(server, alex.write("hello").channel.id), alex.messages[0]
    path = WRITE.format(alex.dm.id)
    assert await code_of(server, "PATCH", f"{path}/{other.id}", {"content": "b"}) == 50005
    assert await code_of(server, "DELETE", f"{path}/{other.id}") == 50003
    assert (await ask(server, "DELETE", f"{path}/{own['id']}"))[0] == 204
    assert await code_of(server, "PATCH", f"{path}/{own['id']}", {"content": "b"}) == 10008


async def test_whoever_is_named_is_told_unless_that_is_not_allowed(server: DiscordServer) -> None:
    alex = server.person("Alex")
    den = server.guild("Home", alex).channel("den")
    await send(server, den.id, content=f"<@{alex.id}> @everyone")
    await send(server, den.id, content=f"<@{alex.id}> @everyone", allowed_mentions={"parse": []})
    assert [one.pings for one in den.from_bot] == [("alex", "everyone"), ()]


async def test_a_chat_is_read_back_from_a_message_on(server: DiscordServer) -> None:
    alex = server.person("Alex")
    for number in range(5):
        alex.write(str(number))
    first = alex.messages[0].id
    _, found, _ = await ask(server, "GET", f"{WRITE.format(alex.dm.id)}?after={first}&limit=2")
    assert [one["content"] for one in found] == ["2", "1"]  # the newest of those that come next


async def test_too_many_calls_are_refused_and_the_limits_are_told() -> None:
    async with DiscordServer(rate_limits=True) as server:
        alex = server.person("Alex")
        alex.write("hello")
        for left in (4, 3, 2, 1, 0):
            status, _, headers = await ask(server, "POST", WRITE.format(alex.dm.id), {"content": "a"})
            assert (status, headers["X-RateLimit-Remaining"]) == (200, str(left))
        status, answer, headers = await ask(server, "POST", WRITE.format(alex.dm.id), {"content": "a"})
        assert (status, answer["global"]) == (429, False)
        assert headers["Retry-After"] == "5"
        assert headers["Via"]
        server.advance(5)
        await send(server, alex.dm.id)


async def test_more_than_fifty_calls_a_second_are_too_many_anywhere() -> None:
    async with DiscordServer(rate_limits=True) as server:
        for _ in range(50):
            assert (await ask(server, "GET", "/users/@me"))[0] == 200
        status, answer, headers = await ask(server, "GET", "/users/@me")
        assert (status, answer["global"], headers["X-RateLimit-Global"]) == (429, True, "true")


async def test_faults_happen_before_or_after_the_effect(server: DiscordServer) -> None:
    alex = server.person("Alex")
    alex.write("hello")
    path = WRITE.format(alex.dm.id)
    create = ("POST", "/channels/{channel_id}/messages")
    for fault, there in ((Raw(502), 0), (Raw(502, effect=True), 1), (Garble(), 2), (Reset(), 3)):
        server.faults.add(*create, fault)
        with pytest.raises((OSError, ValueError)):  # nothing that could be read comes back
            await ask(server, "POST", path, {"content": "a"})
        assert len(alex.from_bot) == there
    assert server.faults.waiting == 0


async def test_whoever_does_not_wait_as_long_as_told_is_refused_again(server: DiscordServer) -> None:
    alex = server.person("Alex")
    alex.write("hello")
    server.faults.add("POST", "/channels/{channel_id}/messages", Say(too_many(3)))
    path = WRITE.format(alex.dm.id)
    for _ in range(2):
        assert (await ask(server, "POST", path, {"content": "a"}))[0] == 429
    assert server.faults.hammered == 1
    server.advance(3)
    await send(server, alex.dm.id)
