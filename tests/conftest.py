"""What all tests share."""

import os
import sys
import threading

import pytest

from bot.wiring.settings import Settings

Settings.model_config["env_file"] = None  # what somebody has set for themselves is not for the tests


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
