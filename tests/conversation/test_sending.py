"""Sending: what the platform refuses is tried again in its place, and what may not be read any more is dropped."""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import cast

import pytest
from structlog.testing import capture_logs

from bot.adapters.clocks import VirtualClock
from bot.conversation.envelope import OutOfReach
from bot.conversation.memory import Memory
from bot.conversation.message import Message, Shown
from bot.conversation.outbox import MessageClass, OutboxRow, RowKind, Target, TargetKind
from bot.conversation.ports import (
    Changes,
    OutOfService,
    Settled,
    Store,
    Transaction,
    UnitChange,
    VersionConflict,
)
from bot.conversation.send_faults import NotSent, RetryLater, Uncertain, Undeliverable
from bot.conversation.sending import AT_ONCE, Sender
from bot.conversation.units import Parcel, Person, Seat, UnitState
from bot.engine.effects import PHRASES, Send, Text
from bot.flows.library import Library
from storage.transaction import SqliteTransaction
from tests.conversation.in_memory import open_in_memory
from tests.conversation.world import HOUR, MINUTE, START, new_world, shipped


async def test_what_a_platform_refuses_is_sent_later_and_in_order():
    world = await new_world("alex", "sam")
    await world.pair("alex", "sam")
    world.news("alex")
    world.platform.refuses = {"alex"}
    with capture_logs() as logs:
        await world.say("alex", "/help")
        await world.say("alex", "/nonsense")
        await world.say("sam", "/help")
    assert world.news("alex") == []
    assert {entry["event"] for entry in logs} == {"send_failed"}

    world.platform.refuses = set()
    await world.travel(MINUTE)
    assert [text[:7] for text in world.news("alex")] == ["You can", "I don't"]
    world.close()


async def test_a_question_of_a_volatile_section_that_the_platform_refuses_is_asked_later():
    world = await new_world("alex")
    await world.say("alex", "/pair")
    world.platform.refuses = {"alex"}
    with capture_logs():
        await world.press("alex", "Yes, gladly")

    world.platform.refuses = set()
    world.news("alex")
    await world.travel(MINUTE)
    assert any("whose idea is it to pair" in text for text in world.news("alex"))
    await world.press("alex", "My own idea")
    assert any("Your code is" in text for text in world.news("alex"))
    world.close()


async def test_what_cannot_be_worded_is_dropped_and_stops_nobody_elses_messages():
    library = shipped()
    broken = Library(library.flows, {key: text for key, text in library.phrases.items() if key != "help"})
    world = await new_world("alex", "sam", library=broken)
    with capture_logs() as logs:
        await world.say("alex", "/help")
        await world.say("sam", "hello")
        await world.mishap("crash")
        await world.say("alex", "/nonsense")

    assert "wording_failed" in {entry["event"] for entry in logs}
    assert any("I don't know /nonsense" in text for text in world.news("alex"))
    assert any("Nothing is waiting" in text for text in world.news("sam"))
    world.close()


async def test_words_that_were_taken_back_before_they_were_sent_are_never_sent():
    world = await new_world("alex", "sam")
    await world.pair("alex", "sam")
    await world.answer("alex", "/hear_it_back", "It was very late.", "[Share]")
    await world.press("sam", "Open")
    world.platform.refuses = {"sam"}
    with capture_logs():
        await world.press("sam", "Yes")
        await world.answer("alex", "stop")
    world.platform.refuses = set()
    await world.travel(MINUTE)

    assert not any("It was very late." in text for text in world.news("sam"))
    world.close()


class _Hasty:
    """A store in which another process was faster, so many times."""

    def __init__(self, store: Store, times: list[int]) -> None:
        self._store = store
        self._times = times

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[Transaction]:
        async with self._store.transaction() as tx:
            yield cast("Transaction", _HastyTransaction(tx, self._times))


class _HastyTransaction:
    def __init__(self, tx: Transaction, times: list[int]) -> None:
        self._tx = tx
        self._times = times

    def __getattr__(self, name: str) -> object:
        return getattr(self._tx, name)

    async def write(self, turns: Sequence[Changes]) -> None:
        if self._times[0]:
            self._times[0] -= 1
            message = "another process was faster"
            raise VersionConflict(message)
        await self._tx.write(turns)


async def test_a_turn_that_lost_against_another_process_is_taken_anew():
    times = [0]
    world = await new_world("alex", wrapped=lambda store: _Hasty(store, times))
    times[0] = 3
    with capture_logs():
        await world.say("alex", "/pair")

    assert times == [0]
    texts = world.news("alex")
    assert any("five small rules" in text for text in texts)
    assert not any("Something went wrong" in text for text in texts)
    world.close()


