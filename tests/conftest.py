"""What all tests share."""

import os
import sys
import threading
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from bot.flows.library import Library, load_library
from bot.wiring import dialogues
from bot.wiring.settings import Settings

Settings.model_config["env_file"] = None  # what somebody has set for themselves is not for the tests


@pytest.fixture(autouse=True, scope="session")
def what_ships_is_read_once() -> Iterator[None]:
    """Commands that are run within a test read the flows that ship, which takes each of them half a second."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(dialogues, "load_library", _read)
        yield


def _read(*folders: Path) -> Library:
    return _shipped() if folders == (dialogues.DIALOGUES,) else load_library(*folders)


@cache
def _shipped() -> Library:
    return load_library(dialogues.DIALOGUES)


def pytest_unconfigure(config: pytest.Config) -> None:
    """End even when a failed test left a database's thread behind, which would keep the process for ever."""
    left = [t for t in threading.enumerate() if t is not threading.main_thread() and not t.daemon]
    if left and not hasattr(config, "workerinput") and getattr(config, "failed_tests", 0):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(1)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Remember whether anything failed, for the end."""
    vars(session.config)["failed_tests"] = session.testsfailed
