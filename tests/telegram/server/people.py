"""What people do, for tests to tell: write, press, edit, block, come and go."""

import re
from typing import Final

from tests.telegram.server.accounts import Account, Standing
from tests.telegram.server.chats import Chat, Message, data_of
from tests.telegram.server.entities import marked
from tests.telegram.server.rooms import KICKED, MEMBER, Room
from tests.telegram.server.spec import Json
from tests.telegram.server.world import HOURS_48_MS, Press, World, impossible

PHOTO: Final[Json] = {"photo": [{"file_id": "photo-1", "file_unique_id": "p1", "width": 90, "height": 60}]}
VOICE: Final[Json] = {"voice": {"file_id": "voice-1", "file_unique_id": "v1", "duration": 3}}
STICKER: Final[Json] = {
    "sticker": {
        "file_id": "sticker-1",
        "file_unique_id": "s1",
        "type": "regular",
        "width": 512,
        "height": 512,
        "is_animated": False,
        "is_video": False,
    }
}


PAYLOAD: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
LINK: Final = re.compile(
    rf"https://t\.me/(?P<name>\w+)(\?(?P<kind>start|startgroup)=(?P<payload>{PAYLOAD.pattern}))?"
)


class Person:
    """Somebody with a Telegram account. What Telegram's apps would not let them do raises AssertionError."""

    def __init__(self, world: World, account: Account) -> None:
        self.world = world
        self.account = account

    @property
    def id(self) -> int:
        """The account's id, which is the private chat's too."""
        return self.account.id

    @property
    def messages(self) -> list[Message]:
        """What stands in this person's chat with the bot."""
        chat = self.world.chats.get(self.id)
        return list(chat.messages.values()) if chat else []

    @property
    def from_bot(self) -> list[Message]:
        """What the bot wrote to this person and did not delete."""
        return [one for one in self.messages if one.sender is self.world.bot]

    # --- the chat with the bot ---

    def start(self, payload: str | None = None) -> Message:
        """Press Start, after a deep link with its payload."""
        if payload is not None and not PAYLOAD.fullmatch(payload):
            impossible("such a payload does not come through a link")
        if self.account.blocked:
            self.unblock()
        self.account.started = True
        return self.write("/start" if payload is None else f"/start {payload}")

    def follow(self, link: str, room: Room | None = None) -> None:
        """Follow a link to the bot: start it, or with ?startgroup= add it to a room."""
        found = LINK.fullmatch(link)
        if found is None or found["name"].lower() != (self.world.bot.username or "").lower():
            impossible("that is no link to the bot")
        if found["kind"] != "startgroup":
            self.start(found["payload"])
        elif room is None:
            impossible("say which room is chosen")
        else:
            self.add_bot(room, found["payload"])

    def block(self) -> None:
        """Stop the bot."""
        self._set_blocked(blocked=True)

    def unblock(self) -> None:
        """Let the bot write again."""
        self._set_blocked(blocked=False)

    def deactivate(self) -> None:
        """Delete the account: the bot is told nothing."""
        self.account.deactivated = True

    def _set_blocked(self, *, blocked: bool) -> None:
        if self.account.blocked == blocked or not self.account.started:
            impossible("only a bot that was started can be stopped, and only once")
        chat = self.world.private_chat(self.account)
        before, after = (MEMBER, KICKED) if blocked else (KICKED, MEMBER)
        chat.standings[self.world.bot.id] = before
        self.account.blocked = blocked
        self.world.change(chat, self.world.bot, after, self.account)

    # --- writing ---

    def write(
        self,
        text: str,
        room: Room | None = None,
        *,
        topic: int | None = None,
        reply_to: Message | None = None,
        anonymous: bool = False,
    ) -> Message:
        """Write in the chat with the bot, or in a room: in a topic, as a reply, or as an anonymous administrator."""
        words, entities = marked(text, [])
        content: Json = {"text": words} | ({"entities": entities} if entities else {})
        return self._post(content, room, topic=topic, reply_to=reply_to, anonymous=anonymous)

    def send(self, media: Json, room: Room | None = None, *, caption: str | None = None) -> Message:
        """Send PHOTO, VOICE, STICKER or other content of a Message."""
        content = media | ({} if caption is None else {"caption": caption})
        return self._post(content, room)

    def edit(self, message: Message, text: str) -> None:
        """Edit one of the own messages."""
        if message.sender is not self.account or message.deleted:
            impossible("only one's own messages can be edited")
        words, entities = marked(text, [])
        message.content = {"text": words} | ({"entities": entities} if entities else {})
        message.edited_at = self.world.clock.now()
        message.texts.append(words)
        self.world.tell(message, "edited_message")

    def delete(self, message: Message) -> None:
        """Delete a message: the bot is told nothing."""
        message.deleted = True
        message.chat.messages.pop(message.id, None)

    def press(self, message: Message, label: str, *, retired: bool = False) -> Press:
        """Press a button: one that stands there, or one that stood there (apps may show it a while longer)."""
        self._enter(message.chat)
        keyboards = [*message.retired, *([message.markup] if message.markup else [])]
        shown = keyboards if retired else [message.markup] if message.markup else []
        data = next((found for one in reversed(shown) if (found := data_of(one, label))), None)
        if data is None or (message.deleted and not retired):
            impossible(f"there is no button '{label}' on that message")
        press = Press(f"{len(self.world.presses) + 1:019d}", self.world.clock.now(), data, self.account)
        self.world.presses[press.id] = press
        old = message.deleted or self.world.clock.now() - message.at >= HOURS_48_MS
        self.account.seen = True
        query: Json = {
            "id": press.id,
            "from": self.account.user(),
            "chat_instance": str(-7 * message.chat.id),
            "message": message.inaccessible() if old else message.json(),
            "data": data,
        }
        self.world.queue.push("callback_query", query)
        return press

    def react(self, message: Message, emoji: str | None) -> None:
        """Leave a reaction, or take it away. The bot is told in private, and where it is an administrator."""
        self._enter(message.chat)
        before, after = message.reactions.get(self.id), emoji
        message.reactions[self.id] = emoji
        if message.chat.person is None and not message.chat.standing(self.world.bot).leads:
            return
        reaction: Json = {
            "chat": message.chat.json(),
            "message_id": message.id,
            "user": self.account.user(),
            "date": self.world.clock.now() // 1000,
            "old_reaction": [{"type": "emoji", "emoji": before}] if before else [],
            "new_reaction": [{"type": "emoji", "emoji": after}] if after else [],
        }
        self.world.queue.push("message_reaction", reaction)

    # --- rooms ---

    def join(self, room: Room) -> None:
        """Come into a room."""
        room.join(self.account)

    def leave(self, room: Room) -> None:
        """Leave a room."""
        room.leave(self.account)

    def add_bot(self, room: Room, payload: str | None = None) -> None:
        """Add the bot to a room; with a payload, by a startgroup link."""
        self._enter(room.chat)
        room.add_bot(self.account, payload)

    def remove_bot(self, room: Room) -> None:
        """Throw the bot out of a room."""
        room.remove_bot(self.account)

    def promote_bot(self, room: Room, *rights: str) -> None:
        """Make the bot an administrator."""
        room.promote_bot(self.account, *rights)

    def demote_bot(self, room: Room) -> None:
        """Make the bot a plain member again."""
        room.demote_bot(self.account)

    def become_admin(self, room: Room, *rights: str) -> None:
        """Be made an administrator."""
        self.world.change(room.chat, self.account, Standing("administrator", frozenset(rights)), self.account)

    def open_topic(self, room: Room, name: str) -> int:
        """Open a topic; return its message_thread_id."""
        return room.open_topic(name, self.account)

    # --- what Telegram's apps allow ---

    def _enter(self, chat: Chat) -> None:
        if self.account.deactivated:
            impossible("that account is no more")
        if chat.person is not None:
            if chat.person is not self.account or self.account.blocked or not self.account.started:
                impossible("press Start first, and do not block the bot")
        elif not chat.standing(self.account).inside or chat.migrated_to is not None:
            impossible(f"{self.account.first_name} is not in that room, or it has moved")

    def _post(
        self,
        content: Json,
        room: Room | None,
        *,
        topic: int | None = None,
        reply_to: Message | None = None,
        anonymous: bool = False,
    ) -> Message:
        if room is None and not self.account.started:
            impossible("press Start first")
        chat = room.chat if room else self.world.private_chat(self.account)
        self._enter(chat)
        if reply_to is not None and reply_to.chat is not chat:
            impossible("a reply is in the chat of what it replies to")
        thread, target = thread_of(chat, topic, reply_to)
        message = self.world.add_message(
            chat,
            self.world.anonymous_admin() if anonymous else self.account,
            content,
            sender_chat=chat if anonymous else None,
            topic=thread,
            reply_to=target,
        )
        self.world.tell(message)
        return message


def thread_of(chat: Chat, topic: int | None, reply_to: Message | None) -> tuple[int | None, Message | None]:
    """Return a message's thread and what it is shown to reply to, as Telegram tells them to bots."""
    if topic is None and reply_to is not None and reply_to.topic in chat.topics:
        topic = reply_to.topic
    if topic is not None:
        if topic not in chat.topics:
            impossible("there is no such topic")
        # In a topic, whatever replies to nothing is shown as a reply to the message that opened it.
        return topic, reply_to or chat.messages.get(topic)
    if reply_to is not None and chat.type == "supergroup":
        # A reply in a supergroup makes a thread, which is no topic: nothing can be sent "into" it.
        return reply_to.topic or reply_to.id, reply_to
    return None, reply_to
