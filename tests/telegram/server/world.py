"""The world that the bot is in: accounts, chats, and who hears what."""

from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

from bot.conversation.ports import Clock
from tests.doubles.bell import Bell
from tests.telegram.server.accounts import ANONYMOUS_ADMIN, FROM_CHANNEL, Account, Standing
from tests.telegram.server.chats import Chat, Message
from tests.telegram.server.entities import cut
from tests.telegram.server.refusals import (
    Refusal,
    blocked,
    chat_not_found,
    deactivated,
    kicked,
    migrated,
    not_a_member,
    not_started,
    refuse,
    to_a_bot,
)
from tests.telegram.server.spec import Json, Spec, Upload
from tests.telegram.server.updates import Update, UpdateQueue

CALLBACK_MS: Final = 15_000  # a callback query that is older cannot be answered any more
HOURS_48_MS: Final = 48 * 60 * 60 * 1000
FIRST_PERSON: Final = 5_000_000_001  # ids of people have long been wider than 32 bits
FIRST_GROUP: Final = -4_000_001
FIRST_SUPERGROUP: Final = -1_002_000_000_001


@dataclass(eq=False, slots=True)
class Press:
    """A button that somebody pressed, and what they were answered."""

    id: str
    at: int
    data: str
    by: Account
    answer: Json | None = None


@dataclass(slots=True)
class Profile:
    """What is said of the bot: by kind, scope and language."""

    commands: dict[tuple[str, str], list[Json]] = field(default_factory=dict[tuple[str, str], list[Json]])
    texts: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    menu_button: Json = field(default_factory=lambda: {"type": "commands"})


def impossible(words: str) -> NoReturn:
    """Say that a test tells what cannot happen."""
    raise AssertionError(words)


