"""``./run bench discord``: hostile events do no harm; and harm is noticed."""

from collections.abc import Callable

import pytest

from bench.discord.storm import Came, storm
from bot.adapters.discord import acknowledging, reading
from bot.conversation import people

EVENTS = 1_000


async def blown(seed: str) -> Came:
    async with storm(seed) as one:
        await one.blow(EVENTS)
    return one.came


async def test_hostile_events_do_no_harm() -> None:
    came = await blown("tests")
    assert came.wrong == []
    assert came.events == EVENTS
    assert came.unanswered == 0
    assert 0 not in {came.taken, came.unread, came.messages, came.answered}


def broken(_text: str) -> str:
    raise ValueError


@pytest.mark.parametrize(
    ("module", "name", "instead"), [(people, "plain_name", broken), (reading, "well_formed", broken)]
)
async def test_what_hostile_events_break_is_noticed(
    monkeypatch: pytest.MonkeyPatch, module: object, name: str, instead: Callable[..., str]
) -> None:
    monkeypatch.setattr(module, name, instead)
    assert (await blown("tests")).wrong


async def test_an_interaction_that_nobody_acknowledges_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(_self: object, _interaction: object) -> bool:
        return False

    monkeypatch.setattr(acknowledging.Acknowledging, "expects", never)
    async with storm("tests") as one:
        await one.blow(100)
    assert one.came.unanswered or one.came.wrong
