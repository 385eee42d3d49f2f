"""Interactions: commands, presses and forms, each of which wants an answer within three seconds."""

from dataclasses import dataclass, field
from typing import Final

from bot.conversation.ports import Clock
from tests.discord.server.accounts import Account
from tests.discord.server.channels import DM, Channel
from tests.discord.server.messages import Message
from tests.discord.server.spec import Json

COMMAND: Final = 2
COMPONENT: Final = 3
MODAL: Final = 5

IN_TIME: Final = 3_000
"""Milliseconds (Discord API docs, Responding to an Interaction)."""

GOOD_FOR: Final = 15 * 60_000
"""Milliseconds for which the token can be used."""

IN_GUILD, IN_DM, IN_PRIVATE = 0, 1, 2
"""Interaction context types."""


@dataclass(eq=False, slots=True)
class Interaction:
    """Something that somebody did, and what they were answered."""

    clock: Clock
    id: int
    token: str
    kind: int
    by: Account
    channel: Channel
    at: int
    data: Json
    installed_there: bool = True
    """The bot is where it happened; else the person brought it along for themselves."""
    message: Message | None = None
    """Under which message something was pressed."""
    lost: bool = False
    """Nobody was listening."""
    kind_of_answer: int | None = None
    acknowledged_after_ms: int | None = None
    modal: Json | None = None
    original: Message | None = None
    followups: list[Message] = field(default_factory=list[Message])

    @property
    def acknowledged(self) -> bool:
        """Whether it was answered at all."""
        return self.kind_of_answer is not None

    @property
    def failed(self) -> bool:
        """Whether the person saw "This interaction failed"."""
        return not self.acknowledged and self.clock.now() - self.at > IN_TIME

    @property
    def context(self) -> int:
        """Where it happened."""
        if self.channel.guild is not None:
            return IN_GUILD
        return IN_DM if self.channel.type == DM and len(self.channel.recipients) == 1 else IN_PRIVATE

    @property
    def ephemeral(self) -> list[Message]:
        """What only the person sees of its answers, in order."""
        own = [self.original] if self.original is not None else []
        return [one for one in (*own, *self.followups) if one.ephemeral and not one.deleted]

    def answers_by(self, number: int) -> Message | None:
        """Return an answer by its id."""
        own = [self.original] if self.original is not None else []
        return next((one for one in (*own, *self.followups) if one.id == number and not one.deleted), None)

    def json(self, application: Account) -> Json:
        """Return it as the gateway tells it."""
        guild = self.channel.guild
        told: Json = {
            "id": str(self.id),
            "application_id": str(application.id),
            "type": self.kind,
            "token": self.token,
            "version": 1,
            "channel_id": str(self.channel.id),
            "channel": self.channel.json(),
            "data": self.data,
            "locale": self.by.locale,
            "entitlements": [],
            "authorizing_integration_owners": self._owners(),
            "context": self.context,
            "attachment_size_limit": 10_485_760,
            "app_permissions": str(guild.granted(application, self.channel) if guild is not None else 0),
        }
        if self.message is not None:
            told["message"] = self.message.json()
        if guild is None:
            return {**told, "user": self.by.json()}
        granted = guild.granted(self.by, self.channel)
        told["channel"] = {**told["channel"], "permissions": str(granted)}
        return {
            **told,
            "guild_id": str(guild.id),
            "guild": {"id": str(guild.id), "locale": "en-US", "features": []},
            "guild_locale": "en-US",
            "member": guild.member(self.by, granted),
        }

    def _owners(self) -> Json:
        guild = self.channel.guild
        if guild is not None and self.installed_there:
            return {"0": str(guild.id)}
        return {"1": str(self.by.id)} if self.by.installed else {"0": "0"}
