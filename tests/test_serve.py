"""``./run serve``, and the settings it needs."""

import pytest
from typer.testing import CliRunner, Result

from bot.cli.app import app
from bot.wiring.settings import read_settings


def serve(**env: str) -> Result:
    return CliRunner().invoke(app, ["serve"], env={f"BREATHING_ROOM_{name}": value for name, value in env.items()})


def test_serve_refuses_while_nobody_is_named_who_runs_it():
    for name in ("", "  "):
        result = serve(OPERATOR=name)
        assert result.exit_code == 2
        assert "set BREATHING_ROOM_OPERATOR to a name that they know" in result.stderr


def test_serve_with_a_name_asks_for_nothing_more_of_whoever_runs_it():
    result = serve(OPERATOR="Kim")
    assert result.exit_code == 2
    assert "OPERATOR" not in result.stderr
    assert "./run demo" in result.stderr


def test_an_account_that_cannot_be_read_is_told_in_one_line():
    result = serve(OPERATOR="Kim", OPERATOR_ACCOUNTS="telegram:12, discord")
    assert result.exit_code == 2
    assert result.stderr == (
        "BREATHING_ROOM_OPERATOR_ACCOUNTS is not right: "
        "write platform:id, with commas between, such as telegram:1234, discord:5678\n"
    )


def test_accounts_are_of_a_platform_each(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("BREATHING_ROOM_OPERATOR_ACCOUNTS", "telegram:12, discord:34")
    assert read_settings().operator_accounts == {("telegram", "12"), ("discord", "34")}
