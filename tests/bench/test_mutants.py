"""Mutants of flows: how they are made, who notices them, and who could tell those that nobody notices."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from bench.mutants import results
from bench.mutants.__main__ import main
from bench.mutants.document import DROP, changed, steps_of
from bench.mutants.judging import Court, Judged, Killer, walked
from bench.mutants.likeness import Compared, Likeness, compare
from bench.mutants.operators import OPERATORS, Data, Mutant, mutants_of
from bot.flows.exploration.stood import stood_in
from bot.flows.library import Library, with_source
from bot.flows.yaml_source import Plain, parse_source
from bot.wiring.dialogues import DIALOGUES
from tests.conversation.world import shipped

FLOW = """
flow: asking
version: 1
title: Asking
roles: {one: one, other: one}
start: {command: asking}
lifetime: 9d
slots:
  mood: {type: choice, class: private, of: each, options: {good: "Good", bad: "Bad"}}
  words: {type: text, class: draft, of: one}
steps:
  - {id: write, of: one, ask: "Words?", save: words}
  - {id: show, of: one, grant: words, to: other, ask: "Show them?"}
  - {id: free, of: other, gate: "Would you like to?", within: 1d, expired: over}
  - {id: shown, reveal: words, to: other, say: "{words}"}
  - id: how
    of: each
    ask: "How are you?"
    save: mood
    within: 1d
    expired: over
    next: over
  - {id: over, say: "Bye.", end: true}
