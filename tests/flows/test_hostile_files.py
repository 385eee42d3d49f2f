"""Files made to hurt: each is refused within bounded time and memory, and no file makes the loader fail otherwise.

The folder ``hostile`` holds files that try to run code, reach attributes, loop, or eat memory or time; each says in
its first lines what is told about it, as the faults do. ``python -m tests.flows.weighing --table`` prints what it
costs to refuse each of them, and those that are made on the spot: measured on one core of two, the small ones take
at most 20 ms and 3 MiB, the largest and most tangled ones 3 s and 60 MiB.
"""

import re
import subprocess
import sys
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.flows.alone import check_alone
from bot.flows.checks import check_flow
from bot.flows.closing import check_closing
from bot.flows.deciding import Deciding
from bot.flows.flow_compiler import MOST_STEPS, read_flow
from bot.flows.library import ACTIONS, load_flows, load_library
from bot.flows.links import check_links
from bot.flows.loops import check_loops
from bot.flows.privacy import check_privacy
from bot.flows.problems import MOST_PROBLEMS, FlowInvalid, Problem
from bot.flows.source_text import LARGEST
from bot.flows.steering import check_steering
from bot.flows.telling import check_telling
from bot.flows.timing import check_timing
from bot.flows.unwritten import check_unwritten
from bot.flows.values import check_values
from bot.flows.yaml_source import DEEPEST, parse_source
from bot.wiring.dialogues import DIALOGUES
from tests.flows.weighing import HOSTILE, MADE, MEBI, SECONDS, Weight, weight_of

ROOT = Path(__file__).parents[2]
HEAD = "flow: big\nversion: 1\ntitle: Big\nroles: {me: one}\n"
SHIPPED = sorted((DIALOGUES / "flows").glob("*.yaml"))
FILES = sorted(HOSTILE.glob("*.yaml"))

_EXPECT = re.compile(r"^# expect: (\d+):(\d+) ([a-z0-9-]+)$", re.MULTILINE)
UNREADABLE: Mapping[str, list[tuple[int, int, str]]] = {"bytes_utf_16": [(1, 1, "not-utf8")]}
"""What is told about files that cannot say so themselves."""


@contextmanager
def bounded() -> Generator[None]:
    started = time.process_time()
    yield
    assert time.process_time() - started < SECONDS


def problems_of(tmp_path: Path, content: bytes | str) -> tuple[Problem, ...]:
    path = tmp_path / "flow.yaml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with bounded(), pytest.raises(FlowInvalid) as caught:
        load_flows([path])
    for problem in caught.value.problems:
        assert len(str(problem)) < 1_000
    return caught.value.problems


def codes_of(tmp_path: Path, content: bytes | str) -> list[str]:
    return [problem.code for problem in problems_of(tmp_path, content)]


# Files that are kept


def expected_of(path: Path) -> list[tuple[int, int, str]]:
    found = _EXPECT.findall(path.read_bytes().decode("latin-1"))
    return [(int(line), int(column), code) for line, column, code in found] or UNREADABLE[path.stem]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_hostile_file_is_refused_with_exactly_its_problems_and_their_places(path: Path) -> None:
    with bounded(), pytest.raises(FlowInvalid) as caught:
        load_flows([path])
    assert [(one.line, one.column, one.code) for one in caught.value.problems] == expected_of(path)


def weighed(program: str) -> dict[str, Weight]:
    """What it costs to read files, by a program in which weighing.py has its say."""
    command = [sys.executable, "-c", f"from tests.flows import weighing\n{program}"]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return {weight.case: weight for weight in map(weight_of, done.stdout.splitlines())}


def test_to_refuse_a_hostile_file_takes_bounded_time_and_memory() -> None:
    found = weighed("weighing.main()")
    assert found.keys() == {path.stem for path in FILES} | MADE.keys()
    assert len(FILES) >= 25
    assert [weight for weight in found.values() if weight.died] == []
    for path in FILES:
        assert list(found[path.stem].told) == expected_of(path)
        assert found[path.stem].milliseconds < 1_000
        assert found[path.stem].kibibytes < 16 * MEBI // 1024
    for name, (code, _) in MADE.items():
        assert code in {told for _, _, told in found[name].told}, found[name]


