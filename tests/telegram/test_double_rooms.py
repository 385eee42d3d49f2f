"""The double: groups, supergroups, forums, channels, and what the bot hears there."""

import pytest
from telegram import (
    Bot,
    ChatMemberAdministrator,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    Message,
    ReplyParameters,
    Update,
)
from telegram.constants import ChatMemberStatus
from telegram.error import BadRequest, ChatMigrated, Forbidden

from tests.telegram.server.api import BotApi
from tests.telegram.server.people import Person
from tests.telegram.server.rooms import Room


async def heard(api: BotApi, bot: Bot) -> list[Update]:
    """Return what came since the last time."""
    updates = await bot.get_updates()
    if updates:
        api.world.queue.confirm(updates[-1].update_id + 1)
    return list(updates)


async def texts(api: BotApi, bot: Bot) -> list[str | None]:
    return [one.effective_message.text for one in await heard(api, bot) if one.effective_message]


def message_of(update: Update) -> Message:
    assert update.message is not None
    return update.message


@pytest.fixture
def alex(api: BotApi) -> Person:
    return api.person("Alex", started=True)


@pytest.fixture
def sam(api: BotApi) -> Person:
    return api.person("Sam", username="sam_42")


@pytest.fixture
def den(api: BotApi, alex: Person, sam: Person) -> Room:
    return api.room("group", "Den", alex, sam)


# --- privacy mode ---


async def test_in_a_group_the_bot_hears_commands_and_replies_to_it(
    api: BotApi, bot: Bot, alex: Person, den: Room
) -> None:
    sent = await bot.send_message(den.id, "Here")
    alex.write("just talking", den)
    alex.write("@breathing_room_bot are you there?", den)
    alex.write("/pause", den)
    alex.write("/pause@breathing_room_bot now", den)
    alex.write("/pause@Breathing_Room_Bot", den)
    alex.write("/pause@other_bot", den)
    alex.write("my reply", den, reply_to=den.from_bot[0])
    alex.write("not to the bot", den, reply_to=den.messages[1])
    updates = await heard(api, bot)
    assert [message_of(one).text for one in updates] == [
        "/pause",
        "/pause@breathing_room_bot now",
        "/pause@Breathing_Room_Bot",
        "my reply",
    ]
    assert message_of(updates[1]).parse_entities() == {
        message_of(updates[1]).entities[0]: "/pause@breathing_room_bot"
    }
    replied = message_of(updates[-1]).reply_to_message
    assert replied is not None
    assert replied.message_id == sent.message_id


async def test_an_edit_that_makes_a_command_is_heard(api: BotApi, bot: Bot, alex: Person, den: Room) -> None:
    message = alex.write("puase", den)
    alex.edit(message, "/pause")
    (update,) = await heard(api, bot)
    assert update.edited_message is not None
    assert update.edited_message.text == "/pause"


async def test_a_command_without_a_name_goes_to_the_bot_that_wrote_last(
    api: BotApi, bot: Bot, alex: Person, den: Room
) -> None:
    other = api.other_bot("Other", "other_bot")
    den.put(other.account)
    alex.write("/one", den)
    other.write("I am a bot", den)
    alex.write("/two", den)
    alex.write("/three@breathing_room_bot", den)
    await bot.send_message(den.id, "So am I")
    alex.write("/four", den)
    assert await texts(api, bot) == ["/one", "/three@breathing_room_bot", "/four"]


@pytest.mark.parametrize("way", ["administrator", "privacy off"])
async def test_an_administrator_or_a_bot_without_privacy_hears_everything_but_other_bots(
    api: BotApi, bot: Bot, alex: Person, den: Room, way: str
) -> None:
    other = api.other_bot("Other", "other_bot")
    den.put(other.account)
    if way == "administrator":
        alex.promote_bot(den)
    else:
        api.world.privacy = False
    await heard(api, bot)
    other.write("/pause", den)
    alex.write("just talking", den)
    alex.write("/pause@other_bot", den)
    assert await texts(api, bot) == ["just talking", "/pause@other_bot"]
    assert (await bot.get_me()).can_read_all_group_messages is (way == "privacy off")


async def test_what_happens_in_a_group_is_told(api: BotApi, bot: Bot, alex: Person, sam: Person, den: Room) -> None:
    kim = api.person("Kim")
    kim.join(den)
    sam.leave(den)
    den.rename("Nest", alex.account)
    joined, left, renamed = (message_of(one) for one in await heard(api, bot))
    assert [one.id for one in joined.new_chat_members] == [kim.id]
    assert left.left_chat_member is not None
    assert left.left_chat_member.id == sam.id
    assert (renamed.new_chat_title, renamed.chat.title) == ("Nest", "Nest")
    with pytest.raises(AssertionError, match="not in that room"):
        sam.write("hello?", den)


async def test_an_anonymous_administrator_is_the_group_itself(api: BotApi, bot: Bot, alex: Person, den: Room) -> None:
    alex.write("/pause", den, anonymous=True)
    alex.write("/resume", den)
    message = message_of((await heard(api, bot))[0])
    assert message.from_user is not None
    assert (message.from_user.username, message.from_user.is_bot) == ("GroupAnonymousBot", True)
    assert message.sender_chat is not None
    assert message.sender_chat.id == den.id
    assert len(await heard(api, bot)) == 0


