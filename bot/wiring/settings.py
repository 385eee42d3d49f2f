"""What the environment sets, or the file .env beside the program: each as BREATHING_ROOM_ and the name."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

ENV_FILE = Path(__file__).resolve().parents[2] / ".env"


class SettingWrong(Exception):
    """A setting cannot be used; the text says which, and how it is meant."""


class Settings(BaseSettings):
    """The settings of a process. Read them with ``read_settings``."""

    model_config = SettingsConfigDict(
        env_prefix="BREATHING_ROOM_",
        env_file=ENV_FILE,
        env_ignore_empty=True,
        extra="ignore",
        validate_default=False,
    )

    key: SecretStr | None = None
    """The master key, 32 bytes in base64; older ones behind it, with commas between."""
    key_file: Path | None = None
    """A file that holds the master keys, in place of the one in the data folder."""
    operator: str = ""
    """Who runs the bot, by a name that people know: they are told who could read what is kept."""
    operator_accounts: Annotated[frozenset[tuple[str, str]], NoDecode] = frozenset()
    """The operator's own accounts: platforms and ids there."""

    telegram_token: SecretStr | None = None
    """The token of the bot on Telegram, from @BotFather."""
    telegram_api: str = "https://api.telegram.org"
    """Where the Bot API is: Telegram's own, or a server that somebody runs themselves."""
    telegram_webhook: str = ""
    """The public https address to which Telegram brings updates; without one they are fetched."""
    discord_token: SecretStr | None = None
    """The token of the bot on Discord, from its page in the developer portal."""
    discord_api: str = "https://discord.com/api/v10"
    """Where Discord's HTTP API is."""
    discord_gateway: str = "wss://gateway.discord.gg/"
    """Where Discord tells what happens."""
    discord_shards: Annotated[int, Field(ge=1)] = 1
    """Over how many connections the servers are spread: Discord asks for one more for each 2,500 of them."""
    host: str = "127.0.0.1"
    """Where updates that are brought are waited for: behind whatever ends https."""
    port: int = 8443

    @field_validator("operator_accounts", mode="before")
    @classmethod
    def _accounts(cls, text: str) -> frozenset[tuple[str, str]]:
        """Take accounts such as ``telegram:1234, discord:5678``."""
        found = [one.strip().partition(":") for one in text.split(",")]
        if not all(platform and account for platform, _, account in found):
            message = "write platform:id, with commas between, such as telegram:1234, discord:5678"
            raise ValueError(message)
        return frozenset((platform, account) for platform, _, account in found)


def read_settings() -> Settings:
    """Return the settings. Raises SettingWrong."""
    try:
        return Settings()
    except ValidationError as fault:
        first = fault.errors(include_input=False)[0]
        why = str(first["msg"]).removeprefix("Value error, ")
        message = f"BREATHING_ROOM_{str(first['loc'][0]).upper()} is not right: {why}"
        raise SettingWrong(message) from None
