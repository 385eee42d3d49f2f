"""What Discord answers to what cannot be done: a status and a code (Discord API docs, JSON Error Codes)."""

from dataclasses import dataclass, field
from typing import Any, NoReturn

from tests.discord.server.spec import Json


@dataclass(eq=False)
class Refusal(Exception):
    """An error as Discord answers it."""

    status: int
    code: int
    message: str
    more: Json = field(default_factory=dict[str, Any])
    headers: dict[str, str] = field(default_factory=dict[str, str])

    def json(self) -> Json:
        """Return its body."""
        return {"message": self.message, "code": self.code, **self.more}


def refuse(status: int, code: int, message: str) -> NoReturn:
    """Refuse a call."""
    raise Refusal(status, code, message)


def unauthorized() -> Refusal:
    """The token is not known."""
    return Refusal(401, 0, "401: Unauthorized")


def not_found() -> Refusal:
    """There is no such call."""
    return Refusal(404, 0, "404: Not Found")


def unknown_channel() -> Refusal:
    """There is no such channel."""
    return Refusal(404, 10003, "Unknown Channel")


def unknown_message() -> Refusal:
    """There is no such message."""
    return Refusal(404, 10008, "Unknown Message")


def unknown_webhook() -> Refusal:
    """The interaction was not answered yet, or never was."""
    return Refusal(404, 10015, "Unknown Webhook")


def unknown_interaction() -> Refusal:
    """The interaction is not known, or it is more than three seconds old."""
    return Refusal(404, 10062, "Unknown interaction")


def answered_already() -> Refusal:
    """The interaction was acknowledged before."""
    return Refusal(400, 40060, "Interaction has already been acknowledged.")


def token_over() -> Refusal:
    """The interaction is more than fifteen minutes old."""
    return Refusal(401, 50027, "Invalid Webhook Token")


def missing_access() -> Refusal:
    """The bot cannot see it."""
    return Refusal(403, 50001, "Missing Access")


def missing_permissions() -> Refusal:
    """The bot may not do it."""
    return Refusal(403, 50013, "Missing Permissions")


def closed() -> Refusal:
    """The person takes no messages from the bot."""
    return Refusal(403, 50007, "Cannot send messages to this user")


def no_mutual_guilds() -> Refusal:
    """The bot and the person have no server in common, and the person never came to it by themselves."""
    return Refusal(403, 50278, "Cannot send messages to this user due to having no mutual guilds")


def not_the_author() -> Refusal:
    """Another wrote it."""
    return Refusal(403, 50005, "Cannot edit a message authored by another user")


def archived() -> Refusal:
    """The thread is archived: nothing in it can be changed."""
    return Refusal(400, 50083, "Tried to perform an operation on an archived thread")


def empty() -> Refusal:
    """A message with nothing in it."""
    return Refusal(400, 50006, "Cannot send an empty message")


def refuse_form(words: str) -> NoReturn:
    """Refuse a form that is wrong; Discord names the places."""
    errors = {"_errors": [{"code": "BASE_TYPE_BAD_LENGTH", "message": words}]}
    raise Refusal(400, 50035, "Invalid Form Body", {"errors": errors})


def too_many(seconds: float, *, everywhere: bool = False) -> Refusal:
    """Too many calls: of this kind, or of all."""
    headers = {
        "Retry-After": str(max(1, round(seconds))),
        "X-RateLimit-Limit": "5",
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset-After": f"{seconds:.3f}",
        "X-RateLimit-Scope": "global" if everywhere else "user",
        "Via": "1.1 google",
    }
    if everywhere:
        headers["X-RateLimit-Global"] = "true"
    return Refusal(429, 0, "You are being rate limited.", {"retry_after": seconds, "global": everywhere}, headers)
