"""Sending: rows of the outbox are claimed, worded at that moment and handed to the platforms, some at a time.

A chat that is slow takes up one place of those: everybody else's messages go on. What became of some rows is noted in
the transaction that claims the next.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass

import structlog

from bot.conversation.backdrop import load_backdrop
from bot.conversation.envelope import OutOfReach
from bot.conversation.judging import Judge, Worded
from bot.conversation.memory import Memory
from bot.conversation.message import Shown
from bot.conversation.one_at_work import OneAtWork
from bot.conversation.outbox import OutboxRow, RowKind, TargetKind
from bot.conversation.ports import Claimed, Clock, Damaged, OutOfService, Platform, Sending, Settled, Store
from bot.conversation.send_faults import NotSent, RetryLater, Undeliverable, Unreachable
from bot.flows.library import Library

AT_ONCE = 16
"""The most messages on their way, each to a chat of its own. What is on its way at a crash may be sent twice."""

PATIENCE = 120
"""Seconds after which a message that is on its way gives its place up: nobody knows then whether it was sent."""

REST = 1.0
"""Seconds before the next attempt when nothing could be stored."""

FIRST_RETRY, LAST_RETRY = 5_000, 600_000
"""Milliseconds before a failed row is tried again: each time twice as long, up to the last."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Direct:
    """A message that is never written down, and from when on it may be sent."""

    row: OutboxRow
    not_before: int = 0


