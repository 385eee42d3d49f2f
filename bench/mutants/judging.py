"""Judging a mutant: whether the load refuses it, a transcript notices, or exploration finds a fault in it."""

import asyncio
import signal
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import cast

from bench.mutants.document import changed
from bench.mutants.likeness import Compared, Likeness, Walked, compare
from bench.mutants.operators import Data, Mutant
from bot.engine.watching import Took
from bot.flows.exploration.beginnings import beginnings, starters_of
from bot.flows.exploration.bounds import Bounds
from bot.flows.exploration.exploring import explorable, explored_space, faults_in
from bot.flows.library import Library, with_source
from bot.flows.problems import FlowInvalid
from bot.wiring.playing import play_transcript

STATES = 60_000
"""More than twice as many as any flow that ships. Of a mutant with more it is not known whether anybody can tell."""


PATIENCE = 20
"""Seconds that a transcript may take, which takes one or two."""


class Killer(StrEnum):
    """What a mutant was noticed by."""

    LOAD = "load"
    TRANSCRIPT = "transcript"
    EXPLORATION = "exploration"


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of a mutant: who noticed it, and by what; nobody when it survived."""

    mutant: Mutant
    killer: Killer | None
    by: str = ""
    likeness: Likeness | None = None
    """Of one that survived: who can tell it from the flow that ships."""


@dataclass(slots=True)
class Court:
    """What mutants are judged by: the flows as they ship, and conversations with them."""

    library: Library
    transcripts: Sequence[Path]
    ways: dict[Path, frozenset[Took]] = field(default_factory=dict[Path, frozenset[Took]])
    """What each transcript takes in the flows that ship."""
    _shipped: dict[str, Walked] = field(default_factory=dict[str, Walked])

    def open(self) -> None:
        """Play every transcript once. Raises RuntimeError when one does not hold as it is."""
        for path in self.transcripts:
            taken: set[Took] = set()
            failure, _ = asyncio.run(play_transcript(path, self.library, taken.add))
            if failure is not None:
                message = f"a transcript does not hold as it is: {failure}"
                raise RuntimeError(message)
            self.ways[path] = frozenset(taken)

    def judge(self, mutant: Mutant) -> Judged:
        """Return what becomes of a mutant."""
        try:
            library = self.mutated(mutant)
        except FlowInvalid as fault:
            return Judged(mutant, Killer.LOAD, fault.problems[0].code)
        for path in self._touching(mutant):
            failure = _played(path, library)
            if failure is not None:
                return Judged(mutant, Killer.TRANSCRIPT, failure)
        return self._explore(mutant, library)

    def mutated(self, mutant: Mutant) -> Library:
        """Return the library with the mutant in place of its flow. Raises FlowInvalid."""
        source = self.library.compiled[mutant.flow].source
        return with_source(self.library, replace(source, data=changed(source.data, mutant.edits)))

    def data(self, flow: str) -> Data:
        """Return a flow's file as data."""
        return cast("Data", self.library.compiled[flow].source.data)

    def _touching(self, mutant: Mutant) -> list[Path]:
        """The transcripts that come through the flow: those first that come to the step and to little else."""
        ways = {path: took for path, took in self.ways.items() if any(one.flow == mutant.flow for one in took)}

        def order(path: Path) -> tuple[bool, int]:
            there = any(one.flow == mutant.flow and one.step == mutant.step for one in ways[path])
            return not there, len(ways[path])

        return sorted(ways, key=order)

    def _explore(self, mutant: Mutant, library: Library) -> Judged:
        """Go through everything that the mutant is in, and if there is no fault, compare it with what ships."""
        compared: list[Compared] = []
        for name in explorable(library.flows):
            if name != mutant.flow and mutant.flow not in library.flows[name].calls:
                continue
            there, fault = walked(library, name, STATES)
            if fault is not None:
                return Judged(mutant, Killer.EXPLORATION, fault)
            if len(there.space.states) >= STATES:
                return Judged(mutant, None, f"more than {STATES:,} states", Likeness.OTHERS)
            if name not in self._shipped:
                self._shipped[name] = walked(self.library, name)[0]
            compared.append(compare(self._shipped[name], there))
        worst = max(compared, key=lambda one: list(Likeness).index(one.likeness))
        return Judged(mutant, None, worst.by, worst.likeness)


def walked(library: Library, name: str, states: int = Bounds().states) -> tuple[Walked, str | None]:
    """Return a flow gone through up to so many states, and the first thing that does not hold in it."""
    flow, bounds = library.flows[name], Bounds(states=states)
    space, begins = explored_space(flow, library.flows, bounds)
    starters = () if flow.trigger is not None else starters_of(library.flows.values(), name)
    faults = faults_in(space, begins) if len(space.states) < states else []
    return Walked(space, tuple(beginnings(flow, bounds, starters))), faults[0].told if faults else None


class _TooLong(BaseException):
    """Nothing that is played takes so long."""


@contextmanager
def _at_most(seconds: int) -> Generator[None]:
    """Leave the block by _TooLong after so many seconds, wherever it is: a loop may never wait for anything."""

    def leave(*_: object) -> None:
        raise _TooLong

    before = signal.signal(signal.SIGALRM, leave)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def _played(path: Path, library: Library) -> str | None:
    """Why the transcript fails, if it does: what it expects is not there, a turn is refused, or it never ends."""
    try:
        with _at_most(PATIENCE):
            failure, _ = asyncio.run(play_transcript(path, library))
    except _TooLong:
        return f"{path.name}: it never ends"
    except Exception as fault:  # noqa: BLE001  # however it is noticed, it is
        return f"{path.name}: {type(fault).__name__}"
    return None if failure is None else failure.replace(str(path), path.name)
