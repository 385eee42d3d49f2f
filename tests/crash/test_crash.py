"""R7: after a crash, every open flow goes on at the same step, with no message lost and none doubled."""

import asyncio
import os
import random
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from zlib import crc32

import pytest

from bot.adapters.terminal.player import Player
from bot.flows.transcript import Declare, Mishap, StartAt, parse_transcript
from tests.conversation.world import MEMORY, Line
from tests.crash.rig import Delivery, Rig

TESTS = Path(__file__).parent.parent
TRANSCRIPTS = sorted([*TESTS.glob("transcripts/*.chat"), *TESTS.glob("dialogues/transcripts/*.chat")])
NAMES = [path.stem for path in TRANSCRIPTS]

EVERY_WAY = "BREATHING_ROOM_CRASH_EVERY_WAY" in os.environ
"""A quarter of the transcripts is played with one of the three ways to die, told by their names; or all with all.

That takes ten minutes.
"""


SAME_AGAIN = frozenset({
    "come_back",
    "hear_it_back_kept",
    "how_is_it_going_not_changed",
    "how_is_it_going_signs",
    "work_it_out_not_agreed",
    "work_it_out_silence_in_full",
    "work_it_out_silence_later",
})  # fmt: skip
"""Long ones that go where others go, again and again, to end each time at another step: with every way only."""


def dying(way: int) -> list[str]:
    """The transcripts that are played with that way to die."""
    some = [name for name in NAMES if name not in SAME_AGAIN and crc32(name.encode()) % 18 == way]
    return NAMES if EVERY_WAY else some


KILLS = int(os.environ.get("BREATHING_ROOM_KILLS", "4"))
"""How many times a transcript is played while the process dies in the middle of lines. The same ones every time."""

APART = int(os.environ.get("BREATHING_ROOM_CUTS_APART", "8"))
"""How many cut points lie between two kills of one run; with 0 every cut point has a run of its own: minutes.

What a process knows and its file does not are the insides of volatile sections, which no transcript stays in for so
many lines; so a process that lived that long has all that could get lost with it.
"""

CHANCE = 0.3
"""How likely a line is to be one in which the process dies."""

IN_TIME = 0.3
"""How likely it dies at an instant, be it in the middle of a write, and not at a call that can be chosen again."""