async def test_an_event_whose_turn_fails_is_set_aside_with_a_kind_word_and_the_next_goes_on():
    world = await new_world("alex", library=_endless())
    with capture_logs() as logs:
        heard = await world.say("alex", "/say_it")
        again = await world.mishap("redeliver")
        later = await world.say("alex", "/help")

    assert [h.text for h in heard if h.view == "alex"][-1] == "Something went wrong on my side. Nothing was sent."
    assert again == []
    assert any("You can write" in h.text for h in later)
    assert [entry["event"] for entry in logs] == ["turn_failed"]
    assert await world.sessions() == []
    world.close()


def _endless() -> Library:
    """The shipped flows, with a say_it that leads from its first step to nowhere."""
    library = shipped()
    flow = replace(library.flows["say_it"], first="nowhere")
    return Library({**library.flows, flow.id: flow}, library.phrases)


class Faulty:
    """A platform that answers as it is told, and notes what it was handed."""

    def __init__(self, *answers: BaseException | str, single_for: int = 0) -> None:
        self.answers = list(answers)
        self.has_forms = False
        self.single_for = single_for
        self.handed: list[tuple[str, int]] = []

    async def send(self, target: Target, message: Message, key: str) -> str:
        del target, message
        self.handed.append((key, self.clock.now() - START))
        answer = self.answers.pop(0) if self.answers else "ref"
        if isinstance(answer, BaseException):
            raise answer
        return answer

    async def retire(self, target: Target, ref: str, chosen: str) -> None:
        del target, ref, chosen

    async def hide(self, target: Target, shown: Sequence[Shown]) -> None:
        del target, shown

    clock: VirtualClock


async def with_message(cls: MessageClass) -> tuple[Store, sqlite3.Connection]:
    """Return a store in which a message of that class waits."""
    store, database = open_in_memory()
    ada = Person(id="ada", platform="p", account="ada", name="Ada", chat="ada", mail=(MAIL,))
    message = OutboxRow(
        id="m",
        kind=RowKind.MESSAGE,
        cls=cls,
        target=Target(platform="p", kind=TargetKind.DM, chat="ada"),
        unit="ada",
        session="talk",
        recipient="ada",
        paragraphs=(Text(flow=PHRASES, key="note.waiting"),),
        queued_at=START,
    )
    async with store.transaction() as tx:
        made = UnitChange(state=UnitState(unit=ada, version=1), version=0)
        await tx.write([Changes(event_id="e", at=START, units=(made,), outbox=(message,))])
    return store, database


def sender_of(store: Store, platform: Faulty) -> Sender:
    return Sender(
        store=store,
        library=shipped(),
        clock=platform.clock,
        platforms={"p": platform},
        memory=Memory(),
        lost=nobody_is_lost,
    )


async def nobody_is_lost(event_id: str, lost: OutOfReach) -> None:
    raise AssertionError(event_id, lost)


async def sent_over(platform: Faulty, cls: MessageClass, until: int) -> list[int]:
    """Return when a message of that class was handed over, in milliseconds, until so long after it was written."""
    clock = platform.clock = VirtualClock(START)
    store, database = await with_message(cls)
    sender = sender_of(store, platform)
    with capture_logs():
        while clock.now() < START + until:
            await sender.drain()
            async with store.transaction() as tx:
                due = await tx.next_due()
            clock.set(START + until if due is None else max(due, clock.now()))
    database.close()
    return [at for _, at in platform.handed]


MAIL = Parcel(
    seat=Seat(unit="ada", session="talk"), send=Send(to="ada", paragraphs=(Text(flow=PHRASES, key="help"),))
)
S = 1_000


class Gated:
    """A platform whose chats answer when they are let."""

    has_forms = False
    single_for = 0

    def __init__(self) -> None:
        self.came: list[str] = []
        self.open = {"slow": asyncio.Event()}

    async def send(self, target: Target, message: Message, key: str) -> str:
        del message
        self.came.append(key)
        if target.chat in self.open:
            await self.open[target.chat].wait()
        return key

    async def retire(self, target: Target, ref: str, chosen: str) -> None:
        del target, ref, chosen

    async def hide(self, target: Target, shown: Sequence[Shown]) -> None:
        del target, shown


