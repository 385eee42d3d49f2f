"""Messages: what they say, what can be pressed under them, and how they are told."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Final

from tests.discord.server.accounts import Account
from tests.discord.server.channels import Channel
from tests.discord.server.spec import Json

SUPPRESS_EMBEDS: Final = 1 << 2
EPHEMERAL: Final = 1 << 6
LOADING: Final = 1 << 7
SUPPRESS_NOTIFICATIONS: Final = 1 << 12
SENT_BY_US: Final = SUPPRESS_EMBEDS | EPHEMERAL | SUPPRESS_NOTIFICATIONS

DEFAULT: Final = 0
REPLY: Final = 19
COMMAND: Final = 20

ROW: Final = 1
BUTTON: Final = 2
STRING_SELECT: Final = 3

FORMS_ONLY: Final = frozenset({"required"})
"""What counts in forms alone: Discord takes it under a message, and does not keep it."""

_MENTION: Final = re.compile(r"<@!?(\d+)>")


@dataclass(eq=False, slots=True)
class Message:
    """A message as it is now, with everything that it was."""

    id: int
    channel: Channel
    author: Account
    at: int
    content: str
    type: int = DEFAULT
    components: list[Json] = field(default_factory=list[Json])
    flags: int = 0
    nonce: str | None = None
    mentions: tuple[Account, ...] = ()
    pings: tuple[str, ...] = ()
    """Who is told by it, as Discord decides: names of people, or ``everyone``."""
    attachments: list[Json] = field(default_factory=list[Json])
    reply_to: "Message | None" = None
    edited_at: int | None = None
    deleted: bool = False
    interaction: int | None = None
    """The interaction that it answers."""
    texts: list[str] = field(default_factory=list[str])
    retired: list[list[Json]] = field(default_factory=list[list[Json]])
    """Components that stood under it before."""

    @property
    def buttons(self) -> dict[str, str]:
        """What can be pressed: labels and what they carry."""
        return buttons_of(self.components)

    @property
    def ephemeral(self) -> bool:
        """Whether only one person sees it."""
        return bool(self.flags & EPHEMERAL)

    @property
    def silent(self) -> bool:
        """Whether it comes without a sound."""
        return bool(self.flags & SUPPRESS_NOTIFICATIONS)

    @property
    def loading(self) -> bool:
        """Whether it only says that something is under way."""
        return bool(self.flags & LOADING)

    def change(self, content: str | None, components: list[Json] | None, at: int) -> None:
        """Change what it says; None leaves as it is."""
        if content is not None:
            self.content = content
            self.texts.append(content)
        if components is not None:
            self.retired.append(self.components)
            self.components = numbered(components)
        self.flags &= ~LOADING
        self.edited_at = at

    def json(self, *, hidden: bool = False) -> Json:
        """Return it as it is told; ``hidden`` leaves out what needs the intent to be read."""
        told: Json = {
            "id": str(self.id),
            "channel_id": str(self.channel.id),
            "type": self.type,
            "content": "" if hidden else self.content,
            "author": self.author.json(),
            "timestamp": written(self.at),
            "edited_timestamp": written(self.edited_at) if self.edited_at is not None else None,
            "tts": False,
            "mention_everyone": False,
            "mentions": [one.json() for one in self.mentions],
            "mention_roles": [],
            "attachments": [] if hidden else self.attachments,
            "embeds": [],
            "components": [] if hidden else self.components,
            "flags": self.flags,
            "pinned": False,
        }
        if self.nonce is not None:
            told["nonce"] = self.nonce
        if self.interaction is not None:
            told |= {"webhook_id": str(self.author.id), "application_id": str(self.author.id)}
        if self.reply_to is not None:
            told["message_reference"] = {
                "type": 0,
                "channel_id": str(self.channel.id),
                "message_id": str(self.reply_to.id),
            }
        return told


def written(at: int) -> str:
    """Return an instant as Discord writes it."""
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds")


def mentioned(content: str) -> list[int]:
    """Return whom a text names."""
    return [int(found) for found in _MENTION.findall(content)]


def components_in(components: list[Json]) -> Iterator[Json]:
    """Yield what stands in the rows."""
    for row in components:
        yield from row.get("components", ())


def numbered(components: list[Json]) -> list[Json]:
    """Return components as Discord keeps them: each with a number of its own in the message."""
    numbers = count(1)

    def kept(component: Json) -> Json:
        inner: list[Json] = component.get("components", [])
        return {
            **{key: value for key, value in component.items() if value is not None and key not in FORMS_ONLY},
            "id": next(numbers),
            **({"components": [kept(one) for one in inner]} if inner else {}),
        }

    return [kept(one) for one in components]


def buttons_of(components: list[Json]) -> dict[str, str]:
    """Return what can be pressed: labels of buttons and of options, and what they carry."""
    found: dict[str, str] = {}
    for one in components_in(components):
        if one["type"] == BUTTON and not one.get("disabled"):
            found[one["label"]] = one["custom_id"]
        for option in one.get("options", ()) if one["type"] == STRING_SELECT else ():
            found[option["label"]] = f"{one['custom_id']}={option['value']}"
    return found
