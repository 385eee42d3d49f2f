"""The page about tools for authors: every command on it does what it shows."""

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli.app import app
from tests.test_first_flow import as_told

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "authoring.md").read_text("utf-8")
SHOWN = re.findall(r"^```sh\n\./run ([^\n]*)\n```\n\n```text\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_there_is_something_to_try() -> None:
    assert len(SHOWN) >= 4


@pytest.mark.parametrize(("command", "told"), SHOWN, ids=[command for command, _ in SHOWN])
def test_a_command_of_the_page_does_what_the_page_shows(
    command: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    result = CliRunner().invoke(app, shlex.split(command))
    assert result.exit_code == 0
    assert as_told(told, result.stdout), result.stdout


def test_the_line_for_editors_is_the_one_that_ships() -> None:
    (line,) = re.findall(r"^# yaml-language-server: .*$", PAGE, re.MULTILINE)
    assert (ROOT / "dialogues" / "flows" / "pause.yaml").read_text("utf-8").startswith(f"{line}\n")