async def test_posts_of_a_linked_channel_come_in_its_name(api: BotApi, bot: Bot, alex: Person) -> None:
    channel = api.room("channel", "News", alex)
    group = api.room("supergroup", "Talk", alex)
    group.post_as_channel(channel, "In privacy mode unheard")
    alex.promote_bot(group)
    await heard(api, bot)
    group.post_as_channel(channel, "News!")
    message = message_of((await heard(api, bot))[0])
    assert message.is_automatic_forward
    assert message.sender_chat is not None
    assert message.sender_chat.id == channel.id
    assert message.from_user is not None
    assert message.from_user.id == 777000


async def test_a_channel_is_heard_and_written_to(api: BotApi, bot: Bot, alex: Person) -> None:
    channel = api.room("channel", "News", alex, username="some_news")
    channel.post("/pause?")
    (update,) = await heard(api, bot)
    assert update.channel_post is not None
    assert (update.channel_post.text, update.channel_post.from_user) == ("/pause?", None)
    sent = await bot.send_message("@some_news", "Hello")
    assert sent.chat.id == channel.id
    alex.demote_bot(channel)
    with pytest.raises(BadRequest, match="Need administrator rights in the channel chat"):
        await bot.send_message("@some_news", "Hello")
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message("@other_news", "Hello")


# --- the bot comes and goes ---


async def test_the_bot_is_added_by_a_link(api: BotApi, bot: Bot, alex: Person) -> None:
    room = api.room("group", "Den", alex, with_bot=False)
    with pytest.raises(Forbidden, match="bot is not a member of the group chat"):
        await bot.send_message(room.id, "Hello")
    alex.add_bot(room, payload="abc_DEF-1")
    changed, joined, started = await heard(api, bot)
    assert changed.my_chat_member is not None
    assert changed.my_chat_member.old_chat_member.status == ChatMemberStatus.LEFT
    assert changed.my_chat_member.new_chat_member.status == ChatMemberStatus.MEMBER
    assert changed.my_chat_member.from_user.id == alex.id
    assert [one.username for one in message_of(joined).new_chat_members] == ["breathing_room_bot"]
    assert message_of(started).text == "/start@breathing_room_bot abc_DEF-1"
    await bot.send_message(room.id, "Hello")
    assert room.has_bot


@pytest.mark.parametrize(
    ("kind", "kinds"), [("group", ["message", "my_chat_member"]), ("supergroup", ["my_chat_member"])]
)
async def test_the_bot_is_thrown_out(api: BotApi, bot: Bot, alex: Person, kind: str, kinds: list[str]) -> None:
    room = api.room(kind, "Den", alex)
    alex.remove_bot(room)
    assert [one.kind for one in api.world.queue.pending] == kinds
    for call in (bot.send_message(room.id, "Hello"), bot.get_chat(room.id), bot.send_chat_action(room.id, "typing")):
        with pytest.raises(Forbidden) as refused:
            await call
        assert refused.value.message == f"Forbidden: bot was kicked from the {kind} chat"
    alex.write("/pause@breathing_room_bot", room)
    assert len(api.world.queue.pending) == len(kinds)
    alex.add_bot(room)
    await bot.send_message(room.id, "Hello again")


async def test_the_bot_leaves(api: BotApi, bot: Bot, den: Room, alex: Person) -> None:
    assert await bot.leave_chat(den.id)
    (update,) = await heard(api, bot)
    assert update.my_chat_member is not None
    assert update.my_chat_member.new_chat_member.status == ChatMemberStatus.LEFT
    assert not den.has_bot
    with pytest.raises(Forbidden, match="bot is not a member of the group chat"):
        await bot.send_message(den.id, "Hello?")
    with pytest.raises(BadRequest, match="Chat member status can't be changed in private chats"):
        await bot.leave_chat(alex.id)


async def test_the_bot_can_be_kept_from_writing(api: BotApi, bot: Bot, alex: Person) -> None:
    room = api.room("supergroup", "Den", alex)
    room.restrict_bot(alex.account)
    with pytest.raises(BadRequest, match="Not enough rights to send text messages to the chat"):
        await bot.send_message(room.id, "Hello")
    room.restrict_bot(alex.account, "can_send_messages")
    await bot.send_message(room.id, "Hello")


# --- a group becomes a supergroup ---


async def test_a_group_moves(api: BotApi, bot: Bot, alex: Person, den: Room) -> None:
    moved = den.upgrade()
    going, coming = (message_of(one) for one in await heard(api, bot))
    assert (going.chat.id, going.migrate_to_chat_id) == (den.id, moved.id)
    assert (coming.chat.id, coming.migrate_from_chat_id) == (moved.id, den.id)
    for call in (bot.send_message(den.id, "Hello"), bot.get_chat_member_count(den.id)):
        with pytest.raises(ChatMigrated) as refused:
            await call
        assert refused.value.new_chat_id == moved.id
    assert (await bot.send_message(moved.id, "Hello")).chat.type == "supergroup"
    alex.write("/pause", moved)
    assert await texts(api, bot) == ["/pause"]
    with pytest.raises(AssertionError, match="it has moved"):
        alex.write("/pause", den)


