"""Limits of calls, as Discord tells them with every answer (Discord API docs, Rate Limits)."""

from typing import Final

from bot.conversation.ports import Clock
from tests.discord.server.refusals import too_many
from tests.discord.server.spec import Operation

MESSAGES: Final = 5
PER_SECONDS: Final = 5.0
TOGETHER: Final = 50
PLENTY: Final = 1_000


class Limits:
    """Counts calls. ``kept``: too many are refused; else everybody has plenty."""

    def __init__(self, clock: Clock, *, kept: bool) -> None:
        self._clock = clock
        self._kept = kept
        self._sent: dict[int, list[int]] = {}
        self._all: list[int] = []

    def count(self, operation: Operation, channel: int | None) -> dict[str, str]:
        """Count a call; return what is told of the limits. Raises Refusal when it is too many."""
        bucket = f"{operation.verb}:{operation.path}".encode().hex()[:16]
        if not self._kept:
            return self._headers(bucket, PLENTY, PLENTY - 1, 1.0)
        now = self._clock.now()
        self._all = [at for at in self._all if now - at < 1_000]
        if len(self._all) >= TOGETHER and not operation.path.startswith(("/webhooks", "/interactions")):
            raise too_many(1.0 - (now - self._all[0]) / 1000, everywhere=True)
        self._all.append(now)
        if channel is None or operation.verb != "POST":
            return self._headers(bucket, PLENTY, PLENTY - 1, 1.0)
        sent = [at for at in self._sent.get(channel, []) if now - at < 1000 * PER_SECONDS]
        if len(sent) >= MESSAGES:
            raise too_many(PER_SECONDS - (now - sent[0]) / 1000)
        self._sent[channel] = [*sent, now]
        return self._headers(bucket, MESSAGES, MESSAGES - len(sent) - 1, PER_SECONDS)

    def _headers(self, bucket: str, limit: int, remaining: int, after: float) -> dict[str, str]:
        return {
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(remaining),
            "X-RateLimit-Reset": f"{self._clock.now() / 1000 + after:.3f}",
            "X-RateLimit-Reset-After": f"{after:.3f}",
            "X-RateLimit-Bucket": bucket,
        }
