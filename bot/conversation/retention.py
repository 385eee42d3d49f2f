"""How long what is stored stays: as long as somebody may come back to it, and no longer."""

from dataclasses import dataclass
from typing import Self

from bot.conversation.record import KEPT_AFTER
from bot.conversation.units import DRAFTS_KEPT

HOUR = 3_600_000
DAY = 24 * HOUR

SWEPT_EVERY = HOUR
"""How often is looked for what may go."""

MESSAGES = DAY
"""So long the text of a message that was sent is known still: by its addresses, for it holds no words."""

TRACES = 30 * DAY
"""So long it is known that a message was sent; a button under it is answered."""

SETTLED = 7 * DAY
"""So long an event that a platform brings again is known; none brings them again later than after a day."""

ENDED = DRAFTS_KEPT
"""So long a session that has ended is there still, for its people's kept drafts."""


PASSED = HOUR
"""So long after a session the key of words that are not kept beyond it is there: what shows them is sent by then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """What may go: everything from before these instants."""

    messages: int
    traces: int
    settled: int
    ended: int
    records: int
    passed: int
    """Keys, with what they seal: from before now."""

    @classmethod
    def at(cls, now: int) -> Self:
        """Return what may go now."""
        return cls(
            messages=now - MESSAGES,
            traces=now - TRACES,
            settled=now - SETTLED,
            ended=now,
            records=now - KEPT_AFTER,
            passed=now,
        )
