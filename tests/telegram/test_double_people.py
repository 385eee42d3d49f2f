"""The double: what people do in their own chat with the bot."""

import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.constants import ChatMemberStatus
from telegram.error import Forbidden

from tests.telegram.server.api import BotApi
from tests.telegram.server.people import PHOTO, STICKER, VOICE


async def test_nobody_writes_before_start(api: BotApi, bot: Bot) -> None:
    alex = api.person("Alex")
    with pytest.raises(AssertionError, match="press Start first"):
        alex.write("hello?")
    alex.start()
    alex.write("hello")
    assert [one.message.text for one in await bot.get_updates() if one.message] == ["/start", "hello"]
    await bot.send_message(alex.id, "Welcome")


async def test_a_deep_link_brings_its_payload_as_a_command(api: BotApi, bot: Bot) -> None:
    alex = api.person("Alex", language="es", last_name="Ruiz", username="alex_r")
    alex.start("abc_DEF-1")
    (update,) = await bot.get_updates()
    message = update.message
    assert message is not None
    assert message.text == "/start abc_DEF-1"
    assert list(message.parse_entities().values()) == ["/start"]
    assert message.entities[0].type == "bot_command"
    user = message.from_user
    assert user is not None
    assert (user.id, user.language_code, user.full_name, user.username) == (alex.id, "es", "Alex Ruiz", "alex_r")
    assert (message.chat.id, message.chat.type) == (alex.id, "private")


async def test_a_language_may_be_unknown(api: BotApi, bot: Bot) -> None:
    api.person("Alex", language=None).start()
    (update,) = await bot.get_updates()
    assert update.effective_user is not None
    assert update.effective_user.language_code is None


async def test_ids_are_wider_than_32_bits(api: BotApi) -> None:
    assert api.person("Alex").id > 1 << 32


async def test_an_edit_brings_the_whole_message_again(api: BotApi, bot: Bot) -> None:
    alex = api.person("Alex", started=True)
    message = alex.write("helo")
    api.advance(3)
    alex.edit(message, "hello")
    written, edited = await bot.get_updates()
    assert written.message is not None
    assert edited.edited_message is not None
    assert edited.edited_message.message_id == written.message.message_id
    assert edited.edited_message.text == "hello"
    assert edited.edited_message.edit_date is not None
    assert edited.edited_message.date == written.message.date
    with pytest.raises(AssertionError, match="only one's own"):
        api.person("Sam", started=True).edit(message, "no")


@pytest.mark.parametrize(("media", "name"), [(PHOTO, "photo"), (VOICE, "voice"), (STICKER, "sticker")])
async def test_not_everything_is_text(api: BotApi, bot: Bot, media: dict[str, object], name: str) -> None:
    alex = api.person("Alex", started=True)
    alex.send(media)
    (update,) = await bot.get_updates()
    assert update.message is not None
    assert update.message.text is None
    assert getattr(update.message, name)


async def test_a_photo_may_have_a_caption(api: BotApi, bot: Bot) -> None:
    api.person("Alex", started=True).send(PHOTO, caption="us")
    (update,) = await bot.get_updates()
    assert update.message is not None
    assert update.message.caption == "us"


async def test_blocking_and_coming_back_is_told(api: BotApi, bot: Bot) -> None:
    alex = api.person("Alex", started=True)
    alex.block()
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(alex.id, "Hello?")
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_chat_action(alex.id, "typing")
    with pytest.raises(AssertionError, match="do not block"):
        alex.write("hello")
    alex.start()
    blocked, back, start = await bot.get_updates()
    assert blocked.my_chat_member is not None
    assert blocked.my_chat_member.new_chat_member.status == ChatMemberStatus.BANNED
    assert blocked.my_chat_member.chat.type == "private"
    assert back.my_chat_member is not None
    assert back.my_chat_member.new_chat_member.status == ChatMemberStatus.MEMBER
    assert start.message is not None
    await bot.send_message(alex.id, "Welcome back")


async def test_a_message_that_somebody_deletes_is_not_told(api: BotApi, bot: Bot) -> None:
    alex = api.person("Alex", started=True)
    alex.delete(alex.write("hello"))
    assert len(await bot.get_updates()) == 1
    assert not alex.messages


async def test_an_account_that_is_no_more_does_nothing(api: BotApi, bot: Bot) -> None:
    alex = api.person("Alex", started=True)
    alex.deactivate()
    with pytest.raises(AssertionError, match="no more"):
        alex.write("hello")
    with pytest.raises(Forbidden, match="user is deactivated"):
        await bot.send_message(alex.id, "Hello?")


async def test_a_link_brings_what_it_carries(api: BotApi, bot: Bot) -> None:
    alex = api.person("Alex")
    den = api.room("group", "Den", alex, with_bot=False)
    alex.follow("https://t.me/breathing_room_bot?start=abc")
    alex.follow("https://t.me/breathing_room_bot?startgroup=abc", den)
    texts = [one.message.text for one in await bot.get_updates() if one.message and one.message.text]
    assert texts == ["/start abc", "/start@breathing_room_bot abc"]
    for link in ("https://t.me/other_bot?start=abc", "https://t.me/breathing_room_bot?start=a.b"):
        with pytest.raises(AssertionError, match="no link to the bot"):
            alex.follow(link)
    with pytest.raises(AssertionError, match="which room"):
        alex.follow("https://t.me/breathing_room_bot?startgroup=abc")
    with pytest.raises(AssertionError, match="such a payload"):
        alex.start("x" * 65)


async def test_a_button_that_opens_a_link_is_not_told(api: BotApi, bot: Bot) -> None:
    alex = api.person("Alex", started=True)
    link = InlineKeyboardButton("Open", url="https://t.me/breathing_room_bot")
    await bot.send_message(alex.id, "Here:", reply_markup=InlineKeyboardMarkup([[link]]))
    with pytest.raises(AssertionError, match="no button 'Open'"):
        alex.press(alex.from_bot[0], "Open")


async def test_reactions_are_told_to_those_who_asked_and_may_know(api: BotApi, bot: Bot) -> None:
    alex = api.person("Alex", started=True)
    den = api.room("supergroup", "Den", alex)
    await bot.send_message(alex.id, "Hello")
    await bot.send_message(den.id, "Hello")
    alex.react(alex.from_bot[0], "👍")
    assert not api.world.queue.pending
    await bot.get_updates(allowed_updates=["message_reaction"])
    alex.react(alex.from_bot[0], "❤")
    alex.react(den.from_bot[0], "👍")
    alex.promote_bot(den)
    alex.react(den.from_bot[0], None)
    mine, ours = (one.message_reaction for one in await bot.get_updates())
    assert mine is not None
    assert [one.to_dict()["emoji"] for one in (*mine.old_reaction, *mine.new_reaction)] == ["👍", "❤"]
    assert ours is not None
    assert (len(ours.old_reaction), len(ours.new_reaction)) == (1, 0)
