"""Sending: what the platform refuses is tried again in its place, and what may not be read any more is dropped."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import cast

from structlog.testing import capture_logs

from bot.conversation.ports import Changes, Store, Transaction, VersionConflict
from bot.flows.library import Library
from tests.conversation.world import MINUTE, new_world, shipped


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

    async def write(self, changes: Changes) -> None:
        if self._times[0]:
            self._times[0] -= 1
            message = "another process was faster"
            raise VersionConflict(message)
        await self._tx.write(changes)


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
