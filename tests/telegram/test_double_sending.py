"""The double: messages, buttons, edits and deletions, through the real client."""

import pytest
from telegram import (
    Bot,
    ForceReply,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    Message,
    ReplyKeyboardMarkup,
    ReplyParameters,
)
from telegram.constants import ChatAction
from telegram.error import BadRequest, Forbidden

from tests.telegram.server.api import BotApi

DAY = 24 * 60 * 60


def keyboard(*labels: str) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([[InlineKeyboardButton(one, callback_data=f"v1:{one}")] for one in labels])


async def test_a_message_reaches_its_person(api: BotApi, bot: Bot) -> None:
    alex = api.person("Alex", started=True)
    sent = await bot.send_message(alex.id, "Hello", disable_notification=True, protect_content=True)
    assert (sent.chat.id, sent.text, sent.has_protected_content) == (alex.id, "Hello", True)
    (message,) = alex.from_bot
    assert (message.id, message.text, message.silent) == (sent.message_id, "Hello", True)
    assert sent.date.timestamp() * 1000 == api.clock.now()


async def test_each_chat_counts_its_own_messages(api: BotApi, bot: Bot) -> None:
    people = [api.person(name, started=True) for name in ("Alex", "Sam")]
    assert [(await bot.send_message(one.id, "Hello")).message_id for one in people] == [1, 1]


async def test_a_call_is_kept_with_the_types_of_its_parameters(api: BotApi, bot: Bot) -> None:
    alex = api.person("Alex", started=True)
    await bot.send_message(alex.id, "5", disable_notification=True, reply_markup=keyboard("Yes"))
    (call,) = api.calls_of("sendMessage")
    assert call.ok
    assert call.params == {
        "chat_id": alex.id,
        "text": "5",
        "disable_notification": True,
        "reply_markup": {"inline_keyboard": [[{"text": "Yes", "callback_data": "v1:Yes"}]]},
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Message text is empty"),
        (" \n ", "Text must be non-empty"),
        ("x" * 4097, "Message is too long"),
        ("😀" * 2049, "Message is too long"),
    ],
)
async def test_a_text_is_1_to_4096_units(api: BotApi, bot: Bot, text: str, words: str) -> None:
    alex = api.person("Alex", started=True)
    with pytest.raises(BadRequest, match=f"^{words}$"):
        await bot.send_message(alex.id, text)
    assert not alex.from_bot


async def test_the_longest_text_passes(api: BotApi, bot: Bot) -> None:
    alex = api.person("Alex", started=True)
    await bot.send_message(alex.id, "<b>" + "😀" * 2048 + "</b>", parse_mode="HTML")
    assert len(alex.from_bot) == 1


@pytest.mark.parametrize("data", ["", "é" * 33, "x" * 65])
async def test_what_a_button_carries_is_1_to_64_bytes(api: BotApi, bot: Bot, data: str) -> None:
    alex = api.person("Alex", started=True)
    button = InlineKeyboardButton("Yes", callback_data=data)
    with pytest.raises(BadRequest, match=r"(?i)button_data_invalid"):
        await bot.send_message(alex.id, "Well?", reply_markup=InlineKeyboardMarkup([[button]]))


async def test_64_bytes_pass(api: BotApi, bot: Bot) -> None:
    alex = api.person("Alex", started=True)
    await bot.send_message(alex.id, "Well?", reply_markup=InlineKeyboardMarkup.from_button(fits("é" * 32)))
    assert alex.from_bot[0].buttons == {"Yes": "é" * 32}


def fits(data: str) -> InlineKeyboardButton:
    return InlineKeyboardButton("Yes", callback_data=data)


@pytest.mark.parametrize("rows", [[9], [8] * 12 + [5]])
async def test_a_keyboard_is_8_wide_and_100_in_all(api: BotApi, bot: Bot, rows: list[int]) -> None:
    alex = api.person("Alex", started=True)
    markup = InlineKeyboardMarkup([[fits(f"{row}-{n}") for n in range(width)] for row, width in enumerate(rows)])
    with pytest.raises(BadRequest, match="Reply markup is too long"):
        await bot.send_message(alex.id, "Well?", reply_markup=markup)


