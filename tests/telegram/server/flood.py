"""Telegram's flood limits, by the double's clock: for those who want them kept."""

from collections import deque
from typing import Final

from bot.conversation.ports import Clock
from tests.telegram.server.refusals import too_many

OVERALL: Final = (30, 1_000)
IN_A_ROOM: Final = (20, 60_000)
IN_PRIVATE: Final = (3, 3_000)  # one a second, and short bursts pass


class Flood:
    """Counts what is sent: 30 a second in all, 20 a minute in a room, one a second to a person with short bursts."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._sent: dict[int | None, deque[int]] = {}

    def count(self, chat: int, *, private: bool) -> None:
        """Count a message, or refuse it."""
        windows = ((None, OVERALL), (chat, IN_PRIVATE if private else IN_A_ROOM))
        now = self._clock.now()
        for key, (most, span) in windows:
            sent = self._sent.setdefault(key, deque())
            while sent and now - sent[0] >= span:
                sent.popleft()
            if len(sent) >= most:
                raise too_many(max(1, -(-(sent[0] + span - now) // 1000)))
        for key, _ in windows:
            self._sent[key].append(now)
