"""The transcripts hold on Telegram as they are: through the real client, against the strict double."""

import os
from pathlib import Path
from zlib import crc32

import pytest

from bot.flows.library import Library
from bot.wiring.dialogues import library_of
from tests.telegram.stage import play_on_telegram

ALL = "BREATHING_ROOM_THROUGH_ALL" in os.environ
"""Whether all of them are played, and not one in four, told by their names, besides those below."""

ALWAYS = {"pair", "pause_five", "room_language.es", "crash_and_redelivery", "words_in_a_pause", "two_languages.es"}

TRANSCRIPTS = [
    path
    for path in sorted((Path(__file__).parent.parent / "transcripts").glob("*.chat"))
    if ALL or path.stem in ALWAYS or crc32(path.stem.encode()) % 4 == 0
]


@pytest.fixture(scope="module")
def library() -> Library:
    return library_of(None)


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
async def test_a_transcript_holds_on_telegram(path: Path, library: Library) -> None:
    failure = await play_on_telegram(path, library)
    assert failure is None, failure


async def test_a_transcript_that_expects_something_else_does_not_hold(tmp_path: Path, library: Library) -> None:
    chat = tmp_path / "wrong.chat"
    chat.write_text("@start 2026-03-02T18:00Z\nalex> /help\nalex< Something that nobody says\n", "utf-8")
    failure = await play_on_telegram(chat, library)
    assert failure is not None
    assert "expected alex gets: Something that nobody says" in failure