State = dict[str, list[tuple[object, ...]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Uninterrupted:
    """How a transcript goes when nothing happens."""

    script: tuple[Line, ...]
    """Its lines, with what was captured filled in; expectations were held and are left out."""
    calls: tuple[int, ...]
    """How many calls of the database and the platform each line took."""
    seconds: tuple[float, ...]
    deliveries: tuple[Delivery, ...]
    state: State


class _Reading:
    """A stage that notes the lines that a player gives it."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.views = rig.views
        self.script: list[Line] = []
        self.calls: list[int] = []
        self.seconds: list[float] = []

    async def play(self, step: Line) -> None:
        self.script.append(step)
        await self.rig.play(step)
        self.calls.append(self.rig.calls)
        self.seconds.append(self.rig.seconds)

    async def standing(self) -> list[str]:
        return []


@cache
def uninterrupted(name: str) -> Uninterrupted:
    """Return how the transcript goes in a process that lives through it."""
    path = TRANSCRIPTS[NAMES.index(name)]

    async def play(folder: Path) -> Uninterrupted:
        rig = Rig(folder)
        reading = _Reading(rig)
        failure = await Player(reading, str(path)).play(parse_transcript(path.read_text("utf-8"), str(path)))
        assert failure is None, str(failure)
        return Uninterrupted(
            script=tuple(reading.script),
            calls=tuple(reading.calls),
            seconds=tuple(reading.seconds),
            state=rig.state(),
            deliveries=tuple(rig.deliveries),
        )

    with TemporaryDirectory(dir=MEMORY) as folder:
        return asyncio.run(play(Path(folder)))


def cut_points(name: str) -> list[int]:
    """Return after how many lines a cut leaves a process that stands elsewhere than after one line less."""
    script = uninterrupted(name).script
    return [n for n, line in enumerate(script, 1) if not isinstance(line, StartAt | Declare)][:-1]


def runs_of(points: list[int]) -> list[set[int]]:
    """Return the runs that hit every cut point once: one alone, or several that are APART."""
    if APART:
        return [set(points[start::APART]) for start in range(min(APART, len(points)))]
    return [{point} for point in points]


@pytest.mark.parametrize("name", dying(0))
def test_a_process_killed_after_every_line_says_and_keeps_the_same(name: str):
    plain = uninterrupted(name)

    async def play(folder: Path) -> Rig:
        rig = Rig(folder)
        for line in plain.script:
            await rig.play(line)
            rig.kill()
        return rig

    with TemporaryDirectory(dir=MEMORY) as folder:
        rig = asyncio.run(play(Path(folder)))
        assert rig.kills >= len(cut_points(name))
        _same(rig, plain)
    assert rig.deliveries == list(plain.deliveries)


@pytest.mark.parametrize("name", dying(1))
def test_a_process_killed_at_any_cut_point_after_a_life_of_its_own_says_and_keeps_the_same(name: str):
    plain = uninterrupted(name)

    async def play(cuts: set[int], folder: Path) -> Rig:
        rig = Rig(folder)
        for number, line in enumerate(plain.script, 1):
            await rig.play(line)
            if number in cuts:
                rig.kill()
        return rig

    for cuts in runs_of(cut_points(name)):
        with TemporaryDirectory(dir=MEMORY) as folder:
            rig = asyncio.run(play(cuts, Path(folder)))
            _same(rig, plain)
        assert rig.deliveries == list(plain.deliveries), f"cut after lines {sorted(cuts)} of the script"


@pytest.mark.parametrize("name", dying(2))
def test_a_process_killed_in_the_middle_of_lines_loses_nothing_and_doubles_only_what_was_uncertain(name: str):
    plain = uninterrupted(name)

    async def play(seed: int, folder: Path) -> Rig:
        chance = random.Random(f"{name} {seed}")  # noqa: S311  # which calls are tried, not a secret
        rig = Rig(folder)
        for line, calls, seconds in zip(plain.script, plain.calls, plain.seconds, strict=True):
            if not calls or _crashes(line) or chance.random() > CHANCE:
                await rig.play(line)
            elif chance.random() < IN_TIME:
                await rig.play_killed(line, within=chance.random() * seconds)
            else:
                await rig.play_killed(line, after=chance.randrange(calls) + 1)
        return rig

    kills = 0
    for seed in range(KILLS):
        with TemporaryDirectory(dir=MEMORY) as folder:
            rig = asyncio.run(play(seed, Path(folder)))
            kills += rig.kills
            _same(rig, plain)
        _doubled_only_when_uncertain(rig, plain)
    assert kills >= KILLS


def _crashes(line: Line) -> bool:
    return isinstance(line, Mishap) and line.kind == "crash"


def _same(rig: Rig, plain: Uninterrupted) -> None:
    state = rig.state()
    for table in plain.state:
        found, wanted = state[table], plain.state[table]
        if table == "unit" and rig.extra_lines:
            # Extra lines are noted on people as having been seen, which counts the version up.
            found, wanted = [(*row[:2], *row[3:]) for row in found], [(*row[:2], *row[3:]) for row in wanted]
        if table == "outbox":
            # Whoever starts again looks at once for what may go: a sent message may be blank there a little earlier.
            blank = {row[0] for row in (*found, *wanted) if row[BODY] is None}
            found, wanted = _without_bodies(found, blank), _without_bodies(wanted, blank)
        assert found == wanted, table


BODY = 8
"""Where the body is in a row of the outbox."""

Rows = list[tuple[object, ...]]


def _without_bodies(rows: Rows, blank: Collection[object]) -> Rows:
    return [(*row[:BODY], None, *row[BODY + 1 :]) if row[0] in blank else row for row in rows]


def _doubled_only_when_uncertain(rig: Rig, plain: Uninterrupted) -> None:
    counted = Counter(delivery.key for delivery in rig.deliveries)
    doubled = {key for key, count in counted.items() if count > 1}
    assert doubled <= rig.uncertain
    # A message of a volatile section is never written down: one that was lost is asked anew, so it is not compared.
    kept = {row[0] for row in plain.state["outbox"]}
    for view in {delivery.view for delivery in plain.deliveries}:
        wanted = [d for d in plain.deliveries if d.view == view and d.key in kept]
        found = list({d.key: d for d in rig.deliveries if d.view == view and d.key in kept}.values())
        assert found == wanted, view
