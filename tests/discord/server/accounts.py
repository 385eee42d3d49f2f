"""Accounts of Discord: people and bots."""

from dataclasses import dataclass

from tests.discord.server.spec import Json


@dataclass(eq=False, slots=True)
class Account:
    """Somebody, or a bot."""

    id: int
    username: str
    global_name: str | None = None
    is_bot: bool = False
    locale: str = "en-US"
    dms_closed: bool = False
    came: bool = False
    """They have written to the bot by themselves, or installed it."""
    installed: bool = False
    """They have installed the app for themselves."""

    @property
    def mention(self) -> str:
        """What names them in a message."""
        return f"<@{self.id}>"

    def json(self) -> Json:
        """Return the account as others see it."""
        return {
            "id": str(self.id),
            "username": self.username,
            "avatar": None,
            "discriminator": "0",
            "public_flags": 0,
            "flags": 0,
            "global_name": self.global_name,
            "primary_guild": None,
            **({"bot": True} if self.is_bot else {}),
        }
