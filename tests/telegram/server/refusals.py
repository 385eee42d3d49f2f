"""What Telegram says no with."""

from typing import NoReturn

from tests.telegram.server.spec import Json


class Refusal(Exception):
    """An error that the Bot API answers with."""

    def __init__(self, code: int, description: str, parameters: Json | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters


def unauthorized() -> Refusal:
    """Return what is said of a token that nobody has."""
    return Refusal(401, "Unauthorized")


def not_found() -> Refusal:
    """Return what is said of a path that is no method's."""
    return Refusal(404, "Not Found")


def bad_request(words: str, parameters: Json | None = None) -> Refusal:
    """Return a 400."""
    return Refusal(400, f"Bad Request: {words}", parameters)


def refuse(words: str) -> NoReturn:
    """Refuse with a 400."""
    raise bad_request(words)


def forbidden(words: str) -> Refusal:
    """Return a 403."""
    return Refusal(403, f"Forbidden: {words}")


def conflict(words: str) -> Refusal:
    """Return a 409."""
    return Refusal(409, f"Conflict: {words}")


def too_many(retry_after: int) -> Refusal:
    """Return a 429."""
    return Refusal(429, f"Too Many Requests: retry after {retry_after}", {"retry_after": retry_after})


def chat_not_found() -> Refusal:
    """Return what is said of a chat that the bot does not know."""
    return bad_request("chat not found")


def blocked() -> Refusal:
    """Return what is said of a person who has blocked the bot."""
    return forbidden("bot was blocked by the user")


def deactivated() -> Refusal:
    """Return what is said of a person whose account is no more."""
    return forbidden("user is deactivated")


def not_started() -> Refusal:
    """Return what is said of a person whom the bot has only seen in a group."""
    return forbidden("bot can't initiate conversation with a user")


def kicked(kind: str) -> Refusal:
    """Return what is said of a chat (group, supergroup or channel) that the bot was thrown out of."""
    return forbidden(f"bot was kicked from the {kind} chat")


def not_a_member(kind: str) -> Refusal:
    """Return what is said of a chat (group, supergroup or channel) that the bot is not in."""
    return forbidden(f"bot is not a member of the {kind} chat")


def migrated(to: int) -> Refusal:
    """Return what is said of a group that became a supergroup."""
    return bad_request("group chat was upgraded to a supergroup chat", {"migrate_to_chat_id": to})


def to_a_bot() -> Refusal:
    """Return what is said of writing to another bot."""
    return forbidden("bot can't send messages to bots")


def webhook_is_set() -> Refusal:
    """Return what is said of polling beside a webhook."""
    return conflict(
        "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
    )


def webhook_was_set() -> Refusal:
    """Return what a poll that waits is ended with when a webhook is set."""
    return conflict("terminated by setWebhook request")


def polled_twice() -> Refusal:
    """Return what a poll that waits is ended with when another begins."""
    return conflict("terminated by other getUpdates request; make sure that only one bot instance is running")
