"""Messages that stand there already: editing, deleting, and answering a button that was pressed."""

from typing import Final

from tests.telegram.server.chats import Chat, Message
from tests.telegram.server.entities import units
from tests.telegram.server.markup import check_markup
from tests.telegram.server.refusals import refuse
from tests.telegram.server.sending import text_of
from tests.telegram.server.spec import Json, out_of_spec
from tests.telegram.server.world import CALLBACK_MS, HOURS_48_MS, World

ALERT_UNITS: Final = 200
AT_ONCE: Final = 100
NOT_MODIFIED: Final = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current "
    "content and reply markup of the message"
)
TOO_OLD: Final = "query is too old and response timeout expired or query id is invalid"


def editable(world: World, call: Json) -> Message:
    """Return the bot's own message, or refuse."""
    if "chat_id" not in call or "message_id" not in call:
        out_of_spec("chat_id and message_id are wanted: the bot has no inline messages")
    # A person who has blocked the bot does not hinder it from editing what it sent before.
    chat = world.entered_chat(call["chat_id"])
    message = chat.messages.get(call["message_id"])
    if message is None:
        refuse("message to edit not found")
    if message.sender is not world.bot:
        refuse("message can't be edited")
    return message


def change(world: World, message: Message, content: Json, markup: Json | None) -> Json:
    """Give a message other content and buttons, unless they are the same."""
    if content == message.content and markup == message.markup:
        refuse(NOT_MODIFIED)
    if message.markup is not None and markup != message.markup:
        message.retired.append(message.markup)
    if content != message.content:
        message.texts.append(content.get("text", ""))
    message.content, message.markup = content, markup
    message.edited_at = world.clock.now()
    return message.json()


def edit_message_text(world: World, call: Json) -> Json:
    """Give a message another text; buttons that are not given again are gone."""
    content = text_of(call)
    message = editable(world, call)
    if "text" not in message.content:
        refuse("there is no text in the message to edit")
    kept = {k: v for k, v in message.content.items() if k == "has_protected_content"}
    return change(world, message, content | kept, check_markup(call.get("reply_markup", {})))


def edit_message_reply_markup(world: World, call: Json) -> Json:
    """Give a message other buttons, or none."""
    message = editable(world, call)
    return change(world, message, message.content, check_markup(call.get("reply_markup", {})))


def delete_message(world: World, call: Json) -> bool:
    """Delete a message for everyone."""
    chat = world.entered_chat(call["chat_id"])
    message = chat.messages.get(call["message_id"])
    if message is None:
        refuse("message to delete not found")
    if not deletable(world, message):
        refuse("message can't be deleted")
    remove(chat, message)
    return True


def delete_messages(world: World, call: Json) -> bool:
    """Delete messages for everyone; those that are not there are passed over."""
    chat = world.entered_chat(call["chat_id"])
    ids: list[int] = call["message_ids"]
    if not 1 <= len(ids) <= AT_ONCE:
        refuse("message identifiers are not specified" if not ids else "too many messages to delete")
    found = [chat.messages[one] for one in ids if one in chat.messages]
    if not all(deletable(world, one) for one in found):
        refuse("message can't be deleted")
    for one in found:
        remove(chat, one)
    return True


def deletable(world: World, message: Message) -> bool:
    """Return whether the bot may delete a message: for 48 hours, its own and in a private chat both sides'."""
    if world.clock.now() - message.at >= HOURS_48_MS:
        return False
    chat = message.chat
    own = message.sender is world.bot
    return own or chat.person is not None or chat.standing(world.bot).may("can_delete_messages")


def remove(chat: Chat, message: Message) -> None:
    """Take a message out of its chat."""
    message.deleted = True
    del chat.messages[message.id]


def answer_callback_query(world: World, call: Json) -> bool:
    """Answer a pressed button: once, and soon."""
    press = world.presses.get(call["callback_query_id"])
    if press is None or press.answer is not None or world.clock.now() - press.at >= CALLBACK_MS:
        refuse(TOO_OLD)
    if units(call.get("text", "")) > ALERT_UNITS:
        refuse("MESSAGE_TOO_LONG")
    if "url" in call:
        refuse("URL_INVALID")  # only games may, and t.me links to the bot itself
    press.answer = {name: value for name, value in call.items() if name != "callback_query_id"}
    return True