@pytest.mark.parametrize(
    ("button", "words"),
    [
        (InlineKeyboardButton("Yes"), "Text buttons are unallowed in the inline keyboard"),
        (InlineKeyboardButton(" ", callback_data="1"), "button text must be non-empty"),
        (InlineKeyboardButton("Open", url="nowhere"), "inline keyboard button URL 'nowhere' is invalid"),
        (InlineKeyboardButton("Both", url="https://t.me/x", callback_data="1"), "exactly one action"),
    ],
)
async def test_a_button_says_something_and_does_one_thing(
    api: BotApi, bot: Bot, button: InlineKeyboardButton, words: str
) -> None:
    alex = api.person("Alex", started=True)
    with pytest.raises(BadRequest, match=f"(?i){words}"):
        await bot.send_message(alex.id, "Well?", reply_markup=InlineKeyboardMarkup([[button]]))


async def test_a_link_can_be_a_button(api: BotApi, bot: Bot) -> None:
    alex = api.person("Alex", started=True)
    link = InlineKeyboardButton("Open", url="https://t.me/breathing_room_bot?start=abc")
    sent = await bot.send_message(alex.id, "Here:", reply_markup=InlineKeyboardMarkup([[link]]))
    assert sent.reply_markup is not None
    assert alex.from_bot[0].buttons == {"Open": link.url}


async def test_other_keyboards_are_not_kept_with_the_message(api: BotApi, bot: Bot) -> None:
    alex = api.person("Alex", started=True)
    sent = await bot.send_message(alex.id, "Write:", reply_markup=ForceReply(input_field_placeholder="Here"))
    assert sent.reply_markup is None
    assert alex.from_bot[0].asks == {"force_reply": True, "input_field_placeholder": "Here"}
    await bot.send_message(alex.id, "Or:", reply_markup=ReplyKeyboardMarkup([["Yes", "No"]]))


async def test_a_reply_shows_what_it_replies_to(api: BotApi, bot: Bot) -> None:
    alex = api.person("Alex", started=True)
    theirs = alex.write("Hello?")
    sent = await bot.send_message(alex.id, "Here", reply_parameters=ReplyParameters(theirs.id))
    assert sent.reply_to_message is not None
    assert sent.reply_to_message.text == "Hello?"


async def test_a_reply_to_what_is_gone_is_refused_unless_it_may_be_sent_all_the_same(api: BotApi, bot: Bot) -> None:
    alex = api.person("Alex", started=True)
    with pytest.raises(BadRequest, match="Message to be replied not found"):
        await bot.send_message(alex.id, "Here", reply_parameters=ReplyParameters(77))
    sent = await bot.send_message(
        alex.id, "Here", reply_parameters=ReplyParameters(77, allow_sending_without_reply=True)
    )
    assert sent.reply_to_message is None


async def test_who_cannot_be_written_to(api: BotApi, bot: Bot) -> None:
    blocked, gone, unseen = (api.person(name, started=True) for name in ("Alex", "Sam", "Kim"))
    blocked.block()
    gone.deactivate()
    stranger = api.person("Robin")
    other = api.other_bot("Other", "other_bot")
    room = api.room("group", "Den", stranger, other)
    stranger.write("/help", room)
    cases = [
        (blocked.id, Forbidden, "Forbidden: bot was blocked by the user"),
        (gone.id, Forbidden, "Forbidden: user is deactivated"),
        (stranger.id, Forbidden, "Forbidden: bot can't initiate conversation with a user"),
        (other.id, Forbidden, "Forbidden: bot can't send messages to bots"),
        (api.person("Unseen").id, BadRequest, "Chat not found"),
        (1, BadRequest, "Chat not found"),
    ]
    for chat, kind, words in cases:
        with pytest.raises(kind) as refused:
            await bot.send_message(chat, "Hello")
        assert refused.value.message == words
    blocked.unblock()
    await bot.send_message(blocked.id, "Hello")
    await bot.send_message(unseen.id, "Hello")


