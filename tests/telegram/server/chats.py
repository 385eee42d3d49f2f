"""Chats and the messages in them, as the bot may see them."""

from dataclasses import dataclass, field

from tests.telegram.server.accounts import Account, Standing
from tests.telegram.server.spec import Json


@dataclass(eq=False, slots=True)
class Chat:
    """A private chat, a group, a supergroup or a channel."""

    id: int
    type: str
    title: str | None = None
    person: Account | None = None
    username: str | None = None
    is_forum: bool = False
    standings: dict[int, Standing] = field(default_factory=dict[int, Standing])
    messages: "dict[int, Message]" = field(default_factory=dict[int, "Message"])
    topics: dict[int, str] = field(default_factory=dict[int, str])
    closed_topics: set[int] = field(default_factory=set[int])
    migrated_to: int | None = None
    last_bot: int | None = None
    latest: int = 0
    actions: list[str] = field(default_factory=list[str])
    menu_button: Json | None = None

    def standing(self, account: Account) -> Standing:
        """Return what an account is here."""
        return self.standings.get(account.id, Standing())

    def json(self) -> Json:
        """Return the Chat."""
        chat: Json = {"id": self.id, "type": self.type}
        if self.person is not None:
            user = self.person.user()
            return chat | {n: user[n] for n in ("first_name", "last_name", "username") if n in user}
        chat["title"] = self.title or ""
        if self.username:
            chat["username"] = self.username
        if self.is_forum:
            chat["is_forum"] = True
        return chat


@dataclass(eq=False, slots=True)
class Message:
    """A message, and what became of it."""

    id: int
    chat: Chat
    at: int
    sender: Account | None
    content: Json
    sender_chat: Chat | None = None
    markup: Json | None = None
    topic: int | None = None
    reply_to: "Message | None" = None
    edited_at: int | None = None
    silent: bool = False
    deleted: bool = False
    asks: Json | None = None
    retired: list[Json] = field(default_factory=list[Json])
    texts: list[str] = field(default_factory=list[str])
    reactions: dict[int, str | None] = field(default_factory=dict[int, str | None])

    @property
    def text(self) -> str:
        """The text or the caption; empty where there is none."""
        return self.content.get("text", self.content.get("caption", ""))

    @property
    def buttons(self) -> dict[str, str]:
        """What each button that stands under the message now does: its label, and its data or address."""
        return buttons_of(self.markup)

    @property
    def entities(self) -> list[Json]:
        """The formatting, in UTF-16 units."""
        return self.content.get("entities", self.content.get("caption_entities", []))

    def json(self, *, nested: bool = False) -> Json:
        """Return the Message; one that is replied to does not show in turn what it replies to."""
        body: Json = {"message_id": self.id, "date": self.at // 1000, "chat": self.chat.json()}
        if self.sender is not None:
            body["from"] = self.sender.user()
        if self.sender_chat is not None:
            body["sender_chat"] = self.sender_chat.json()
        if self.topic is not None:
            body["message_thread_id"] = self.topic
            if self.topic in self.chat.topics:
                body["is_topic_message"] = True
        if self.reply_to is not None and not nested:
            body["reply_to_message"] = self.reply_to.json(nested=True)
        if self.edited_at is not None:
            body["edit_date"] = self.edited_at // 1000
        if self.markup is not None:
            body["reply_markup"] = self.markup
        return body | self.content

    def inaccessible(self) -> Json:
        """Return what is left of a message that is deleted or too old."""
        return {"chat": self.chat.json(), "message_id": self.id, "date": 0}


def buttons_of(markup: Json | None) -> dict[str, str]:
    """Return what each button of an inline keyboard does, by its label."""
    rows: list[list[Json]] = (markup or {}).get("inline_keyboard", [])
    return {button["text"]: button.get("callback_data", button.get("url", "")) for row in rows for button in row}


def data_of(markup: Json, label: str) -> str | None:
    """Return what is sent when the button is pressed; None where there is no such button, or it only opens a link."""
    rows: list[list[Json]] = markup["inline_keyboard"]
    return next(
        (b["callback_data"] for row in rows for b in row if b["text"] == label and "callback_data" in b), None
    )
