"""Checks on lanes that end as ``closed``: it looks like silence, unless others can see that somebody did answer.

What decides it is answered in the same stage, and nothing that others see comes between the answer and the end.
"""

from collections.abc import Iterable, Iterator, Mapping

from bot.engine.model import EACH, Ask, End, Grant, Section, SlotClass, Stage, Step
from bot.flows.deciding import Deciding, kept_ways, reached_without, through
from bot.flows.flow_compiler import Compiled
from bot.flows.origins import Origins, origins_of
from bot.flows.outward import others_notice
from bot.flows.ways import around, before_shown, outermost


def check_closing(compiled: Compiled, deciding: Deciding) -> None:
    """Note every closed end that others could tell from silence, or that shows what is never kept."""
    ends = [step for step in compiled.flow.steps.values() if isinstance(step, End) and step.closed]
    if ends and not compiled.work.solo:
        checker = _Checker(compiled, deciding)
        for end in ends:
            checker.check(end)


def closed_by(compiled: Compiled, deciding: Deciding, end: End) -> set[str]:
    """Return the private answers of its person that may close a lane there, by way of copies too."""
    flow, lane = compiled.flow, compiled.places[end.id].lane
    found = set(deciding.private([end.when] if end.when is not None else [], lane))
    for node in deciding.steered_by(end.id, _done(compiled, end)):
        found |= set() if isinstance(flow.steps.get(node), Grant) else set(deciding.nodes.get(node, ()))
    slots = sorted(name for name in found & set(flow.slots) if flow.slots[name].of in {EACH, lane})
    return set(origins_of(compiled, deciding, slots, [end.id], lambda _: False).slots)


def _done(compiled: Compiled, end: End) -> frozenset[str]:
    """Where the stage of an end is through."""
    stage = outermost(compiled.flow, end.id)
    return frozenset({through(stage)} if stage is not None else ())


class _Checker:
    def __init__(self, compiled: Compiled, deciding: Deciding) -> None:
        self._compiled = compiled
        self._flow = compiled.flow
        self._deciding = deciding
        self._leads_back: dict[str, list[str]] = {}
        for node, ways in self._deciding.graph.items():
            for way in ways:
                self._leads_back.setdefault(way, []).append(node)

    def check(self, end: End) -> None:
        """Note what is wrong with one end."""
        where = (*self._compiled.places[end.id].path, "end")
        for private, node in self._deciders(end):
            hidden = self._never_kept(private, node, self._origins(private, end, of_questions=True))
            if hidden is not None:
                told = (
                    f"this hangs on '{hidden}', which is never kept: only its own section leads to a closed end by it"
                )
                self._compiled.work.problem(where, told, "ephemeral-outcome")
                return
            seen = self._seen_since(private, node, end) if self._only_theirs(private, end) else None
            if seen is not None:
                told = f"others see '{_name(seen)}', and so that '{private}' was answered, which is private"
                self._compiled.work.problem(where, f"{told}: what closes then is no silence", "private-guard")
                return

    def _deciders(self, end: End) -> Iterator[tuple[str, str]]:
        """The private answers that close a lane which would be done otherwise, and where they choose the way."""
        own = [end.when] if end.when is not None else []
        yield from ((name, end.id) for name in self._deciding.private(own, self._compiled.places[end.id].lane))
        for node in self._deciding.steered_by(end.id, _done(self._compiled, end)):
            yield from ((name, node) for name in self._deciding.nodes.get(node, ()))

    def _origins(self, private: str, end: End, *, of_questions: bool) -> Origins:
        """What is behind an answer; ``of_questions`` also what decides whether it is asked for."""
        slots = [private] if private in self._flow.slots else []
        return origins_of(self._compiled, self._deciding, slots, [end.id], lambda _: of_questions)

    def _never_kept(self, private: str, node: str, found: Origins) -> str | None:
        """The ephemeral answer that closes the lane other than at the end of its section."""
        step = self._flow.steps[node.partition(":out")[0]]
        in_section = any(isinstance(one, Section) for one in (step, *around(self._flow, step.id)))
        ephemeral = filter(self._is_ephemeral, found.slots)
        return None if in_section and self._is_ephemeral(private) else next(ephemeral, None)

    def _is_ephemeral(self, name: str) -> bool:
        return name in self._flow.slots and self._flow.slots[name].cls is SlotClass.EPHEMERAL

    def _only_theirs(self, private: str, end: End) -> bool:
        """Whether it is the answer of whoever is in the lane, and others were not shown it."""
        slot = self._flow.slots.get(private)
        lane = self._compiled.places[end.id].lane
        return slot is None or (slot.of in {EACH, lane} and end.id in before_shown(self._flow, private))

    def _seen_since(self, private: str, node: str, end: End) -> str | None:
        """What others see between an answer and the end."""
        for starts, again in self._answers(private, node, end):
            after = _reached(starts, again, self._deciding.graph)
            between = after & _reached([end.id], again, self._leads_back)
            for name in self._flow.steps:
                if name in between and self._is_seen(self._flow.steps[name]):
                    return name
        return None

    def _answers(self, private: str, node: str, end: End) -> Iterator[tuple[Iterable[str], set[str]]]:
        """Where each answer leads that may close the lane, and where it is given anew."""
        steps = self._flow.steps
        if isinstance(grant := steps.get(node), Grant) and private == grant.item:
            yield kept_ways(self._flow, grant), {stage.id for stage in around(self._flow, end.id)}
            return
        found = self._origins(private, end, of_questions=False)
        asked = {slot for question in found.questions for slot in found.held(question)}
        if not found.slots or found.counts or set(found.slots) - asked:
            yield [self._flow.first], set()
        for question in (steps[name] for name in found.questions if self._same_person(name, end)):
            if isinstance(question, Ask):
                again = {name for name, step in steps.items() if isinstance(step, Ask) and step.save == question.save}
                yield self._deciding.graph[question.id], again
            elif isinstance(question, Grant):
                yield kept_ways(self._flow, question), set()

    def _same_person(self, question: str, end: End) -> bool:
        lanes = {self._compiled.places[question].lane, self._compiled.places[end.id].lane}
        return EACH in lanes or len(lanes) == 1

    def _is_seen(self, step: Step) -> bool:
        return isinstance(step, Stage) or others_notice(self._compiled, step)


def _reached(starts: Iterable[str], without: set[str], graph: Mapping[str, list[str]]) -> set[str]:
    """Every node that can be come to from some without any of those."""
    return reached_without("", starts, {node: ways for node, ways in graph.items() if node not in without}) - without


def _name(step: str) -> str:
    """The name that the author gave."""
    return step.partition(":")[0]
