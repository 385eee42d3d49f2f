"""Events of the same instant: each turn sees what the one before it left, and nothing is lost or doubled."""

import asyncio
import itertools
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.adapters.clocks import VirtualClock
from bot.adapters.terminal.stage import PLATFORM, view_of
from bot.conversation.envelope import Actor, ChoicePressed, Command, Content, Envelope, Place, PlaceKind, TextSaid
from bot.conversation.message import Message, Shown
from bot.conversation.opening import open_conversation
from bot.conversation.outbox import Target
from bot.conversation.ports import Store
from bot.conversation.service import Conversation
from storage.keyring import Keyring
from storage.sqlite import SqliteStore, open_store
from tests.conversation.world import MEMORY, World, as_text, dump, new_world, shipped
from tests.sealed import KEYS

SECRET = b"a test's secret"
TRIALS = settings(max_examples=40, deadline=None, database=None, derandomize=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How events ended: the canonical state, and what each view received, in order."""

    state: str
    received: dict[str, list[str]]
    unsent: int
    """How many messages were not sent: out of date before their turn came, or held by a pause that was faster."""

    def is_like(self, order: "Outcome") -> bool:
        """Return whether the events end so in that order, but for messages that were overtaken before they left."""
        if self.state != order.state or self.received.keys() - order.received.keys():
            return False
        missing = 0
        for view, texts in order.received.items():
            left = iter(texts)
            found = self.received.get(view, [])
            if not all(text in left for text in found):
                return False
            missing += len(texts) - len(found)
        return missing == self.unsent - order.unsent


class Board:
    """A platform that names each message by its key, so that names do not tell in which order messages went out."""

    has_forms = False
    single_for = 0

    def __init__(self) -> None:
        self.got: dict[str, list[str]] = {}

    async def send(self, target: Target, message: Message, key: str) -> str:
        await asyncio.sleep(0)  # other turns may come in between
        self.got.setdefault(view_of(target), []).append(message.text)
        return key

    async def retire(self, target: Target, ref: str, chosen: str) -> None:
        del target, ref, chosen
        await asyncio.sleep(0)

    async def hide(self, target: Target, shown: Sequence[Shown]) -> None:
        del target, shown


async def talk_over(store: Store, board: Board, now: int) -> Conversation:
    return await open_conversation(
        store=store, library=shipped(), clock=VirtualClock(now), secret=SECRET, platforms={PLATFORM: board}
    )


@cache
def at_the_join() -> tuple[bytes, int, dict[str, tuple[Content, ...]]]:
    """Return a file in which Alex and Sam are both asked whether to swap, the time, and what each may do."""

    async def prepare() -> tuple[bytes, int, dict[str, tuple[Content, ...]]]:
        world = await new_world("alex", "sam", secret=SECRET)
        await world.pair("alex", "sam")
        await world.answer("alex", "/hear_it_back", "It was late.", "[Share]")
        await world.answer("sam", "[Open]", "[Yes]", "You say it was late.", "[Share]")
        await world.answer("alex", "[Yes, that's it]")
        await world.answer("sam", "[Skip]", "[Skip]")
        await world.answer("alex", "[That's all]")
        deeds = {name: _deeds(world, name) for name in ("alex", "sam")}
        file, now = world.database.serialize(), world.clock.now()
        world.close()
        return file, now, deeds

    return asyncio.run(prepare())


def _deeds(world: World, name: str) -> tuple[Content, ...]:
    newest = world.stage.offered(name)[-1].message
    assert [button.label for button in newest.buttons] == ["Swap", "That's enough"]
    _, token, _ = newest.buttons[0].token.split(":")
    return (
        ChoicePressed(token=token, index=0),
        ChoicePressed(token=token, index=0),
        ChoicePressed(token=token, index=1),
        TextSaid(text="that's enough", message=f"m-{name}"),
        TextSaid(text="stop", message=f"n-{name}"),
        Command(name="pause", args="1h"),
        Command(name="say_it"),
    )


def envelope(number: int, name: str, content: Content, now: int) -> Envelope:
    return Envelope(
        platform=PLATFORM,
        event_id=f"together-{number}",
        actor=Actor(id=name, name=name.capitalize(), zone="UTC"),
        place=Place(kind=PlaceKind.DM, id=name),
        at=now,
        content=content,
    )


async def one_after_another(events: Sequence[Envelope]) -> Outcome:
    file, now, _ = at_the_join()
    database = sqlite3.connect(":memory:", isolation_level=None)
    database.deserialize(file)
    board = Board()
    talk = await talk_over(SqliteStore(database, Keyring(KEYS)), board, now)
    for event in events:
        await talk.intake(event)
    outcome = _outcome(database, board)
    database.close()
    return outcome


async def all_at_once(events: Sequence[tuple[Envelope, int]], folder: Path) -> Outcome:
    """Hand the events over at the same instant, each to the conversation of that number."""
    file, now, _ = at_the_join()
    path = folder / "together.sqlite"
    path.write_bytes(file)
    board = Board()
    stores = [await open_store(path, KEYS), await open_store(path, KEYS)]
    talks = [await talk_over(store, board, now) for store in stores]
    await asyncio.gather(*(talks[which].intake(event) for event, which in events))
    for store in stores:
        await store.close()
    database = sqlite3.connect(path)
    outcome = _outcome(database, board)
    database.close()
    return outcome


def _outcome(database: sqlite3.Connection, board: Board) -> Outcome:
    state = dump(database)
    unsent = sum(row[6] != "sent" for row in state["outbox"])
    # Whether a row was sent, and it and its prompt have a name from the platform, is in what was received.
    state["outbox"] = [(*row[:6], *row[8:-2], row[-1]) for row in state["outbox"]]
    state["prompt"] = [(*row[:4], *row[5:]) for row in state["prompt"]]
    return Outcome(state=as_text(state), received=board.got, unsent=unsent)


DEEDS = st.lists(st.tuples(st.sampled_from(["alex", "sam"]), st.integers(0, 6)), min_size=2, max_size=4)


@TRIALS
@given(deeds=DEEDS, doubled=st.booleans(), spread=st.lists(st.integers(0, 1), min_size=8, max_size=8))
def test_events_at_the_same_instant_end_as_if_they_had_come_one_after_another(
    *, deeds: list[tuple[str, int]], doubled: bool, spread: list[int]
):
    _, now, possible = at_the_join()
    events = [envelope(n, name, possible[name][which], now) for n, (name, which) in enumerate(deeds)]

    async def hold() -> tuple[Outcome, list[Outcome]]:
        orders = [await one_after_another(order) for order in itertools.permutations(events)]
        given_in = [*events, *(events if doubled else [])]
        with TemporaryDirectory(dir=MEMORY) as folder:
            return await all_at_once(list(zip(given_in, spread, strict=False)), Path(folder)), orders

    found, orders = asyncio.run(hold())

    assert any(found.is_like(order) for order in orders)


def test_both_answer_at_once_and_the_join_fires_once(tmp_path: Path):
    _, now, possible = at_the_join()
    events = [envelope(1, "alex", possible["alex"][2], now), envelope(2, "sam", possible["sam"][0], now)]

    outcome = asyncio.run(all_at_once([(events[0], 0), (events[1], 1)], tmp_path))

    for view, texts in outcome.received.items():
        assert sum("One word on how that was" in text for text in texts) == 1, view


def test_a_button_pressed_twice_counts_once():
    _, now, possible = at_the_join()
    presses = [envelope(number, "alex", possible["alex"][0], now) for number in (1, 2)]
    once = asyncio.run(one_after_another(presses[:1]))
    twice = asyncio.run(one_after_another(presses))

    assert _sessions(once.state) == _sessions(twice.state)
    assert any("earlier moment" in text for text in twice.received["alex"])


def test_an_event_that_is_delivered_twice_does_nothing_the_second_time():
    _, now, possible = at_the_join()
    for deed in possible["alex"]:
        event = envelope(1, "alex", deed, now)

        assert asyncio.run(one_after_another([event, event])) == asyncio.run(one_after_another([event]))


def _sessions(state: str) -> str:
    start = state.index('"session"')
    return state[start : state.index('"timer"')]
