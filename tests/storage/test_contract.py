"""What every store promises. A second store joins by one more parameter of the fixture."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot.conversation.envelope import DeadlineCame, ScheduleCame
from bot.conversation.outbox import MessageClass, OutboxRow, RowKind, Target, TargetKind
from bot.conversation.ports import Changes, Settled, Store, UnitChange, VersionConflict
from bot.conversation.record import Record
from bot.conversation.retention import ENDED, MESSAGES, SETTLED, TRACES, Sweep
from bot.conversation.units import (
    Invite,
    KeptDraft,
    Pair,
    Parcel,
    Person,
    PromptKind,
    Seat,
    SentPrompt,
    UnitState,
)
from bot.engine.effects import PHRASES, KeptValue, PromptFence, Send, Text
from bot.engine.recurrence import Recurrence
from bot.engine.session import Composed, Frame, Session, Value
from bot.flows.revisions import Published
from bot.nudges.schedule import Schedule
from storage.sqlite import open_store
from tests.sealed import KEYS

ADA = Person(id="ada", platform="terminal", account="ada", name="Ada", chat="ada")
BEN = Person(id="ben", platform="terminal", account="ben", name="Ben", chat="ben")

FIRST = "t1"
"""The token of a prompt."""


@pytest.fixture(params=["sqlite in memory", "sqlite in a file"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[Store]:
    opened = await open_store(None if request.param.endswith("memory") else tmp_path / "contract.sqlite", KEYS)
    yield opened
    await opened.close()


def made(*units: Person | Pair) -> tuple[UnitChange, ...]:
    return tuple(UnitChange(state=UnitState(unit=unit, version=1), version=0) for unit in units)


def changed(unit: Person, version: int) -> UnitChange:
    return UnitChange(state=UnitState(unit=unit, version=version + 1), version=version)


def session(name: str = "talk", *, due: int | None = None, **more: object) -> Session:
    frame = Frame(no=0, flow="pair", roles={"inviter": ("ada",)}, stage="first", entry=7, due=due)
    plain = Session(
        id=name,
        flow="pair",
        revision="r1",
        unit="ada",
        place=None,
        starter="ada",
        frames=(frame,),
        values={},
        members={},
        expires_at=1_000_000,
    )
    return replace(plain, **more)


def row(name: str, *, chat: str = "ada", cls: MessageClass = MessageClass.SESSION, **more: object) -> OutboxRow:
    plain = OutboxRow(
        id=name,
        kind=RowKind.MESSAGE,
        cls=cls,
        target=Target(platform="terminal", kind=TargetKind.DM, chat=chat),
        unit="ada",
        session="",
        recipient="ada",
        paragraphs=(Text(flow=PHRASES, key="help"),),
    )
    return replace(plain, **more)


async def write(store: Store, name: str, **more: object) -> None:
    async with store.transaction() as tx:
        await tx.write([replace(Changes(event_id=name, at=1), **more)])


async def claimed(store: Store, now: int = 100, limit: int = 8) -> list[str]:
    async with store.transaction() as tx:
        return [found.row.id for found in await tx.claim(now, limit)]


async def settle(store: Store, *names: str) -> None:
    async with store.transaction() as tx:
        await tx.settle([Settled.sent(row(name), 100, f"ref of {name}") for name in names])


# Transactions


async def test_a_transaction_left_by_an_exception_writes_nothing(store: Store):
    async def fail() -> None:
        async with store.transaction() as tx:
            changes = Changes(
                event_id="e1",
                at=1,
                units=made(ADA),
                sessions=(session(due=50),),
                outbox=(row("m1"),),
                chats=(("terminal", "account:ada", "ada"),),
            )
            await tx.write([changes])
            message = "halfway"
            raise RuntimeError(message)

    with pytest.raises(RuntimeError, match="halfway"):
        await fail()

    async with store.transaction() as tx:
        assert await tx.settled(["e1"]) == set()
        assert await tx.load_units(["ada"]) == {}
        assert await tx.units_at([("terminal", "account:ada")]) == {}
        assert await tx.load_sessions(["talk"]) == {}
        assert await tx.due(10**9, 8) == []
        assert await tx.claim(10**9, 8) == []


async def test_a_store_goes_on_after_a_transaction_that_failed(store: Store):
    with pytest.raises(RuntimeError):
        async with store.transaction():
            raise RuntimeError
    await write(store, "e1", units=made(ADA))

    async with store.transaction() as tx:
        assert (await tx.load_units(["ada"]))["ada"] == UnitState(unit=ADA, version=1)


async def test_what_was_read_is_what_was_written(store: Store):
    prompt = SentPrompt(
        token=FIRST,
        kind=PromptKind.LANE,
        target=Target(platform="terminal", kind=TargetKind.ASIDE, chat="den", account="ada"),
        session="talk",
        lane="inviter:ada",
        entry=7,
        values=("yes", "no"),
        person="ada",
    )
    invite = Invite(digest="d1", unit="ada", session="talk", expires_at=9)
    await write(
        store,
        "e1",
        units=made(ADA, BEN),
        sessions=(session(), session("over", ended=True)),
        prompts=(prompt,),
        invites=(invite,),
        chats=(("terminal", "account:ada", "ada"),),
    )

    async with store.transaction() as tx:
        assert await tx.settled(["e1", "e2"]) == {"e1"}
        chats = [("terminal", "account:ada"), ("elsewhere", "account:ada")]
        assert await tx.units_at(chats) == {("terminal", "account:ada"): "ada"}
        units = await tx.load_units(["ben", "ada", "nobody"])
        assert units == {
            "ada": UnitState(unit=ADA, version=1, sessions={"talk": session()}),
            "ben": UnitState(unit=BEN, version=1),
        }
        assert await tx.load_sessions(["over", "none"]) == {"over": session("over", ended=True)}
        assert await tx.open_sessions() == [session()]
        assert await tx.find_prompts([FIRST, "another"]) == {FIRST: prompt}
        fences = [("talk", "inviter:ada", 7), ("talk", "inviter:ada", 8)]
        assert await tx.prompts_at(fences) == {fences[0]: [prompt], fences[1]: []}
        assert await tx.find_invites(["d1", "d2"]) == {"d1": invite}


# Events and versions


async def test_an_event_is_settled_once(store: Store):
    await write(store, "e1", units=made(ADA))

    async with store.transaction() as tx:
        assert await tx.settled(["e1", "e2"]) == {"e1"}
    with pytest.raises(Exception, match="inbox"):
        await write(store, "e1")


async def test_a_unit_that_changed_since_it_was_read_is_a_conflict_and_nothing_is_written(store: Store):
    await write(store, "e1", units=made(ADA, BEN))
    await write(store, "e2", units=(changed(replace(ADA, name="Ada L."), 1),))

    with pytest.raises(VersionConflict):
        await write(store, "e3", units=(changed(replace(BEN, name="B."), 1), changed(replace(ADA, name="lost"), 1)))

    async with store.transaction() as tx:
        units = await tx.load_units(["ada", "ben"])
        assert await tx.settled(["e3"]) == set()
    assert units["ada"] == UnitState(unit=replace(ADA, name="Ada L."), version=2)
    assert units["ben"] == UnitState(unit=BEN, version=1)


async def test_a_unit_that_exists_cannot_be_created_again(store: Store):
    await write(store, "e1", units=made(ADA))

    with pytest.raises(VersionConflict):
        await write(store, "e2", units=made(replace(ADA, name="other")))


async def test_an_invite_is_changed_in_place(store: Store):
    invite = Invite(digest="d1", unit="ada", session="talk", expires_at=9)
    await write(store, "e1", units=made(ADA), invites=(invite,))
    await write(store, "e2", invites=(replace(invite, used_by="ben"),))

    async with store.transaction() as tx:
        assert await tx.find_invites(["d1"]) == {"d1": replace(invite, used_by="ben")}


# Timers


async def test_deadlines_come_due_in_order_and_are_fenced_by_their_entry(store: Store):
    await write(
        store,
        "e1",
        units=made(ADA),
        sessions=(session("late", due=60), session("early", due=40), session("lives", expires_at=50)),
    )

    async with store.transaction() as tx:
        assert await tx.next_due() == 40
        assert await tx.due(39, 8) == []
        assert await tx.due(60, 8) == [
            DeadlineCame(unit="ada", session="early", entry=7, due=40, version=1),
            DeadlineCame(unit="ada", session="lives", entry=0, due=50, version=1),
            DeadlineCame(unit="ada", session="late", entry=7, due=60, version=1),
        ]
        assert [one.session for one in await tx.due(60, 1)] == ["early"]


async def test_a_deadline_that_is_set_once_more_is_another_one(store: Store):
    await write(store, "e1", units=made(ADA), sessions=(session("one", due=40),))
    await write(store, "e2", units=(UnitChange(state=UnitState(unit=ADA, version=2), version=1),), parked=("one",))
    await write(
        store,
        "e3",
        units=(UnitChange(state=UnitState(unit=ADA, version=3), version=2),),
        sessions=(session("one", due=40),),
    )

    async with store.transaction() as tx:
        assert [(one.due, one.version) for one in await tx.due(60, 8)] == [(40, 3)]


async def test_a_fired_deadline_is_gone_but_a_newer_one_of_its_session_stays(store: Store):
    await write(store, "e1", units=made(ADA), sessions=(session("one", due=40), session("two", due=40)))
    await write(store, "e2", fired=(("one", 7), ("two", 6)))

    async with store.transaction() as tx:
        assert [one.session for one in await tx.due(60, 8)] == ["two"]


@pytest.mark.parametrize("change", [{"ended": True}, {"frozen_at": 30}])
async def test_a_session_that_ended_or_rests_has_no_deadline(store: Store, change: dict[str, object]):
    await write(store, "e1", units=made(ADA), sessions=(session("one", due=40),))
    await write(store, "e2", sessions=(session("one", due=40, **change),))

    async with store.transaction() as tx:
        assert await tx.due(10**9, 8) == []
        assert await tx.next_due() is None


async def test_a_parked_session_has_no_deadline_until_it_moves(store: Store):
    await write(store, "e1", units=made(ADA), sessions=(session("one", due=40),))
    await write(store, "e2", parked=("one",))

    async with store.transaction() as tx:
        assert await tx.due(10**9, 8) == []
    await write(store, "e3", sessions=(session("one", due=40),))
    async with store.transaction() as tx:
        assert [one.session for one in await tx.due(60, 8)] == ["one"]


# The outbox


async def test_a_claim_takes_the_oldest_of_each_chat_and_no_more_until_it_is_settled(store: Store):
    await write(
        store, "e1", units=made(ADA), outbox=(row("a1"), row("a2"), row("b1", chat="ben"), row("c1", chat="cat"))
    )

    assert await claimed(store, limit=2) == ["a1", "b1"]
    assert await claimed(store) == ["c1"]
    assert await claimed(store) == []
    await settle(store, "a1", "b1")
    assert await claimed(store) == ["a2"]


async def test_a_dropped_row_lets_the_next_of_its_chat_through(store: Store):
    await write(store, "e1", units=made(ADA), outbox=(row("a1"), row("a2")))

    assert await claimed(store) == ["a1"]
    async with store.transaction() as tx:
        await tx.settle([Settled.dropped(row("a1"), 100)])
    assert await claimed(store) == ["a2"]
    await settle(store, "a2")
    assert await claimed(store) == []


async def test_a_delayed_row_waits_for_its_time_and_holds_nothing_up(store: Store):
    await write(store, "e1", units=made(ADA), outbox=(row("later", not_before=500), row("now")))

    async with store.transaction() as tx:
        assert await tx.next_due() == 500
    assert await claimed(store, now=100) == ["now"]
    await settle(store, "now")
    assert await claimed(store, now=499) == []
    assert await claimed(store, now=500) == ["later"]
    async with store.transaction() as tx:
        assert await tx.next_due() is None


async def test_a_row_that_failed_is_tried_again_before_everything_later_of_its_chat(store: Store):
    await write(store, "e1", units=made(ADA), outbox=(row("a1"), row("a2"), row("b1", chat="ben")))
    assert await claimed(store) == ["a1", "b1"]
    await settle(store, "b1")

    async with store.transaction() as tx:
        await tx.settle([Settled.failed(row("a1"), 600)])
        assert await tx.next_due() == 600

    assert await claimed(store, now=599) == []
    assert await claimed(store, now=600) == ["a1"]
    assert await claimed(store, now=600) == []
    await settle(store, "a1")
    assert await claimed(store, now=600) == ["a2"]


async def test_what_belongs_to_a_frozen_session_waits_and_holds_nothing_up(store: Store):
    await write(
        store,
        "e1",
        units=made(ADA),
        sessions=(session("one", frozen_at=30),),
        outbox=(
            row("rests", session="one"),
            row("rests too", session="one", cls=MessageClass.INVITATION, not_before=50),
            row("answer", session="one", cls=MessageClass.REPLY),
            row("signal", session="one", cls=MessageClass.SIGNAL),
        ),
    )

    assert await claimed(store) == ["answer"]
    await settle(store, "answer")
    assert await claimed(store) == ["signal"]
    await settle(store, "signal")
    assert await claimed(store) == []
    async with store.transaction() as tx:
        assert await tx.next_due() is None, "a clock that asks for the next due time would never get on"
    await write(store, "e2", sessions=(session("one"),))
    assert await claimed(store) == ["rests"]
    await settle(store, "rests")
    assert await claimed(store) == ["rests too"]


async def test_a_failed_row_of_a_session_that_is_frozen_meanwhile_holds_nothing_up(store: Store):
    outbox = (row("rests", session="one"), row("other"))
    await write(store, "e1", units=made(ADA), sessions=(session("one"),), outbox=outbox)
    assert await claimed(store) == ["rests"]
    async with store.transaction() as tx:
        await tx.settle([Settled.failed(row("rests"), 200)])
    await write(store, "e2", sessions=(session("one", frozen_at=30),))

    assert await claimed(store, now=300) == ["other"]
    await settle(store, "other")
    await write(store, "e3", sessions=(session("one"),))
    assert await claimed(store, now=300) == ["rests"]


async def test_after_a_restart_what_was_claimed_is_claimed_again_in_order(store: Store):
    await write(store, "e1", units=made(ADA), outbox=(row("a1"), row("a2"), row("b1", chat="ben")))
    assert await claimed(store) == ["a1", "b1"]
    async with store.transaction() as tx:
        await tx.settle([Settled.failed(row("b1"), 900)])

    async with store.transaction() as tx:
        assert await tx.unclaim() == 2
    assert await claimed(store) == ["a1", "b1"]


async def test_since_when_nobody_knows_whether_a_row_was_sent_is_told_with_it(store: Store):
    await write(store, "e1", units=made(ADA), outbox=(row("a1"),))

    async def since(now: int) -> int:
        async with store.transaction() as tx:
            (found,) = await tx.claim(now, 8)
            assert found.at == now
            return found.since

    async def settle(what: Settled) -> None:
        async with store.transaction() as tx:
            await tx.settle([what])

    async def restart() -> None:
        async with store.transaction() as tx:
            assert await tx.unclaim() == 1

    assert await since(100) == 0
    await restart()
    assert await since(110) == 100
    await settle(Settled.failed(row("a1"), 120, since=100))
    assert await since(120) == 100
    await settle(Settled.postponed(row("a1"), 130, since=0))
    assert await since(130) == 0
    await settle(Settled.failed(row("a1"), 140, since=0))
    await restart()
    assert await since(140) == 0


async def test_how_often_a_row_has_failed_is_counted(store: Store):
    await write(store, "e1", units=made(ADA), outbox=(row("a1"),))
    for attempts in range(3):
        async with store.transaction() as tx:
            (found,) = await tx.claim(100, 8)
            assert found.attempts == attempts
            await tx.settle([Settled.failed(found.row, 100)])


async def test_a_sent_prompt_is_known_by_the_name_that_the_platform_gave_it(store: Store):
    target = Target(platform="terminal", kind=TargetKind.DM, chat="ada")
    fence = PromptFence(lane="inviter:ada", entry=7)
    prompt = SentPrompt(token=FIRST, kind=PromptKind.LANE, target=target, session="talk", lane=fence.lane, entry=7)
    asked = row("a1", token=FIRST, fence=fence, target=target)
    retired = row("a2", token=FIRST, kind=RowKind.RETIRE, target=target)
    await write(store, "e1", units=made(ADA), prompts=(prompt,), outbox=(asked, retired))

    async with store.transaction() as tx:
        assert await tx.message_refs([FIRST, "another"]) == {}
        await tx.settle([Settled.sent(asked, 100, "message 5")])
        assert await tx.message_refs([FIRST, "another"]) == {FIRST: (target, "message 5")}
        await tx.settle([Settled.sent(retired, 101, "")])
        assert await tx.message_refs([FIRST]) == {FIRST: (target, "message 5")}


async def test_a_postponed_row_comes_in_its_time_and_nothing_of_its_chat_waits_for_it(store: Store):
    await write(store, "e1", units=made(ADA), outbox=(row("a1"), row("a2")))
    assert await claimed(store) == ["a1"]

    async with store.transaction() as tx:
        await tx.settle([Settled.postponed(row("a1"), 600)])
        assert await tx.next_due() == 600
    assert await claimed(store, now=599) == ["a2"]
    await settle(store, "a2")
    assert await claimed(store, now=600) == ["a1"]


# Records


def record(name: str, *, unit: str = "ada", kind: str = "win", **more: object) -> Record:
    plain = Record(
        unit=unit,
        kind=kind,
        id=name,
        key=(),
        values={"words": (KeptValue(data="It was good.", author="ada", rev=2),)},
        at=10,
        until=1_000,
        flow="win",
        revision="r1",
    )
    return replace(plain, **more)


async def records(store: Store, unit: str = "ada", kind: str = "win") -> list[Record]:
    async with store.transaction() as tx:
        return (await tx.load_records([(unit, kind)]))[(unit, kind)]


async def test_the_records_of_a_unit_and_a_kind_are_read_the_oldest_first_as_they_were_written(store: Store):
    mine = (record("b", at=20), record("a", at=30), record("c", at=20, ended_at=40))
    others = (record("d", kind="level"), record("a", unit="ben"))
    await write(store, "e1", units=made(ADA, BEN), records=(*mine, *others))

    assert await records(store) == [mine[0], mine[2], mine[1]]
    assert await records(store, kind="level") == [others[0]]
    assert await records(store, unit="ben") == [others[1]]
    assert await records(store, unit="nobody") == []


async def test_a_record_is_changed_in_its_place_and_deleted_from_no_other(store: Store):
    await write(store, "e1", units=made(ADA, BEN), records=(record("a"), record("a", unit="ben"), record("b")))

    await write(store, "e2", records=(record("a", ended_at=50),), forgotten=(record("b").place,))
    assert await records(store) == [record("a", ended_at=50)]
    assert await records(store, unit="ben") == [record("a", unit="ben")]


async def test_a_record_is_swept_once_it_has_been_over_for_so_long_whether_it_ended_or_was_ended(store: Store):
    kept = (record("runs out", until=200), record("ended", ended_at=100), record("stands", until=900))
    await write(store, "e1", units=made(ADA), records=kept)

    async def left(over: int) -> set[str]:
        async with store.transaction() as tx:
            await tx.sweep(replace(Sweep.at(0), records=over))
        return {one.id for one in await records(store)}

    assert await left(99) == {"runs out", "ended", "stands"}
    assert await left(100) == {"runs out", "stands"}
    assert await left(200) == {"stands"}


async def test_a_turn_that_is_not_kept_leaves_every_record_as_it_was(store: Store):
    await write(store, "e1", units=made(ADA), records=(record("a"),))

    with pytest.raises(VersionConflict):
        await write(store, "e2", units=(changed(ADA, 7),), records=(record("b"),), forgotten=(record("a").place,))
    assert await records(store) == [record("a")]


# What comes by itself


def coming(name: str, due: int, kind: str = "win") -> Record:
    rule = Recurrence(start=date(2026, 3, 2), minutes=8 * 60)
    return record(name, kind=kind, schedule=Schedule(rule=rule, until=1_000, day=rule.start, at=due, due=due))


async def test_what_comes_by_itself_is_due_in_order_and_fenced_by_its_version(store: Store):
    schedules = (coming("late", 60), coming("early", 40), record("never"), coming("early", 40, kind="level"))
    await write(store, "e1", units=made(ADA), records=schedules, sessions=(session("one", due=50),))

    async with store.transaction() as tx:
        assert await tx.next_due() == 40
        assert await tx.schedules_due(39, 8) == []
        assert await tx.schedules_due(60, 8) == [
            ScheduleCame(unit="ada", kind="level", record="early", due=40, version=1),
            ScheduleCame(unit="ada", kind="win", record="early", due=40, version=1),
            ScheduleCame(unit="ada", kind="win", record="late", due=60, version=1),
        ]
        assert [one.kind for one in await tx.schedules_due(60, 1)] == ["level"]


async def test_what_comes_once_more_is_due_at_the_earlier_of_both_times(store: Store):
    plain = coming("a", 60)
    assert plain.schedule is not None
    both = replace(plain, schedule=replace(plain.schedule, again=45))
    await write(store, "e1", units=made(ADA), records=(both,))

    async with store.transaction() as tx:
        assert [one.due for one in await tx.schedules_due(60, 8)] == [45]


async def test_what_comes_again_at_the_same_time_is_another_time(store: Store):
    await write(store, "e1", units=made(ADA), records=(coming("a", 40),))
    await write(store, "e2", units=(changed(ADA, 1),), records=(coming("a", 40),))

    async with store.transaction() as tx:
        assert [(one.due, one.version) for one in await tx.schedules_due(60, 8)] == [(40, 2)]


@pytest.mark.parametrize("change", [{"ended_at": 30}, {"schedule": None}])
async def test_what_has_ended_or_was_stopped_is_never_due(store: Store, change: dict[str, object]):
    await write(store, "e1", units=made(ADA), records=(coming("a", 40),))
    await write(store, "e2", records=(replace(coming("a", 40), **change),))

    async with store.transaction() as tx:
        assert (await tx.schedules_due(10**9, 8), await tx.next_due()) == ([], None)


async def test_what_is_deleted_is_never_due(store: Store):
    await write(store, "e1", units=made(ADA), records=(coming("a", 40), coming("b", 50)))
    await write(store, "e2", forgotten=(coming("a", 40).place,))

    async with store.transaction() as tx:
        assert [one.record for one in await tx.schedules_due(60, 8)] == ["b"]


async def test_what_could_not_be_taken_is_not_due_again_and_stays_as_it_was(store: Store):
    await write(store, "e1", units=made(ADA), records=(coming("a", 40), coming("a", 40, kind="level")))
    await write(store, "e2", silenced=(coming("a", 40).place,))

    async with store.transaction() as tx:
        assert [one.kind for one in await tx.schedules_due(60, 8)] == ["level"]
    assert await records(store) == [coming("a", 40)]


# Revisions of flows


def stored(name: str, *, flow: str = "pair", version: int = 1) -> Published:
    return Published(revision=name, flow=flow, version=version, body=f'{{"of": "{name}"}}'.encode())


async def in_use(store: Store) -> set[str]:
    async with store.transaction() as tx:
        return await tx.revisions.needed()


async def test_a_published_revision_stays_as_it_was_until_it_is_withdrawn(store: Store):
    async with store.transaction() as tx:
        await tx.revisions.publish([stored("r1"), stored("r2", flow="pause", version=3)])
        await tx.revisions.publish([stored("r1", version=9)])
        assert {one.revision: one for one in await tx.revisions.published()} == {
            "r1": stored("r1"),
            "r2": stored("r2", flow="pause", version=3),
        }
        await tx.revisions.withdraw(["r1", "unknown"])

    async with store.transaction() as tx:
        assert await tx.revisions.published() == [stored("r2", flow="pause", version=3)]


async def test_a_revision_is_needed_while_a_session_that_is_pinned_to_it_is_open(store: Store):
    sessions = (session("one", revision="r1"), session("two", revision="r2"), session("three", revision="r2"))
    await write(store, "e1", units=made(ADA), sessions=sessions)
    assert await in_use(store) == {"r1", "r2"}
    async with store.transaction() as tx:
        assert await tx.revisions.sessions("r1") == ["one"]
        assert await tx.revisions.sessions("r2") == ["three", "two"]
        assert await tx.revisions.sessions("r3") == []

    over = (session("one", revision="r1", ended=True), session("two", revision="r2", ended=True))
    await write(store, "e2", sessions=over)
    assert await in_use(store) == {"r2"}
    await write(store, "e3", sessions=(session("three", revision="r4"),))
    assert await in_use(store) == {"r4"}, "it came along"
    async with store.transaction() as tx:
        assert await tx.revisions.sessions("r2") == []


async def test_a_revision_is_needed_while_an_open_session_holds_a_text_that_was_composed_in_it(store: Store):
    card = Value(data=Composed(flow="say_it", revision="r9", parts=()))
    holding = session("one", revision="r1", values={"0.card.ada": card})
    await write(store, "e1", units=made(ADA), sessions=(holding,))
    assert await in_use(store) == {"r1", "r9"}

    await write(store, "e2", sessions=(replace(holding, values={}),))
    assert await in_use(store) == {"r1"}
    await write(store, "e3", sessions=(replace(holding, ended=True),))
    assert await in_use(store) == set()


async def test_a_revision_is_needed_while_somebody_has_an_unopened_message_or_kept_words_in_it(store: Store):
    seat = Seat(unit="ada", session="talk")
    parcel = Parcel(seat=seat, send=Send(to="ada", paragraphs=()), revisions=("r1", "r2"))
    kept = KeptDraft(session="talk", flow="pair", at=1, revisions=("r3",))
    holding = replace(ADA, mail=(parcel,), drafts=(kept,))
    await write(store, "e1", units=made(holding, BEN))
    assert await in_use(store) == {"r1", "r2", "r3"}

    await write(store, "e2", units=(changed(replace(holding, mail=()), 1),))
    assert await in_use(store) == {"r3"}
    await write(store, "e3", units=(changed(ADA, 2),))
    assert await in_use(store) == set()


async def test_a_revision_is_needed_while_a_record_holds_a_text_that_was_composed_in_it(store: Store):
    card = KeptValue(data=Composed(flow="say_it", revision="r9", parts=()), author="ada")
    await write(store, "e1", units=made(ADA), records=(record("a", values={"card": (card,)}), record("b")))
    assert await in_use(store) == {"r9"}

    await write(store, "e2", forgotten=(record("a").place,))
    assert await in_use(store) == set()


async def test_a_revision_is_needed_while_a_message_in_its_words_is_not_sent(store: Store):
    outbox = (row("m1", revisions=("r1", "r2")), row("m2", chat="ben", revisions=("r3",)), row("m3", chat="eve"))
    await write(store, "e1", units=made(ADA), outbox=outbox)
    assert await in_use(store) == {"r1", "r2", "r3"}

    assert await claimed(store, limit=1) == ["m1"]
    assert await in_use(store) == {"r1", "r2", "r3"}, "what is claimed may have to be sent again"
    await settle(store, "m1")
    async with store.transaction() as tx:
        await tx.settle([Settled.dropped(row("m2"), 100)])
    assert await in_use(store) == set()


async def test_what_of_a_session_is_not_sent_yet_is_returned_in_order(store: Store):
    mine = [row(name, session="one") for name in ("m1", "m2", "m3")]
    await write(store, "e1", units=made(ADA), sessions=(session("one"),), outbox=(*mine, row("m4")))
    assert await claimed(store, limit=1) == ["m1"]
    await settle(store, "m1")
    assert await claimed(store, limit=1) == ["m2"]

    async with store.transaction() as tx:
        assert [found.id for found in await tx.revisions.unsent("one")] == ["m2", "m3"]
        assert await tx.revisions.unsent("two") == []


async def test_a_turn_that_is_not_kept_needs_nothing(store: Store):
    async def fail() -> None:
        async with store.transaction() as tx:
            await tx.revisions.publish([stored("r1")])
            await tx.write([Changes(event_id="e1", at=1, units=made(ADA), sessions=(session("one"),))])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    assert await in_use(store) == set()
    async with store.transaction() as tx:
        assert await tx.revisions.published() == []


# Retention


async def test_a_session_goes_with_its_prompts_thirty_days_after_it_ended_and_not_while_it_is_open(store: Store):
    def prompt(token: str, of: str, at: int = 5) -> SentPrompt:
        kind, target = PromptKind.LANE, row("m").target
        return SentPrompt(token=token, kind=kind, target=target, unit="ada", session=of, sent_at=at)

    sessions = (session("open"), session("over", ended=True))
    prompts = (prompt("a", "open"), prompt("b", "over"), prompt("early", "", 5), prompt("late", "", 6))
    await write(store, "e1", at=10, units=made(ADA), sessions=sessions, prompts=prompts)
    await write(store, "e2", at=99, units=(changed(ADA, 1),), sessions=(session("over", ended=True, gone=("ada",)),))

    async def left(now: int) -> tuple[set[str], set[str]]:
        async with store.transaction() as tx:
            assert not await tx.sweep(Sweep.at(now))
            there = await tx.load_sessions(["open", "over"])
            return set(there), set(await tx.find_prompts(["a", "b", "early", "late"]))

    assert await left(10 + ENDED - 1) == ({"open", "over"}, {"a", "b"})
    assert await left(10 + ENDED) == ({"open"}, {"a"})


async def test_of_a_sent_message_its_text_goes_after_a_day_and_the_rest_after_thirty(store: Store):
    await write(store, "e1", units=made(ADA), outbox=(row("sent"), row("dropped", chat="b"), row("waits", chat="c")))
    await settle(store, "sent")
    async with store.transaction() as tx:
        await tx.settle([Settled.dropped(row("dropped"), 100)])
        await tx.sweep(Sweep.at(100 + MESSAGES))
        await tx.sweep(Sweep.at(100 + TRACES))
    assert await claimed(store, now=10**12) == ["waits"]
    await write(store, "e2", units=(changed(ADA, 1),), outbox=(row("sent"), row("dropped", chat="b")))


async def test_a_settled_event_is_known_for_a_week(store: Store):
    await write(store, "e1", at=5, units=made(ADA))
    for now, known in ((5 + SETTLED - 1, {"e1"}), (5 + SETTLED, set[str]())):
        async with store.transaction() as tx:
            await tx.sweep(Sweep.at(now))
            assert await tx.settled(["e1"]) == known


async def test_what_goes_goes_some_at_a_time(store: Store):
    for number in range(3):
        async with store.transaction() as tx:
            await tx.write([Changes(event_id=f"{number}-{n}", at=5) for n in range(200)])
    more: list[bool] = []
    for _ in range(2):
        async with store.transaction() as tx:
            more.append(await tx.sweep(Sweep.at(5 + SETTLED)))
    assert more == [True, False]


async def test_an_invite_is_there_for_a_while_after_it_has_expired(store: Store):
    await write(store, "e1", units=made(ADA), invites=(Invite(digest="d", unit="ada", session="s", expires_at=50),))
    for now, there in ((50 + ENDED - 1, {"d"}), (50 + ENDED, set[str]())):
        async with store.transaction() as tx:
            await tx.sweep(Sweep.at(now))
            assert set(await tx.find_invites(["d"])) == there


# What chats still show


async def test_what_a_chat_shows_is_known_until_it_is_hidden_with_what_was_told_aside_to_its_account(store: Store):
    aside = replace(
        row("aside"), target=Target(platform="terminal", kind=TargetKind.ASIDE, chat="den", account="ada")
    )
    other = replace(aside, id="other", target=replace(aside.target, account="sam"))
    hide = replace(row("hide", kind=RowKind.HIDE), target=replace(row("hide").target, account="ada"))
    await write(store, "e1", units=made(ADA), outbox=(row("own"), aside, other))
    for name in ("own", "aside", "other"):
        await claimed(store)
        await settle(store, name)
    async with store.transaction() as tx:
        shown = (await tx.shown([hide.target]))[hide.target.key]
        assert {one.ref for one in shown} == {"ref of own", "ref of aside"}
        await tx.write([Changes(event_id="e2", at=1, outbox=(hide,))])
        await tx.settle([Settled.sent(hide, 100, "")])
    async with store.transaction() as tx:
        assert await tx.shown([hide.target]) == {hide.target.key: []}
        assert [one.ref for one in (await tx.shown([other.target]))[other.target.key]] == ["ref of other"]


# What is read back after a gap


async def test_the_newest_event_of_a_platform_is_when_it_was_last_heard(store: Store):
    async with store.transaction() as tx:
        assert await tx.last_event_from("discord") == 0
    for name, at in (("discord:m:1", 5), ("discord:i:2", 9), ("telegram:u:3", 20), ("deadline", 30)):
        async with store.transaction() as tx:
            await tx.write([Changes(event_id=name, at=at)])
    async with store.transaction() as tx:
        assert await tx.last_event_from("discord") == 9
        assert await tx.last_event_from("disco") == 0


async def test_peoples_own_chats_that_were_written_to_are_told_the_latest_first(store: Store):
    def to(name: str, chat: str, kind: TargetKind = TargetKind.DM, platform: str = "discord") -> OutboxRow:
        return row(name, target=Target(platform=platform, kind=kind, chat=chat))

    rows = [
        to("m1", "7"),
        to("m2", "8"),
        to("m3", "7"),
        to("m4", "9"),
        to("m5", "room", TargetKind.ROOM),
        to("m6", "5", platform="telegram"),
        to("m7", "6"),
    ]
    room = (("discord", "room:room", "ada"),)
    await write(store, "e1", units=made(ADA), chats=room, outbox=tuple(rows))
    for number, one in enumerate(rows[:-1]):
        async with store.transaction() as tx:
            await tx.settle([Settled.sent(one, 100 + number, "ref")])
    async with store.transaction() as tx:
        await tx.settle([Settled.dropped(rows[-1], 200)])
        assert await tx.written_to("discord", 100, 10) == ["9", "7", "8"]
        assert await tx.written_to("discord", 102, 10) == ["9"]
        assert await tx.written_to("discord", 0, 2) == ["9", "7"]
