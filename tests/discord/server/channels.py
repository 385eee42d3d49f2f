"""Channels: of a server, threads in them, and chats of people."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tests.discord.server.accounts import Account
from tests.discord.server.permissions import ALL, EVERYONE, bits, may
from tests.discord.server.spec import Json

if TYPE_CHECKING:
    from tests.discord.server.messages import Message

TEXT: Final = 0
DM: Final = 1
GROUP_DM: Final = 3
PUBLIC_THREAD: Final = 11
PRIVATE_THREAD: Final = 12
THREADS: Final = frozenset({PUBLIC_THREAD, PRIVATE_THREAD})

VIEWING: Final = ("VIEW_CHANNEL",)


@dataclass(eq=False, slots=True)
class Guild:
    """A server: its members, and what each may."""

    id: int
    name: str
    owner: Account
    joined_at: str
    members: dict[int, Account] = field(default_factory=dict[int, Account])
    more: dict[int, int] = field(default_factory=dict[int, int])
    """What somebody may besides what everybody may."""
    channels: dict[int, "Channel"] = field(default_factory=dict[int, "Channel"])

    def has(self, account: Account) -> bool:
        """Return whether somebody is a member."""
        return account.id in self.members

    def granted(self, account: Account, channel: "Channel | None" = None) -> int:
        """Return what somebody may: in a channel, or anywhere (Discord API docs, Permission Overwrites)."""
        if not self.has(account):
            return 0
        granted = EVERYONE | self.more.get(account.id, 0)
        if account is self.owner or may(granted, "ADMINISTRATOR"):
            return ALL
        if channel is None:
            return granted
        place = channel.parent or channel
        for who in (self.id, account.id):
            allowed, denied = place.overwrites.get(who, (0, 0))
            granted = (granted & ~denied) | allowed
        return granted if may(granted, *VIEWING) else 0

    def member(self, account: Account, permissions: int | None = None) -> Json:
        """Return a member, as it is told; with permissions, as an interaction tells it."""
        told: Json = {
            "user": account.json(),
            "nick": None,
            "avatar": None,
            "banner": None,
            "roles": [],
            "joined_at": self.joined_at,
            "premium_since": None,
            "deaf": False,
            "mute": False,
            "flags": 0,
            "pending": False,
            "communication_disabled_until": None,
        }
        return told if permissions is None else {**told, "permissions": str(permissions)}

    def json(self, me: Account) -> Json:
        """Return the server as the gateway tells it to the bot."""
        seen = [one for one in self.channels.values() if may(self.granted(me, one), *VIEWING)]
        return {
            **self.plain_json(),
            "joined_at": self.joined_at,
            "large": False,
            "unavailable": False,
            "member_count": len(self.members),
            "voice_states": [],
            "members": [self.member(me)],
            "channels": [one.json() for one in self.channels.values() if one.type not in THREADS],
            "threads": [one.json() for one in seen if one.type in THREADS and not one.archived],
            "presences": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
        }

    def plain_json(self) -> Json:
        """Return the server as the HTTP API tells it."""
        everyone: Json = {
            "id": str(self.id),
            "name": "@everyone",
            "permissions": str(EVERYONE),
            "position": 0,
            "color": 0,
            "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
            "hoist": False,
            "managed": False,
            "mentionable": False,
            "icon": None,
            "unicode_emoji": None,
            "flags": 0,
        }
        nothing = (
            "icon", "description", "home_header", "splash", "discovery_splash", "banner", "application_id",
            "afk_channel_id", "system_channel_id", "widget_channel_id", "max_presences", "vanity_url_code",
            "rules_channel_id", "safety_alerts_channel_id", "public_updates_channel_id", "incidents_data",
        )  # fmt: skip
        numbers = (
            "system_channel_flags", "verification_level", "default_message_notifications", "mfa_level",
            "explicit_content_filter", "premium_tier", "premium_subscription_count", "nsfw_level",
        )  # fmt: skip
        return {
            "id": str(self.id),
            "name": self.name,
            "owner_id": str(self.owner.id),
            "features": [],
            "region": "deprecated",
            "afk_timeout": 300,
            "widget_enabled": False,
            "roles": [everyone],
            "max_members": 500_000,
            "max_stage_video_channel_users": 50,
            "max_video_channel_users": 25,
            "preferred_locale": "en-US",
            "premium_progress_bar_enabled": False,
            "nsfw": False,
            "emojis": [],
            "stickers": [],
            **dict.fromkeys(nothing),
            **dict.fromkeys(numbers, 0),
        }


@dataclass(eq=False, slots=True)
class Channel:
    """A channel or a thread of a server, somebody's chat with the bot, or a chat of people without it."""

    id: int
    type: int
    name: str = ""
    guild: Guild | None = None
    parent: "Channel | None" = None
    recipients: tuple[Account, ...] = ()
    owner: Account | None = None
    overwrites: dict[int, tuple[int, int]] = field(default_factory=dict[int, tuple[int, int]])
    """By member, or server for everybody: what is allowed, and what is denied."""
    messages: dict[int, "Message"] = field(default_factory=dict[int, "Message"])
    nonces: dict[str, tuple[int, "Message"]] = field(default_factory=dict[str, tuple[int, "Message"]])
    archived: bool = False
    locked: bool = False
    deleted: bool = False

    @property
    def sending(self) -> str:
        """What one needs to write here."""
        return "SEND_MESSAGES_IN_THREADS" if self.type in THREADS else "SEND_MESSAGES"

    def deny(self, who: int, *names: str) -> None:
        """Deny something to a member, or to everybody by the server's id."""
        self.overwrites[who] = (0, bits(*names))

    def json(self) -> Json:
        """Return the channel as it is told."""
        told: Json = {
            "id": str(self.id),
            "type": self.type,
            "flags": 0,
            "last_message_id": str(max(self.messages)) if self.messages else None,
        }
        if self.guild is None:
            return {**told, "recipients": [one.json() for one in self.recipients]} | (
                {"name": None, "icon": None, "owner_id": str(self.recipients[0].id)} if self.type == GROUP_DM else {}
            )
        told |= {"guild_id": str(self.guild.id), "name": self.name, "rate_limit_per_user": 0}
        return told | (self._thread_json() if self.type in THREADS else self._text_json())

    def _text_json(self) -> Json:
        return {
            "position": 0,
            "parent_id": None,
            "topic": None,
            "nsfw": False,
            "permission_overwrites": [
                {
                    "id": str(who),
                    "type": 0 if self.guild is not None and who == self.guild.id else 1,
                    "allow": str(allowed),
                    "deny": str(denied),
                }
                for who, (allowed, denied) in self.overwrites.items()
            ],
        }

    def _thread_json(self) -> Json:
        assert self.parent is not None
        assert self.owner is not None
        metadata: Json = {
            "archived": self.archived,
            "locked": self.locked,
            "auto_archive_duration": 1440,
            "archive_timestamp": "2026-03-02T18:00:00+00:00",
        }
        if self.type == PRIVATE_THREAD:
            metadata["invitable"] = True
        return {
            "parent_id": str(self.parent.id),
            "owner_id": str(self.owner.id),
            "thread_metadata": metadata,
            "message_count": len(self.messages),
            "total_message_sent": len(self.messages),
            "member_count": 1,
        }
