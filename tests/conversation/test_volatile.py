"""P5: what is answered in a volatile section is never in the database, its log, or the program's log."""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.adapters.clocks import VirtualClock
from bot.adapters.terminal.stage import PLATFORM
from bot.conversation.opening import open_conversation
from bot.conversation.service import Conversation
from storage.keyring import Keyring
from storage.sqlite import open_store
from tests.conversation.world import START, OpenStage, Recorder, World, as_text, dump, shipped
from tests.sealed import KEYS

IDEA = "[I was pushed]"
OPEN = {
    "presses it": (IDEA,),
    "types it": ("I was pushed",),
    "types its number": ("3",),
    "says it was both": ("[A bit of both]",),
    "types something else": ("zqsecret it was not me",),
    "sends a picture": ("!photo",),
}
"""One event each, after which the section is still open: the second question, or the first one again."""


async def answered(path: Path, answers: Sequence[str]) -> tuple[str, bytes]:
    """Let Sam, asked whose idea it was, answer; return the canonical state, and what was on disk at any time.

    That is every byte of every file, and everything that was ever sealed to be written there.
    """
    sealed: list[bytes] = []
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Keyring, "seal", _noting(sealed))
        state, disk = await _answered(path, answers)
    assert sealed
    return state, b"\n".join([disk, *sealed])


def _noting(sealed: list[bytes]) -> Callable[[Keyring, str, bytes, str], bytes]:
    seal = Keyring.seal

    def noting(ring: Keyring, unit: str, plain: bytes, place: str) -> bytes:
        sealed.append(plain)
        return seal(ring, unit, plain, place)

    return noting


async def _answered(path: Path, answers: Sequence[str]) -> tuple[str, bytes]:
    clock = VirtualClock(START)
    platform = Recorder(clock)
    store = await open_store(path, KEYS)
    talk = await open_conversation(
        store=store, library=shipped(), clock=clock, secret=b"of a test", platforms={PLATFORM: platform}
    )

    async def open_talk() -> Conversation:
        return talk

    stage = OpenStage(views=platform.views, clock=clock, open_talk=open_talk)
    database = sqlite3.connect(path)
    world = World(clock=clock, platform=platform, stage=stage, database=database, talks=[talk])
    await world.answer("alex", "/pair", "[Yes, gladly]", "[My own idea]")
    await world.answer("sam", f"/pair {world.code_of('alex')}", "[Pair]")
    for answer in answers:
        if answer == "!photo":
            await world.mishap("photo", "sam")
        else:
            await world.answer("sam", answer)
    state = as_text(dump(database))
    disk = b"".join(file.read_bytes() for file in sorted(path.parent.iterdir()))
    world.close()
    await store.close()
    return state, disk


@pytest.mark.parametrize("what", OPEN)
async def test_while_the_section_is_open_the_file_is_the_same_whatever_was_answered(what: str, tmp_path: Path):
    states: list[str] = []
    for name in ("presses it", what):
        folder = tmp_path / str(len(states))
        folder.mkdir()
        state, disk = await answered(folder / "kept.sqlite", OPEN[name])
        states.append(state)
        for word in (b"pushed", b"zqsecret", b"whose_idea", b"quietly"):
            assert word not in disk.lower(), word

    # A picture is answered with a standing phrase, by way of the outbox; what is compared is what people answered.
    if what != "sends a picture":
        assert states[0] == states[1]


@pytest.mark.parametrize(
    ("answers", "others"),
    [
        (("[My own idea]",), ("1",)),
        (("[My own idea]",), ("my own idea",)),
        (("[A bit of both]", "[Pair as usual]"), (IDEA, "[Pair as usual]")),
    ],
    ids=["by number", "by word", "another answer"],
)
async def test_once_it_is_closed_only_its_result_is_kept(
    answers: tuple[str, ...], others: tuple[str, ...], tmp_path: Path
):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    plain, _ = await answered(tmp_path / "a" / "kept.sqlite", answers)
    other, disk = await answered(tmp_path / "b" / "kept.sqlite", others)

    assert plain == other
    assert b"whose_idea" not in disk


async def test_having_been_pushed_leaves_the_same_file_as_any_other_way_to_the_same_result(tmp_path: Path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    pushed, disk = await answered(tmp_path / "a" / "kept.sqlite", (IDEA, "[Pair as usual]"))
    wavering, _ = await answered(tmp_path / "b" / "kept.sqlite", ("hm", "[My own idea]"))

    assert pushed == wavering
    assert b"pushed" not in disk


async def test_the_log_holds_no_word_of_a_volatile_section(tmp_path: Path):
    with capture_logs() as logs:
        await answered(tmp_path / "kept.sqlite", (IDEA, "zqsecret", "[Pair as usual]"))

    assert "pushed" not in str(logs)
    assert "zqsecret" not in str(logs)


def test_the_comparison_can_fail(tmp_path: Path):
    async def differs() -> bool:
        for name in ("a", "b"):
            (tmp_path / name).mkdir()
        usual, _ = await answered(tmp_path / "a" / "kept.sqlite", (IDEA, "[Pair as usual]"))
        off, _ = await answered(tmp_path / "b" / "kept.sqlite", (IDEA, "[Pair, everything off]"))
        return usual != off

    assert asyncio.run(differs())
