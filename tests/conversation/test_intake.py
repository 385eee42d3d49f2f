"""The one order of arrivals: batches of a bounded size, in order, deadlines among them; poison is set aside."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from bot.conversation.batch import Arrival
from bot.conversation.envelope import Actor, DeadlineCame, Envelope, Place, PlaceKind, TextSaid
from bot.conversation.intake import FOR_TIMERS, MOST, Intake
from bot.conversation.ports import OutOfService


def said(name: str) -> Arrival:
    """Something that somebody said."""
    envelope = Envelope(
        platform="terminal",
        event_id=name,
        actor=Actor(id=name, name=name, zone="UTC"),
        place=Place(kind=PlaceKind.DM, id=name),
        at=0,
        content=TextSaid(text="hello", message=name),
    )
    return Arrival(name, envelope)


def came(name: str) -> Arrival:
    """A deadline that came."""
    return Arrival(name, DeadlineCame(unit="u", session=name, entry=1, due=0))


@dataclass
class Desk:
    """Takes batches, and notes them. What waits does so once; what is poisonous fails every batch that it is in."""

    waits: set[str] = field(default_factory=set[str])
    poison: set[str] = field(default_factory=set[str])
    unsettling: set[str] = field(default_factory=set[str])
    out_of_service: set[str] = field(default_factory=set[str])
    batches: list[list[str]] = field(default_factory=list[list[str]])
    aside: list[str] = field(default_factory=list[str])
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, arrivals: list[Arrival]) -> list[Arrival]:
        self.begun.set()
        await self.go_on.wait()
        names = [one.event_id for one in arrivals]
        if self.out_of_service.intersection(names):
            message = "the disk is full"
            raise OutOfService(message)
        if self.poison.intersection(names):
            message = "a batch like this cannot be stored"
            raise ValueError(message)
        waiting = [one for one in arrivals if one.event_id in self.waits]
        self.waits -= set(names)
        self.batches.append([name for name in names if name not in {one.event_id for one in waiting}])
        return waiting

    async def set_aside(self, arrival: Arrival) -> None:
        if arrival.event_id in self.unsettling:
            message = "the disk is full"
            raise OSError(message)
        self.aside.append(arrival.event_id)

    async def bring(self, *groups: Sequence[Arrival]) -> list[BaseException | None]:
        """Bring a first arrival, and while it is at work all the others."""
        intake = Intake(self.take, self.set_aside)
        first = asyncio.create_task(intake.commit([said("first")]))
        await self.begun.wait()
        others = [asyncio.create_task(intake.commit(group)) for group in groups]
        await asyncio.sleep(0)
        self.go_on.set()
        return await asyncio.gather(first, *others, return_exceptions=True)


async def test_all_that_came_meanwhile_goes_through_together_in_its_order():
    desk = Desk()
    await desk.bring([said("a")], [said("b"), said("c")], [came("d")])
    assert desk.batches == [["first"], ["a", "b", "c", "d"]]


async def test_a_batch_has_a_bounded_size():
    desk = Desk()
    names = [f"e{number}" for number in range(MOST + 5)]
    await desk.bring([said(name) for name in names])
    assert desk.batches == [["first"], names[:MOST], names[MOST:]]


async def test_a_flood_of_messages_leaves_a_quarter_to_deadlines_and_one_of_deadlines_the_rest_to_messages():
    desk = Desk()
    await desk.bring(
        [said(f"e{number}") for number in range(2 * MOST)], [came(f"t{number}") for number in range(2 * MOST)]
    )
    for batch in desk.batches[1:3]:
        assert len(batch) == MOST
        assert sum(name.startswith("t") for name in batch) == FOR_TIMERS


async def test_deadlines_fill_what_messages_leave_free():
    desk = Desk()
    names = [f"t{number}" for number in range(MOST)]
    await desk.bring([came(name) for name in names])
    assert desk.batches == [["first"], names]


async def test_what_has_to_wait_goes_first_in_the_next_batch():
    desk = Desk(waits={"b"})
    names = [f"e{number}" for number in range(MOST)]
    await desk.bring([said("a"), said("b"), said("c")], [said(name) for name in names])
    assert desk.batches[1] == ["a", "c", *names[: MOST - 3]]
    assert desk.batches[2][0] == "b"


async def test_what_cannot_be_stored_is_set_aside_and_holds_nobody_else_up():
    desk = Desk(poison={"b"})
    raised = await desk.bring([said("a")], [said("b")], [said("c")])
    assert desk.batches == [["first"], ["a"], ["c"]]
    assert desk.aside == ["b"]
    assert raised == [None] * 4


async def test_whoever_brought_what_cannot_even_be_set_aside_is_told():
    desk = Desk(poison={"b"}, unsettling={"b"})
    raised = await desk.bring([said("a")], [said("b")], [said("c")])
    assert isinstance(raised[2], OSError)
    assert [raised[n] for n in (0, 1, 3)] == [None] * 3


async def test_who_is_interrupted_while_at_work_loses_nothing():
    desk = Desk()
    intake = Intake(desk.take, desk.set_aside)
    first = asyncio.create_task(intake.commit([said("first")]))
    await desk.begun.wait()
    second = asyncio.create_task(intake.commit([said("second")]))
    await asyncio.sleep(0)
    first.cancel()
    desk.go_on.set()
    await second
    with pytest.raises(asyncio.CancelledError):
        await first
    assert [name for batch in desk.batches for name in batch] == ["first", "second"]


async def test_when_nothing_can_be_stored_nobody_is_blamed_and_all_who_brought_something_are_told():
    desk = Desk(out_of_service={"b"})
    raised = await desk.bring([said("a")], [said("b")], [came("c")])
    assert desk.batches == [["first"]]
    assert desk.aside == []
    assert [isinstance(fault, OutOfService) for fault in raised] == [False, True, True, True]
