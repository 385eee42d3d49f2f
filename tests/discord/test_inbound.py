"""What comes from Discord: read, durable, in order, each once; and what becomes of it when nothing can be stored."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.adapters.discord.answers import Handle
from bot.adapters.discord.inbound import FIRST_WAIT
from bot.conversation.envelope import (
    Actor,
    ChoicePressed,
    Command,
    OutOfReach,
    Place,
    PlaceKind,
    TextChanged,
    TextSaid,
    Unreadable,
)
from tests.conversation.world import shipped
from tests.discord.server.faults import Say
from tests.discord.server.messages import Message
from tests.discord.server.people import Person
from tests.discord.server.refusals import closed
from tests.discord.server.server import DiscordServer
from tests.discord.taking import Inward, inward


@pytest.fixture
async def bot(server: DiscordServer) -> AsyncIterator[Inward]:
    async with inward(server) as one:
        yield one


@pytest.fixture
def alex(server: DiscordServer) -> Person:
    return server.person("Alex", locale="es-ES")


@pytest.fixture
def sam(server: DiscordServer) -> Person:
    return server.person("Sam")


def offer(server: DiscordServer, person: Person, carried: str) -> Message:
    """Let the bot have sent a message with a button."""
    row = {"type": 1, "components": [{"type": 2, "style": 2, "label": "Yes", "custom_id": carried}]}
    return server.world.add_message(person.dm, server.world.me, "All right?", components=[row])


# What things mean


async def test_what_somebody_writes_in_their_own_chat(server: DiscordServer, bot: Inward, alex: Person) -> None:
    said = alex.write("It was late.")
    await bot.settle()
    (one,) = bot.talk.taken
    assert (one.platform, one.event_id, one.handle) == ("discord", f"m:{said.id}", "")
    assert one.actor == Actor(id=str(alex.id), name="Alex")
    assert one.place == Place(kind=PlaceKind.DM, id=str(alex.dm.id))
    assert one.content == TextSaid(text="It was late.", message=str(said.id))
    assert one.at == server.clock.now()


async def test_a_command_brings_the_language_and_how_to_answer_it(bot: Inward, alex: Person) -> None:
    act = alex.command("help")
    await bot.settle()
    (one,) = bot.talk.taken
    assert (one.content, one.actor.locale, one.event_id) == (Command(name="help"), "es-ES", f"i:{act.id}")
    assert Handle.of(one.handle) == Handle(act.id, act.token)


async def test_a_command_has_its_argument(bot: Inward, alex: Person) -> None:
    alex.command("pair", {"code": "ABCD2345"})
    await bot.settle()
    assert bot.talk.contents == [Command(name="pair", args="ABCD2345")]


async def test_a_command_that_was_typed_as_text_is_one(bot: Inward, alex: Person) -> None:
    alex.write("/Pair ABCD2345")
    alex.write("/ is no command")
    await bot.settle()
    assert bot.talk.contents[0] == Command(name="pair", args="ABCD2345")
    assert bot.talk.texts == ["/ is no command"]


async def test_a_press_is_told_by_what_its_button_carries(server: DiscordServer, bot: Inward, alex: Person) -> None:
    alex.press(offer(server, alex, "v1:abcdefghijklmnop:3"), "Yes")
    await bot.settle()
    assert bot.talk.contents == [ChoicePressed(token="abcdefghijklmnop", index=3)]  # noqa: S106  # of a prompt


async def test_an_option_of_a_select_is_told_by_its_number(server: DiscordServer, bot: Inward, alex: Person) -> None:
    options = [{"label": f"Choice {n}", "value": str(n)} for n in range(3)]
    row = {"type": 1, "components": [{"type": 3, "custom_id": "v1:abcdefghijklmnop:s0", "options": options}]}
    which = server.world.add_message(alex.dm, server.world.me, "Which?", components=[row])
    alex.choose(which, "Choice 2")
    await bot.settle()
    assert bot.talk.contents == [ChoicePressed(token="abcdefghijklmnop", index=2)]  # noqa: S106  # of a prompt


async def test_a_press_that_is_none_of_ours_is_acknowledged_and_means_nothing(
    server: DiscordServer, bot: Inward, alex: Person
) -> None:
    act = alex.press(offer(server, alex, "somebody else's"), "Yes")
    await bot.settle()
    assert (bot.talk.taken, act.acknowledged) == ([], True)


async def test_a_picture_holds_no_words(bot: Inward, alex: Person) -> None:
    alex.send_picture()
    await bot.settle()
    assert bot.talk.contents == [Unreadable()]


async def test_a_change_of_what_was_written_is_told(bot: Inward, alex: Person) -> None:
    said = alex.write("It was late.")
    alex.edit(said, "It was very late.")
    await bot.settle()
    assert bot.talk.contents[1] == TextChanged(text="It was very late.", message=str(said.id))


async def test_what_is_deleted_means_nothing(bot: Inward, alex: Person) -> None:
    alex.delete(alex.write("It was late."))
    await bot.settle()
    assert bot.talk.texts == ["It was late."]


async def test_in_a_room_only_what_names_the_bot_is_heard(server: DiscordServer, bot: Inward, alex: Person) -> None:
    den = server.guild("Home", alex).channel("den")
    alex.write("What do you think?", den)
    said = alex.write("pause", den, mention_bot=True)
    await bot.settle()
    (one,) = bot.talk.taken
    assert one.content == TextSaid(text="pause", message=str(said.id))
    assert (one.place.kind, one.place.id, one.place.name) == (PlaceKind.ROOM, str(den.id), "den")
    assert one.place.hears is False


async def test_an_answer_to_the_bot_in_a_room_is_heard(server: DiscordServer, bot: Inward, alex: Person) -> None:
    den = server.guild("Home", alex).channel("den")
    note = server.world.add_message(den.channel, server.world.me, "Pause is on.")
    alex.write("thank you", den, reply_to=note)
    await bot.settle()
    assert bot.talk.texts == ["thank you"]


async def test_a_change_in_a_room_is_not_heard(server: DiscordServer, bot: Inward, alex: Person) -> None:
    den = server.guild("Home", alex).channel("den")
    alex.edit(alex.write("pause", den, mention_bot=True), "please pause")
    await bot.settle()
    assert len(bot.talk.taken) == 1


async def test_other_bots_and_the_bot_itself_are_not_heard(server: DiscordServer, bot: Inward, alex: Person) -> None:
    den = server.guild("Home", alex).channel("den")
    alex.account.is_bot = True
    alex.write("hello", den, mention_bot=True)
    server.world.add_message(den.channel, server.world.me, "hello")
    await bot.settle()
    assert bot.talk.taken == []


async def test_a_thread_is_a_room_of_its_own(server: DiscordServer, bot: Inward, alex: Person) -> None:
    den = server.guild("Home", alex).channel("den")
    thread = den.thread("ours", alex)
    alex.command("pause", place=thread)
    await bot.settle()
    assert [one.place.id for one in bot.talk.taken] == [str(thread.id)]


async def test_two_in_a_chat_of_their_own_are_a_room_of_two(
    server: DiscordServer, bot: Inward, alex: Person, sam: Person
) -> None:
    alex.install()
    ours = server.chat_of(alex, sam)
    act = alex.command("pause", place=ours)
    await bot.settle()
    (one,) = bot.talk.taken
    assert (one.place.kind, one.place.people, one.place.present) == (PlaceKind.ROOM, 2, (str(sam.id),))
    assert Handle.of(one.handle) == Handle(act.id, act.token, foreign=True)


async def test_people_are_called_by_the_name_they_go_by(bot: Inward, alex: Person) -> None:
    alex.account.global_name = None
    alex.write("hello")
    await bot.settle()
    assert bot.talk.taken[0].actor.name == "alex"


# Private things stay in private


async def test_what_is_private_is_answered_in_ones_own_chat(server: DiscordServer, bot: Inward, alex: Person) -> None:
    den = server.guild("Home", alex).channel("den")
    act = alex.command("agreements", place=den)
    await bot.settle()
    (one,) = bot.talk.taken
    assert one.place == Place(kind=PlaceKind.DM, id=str(alex.dm.id))
    assert [m.ephemeral for m in act.ephemeral] == [True]
    assert f"/channels/@me/{alex.dm.id}" in act.ephemeral[0].content
    assert den.from_bot == []


async def test_who_takes_no_messages_is_told_so_where_they_asked(
    server: DiscordServer, bot: Inward, alex: Person
) -> None:
    den = server.guild("Home", alex).channel("den")
    server.faults.add("POST", "/users/@me/channels", Say(closed()))
    act = alex.command("agreements", place=den)
    await bot.settle()
    assert bot.talk.taken == []
    assert act.ephemeral[0].content.startswith("I can't write to you in your own chat")


async def test_a_room_in_which_the_bot_may_not_write_is_told_to_whoever_asks(
    server: DiscordServer, bot: Inward, alex: Person
) -> None:
    den = server.guild("Home", alex).channel("den")
    den.deny(server.world.me, "SEND_MESSAGES")
    act = alex.command("pause", place=den)
    await bot.settle()
    assert bot.talk.taken == []
    assert act.ephemeral[0].content.startswith("I am not allowed to write in this channel")


# Each once, in order, however long it takes


async def test_the_same_event_told_twice_is_acknowledged_once_and_has_one_name(bot: Inward, alex: Person) -> None:
    alex.write("It was late.")
    await bot.settle()
    bot.server.gateway.duplicate_last()
    await bot.settle()
    assert len({one.event_id for one in bot.talk.taken}) == 1  # the inbox knows it by its name
    act = alex.command("help")
    await bot.settle()
    bot.server.gateway.duplicate_last()
    await bot.settle()
    assert [one.event_id for one in bot.talk.taken].count(f"i:{act.id}") == 1


async def test_what_cannot_be_kept_is_held_until_it_can(bot: Inward, alex: Person) -> None:
    bot.talk.full = True
    alex.write("It was late.")
    await bot.server.until(lambda: bot.waits.asked == [FIRST_WAIT])
    bot.server.advance(FIRST_WAIT)
    await bot.server.until(lambda: bot.waits.asked == [FIRST_WAIT, 2 * FIRST_WAIT])
    bot.talk.full = False
    bot.server.advance(2 * FIRST_WAIT)
    await bot.settle()
    assert bot.talk.texts == ["It was late."]


async def test_a_press_that_cannot_be_kept_is_told_to_whoever_pressed(
    server: DiscordServer, bot: Inward, alex: Person
) -> None:
    bot.talk.full = True
    act = alex.press(offer(server, alex, "v1:abcdefghijklmnop:0"), "Yes")
    await bot.settle()
    assert not act.failed
    assert [one.content for one in act.ephemeral] == [shipped().phrases["parked.problem"].literal]


async def test_what_one_person_wrote_stays_in_its_order_while_it_is_slow(bot: Inward, alex: Person) -> None:
    bot.talk.go_on.clear()
    for n in range(5):
        alex.write(f"line {n}")
    await bot.server.until_taken()
    bot.talk.go_on.set()
    await bot.settle()
    assert bot.talk.texts == [f"line {n}" for n in range(5)]


# Where the bot is no more


async def test_being_removed_from_a_server_loses_its_rooms(server: DiscordServer, bot: Inward, alex: Person) -> None:
    home = server.guild("Home", alex)
    den = home.channel("den")
    thread = den.thread("ours", alex)
    await bot.settle()
    home.remove_bot()
    await bot.settle()
    lost = [OutOfReach(platform="discord", room=str(room.id)) for room in (den, thread)]
    assert sorted(bot.talk.lost, key=lambda one: one.room) == lost


async def test_a_server_that_is_away_for_a_while_is_not_lost(
    server: DiscordServer, bot: Inward, alex: Person
) -> None:
    home = server.guild("Home", alex)
    home.channel("den")
    await bot.settle()
    home.unavailable()
    await bot.settle()
    assert bot.talk.lost == []


async def test_a_channel_and_a_thread_that_are_deleted_are_lost(
    server: DiscordServer, bot: Inward, alex: Person
) -> None:
    den = server.guild("Home", alex).channel("den")
    thread = den.thread("ours", alex)
    await bot.settle()
    thread.delete()
    den.delete()
    await bot.settle()
    assert [one.room for one in bot.talk.lost] == [str(thread.id), str(den.id)]


async def test_what_cannot_be_read_ends_nothing(server: DiscordServer, bot: Inward, alex: Person) -> None:
    for event in ("MESSAGE_CREATE", "INTERACTION_CREATE", "GUILD_CREATE", "MESSAGE_UPDATE"):
        server.gateway.tell(event, {"id": "not a number"}, intent=0)
    alex.write("It was late.")
    await bot.settle()
    assert bot.talk.texts == ["It was late."]
    assert server.gateway.listened_to


async def test_ending_waits_for_what_is_under_way(server: DiscordServer, alex: Person) -> None:
    async with inward(server) as bot:
        bot.talk.go_on.clear()
        alex.write("It was late.")
        await server.until_taken()
        asyncio.get_running_loop().call_soon(bot.talk.go_on.set)
        await bot.process.end()
        assert bot.talk.texts == ["It was late."]
