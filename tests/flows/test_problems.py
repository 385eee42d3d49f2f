"""How a problem reads: the place, the line, a caret below it, and what was probably meant."""

from pathlib import Path
from textwrap import dedent

import pytest

from bot.flows.library import load_flows
from bot.flows.problems import FlowInvalid, Problem, did_you_mean, problem_at

SEVERAL = """\
# A flow with a mistyped key, an option that is none, a step that is none, and no deadline.
flow: talk
version: 1
title: Talk
roles: {a: one, b: one}
slots:
  mood: {type: choice, class: signal, of: a, options: {good: "Good", bad: "Bad"}}
steps:
  - {id: ask, of: a, ask: "How are you?", save: mood, optionaal: true}
  - id: ways
    say: "Let's see."
    next:
      - {when: "mood == 'goood'", go: dnoe}
      - {else: gate}
  - {id: gate, of: b, gate: "Is that fine?"}
  - {id: done, end: true}
"""

TOLD = """\
talk.yaml:9:55: unknown key 'optionaal', did you mean 'optional'? [unknown-key]
      - {id: ask, of: a, ask: "How are you?", save: mood, optionaal: true}
                                                          ^
talk.yaml:13:25: 'goood' is not an option of 'mood', did you mean 'good'? [bad-guard]
          - {when: "mood == 'goood'", go: dnoe}
                            ^
talk.yaml:13:39: unknown step 'dnoe', did you mean 'done'? [unknown-step]
          - {when: "mood == 'goood'", go: dnoe}
                                          ^
talk.yaml:15:10: 'gate' waits for somebody else: add a deadline, such as within: 72h, and 'expired' [missing-deadline]
      - {id: gate, of: b, gate: "Is that fine?"}
             ^"""


def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> str:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "talk.yaml").write_text(text, "utf-8")
    with pytest.raises(FlowInvalid) as caught:
        load_flows([Path("talk.yaml")])
    return "\n".join(map(str, caught.value.problems))


def test_every_problem_is_told_at_once_in_the_order_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert told(tmp_path, monkeypatch, SEVERAL) == TOLD


def test_the_error_itself_counts_and_holds_them_all(tmp_path: Path) -> None:
    path = tmp_path / "talk.yaml"
    path.write_text(SEVERAL)
    with pytest.raises(FlowInvalid, match=r"\A4 problems found:\n(.|\n)*\[unknown-key\](.|\n)*\[missing-deadline\]"):
        load_flows([path])


def caret(line: str, column: int) -> list[str]:
    problem = problem_at("talk.yaml", [line], 1, column, "this is wrong", "wrong-type")
    first, *shown = str(problem).split("\n")
    assert first == f"talk.yaml:1:{column}: this is wrong [wrong-type]"
    return shown


def test_the_caret_stands_below_a_place_behind_a_tab() -> None:
    assert caret("\tsay: x", 7) == ["    \tsay: x", "    \t     ^"]


def test_the_caret_stands_below_a_place_behind_wide_and_combining_characters() -> None:
    assert caret("a: \u4f60\u597d x", 7) == ["    a: \u4f60\u597d x", "    " + " " * 8 + "^"]
    assert caret("e\u0301: x", 5) == ["    e\u0301: x", "    " + " " * 3 + "^"]


def test_of_a_long_line_the_part_around_the_place_is_shown() -> None:
    line = "a" * 5_000 + "X" + "b" * 5_000
    excerpt, below = caret(line, 5_001)
    assert len(excerpt) < 130
    assert excerpt[below.index("^")] == "X"


def test_what_a_terminal_would_obey_is_not_printed() -> None:
    excerpt, _ = caret("a: \x1b[2Jx\u202ey", 2)
    assert excerpt == "    a: \ufffd[2Jx\ufffdy"


def test_a_problem_without_a_line_is_told_in_one_line() -> None:
    problem = Problem(path="flows", line=1, column=1, message="there are no flows here", code="no-flows")
    assert str(problem) == "flows:1:1: there are no flows here [no-flows]"


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("choics", ", did you mean 'choices'?"),
        ("Choices", ", did you mean 'choices'?"),
        ("zzz", ""),
        ("", ""),
        ("choices" * 100_000, ""),
    ],
    ids=["typo", "case", "nothing", "empty", "huge"],
)
def test_the_nearest_known_name_is_offered(name: str, meant: str) -> None:
    assert did_you_mean(name, ["choice_of", "choices", "slots"]) == meant


def test_a_huge_name_is_told_shortened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = dedent("""\
        flow: talk
        version: 1
        title: Talk
        roles: {me: one}
        steps: [{id: x, end: true}]
        """)
    message = told(tmp_path, monkeypatch, f"{text}{'k' * 900}: 1\n")
    assert len(message) < 400
    assert f"unknown key '{'k' * 60}…'" in message