def help_for(chat: str, name: str, cls: MessageClass = MessageClass.SESSION) -> OutboxRow:
    return OutboxRow(
        id=name,
        kind=RowKind.MESSAGE,
        cls=cls,
        target=Target(platform="p", kind=TargetKind.DM, chat=chat),
        unit=chat,
        session="",
        recipient=chat,
        paragraphs=(Text(flow=PHRASES, key="note.waiting"),),
        queued_at=START,
    )


async def queue(store: Store, *rows: OutboxRow) -> None:
    async with store.transaction() as tx:
        await tx.write([Changes(event_id=rows[0].id, at=START, outbox=rows)])


def gated() -> tuple[Store, Gated, Sender]:
    store, _ = open_in_memory()
    platform = Gated()
    clock = VirtualClock(START)
    sender = Sender(
        store=store,
        library=shipped(),
        clock=clock,
        platforms={"p": platform},
        memory=Memory(),
        lost=nobody_is_lost,
    )
    return store, platform, sender


async def until_idle() -> None:
    for _ in range(50):
        await asyncio.sleep(0)


async def test_a_chat_that_is_slow_holds_nobody_else_up_and_keeps_its_order():
    store, platform, sender = gated()
    others = [f"chat-{number}" for number in range(2 * AT_ONCE)]
    await queue(store, help_for("slow", "first"), help_for("slow", "second"), *(help_for(one, one) for one in others))
    sending = asyncio.create_task(sender.drain())
    await until_idle()
    assert sorted(platform.came) == sorted(["first", *others])
    await queue(store, help_for("late", "late"))
    later = asyncio.create_task(sender.drain())
    await until_idle()
    assert platform.came[-1] == "late"
    assert not sending.done()

    platform.open["slow"].set()
    await asyncio.gather(sending, later)
    assert platform.came[-1] == "second"


async def test_replies_and_signals_overtake_what_waits_for_other_chats():
    store, platform, sender = gated()
    waiting = [help_for(f"chat-{number}", f"{number}") for number in range(100)]
    await queue(store, *waiting, help_for("den", "signal", MessageClass.SIGNAL))
    await queue(store, help_for("ada", "reply", MessageClass.REPLY))
    await sender.drain()
    assert platform.came == ["signal", "reply", *(row.id for row in waiting)]


async def test_what_is_never_written_down_waits_for_its_own_chat_alone():
    store, platform, sender = gated()
    await queue(store, help_for("slow", "stuck"), help_for("ada", "before"))
    sender.add_direct([help_for("slow", "behind"), help_for("ada", "direct"), help_for("ada", "and more")])
    sending = asyncio.create_task(sender.drain())
    await until_idle()
    assert platform.came == ["stuck", "before", "direct", "and more"]
    platform.open["slow"].set()
    await sending
    assert platform.came[-1] == "behind"


async def test_what_is_never_written_down_keeps_its_order_when_the_first_is_refused():
    store, _ = open_in_memory()
    platform = Faulty(RetryLater(30_000))
    clock = platform.clock = VirtualClock(START)
    sender = sender_of(store, platform)
    sender.add_direct([help_for("ada", "first"), help_for("ada", "second")])
    with capture_logs():
        await sender.drain()
        assert [key for key, _ in platform.handed] == ["first"]
        await sender.drain()
        assert [key for key, _ in platform.handed] == ["first"], "before the platform wants to hear of it"
        clock.set(START + 30_000)
        await sender.drain()
    await sender.drain()
    assert [key for key, _ in platform.handed] == ["first", "first", "second"]


async def test_what_is_never_written_down_waits_for_what_is_tried_again_in_its_chat():
    store, _ = open_in_memory()
    platform = Faulty(RetryLater(30_000))
    clock = platform.clock = VirtualClock(START)
    sender = sender_of(store, platform)
    await queue(store, help_for("ada", "stored"))
    with capture_logs():
        await sender.drain()
        sender.add_direct([help_for("ada", "direct")])
        await sender.drain()
        assert [key for key, _ in platform.handed] == ["stored"]
        clock.set(START + 30_000)
        await sender.drain()
    assert [key for key, _ in platform.handed] == ["stored", "stored", "direct"]


async def test_while_nothing_can_be_noted_what_became_of_a_row_is_known_once(monkeypatch: pytest.MonkeyPatch):
    store, database = open_in_memory()
    platform = Faulty(NotSent())
    platform.clock = VirtualClock(START)
    sender = sender_of(store, platform)
    await queue(store, help_for("ada", "first"), help_for("ben", "second"))
    settle = SqliteTransaction.settle

    async def full(self: SqliteTransaction, rows: Sequence[Settled]) -> None:
        if rows:
            raise OutOfService
        await settle(self, rows)

    monkeypatch.setattr(SqliteTransaction, "settle", full)
    with capture_logs():
        for _ in range(5):
            with pytest.raises(OutOfService):
                await sender.drain()
        monkeypatch.undo()
        await sender.drain()
    assert database.execute("SELECT attempts FROM outbox ORDER BY seq").fetchall() == [(1,), (0,)]
    assert [key for key, _ in platform.handed] == ["first", "second"]


