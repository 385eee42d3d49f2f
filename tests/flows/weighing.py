"""What it costs to refuse files that are made to hurt: time and memory, each file in a process of its own.

``python -m tests.flows.weighing --table`` prints the figures. Each process may take SECONDS of the processor and
MEBIBYTES more memory than it had before it read the file, and is killed when it takes more, or only waits.
"""

import json
import os
import resource
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import TypeAdapter

from bot.flows.library import load_flows
from bot.flows.problems import FlowInvalid
from bot.flows.source_text import LARGEST

HOSTILE = Path(__file__).parent / "hostile"

SECONDS, MEBIBYTES, PATIENCE = 5, 128, 30
"""Of the processor, of memory, and of waiting (on the machine's clock)."""

MEBI = 1 << 20

ALONE = "flow: big\nversion: 1\ntitle: Big\nroles: {me: one}\n"
TOGETHER = "flow: big\nversion: 1\ntitle: Big\nroles: {a: one, b: one}\n"
MOODS = '{type: choice, class: private, of: each, options: {good: "Good", bad: "Bad"}}'


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """How a file was refused, and what that cost. ``died`` names the signal that ended it, if one did."""

    case: str
    told: tuple[tuple[int, int, str], ...] = ()
    milliseconds: int = 0
    kibibytes: int = 0
    died: str = ""


# Files that are made on the spot: too large to keep, or no files at all


def _sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(50 * MEBI)


def _largest(head: str, unit: str, tail: str = "") -> Callable[[Path], None]:
    """As many of the unit as fit into a file; ``%d`` in it counts them."""

    def make(path: Path) -> None:
        found, size, number = [head], len(head) + len(tail), 0
        while size <= LARGEST:
            found.append(unit.replace("%d", str(number)))
            size += len(found[-1].encode())
            number += 1
        path.write_text("".join([*found[:-1], tail]))

    return make


def _steps(head: str, step: str, tail: str, ways: str) -> Callable[[Path], None]:
    """As many steps as a flow may have, each with as many ways on as a step may have."""

    def make(path: Path) -> None:
        found = [head]
        for number in range(296):
            on = ", ".join(f"{{when: {ways}, go: s{(number * 7 + way * 13) % 296}}}" for way in range(11))
            found.append(f"{step.replace('%d', str(number))}, next: [{on}, {{else: s{(number + 1) % 296}}}]}}\n")
        path.write_text("".join([*found, tail]))

    return make


_WORD = "slots: {word: {type: text, class: draft, of: a}}\n"
_TALK = f"slots: {{mood: {MOODS}}}\n"
_COPIES = f"slots:\n  mood: {MOODS}\n  copy: {MOODS}\n"
_OUTCOMES = "outcomes:\n" + "".join(f"  o{n}: {{when: \"any(copy == 'bad')\", told: So it is}}\n" for n in range(50))
_ANY = " or ".join(f"o{n}" for n in range(20))
_END = "- {id: y, end: true}\n"

