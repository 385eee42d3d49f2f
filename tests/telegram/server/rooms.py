"""What happens in groups, supergroups, forums and channels, for tests to tell."""

import dataclasses
from typing import Final

from tests.telegram.server.accounts import Account, Standing
from tests.telegram.server.chats import Chat, Message
from tests.telegram.server.entities import marked
from tests.telegram.server.spec import Json
from tests.telegram.server.world import World, impossible

CREATOR: Final = Standing("creator")
MEMBER: Final = Standing("member")
LEFT: Final = Standing("left")
KICKED: Final = Standing("kicked")
TOPIC_COLOUR: Final = 7_322_096


class Room:
    """A chat of several."""

    def __init__(self, world: World, chat: Chat) -> None:
        self.world = world
        self.chat = chat

    @property
    def id(self) -> int:
        """The chat's id."""
        return self.chat.id

    @property
    def messages(self) -> list[Message]:
        """What stands in the chat, service messages included."""
        return list(self.chat.messages.values())

    @property
    def from_bot(self) -> list[Message]:
        """What the bot wrote here and did not delete."""
        return [one for one in self.messages if one.sender is self.world.bot]

    @property
    def has_bot(self) -> bool:
        """Whether the bot is in the chat."""
        return self.chat.standing(self.world.bot).inside

    def put(self, account: Account, standing: Standing = MEMBER) -> None:
        """Let somebody have been here all along: the bot is told nothing."""
        self.chat.standings[account.id] = standing

    def service(self, sender: Account | None, content: Json, topic: int | None = None) -> Message:
        """Let the chat say what happened."""
        message = self.world.add_message(self.chat, sender, content, topic=topic)
        self.world.tell(message)
        return message

    # --- the bot comes and goes ---

    def add_bot(self, by: Account, payload: str | None = None) -> None:
        """Let somebody add the bot; with a payload, by a startgroup link."""
        self.world.change(self.chat, self.world.bot, MEMBER, by)
        if self.chat.type != "channel":
            self.service(by, {"new_chat_members": [self.world.bot.user()]})
        if payload is not None:
            text, entities = marked(f"/start@{self.world.bot.username} {payload}", [])
            self.world.tell(self.world.add_message(self.chat, by, {"text": text, "entities": entities}))

    def remove_bot(self, by: Account) -> None:
        """Let an administrator throw the bot out."""
        if self.chat.type == "group":
            self.service(by, {"left_chat_member": self.world.bot.user()})
        self.world.change(self.chat, self.world.bot, KICKED, by)

    def promote_bot(self, by: Account, *rights: str) -> None:
        """Make the bot an administrator with these rights, such as can_delete_messages."""
        self.world.change(self.chat, self.world.bot, Standing("administrator", frozenset(rights)), by)

    def demote_bot(self, by: Account) -> None:
        """Make the bot a plain member again."""
        self.world.change(self.chat, self.world.bot, MEMBER, by)

    def restrict_bot(self, by: Account, *rights: str) -> None:
        """Let the bot do no more than these rights say, such as can_send_messages."""
        self.world.change(self.chat, self.world.bot, Standing("restricted", frozenset(rights)), by)

    # --- others come and go ---

    def join(self, account: Account) -> None:
        """Let somebody come in."""
        self.world.change(self.chat, account, MEMBER, account)
        self.service(account, {"new_chat_members": [account.user()]})

    def leave(self, account: Account) -> None:
        """Let somebody go."""
        self.service(account, {"left_chat_member": account.user()})
        self.world.change(self.chat, account, LEFT, account)

    # --- the chat itself ---

    def upgrade(self) -> "Room":
        """Make the group a supergroup with another id, and return that."""
        if self.chat.type != "group":
            impossible("only a group can become a supergroup")
        chat = self.world.add_chat("supergroup", self.chat.title or "")
        chat.standings = dict(self.chat.standings)
        self.service(None, {"migrate_to_chat_id": chat.id})
        self.chat.migrated_to = chat.id
        room = Room(self.world, chat)
        room.service(self.world.anonymous_admin(), {"migrate_from_chat_id": self.chat.id})
        return room

    def rename(self, title: str, by: Account) -> None:
        """Give the chat another title."""
        self.chat.title = title
        self.service(by, {"new_chat_title": title})

    def open_topic(self, name: str, by: Account) -> int:
        """Open a topic of a forum; return its message_thread_id."""
        if not self.chat.is_forum:
            impossible("only a forum has topics")
        self.chat.topics[self.chat.latest + 1] = name
        content: Json = {"forum_topic_created": {"name": name, "icon_color": TOPIC_COLOUR}}
        return self.service(by, content, topic=self.chat.latest + 1).id

    def close_topic(self, topic: int, by: Account) -> None:
        """Close a topic: only administrators may write there."""
        self.chat.closed_topics.add(topic)
        self.service(by, {"forum_topic_closed": {}}, topic)

    def post_as_channel(self, channel: "Room", text: str) -> Message:
        """Let a post of the linked channel arrive in this group, as Telegram brings it."""
        content: Json = {"text": text, "is_automatic_forward": True}
        content["forward_origin"] = {
            "type": "channel",
            "date": self.world.clock.now() // 1000,
            "chat": channel.chat.json(),
            "message_id": max(channel.chat.latest, 1),
        }
        sender = self.world.channel_forwarder()
        message = self.world.add_message(self.chat, sender, content, sender_chat=channel.chat)
        self.world.tell(message)
        return message

    def post(self, text: str) -> Message:
        """Post in this channel."""
        if self.chat.type != "channel":
            impossible("posts are in channels: in a group somebody writes")
        words, entities = marked(text, [])
        content: Json = {"text": words} | ({"entities": entities} if entities else {})
        message = self.world.add_message(self.chat, None, content, sender_chat=self.chat)
        self.world.tell(message)
        return message

    def set_anonymous(self, account: Account, *, anonymous: bool = True) -> None:
        """Let an administrator hide behind the group."""
        standing = self.chat.standing(account)
        self.chat.standings[account.id] = dataclasses.replace(standing, anonymous=anonymous)