async def test_whoever_is_interrupted_leaves_nothing_that_would_never_be_sent():
    store, platform, sender = gated()
    await queue(store, help_for("slow", "first"), help_for("slow", "second"))
    sending = asyncio.create_task(sender.drain())
    await until_idle()
    sending.cancel()
    await until_idle()
    platform.open["slow"].set()
    await sender.drain()
    assert platform.came == ["first", "second"]


async def test_what_did_not_arrive_is_sent_again_less_and_less_often():
    for cls in (MessageClass.REPLY, MessageClass.NUDGE):
        faults = [NotSent("no connection") for _ in range(10)]
        at = await sent_over(Faulty(*faults), cls, HOUR)
        assert at == [0, 5 * S, 15 * S, 35 * S, 75 * S, 155 * S, 315 * S, 635 * S, 1235 * S, 1835 * S, 2435 * S]


async def test_a_chat_that_is_asked_to_wait_waits_as_long_as_the_platform_says():
    assert await sent_over(Faulty(RetryLater(40 * S)), MessageClass.NUDGE, HOUR) == [0, 40 * S]


async def test_what_will_never_arrive_is_not_sent_again():
    assert await sent_over(Faulty(Undeliverable("blocked")), MessageClass.REPLY, HOUR) == [0]


@pytest.mark.parametrize("fault", [Uncertain("timed out"), OSError("reset")])
async def test_of_what_may_have_arrived_a_prompt_is_sent_again_and_a_nudge_is_not(fault: Exception):
    assert await sent_over(Faulty(fault), MessageClass.SESSION, HOUR) == [0, 5 * S]
    assert await sent_over(Faulty(fault), MessageClass.NUDGE, HOUR) == [0]


async def test_where_a_key_keeps_it_single_a_nudge_that_may_have_arrived_is_sent_again_for_that_long():
    faults = [Uncertain("timed out") for _ in range(10)]
    assert await sent_over(Faulty(*faults, single_for=30 * S), MessageClass.NUDGE, HOUR) == [0, 5 * S, 15 * S]


class Killed(BaseException):
    """The process dies here."""


@pytest.mark.parametrize("cls", [MessageClass.SESSION, MessageClass.NUDGE])
@pytest.mark.parametrize("back_at", [(1,), (1, 2, 29), (31,), (1, 20, 31)])
async def test_however_often_the_process_dies_a_nudge_is_sent_again_only_while_its_key_keeps_it_single(
    cls: MessageClass, back_at: Sequence[int]
):
    platform = Faulty(Killed(), single_for=30 * MINUTE)
    platform.clock = VirtualClock(START)
    store, database = await with_message(cls)
    sender = sender_of(store, platform)
    with pytest.raises(Killed):
        await sender.drain()
    for at in back_at:
        platform.clock.set(START + at * MINUTE)
        sender = sender_of(store, platform)
        with capture_logs():
            await sender.recover()
    await sender.drain()
    sent_again = back_at[-1] < 30 or cls is MessageClass.SESSION
    assert [at for _, at in platform.handed] == [0, *([back_at[-1] * MINUTE] if sent_again else [])]
    await sender.drain()
    assert len(platform.handed) == 1 + sent_again
    database.close()


async def test_what_a_platform_surely_did_not_take_is_sent_however_late():
    platform = Faulty(NotSent("no connection"), NotSent("no connection"), single_for=S)
    assert await sent_over(platform, MessageClass.NUDGE, HOUR) == [0, 5 * S, 15 * S]


async def test_what_may_have_arrived_once_is_not_certain_because_it_failed_to_later():
    platform = Faulty(Uncertain("timed out"), NotSent("no connection"), single_for=14 * S)
    assert await sent_over(platform, MessageClass.NUDGE, HOUR) == [0, 5 * S]


async def test_what_has_become_stale_is_dropped():
    faults = [NotSent("no connection") for _ in range(10_000)]
    at = await sent_over(Faulty(*faults), MessageClass.NUDGE, 100 * HOUR)
    assert 47 * HOUR < at[-1] < 48 * HOUR
