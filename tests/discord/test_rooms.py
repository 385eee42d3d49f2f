"""Rooms on Discord, from what somebody does to what stands there: channels, threads, a couple's own chat, pairing."""

from tests.discord.server.faults import Say
from tests.discord.server.interactions import Interaction
from tests.discord.server.people import Person
from tests.discord.server.places import Place
from tests.discord.server.refusals import unknown_interaction
from tests.discord.server.server import DiscordServer
from tests.discord.waits import Waits
from tests.discord.whole import Whole, whole

CALLBACK = "/interactions/{interaction_id}/{interaction_token}/callback"
WRITE = "/channels/{channel_id}/messages"


def texts(room: Place) -> list[str]:
    return [one.content for one in room.from_bot]


def heard(act: Interaction) -> str:
    return "\n".join(one.content for one in act.ephemeral)


async def do(bot: Whole, act: Interaction) -> Interaction:
    """Let something that somebody did have all its effects."""
    await bot.settle()
    return act


async def pair(bot: Whole, alex: Person, sam: Person) -> None:
    """Pair two people by a code."""
    await do(bot, alex.command("pair"))
    await do(bot, alex.press(alex.from_bot[-1], "Yes, gladly"))
    await do(bot, alex.press(alex.from_bot[-1], "My own idea"))
    code = next(one.content for one in alex.from_bot if "Your code is" in one.content).split("`")[1]
    await do(bot, sam.command("pair", {"code": code}))
    await do(bot, sam.press(sam.from_bot[-1], "Pair"))
    await do(bot, sam.press(sam.from_bot[-1], "My own idea"))


async def test_two_people_pair_by_a_code(server: DiscordServer) -> None:
    alex, sam = server.person("Alex"), server.person("Sam")
    async with whole(server) as bot:
        await pair(bot, alex, sam)
        assert any("are paired now" in one.content for one in alex.from_bot)
        assert any("are paired now" in one.content for one in sam.from_bot)


async def test_pairing_from_a_room_goes_on_in_ones_own_chat(server: DiscordServer) -> None:
    alex = server.person("Alex")
    async with whole(server) as bot:
        den = server.guild("Home", alex).channel("den")
        act = await do(bot, alex.command("pair", place=den))
        assert texts(den) == []
        assert f"/channels/@me/{alex.dm.id}" in heard(act)
        assert any("five small rules" in one.content for one in alex.from_bot)


async def test_who_takes_no_messages_is_told_where_they_are_how_to_change_that(server: DiscordServer) -> None:
    alex = server.person("Alex")
    async with whole(server) as bot:
        den = server.guild("Home", alex).channel("den")
        alex.close_dms()
        act = await do(bot, alex.command("pair", place=den))
        assert heard(act).startswith("I can't write to you in your own chat")
        assert alex.from_bot == []
        assert texts(den) == []


async def test_a_room_says_what_it_hears_when_somebody_first_has_to_do_with_the_bot(server: DiscordServer) -> None:
    alex = server.person("Alex")
    async with whole(server) as bot:
        den = server.guild("Home", alex, server.person("Sam")).channel("den")
        alex.write("hello", den, mention_bot=True)
        await bot.settle()
        assert "I can pause this room" in texts(den)[0]
        assert "does not come to me" in texts(den)[0]


async def test_a_pause_is_for_all_and_what_only_one_sees_is_for_one(server: DiscordServer) -> None:
    people = [server.person(name) for name in ("Alex", "Sam", "Kim")]
    async with whole(server) as bot:
        den = server.guild("Home", *people).channel("den")
        first = await do(bot, people[0].command("pause", place=den))
        assert any(one.startswith("Pause is on.") for one in texts(den))
        again = await do(bot, people[1].command("pause", place=den))
        assert heard(again).startswith("The pause is on already")
        assert not any("already" in one for one in texts(den))
        assert not first.failed
        assert not again.failed


async def test_a_press_in_a_room_by_somebody_who_never_wrote_to_the_bot_is_answered_to_them(
    server: DiscordServer,
) -> None:
    people = [server.person(name) for name in ("Alex", "Sam", "Kim")]
    async with whole(server) as bot:
        den = server.guild("Home", *people).channel("den")
        await do(bot, people[0].command("pause", place=den))
        signal = next(one for one in den.from_bot if one.buttons)
        press = await do(bot, people[2].press(signal, next(iter(signal.buttons))))
        assert press.ephemeral
        assert people[2].from_bot == []


async def test_an_acknowledgement_that_came_too_late_leaves_the_answer_in_ones_own_chat(
    server: DiscordServer,
) -> None:
    people = [server.person(name) for name in ("Alex", "Sam", "Kim")]
    async with whole(server) as bot:
        den = server.guild("Home", *people).channel("den")
        await do(bot, people[0].command("pause", place=den))
        server.faults.add("POST", CALLBACK, Say(unknown_interaction()))
        await do(bot, people[1].command("pause", place=den))
        assert any(one.content.startswith("The pause is on already") for one in people[1].from_bot)