"""


def written(flow: str = FLOW) -> Data:
    return cast("Data", parse_source(flow.encode(), "asking.yaml").data)


def named(operator: str, flow: str = FLOW) -> list[str]:
    return [
        f"{mutant.step} {mutant.told}".strip()
        for mutant in mutants_of("asking", written(flow))
        if mutant.operator == operator
    ]


def test_steps_are_found_wherever_they_stand() -> None:
    lanes: list[Plain] = [{"id": "loop", "each": {"x": "y"}, "steps": [{"id": "inner", "say": "."}]}]
    data: Data = {"steps": [{"id": "top", "lanes": {"one": lanes}}, {"id": "end", "end": True}]}
    assert [(step.id, step.beside) for step in steps_of(data)] == [
        ("top", ("top", "end")),
        ("loop", ("loop",)),
        ("inner", ("inner",)),
        ("end", ("top", "end")),
    ]


def test_a_change_leaves_what_was_there_as_it_was() -> None:
    data: Data = {"steps": [{"id": "a"}, {"id": "b"}], "title": "T"}
    edits = ((("steps", 0), DROP), (("title",), "U"), (("new",), 1))
    assert changed(data, edits) == {"steps": [{"id": "b"}], "title": "U", "new": 1}
    assert data == {"steps": [{"id": "a"}, {"id": "b"}], "title": "T"}


@pytest.mark.parametrize(
    ("operator", "expected"),
    [
        ("drop a grant", ["show without the grant"]),
        ("widen a class", ["'mood' is draft", "'mood' is shared", "'mood' is joint", "'mood' is signal",
                           "'words' is shared", "'words' is joint", "'words' is signal"]),
        ("remove a deadline", ["free without 'within'", "how without 'within'", "without 'lifetime'"]),
        ("swap refuse and accept", ["free yes and no swapped", "'good' and 'bad' of 'mood' swapped"]),
        ("do not conceal", ["free an open question, private", "free an open question, signal"]),
    ],
)  # fmt: skip
def test_an_operator_changes_every_place(operator: str, expected: list[str]) -> None:
    assert named(operator) == expected


def test_a_way_is_pointed_at_every_other_step_of_its_list() -> None:
    found = [told for told in named("point elsewhere") if told.startswith("how next")]
    assert found == [f"how next: {step}" for step in ("write", "show", "free", "shown", "how")]


def test_each_private_value_guards_each_step_that_others_see() -> None:
    guarded = [told for told in named("guard in private") if told.endswith("when: any(mood == 'good')")]
    assert [told.split()[0] for told in guarded] == ["free", "shown", "over"]


@pytest.fixture(scope="module")
def court() -> Court:
    return Court(shipped(), ())


def one_of(court: Court, flow: str, operator: str, step: str, told: str) -> Mutant:
    found = [m for m in mutants_of(flow, court.data(flow)) if (m.operator, m.step, m.told) == (operator, step, told)]
    (mutant,) = found
    return mutant


def judged(court: Court, flow: str, operator: str, step: str, told: str) -> Judged:
    return court.judge(one_of(court, flow, operator, step, told))


def test_what_the_load_refuses_is_noticed_by_its_code(court: Court) -> None:
    found = judged(court, "hear_it_back", "drop a grant", "release", "without the grant")
    assert (found.killer, found.by) == (Killer.LOAD, "never-granted")


def test_a_fault_that_exploration_finds_is_told(court: Court, monkeypatch: pytest.MonkeyPatch) -> None:
    fault = SimpleNamespace(told="somebody could tell")

    def found_in(*_: object) -> list[SimpleNamespace]:
        return [fault]

    monkeypatch.setattr("bench.mutants.judging.faults_in", found_in)
    found = judged(court, "hear_it_back", "point elsewhere", "write_again", "next: write")
    assert (found.killer, found.by) == (Killer.EXPLORATION, "somebody could tell")


def test_what_a_transcript_receives_otherwise_is_noticed_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "short.chat"
    path.write_text("@start 2026-03-02T18:00Z\n@alex\nalex> /how_is_it_going\nalex> Tea\nalex< [Better] [The same]\n")
    court = Court(shipped(), [path])
    court.open()
    found = judged(court, "how_is_it_for_me", "swap refuse and accept", "", "'better' and 'same' of 'mark' swapped")
    assert found.killer is Killer.TRANSCRIPT
    assert found.by.startswith("short.chat:5: expected alex gets: [Better] [The same]")


def test_a_transcript_that_does_not_hold_as_it_is_judges_nobody(tmp_path: Path) -> None:
    path = tmp_path / "wrong.chat"
    path.write_text("@start 2026-03-02T18:00Z\n@alex\nalex> /help\nalex< nothing like it\n")
    with pytest.raises(RuntimeError, match="does not hold as it is"):
        Court(shipped(), [path]).open()


def test_what_goes_round_for_ever_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.mutants.judging.PATIENCE", 3)
    path = Path(__file__).parent.parent / "transcripts" / "pause_five.chat"
    court = Court(shipped(), [path])
    court.open()
    found = judged(court, "pause", "point elsewhere", "enough_many", "next: resting_many")
    assert (found.killer, found.by) == (Killer.TRANSCRIPT, "pause_five.chat: it never ends")


def test_what_makes_no_difference_survives_and_is_shown_to_make_none(court: Court) -> None:
    found = judged(court, "hear_it_back", "point elsewhere", "write_again", "next: write")
    assert (found.killer, found.likeness) == (None, Likeness.NOBODY)


def beside(library: Library, *edits: tuple[str, str]) -> Compared:
    """What people can tell of a flow with some words of its file exchanged."""
    words = FLOW
    for old, new in edits:
        assert old in words
        words = words.replace(old, new)
    one, other = (with_source(library, parse_source(text.encode(), "asking.yaml")) for text in (FLOW, words))
    return compare(walked(one, "asking")[0], walked(other, "asking")[0])


@pytest.mark.parametrize(
    ("old", "new", "likeness"),
    [
        ("version: 1", "version: 2", Likeness.NOBODY),
        ("id: over, say", "id: over, to: all, say", Likeness.NOBODY),
        ("class: draft, of: one", "class: shared, of: one", Likeness.NOBODY),
        ("lifetime: 9d", "lifetime: 8d", Likeness.OTHERS),
        ("Bye.", "Good-bye.", Likeness.OTHERS),
        ('good: "Good"', 'good: "Fine"', Likeness.OTHERS),
        ("within: 1d, expired: over", "within: 2d, expired: over", Likeness.OTHERS),
        ("say: \"Bye.\"", "to: one, say: \"Bye.\"", Likeness.OTHERS),
        ("save: mood\n", "save: mood\n    optional: true\n", Likeness.OTHERS),
    ],
)  # fmt: skip
def test_flows_are_alike_if_nobody_can_tell_them_apart(old: str, new: str, likeness: Likeness) -> None:
    assert beside(shipped(), (old, new)).likeness is likeness


ALONE = """
flow: asking
version: 1
title: Alone
roles: {me: one}
start: {command: asking}
slots:
  mood: {type: choice, class: private, options: {good: "Good", bad: "Bad"}}
steps:
  - {id: how, ask: "How are you?", save: mood}
  - {id: over, say: "Bye.", end: true}
