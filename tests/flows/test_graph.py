"""``graph``: a flow as Mermaid text and as a picture; every step and every way that is written is in it."""

import json
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from typer.testing import CliRunner, Result

from bot.cli.app import app
from bot.flows.compiling import CLOSED
from bot.flows.drawing import dot, svg
from bot.flows.flow_compiler import Compiled, compile_flow
from bot.flows.graph import Box, Edge, Graph, Kind, Node, graph_of
from bot.flows.library import ACTIONS
from bot.flows.mermaid import mermaid
from bot.flows.yaml_source import parse_source
from bot.wiring.dialogues import library_of
from docs.make_reference import EXAMPLES
from tests.conversation.world import shipped
from tests.flows.mermaid_reader import Read, read

GRAPHS = Path(__file__).parent / "graphs"

ALL = [*shipped().compiled.values(), *library_of(EXAMPLES).compiled.values()]
FLOWS = list({one.flow.id: one for one in ALL}.values())

EVERYTHING = b"""
flow: everything
version: 1
title: Everything
roles: {one: one, other: one}
start: {command: everything}
lifetime: 3d
expired: bye
slots:
  mood: {type: choice, class: private, of: each, options: {fine: "Fine", low: "Low"}}
  note: {type: text, class: draft, of: one, name: "A note"}
  picked: {type: choices, class: private, of: each, most: 2, options: {tea: "Tea", bread: "Bread"}}
  taste: {type: choice, class: private, of: each, per: picked, options: {good: "Good", bad: "Bad"}}
  secret: {type: choice, class: ephemeral, of: each, options: {yes: "Yes", no: "No"}}
outcomes:
  all_fine: {when: "all(mood == 'fine')", told: "It goes on if you are both fine."}
steps:
  - {id: note, of: one, ask: "A \\"note\\" with <b>, 100 % #1 and `this`?", save: note, within: 1d, expired: bye}
  - {id: show, of: one, grant: note, to: other, ask: "Show it?", change: note, kept: talk}
  - {id: shown, reveal: note, to: other, say: "{note}", missing: bye}
  - id: come
    of: other
    gate: "Come along?"
    yes: "Gladly"
    kindly: "Not today, kindly"
    told: kindly
    within: 2d
    expired: bye
  - id: talk
    lanes:
      one:
        - id: inner
          volatile: [{id: idea, ask: "Really?", save: secret}]
          next: [{when: "secret == 'yes'", go: mood}, {else: gone}]
        - {id: mood, ask: "How are you?", save: mood}
        - {id: end, end: true}
        - {id: gone, end: closed}
      other:
        when: "note"
        steps:
          - {id: pick, ask: "What?", save: picked, ways: {well: "I am fine"}}
          - {id: tastes, each: {thing: picked}, steps: [{id: taste, ask: "{thing}?", save: taste}]}
          - {id: well, when: "mood == 'fine'", say: "Good.", to: self}
    within: 1d
    expired: bye
    next: [{when: all_fine, go: rest}, {else: bye}]
  - {id: rest, wait: 2d}
  - {id: word, call: one_word, roles: {first: one, second: other}}
  - {id: once_more, when: "visits(talk) < 2", start: everything, roles: {one: one, other: other}, next: bye}
  - {id: kindly, say: "They can't.", to: one}
  - {id: bye, say: "Bye.", end: true}
"""


def of(yaml: bytes) -> Read:
    return read(mermaid(graph_of(compiled(yaml))))


def compiled(yaml: bytes) -> Compiled:
    return compile_flow(parse_source(yaml, "everything.yaml"), ACTIONS)


@pytest.fixture(scope="module")
def everything() -> Read:
    return of(EVERYTHING)


