"""The double: the gateway, to which clients come back and are told what they missed."""

import pytest

from tests.discord.asking import ask, send, socket_to
from tests.discord.server.gateway import (
    DIRECT_MESSAGES,
    GUILD_MEMBERS,
    GUILD_MESSAGES,
    GUILDS,
    MESSAGE_CONTENT,
)
from tests.discord.server.server import DiscordServer

MINE = GUILDS | GUILD_MESSAGES | DIRECT_MESSAGES


async def test_who_identifies_is_told_of_themselves_and_of_each_server(server: DiscordServer) -> None:
    server.guild("Home", server.person("Alex"))
    async with socket_to(server) as socket:
        ready = await socket.identify()
        assert ready["user"]["id"] == str(server.world.me.id)
        assert ready["resume_gateway_url"] == server.gateway_url
        assert (await socket.read())["t"] == "GUILD_CREATE"


@pytest.mark.parametrize(
    ("frames", "code"),
    [
        ([(2, {"token": "other", "intents": 1})], 4004),
        ([(6, {"token": "other", "session_id": "1", "seq": 0})], 4004),
        ([(2, {"token": "TOKEN", "intents": "1"})], 4013),
        ([(2, {"token": "TOKEN", "intents": 1 << 26})], 4013),
        ([(2, {"token": "TOKEN", "intents": MESSAGE_CONTENT})], 4014),
        ([(2, {"token": "TOKEN", "intents": GUILD_MEMBERS})], 4014),
        ([(2, {"token": "TOKEN", "intents": 1})] * 2, 4005),
        ([(8, {"limit": 0})], 4003),
        ([(2, {"token": "TOKEN", "intents": 1}), (99, {"limit": 0})], 4001),
    ],
)
async def test_who_does_it_wrong_is_shut_out_with_the_code_that_says_why(
    server: DiscordServer, frames: list[tuple[int, dict[str, object]]], code: int
) -> None:
    async with socket_to(server) as socket:
        for operation, data in frames:
            mine = {key: server.token if value == "TOKEN" else value for key, value in data.items()}
            await socket.say(operation, mine)
        assert await socket.closed() == code


async def test_what_is_no_frame_is_shut_out(server: DiscordServer) -> None:
    async with socket_to(server) as socket:
        await socket.socket.send_str("{")
        assert await socket.closed() == 4002


async def test_a_heartbeat_is_answered(server: DiscordServer) -> None:
    async with socket_to(server) as socket:
        await socket.say(1, None)
        assert (await socket.read())["op"] == 11


async def test_who_comes_back_is_told_what_they_missed_and_nothing_twice(server: DiscordServer) -> None:
    alex = server.person("Alex")
    async with socket_to(server) as socket:
        session = (await socket.identify(MINE))["session_id"]
        alex.write("one")
        seen = await socket.read()
        await server.gateway.drop()
    alex.write("two")
    async with socket_to(server) as socket:
        await socket.say(6, {"token": server.token, "session_id": session, "seq": seen["s"]})
        assert (await socket.read())["d"]["content"] == "two"
        assert (await socket.read())["t"] == "RESUMED"


async def test_who_comes_back_too_late_begins_anew(server: DiscordServer) -> None:
    async with socket_to(server) as socket:
        await socket.identify(MINE)
        server.gateway.invalidate()
        assert await socket.read() == {"op": 9, "d": False}
    async with socket_to(server) as socket:
        await socket.say(6, {"token": server.token, "session_id": "session-1", "seq": 1})
        assert await socket.read() == {"op": 9, "d": False}
        await socket.identify(MINE)


async def test_who_claims_to_have_seen_more_than_was_told_is_shut_out(server: DiscordServer) -> None:
    async with socket_to(server) as socket:
        session = (await socket.identify(MINE))["session_id"]
    async with socket_to(server) as socket:
        await socket.say(6, {"token": server.token, "session_id": session, "seq": 99})
        assert await socket.closed() == 4007


