"""``play --coverage``: what transcripts took of a flow, and the line and column of what they never took."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli.app import app
from bot.engine.watching import Took
from bot.flows.coverable import items_of, mark_of
from bot.flows.coverage import covered
from bot.flows.flow_compiler import Compiled, compile_flow
from bot.flows.library import ACTIONS
from bot.flows.yaml_source import parse_source
from tests.conversation.world import shipped

TEA = """\
flow: tea
version: 1
title: Tea
roles: {me: one}
start: {command: tea}
slots:
  kind: {type: choice, class: private, options: {green: "Green", black: "Black"}}
  note: {type: text, class: draft, name: "A note"}
steps:
  - id: kind
    ask: "Which tea?"
    save: kind
    within: 1d
    expired: cold
    next:
      - {when: "kind == 'green'", go: green}
      - {else: note}
  - {id: green, say: "Not too hot.", to: me}
  - {id: note, ask: "A note?", save: note, optional: true}
  - {id: noted, when: "note", say: "Noted.", to: me}
  - {id: drink, call: drinking, roles: {me: me}}
  - {id: done, end: true}
  - {id: cold, say: "It is cold by now.", to: me, end: true}
"""

DRINKING = """\
flow: drinking
version: 1
title: Drinking
roles: {me: one}
slots:
  sips: {type: choice, class: private, options: {one: "One", more: "More"}}
steps:
  - id: sips
    ask: "How many?"
    save: sips
    next:
      - {when: "sips == 'one'", go: one}
      - {else: end}
  - {id: one, say: "Just one.", to: me}
  - {id: end, end: true}
"""

BLACK = "alex> /tea\nalex> [Black]\nalex> skip\nalex> [More]\n"
GREEN = "alex> /tea\nalex> [Green]\nalex> With a friend.\nalex< Noted.\nalex> [One]\n"
COLD = "alex> /tea\n+1d\nalex> [Open]\nalex< It is cold by now.\n"

Play = Callable[..., Result]


@pytest.fixture
def play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Play:
    """Play transcripts with the two flows above."""
    monkeypatch.chdir(tmp_path)
    flows = tmp_path / "flows"
    flows.mkdir()
    (flows / "tea.yaml").write_text(TEA)
    (flows / "drinking.yaml").write_text(DRINKING)

    def with_transcripts(*texts: str, options: tuple[str, ...] = ()) -> Result:
        files: list[str] = []
        for number, text in enumerate(texts):
            path = tmp_path / f"{number}.chat"
            path.write_text(text)
            files.append(str(path))
        return CliRunner().invoke(app, ["play", "--flows", "flows", *options, *files])

    return with_transcripts


def test_every_step_and_way_that_was_never_taken_is_told_at_its_line_and_column(play: Play) -> None:
    result = play(BLACK, options=("--coverage",))
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines()[1:] == [
        "drinking: 2 of 3 steps, 1 of 3 ways on, 50.0 %",
        "flows/drinking.yaml:12:9: 'sips' never led to 'one'",
        "flows/drinking.yaml:14:5: step 'one' was never entered",
        "tea: 4 of 7 steps, 5 of 9 ways on, 56.2 %",
        "flows/tea.yaml:14:5: 'kind' never led to 'cold'",
        "flows/tea.yaml:16:9: 'kind' never led to 'green'",
        "flows/tea.yaml:18:5: step 'green' was never entered",
        "flows/tea.yaml:20:5: step 'noted' was never entered",
        "flows/tea.yaml:23:5: step 'cold' was never entered",
        "in all: 54.5 %",
    ]


def test_transcripts_add_up(play: Play) -> None:
    result = play(BLACK, GREEN, COLD, options=("--coverage", "--least", "100"))
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines()[3:] == [
        "drinking: 3 of 3 steps, 3 of 3 ways on, 100.0 %",
        "tea: 7 of 7 steps, 9 of 9 ways on, 100.0 %",
        "in all: 100.0 %",
    ]


def test_a_gap_alone_fails_nothing_but_too_little_does(play: Play) -> None:
    assert play(BLACK, options=("--coverage",)).exit_code == 0
    enough = play(BLACK, options=("--least", "54"))
    assert (enough.exit_code, enough.stderr) == (0, "")
    little = play(BLACK, options=("--least", "55"))
    assert (little.exit_code, little.stderr) == (1, "54.5 % is less than 55 %: play what was never taken\n")
    assert play("alex> /tea\nalex< Coffee?\n", options=("--coverage",)).exit_code == 1


def test_as_json_it_is_one_object_a_line(play: Play) -> None:
    result = play(COLD, options=("--coverage", "--json"))
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert lines[1] == {"flow": "drinking", "steps": 3, "entered": 0, "ways": 3, "taken": 0, "percent": 0.0}
    assert lines[2] == {
        "path": "flows/drinking.yaml",
        "line": 8,
        "column": 5,
        "code": "never_entered",
        "message": "step 'sips' was never entered",
    }
    assert lines[-1] == {"percent": 13.6, "not_begun": []}


def test_a_flow_that_nobody_began_is_named_and_does_not_count(play: Play) -> None:
    result = play("alex> hello\n", options=("--coverage", "--least", "1"))
    assert result.stdout.splitlines()[1:] == ["not begun: drinking, tea", "in all: 0.0 %"], (
        "of nothing there is no all"
    )
    assert (result.exit_code, result.stderr) == (1, "0.0 % is less than 1 %: play what was never taken\n")


def compiled(yaml: str) -> Compiled:
    return compile_flow(parse_source(yaml.encode(), "tea.yaml"), ACTIONS)


def test_of_a_step_that_was_never_entered_no_way_on_is_told_beside_it() -> None:
    gaps = covered(compiled(TEA), set[Took]()).gaps
    assert {gap.code for gap in gaps} == {"never_entered"}
    assert [gap.line for gap in gaps] == [10, 18, 19, 20, 21, 22, 23]


def test_everything_of_the_flows_that_ship_has_a_place_of_its_own_in_the_file() -> None:
    for one in shipped().compiled.values():
        for item in items_of(one):
            mark = mark_of(one, item)
            line = one.source.lines[mark.line - 1]
            assert line[mark.column - 1 :].strip(), item
            assert item.where[0] in {"steps", "expired"}, item


def test_nothing_is_listed_twice_and_every_written_target_is_there() -> None:
    for one in shipped().compiled.values():
        items = items_of(one)
        assert len({item.took for item in items}) == len(items)
        told = " ".join(item.told for item in items)
        for target, where in one.work.targets:
            assert f"to '{target}'" in told or where == ("expired",) or "changed at" in told, (one.flow.id, target)