@pytest.mark.parametrize(
    ("does", "died", "told"),
    [
        ("while True: pass", "SIGXCPU", ""),
        ("return bytearray(300 << 20)", "", "MemoryError"),
        ("import time; time.sleep(60)", "SIGALRM", ""),
    ],
    ids=["loops", "eats_memory", "waits"],
)
def test_the_bounds_do_bite(does: str, died: str, told: str) -> None:
    """Were a file to loop, to eat memory or to wait for ever, it would show."""
    patience = 1 if died == "SIGALRM" else 30
    loader = f"def load(paths):\n    {does}\nweighing.load_flows = load"
    bounds = f"weighing.SECONDS, weighing.PATIENCE = 1, {patience}"
    (weight,) = weighed(f"{loader}\n{bounds}\nweighing.main(['one.yaml'])").values()
    assert weight.died == died
    assert [code for _, _, code in weight.told] == ([told] if told else [])


# Files that are made here


@pytest.mark.parametrize("content", ["", "\n\n", "# only a comment\n", "---\n", "null\n", "~\n", "\ufeff"])
def test_an_empty_file_is_told_what_belongs_there(tmp_path: Path, content: str) -> None:
    (problem,) = problems_of(tmp_path, content)
    assert problem.code == "wrong-type"
    assert problem.message == "a mapping of keys to values is wanted here"


def test_a_larger_file_is_told_its_size(tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path, b"a: 1\n" * 2_000_000)
    assert problem.code == "too-large"
    assert problem.message == f"the file has 10,000,000 bytes; a flow has at most {LARGEST:,}"


def test_the_largest_file_is_read_and_one_byte_more_is_not() -> None:
    content = b"a: 1\n#"
    assert parse_source(content + b"x" * (LARGEST - len(content)), "big.yaml").data == {"a": 1}
    with pytest.raises(FlowInvalid, match="too-large"):
        parse_source(content + b"x" * (LARGEST - len(content) + 1), "big.yaml")


def test_what_is_not_utf8_is_told_with_its_line(tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path, HEAD.encode() + b"about: d\xe9j\xe0\nsteps: []\n")
    assert (problem.line, problem.code) == (5, "not-utf8")
    assert problem.message == f"byte {len(HEAD) + 9} is not UTF-8: save the file as UTF-8"
    assert codes_of(tmp_path, HEAD.encode("utf-16")) == ["not-utf8"]


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "folder.yaml").mkdir()
    with pytest.raises(FlowInvalid, match=r"folder.yaml:1:1: cannot be read: Is a directory \[unreadable\]"):
        load_flows([tmp_path / "folder.yaml"])


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"], ids=["unix", "windows", "old_mac"])
@pytest.mark.parametrize("start", ["", "\ufeff"], ids=["plain", "marked"])
def test_places_are_the_same_whatever_ends_a_line(tmp_path: Path, newline: str, start: str) -> None:
    text = HEAD + 'steps:\n  - {id: x, sya: "Hi."}\n'
    (problem,) = problems_of(tmp_path, (start + text.replace("\n", newline)).encode())
    assert (problem.line, problem.column, problem.code) == (6, 13, "unknown-key")
    assert problem.excerpt == '  - {id: x, sya: "Hi."}'


@pytest.mark.parametrize(
    "content",
    [
        "a: " + "[" * 100_000,
        "a: " + "{a: " * 30_000,
        "- " * 60_000,
        "".join(" " * depth + "a:\n" for depth in range(300)),
        "a: " + "[" * (DEEPEST + 1) + "]" * (DEEPEST + 1),
    ],
    ids=["brackets", "braces", "dashes", "indentation", "one_too_many"],
)
def test_deep_nesting_is_refused(tmp_path: Path, content: str) -> None:
    assert codes_of(tmp_path, content) == ["too-deep"]


