"""Mutation of the flows that ship: ``./run bench mutants``.

Changes one thing in a flow at a time, and looks whether the load refuses it, a transcript notices, or exploration
finds a fault. What nothing notices is walked side by side with the flow that ships: can anybody tell? Prints one JSON
object a mutant, then the score; ends with 1 when it is too low, or somebody else could tell.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from bench.mutants import results
from bench.mutants.judging import Court, Judged
from bench.mutants.operators import OPERATORS, Mutant, mutants_of
from bench.mutants.results import Line
from bot.flows.problems import did_you_mean
from bot.wiring.dialogues import library_of

ROOT = Path(__file__).parents[2]
TRANSCRIPTS = sorted((ROOT / "tests" / "transcripts").glob("*.chat"))
PAGE = ROOT / "docs" / "mutants.md"
LEAST = 95.0

_COURTS: list[Court] = []
"""In a process that judges: what it judges by."""


def _open() -> None:
    court = Court(library_of(None), TRANSCRIPTS)
    court.open()
    _COURTS[:] = [court]
    # The engine's log tells of turns that fail; here they may.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)


def _judge(mutant: Mutant) -> Judged:
    return _COURTS[0].judge(mutant)


def judged(mutants: Sequence[Mutant], workers: int) -> Iterator[Judged]:
    """Yield what becomes of each mutant."""
    with ProcessPoolExecutor(max_workers=workers, initializer=_open) as pool:
        yield from pool.map(_judge, mutants)


class CannotRead(Exception):
    """What an earlier run put out cannot be used; the text says why."""


def put_out(path: Path) -> list[Line]:
    """Return what an earlier run put out, without a last line that it could not write to its end.

    Raises CannotRead.
    """
    try:
        text = path.read_text("utf-8")
        whole, _, last = text.rpartition("\n")
        if last:
            sys.stderr.write(f"{path}: the last line ends in the middle, and is left out\n")
        return results.from_json(whole)
    except (OSError, UnicodeDecodeError, results.NotALine) as fault:
        why = fault.strerror if isinstance(fault, OSError) else str(fault)
        message = f"{path} cannot be used: {why}"
        raise CannotRead(message) from None


def wanted(options: argparse.Namespace) -> list[Mutant]:
    """Return the mutants that are asked for. Raises CannotRead."""
    library = library_of(None)
    court = Court(library, ())
    found = [one for name in options.flows or library.flows for one in mutants_of(name, court.data(name))]
    found = [one for one in found if not options.operators or one.operator in options.operators]
    if options.again is not None:
        left = {line.name for line in put_out(options.again) if line.survived}
        found = [one for one in found if results.name_of(one) in left]
    return found[:: options.every]


def known(options: argparse.Namespace) -> list[Line]:
    """Return what an interrupted run has found out already; what others could tell is judged again.

    Raises CannotRead.
    """
    if options.so_far is None:
        return []
    lines = put_out(options.so_far)
    apart = {line.name for line in results.told_apart(lines)}
    return [line for line in lines if line.name not in apart]


def main(arguments: Sequence[str]) -> int:
    """Run what the arguments ask for; return the exit code."""
    sources = {name: one.source for name, one in library_of(None).compiled.items()}
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.write and (options.flows or options.operators or options.every > 1 or options.again):
        parser.error("--write takes the place of everything that is in the docs: leave nothing out")
    for name in options.flows:
        if name not in sources:
            parser.error(f"there is no flow '{name}'{did_you_mean(name, sorted(sources))}")
    try:
        mutants, before = wanted(options), {line.name: line for line in known(options)}
    except CannotRead as fault:
        parser.error(str(fault))
    lines = [before[name] for one in mutants if (name := results.name_of(one)) in before]
    sys.stdout.write("".join(f"{told}\n" for told in results.as_json(lines)))
    for one in judged([one for one in mutants if results.name_of(one) not in before], options.workers):
        line = results.line_of(one, sources[one.mutant.flow].mark(one.mutant.path).line)
        lines.append(line)
        sys.stdout.write("".join(f"{told}\n" for told in results.as_json([line])))
        sys.stdout.flush()
    others = results.told_apart(lines)
    score = results.percent(lines)
    summary = {"mutants": len(lines), "percent": round(score, 2), "told_apart": len(others)}
    sys.stderr.write(json.dumps(summary) + "\n")
    if options.write:
        PAGE.write_text(results.rendered(PAGE.read_text("utf-8"), lines), "utf-8")
    return int(score < LEAST or bool(others))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./run bench mutants", description="Mutation of the flows that ship.")
    parser.add_argument("flows", nargs="*", metavar="FLOW", help="without any, all")
    parser.add_argument("--operators", nargs="+", metavar="NAME", choices=list(OPERATORS), help=", ".join(OPERATORS))
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only every Nth mutant")
    parser.add_argument("--again", type=Path, metavar="FILE", help="only those that survived in an earlier output")
    parser.add_argument("--so-far", type=Path, metavar="FILE", help="go on with what an interrupted run has put out")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--write", action="store_true", help="put it into docs/mutants.md")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
