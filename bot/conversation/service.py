"""The shell around the turn: it loads, takes turns in batches, commits, and then sends."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, assert_never

import structlog

from bot.conversation.batch import Arrival, Batches, Taken
from bot.conversation.envelope import DeadlineCame, Envelope, Erasure, OutOfReach, RoomMoved, ScheduleCame
from bot.conversation.exporting import export_of
from bot.conversation.forms import Form, form_by_name
from bot.conversation.ids import Ids
from bot.conversation.intake import FOR_TIMERS, Intake
from bot.conversation.memory import Memory
from bot.conversation.one_time_code import CodeRefused, redeem
from bot.conversation.operator import UNNAMED, Operator
from bot.conversation.ports import Clock, Platform, Store, VersionConflict
from bot.conversation.retention import SWEPT_EVERY, Sweep
from bot.conversation.sending import Sender
from bot.conversation.units import Pair, Person
from bot.engine.session import Session
from bot.engine.watching import Watch
from bot.flows.library import Library

LATELY, CHATS = 7 * 86_400_000, 2_000
"""Where somebody may have written while nobody listened: chats written to in these milliseconds, and how many."""

RETAKES = 4
"""How often a batch is taken anew when another process was faster with one of its units."""

_log = structlog.get_logger(__name__)


class Conversation:
    """Takes what arrives, in one order, each in the transaction of its batch, and sends what it leads to."""

    def __init__(
        self,
        *,
        store: Store,
        library: Library,
        clock: Clock,
        secret: bytes,
        platforms: Mapping[str, Platform],
        operator: Operator = UNNAMED,
        watch: Watch | None = None,
    ) -> None:
        self._store = store
        self._library = library
        self._clock = clock
        self._memory = Memory()
        self._secret = secret
        self._batches = Batches(
            library=library,
            secret=secret,
            memory=self._memory,
            operator=operator,
            has_forms=frozenset(name for name, platform in platforms.items() if platform.has_forms),
            watch=watch,
        )
        self._intake = Intake(self._take, self._set_aside)
        self._sweeps_at = 0
        self._sender = Sender(
            store=store,
            library=library,
            clock=clock,
            platforms=platforms,
            memory=self._memory,
            lost=self._out_of_reach,
        )

    async def recover(self) -> None:
        """After a start: send again what was claimed and never marked, then whatever is due."""
        await self.put_back()
        await self.fire_due()

    async def put_back(self) -> None:
        """After a start: put back what was claimed and never marked, to be sent again."""
        await self._sender.recover()

    async def intake(self, envelope: Envelope) -> None:
        """Take one event. When this returns it is durable, and what it led to was handed to the platforms.

        Raises what the store raised when it cannot be made durable: the platform has to bring it again.
        """
        await self.take(envelope)
        await self._sender.drain()

    async def take(self, envelope: Envelope) -> None:
        """Take one event. When this returns it is durable; ``send_forever`` hands on what it led to.

        Raises as ``intake`` does.
        """
        await self._intake.commit([Arrival(f"{envelope.platform}:{envelope.event_id}", envelope)])
        self._sender.wake()

    def form(self, name: str) -> Form | None:
        """Return the form of that name, at once; None when it is not there any more."""
        return form_by_name(self._library, name)

    def tell_dues(self, due_by: Callable[[int], None]) -> None:
        """Let somebody be told from when on something is to be fired, in epoch milliseconds, as it is stored."""
        self._sender.due_by = due_by

    async def send_forever(self) -> None:
        """Hand everything to the platforms as it comes, until this is cancelled: a slow one holds no event up."""
        await self._sender.run()

    async def fire_due(self) -> None:
        """Fire every deadline that is due by now, in order, and send every message whose time has come.

        What has been stored for long enough is deleted on the way.
        """
        await self.fire()
        await self._sender.drain()

    async def fire(self) -> None:
        """Fire what is due, and delete what may go; ``send_forever`` sends what has come of it, and what is due."""
        await self._sweep()
        fired: set[str] = set()
        while True:
            arrivals = await self._due()
            if not arrivals:
                break
            for one in arrivals:
                if one.event_id in fired:  # it is settled, and there all the same: it would be fired for ever
                    _log.error("deadline_left", event_id=one.event_id)
                    await self._set_aside(replace(one, event_id=f"{one.event_id}:left"))
            await self._intake.commit(arrivals)
            fired.update(one.event_id for one in arrivals)
        self._sender.wake()

    async def _due(self) -> list[Arrival]:
        """What is due, in the order in which it is, as much as a batch has room for."""
        async with self._store.transaction() as tx:
            now = self._clock.now()
            due = [*await tx.due(now, FOR_TIMERS), *await tx.schedules_due(now, FOR_TIMERS)]
        return [Arrival(_named(one), one) for one in sorted(due, key=lambda one: one.due)[:FOR_TIMERS]]

    async def out_of_reach(self, event_id: str, lost: OutOfReach) -> None:
        """Note that a room takes nothing more. When this returns it is durable. Raises as ``intake`` does."""
        await self._out_of_reach(f"{lost.platform}:{event_id}", lost)

    async def partners(self, platform: str, account: str) -> list[str]:
        """Return the accounts on a platform of those with whom somebody is paired."""
        async with self._store.transaction() as tx:
            known = await tx.units_at([(platform, f"account:{account}")])
            people = await tx.units(list(known.values()))
            pairs = await tx.units([pair for one in people.values() if isinstance(one, Person) for pair in one.pairs])
            members = {m for one in pairs.values() if isinstance(one, Pair) and one.active for m in one.members}
            others = await tx.units(sorted(members - set(people)))
        return [one.account for one in others.values() if isinstance(one, Person) and one.platform == platform]

    async def last_heard(self, platform: str) -> int:
        """Return when anything last came from a platform, in epoch milliseconds; 0 if nothing ever did."""
        async with self._store.transaction() as tx:
            return await tx.last_event_from(platform)

    async def lately_written_to(self, platform: str) -> list[str]:
        """Return people's own chats that were written to lately, the latest first."""
        async with self._store.transaction() as tx:
            return await tx.written_to(platform, self._clock.now() - LATELY, CHATS)

    async def room_moved(self, event_id: str, moved: RoomMoved) -> None:
        """Let a room go on under another id. When this returns it is durable. Raises as ``intake`` does."""
        await self._intake.commit([Arrival(f"{moved.platform}:{event_id}", moved)])

    async def _out_of_reach(self, event_id: str, lost: OutOfReach) -> None:
        await self._intake.commit([Arrival(event_id, lost)])

    async def _sweep(self) -> None:
        """Delete what may go, once in a while."""
        now = self._clock.now()
        if now < self._sweeps_at:
            return
        self._sweeps_at = now + SWEPT_EVERY
        more = True
        while more:
            async with self._store.transaction() as tx:
                more = await tx.sweep(Sweep.at(now))

    async def next_due(self) -> int | None:
        """Return when the next thing is due, in epoch milliseconds; None when nothing is."""
        async with self._store.transaction() as tx:
            stored = await tx.next_due()
        return min((one for one in (stored, self._sender.next_direct) if one is not None), default=None)

    async def standing(self) -> list[Session]:
        """Return the open sessions, to show where each stands."""
        async with self._store.transaction() as tx:
            return await tx.open_sessions()

    async def export(self, person: str, code: str) -> dict[str, Any]:
        """Return everything that is a person's own, and what was shown to them and still is. Raises CodeRefused."""
        async with self._store.transaction() as tx:
            if not await redeem(tx, self._secret, person, code, self._clock.now()):
                raise CodeRefused
            return await export_of(tx, self._batches.library, person, self._clock.now())

    async def erase(self, person: str, code: str, noted: Callable[[], None]) -> None:
        """Erase a person. ``noted`` is called once it is sure that it will be done. Raises CodeRefused."""
        now = self._clock.now()
        async with self._store.transaction() as tx:
            if not await redeem(tx, self._secret, person, code, now):
                raise CodeRefused
        noted()
        await self.erase_again(person)

    async def erase_again(self, person: str) -> None:
        """Erase a person who was erased before, and is there again: what was restored is older."""
        # The name of the event stays for a while: it does not tell whom it was about.
        name = Ids(self._secret, "").digest(f"{person}{self._clock.now()}")
        await self._intake.commit([Arrival(f"erase:{name}", Erasure(person=person))])

    async def _take(self, arrivals: list[Arrival]) -> list[Arrival]:
        """Take a batch; return what has to wait for the next."""
        taken = await self._taken(arrivals)
        for scene in taken.scenes:
            self._memory.after(scene)
            self._sender.add_direct(scene.direct)
        if taken.dues:
            self._sender.due_by(min(taken.dues))
        return taken.waiting

    async def _taken(self, arrivals: list[Arrival], retakes: int = RETAKES) -> Taken:
        """Take a batch in one transaction, and anew when another process was faster.

        Nothing that is due is dealt with before it is, though the machine's clock may have been set back meanwhile.
        """
        dues = [one.occurrence.due for one in arrivals if isinstance(one.occurrence, DeadlineCame | ScheduleCame)]
        try:
            async with self._store.transaction() as tx:
                return await self._batches.take(tx, arrivals, max(self._clock.now(), *dues, 0))
        except VersionConflict:
            if not retakes:
                raise
        _log.info("batch_retaken", turns=len(arrivals))
        return await self._taken(arrivals, retakes - 1)

    async def _set_aside(self, arrival: Arrival) -> None:
        async with self._store.transaction() as tx:
            await self._batches.set_aside(tx, arrival, self._clock.now())


def _named(due: DeadlineCame | ScheduleCame) -> str:
    """What a time that is due is called among events: set once more, it is another one."""
    match due:
        case DeadlineCame():
            return f"timer:{due.session}:{due.entry}:{due.due}:{due.version}"
        case ScheduleCame():
            return f"schedule:{due.unit}:{due.record}:{due.due}:{due.version}"
        case _:
            assert_never(due)
