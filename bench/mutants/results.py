"""What became of the mutants: as lines, as a score, and as the tables of docs/mutants.md."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bench.mutants.judging import Judged, Killer
from bench.mutants.likeness import Likeness
from bench.mutants.operators import OPERATORS, Mutant


@dataclass(frozen=True, slots=True)
class Line:
    """What became of one mutant, as it is written down."""

    flow: str
    operator: str
    line: int
    step: str
    told: str
    killer: str
    by: str
    likeness: str

    @property
    def name(self) -> tuple[str, str, str, str]:
        """What tells the mutant from all others, whatever line it stands in."""
        return self.flow, self.operator, self.step, self.told

    @property
    def survived(self) -> bool:
        """Whether nothing noticed it."""
        return not self.killer


class NotALine(Exception):
    """A line is none that was put out; its number says which."""

    def __init__(self, number: int) -> None:
        super().__init__(f"line {number} is none that was put out")


def line_of(judged: Judged, line: int) -> Line:
    """Return what is written down of a mutant that stands in that line of its file."""
    mutant = judged.mutant
    return Line(
        flow=mutant.flow,
        operator=mutant.operator,
        line=line,
        step=mutant.step,
        told=told_of(mutant),
        killer=judged.killer.value if judged.killer is not None else "",
        by=judged.by.splitlines()[0] if judged.by else "",
        likeness=judged.likeness.value if judged.likeness is not None else "",
    )


def name_of(mutant: Mutant) -> tuple[str, str, str, str]:
    """Return what tells the mutant from all others, as its line does."""
    return mutant.flow, mutant.operator, mutant.step, told_of(mutant)


def told_of(mutant: Mutant) -> str:
    """Return what is changed; of several ways on, which."""
    numbers = [str(part) for part in mutant.path if isinstance(part, int)]
    return f"{mutant.told} ({'.'.join(numbers)})" if "next" in mutant.path and len(mutant.path) > 1 else mutant.told


def as_json(lines: Iterable[Line]) -> Iterator[str]:
    """Yield each line as JSON."""
    for line in lines:
        yield json.dumps({name: getattr(line, name) for name in Line.__slots__}, ensure_ascii=False)


def from_json(text: str) -> list[Line]:
    """Return the lines as they were written. Raises NotALine for one that is none."""
    return [_line(number, line) for number, line in enumerate(text.splitlines(), 1) if line]


def _line(number: int, text: str) -> Line:
    try:
        return Line(**json.loads(text))
    except (ValueError, TypeError):
        raise NotALine(number) from None


def percent(lines: Sequence[Line]) -> float:
    """Return the score: how many of all were noticed, in per cent."""
    return 100 * sum(not line.survived for line in lines) / max(len(lines), 1)


def told_apart(lines: Iterable[Line]) -> list[Line]:
    """Return those that nothing noticed and that are not shown to make no difference to others."""
    alike = {Likeness.NOBODY.value, Likeness.OWN.value}
    return [line for line in lines if line.survived and line.likeness not in alike]


def rendered(page: str, lines: Sequence[Line]) -> str:
    """Return the page with its tables made anew. Raises KeyError for a mark that there is no table for."""
    tables = {
        "score": _score(lines),
        "operators": _table("operator", {name: [one for one in lines if one.operator == name] for name in OPERATORS}),
        "flows": _table("flow", _by_flow(lines)),
        "survivors": "\n".join(_survivors(lines)),
    }

    def table(match: re.Match[str]) -> str:
        return f"<!-- {match[1]} -->\n{tables[match[1]]}\n<!-- end -->"

    return re.sub(r"<!-- ([a-z]+) -->\n.*?<!-- end -->", table, page, flags=re.DOTALL)


def _by_flow(lines: Iterable[Line]) -> Mapping[str, list[Line]]:
    found: dict[str, list[Line]] = {}
    for line in lines:
        found.setdefault(line.flow, []).append(line)
    return dict(sorted(found.items()))


def _score(lines: Sequence[Line]) -> str:
    survivors = [line for line in lines if line.survived]
    others = len(told_apart(lines))
    alike = (
        "Every one of the others makes no difference to anybody, or only to the person whose answer it is"
        if not others
        else f"Of the others, {others} make a difference that others can tell"
    )
    return (
        f"{len(lines):,} mutants, of which {len(lines) - len(survivors):,} are noticed: "
        f"**{percent(lines):.1f} %**. {alike}."
    )


def _table(head: str, groups: Mapping[str, Sequence[Line]]) -> str:
    rows = [
        f"| {head} | mutants | load | transcripts | exploration | nobody can tell | only their own | score |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, lines in groups.items():
        killers = Counter(line.killer for line in lines)
        likenesses = Counter(line.likeness for line in lines if line.survived)
        counts = [
            len(lines),
            *(killers[killer.value] for killer in Killer),
            likenesses[Likeness.NOBODY.value],
            likenesses[Likeness.OWN.value],
        ]
        told = " | ".join(f"{count:,}" for count in counts)
        rows.append(f"| {name} | {told} | {percent(lines):.1f} % |")
    return "\n".join(rows)


def _survivors(lines: Iterable[Line]) -> Iterator[str]:
    yield "| flow | line | step | changed | who can tell |"
    yield "|---|---|---|---|---|"
    for line in lines:
        if line.survived:
            told = line.likeness + (f": {line.by}" if line.by else "")
            yield f"| {line.flow} | {line.line} | {line.step} | {line.told} | {told} |"
