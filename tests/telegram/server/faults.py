"""Faults on demand: what goes wrong with the next calls, before or after they took effect."""

from dataclasses import dataclass
from typing import Final

from bot.conversation.ports import Clock
from tests.doubles.broken import Garble, Raw, Reset, Slow, Withhold
from tests.telegram.server.refusals import Refusal, too_many
from tests.telegram.server.spec import Json


@dataclass(frozen=True, slots=True)
class Say:
    """The call is refused and has no effect. After a 429 so are further ones, until its time is over."""

    refusal: Refusal


Fault = Say | Raw | Withhold | Reset | Garble | Slow
ALL: Final = "*"


@dataclass(slots=True)
class _Planned:
    fault: Fault
    method: str
    chat: int | None
    left: int


class Faults:
    """Faults that wait for their calls."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._planned: list[_Planned] = []
        self._shut: dict[tuple[str, int | None], int] = {}
        self.hammered = 0

    def add(self, method: str, fault: Fault, *, times: int = 1, chat: int | None = None) -> None:
        """Let the next calls of a method (ALL: of any) go wrong, only those to a chat if one is named."""
        self._planned.append(_Planned(fault, method, chat, times))

    @property
    def waiting(self) -> int:
        """How many faults have not happened yet."""
        return sum(one.left for one in self._planned)

    def clear(self) -> None:
        """Forget all that have not happened yet, and what was shut."""
        self._planned.clear()
        self._shut.clear()

    def next_for(self, method: str, params: Json) -> Fault | None:
        """Return what goes wrong with this call, or None."""
        chat: int | None = params.get("chat_id")
        for one in self._planned:
            if one.left and one.method in {ALL, method} and one.chat in {None, chat}:
                one.left -= 1
                if isinstance(one.fault, Say) and one.fault.refusal.code == 429:
                    wait: int = (one.fault.refusal.parameters or {})["retry_after"]
                    self._shut[one.method, one.chat] = self._clock.now() + 1000 * wait
                return one.fault
        return self._still_shut(method, chat)

    def _still_shut(self, method: str, chat: int | None) -> Fault | None:
        keys = [(m, c) for m in (ALL, method) for c in (None, chat)]
        left = max(self._shut.get(key, 0) for key in keys) - self._clock.now()
        if left <= 0:
            return None
        self.hammered += 1
        return Say(too_many(-(-left // 1000)))
