"""What of Telegram's updates this bot reads (Bot API, "Getting updates"): anything else in them is left unread."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from bot.adapters.well_formed import well_formed

KINDS = ("message", "edited_message", "callback_query", "my_chat_member")
"""The updates that are asked for: ``allowed_updates``."""


Said = Annotated[str, AfterValidator(well_formed)]


class NotAnUpdate(Exception):
    """It is no update as the Bot API describes them. The text tells where, and nothing of what is in it."""


class _Read(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class User(_Read):
    """A person or a bot."""

    id: int
    is_bot: bool
    first_name: Said
    last_name: Said = ""
    username: Said = ""
    language_code: Said = ""


class Chat(_Read):
    """A chat: ``private``, ``group``, ``supergroup`` or ``channel``."""

    id: int
    type: str
    title: Said = ""


class Entity(_Read):
    """A part of a text that means something, such as a command; counted in UTF-16 units."""

    type: str
    offset: int
    length: int


class Message(_Read):
    """A message, as far as it is read. One that is too old to be seen has a date of 0 and no sender."""

    message_id: int
    date: int
    chat: Chat
    message_thread_id: int | None = None
    is_topic_message: bool = False
    sender: User | None = Field(default=None, alias="from")
    sender_chat: Chat | None = None
    text: Said | None = None
    entities: tuple[Entity, ...] = ()
    new_chat_members: tuple[User, ...] = ()
    left_chat_member: User | None = None
    migrate_to_chat_id: int | None = None
    migrate_from_chat_id: int | None = None
    media_group_id: Said = ""
    """What pictures and videos have in common that were sent as one album."""
    photo: tuple[object, ...] | None = None
    voice: object = None
    video: object = None
    video_note: object = None
    audio: object = None
    animation: object = None
    document: object = None
    sticker: object = None
    location: object = None
    contact: object = None
    poll: object = None
    dice: object = None
    story: object = None
    game: object = None
    paid_media: object = None
    live_photo: object = None
    checklist: object = None
    rich_message: object = None

    @property
    def holds_no_words(self) -> bool:
        """Whether somebody sent something that cannot be read: a picture, a voice, a file."""
        return any((
            self.photo,
            self.voice,
            self.video,
            self.video_note,
            self.audio,
            self.animation,
            self.document,
            self.sticker,
            self.location,
            self.contact,
            self.poll,
            self.dice,
            self.story,
            self.game,
            self.paid_media,
            self.live_photo,
            self.checklist,
            self.rich_message,
        ))  # fmt: skip


class CallbackQuery(_Read):
    """A button was pressed."""

    id: str
    sender: User = Field(alias="from")
    message: Message | None = None
    data: Said = ""


class Membership(_Read):
    """What somebody is in a chat (Bot API, ChatMember)."""

    status: str
    is_member: bool = True
    """Of somebody who is restricted: whether they are in it all the same."""

    @property
    def there(self) -> bool:
        """Whether they are in the chat."""
        if self.status == "restricted":
            return self.is_member
        return self.status in {"creator", "administrator", "member"}


class MembershipChanged(_Read):
    """The bot was let in, removed, blocked or unblocked, or made what it was not."""

    chat: Chat
    sender: User = Field(alias="from")
    date: int
    old_chat_member: Membership
    new_chat_member: Membership


class Update(_Read):
    """One update."""

    update_id: int
    message: Message | None = None
    edited_message: Message | None = None
    callback_query: CallbackQuery | None = None
    my_chat_member: MembershipChanged | None = None


def read_update(raw: Mapping[str, Any]) -> Update:
    """Return the update of what Telegram sent. Raises NotAnUpdate."""
    try:
        return Update.model_validate(raw)
    except ValidationError as fault:
        where = ", ".join(".".join(map(str, one["loc"])) for one in fault.errors(include_input=False))
        raise NotAnUpdate(where) from None