async def test_busy_is_shown(api: BotApi, bot: Bot) -> None:
    alex = api.person("Alex", started=True)
    assert await bot.send_chat_action(alex.id, ChatAction.TYPING)
    assert api.world.chats[alex.id].actions == ["typing"]
    with pytest.raises(BadRequest, match="Wrong parameter action in request"):
        await bot.send_chat_action(alex.id, "thinking")


# --- files ---


async def test_a_file_reaches_its_person(api: BotApi, bot: Bot) -> None:
    alex = api.person("Alex", started=True)
    sent = await bot.send_document(
        alex.id, b"everything", filename="yours.json", caption="<b>Yours</b>", parse_mode="HTML", protect_content=True
    )
    assert sent.document is not None
    assert (sent.document.file_name, sent.document.file_size, sent.caption) == ("yours.json", 10, "Yours")
    assert sent.caption_entities[0].type == "bold"
    file = api.world.files[sent.document.file_id]
    assert (file.name, file.data) == ("yours.json", b"everything")
    with pytest.raises(BadRequest, match="There is no text in the message to edit"):
        await bot.edit_message_text("Mine", alex.id, sent.message_id)


async def test_a_file_has_something_in_it_and_a_caption_of_1024_units(api: BotApi, bot: Bot) -> None:
    alex = api.person("Alex", started=True)
    with pytest.raises(BadRequest, match="File must be non-empty"):
        await bot.send_document(alex.id, b"", filename="yours.json")
    with pytest.raises(BadRequest, match="Message caption is too long"):
        await bot.send_document(alex.id, b"1", filename="yours.json", caption="x" * 1025)
    with pytest.raises(BadRequest):
        await bot.send_document(alex.id, "https://example.org/")
    assert api.forgive() == ["the double takes files that come with the call only"]


# --- edits ---


async def prompt(api: BotApi, bot: Bot) -> Message:
    alex = api.person("Alex", started=True)
    return await bot.send_message(alex.id, "Well?", reply_markup=keyboard("Yes", "No"))


async def test_an_edit_changes_the_text_and_takes_the_buttons_away(api: BotApi, bot: Bot) -> None:
    sent = await prompt(api, bot)
    api.advance(5)
    edited = await bot.edit_message_text("<i>Yes</i>", sent.chat_id, sent.message_id, parse_mode="HTML")
    assert isinstance(edited, Message)
    assert (edited.text, edited.reply_markup, edited.entities[0].type) == ("Yes", None, "italic")
    assert edited.edit_date is not None
    kept = api.world.chats[sent.chat_id].messages[sent.message_id]
    assert kept.texts == ["Well?", "Yes"]


async def test_the_same_again_is_no_edit(api: BotApi, bot: Bot) -> None:
    sent = await prompt(api, bot)
    markup = keyboard("Yes", "No")
    words = (
        "Message is not modified: specified new message content and reply markup are exactly the same as a current "
        "content and reply markup of the message"
    )
    with pytest.raises(BadRequest) as refused:
        await bot.edit_message_text("Well? ", sent.chat_id, sent.message_id, reply_markup=markup)
    assert refused.value.message == words
    await bot.edit_message_reply_markup(sent.chat_id, sent.message_id)
    with pytest.raises(BadRequest, match="Message is not modified"):
        await bot.edit_message_reply_markup(sent.chat_id, sent.message_id)


async def test_only_what_is_there_and_its_own_can_be_edited(api: BotApi, bot: Bot) -> None:
    alex = api.person("Alex", started=True)
    theirs = alex.write("Hello")
    with pytest.raises(BadRequest, match="Message can't be edited"):
        await bot.edit_message_text("Bye", alex.id, theirs.id)
    with pytest.raises(BadRequest, match="Message to edit not found"):
        await bot.edit_message_text("Bye", alex.id, 99)
    with pytest.raises(BadRequest, match="Message to edit not found"):
        await bot.edit_message_reply_markup(alex.id, 99)


# --- deletions ---


