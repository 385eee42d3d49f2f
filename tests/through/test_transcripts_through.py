"""The transcripts hold on every platform as they are: through the real clients, against the strict doubles."""

import os
from pathlib import Path
from zlib import crc32

import pytest

from bot.flows.library import Library
from bot.wiring.dialogues import library_of
from tests.through.playing import PLATFORMS
from tests.through.stage import play_through

ALL = "BREATHING_ROOM_THROUGH_ALL" in os.environ
"""Whether all of them are played, and not some, told by their names, besides those below."""

ALWAYS = {
    "telegram": {"pair", "pause_five", "room_language.es", "crash_and_redelivery", "words_in_a_pause"},
    "discord": {"pair", "pause_five", "room_language.es", "crash_and_redelivery", "words_in_a_pause"},
    "both": {"pair", "two_languages.es", "crash_and_redelivery"},
}

ONE_IN = {"telegram": 6, "discord": 6, "both": 10}

TRANSCRIPTS = sorted((Path(__file__).parent.parent / "transcripts").glob("*.chat"))


def played(platform: str) -> list[Path]:
    """Return the transcripts to play on a platform."""
    return [
        path
        for number, path in enumerate(TRANSCRIPTS)
        if ALL or path.stem in ALWAYS[platform] or crc32(f"{platform}{number}".encode()) % ONE_IN[platform] == 0
    ]


@pytest.fixture(scope="module")
def library() -> Library:
    return library_of(None)


@pytest.mark.parametrize(
    ("platform", "path"),
    [
        pytest.param(platform, path, id=f"{platform}-{path.stem}")
        for platform in PLATFORMS
        for path in played(platform)
    ],
)
async def test_a_transcript_holds(platform: str, path: Path, library: Library) -> None:
    failure = await play_through(path, library, PLATFORMS[platform])
    assert failure is None, failure


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_a_transcript_that_expects_something_else_does_not_hold(
    platform: str, tmp_path: Path, library: Library
) -> None:
    chat = tmp_path / "wrong.chat"
    chat.write_text("@start 2026-03-02T18:00Z\nalex> /help\nalex< Something that nobody says\n", "utf-8")
    failure = await play_through(chat, library, PLATFORMS[platform])
    assert failure is not None
    assert "expected alex gets: Something that nobody says" in failure
