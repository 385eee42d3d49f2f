"""``./run bench telegram``: hostile updates do no harm, a pause overtakes what waits; and harm is noticed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bench.telegram.crowd import AHEAD, pause_over
from bench.telegram.storm import Came, storm
from bot.adapters.telegram import rendering
from bot.conversation import people
from tests.conversation.world import shipped

UPDATES = 1_500

STORMS = 3
"""What comes is chance: some break nothing."""


async def blown(folder: Path, seed: str) -> Came:
    folder.mkdir(exist_ok=True)
    async with storm(folder / "storm.sqlite", shipped(), seed) as one:
        await one.blow(UPDATES)
    return one.came


async def test_hostile_updates_do_no_harm(tmp_path: Path) -> None:
    came = await blown(tmp_path, "tests")
    assert came.wrong == []
    assert came.updates == UPDATES
    assert 0 not in {came.taken, came.unread, came.messages, came.answered}


def unescaped(text: str, *, quote: bool) -> str:
    del quote
    return text


def broken_name(_name: str) -> str:
    raise ValueError


@pytest.mark.parametrize(
    ("module", "name", "instead"), [(rendering, "escape", unescaped), (people, "plain_name", broken_name)]
)
async def test_what_hostile_updates_break_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: object, name: str, instead: Callable[..., str]
) -> None:
    monkeypatch.setattr(module, name, instead)
    assert any([(await blown(tmp_path / str(number), f"tests {number}")).wrong for number in range(STORMS)])


async def test_a_pause_is_heard_before_the_nudges_that_waited_for_longer() -> None:
    _, sent = await pause_over(4 * AHEAD)
    assert sent < 4 * AHEAD
