"""Sending texts and files, and taking formatted text as sending and editing do."""

from typing import Final

from tests.telegram.server.chats import Chat, Message
from tests.telegram.server.entities import marked, read_html, units
from tests.telegram.server.markup import check_markup
from tests.telegram.server.people import thread_of
from tests.telegram.server.refusals import refuse
from tests.telegram.server.spec import Json, Upload, out_of_spec
from tests.telegram.server.world import World

TEXT_UNITS: Final = 4096
CAPTION_UNITS: Final = 1024
ACTIONS: Final = frozenset(
    {
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    }
)
HANDLED: Final = frozenset(
    {
        "chat_id",
        "message_id",
        "text",
        "document",
        "caption",
        "caption_entities",
        "disable_content_type_detection",
        "parse_mode",
        "entities",
        "link_preview_options",
        "message_thread_id",
        "disable_notification",
        "protect_content",
        "reply_parameters",
        "reply_markup",
    }
)


def text_of(call: Json) -> Json:
    """Return the text and entities of a call as they are kept with the message, or refuse."""
    if not call.get("text"):
        refuse("message text is empty")
    content = formatted(call, "text", "entities", TEXT_UNITS)
    if not content:
        refuse("text must be non-empty")
    if preview := call.get("link_preview_options"):
        content["link_preview_options"] = preview
    return content


def formatted(call: Json, name: str, marks: str, most: int) -> Json:
    """Return the text or caption with what marks it; nothing where there is none."""
    if unknown := sorted(set(call) - HANDLED):
        out_of_spec(f"the double does not know what {', '.join(unknown)} does here")
    text: str = call.get(name, "")
    entities: list[Json] = call.get(marks, [])
    mode: str = call.get("parse_mode", "")
    if mode.lower() == "html":
        text, entities = read_html(text)
    elif mode.lower() in {"markdown", "markdownv2"}:
        out_of_spec("the double reads HTML only")
    elif mode:
        refuse("unsupported parse_mode")
    elif any(e["offset"] < 0 or e["length"] <= 0 or e["offset"] + e["length"] > units(text) for e in entities):
        refuse("ENTITY_BOUNDS_INVALID")
    text, entities = marked(text, entities)
    if units(text) > most:
        refuse("message is too long" if name == "text" else "message caption is too long")
    return ({name: text} if text else {}) | ({marks: entities} if entities else {})


def send_message(world: World, call: Json) -> Json:
    """Send a text."""
    return send(world, call, text_of(call))


def send_document(world: World, call: Json) -> Json:
    """Send a file that comes with the call."""
    file: object = call["document"]
    if not isinstance(file, Upload):
        out_of_spec("the double takes files that come with the call only")
    if not file.data:
        refuse("file must be non-empty")
    number = len(world.files) + 1
    world.files[f"document-{number}"] = file
    document: Json = {
        "file_id": f"document-{number}",
        "file_unique_id": f"d{number}",
        "file_name": file.name,
        "file_size": len(file.data),
    }
    return send(world, call, {"document": document} | formatted(call, "caption", "caption_entities", CAPTION_UNITS))


def send(world: World, call: Json, content: Json) -> Json:
    """Send a message of any content."""
    chat = world.open_chat(call["chat_id"])
    asks: Json = call.get("reply_markup", {})
    markup = check_markup(asks)
    topic: int | None = call.get("message_thread_id")
    if topic is not None and topic not in chat.topics:
        refuse("message thread not found")
    thread, reply_to = thread_of(chat, topic, replied(chat, call))
    if thread in chat.closed_topics and not chat.standing(world.bot).may("can_manage_topics"):
        refuse("TOPIC_CLOSED")
    if call.get("protect_content"):
        content["has_protected_content"] = True
    message = world.add_message(
        chat,
        world.bot,
        content,
        markup=markup,
        topic=thread,
        reply_to=reply_to,
        silent=call.get("disable_notification", False),
        asks=asks or None,
    )
    return message.json()


def replied(chat: Chat, call: Json) -> Message | None:
    """Return the message that is replied to, None where there is none, or refuse."""
    wanted: Json | None = call.get("reply_parameters")
    if wanted is None:
        return None
    if (
        set(wanted) - {"message_id", "chat_id", "allow_sending_without_reply"}
        or wanted.get("chat_id", chat.id) != chat.id
    ):
        out_of_spec("the double knows replies within a chat only, and no quotes")
    found = chat.messages.get(wanted["message_id"])
    if found is None and not wanted.get("allow_sending_without_reply"):
        refuse("message to be replied not found")
    return found


def send_chat_action(world: World, call: Json) -> bool:
    """Show that the bot is busy."""
    chat = world.open_chat(call["chat_id"])
    if call["action"] not in ACTIONS:
        refuse("wrong parameter action in request")
    topic: int | None = call.get("message_thread_id")
    if topic is not None and topic not in chat.topics:
        refuse("message thread not found")
    chat.actions.append(call["action"])
    return True