async def test_clients_can_be_asked_to_come_again_and_told_anything(server: DiscordServer) -> None:
    alex = server.person("Alex")
    async with socket_to(server) as socket:
        await socket.identify(MINE)
        server.gateway.reconnect()
        assert (await socket.read())["op"] == 7
        alex.write("one")
        server.gateway.duplicate_last()
        first, second = await socket.read(), await socket.read()
        assert first["d"] == second["d"]
        assert first["s"] + 1 == second["s"]
        server.gateway.send_raw("nonsense")
        assert await socket.socket.receive_str() == "nonsense"


async def test_words_in_servers_are_hidden_from_who_may_not_read_them(server: DiscordServer) -> None:
    alex = server.person("Alex")
    den = server.guild("Home", alex).channel("den")
    async with socket_to(server) as socket:
        await socket.identify(MINE)
        await socket.read()
        alex.write("secret", den)
        alex.write("to you", den, mention_bot=True)
        await send(server, den.id)
        alex.write("private")
        told = [(await socket.read())["d"]["content"] for _ in range(4)]
        assert told == ["", f"{server.world.me.mention} to you", "hello", "private"]


async def test_who_may_read_words_reads_them() -> None:
    async with DiscordServer(intents_allowed=MESSAGE_CONTENT) as server:
        alex = server.person("Alex")
        den = server.guild("Home", alex).channel("den")
        async with socket_to(server) as socket:
            await socket.identify(MINE | MESSAGE_CONTENT)
            await socket.read()
            alex.write("secret", den)
            assert (await socket.read())["d"]["content"] == "secret"


async def test_only_what_was_asked_for_is_told(server: DiscordServer) -> None:
    alex = server.person("Alex")
    home = server.guild("Home", alex)
    async with socket_to(server) as socket:
        await socket.identify(DIRECT_MESSAGES)
        alex.write("room", home.channel("den"))
        home.join(server.person("Sam"))
        alex.write("private")
        assert (await socket.read())["d"]["content"] == "private"


async def test_a_shard_is_told_of_its_own_servers_and_the_first_of_chats(server: DiscordServer) -> None:
    alex = server.person("Alex")
    home = server.guild("Home", alex)
    mine = (home.guild.id >> 22) % 2
    async with socket_to(server) as own, socket_to(server) as other:
        ready = await own.identify(MINE, shard=[mine, 2])
        assert [one["id"] for one in ready["guilds"]] == [str(home.guild.id)]
        assert (await other.identify(MINE, shard=[1 - mine, 2]))["guilds"] == []
        alex.write("private")
        first = own if mine == 0 else other
        told = await first.read()
        assert (told if told["t"] == "MESSAGE_CREATE" else await first.read())["d"]["content"] == "private"


async def test_members_are_told_one_by_one_and_all_only_to_who_may(server: DiscordServer) -> None:
    alex = server.person("Alex")
    home = server.guild("Home", alex)
    async with socket_to(server) as socket:
        await socket.identify(MINE)
        await socket.read()
        await socket.say(8, {"guild_id": str(home.guild.id), "query": "", "limit": 0})
        await socket.say(8, {"guild_id": str(home.guild.id), "user_ids": [str(alex.id)], "nonce": "1"})
        chunk = (await socket.read())["d"]
        assert [one["user"]["id"] for one in chunk["members"]] == [str(alex.id)]
        assert chunk["nonce"] == "1"


async def test_what_happens_while_nobody_listens_is_lost(server: DiscordServer) -> None:
    await ask(
        server, "PUT", f"/applications/{server.world.me.id}/commands", [{"name": "help", "description": "Help."}]
    )
    alex = server.person("Alex")
    assert alex.command("help").lost
    async with socket_to(server) as socket:
        await socket.identify(MINE)
        assert not alex.command("help").lost
        assert (await socket.read())["t"] == "INTERACTION_CREATE"
