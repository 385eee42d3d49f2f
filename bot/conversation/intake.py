"""The one order in which everything is dealt with: arrivals queue, and go through in batches.

Whoever brings something and finds nobody at work takes the next batch for all who wait; there is no task of its own
that could die unseen.
"""

from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import structlog

from bot.conversation.batch import Arrival
from bot.conversation.envelope import DeadlineCame, ScheduleCame
from bot.conversation.one_at_work import OneAtWork
from bot.conversation.ports import OutOfService

MOST = 128
"""The most turns of one batch. More would make everybody wait longer than the sync to disk that they share."""

FOR_TIMERS = MOST // 4
"""How many of them are kept for what is due, while some is: a flood of messages holds none of that up for long.

Nor does a flood of what is due hold up what people write.
"""

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Waiting:
    arrival: Arrival
    number: int
    settled: bool = False
    fault: Exception | None = None


class Intake:
    """Brings arrivals in order to ``take``, which deals with some, and returns those that have to wait.

    One that cannot be dealt with even alone goes to ``set_aside``, and holds nobody else up.
    """

    def __init__(
        self,
        take: Callable[[list[Arrival]], Awaitable[list[Arrival]]],
        set_aside: Callable[[Arrival], Awaitable[None]],
    ) -> None:
        self._take = take
        self._set_aside = set_aside
        self._at_work = OneAtWork()
        self._events: deque[_Waiting] = deque()
        self._timers: deque[_Waiting] = deque()
        self._count = 0

    async def commit(self, arrivals: Sequence[Arrival]) -> None:
        """Return when all of these are durable. Raises what the store raised when one of them could not be."""
        mine = [self._enqueue(arrival) for arrival in arrivals]
        await self._at_work.until(lambda: all(one.settled for one in mine), self._next)
        for one in mine:
            if one.fault is not None:
                raise one.fault

    def _enqueue(self, arrival: Arrival) -> _Waiting:
        self._count += 1
        waiting = _Waiting(arrival, self._count)
        self._line(waiting).append(waiting)
        return waiting

    def _line(self, one: _Waiting) -> deque[_Waiting]:
        due = isinstance(one.arrival.occurrence, DeadlineCame | ScheduleCame)
        return self._timers if due else self._events

    async def _next(self) -> None:
        batch = self._pick()
        try:
            await self._settle(batch)
        finally:
            # What has to wait, or was interrupted, is at the front of the next batch, in its order.
            for one in reversed([one for one in batch if not one.settled]):
                self._line(one).appendleft(one)

    def _pick(self) -> list[_Waiting]:
        timers = [self._timers.popleft() for _ in range(min(FOR_TIMERS, len(self._timers)))]
        events = [self._events.popleft() for _ in range(min(MOST - len(timers), len(self._events)))]
        room = min(MOST - len(timers) - len(events), len(self._timers))
        timers += [self._timers.popleft() for _ in range(room)]
        return sorted([*events, *timers], key=lambda one: one.number)

    async def _settle(self, batch: Sequence[_Waiting]) -> None:
        """Deal with a batch at once; if the store does not take it, with each alone, so that it is told which."""
        try:
            waiting = await self._take([one.arrival for one in batch])
        except OutOfService as fault:  # none of them is to blame: whoever brought it brings it again
            _log.exception("out_of_service", turns=len(batch), exc_info=False)
            for one in batch:
                one.fault, one.settled = fault, True
            return
        except Exception as fault:  # noqa: BLE001  # whatever the store raises, the others are not to suffer
            _log.exception("batch_failed", turns=len(batch), fault=type(fault).__name__, exc_info=False)
            if len(batch) == 1:
                await self._give_up(batch[0])
                return
            for one in batch:
                await self._settle([one])
            return
        names = {arrival.event_id for arrival in waiting}
        for one in batch:
            one.settled = one.arrival.event_id not in names

    async def _give_up(self, one: _Waiting) -> None:
        try:
            await self._set_aside(one.arrival)
        except Exception as fault:  # noqa: BLE001  # nothing can be stored at all: whoever brought it is told
            one.fault = fault
        one.settled = True