async def test_threads_are_rooms_of_their_own(server: DiscordServer) -> None:
    people = [server.person(name) for name in ("Alex", "Sam", "Kim")]
    async with whole(server) as bot:
        den = server.guild("Home", *people).channel("den")
        money, holidays = den.thread("money", people[0]), den.thread("holidays", people[0])
        await do(bot, people[0].command("pause", place=money))
        assert any(one.startswith("Pause is on.") for one in texts(money))
        assert texts(holidays) == []
        await do(bot, people[1].command("pause", place=holidays))
        assert any(one.startswith("Pause is on.") for one in texts(holidays))
        assert texts(den) == []


async def test_a_couples_own_chat_can_be_paused_without_the_bot_being_there(server: DiscordServer) -> None:
    alex, sam = server.person("Alex"), server.person("Sam")
    async with whole(server) as bot:
        await pair(bot, alex, sam)
        alex.install()
        ours = server.chat_of(alex, sam)
        act = await do(bot, alex.command("pause", place=ours))
        assert any("Pause is on." in one for one in texts(ours))
        assert not act.failed
        assert all(not one.ephemeral for one in ours.from_bot)


async def test_a_room_that_is_gone_goes_on_in_everybodys_own_chat(server: DiscordServer) -> None:
    alex, sam = server.person("Alex"), server.person("Sam")
    async with whole(server) as bot:
        await pair(bot, alex, sam)
        home = server.guild("Home", alex, sam)
        den = home.channel("den")
        await do(bot, alex.command("pause", place=den))
        before = len(alex.from_bot), len(sam.from_bot)
        home.remove_bot()
        for _ in range(4):
            server.advance(10 * 60)
            await bot.settle()
        told = alex.from_bot[before[0] :], sam.from_bot[before[1] :]
        assert any("The pause time is up" in one.content for one in told[0])
        assert all(any("rests once more" in one.content for one in texts_of) for texts_of in told)


async def test_a_locked_thread_is_out_of_reach_until_somebody_comes_back(server: DiscordServer) -> None:
    people = [server.person(name) for name in ("Alex", "Sam", "Kim")]
    async with whole(server) as bot:
        den = server.guild("Home", *people).channel("den")
        thread = den.thread("ours", people[0])
        await do(bot, people[0].command("pause", place=thread))
        count = len(thread.from_bot)
        thread.archive(locked=True)
        for _ in range(4):
            server.advance(20 * 60)
            await bot.settle()
        assert len(thread.from_bot) == count
        refused = [one for one in server.calls_of("POST", WRITE) if not one.ok]
        assert len(refused) == 1  # and then it is left in peace
        thread.reopen()
        await do(bot, people[0].command("pause", place=thread))
        assert len(thread.from_bot) > count


async def test_an_archived_thread_is_written_to_all_the_same(server: DiscordServer) -> None:
    people = [server.person(name) for name in ("Alex", "Sam", "Kim")]
    async with whole(server) as bot:
        den = server.guild("Home", *people).channel("den")
        thread = den.thread("ours", people[0])
        await do(bot, people[0].command("pause", place=thread))
        count = len(thread.from_bot)
        thread.archive()
        server.advance(20 * 60)
        await bot.settle()
        assert len(thread.from_bot) > count


async def test_no_sign_of_an_interaction_stays_when_everything_was_said_to_all(server: DiscordServer) -> None:
    people = [server.person(name) for name in ("Alex", "Sam", "Kim")]
    waits = Waits(server)
    async with whole(server, waits) as bot:
        den = server.guild("Home", *people).channel("den")
        act = await do(bot, people[0].command("pause", place=den))
        server.advance(3)
        await server.until(lambda: not any(one.loading for one in act.ephemeral))


async def test_whoever_manages_a_channel_sets_what_holds_there_as_long_as_they_do(server: DiscordServer) -> None:
    owner, alex, sam = (server.person(name) for name in ("Kim", "Alex", "Sam"))
    async with whole(server) as bot:
        home = server.guild("Home", owner, alex, sam)
        den = home.channel("den")
        assert "Only those who manage" in heard(await do(bot, alex.command("room", {"setting": "off"}, den)))
        home.promote(alex, "MANAGE_CHANNELS")
        await do(bot, alex.command("room", {"setting": "off"}, den))
        assert any("so that I do not pause it" in one for one in texts(den))
        assert "so that I do not pause it" in heard(await do(bot, sam.command("pause", place=den)))
        home.demote(alex)
        assert "Only those who manage" in heard(await do(bot, alex.command("room", {"setting": "on"}, den)))
        await do(bot, owner.command("room", {"setting": "1h"}, den))
        await do(bot, sam.command("pause", {"time": "4h"}, den))
        assert any("Back in 1 hour" in one for one in texts(den))