class Sender:
    """Carries out the outbox. One runs in a process; messages to one chat stay in order."""

    def __init__(
        self,
        *,
        store: Store,
        library: Library,
        clock: Clock,
        platforms: Mapping[str, Platform],
        memory: Memory,
        lost: Callable[[str, OutOfReach], Awaitable[None]],
    ) -> None:
        """``lost`` is told, under the name of an event, when somebody or a room takes no more messages."""
        self._store = store
        self._clock = clock
        self._platforms = platforms
        self._memory = memory
        self._lost = lost
        self.due_by: Callable[[int], None] = lambda _at: None
        """Is told from when on a message that waits may be sent."""
        self._judge = Judge(library=library, platforms=platforms, memory=memory)
        self._at_work = OneAtWork()
        self._asked = 0
        self._answered = 0
        self._woken = asyncio.Event()
        """Set when there may be something new to send."""
        self._on_their_way: dict[asyncio.Task[None], OutboxRow] = {}
        self._outcomes: list[Settled] = []
        """What became of rows, until that is noted."""
        self._direct: list[_Direct] = []
        """Messages of volatile sections, which are never written down, in their order."""

    async def recover(self) -> None:
        """Put back what was claimed when the process ended: its outcome is unknown, so it is sent again."""
        async with self._store.transaction() as tx:
            count = await tx.unclaim()
        if count:
            _log.info("outbox_recovered", rows=count)

    def add_direct(self, rows: Sequence[OutboxRow]) -> None:
        """Take messages that are never written down: each is sent after everything that its chat was told before."""
        self._direct += map(_Direct, rows)

    def wake(self) -> None:
        """Say that there may be something to send."""
        self._asked += 1
        self._woken.set()

    async def run(self) -> None:
        """Send whatever there is, whenever there may be something, until it is cancelled."""
        while True:
            await self._woken.wait()
            try:
                await self.drain()
            except OutOfService as fault:  # what came of it is noted, and the rest sent, when that can be stored
                _log.exception("nothing_sent", fault=type(fault).__name__, exc_info=False)
                self._woken.clear()
                await asyncio.sleep(REST)
                self.wake()

    async def drain(self) -> None:
        """Send everything that may be sent now; return when all of it was, or could not be."""
        self.wake()
        mine = self._asked
        await self._at_work.until(lambda: self._answered >= mine, self._send_all)

    async def _send_all(self) -> None:
        while True:
            upto = self._asked
            self._woken.clear()
            await self._launch()
            if not self._on_their_way:
                break
            await self._first_to_arrive()
        self._answered = upto

    async def _first_to_arrive(self) -> None:
        """Return when something has arrived, or somebody asks."""
        woken = asyncio.create_task(self._woken.wait())
        try:
            await asyncio.wait({woken, *self._on_their_way}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            woken.cancel()
        for task in [task for task in self._on_their_way if task.done()]:
            del self._on_their_way[task]
            task.result()

    async def _launch(self) -> None:
        """Note what arrived; claim, word and send as much as there are places, until nothing more can go."""
        while True:
            noted, places = list(self._outcomes), AT_ONCE - len(self._on_their_way)
            if not noted and places <= 0:
                return
            rows: list[Claimed] = []
            try:
                async with self._store.transaction() as tx:
                    await tx.settle(noted)
                    now = self._clock.now()
                    rows = await tx.claim(now, places) if places > 0 else []
                    judged = await self._judge.judge(tx, rows, now) if rows else []
                    await tx.settle([one for one in judged if isinstance(one, Settled)])
                    waiting = await tx.waiting({one.row.target.key for one in self._direct}, now)
            except asyncio.CancelledError:
                # Whoever is interrupted does not know whether they are claimed. Nothing of them was sent.
                self._outcomes += [Settled.failed(one.row, self._clock.now(), one.since) for one in rows]
                raise
            del self._outcomes[: len(noted)]
            self._await_later([*noted, *(one for one in judged if isinstance(one, Settled))])
            worded = [one for one in judged if isinstance(one, Worded)]
            for one in worded:
                self._start(one.claimed.row, self._carry_out(one))
            self._start_direct(waiting)
            if worded or not rows:
                return

    def _await_later(self, settled: Sequence[Settled]) -> None:
        later = [one.at for one in settled if one.became in {Sending.FAILED, Sending.POSTPONED}]
        if later:
            self.due_by(min(later))

    def _start(self, row: OutboxRow, work: Coroutine[None, None, None]) -> None:
        self._on_their_way[asyncio.create_task(work)] = row

    async def _carry_out(self, worded: Worded) -> None:
        outcome = await self._send(worded)
        self._outcomes.append(outcome)

    async def _send(self, worded: Worded) -> Settled:
        """Hand a row to its platform; return what became of it."""
        row, now = worded.claimed.row, self._clock.now
        platform = self._platforms[row.target.platform]
        try:
            async with asyncio.timeout(PATIENCE):
                ref = await self._hand_over(platform, worded)
        except RetryLater as fault:
            return Settled.failed(row, now() + fault.after, worded.claimed.since)
        except Undeliverable as fault:
            _log.info("not_deliverable", row=row.id, fault=type(fault).__name__)
            await self._note_lost(row, fault)
            return Settled.dropped(row, now())
        except Exception as fault:  # noqa: BLE001  # the loop's edge: the row waits and the next chat goes on
            # What is not known as a fault that happens before sending may have happened after it.
            _log.exception("send_failed", row=row.id, fault=type(fault).__name__, exc_info=False)
            if isinstance(fault, NotSent):
                return self._again(worded.claimed, worded.claimed.since)
            return self._uncertain(worded.claimed)
        return Settled.sent(row, now(), ref)

    async def _note_lost(self, row: OutboxRow, fault: Undeliverable) -> None:
        """Tell who or what is out of reach now. When that cannot be stored, the next message tells it again."""
        if isinstance(fault, Unreachable):
            try:
                await self._lost(f"reach:{row.id}", _out_of_reach(row))
            except Exception as problem:  # noqa: BLE001  # the loop's edge: the row is settled all the same
                _log.exception("reach_not_noted", row=row.id, fault=type(problem).__name__, exc_info=False)

    def _uncertain(self, claimed: Claimed) -> Settled:
        """Return what becomes of a row that may have been sent or not."""
        now, since = self._clock.now(), claimed.since or claimed.at
        if self._judge.may_send_again(claimed.row, now - since):
            return self._again(claimed, since)
        return Settled.dropped(claimed.row, now, since)

    def _again(self, claimed: Claimed, since: int) -> Settled:
        later = self._clock.now() + min(FIRST_RETRY << claimed.attempts, LAST_RETRY)
        return Settled.failed(claimed.row, later, since)

    async def _hand_over(self, platform: Platform, worded: Worded) -> str:
        row = worded.claimed.row
        if worded.message is not None:
            return await platform.send(row.target, worded.message, row.id)
        if row.kind is RowKind.HIDE:
            await platform.hide(row.target, worded.shown)
            self._memory.shown.pop(row.target.key, None)
        elif worded.place is not None:
            await platform.retire(worded.place[0], worded.place[1], worded.chosen)
        return ""

    # What is never written down

    @property
    def next_direct(self) -> int | None:
        """From when on the first message that is never written down, and has failed, may be sent again."""
        return min((one.not_before for one in self._direct if one.not_before), default=None)

    def _start_direct(self, waiting: set[str]) -> None:
        """Send what is never written down, to chats that nothing else waits for."""
        now = self._clock.now()
        busy = waiting | {row.target.key for row in self._on_their_way.values()}
        held: list[_Direct] = []
        for one in self._direct:
            if one.row.target.key in busy or one.not_before > now:
                held.append(one)
            else:
                self._start(one.row, self._carry_out_direct(one))
            busy.add(one.row.target.key)
        self._direct = held

    async def _carry_out_direct(self, one: _Direct) -> None:
        """Send a message of a volatile section. One that fails goes again, before all that is later there."""
        row = one.row
        try:
            async with asyncio.timeout(PATIENCE):
                await self._send_direct(row)
        except Damaged as fault:
            _log.exception("direct_message_dropped", row=row.id, damaged=fault.row, exc_info=False)
        except Undeliverable as fault:
            _log.info("not_deliverable", row=row.id, fault=type(fault).__name__)
            await self._note_lost(row, fault)
        except Exception as fault:  # noqa: BLE001  # the loop's edge: it waits in memory, as it was
            _log.exception("direct_send_failed", row=row.id, fault=type(fault).__name__, exc_info=False)
            after = fault.after if isinstance(fault, RetryLater) else FIRST_RETRY
            self._direct.insert(0, _Direct(row, self._clock.now() + after))
            self.due_by(self._clock.now() + after)

    async def _send_direct(self, row: OutboxRow) -> None:
        if row.token and row.token not in self._memory.tokens:
            return  # answered or gone meanwhile
        async with self._store.transaction() as tx:
            backdrop = await load_backdrop(tx, [row], self._clock.now())
        platform = self._platforms[row.target.platform]
        if row.kind is RowKind.RETIRE:
            ref = self._memory.refs.get(row.token, "")
            if ref:
                await platform.retire(row.target, ref, self._judge.chosen(row, backdrop))
            self._memory.drop(row.token)
            return
        message = self._judge.message(row, backdrop)
        if message is not None:
            ref = await platform.send(row.target, message, row.id)
            self._memory.show(row.target.key, Shown(ref=ref, at=self._clock.now()))
            if row.token:
                self._memory.refs[row.token] = ref


def _out_of_reach(row: OutboxRow) -> OutOfReach:
    if row.target.kind is TargetKind.DM:
        return OutOfReach(platform=row.target.platform, person=row.recipient)
    return OutOfReach(platform=row.target.platform, room=row.target.chat)
