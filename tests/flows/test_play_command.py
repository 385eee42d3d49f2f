"""``play``: files that cannot be played are told in a sentence, with exit 2."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli.app import app


def play(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["play", *map(str, arguments)])


@pytest.fixture(params=[[], ["--update"]], ids=["play", "update"])
def options(request: pytest.FixtureRequest) -> list[str]:
    """Played as it is, and with what is expected written anew."""
    return request.param


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"alex> na\xefve\n", "1:1: byte 9 is not UTF-8: save the file as UTF-8 [not-utf8]"),
        (b"", "1:1: there is nothing to play here: a transcript has lines such as 'alex> /pair' [bad-line]"),
        (
            b"# A title.\n",
            "1:1: there is nothing to play here: a transcript has lines such as 'alex> /pair' [bad-line]",
        ),
    ],
    ids=["not UTF-8", "empty", "comments alone"],
)
def test_what_cannot_be_played_is_told(content: bytes, told: str, options: list[str], tmp_path: Path) -> None:
    path = tmp_path / "a.chat"
    path.write_bytes(content)
    result = play(path, *options)
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", f"{path}:{told}\n")
    as_json = play(path, *options, "--json")
    assert (as_json.exit_code, as_json.stderr) == (2, "")
    assert f"1:1: {json.loads(as_json.stdout)['message']}" == told.rpartition(" [")[0]
    assert path.read_bytes() == content


def test_a_folder_is_no_transcript(options: list[str], tmp_path: Path) -> None:
    result = play(tmp_path, *options)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"{tmp_path} is a folder: name the transcripts in it, such as {tmp_path}/*.chat\n"


def test_a_file_that_is_not_there_is_told(options: list[str], tmp_path: Path) -> None:
    result = play(tmp_path / "a.chat", *options)
    assert (result.exit_code, result.stderr) == (2, f"{tmp_path / 'a.chat'} is not there\n")


@pytest.mark.parametrize("option", [["--json"], ["--coverage"], ["--update"], ["--least", "90"]])
def test_through_a_platform_goes_with_files_alone(option: list[str], tmp_path: Path) -> None:
    result = play(tmp_path / "a.chat", "--through", "telegram", *option)
    assert (result.exit_code, "leave the other options out" in result.stderr) == (2, True)
