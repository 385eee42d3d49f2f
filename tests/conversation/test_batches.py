"""Batches: what comes together is stored together, turns that meet wait, one that fails fails alone."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from structlog.testing import capture_logs

from bot.adapters.clocks import VirtualClock
from bot.adapters.terminal.stage import PLATFORM
from bot.conversation import batch
from bot.conversation.envelope import Actor, Command, DeadlineCame, Envelope, Place, PlaceKind, TextSaid
from bot.conversation.opening import open_conversation
from bot.conversation.ports import Changes, Store, Transaction
from bot.conversation.scene import Scene
from bot.conversation.service import Conversation
from storage.sqlite import open_store
from tests.conversation.test_together import Board
from tests.conversation.world import MEMORY, START, shipped
from tests.sealed import KEYS

PEOPLE = [f"person-{number}" for number in range(20)]


@dataclass
class Counted:
    """A store that notes which events each transaction that writes settles."""

    store: Store
    settled: list[list[str]] = field(default_factory=list[list[str]])

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[Transaction]:
        async with self.store.transaction() as tx:
            write = tx.write

            async def noted(turns: Sequence[Changes]) -> None:
                await write(turns)
                self.settled.append([turn.event_id.removeprefix(f"{PLATFORM}:") for turn in turns])

            tx.write = noted  # type: ignore[method-assign]
            yield tx


def said(name: str, text: str, number: int = 0) -> Envelope:
    return Envelope(
        platform=PLATFORM,
        event_id=f"{name}/{number}",
        actor=Actor(id=name, name=name, zone="UTC"),
        place=Place(kind=PlaceKind.DM, id=name),
        at=START,
        content=Command(name=text[1:]) if text.startswith("/") else TextSaid(text=text, message=f"{name}/{number}"),
    )


@asynccontextmanager
async def talking() -> AsyncGenerator[tuple[Conversation, Counted, Board]]:
    with TemporaryDirectory(dir=MEMORY) as folder:
        store = await open_store(Path(folder) / "batches.sqlite", KEYS)
        counted, board = Counted(store), Board()
        yield (
            await open_conversation(
                store=counted,
                library=shipped(),
                clock=VirtualClock(START),
                secret=b"a test's secret",
                platforms={PLATFORM: board},
            ),
            counted,
            board,
        )
        await store.close()


async def test_what_twenty_people_say_at_once_is_stored_in_two_transactions():
    # Each is welcomed, and helped.
    async with talking() as (talk, counted, board):
        await asyncio.gather(*(talk.intake(said(name, "/help")) for name in PEOPLE))
    assert [len(events) for events in counted.settled] == [1, 19]
    assert {name: len(texts) for name, texts in board.got.items()} == dict.fromkeys(PEOPLE, 2)


async def test_what_one_person_says_at_once_is_taken_in_its_order_a_batch_each():
    async with talking() as (talk, counted, board):
        words = ["/say_it", "It was late.", "/help"]
        lines = [said("alex", text, number) for number, text in enumerate(words)]
        others = [said(name, "/help") for name in PEOPLE]
        await asyncio.gather(*(talk.intake(line) for line in [*lines, *others]))
        together = board.got["alex"]
    assert [events[0] for events in counted.settled] == ["alex/0", "alex/1", "alex/2"]
    assert [len(events) for events in counted.settled] == [1, 21, 1]
    async with talking() as (talk, _, board):
        for line in lines:
            await talk.intake(line)
        apart = board.got["alex"]
    assert together[-1] == apart[-1]


async def test_an_event_that_comes_twice_in_one_batch_counts_once():
    async with talking() as (talk, counted, board):
        await asyncio.gather(*(talk.intake(said(name, "/help")) for name in ["sam", "alex", "alex"]))
    assert [event for events in counted.settled for event in events] == ["sam/0", "alex/0"]
    assert len(board.got["alex"]) == 2


async def test_a_turn_that_fails_is_set_aside_with_a_word_to_its_author_and_the_batch_is_stored(
    monkeypatch: pytest.MonkeyPatch,
):
    take = batch.take_turn

    def broken(scene: Scene, occurrence: Envelope | DeadlineCame) -> None:
        take(scene, occurrence)
        if isinstance(occurrence, Envelope) and occurrence.actor.id == "person-7":
            message = "a fault of ours"
            raise ValueError(message)

    monkeypatch.setattr(batch, "take_turn", broken)
    async with talking() as (talk, counted, board):
        with capture_logs() as logs:
            await asyncio.gather(*(talk.intake(said(name, "/help")) for name in PEOPLE))
    assert [len(events) for events in counted.settled] == [1, 19]
    assert [log["event"] for log in logs if log["log_level"] == "error"] == ["turn_failed"]
    assert "Something went wrong" in board.got["person-7"][0]
    assert all("Something went wrong" not in board.got[name][0] for name in PEOPLE if name != "person-7")
