"""The transcripts enter every step of the flows that ship, and take every way on from them, but for what cannot be.

The tests that change a target in a flow rely on it: a transcript goes every way, so one of them notices.
"""

from pathlib import Path

from bot.engine.watching import Took
from bot.flows.coverage import coverage
from bot.wiring.playing import play_transcript
from tests.conversation.world import shipped

TRANSCRIPTS = sorted((Path(__file__).parent / "transcripts").glob("*.chat"))

_WRITTEN = "everybody writes an idea before this, and nobody's idea goes while the stage is open"

_UNKEPT = "only they come there of whom nothing is kept, and no transcript says that of anybody: test_session_only"

IMPOSSIBLE = {
    "hear_it_back: 'write_again' never led to 'release'": "only [Change] leads there, which comes back by itself",
    "work_it_out: the loop 'theirs' never went round again": "in the short way the other of two writes one idea",
    "work_it_out: the loop 'theirs' never had nothing to go through": _WRITTEN,
    "work_it_out: the loop 'all_ideas' never had nothing to go through": _WRITTEN,
    **{
        f"{flow}: {told}": _UNKEPT
        for flow in ("check_in", "remind")
        for told in ("'keep' never led to 'nothing'", "step 'nothing' was never entered")
    },
}
"""What no conversation can bring about, as it is told, and why. It stands in the flows to be safe, or for others."""


async def test_transcripts_take_every_way_that_there_is() -> None:
    taken: set[Took] = set()
    for path in TRANSCRIPTS:
        failure, _ = await play_transcript(path, shipped(), taken.add)
        assert failure is None, failure
    found = coverage(shipped().compiled, taken, set(shipped().flows))
    assert found.aside == ()
    gaps = {f"{one.flow}: {gap.message}": gap for one in found.flows for gap in one.gaps}
    missed = [str(gap) for told, gap in gaps.items() if told not in IMPOSSIBLE]
    assert missed == [], "write a transcript that goes there: ./run play --coverage tests/transcripts/*.chat"
    # Once it can be after all, it has to be played.
    assert gaps.keys() == IMPOSSIBLE.keys()