async def test_in_a_private_chat_both_sides_can_be_deleted_for_two_days(api: BotApi, bot: Bot) -> None:
    alex = api.person("Alex", started=True)
    theirs = alex.write("Hello")
    own = await bot.send_message(alex.id, "Hello")
    assert await bot.delete_message(alex.id, theirs.id)
    assert await bot.delete_messages(alex.id, [own.message_id, theirs.id, 99])
    assert not alex.messages
    assert theirs.deleted
    with pytest.raises(BadRequest, match="Message to delete not found"):
        await bot.delete_message(alex.id, theirs.id)
    late = await bot.send_message(alex.id, "Hello")
    api.advance(2 * DAY)
    with pytest.raises(BadRequest, match="Message can't be deleted"):
        await bot.delete_message(alex.id, late.message_id)
    with pytest.raises(BadRequest, match="Message can't be deleted"):
        await bot.delete_messages(alex.id, [late.message_id])


async def test_in_a_room_others_messages_are_for_administrators_to_delete(api: BotApi, bot: Bot) -> None:
    alex = api.person("Alex", started=True)
    room = api.room("supergroup", "Den", alex)
    theirs = alex.write("/pause", room)
    with pytest.raises(BadRequest, match="Message can't be deleted"):
        await bot.delete_message(room.id, theirs.id)
    alex.promote_bot(room, "can_delete_messages")
    assert await bot.delete_message(room.id, theirs.id)


async def test_a_hundred_at_once_are_the_most(api: BotApi, bot: Bot) -> None:
    alex = api.person("Alex", started=True)
    with pytest.raises(BadRequest):
        await bot.delete_messages(alex.id, list(range(1, 102)))


# --- presses ---


async def test_a_press_is_answered_once(api: BotApi, bot: Bot) -> None:
    sent = await prompt(api, bot)
    alex = api.people[0]
    press = alex.press(alex.from_bot[0], "No")
    (update,) = await bot.get_updates()
    query = update.callback_query
    assert query is not None
    assert (query.id, query.data, query.from_user.id) == (press.id, "v1:No", alex.id)
    assert query.message is not None
    assert (query.message.message_id, query.message.is_accessible) == (sent.message_id, True)
    assert await query.answer("Noted", show_alert=True)
    assert press.answer == {"text": "Noted", "show_alert": True}
    with pytest.raises(BadRequest, match=r"(?i)query is too old and response timeout expired or query id is invalid"):
        await query.answer()


async def test_a_late_answer_and_one_to_nothing_are_refused(api: BotApi, bot: Bot) -> None:
    await prompt(api, bot)
    alex = api.people[0]
    press = alex.press(alex.from_bot[0], "Yes")
    api.advance(15)
    for query in (press.id, "1"):
        with pytest.raises(BadRequest, match=r"(?i)query is too old"):
            await bot.answer_callback_query(query)
    assert press.answer is None


async def test_an_answer_has_200_characters_at_most(api: BotApi, bot: Bot) -> None:
    await prompt(api, bot)
    alex = api.people[0]
    press = alex.press(alex.from_bot[0], "Yes")
    with pytest.raises(BadRequest, match=r"(?i)message_too_long"):
        await bot.answer_callback_query(press.id, "x" * 201)
    assert await bot.answer_callback_query(press.id, "x" * 200)


async def test_of_a_message_that_is_old_or_gone_only_its_number_is_told(api: BotApi, bot: Bot) -> None:
    sent = await prompt(api, bot)
    alex = api.people[0]
    (message,) = alex.from_bot
    api.advance(2 * DAY)
    alex.press(message, "Yes")
    alex.delete(message)
    alex.press(message, "No", retired=True)
    for update in await bot.get_updates():
        query = update.callback_query
        assert query is not None
        assert query.message is not None
        assert (query.message.message_id, query.message.is_accessible) == (sent.message_id, False)


async def test_a_button_that_was_taken_away_can_still_be_pressed_by_an_app_that_shows_it(
    api: BotApi, bot: Bot
) -> None:
    sent = await prompt(api, bot)
    alex = api.people[0]
    await bot.edit_message_reply_markup(sent.chat_id, sent.message_id)
    with pytest.raises(AssertionError, match="no button 'Yes'"):
        alex.press(alex.from_bot[0], "Yes")
    alex.press(alex.from_bot[0], "Yes", retired=True)
    (update,) = await bot.get_updates()
    assert update.callback_query is not None
    assert update.callback_query.data == "v1:Yes"
