"""Starting: no command waits for libraries that it does not use."""

import subprocess
import sys

import pytest

CONVERSATION = {"cryptography", "structlog"}
WEB = {"jinja2", "sse_starlette", "starlette", "uvicorn"}


def slow_ones_after(code: str) -> set[str]:
    """Which libraries of a conversation and of the web are imported once the code has run in a new process."""
    told = f"{code}\nimport sys\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    return (CONVERSATION | WEB) & set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("command", ["--help", "check", "facts slow", "text check es"])
def test_a_command_that_opens_no_conversation_needs_neither_storage_nor_the_web(command: str) -> None:
    assert slow_ones_after(f"from bot.cli.app import app; app({command.split()}, standalone_mode=False)") == set()


def test_a_conversation_in_the_terminal_does_not_need_the_web() -> None:
    assert slow_ones_after("import bot.wiring.chatting, bot.wiring.playing") == CONVERSATION


def test_the_page_needs_them_all() -> None:
    assert slow_ones_after("import bot.wiring.demo") == CONVERSATION | WEB