class World:
    """Everything that Telegram knows."""

    def __init__(self, spec: Spec, clock: Clock, bell: Bell, bot: Account) -> None:
        self.spec = spec
        self.clock = clock
        self.bell = bell
        self.bot = bot
        self.privacy = True
        self.queue = UpdateQueue(spec, clock, bell)
        self.accounts: dict[int, Account] = {bot.id: bot}
        self.chats: dict[int, Chat] = {}
        self.presses: dict[str, Press] = {}
        self.profile = Profile()
        self.files: dict[str, Upload] = {}

    # --- who there is ---

    def add_account(self, account: Account) -> Account:
        """Take in an account."""
        self.accounts[account.id] = account
        return account

    def next_account_id(self) -> int:
        """Return an id that nobody has."""
        return FIRST_PERSON + len(self.accounts)

    def add_chat(self, kind: str, title: str, *, is_forum: bool = False, username: str | None = None) -> Chat:
        """Take in a group, a supergroup or a channel."""
        base, count = (FIRST_GROUP if kind == "group" else FIRST_SUPERGROUP), len(self.chats)
        chat = Chat(base - count, kind, title, is_forum=is_forum, username=username)
        self.chats[chat.id] = chat
        return chat

    def private_chat(self, person: Account) -> Chat:
        """Return a person's chat with the bot, which begins here if there was none."""
        return self.chats.setdefault(person.id, Chat(person.id, "private", person=person))

    def standing_account(self, account_id: int, name: str, *, username: str, is_bot: bool) -> Account:
        """Return one of Telegram's own accounts."""
        own = Account(account_id, name, username or None, is_bot=is_bot)
        return self.accounts.setdefault(account_id, own)

    def anonymous_admin(self) -> Account:
        """Return the account that stands for administrators who do not show themselves."""
        return self.standing_account(ANONYMOUS_ADMIN, "Group", username="GroupAnonymousBot", is_bot=True)

    def channel_forwarder(self) -> Account:
        """Return the account that brings a channel's posts into its group."""
        return self.standing_account(FROM_CHANNEL, "Telegram", username="", is_bot=False)

    # --- what the bot may reach ---

    def known_chat(self, reference: int | str) -> Chat:
        """Return a chat that the bot knows, or refuse."""
        if isinstance(reference, str):
            named = [c for c in self.chats.values() if c.username and f"@{c.username}".lower() == reference.lower()]
            if not named:
                raise chat_not_found()
            return named[0]
        chat = self.chats.get(reference)
        if chat is not None:
            return chat
        account = self.accounts.get(reference)
        if account is not None and account.is_bot:
            raise to_a_bot()
        if account is not None and account.seen:
            raise deactivated() if account.deactivated else not_started()
        raise chat_not_found()

    def entered_chat(self, reference: int | str) -> Chat:
        """Return a chat that the bot is in, or refuse."""
        chat = self.known_chat(reference)
        if chat.migrated_to is not None:
            raise migrated(chat.migrated_to)
        if chat.person is not None:
            return chat
        standing = chat.standing(self.bot)
        if standing.status == "kicked":
            raise kicked(chat.type)
        if not standing.inside:
            raise not_a_member(chat.type)
        return chat

    def open_chat(self, reference: int | str) -> Chat:
        """Return a chat that the bot may write to, or refuse."""
        chat = self.entered_chat(reference)
        if chat.person is not None and (refusal := closed_by(chat.person)):
            raise refusal
        standing = chat.standing(self.bot)
        if standing.status == "restricted" and not standing.may("can_send_messages"):
            refuse("not enough rights to send text messages to the chat")
        if chat.type == "channel" and not standing.may("can_post_messages"):
            refuse("need administrator rights in the channel chat")
        return chat

    # --- what happens ---

    def add_message(self, chat: Chat, sender: Account | None, content: Json, **more: Any) -> Message:
        """Put a message into a chat."""
        chat.latest += 1
        message = Message(chat.latest, chat, self.clock.now(), sender, content, **more)
        message.texts.append(message.text)
        chat.messages[message.id] = message
        if sender is not None and sender.is_bot and sender.id != ANONYMOUS_ADMIN:
            chat.last_bot = sender.id
        return message

    def tell(self, message: Message, kind: str = "message") -> Update | None:
        """Give the bot a message if it may hear it."""
        if not self.hears(message):
            return None
        if message.sender is not None:
            message.sender.seen = True
        kind = kind.replace("message", "channel_post") if message.chat.type == "channel" else kind
        return self.queue.push(kind, message.json())

    def change(self, chat: Chat, account: Account, after: Standing, by: Account) -> None:
        """Change somebody's standing and tell the bot: always its own, others' where it is an administrator."""
        before = chat.standing(account)
        heard = account is self.bot or chat.standing(self.bot).leads
        chat.standings[account.id] = after
        by.seen = by.seen or heard
        if heard:
            update: Json = {
                "chat": chat.json(),
                "from": by.user(),
                "date": self.clock.now() // 1000,
                "old_chat_member": before.member(self.spec, account),
                "new_chat_member": after.member(self.spec, account),
            }
            self.queue.push("my_chat_member" if account is self.bot else "chat_member", update)

    def hears(self, message: Message) -> bool:
        """Return whether the bot receives a message, by its membership and privacy mode."""
        chat, sender = message.chat, message.sender
        if sender is self.bot:
            return False
        if chat.person is not None:
            return True
        if not chat.standing(self.bot).inside:
            return False
        if is_service(message):
            return True
        if sender is not None and sender.is_bot and sender.id != ANONYMOUS_ADMIN:
            return False
        return not self.privacy or chat.standing(self.bot).leads or chat.type == "channel" or self._is_meant(message)

    def _is_meant(self, message: Message) -> bool:
        """Return whether a message reaches the bot in privacy mode."""
        if message.reply_to is not None and message.reply_to.sender is self.bot:
            return True
        commands = [
            cut(message.text, e["offset"], e["length"]) for e in message.entities if e["type"] == "bot_command"
        ]
        names = [command.partition("@")[2].lower() for command in commands]
        own = (self.bot.username or "").lower()
        # A command without a name goes to the bot that wrote last.
        general = not message.chat.last_bot or message.chat.last_bot == self.bot.id
        return own in names or ("" in names and general)


def closed_by(person: Account) -> Refusal | None:
    """Return why the bot cannot write to a person, or None."""
    if person.deactivated:
        return deactivated()
    if person.blocked:
        return blocked()
    return None if person.started else not_started()


SPOKEN: Final = frozenset({"text", "photo", "voice", "sticker", "document", "video", "audio", "location", "contact"})


def is_service(message: Message) -> bool:
    """Return whether a message only says what happened in the chat."""
    return SPOKEN.isdisjoint(message.content)