def test_the_deepest_allowed_nesting_is_read() -> None:
    assert parse_source(f"a: {'[' * (DEEPEST - 1)}{']' * (DEEPEST - 1)}".encode(), "deep.yaml").data is not None


@pytest.mark.parametrize(
    "content",
    [
        "a: [" + "22:00, " * 30_000 + "1]",
        "a:\n" + "- 1.5\n" * 40_000,
        "a: 1\n" * 40_000,
        "a: '" + "\u200b" * 80_000 + "'",
        HEAD + "steps:\n" + "- {}\n" * 20_000,
        HEAD + "steps:\n" + "- {id: x, say: 1}\n" * 6_000,
        HEAD + "steps: [{id: x, end: true}]\n" + "".join(f"{'k' * 40}{n}: 1\n" for n in range(5_000)),
        HEAD + "steps: [{id: x, end: true}]\nslots: {" + "".join(f"s{n}: 1, " for n in range(10_000)) + "}\n",
    ],
    ids=["times", "floats", "doubled", "hidden", "empty_steps", "numbers_said", "unknown_keys", "slots"],
)
def test_a_file_with_thousands_of_faults_costs_no_more_than_a_hundred(tmp_path: Path, content: str) -> None:
    assert 1 <= len(problems_of(tmp_path, content)) <= 2 * MOST_PROBLEMS


def test_hundreds_of_loops_are_told(tmp_path: Path) -> None:
    steps = "".join(f"- {{id: x{n}, say: Hi, next: x{n}}}\n" for n in range(MOST_STEPS - 1))
    codes = codes_of(tmp_path, f"{HEAD}steps:\n{steps}- {{id: y, end: true}}\n")
    assert "endless-loop" in codes
    assert "unreachable-step" in codes


def test_as_many_steps_as_a_flow_may_have_are_read_and_one_more_is_not(tmp_path: Path) -> None:
    lane = "".join(f"  - {{id: x{n}, say: Hi}}\n" for n in range(MOST_STEPS - 2))
    text = f"{HEAD}steps:\n- id: w\n  lanes:\n{lane}- {{id: y, end: true}}\n"
    (tmp_path / "right.yaml").write_text(text)
    assert len(load_flows([tmp_path / "right.yaml"])["big"].steps) == MOST_STEPS
    (problem,) = problems_of(tmp_path, f"{text}- {{id: z, end: true}}\n")
    assert (problem.line, problem.column, problem.code) == (5, 1, "too-many-steps")
    assert (
        problem.message == f"these are {MOST_STEPS + 1} steps; a flow has at most {MOST_STEPS}, and can call others"
    )


def test_flows_that_call_each_other_in_diamonds_are_linked_once_each(tmp_path: Path) -> None:
    for n in range(40):
        calls = "".join(f"- {{id: {name}, call: f{n + 1}, roles: {{me: me}}}}\n" for name in ("one", "two"))
        steps = (calls if n < 39 else "") + "- {id: x, end: true}\n"
        (tmp_path / f"f{n}.yaml").write_text(HEAD.replace("flow: big", f"flow: f{n}") + f"steps:\n{steps}")
    with bounded():
        flows = load_flows(sorted(tmp_path.glob("*.yaml")))
    assert len(flows["f0"].calls) == 39


def test_a_flow_that_starts_at_the_same_signal_as_another_is_refused(tmp_path: Path) -> None:
    for name in ("one", "two"):
        text = HEAD.replace("big", name) + "start: {signal: pause}\nsteps: [{id: x, end: true}]\n"
        (tmp_path / f"{name}.yaml").write_text(text)
    with pytest.raises(FlowInvalid) as caught:
        load_flows([tmp_path / "one.yaml", tmp_path / "two.yaml"])
    (problem,) = caught.value.problems
    assert (problem.line, problem.column, problem.code) == (5, 17, "duplicate-signal")
    assert problem.message == "The signal 'pause' starts 'one' already"


