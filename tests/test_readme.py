"""What the README shows is what happens."""

import re
from pathlib import Path

import pytest

from bot.cli.app import app
from bot.flows.problems import FlowInvalid
from bot.wiring.checking import check_files

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
EXAMPLE = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)[0]


def test_the_flow_of_the_readme_passes_the_checks(tmp_path: Path) -> None:
    path = tmp_path / "one_good_thing.yaml"
    path.write_text(EXAMPLE)
    assert check_files([path]) == 1


def test_the_mistake_of_the_readme_is_told_as_the_readme_tells_it(tmp_path: Path) -> None:
    path = tmp_path / "one_good_thing.yaml"
    path.write_text(EXAMPLE.replace("save: thing", "saves: thing"))
    with pytest.raises(FlowInvalid) as refused:
        check_files([path])
    told = "\n".join(map(str, refused.value.problems)).replace(str(path), "dialogues/flows/one_good_thing.yaml")
    assert re.findall(r"```\n(dialogues.*?)\n```", README, re.DOTALL)[0] in told


def test_every_command_of_the_readme_exists() -> None:
    commands = set(re.findall(r"`\./run ([a-z-]+)", README))
    script = (ROOT / "run").read_text("utf-8")
    there = {command.callback.__name__ for command in app.registered_commands if command.callback}
    there |= {group.name for group in app.registered_groups if group.name}
    assert {command for command in commands if command not in there and f"\n{command})" not in script} == set()
