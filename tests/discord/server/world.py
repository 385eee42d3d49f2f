"""Everything that Discord knows, and what the bot may do with it."""

from typing import Final, NoReturn

from bot.conversation.ports import Clock
from tests.discord.server.accounts import Account
from tests.discord.server.channels import DM, GROUP_DM, TEXT, Channel, Guild
from tests.discord.server.gateway import DIRECT_MESSAGES, GUILD_MESSAGES, GUILDS, Gateway
from tests.discord.server.ids import Ids
from tests.discord.server.interactions import Interaction
from tests.discord.server.messages import (
    COMMAND,
    EPHEMERAL,
    SUPPRESS_NOTIFICATIONS,
    Message,
    mentioned,
    numbered,
)
from tests.discord.server.permissions import may
from tests.discord.server.refusals import (
    closed,
    missing_access,
    missing_permissions,
    no_mutual_guilds,
    unknown_channel,
    unknown_message,
)
from tests.discord.server.spec import Json
from tests.doubles.bell import Bell

TEXT_LIMIT: Final = 2_000


def impossible(words: str) -> NoReturn:
    """Say that a test tells what cannot happen."""
    raise AssertionError(words)


class World:
    """People, servers, channels, messages and interactions."""

    def __init__(self, clock: Clock, bell: Bell, ids: Ids, me: Account, pace: int = 1) -> None:
        self.clock = clock
        self.bell = bell
        self.ids = ids
        self.me = me
        self.pace = pace
        self.gateway: Gateway
        self.accounts: dict[int, Account] = {me.id: me}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.dms: dict[int, Channel] = {}
        """By person: their chat with the bot."""
        self.messages: dict[int, Message] = {}
        self.interactions: dict[int, Interaction] = {}
        self.commands: list[Json] = []

    # --- who and where ---

    def add_channel(self, kind: int, **more: object) -> Channel:
        """Take in a channel."""
        channel = Channel(self.ids.next(), kind, **more)  # pyright: ignore[reportArgumentType]  # its own fields
        self.channels[channel.id] = channel
        if channel.guild is not None:
            channel.guild.channels[channel.id] = channel
        return channel

    def dm(self, person: Account) -> Channel:
        """Return somebody's chat with the bot."""
        if person.id not in self.dms:
            self.dms[person.id] = self.add_channel(DM, recipients=(person,))
        return self.dms[person.id]

    def text_channel(self, guild: Guild, name: str) -> Channel:
        """Open a channel in a server."""
        channel = self.add_channel(TEXT, name=name, guild=guild)
        self.tell_guild("CHANNEL_CREATE", channel.json(), guild)
        return channel

    def bot_is_in(self, channel: Channel) -> bool:
        """Return whether the bot is where a channel is."""
        if channel.guild is not None:
            return channel.guild.has(self.me) and may(channel.guild.granted(self.me, channel), "VIEW_CHANNEL")
        return channel.type == DM and len(channel.recipients) == 1

    def seen_channel(self, number: int) -> Channel:
        """Return a channel that the bot can see, or refuse."""
        channel = self.channels.get(number)
        if channel is None or channel.deleted:
            raise unknown_channel()
        if not self.bot_is_in(channel):
            raise missing_access()
        return channel

    def open_channel(self, number: int) -> Channel:
        """Return a channel that the bot may write to, or refuse."""
        channel = self.seen_channel(number)
        if channel.guild is None:
            (person,) = channel.recipients
            shared = any(guild.has(person) and guild.has(self.me) for guild in self.guilds.values())
            if not (person.came or shared):
                raise no_mutual_guilds()
            if person.dms_closed:
                raise closed()
        elif not may(channel.guild.granted(self.me, channel), channel.sending) or channel.locked:
            raise missing_permissions()
        channel.archived = False  # writing opens it again, unless it is locked
        return channel

    def known_message(self, channel: Channel, number: int) -> Message:
        """Return a message of a channel, or refuse."""
        found = channel.messages.get(number)
        if found is None or found.deleted:
            raise unknown_message()
        return found

    # --- what happens ---

    def add_message(self, channel: Channel, author: Account, content: str, **more: object) -> Message:
        """Put a message into a channel, and tell whoever is to know it."""
        message = Message(
            self.ids.next(),
            channel,
            author,
            self.clock.now(),
            content,
            **more,  # pyright: ignore[reportArgumentType]
        )
        message.texts.append(content)
        self.messages[message.id] = message
        if not message.ephemeral:
            channel.messages[message.id] = message
            self.tell_message("MESSAGE_CREATE", message)
        self.bell.ring()
        return message

    def tell_message(self, event: str, message: Message) -> None:
        """Tell the bot of a message, with its words where it may read them."""
        channel = message.channel
        if not self.bot_is_in(channel):
            return
        told = message.json()
        if channel.guild is None:
            self.gateway.tell(event, told, intent=DIRECT_MESSAGES)
            return
        told |= {"guild_id": str(channel.guild.id)}
        told["member"] = {k: v for k, v in channel.guild.member(message.author).items() if k != "user"}
        mine = message.author is self.me or self.me in message.mentions
        hidden: Json = told if mine else {**told, "content": "", "attachments": [], "components": [], "embeds": []}
        self.gateway.tell(event, told, intent=GUILD_MESSAGES, guild=channel.guild, hidden=hidden)

    def tell_guild(self, event: str, data: Json, guild: Guild) -> None:
        """Tell the bot of something in a server, if it is in it."""
        if guild.has(self.me):
            self.gateway.tell(event, data, intent=GUILDS, guild=guild)

    def write(self, channel: Channel, body: Json, **more: object) -> Message:
        """Write as the bot."""
        content = body.get("content") or ""
        flags = (body.get("flags") or 0) & ~EPHEMERAL if "flags" not in more else 0
        mentions = tuple(self.accounts[one] for one in mentioned(content) if one in self.accounts)
        given: Json = {
            "components": numbered(body.get("components") or []),
            "flags": flags & (SUPPRESS_NOTIFICATIONS | 4),
            "mentions": mentions,
            "pings": self._pings(content, body.get("allowed_mentions"), mentions),
            **more,
        }
        return self.add_message(channel, self.me, content, **given)

    def change(self, message: Message, body: Json) -> Message:
        """Change what the bot wrote."""
        message.change(body.get("content"), body.get("components"), self.clock.now())
        if not message.ephemeral:
            self.tell_message("MESSAGE_UPDATE", message)
        self.bell.ring()
        return message

    def take_away(self, message: Message) -> None:
        """Delete a message."""
        message.deleted = True
        message.channel.messages.pop(message.id, None)
        if message.ephemeral or not self.bot_is_in(message.channel):
            return
        told: Json = {"id": str(message.id), "channel_id": str(message.channel.id)}
        guild = message.channel.guild
        if guild is not None:
            told["guild_id"] = str(guild.id)
        self.gateway.tell(
            "MESSAGE_DELETE", told, intent=GUILD_MESSAGES if guild is not None else DIRECT_MESSAGES, guild=guild
        )

    def interact(self, interaction: Interaction) -> Interaction:
        """Tell the bot of an interaction; it is lost when nobody listens."""
        self.interactions[interaction.id] = interaction
        guild = interaction.channel.guild if interaction.installed_there else None
        told = interaction.json(self.me)
        interaction.lost = not self.gateway.tell("INTERACTION_CREATE", told, guild=guild)
        return interaction

    def by_token(self, token: str) -> Interaction | None:
        """Return the interaction of a token."""
        return next((one for one in reversed(self.interactions.values()) if one.token == token), None)

    def answer_message(self, interaction: Interaction, body: Json, flags: int, *, kind: int = 0) -> Message:
        """Put an answer to an interaction where it happened: seen by all there, or by one."""
        return self.write(interaction.channel, body, flags=flags, type=kind or COMMAND, interaction=interaction.id)

    def _pings(self, content: str, allowed: Json | None, mentions: tuple[Account, ...]) -> tuple[str, ...]:
        """Who would be told: everybody that is named, unless it is said who may be."""
        kinds = ["users", "roles", "everyone"] if allowed is None else allowed.get("parse") or []
        named = {int(one) for one in (allowed or {}).get("users") or ()}
        people = [one.username for one in mentions if "users" in kinds or one.id in named]
        everyone = "everyone" in kinds and ("@everyone" in content or "@here" in content)
        return (*people, *(["everyone"] if everyone else []))


def group_of(world: World, *people: Account) -> Channel:
    """Open a chat of people without the bot: of two, or of more."""
    return world.add_channel(DM if len(people) == 2 else GROUP_DM, recipients=people)