@pytest.mark.parametrize("one", FLOWS, ids=lambda one: one.flow.id)
def test_every_flow_is_valid_mermaid_with_every_step_and_every_target(one: Compiled) -> None:
    found = read(mermaid(graph_of(one)))
    there = {name.removeprefix("s_") for name in (*found.nodes, *found.subgraphs)}
    assert {name.partition(":")[0] for name in one.flow.steps} <= there
    signs = {name: label.removeprefix("→ ") for name, (_, label) in found.nodes.items() if name.startswith("to_")}
    led_to = {signs.get(target, target.removeprefix("s_")) for _, _, _, target in found.edges}
    assert {target for target, _ in one.work.targets} - {CLOSED} <= led_to


@pytest.mark.parametrize("name", ["pause", "work_it_out"])
def test_the_graph_is_the_one_that_was_looked_at(name: str) -> None:
    told = f"look at it, then write it anew: ./run graph {name} > tests/flows/graphs/{name}.mmd"
    assert mermaid(graph_of(shipped().compiled[name])) == (GRAPHS / f"{name}.mmd").read_text("utf-8"), told


def test_kinds_of_step_have_shapes_of_their_own(everything: Read) -> None:
    shapes = {name: shape for name, (shape, _) in everything.nodes.items()}
    assert (shapes["begin"], shapes["s_note"], shapes["s_show"], shapes["s_shown"]) == ("([", "(", "[/", ">")
    assert (shapes["s_come"], shapes["s_rest"], shapes["s_word"], shapes["s_bye"]) == ("{{", "[\\", "[[", "([")


def test_a_step_is_told_by_its_name_its_role_and_a_few_words(everything: Read) -> None:
    assert everything.nodes["s_note"][1] == 'note · one\nA "note" with <b>, 100 % #1 and `this`?'
    assert everything.nodes["s_show"][1] == "show · one\nshow note to other?"
    assert everything.nodes["s_well"][1] == "well\nGood.\nto self\nif mood == 'fine'"
    assert everything.nodes["begin"][1] == "Everything\n/everything"


def test_stages_lanes_sections_and_loops_are_subgraphs(everything: Read) -> None:
    assert everything.subgraphs == {
        "s_talk": "talk",
        "s_talk_one": "one",
        "s_inner": "inner: kept in memory only",
        "s_talk_other": "other, if note",
        "s_tastes": "tastes: for each thing of picked",
    }
    assert everything.inside["s_talk_one"] == "s_talk"
    assert everything.inside["s_idea"] == "s_inner"
    assert everything.inside["s_taste"] == "s_tastes"
    assert everything.inside["s_end"] == "s_talk_one"


def test_ways_say_when_they_are_taken(everything: Read) -> None:
    for edge in [
        ("begin", "-->", "", "s_note"),
        ("s_show", "-->", "shared", "s_shown"),
        ("s_show", "-->", "kept private", "s_talk"),
        ("s_show", "-->", "changed", "s_note"),
        ("s_shown", "-->", "nothing to show", "s_bye"),
        ("s_come", "-->", "Gladly", "s_talk"),
        ("s_come", "-->", "Not today, kindly", "s_kindly"),
        ("s_inner", "-->", "secret == 'yes'", "s_mood"),
        ("s_inner", "-->", "else", "s_gone"),
        ("s_pick", "-->", "I am fine", "s_well"),
        ("s_talk", "-->", "all_fine (outcome)", "s_rest"),
        ("s_once_more", "-->", "if not", "s_kindly"),
    ]:
        assert edge in everything.edges, edge


def test_deadlines_are_dashed_and_links_to_other_flows_thick(everything: Read) -> None:
    dashed = [(source, label, target) for source, arrow, label, target in everything.edges if arrow == "-.->"]
    assert ("s_rest", "after 2d", "s_word") in dashed
    thick = [(source, label, target) for source, arrow, label, target in everything.edges if arrow == "==>"]
    assert thick == [("s_word", "calls", "f_one_word"), ("s_once_more", "starts", "f_everything")]