"""


def test_what_somebody_alone_sees_is_their_own() -> None:
    library = shipped()
    other = ALONE.replace("How are you?", "How is it?")
    flows = (with_source(library, parse_source(text.encode(), "asking.yaml")) for text in (ALONE, other))
    one, two = (walked(flow, "asking")[0] for flow in flows)
    assert compare(one, two).likeness is Likeness.OWN


HOW_LONG = """
flow: asking
version: 1
title: How long
roles: {a: one, b: one}
start: {command: asking}
slots:
  length: {type: duration, class: private, of: each, min: 20m, max: 24h}
outcomes:
  longest: {is: "greatest(length)", told: "The longer one is used."}
steps:
  - id: both
    lanes: [{id: how, ask: "How long? The longer one is used.", save: length}]
    within: 1d
    expired: over
  - {id: told, say: "It takes {longest}."}
  - {id: over, say: "Bye.", end: true}
"""


def test_where_fewer_answers_stand_for_all_those_are_compared_that_both_have() -> None:
    library = shipped()
    other = HOW_LONG.replace("class: private", "class: joint")
    flows = [with_source(library, parse_source(text.encode(), "asking.yaml")) for text in (HOW_LONG, other)]
    one, two = (walked(flow, "asking")[0] for flow in flows)
    assert stood_in(one.space).answers != stood_in(two.space).answers
    assert compare(one, two).likeness is Likeness.NOBODY


def test_the_score_counts_all_and_tells_who_could_tell() -> None:
    def line(killer: str, likeness: str = "") -> results.Line:
        return results.Line("pair", "widen a class", 3, "", "told", killer, "", likeness)

    lines = [*[line("load")] * 8, line("", "nobody"), line("", "others")]
    assert results.percent(lines) == 80.0
    assert results.told_apart(lines) == [line("", "others")]
    assert results.from_json("\n".join(results.as_json(lines))) == lines
    page = results.rendered("<!-- score -->\n<!-- end -->\n<!-- survivors -->\n<!-- end -->", lines)
    assert "10 mutants, of which 8 are noticed: **80.0 %**. Of the others, 1 make a difference" in page
    assert "| pair | 3 |  | told | others |" in page


def test_every_operator_is_on_the_page() -> None:
    page = (DIALOGUES.parent / "docs" / "mutants.md").read_text("utf-8")
    assert all(f"| {operator} |" in page for operator in OPERATORS)


# What an earlier run put out


def run(*arguments: str | Path) -> int:
    """Run the bench, which judges nothing here, and return how it ends."""
    return main([str(one) for one in arguments])


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> list[Mutant]:
    """The mutants of a short flow that were judged: each is noticed at once."""
    asked: list[Mutant] = []

    def judges(mutants: Sequence[Mutant], _workers: int) -> Iterator[Judged]:
        asked.extend(mutants)
        yield from (Judged(mutant, Killer.LOAD) for mutant in mutants)

    monkeypatch.setattr("bench.mutants.__main__.judged", judges)
    return asked


def test_a_flow_that_is_not_there_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run("paus")
    assert ended.value.code == 2
    assert capsys.readouterr().err.endswith("error: there is no flow 'paus', did you mean 'pause'?\n")


def test_a_last_line_that_was_not_written_to_its_end_is_left_out(
    slow: list[Mutant], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("slow")
    every, out = len(slow), capsys.readouterr().out.splitlines(keepends=True)
    before = tmp_path / "out.jsonl"
    before.write_text(out[0] + out[1][:20])
    slow.clear()
    assert run("slow", "--so-far", before) == 0
    assert len(slow) == every - 1
    printed = capsys.readouterr()
    assert printed.out.splitlines(keepends=True) == out
    assert printed.err.startswith(f"{before}: the last line ends in the middle, and is left out\n")


@pytest.mark.parametrize("option", ["--so-far", "--again"])
@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "Is a directory"),
        (b"{}\n", "line 1 is none that was put out"),
        (b'\n{"flow": "slow"\n', "line 2 is none that was put out"),
        (b"\xff\n", "invalid start byte"),
    ],
    ids=["a folder", "something else", "a half line in between", "no text"],
)
def test_what_no_run_put_out_is_refused_in_a_sentence(
    option: str, content: bytes | None, why: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path
    if content is not None:
        path = tmp_path / "out.jsonl"
        path.write_bytes(content)
    with pytest.raises(SystemExit) as ended:
        run("slow", option, path)
    assert ended.value.code == 2
    told = capsys.readouterr().err.splitlines()[-1]
    assert told.startswith(f"./run bench mutants: error: {path} cannot be used: ")
    assert why in told