MADE: Mapping[str, tuple[str, Callable[[Path], None]]] = {
    "fifty_mebibytes": ("too-large", _sparse),
    "folder": ("unreadable", lambda path: path.mkdir()),
    "pipe": ("unreadable", os.mkfifo),
    "link_to_itself": ("unreadable", lambda path: path.symlink_to(path)),
    "link_to_nothing": ("unreadable", lambda path: path.symlink_to(path.with_name("nothing"))),
    "link_to_zeros_without_end": ("unreadable", lambda path: path.symlink_to("/dev/zero")),
    "link_to_noise_without_end": ("unreadable", lambda path: path.symlink_to("/dev/urandom")),
    "empty": ("wrong-type", lambda path: path.touch()),
    "lists_without_end": ("unknown-key", _largest("a: [", "[],", "]")),
    "mappings_without_end": ("unknown-key", _largest("a: [", "{},", "]")),
    "quotes_without_end": ("unknown-key", _largest("a: [", '"",', "]")),
    "keys_without_end": ("unknown-key", _largest("", "k%d: 1\n")),
    "question_marks_without_end": ("yaml-key", _largest("", "? ")),
    "one_line_without_end": ("yaml-syntax", _largest(f'{ALONE}about: "', "word ")),
    "steps_without_end": ("too-many-steps", _largest(f"{ALONE}steps:\n", "- {id: x%d, say: Hi}\n", _END)),
    "faults_without_end": ("wrong-type", _largest(f"{ALONE}steps:\n", "- {id: x%d, say: 1}\n", _END)),
    "times_without_end": ("unquoted-time", _largest(f"{ALONE}about: [", "22:00, ", "1]")),
    "slots_without_end": ("wrong-type", _largest(f"{ALONE}steps: [{{id: y, end: true}}]\nslots:\n", " s%d: 1\n")),
    "ways_between_questions": (
        "unreachable-step",
        _steps(f"{TOGETHER}{_WORD}steps:\n", "- {id: s%d, of: a, ask: Hi, save: word", _END, "word"),
    ),
    "ways_between_grants": (
        "unreachable-step",
        _steps(
            f"{TOGETHER}{_WORD}steps:\n", "- {id: s%d, of: a, grant: word, to: b, ask: Hi, kept: s5", _END, "word"
        ),
    ),
    "ways_between_gates": (
        "missing-deadline",
        _steps(
            f'{TOGETHER}{_WORD}steps:\n- {{id: q, of: a, ask: Hi, save: word, grant_to: b, reveal: "{{word}}"}}\n',
            '- {id: s%d, of: b, gate: "{word}"',
            _END,
            "word",
        ),
    ),
    "ways_behind_outcomes": (
        "outcome-untold",
        _steps(
            f"{TOGETHER}{_COPIES}{_OUTCOMES}steps:\n- id: l\n  within: 1d\n  expired: y\n  lanes:\n",
            "  - {id: s%d, set: {copy: \"'bad'\"}",
            f'  - {{id: z, end: true}}\n- {{id: t, say: Hi, when: "{_ANY}"}}\n{_END}',
            "mood",
        ),
    ),
    "ways_inside_of_a_lane": (
        "private-guard",
        _steps(
            f"{TOGETHER}{_TALK}steps:\n- id: l\n  within: 1d\n  expired: y\n  lanes:\n",
            "  - {id: s%d, say: Hi, to: b",
            f"  - {{id: z, end: true}}\n{_END}",
            "mood",
        ),
    ),
}


# Weighing


def weights() -> Iterator[Weight]:
    """Yield what it costs to refuse each file: those of the folder, and those that are made."""
    for path in sorted(HOSTILE.glob("*.yaml")):
        yield weight(path)
    with TemporaryDirectory() as folder:
        for name, (_, make) in MADE.items():
            path = Path(folder) / f"{name}.yaml"
            make(path)
            yield weight(path)


def weight(path: Path) -> Weight:
    """Return what it costs to refuse that file."""
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(ours)
        with os.fdopen(theirs, "w") as out:
            json.dump(asdict(_load(path)), out)
        os._exit(0)
    os.close(theirs)
    with os.fdopen(ours) as told:
        answer = told.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return Weight(case=path.stem, died=signal.Signals(os.WTERMSIG(status)).name)
    return weight_of(answer) if answer else Weight(case=path.stem, died="without a word")


def weight_of(line: str) -> Weight:
    """Return the weight of a line as ``main`` prints it."""
    found: Weight = TypeAdapter(Weight).validate_json(line)
    return found


def _load(path: Path) -> Weight:
    """Read the file, in this process, within the bounds."""
    signal.alarm(PATIENCE)
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
    most = _memory() + MEBIBYTES * MEBI
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    before = resource.getrusage(resource.RUSAGE_SELF)
    try:
        load_flows([path])
    except FlowInvalid as fault:
        told = tuple((problem.line, problem.column, problem.code) for problem in fault.problems)
    except BaseException as fault:  # noqa: BLE001  # told as what it is: anything else than a problem is a fault
        told = ((0, 0, type(fault).__name__),)
    else:
        told = ()
    after = resource.getrusage(resource.RUSAGE_SELF)
    return Weight(
        case=path.stem,
        told=told,
        milliseconds=round((after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000),
        kibibytes=after.ru_maxrss - before.ru_maxrss,
    )


def _memory() -> int:
    """The bytes that this process has by now; where the system does not tell, as many as it will ever need."""
    statm = Path("/proc/self/statm")
    return int(statm.read_text().split()[0]) * resource.getpagesize() if statm.exists() else 8 << 30


def main(paths: Sequence[str] = ()) -> None:
    """Print one JSON object a file, or with ``--table`` the costliest first, and what is told first about it."""
    found = map(weight, map(Path, paths)) if paths else weights()
    if "--table" not in sys.argv:
        sys.stdout.writelines(json.dumps(asdict(one)) + "\n" for one in found)
        return
    for one in sorted(found, key=lambda one: -one.milliseconds):
        first = one.told[0][2] if one.told else one.died or "READ"
        sys.stdout.write(f"{one.milliseconds:6} ms {one.kibibytes:7} KiB  {one.case}: {len(one.told)} {first}\n")


if __name__ == "__main__":
    main()