# --- topics ---


async def test_topics_keep_their_messages_apart(api: BotApi, bot: Bot, alex: Person) -> None:
    room = api.room("supergroup", "Den", alex, forum=True)
    plans = alex.open_topic(room, "Plans")
    alex.write("/pause", room, topic=plans)
    alex.write("/pause", room)
    created, inside, outside = (message_of(one) for one in await heard(api, bot))
    assert created.forum_topic_created is not None
    assert created.forum_topic_created.name == "Plans"
    assert (inside.message_thread_id, inside.is_topic_message, inside.chat.is_forum) == (plans, True, True)
    assert inside.reply_to_message is not None
    assert inside.reply_to_message.message_id == plans
    assert (outside.message_thread_id, outside.is_topic_message) == (None, None)
    sent = await bot.send_message(room.id, "Here", message_thread_id=plans)
    assert (sent.message_thread_id, sent.is_topic_message) == (plans, True)
    answer = await bot.send_message(room.id, "Here", reply_parameters=ReplyParameters(inside.message_id))
    assert answer.message_thread_id == plans
    assert await bot.send_chat_action(room.id, "typing", message_thread_id=plans)
    with pytest.raises(BadRequest, match="Message thread not found"):
        await bot.send_message(room.id, "Where?", message_thread_id=999)


async def test_nobody_writes_in_a_closed_topic(api: BotApi, bot: Bot, alex: Person) -> None:
    room = api.room("supergroup", "Den", alex, forum=True)
    plans = alex.open_topic(room, "Plans")
    room.close_topic(plans, alex.account)
    with pytest.raises(BadRequest, match=r"(?i)topic_closed"):
        await bot.send_message(room.id, "Here", message_thread_id=plans)


async def test_a_thread_of_replies_is_no_topic(api: BotApi, bot: Bot, alex: Person) -> None:
    room = api.room("supergroup", "Den", alex)
    sent = await bot.send_message(room.id, "Well?")
    alex.write("Yes", room, reply_to=room.from_bot[0])
    message = message_of((await heard(api, bot))[0])
    assert (message.message_thread_id, message.is_topic_message) == (sent.message_id, None)
    with pytest.raises(BadRequest, match="Message thread not found"):
        await bot.send_message(room.id, "Here", message_thread_id=message.message_thread_id)


# --- who is there ---


async def test_who_is_there_can_be_asked(api: BotApi, bot: Bot, alex: Person, sam: Person, den: Room) -> None:
    other = api.other_bot("Other", "other_bot")
    den.put(other.account)
    other.become_admin(den)
    assert await bot.get_chat_member_count(den.id) == 4
    assert [one.user.id for one in await bot.get_chat_administrators(den.id)] == [alex.id]
    sam.become_admin(den, "can_invite_users")
    alex.promote_bot(den, "can_delete_messages")
    assert {one.user.id for one in await bot.get_chat_administrators(den.id)} == {alex.id, sam.id, bot.id}
    found = await bot.get_chat_member(den.id, bot.id)
    assert isinstance(found, ChatMemberAdministrator)
    assert (found.can_delete_messages, found.can_invite_users) == (True, False)
    assert (await bot.get_chat_member(den.id, alex.id)).status == ChatMemberStatus.OWNER
    sam.leave(den)
    assert (await bot.get_chat_member(den.id, sam.id)).status == ChatMemberStatus.LEFT
    assert await bot.get_chat_member_count(den.id) == 3
    with pytest.raises(BadRequest, match="Invalid user_id specified"):
        await bot.get_chat_member(den.id, 12)


async def test_what_is_known_of_a_chat_can_be_asked(bot: Bot, alex: Person, sam: Person, den: Room) -> None:
    room = await bot.get_chat(den.id)
    assert (room.type, room.title) == ("group", "Den")
    private = await bot.get_chat(alex.id)
    assert (private.type, private.first_name) == ("private", "Alex")
    assert await bot.get_chat_member_count(alex.id) == 2
    assert (await bot.get_chat_member(alex.id, alex.id)).status == ChatMemberStatus.MEMBER
    with pytest.raises(BadRequest, match="Member not found"):
        await bot.get_chat_member(alex.id, sam.id)
    with pytest.raises(BadRequest, match="There are no administrators in the private chat"):
        await bot.get_chat_administrators(alex.id)
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.get_chat(12)


async def test_a_press_in_a_room_is_told_whoever_pressed(api: BotApi, bot: Bot, sam: Person, den: Room) -> None:
    button = InlineKeyboardButton("Join", callback_data="1")
    await bot.send_message(den.id, "Who?", reply_markup=InlineKeyboardMarkup([[button]]))
    sam.press(den.from_bot[0], "Join")
    (update,) = await heard(api, bot)
    assert update.callback_query is not None
    assert update.callback_query.from_user.id == sam.id
    with pytest.raises(AssertionError, match="not in that room"):
        api.person("Kim").press(den.from_bot[0], "Join")
