"""Faults on demand: what goes wrong with the next calls, before or after they took effect."""

from dataclasses import dataclass
from typing import Final

from bot.conversation.ports import Clock
from tests.discord.server.refusals import Refusal, too_many
from tests.doubles.broken import Garble, Raw, Reset, Slow, Withhold


@dataclass(frozen=True, slots=True)
class Say:
    """The call is refused and has no effect. After a 429 so are further ones, until its time is over."""

    refusal: Refusal


Fault = Say | Raw | Withhold | Reset | Garble | Slow
ALL: Final = "*"


@dataclass(slots=True)
class _Planned:
    fault: Fault
    verb: str
    path: str
    channel: int | None
    left: int


class Faults:
    """Faults that wait for their calls."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._planned: list[_Planned] = []
        self._shut: dict[tuple[str, str, int | None], int] = {}
        self.hammered = 0

    def add(self, verb: str, path: str, fault: Fault, *, times: int = 1, channel: int | None = None) -> None:
        """Let the next calls of a kind (ALL: of any) go wrong, only those to a channel if one is named."""
        self._planned.append(_Planned(fault, verb, path, channel, times))

    def forget(self) -> None:
        """Let nothing go wrong any more."""
        self._planned.clear()
        self._shut.clear()

    @property
    def waiting(self) -> int:
        """How many faults have not happened yet."""
        return sum(one.left for one in self._planned)

    def next_for(self, verb: str, path: str, channel: int | None) -> Fault | None:
        """Return what goes wrong with this call, or None."""
        for one in self._planned:
            if one.left and one.verb in {ALL, verb} and one.path in {ALL, path} and one.channel in {None, channel}:
                one.left -= 1
                if isinstance(one.fault, Say) and one.fault.refusal.status == 429:
                    after = float(one.fault.refusal.more["retry_after"])
                    self._shut[one.verb, one.path, one.channel] = self._clock.now() + int(1000 * after)
                return one.fault
        return self._still_shut(verb, path, channel)

    def _still_shut(self, verb: str, path: str, channel: int | None) -> Fault | None:
        keys = [(v, p, c) for v in (ALL, verb) for p in (ALL, path) for c in (None, channel)]
        left = max(self._shut.get(key, 0) for key in keys) - self._clock.now()
        if left <= 0:
            return None
        self.hammered += 1
        return Say(too_many(left / 1000))