def test_where_many_deadlines_lead_to_one_step_each_names_it_beside_its_stage(everything: Read) -> None:
    signs = {name: label for name, (_, label) in everything.nodes.items() if name.startswith("to_")}
    assert signs == {f"to_{name}": "→ bye" for name in ("begin", "s_note", "s_come", "s_talk")}
    assert ("s_come", "-.->", "after 2d", "to_s_come") in everything.edges
    assert not any(name.startswith("to_") for name in of(EVERYTHING.replace(b"expired: bye\nslots", b"slots")).nodes)


def test_ways_between_the_same_two_steps_are_one(everything: Read) -> None:
    ways = [(source, target) for source, arrow, _, target in everything.edges if arrow == "-->"]
    assert len(ways) == len(set(ways))


@pytest.mark.parametrize(
    "text",
    [
        'a "quote" in it',
        "#quot; #60; &lt;",
        "<b>bold</b><br/>",
        "`code` **bold**",
        '%%{init: {"theme": "dark"}}%% %% comment',
        "back\\nslash at the end \\",
        "$$x^2$$",
        "fa:fa-car",
        "1. one | two [x] {y} (z); end",
    ],
)
def test_nothing_in_a_label_is_more_than_text(text: str) -> None:
    graph = Graph("x", (Box("g", text, (Node("a", Kind.STEP, (text,)),)),), (Edge("begin", "g", text),))
    begin = Graph("x", (Node("begin", Kind.GATE, (text,)), *graph.parts), graph.edges)
    found = read(mermaid(begin))
    assert found.nodes["a"][1] == found.nodes["begin"][1] == found.subgraphs["g"] == found.edges[0][2] == text


@pytest.mark.parametrize(
    "text",
    [
        'a["x" y"]',
        'a["<b>"]',
        'end["x"]',
        'a["x")',
        'a["x"]\n    a["y"]',
        "a --> b",
        'subgraph g["g"]\n        a["x"]\n    end\n    g --> a',
        'subgraph g["g"]\n        a["x"]',
        'subgraph g["g"]\n    end',
        'a["$$x$$"]',
    ],
)
def test_the_reader_of_these_tests_refuses_what_mermaid_does(text: str) -> None:
    with pytest.raises(ValueError, match=r"line [34]|edge|closed|nothing"):
        read(f"%% x\nflowchart TD\n    {text}\n")


def test_the_picture_is_svg_with_every_step(everything: Read) -> None:
    picture = svg(graph_of(compiled(EVERYTHING)))
    root = ET.fromstring(picture)  # noqa: S314  # our own output
    told = " ".join(text.strip() for text in root.itertext())
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    for name in everything.nodes:
        assert name.removeprefix("s_").removeprefix("to_s_") in told or name.startswith(("f_", "begin", "to_"))
    assert 'A "note" with <b>, 100 % #1 and `this`?' in told
    assert "stroke-dasharray" in picture


@pytest.mark.parametrize("one", FLOWS, ids=lambda one: one.flow.id)
def test_every_flow_can_be_drawn(one: Compiled) -> None:
    assert svg(graph_of(one)).rstrip().endswith("</svg>")


def test_a_border_cuts_the_ways_to_and_from_a_stage() -> None:
    told = dot(graph_of(compiled(EVERYTHING)))
    assert 's_come -> s_idea [style=solid, label="  Gladly  ", lhead=cluster_s_talk]' in told
    assert 's_well -> s_rest [style=solid, label="  all_fine (outcome)  ", ltail=cluster_s_talk]' in told


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["graph", *arguments])


def test_the_command_writes_the_graph_to_stdout() -> None:
    result = run("pause")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == (GRAPHS / "pause.mmd").read_text("utf-8")
    assert json.loads(run("pause", "--json").stdout) == {"flow": "pause", "mermaid": result.stdout}
    assert run("pause", "--svg").stdout.startswith("<?xml")


def test_a_flow_that_is_not_there_is_wrong_usage() -> None:
    result = run("paus")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "there is no flow 'paus', did you mean 'pause'?\n"


def test_without_the_extra_one_sentence_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    result = run("pause", "--svg")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        "a picture needs Graphviz: './run add graph' installs it; without --svg this writes Mermaid text\n"
    )