def test_a_folder_is_loaded_whole_or_not_at_all(tmp_path: Path) -> None:
    (tmp_path / "flows").mkdir()
    (tmp_path / "phrases.yaml").write_text('yes: "Yes {"\n')
    (tmp_path / "flows" / "right.yaml").write_text(HEAD + "steps: [{id: x, end: true}]\n")
    (tmp_path / "flows" / "wrong.yaml").write_text("flow: [\n")
    with pytest.raises(FlowInvalid) as caught:
        load_library(tmp_path)
    assert [problem.code for problem in caught.value.problems] == ["yaml-syntax", "bad-placeholder"]


def test_a_broken_file_has_no_echo_in_the_flows_that_call_it(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(HEAD + "steps: [{id: x, call: other, roles: {me: me}}, {id: y, end: true}]\n")
    (tmp_path / "b.yaml").write_text("flow: other\nversion: [\n")
    with pytest.raises(FlowInvalid) as caught:
        load_flows([tmp_path / "a.yaml", tmp_path / "b.yaml"])
    assert [problem.code for problem in caught.value.problems] == ["yaml-syntax"]


# Whatever stands in a file


def problems_in(content: bytes) -> tuple[Problem, ...]:
    """Every problem that all checks find; only problems are an answer to a bad file."""
    try:
        one, problems = read_flow(parse_source(content, "any.yaml"), ACTIONS)
    except FlowInvalid as fault:
        return fault.problems
    if one is None:
        return FlowInvalid(problems).problems
    check_flow(one)
    check_privacy(one)
    deciding = Deciding(one)
    check_steering(one, deciding.noticing)
    check_alone(one, deciding)
    check_closing(one, deciding)
    check_values(one, deciding)
    check_telling(one, deciding)
    check_unwritten(one, deciding)
    check_links({one.flow.id: one}, whole=True)
    check_loops({one.flow.id: one})
    check_timing({one.flow.id: one})
    return FlowInvalid([*problems, *one.work.problems]).problems


@settings(deadline=None)
@given(st.binary(max_size=200) | st.text("flow: [{}]-'\"\n\t &*!|>%@#?,abc01", max_size=200).map(str.encode))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    assert problems_in(content), "no flow is as short as this"


shipped_lines = st.sampled_from([path.read_text("utf-8").split("\n") for path in SHIPPED])
junk = st.sampled_from([
    "", "[]", "{}", "3", "-1", "true", "null", "1.5", "22:00", "''", '"{a.b}"', '"{"', "*x", "&x y", "!!int 3",
    "lanes:", "next: []", "next: [{}]", "- {}", "- id: x", "lanes: {}", "lanes: []", "volatile: []", "steps: []",
    "of: nobody", "to: 3", "when: ')'", "save: nothing", "each", "all", "room", "partner", "class: ephemeral",
    "grant_to: partner", "set: {x: 'y'}", "roles: {}",
])  # fmt: skip


@settings(deadline=None, max_examples=300)
@given(shipped_lines, st.data())
def test_a_shipped_flow_with_a_few_lines_spoilt_is_read_or_refused(lines: list[str], data: st.DataObject) -> None:
    """A mistake anywhere is told as a problem of the file, never as a fault of the program."""
    spoilt = list(lines)
    for _ in range(data.draw(st.integers(1, 3))):
        number = data.draw(st.integers(0, len(spoilt) - 1))
        line = spoilt[number]
        match data.draw(st.sampled_from(["drop", "repeat", "value", "swap", "cut", "indent"])):
            case "drop":
                spoilt[number] = ""
            case "repeat":
                spoilt.insert(number, line)
            case "value":
                key, colon, _ = line.rpartition(": ")
                spoilt[number] = f"{key}{colon}{data.draw(junk)}"
            case "swap":
                other = data.draw(st.integers(0, len(spoilt) - 1))
                spoilt[number], spoilt[other] = spoilt[other], line
            case "cut":
                at = data.draw(st.integers(0, len(line)))
                spoilt[number] = line[:at] + line[at + 1 :]
            case _:
                spoilt[number] = f"  {line}"
    for problem in problems_in("\n".join(spoilt).encode()):
        assert 1 <= problem.line <= len(spoilt)
