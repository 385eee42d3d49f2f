"""Servers, channels and threads, for tests to handle."""

from typing import TYPE_CHECKING

from tests.discord.server.accounts import Account
from tests.discord.server.channels import PRIVATE_THREAD, PUBLIC_THREAD, THREADS, Channel, Guild
from tests.discord.server.gateway import GUILD_MEMBERS
from tests.discord.server.messages import Message
from tests.discord.server.permissions import bits
from tests.discord.server.spec import Json
from tests.discord.server.world import World, impossible

if TYPE_CHECKING:
    from tests.discord.server.people import Person


class Place:
    """A channel, a thread, or a chat of people."""

    def __init__(self, world: World, channel: Channel) -> None:
        self.world = world
        self.channel = channel

    @property
    def id(self) -> int:
        """The channel's id."""
        return self.channel.id

    @property
    def messages(self) -> list[Message]:
        """What stands here for all to see."""
        return list(self.channel.messages.values())

    @property
    def from_bot(self) -> list[Message]:
        """What the bot wrote here for all to see."""
        return [one for one in self.messages if one.author is self.world.me]

    def thread(self, name: str, by: "Person", *, private: bool = False) -> "Place":
        """Open a thread."""
        kind = PRIVATE_THREAD if private else PUBLIC_THREAD
        channel = self.world.add_channel(kind, name=name, guild=self._guild, parent=self.channel, owner=by.account)
        self.world.tell_guild("THREAD_CREATE", {**channel.json(), "newly_created": True}, self._guild)
        return Place(self.world, channel)

    def archive(self, *, locked: bool = False) -> None:
        """Archive a thread, and lock it if that is wished."""
        if self.channel.type not in THREADS:
            impossible("only threads are archived")
        self.channel.archived, self.channel.locked = True, locked
        self.world.tell_guild("THREAD_UPDATE", self.channel.json(), self._guild)

    def reopen(self) -> None:
        """Take a thread out of the archive, and unlock it."""
        self.channel.archived = self.channel.locked = False
        self.world.tell_guild("THREAD_UPDATE", self.channel.json(), self._guild)

    def delete(self) -> None:
        """Delete it."""
        self.channel.deleted = True
        self._guild.channels.pop(self.channel.id)
        event = "THREAD_DELETE" if self.channel.type in THREADS else "CHANNEL_DELETE"
        self.world.tell_guild(event, self.channel.json(), self._guild)

    def deny(self, who: "Account | None", *names: str) -> None:
        """Deny something here to somebody, or to everybody."""
        self.channel.deny(self._guild.id if who is None else who.id, *names)
        self.world.tell_guild("CHANNEL_UPDATE", self.channel.json(), self._guild)

    @property
    def _guild(self) -> Guild:
        if self.channel.guild is None:
            impossible("that is no channel of a server")
        return self.channel.guild


class Server:
    """A server."""

    def __init__(self, world: World, guild: Guild) -> None:
        self.world = world
        self.guild = guild

    def channel(self, name: str) -> Place:
        """Open a channel."""
        return Place(self.world, self.world.text_channel(self.guild, name))

    def join(self, person: "Person") -> None:
        """Let somebody come in."""
        self.guild.members[person.account.id] = person.account
        self._tell_members("GUILD_MEMBER_ADD", {**self.guild.member(person.account), "guild_id": str(self.guild.id)})

    def leave(self, person: "Person") -> None:
        """Let somebody go."""
        del self.guild.members[person.account.id]
        self._tell_members("GUILD_MEMBER_REMOVE", {"user": person.account.json(), "guild_id": str(self.guild.id)})

    def promote(self, person: "Person", *names: str) -> None:
        """Let somebody do more than others."""
        self.guild.more[person.account.id] = self.guild.more.get(person.account.id, 0) | bits(*names)

    def demote(self, person: "Person") -> None:
        """Let somebody do what everybody may, and no more."""
        self.guild.more.pop(person.account.id, None)

    def add_bot(self) -> None:
        """Bring the bot in."""
        self.guild.members[self.world.me.id] = self.world.me
        self.world.tell_guild("GUILD_CREATE", self.guild.json(self.world.me), self.guild)

    def remove_bot(self) -> None:
        """Throw the bot out."""
        self.world.tell_guild("GUILD_DELETE", {"id": str(self.guild.id)}, self.guild)
        del self.guild.members[self.world.me.id]

    def unavailable(self) -> None:
        """Let the server be away for a while, as in an outage."""
        self.world.tell_guild("GUILD_DELETE", {"id": str(self.guild.id), "unavailable": True}, self.guild)

    def _tell_members(self, event: str, data: Json) -> None:
        if self.guild.has(self.world.me):
            self.world.gateway.tell(event, data, intent=GUILD_MEMBERS, guild=self.guild)
